//! Why there is no observation, no order, no reward.

use execution::{ExecutionError, Money};
use feature_api::{BarSpec, SetError, UpdateError};
use preprocess::PreprocessError;

/// Why there is no observation, no order, no reward.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ObservationError {
    /// A bar or position that cannot follow.
    #[error(transparent)]
    Update(#[from] UpdateError),
    /// A set that the feature version does not have.
    #[error(transparent)]
    Set(#[from] SetError),
    /// A preprocessing that is not for these features.
    #[error(transparent)]
    Preprocess(#[from] PreprocessError),
    /// A feature set that gave no row for a bar.
    #[error("set {set:?} gave no row for a bar; sets that are driven by bars alone are observed here")]
    NoRow {
        /// The set.
        set: String,
    },
    /// A bar of another length.
    #[error("expected {expected}, found a bar of {found_ns} ns; feed the bars that the model was trained on")]
    Interval {
        /// What the bars must be.
        expected: BarSpec,
        /// Length of the bar in nanoseconds.
        found_ns: i64,
    },
    /// A number that cannot be.
    #[error("{what} is {found}; expected {expected}")]
    Invalid {
        /// Which number.
        what: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
    /// An order or the account.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
}

impl ObservationError {
    /// Starting cash that is not above 0.
    pub(crate) fn start(found: Money) -> Self {
        Self::Invalid { what: "starting cash", found: found.to_string(), expected: "an amount above 0" }
    }
}
