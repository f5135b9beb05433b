//! What a feature matrix looks like, and what it cost.

use std::fmt::Write as _;

use feature_api::Columns;
use serde::{Deserialize, Serialize};

use crate::DatasetError;
use crate::statistics::{correlation, quantile};

/// The shares of [`FeatureProfile::quantiles`].
pub const QUANTILES: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
/// Rows looked at for correlations.
const SAMPLED_MAX: usize = 100_000;
/// What two features correlate above, to be listed.
const CORRELATED: f64 = 0.999;

/// What a feature matrix looks like, and what it cost: over all its rows, for people to look at. Nothing is fitted
/// from it; it has seen the rows of every part.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Number of rows.
    pub rows: u64,
    /// A profile for each feature, in order.
    pub features: Vec<FeatureProfile>,
    /// Rows that correlations were computed over, evenly spaced: 100,000, or all where there are fewer.
    pub sampled: u64,
    /// Pairs of features correlated above 0.999 in absolute terms, over the sampled rows where both are valid.
    pub correlated: Vec<Correlated>,
}

/// What a feature looks like. Numbers are over the rows where it is valid, `None` where there are none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureProfile {
    /// Name.
    pub name: String,
    /// Rows in which it is valid.
    pub valid: u64,
    /// Rows in which it is not.
    pub null: u64,
    /// Smallest value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Quantiles at [`QUANTILES`], linear between ranks; empty where it is never valid.
    pub quantiles: Vec<f64>,
    /// Whether it has one value only, or none.
    pub constant: bool,
    /// Share of the computing time, from 0 to 1, where it was measured.
    pub time_share: Option<f64>,
}

/// Two features that say nearly the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correlated {
    /// Name of the one that comes first.
    pub first: String,
    /// Name of the other.
    pub second: String,
    /// Pearson's coefficient.
    pub r: f64,
}

impl Profile {
    pub(crate) fn of(names: &[String], columns: &Columns) -> Self {
        let features = names
            .iter()
            .enumerate()
            .map(|(index, name)| FeatureProfile::of(name, columns.column(index)))
            .collect();
        let (sampled, correlated) = correlated(names, columns);
        Self { rows: columns.len() as u64, features, sampled: sampled as u64, correlated }
    }

    /// With the share of time of each feature that is named.
    pub(crate) fn with_time_shares(mut self, shares: &[(&str, f64)]) -> Result<Self, DatasetError> {
        for (feature, share) in shares {
            let wrong = |reason| Err(DatasetError::TimeShare { feature: (*feature).to_owned(), reason });
            if !(*share >= 0.0 && *share <= 1.0) {
                return wrong(format!("its share is {share}"));
            }
            match self.features.iter_mut().find(|profile| profile.name == *feature) {
                None => return wrong("there is no such feature".to_owned()),
                Some(profile) if profile.time_share.is_some() => {
                    return wrong("it stands there twice".to_owned());
                }
                Some(profile) => profile.time_share = Some(*share),
            }
        }
        Ok(self)
    }

    /// Names of the features that have one value only, or none.
    pub fn constant(&self) -> impl Iterator<Item = &str> {
        self.features.iter().filter(|feature| feature.constant).map(|feature| feature.name.as_str())
    }

    /// A table for people: a line for each feature, then what stands out.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut lines = vec![header()];
        lines.extend(self.features.iter().map(FeatureProfile::cells));
        let mut widths = vec![0; lines.first().map_or(0, Vec::len)];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut text = String::new();
        for line in &lines {
            for (index, (cell, width)) in line.iter().zip(&widths).enumerate() {
                // Names to the left, numbers to the right.
                let _ = match index {
                    0 => write!(text, "{cell:<width$}"),
                    _ => write!(text, "  {cell:>width$}"),
                };
            }
            text.push('\n');
        }
        let constant: Vec<&str> = self.constant().collect();
        let _ = writeln!(text, "{} rows", self.rows);
        if !constant.is_empty() {
            let _ = writeln!(text, "constant: {}", constant.join(", "));
        }
        for Correlated { first, second, r } in &self.correlated {
            let _ = writeln!(text, "correlated over {} rows: {first}, {second}: {r:.6}", self.sampled);
        }
        text
    }
}

fn header() -> Vec<String> {
    let quantiles = QUANTILES.iter().map(|share| format!("{}%", share * 100.0));
    let before = ["feature", "valid", "null", "min"].map(str::to_owned);
    before.into_iter().chain(quantiles).chain(["max", "mean", "time"].map(str::to_owned)).collect()
}

impl FeatureProfile {
    fn of(name: &str, (values, valid): (&[f64], &[bool])) -> Self {
        let mut sorted: Vec<f64> =
            values.iter().zip(valid).filter(|(_, valid)| **valid).map(|(value, _)| *value).collect();
        let (mut mean, mut count) = (0.0, 0.0);
        for value in &sorted {
            count += 1.0;
            mean += (value - mean) / count;
        }
        sorted.sort_unstable_by(f64::total_cmp);
        let (min, max) = (sorted.first().copied(), sorted.last().copied());
        Self {
            name: name.to_owned(),
            valid: sorted.len() as u64,
            null: values.len().saturating_sub(sorted.len()) as u64,
            min,
            max,
            mean: min.map(|_| mean),
            quantiles: QUANTILES.iter().filter_map(|share| quantile(&sorted, *share)).collect(),
            constant: min == max,
            time_share: None,
        }
    }

    fn cells(&self) -> Vec<String> {
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), number_text);
        let mut cells =
            vec![self.name.clone(), self.valid.to_string(), self.null.to_string(), number(self.min)];
        cells.extend((0..QUANTILES.len()).map(|index| number(self.quantiles.get(index).copied())));
        let time = self.time_share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", share * 100.0));
        cells.extend([number(self.max), number(self.mean), time]);
        cells
    }
}

/// A number in few places: prices of tokens lie at 1e-12, volumes at 1e15.
fn number_text(value: f64) -> String {
    let is_plain = value == 0.0 || (1e-3..1e9).contains(&value.abs());
    if is_plain { format!("{value:.6}") } else { format!("{value:.4e}") }
}

/// Rows looked at, and the pairs of features that say nearly the same.
fn correlated(names: &[String], columns: &Columns) -> (usize, Vec<Correlated>) {
    let rows = columns.len();
    let sampled = rows.min(SAMPLED_MAX);
    let row = |index: usize| (index as u128 * rows as u128 / sampled.max(1) as u128) as usize;
    let samples: Vec<Vec<Option<f64>>> = (0..names.len())
        .map(|column| (0..sampled).map(|index| columns.get(row(index), column)).collect())
        .collect();
    let mut pairs = Vec::new();
    for (index, (second, sample)) in names.iter().zip(&samples).enumerate() {
        for (first, other) in names.iter().zip(&samples).take(index) {
            if let Some(r) = correlation(other, sample).filter(|r| r.abs() > CORRELATED) {
                pairs.push(Correlated { first: first.clone(), second: second.clone(), r });
            }
        }
    }
    (sampled, pairs)
}
