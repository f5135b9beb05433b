//! When nothing is to be predicted.

use std::fmt;
use std::str::FromStr;

use feature_api::{Row, Schema, near};

use crate::ModelError;

/// How a feature is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `≤`
    AtMost,
    /// `>`
    Above,
    /// `≥`
    AtLeast,
}

impl Comparison {
    /// The operators, the longer first, as text is searched for them.
    const ALL: [(Self, &'static str); 4] =
        [(Self::AtMost, "<="), (Self::AtLeast, ">="), (Self::Below, "<"), (Self::Above, ">")];

    /// Whether `value` compares so with `threshold`; never where one is NaN.
    #[must_use]
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Below => value < threshold,
            Self::AtMost => value <= threshold,
            Self::Above => value > threshold,
            Self::AtLeast => value >= threshold,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        })
    }
}

/// Blocks a prediction where a feature's raw value (before preprocessing) compares so. A feature that is not valid
/// blocks too: a filter that cannot be evaluated never lets through.
///
/// As text: `atr<0.5`, `rsi>=70`; spaces around the parts are allowed. Printing and reading gives the same filter.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockFilter {
    /// Name of the feature, kept or dropped by the preprocessing.
    pub feature: String,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what; finite.
    pub threshold: f64,
}

impl BlockFilter {
    /// Refuses a name that could not be read back, and a threshold that is not finite.
    ///
    /// # Errors
    /// [`ModelError::Invalid`].
    pub fn check(&self) -> Result<(), ModelError> {
        let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '=');
        if self.feature.is_empty() || self.feature.contains(odd) {
            let expected = "the name of a feature, without spaces, < > and =";
            return Err(ModelError::invalid(
                format!("filter {self}"),
                expected,
                format!("{:?}", self.feature),
            ));
        }
        if !self.threshold.is_finite() {
            return Err(ModelError::invalid(format!("filter {self}"), "a finite threshold", self.threshold));
        }
        Ok(())
    }
}

impl fmt::Display for BlockFilter {
    /// The threshold is the shortest text that reads back to the same bits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { feature, comparison, threshold } = self;
        let magnitude = threshold.abs();
        if magnitude != 0.0 && !(1e-5..1e16).contains(&magnitude) {
            write!(f, "{feature}{comparison}{threshold:e}")
        } else {
            write!(f, "{feature}{comparison}{threshold}")
        }
    }
}

impl FromStr for BlockFilter {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let operator = Comparison::ALL.into_iter().find(|(_, operator)| text.contains(operator));
        let parts =
            operator.and_then(|(comparison, operator)| Some((comparison, text.split_once(operator)?)));
        let Some((comparison, (feature, threshold))) = parts else {
            let expected = "a feature, one of < <= > >=, and a number, such as atr<0.5";
            return Err(ModelError::invalid("filter", expected, format!("{text:?}")));
        };
        let Ok(threshold) = threshold.trim().parse::<f64>() else {
            let what = format!("filter {text:?}: threshold");
            return Err(ModelError::invalid(
                what,
                "a number, such as 0.5",
                format!("{:?}", threshold.trim()),
            ));
        };
        // Zero has no sign: equal filters have equal bytes.
        let threshold = if threshold == 0.0 { 0.0 } else { threshold };
        let filter = Self { feature: feature.trim().to_owned(), comparison, threshold };
        filter.check()?;
        Ok(filter)
    }
}

/// Filters with the places of their features.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundFilters {
    filters: Vec<(usize, BlockFilter)>,
}

/// What the filters say of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict<'a> {
    /// No filter blocks.
    Pass,
    /// The first filter that blocks, and the value it saw; `None` where there was none.
    Blocked {
        /// The filter.
        filter: &'a BlockFilter,
        /// The raw value; `None` where the feature was not valid or not a finite number.
        value: Option<f64>,
    },
}

impl BoundFilters {
    /// Looks up the features of the filters.
    ///
    /// # Errors
    /// [`ModelError`] where a filter is not as it must be, or its feature is none of the schema's: with the names
    /// that are near.
    pub fn new(filters: Vec<BlockFilter>, schema: &Schema) -> Result<Self, ModelError> {
        let mut bound = Vec::with_capacity(filters.len());
        for filter in filters {
            filter.check()?;
            let Some(index) = schema.index_of(&filter.feature) else {
                return Err(ModelError::UnknownFeature {
                    filter: filter.to_string(),
                    set: schema.set().to_owned(),
                    near: near(&filter.feature, schema.features().iter().map(|feature| feature.name)),
                });
            };
            bound.push((index, filter));
        }
        Ok(Self { filters: bound })
    }

    /// The filters, in order.
    pub fn filters(&self) -> impl ExactSizeIterator<Item = &BlockFilter> {
        self.filters.iter().map(|(_, filter)| filter)
    }

    /// What the filters say of a row of the schema they were bound to. Allocates nothing.
    #[must_use]
    pub fn evaluate(&self, row: &Row) -> Verdict<'_> {
        for (index, filter) in &self.filters {
            let value = row.get(*index).filter(|value| value.is_finite());
            if value.is_none_or(|value| filter.comparison.holds(value, filter.threshold)) {
                return Verdict::Blocked { filter, value };
            }
        }
        Verdict::Pass
    }
}

#[cfg(test)]
mod tests;
