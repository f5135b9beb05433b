//! Why a model cannot be made or asked.

/// Why a model cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A part that is not as it must be.
    #[error("{what}: expected {expected}, found {found}")]
    Invalid {
        /// The part, such as `tree 3, node 7: threshold`.
        what: String,
        /// What it must be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A model of a kind that is not covered.
    #[error("{what} is not covered; {instead}")]
    NotCovered {
        /// What was found, such as `objective "multi:softmax"`.
        what: String,
        /// What can be done instead.
        instead: &'static str,
    },
    /// A filter's feature that the set does not have.
    #[error(
        "filter {filter}: the set {set} has no such feature; {}",
        if near.is_empty() { "filters name features of the set as they are before preprocessing".to_owned() }
        else { format!("did you mean {}?", near.join(", ")) }
    )]
    UnknownFeature {
        /// The filter.
        filter: String,
        /// The set.
        set: String,
        /// Names that are near.
        near: Vec<&'static str>,
    },
    /// A model of a format that this program cannot load.
    #[error(
        "a model of format {format:?}, and this program loads {}; run it with a program that has a loader of that \
         format (`model::Loader`), or train or import trees, which need none",
        if formats.is_empty() { "none of others" } else { formats }
    )]
    NoLoader {
        /// Format of the model.
        format: String,
        /// Formats the program loads, parted by commas; empty where it loads none.
        formats: String,
    },
}

impl ModelError {
    /// A part that is not as it must be.
    pub(crate) fn invalid(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl ToString,
    ) -> Self {
        Self::Invalid { what: what.into(), expected: expected.into(), found: found.to_string() }
    }
}

/// Why an input cannot be predicted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PredictError {
    /// Another length than the model was made for.
    #[error("an input of {found} values; the model takes {expected}")]
    Width {
        /// What it takes.
        expected: usize,
        /// What it was given.
        found: usize,
    },
    /// A missing value for a model that does not know them.
    #[error("input {index} is missing, and this model does not know missing values: impute it")]
    Missing {
        /// Index in the input.
        index: usize,
    },
    /// An infinite value, or one that a model of f32 arithmetic rounds to infinity.
    #[error(
        "input {index} is {found}, which is infinite or beyond what the model computes in: find out which feature \
         gave it, or clip it in the preprocessing"
    )]
    Infinite {
        /// Index in the input.
        index: usize,
        /// The value.
        found: f64,
    },
    /// A prediction that is not finite, though the input is.
    #[error("the prediction is {found}: the input is too large for this model's weights; scale or clip it")]
    NotFinite {
        /// The prediction.
        found: f64,
    },
    /// Predictions of other members than the ensemble has.
    #[error("{found} predictions for an ensemble of {expected} members: give those of `predict_members`")]
    Members {
        /// Members of the ensemble.
        expected: usize,
        /// Predictions given.
        found: usize,
    },
    /// What runs an external model refuses.
    #[error("the {format} runtime: {reason}")]
    External {
        /// Format of the model.
        format: String,
        /// What the runtime says.
        reason: String,
    },
}
