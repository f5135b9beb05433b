//! What was fitted.

use core::fmt;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

use feature_api::Schema;

use crate::{PreprocessError, Transform};

/// What becomes of a feature that is not valid in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Nulls {
    /// The row is no input.
    Refuse,
    /// The training median takes its place; `None`: it was never fitted, which [`Preprocess::new`] refuses.
    Median(Option<f64>),
    /// The model is told that it is missing.
    Missing,
}

/// Where the values of a feature are cut off, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
}

impl Bounds {
    /// The value, or the bound it lies beyond. NaN stays NaN.
    #[inline]
    #[must_use]
    pub fn clip(self, value: f64) -> f64 {
        if value < self.low {
            self.low
        } else if value > self.high {
            self.high
        } else {
            value
        }
    }
}

/// `(x − center) / scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Mean, minimum or median of the training rows.
    pub center: f64,
    /// Standard deviation (ddof 0), range or interquartile range of the training rows; 1 where that is 0. Above 0.
    pub scale: f64,
}

/// How values are scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalerKind {
    /// Not at all: stated, not left out.
    None,
    /// By mean and standard deviation, ddof 0 (scikit-learn's StandardScaler).
    Standard,
    /// By minimum and range (MinMaxScaler).
    MinMax,
    /// By median and interquartile range, quantiles linear between ranks (RobustScaler).
    Robust,
}

impl fmt::Display for ScalerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Standard => "standard",
            Self::MinMax => "min-max",
            Self::Robust => "robust",
        })
    }
}

/// A scaler as it was fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaler {
    /// Its kind.
    pub kind: ScalerKind,
    /// For each kept feature; empty where the kind is [`ScalerKind::None`].
    pub scales: Vec<Scale>,
}

/// The parts of a fitted preprocessing, before they are checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// Every feature of the set, in order.
    pub features: Vec<String>,
    /// The features that are kept, in the order of the set.
    pub kept: Vec<String>,
    /// What becomes of values that are not valid, for each kept feature.
    pub nulls: Vec<Nulls>,
    /// Where values are cut off, for each kept feature; `None`: nowhere.
    pub clip: Option<Vec<Bounds>>,
    /// The scaler; `None`: it is missing, which [`Preprocess::new`] refuses.
    pub scaler: Option<Scaler>,
    /// How many rows are one input.
    pub sequence: NonZeroU32,
}

/// A preprocessing that was fitted, whole and finite.
///
/// # Invariants
/// Names are unique and not empty, and `kept` is a non-empty subsequence of `features`; each step has an entry for
/// each kept feature; every number is finite; `low ≤ high`; `scale > 0`; an input holds at most
/// [`Preprocess::WIDTH_MAX`] values.
#[derive(Debug, Clone, PartialEq)]
pub struct Preprocess {
    parts: Parts,
}

impl Preprocess {
    /// Most values of an input: kept features × rows of a sequence.
    pub const WIDTH_MAX: usize = 1 << 20;

    /// Checks the parts.
    ///
    /// # Errors
    /// [`PreprocessError`] of the first invariant that does not hold.
    pub fn new(parts: Parts) -> Result<Self, PreprocessError> {
        check_names(&parts)?;
        check_nulls(&parts)?;
        check_clip(&parts)?;
        check_scaler(&parts)?;
        let sequence = usize::try_from(parts.sequence.get()).unwrap_or(usize::MAX);
        if parts.kept.len().saturating_mul(sequence) > Self::WIDTH_MAX {
            return Err(PreprocessError::TooLong {
                kept: parts.kept.len(),
                sequence: parts.sequence.get(),
                expected: Self::WIDTH_MAX,
            });
        }
        Ok(Self { parts })
    }

    /// What it was made from.
    #[must_use]
    pub const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Length of an input: kept features × rows of a sequence.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.parts.kept.len() * self.parts.sequence.get() as usize
    }

    /// Whether an input can hold a missing value (NaN).
    #[must_use]
    pub fn gives_missing(&self) -> bool {
        self.parts.nulls.contains(&Nulls::Missing)
    }

    /// A transform for rows of that schema.
    ///
    /// # Errors
    /// [`PreprocessError::Schema`] where the schema's features are not those it was fitted on, in order.
    pub fn bind(&self, schema: &Schema) -> Result<Transform, PreprocessError> {
        self.bind_to(schema.set(), schema.features().iter().map(|feature| feature.name))
    }

    /// A transform for rows with columns of those names, such as a table's.
    ///
    /// # Errors
    /// [`PreprocessError::Schema`] as [`bind`](Preprocess::bind).
    pub fn bind_names(&self, set: &str, names: &[String]) -> Result<Transform, PreprocessError> {
        self.bind_to(set, names.iter().map(String::as_str))
    }

    fn bind_to<'a>(
        &self,
        set: &str,
        mut found: impl Iterator<Item = &'a str>,
    ) -> Result<Transform, PreprocessError> {
        let mut fitted = self.parts.features.iter().map(String::as_str);
        for index in 0.. {
            let (expected, found) = (fitted.next(), found.next());
            if expected != found {
                let name = |name: Option<&str>| {
                    name.map_or_else(|| "no further feature".to_owned(), |name| format!("{name:?}"))
                };
                return Err(PreprocessError::Schema {
                    set: set.to_owned(),
                    index,
                    expected: name(expected),
                    found: name(found),
                });
            }
            if expected.is_none() {
                break;
            }
        }
        Ok(Transform::new(&self.parts))
    }
}

