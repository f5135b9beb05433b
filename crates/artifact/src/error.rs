//! Why an artifact cannot be sealed, a row not predicted, a probe not made.

use model::PredictError;

use crate::Problem;

/// Why an artifact cannot be sealed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// It could not be used once it is sealed.
    #[error("it could not be used once it is sealed: {}", lines(problems))]
    Problems {
        /// Every problem.
        problems: Vec<Problem>,
    },
    /// What was written reads back as something else: a fault of this program.
    #[error(
        "what was written does not read back, which is a fault of this program; report it: {}",
        lines(problems)
    )]
    ReadBack {
        /// Every problem.
        problems: Vec<Problem>,
    },
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("\n- {problem}")).collect()
}

/// Why a row cannot be predicted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// A row of another set.
    #[error(
        "expected rows of {expected} features, found {found}; feed rows of the set the model was trained on"
    )]
    Width {
        /// Features of the set.
        expected: usize,
        /// Features of the row.
        found: usize,
    },
    /// The model refuses the input.
    #[error("row {row} since the pipeline began: {error}")]
    Predict {
        /// Index of the row among all since the pipeline was made or reset.
        row: u64,
        /// Why it does.
        error: PredictError,
    },
}

/// Why rows make no probe.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// More or fewer rows than an input has.
    #[error("expected as many rows as a sequence has, {expected}, found {found}")]
    Rows {
        /// Rows of a sequence.
        expected: u32,
        /// Rows given.
        found: usize,
    },
    /// The last row comes to no prediction.
    #[error("expected rows that come to a prediction, found {found}; choose others")]
    NoPrediction {
        /// What they come to.
        found: String,
    },
    /// A value that no artifact holds.
    #[error("row {row}, feature {feature}: expected a finite value, found {found}; choose other rows")]
    NotFinite {
        /// Index of the row.
        row: usize,
        /// Index of the feature.
        feature: usize,
        /// The value.
        found: f64,
    },
    /// The pipeline refuses a row.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}
