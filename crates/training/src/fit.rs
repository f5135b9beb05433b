//! Fitting a preprocessing: on the rows of a training split, and on nothing else.

use std::collections::BTreeMap;

use dataset::TrainSplit;
use feature_api::{Columns, near};
use preprocess::{
    Bounds, ClipQuantiles, NullPolicy, Nulls, Parts, Preprocess, Recipe, Scale, Scaler, ScalerKind,
};

use crate::numbers::{mean_and_deviation, quantile, sorted};
use crate::{TrainingError, UnknownName};

/// Fits a preprocessing on the rows of a training split that have a label: those that a model is trained on. Where the
/// set looks at the open position, those are rows with one.
///
/// Each feature is fitted by itself, on the rows in which it is valid: the median, then the clip quantiles of its raw
/// values, then the scaler on its values after imputing and clipping. Rows whose null is imputed count as their
/// median there; rows whose null is refused or kept do not count. Quantiles are linear between ranks (numpy's
/// default). A standard deviation is of two passes with compensated sums in the order of the rows. A feature without
/// spread has scale 1 (scikit-learn's convention), and without spread means exactly that: a spread of 0.
///
/// # Errors
/// [`TrainingError`] for names the set does not have and for features without a valid value, every one of each; for
/// clip quantiles out of order; for what [`Preprocess::new`] refuses, such as a range that overflows.
pub fn fit(train: &TrainSplit<'_>, recipe: &Recipe) -> Result<Preprocess, TrainingError> {
    fit_rows(&train.dataset().manifest().set, &FeatureRows::of(train), recipe)
}

/// Rows of a feature matrix.
pub(crate) struct FeatureRows<'a> {
    pub(crate) names: &'a [String],
    pub(crate) features: &'a Columns,
    /// Which of them, in order.
    pub(crate) rows: Vec<usize>,
}

impl<'a> FeatureRows<'a> {
    /// The rows of a training split that have a label.
    pub(crate) fn of(train: &TrainSplit<'a>) -> Self {
        let dataset = train.dataset();
        let rows = train.rows().filter(|row| dataset.labels().get(*row).is_some()).collect();
        Self { names: &dataset.manifest().names, features: dataset.features(), rows }
    }

    /// A feature in each row, oldest first; `None` where it is not valid, and where it is NaN.
    pub(crate) fn cells(&self, feature: usize) -> impl Iterator<Item = Option<f64>> {
        self.rows.iter().map(move |row| self.features.get(*row, feature).filter(|value| !value.is_nan()))
    }
}

/// What is fitted to one feature.
struct Fitted {
    nulls: Nulls,
    bounds: Option<Bounds>,
    scale: Option<Scale>,
}

fn fit_rows(set: &str, rows: &FeatureRows<'_>, recipe: &Recipe) -> Result<Preprocess, TrainingError> {
    check_names(set, rows.names, recipe)?;
    check_clip(recipe)?;
    let mut never_valid = Vec::new();
    let mut kept = Vec::new();
    let mut nulls = Vec::new();
    let mut bounds = Vec::new();
    let mut scales = Vec::new();
    for (index, name) in rows.names.iter().enumerate() {
        if recipe.drop.contains(name) {
            continue;
        }
        check_finite(name, index, rows)?;
        let policy = recipe.nulls_of.get(name).copied().unwrap_or(recipe.nulls);
        let cells: Vec<Option<f64>> = rows.cells(index).collect();
        let Some(fitted) = fit_feature(&cells, policy, recipe.clip, recipe.scaler) else {
            never_valid.push(name.clone());
            continue;
        };
        kept.push(name.clone());
        nulls.push(fitted.nulls);
        bounds.extend(fitted.bounds);
        scales.extend(fitted.scale);
    }
    if !never_valid.is_empty() {
        return Err(TrainingError::NeverValid { features: never_valid, rows: rows.rows.len() });
    }
    Ok(Preprocess::new(Parts {
        features: rows.names.to_vec(),
        kept,
        nulls,
        clip: recipe.clip.map(|_| bounds),
        scaler: Some(Scaler { kind: recipe.scaler, scales }),
        sequence: recipe.sequence,
    })?)
}