/// The index of each name; each stands once and is not empty.
fn unique<'a>(list: &'static str, names: &'a [String]) -> Result<BTreeMap<&'a str, usize>, PreprocessError> {
    let mut indices = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(PreprocessError::EmptyName { list, index });
        }
        if let Some(first) = indices.insert(name.as_str(), index) {
            return Err(PreprocessError::Twice { list, feature: name.clone(), first, second: index });
        }
    }
    Ok(indices)
}

fn check_names(parts: &Parts) -> Result<(), PreprocessError> {
    let indices = unique("features", &parts.features)?;
    unique("kept", &parts.kept)?;
    let mut before: Option<(&String, usize)> = None;
    for name in &parts.kept {
        let Some(&index) = indices.get(name.as_str()) else {
            return Err(PreprocessError::Unknown { feature: name.clone(), features: parts.features.len() });
        };
        if let Some((after, earlier)) = before
            && index < earlier
        {
            return Err(PreprocessError::OutOfOrder { feature: name.clone(), after: after.clone() });
        }
        before = Some((name, index));
    }
    if before.is_none() { Err(PreprocessError::NothingKept) } else { Ok(()) }
}

fn check_nulls(parts: &Parts) -> Result<(), PreprocessError> {
    check_count("imputer", parts, parts.nulls.len())?;
    for (feature, nulls) in parts.kept.iter().zip(&parts.nulls) {
        match *nulls {
            Nulls::Refuse | Nulls::Missing => {}
            Nulls::Median(None) => return Err(PreprocessError::NotFitted { feature: feature.clone() }),
            Nulls::Median(Some(median)) => check_finite("imputer", feature, "median", median)?,
        }
    }
    Ok(())
}

fn check_clip(parts: &Parts) -> Result<(), PreprocessError> {
    let Some(clip) = &parts.clip else { return Ok(()) };
    check_count("clip", parts, clip.len())?;
    for (feature, &Bounds { low, high }) in parts.kept.iter().zip(clip) {
        check_finite("clip", feature, "low", low)?;
        check_finite("clip", feature, "high", high)?;
        if low > high {
            return Err(PreprocessError::Bounds { feature: feature.clone(), low, high });
        }
    }
    Ok(())
}

fn check_scaler(parts: &Parts) -> Result<(), PreprocessError> {
    let Some(Scaler { kind, scales }) = &parts.scaler else { return Err(PreprocessError::MissingScaler) };
    match kind {
        ScalerKind::None if scales.is_empty() => return Ok(()),
        ScalerKind::None => return Err(PreprocessError::UnexpectedScales { found: scales.len() }),
        ScalerKind::Standard | ScalerKind::MinMax | ScalerKind::Robust => {}
    }
    if scales.is_empty() {
        return Err(PreprocessError::NoScales { kind: *kind, expected: parts.kept.len() });
    }
    check_count("scaler", parts, scales.len())?;
    for (feature, &Scale { center, scale }) in parts.kept.iter().zip(scales) {
        check_finite("scaler", feature, "center", center)?;
        check_finite("scaler", feature, "scale", scale)?;
        if scale <= 0.0 {
            return Err(PreprocessError::Scale { feature: feature.clone(), found: scale });
        }
    }
    Ok(())
}

fn check_count(step: &'static str, parts: &Parts, found: usize) -> Result<(), PreprocessError> {
    let expected = parts.kept.len();
    if found == expected { Ok(()) } else { Err(PreprocessError::Count { step, expected, found }) }
}

fn check_finite(
    step: &'static str,
    feature: &str,
    value: &'static str,
    found: f64,
) -> Result<(), PreprocessError> {
    if found.is_finite() {
        Ok(())
    } else {
        Err(PreprocessError::NotFinite { step, feature: feature.to_owned(), value, found })
    }
}
