//! What is to be fitted.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use crate::ScalerKind;

/// What becomes of a feature that is not valid in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullPolicy {
    /// The row is no input: a model is not asked before its features are warm.
    Refuse,
    /// The training median takes its place.
    Median,
    /// The model is told that it is missing; only for models that know missing values.
    Missing,
}

/// The quantiles of the training rows at which values are cut off: `0 ≤ low < high ≤ 1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipQuantiles {
    /// The lower quantile.
    pub low: f64,
    /// The upper quantile.
    pub high: f64,
}

/// What is to be fitted on a training split.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// What becomes of values that are not valid, for features not named in `nulls_of`.
    pub nulls: NullPolicy,
    /// The same for single features, by name.
    pub nulls_of: BTreeMap<String, NullPolicy>,
    /// Features that no input holds, by name.
    pub drop: Vec<String>,
    /// Where values are cut off; `None`: nowhere.
    pub clip: Option<ClipQuantiles>,
    /// How values are scaled.
    pub scaler: ScalerKind,
    /// How many rows, the newest among them, are one input.
    pub sequence: NonZeroU32,
}

impl Default for Recipe {
    /// Rows that are not complete are refused; nothing is cut off or scaled; one row is one input.
    fn default() -> Self {
        Self {
            nulls: NullPolicy::Refuse,
            nulls_of: BTreeMap::new(),
            drop: Vec::new(),
            clip: None,
            scaler: ScalerKind::None,
            sequence: NonZeroU32::MIN,
        }
    }
}