fn check_names(set: &str, names: &[String], recipe: &Recipe) -> Result<(), TrainingError> {
    let known: BTreeMap<&str, ()> = names.iter().map(|name| (name.as_str(), ())).collect();
    let dropped = recipe.drop.iter().map(|name| ("drop", name));
    let overridden = recipe.nulls_of.keys().map(|name| ("nulls_of", name));
    let unknown: Vec<UnknownName> = dropped
        .chain(overridden)
        .filter(|(_, name)| !known.contains_key(name.as_str()))
        .map(|(option, name)| {
            let near = near(name, names.iter().map(String::as_str)).into_iter().map(str::to_owned);
            UnknownName { option, name: name.clone(), near: near.collect() }
        })
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(TrainingError::Unknown { set: set.to_owned(), features: names.len(), unknown })
}

fn check_clip(recipe: &Recipe) -> Result<(), TrainingError> {
    let Some(ClipQuantiles { low, high }) = recipe.clip else { return Ok(()) };
    if 0.0 <= low && low < high && high <= 1.0 {
        return Ok(());
    }
    Err(TrainingError::Option {
        option: "clip",
        expected: "quantiles low and high, 0 <= low < high <= 1, such as 0.005 and 0.995",
        found: format!("low {low}, high {high}"),
    })
}

fn check_finite(name: &str, feature: usize, rows: &FeatureRows<'_>) -> Result<(), TrainingError> {
    match rows.cells(feature).zip(&rows.rows).find(|(cell, _)| cell.is_some_and(f64::is_infinite)) {
        Some((Some(found), row)) => {
            Err(TrainingError::Infinite { feature: name.to_owned(), row: *row, found })
        }
        Some((None, _)) | None => Ok(()),
    }
}

/// `None` where no cell is valid.
fn fit_feature(
    cells: &[Option<f64>],
    policy: NullPolicy,
    clip: Option<ClipQuantiles>,
    scaler: ScalerKind,
) -> Option<Fitted> {
    let values = sorted(cells.iter().flatten().copied());
    let median = quantile(&values, 0.5)?;
    let (nulls, imputed) = match policy {
        NullPolicy::Refuse => (Nulls::Refuse, None),
        NullPolicy::Median => (Nulls::Median(Some(median)), Some(median)),
        NullPolicy::Missing => (Nulls::Missing, None),
    };
    let bounds = match clip {
        None => None,
        Some(ClipQuantiles { low, high }) => {
            let (low, high) = (quantile(&values, low)?, quantile(&values, high)?);
            // Between the same two ranks, rounding may turn two quantiles round.
            Some(Bounds { low, high: if high < low { low } else { high } })
        }
    };
    let clipped = |value| bounds.map_or(value, |bounds| bounds.clip(value));
    let scale = fit_scale(scaler, || cells.iter().filter_map(move |cell| cell.or(imputed)).map(clipped))?;
    Some(Fitted { nulls, bounds, scale })
}

/// The outer `None` where there are no values; the inner where nothing is scaled.
#[allow(clippy::option_option, reason = "two different absences, told apart by `?` alone")]
fn fit_scale<I: Iterator<Item = f64>>(kind: ScalerKind, values: impl Fn() -> I) -> Option<Option<Scale>> {
    let (center, spread) = match kind {
        ScalerKind::None => return Some(None),
        ScalerKind::Standard => mean_and_deviation(values)?,
        ScalerKind::MinMax => {
            let values = sorted(values());
            let (min, max) = (quantile(&values, 0.0)?, quantile(&values, 1.0)?);
            (min, max - min)
        }
        ScalerKind::Robust => {
            let values = sorted(values());
            (quantile(&values, 0.5)?, quantile(&values, 0.75)? - quantile(&values, 0.25)?)
        }
    };
    Some(Some(Scale { center, scale: if spread == 0.0 { 1.0 } else { spread } }))
}

#[cfg(test)]
mod tests;
