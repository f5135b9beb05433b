//! Why nothing can be trained or measured.

use std::fmt::Write as _;

use crate::Objective;

/// Why nothing can be trained or measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// The preprocessing is not for these features.
    #[error(transparent)]
    Preprocess(#[from] preprocess::PreprocessError),
    /// The split.
    #[error(transparent)]
    Dataset(#[from] dataset::DatasetError),
    /// What was trained is no model.
    #[error(transparent)]
    Model(#[from] model::ModelError),
    /// An option outside its limits.
    #[error("{option} is {found}; expected {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// Names in the recipe that the set does not have.
    #[error("{}", unknown_text(set, *features, unknown))]
    Unknown {
        /// The set.
        set: String,
        /// Number of its features.
        features: usize,
        /// Every such name.
        unknown: Vec<UnknownName>,
    },
    /// Features without a value to fit on.
    #[error(
        "valid in none of the {rows} training rows: {}; drop each by name, or train on more rows than its warm-up",
        quoted(features)
    )]
    NeverValid {
        /// Every such feature.
        features: Vec<String>,
        /// Rows trained on.
        rows: usize,
    },
    /// A feature that is infinite.
    #[error(
        "{feature:?} is {found} in row {row}: features are finite; build the dataset again, or drop it by name"
    )]
    Infinite {
        /// The feature.
        feature: String,
        /// Row of the dataset.
        row: usize,
        /// What it is.
        found: f64,
    },
    /// No row is both ready and labelled.
    #[error(
        "rows {start} to {end} (exclusive) of the dataset give no input with a label: {labelled} have a label, and \
         none of these is ready; impute features that are rarely valid, drop them, shorten the sequence, or use more \
         rows"
    )]
    NoExamples {
        /// First row.
        start: usize,
        /// Row after the last.
        end: usize,
        /// Rows that have a label.
        labelled: usize,
    },
    /// A trainer for another objective.
    #[error(
        "{trainer} minimises {expected}, and the label asks for {found}; use trees, or a label of a direction"
    )]
    Objective {
        /// The trainer.
        trainer: &'static str,
        /// What it can minimise.
        expected: Objective,
        /// What it is asked to.
        found: Objective,
    },
    /// An input to train on that is missing or infinite.
    #[error(
        "input {index} of the example of row {row} is {found}, and {trainer} takes finite numbers alone; impute \
         missing values by the median, refuse such rows, or use trees"
    )]
    Input {
        /// The trainer.
        trainer: &'static str,
        /// Row of the dataset.
        row: usize,
        /// Index in the input.
        index: usize,
        /// What it is.
        found: f64,
    },
    /// Every training label is the same.
    #[error(
        "each of the {rows} training labels is {target}: nothing can be told apart; use more rows or another label"
    )]
    OneClass {
        /// Training rows.
        rows: usize,
        /// The label they all have, 0 or 1.
        target: f64,
    },
    /// A weighted sum of the inputs tells the training labels apart without a mistake, so no weights are best.
    #[error(
        "a weighted sum of the inputs separates all {rows} training labels, so that ever larger weights fit ever \
         better; set l2 well above 0, use more rows or fewer inputs"
    )]
    Separable {
        /// Training rows.
        rows: usize,
    },
    /// An input that a weighted sum of others gives.
    #[error(
        "input {index} is, to rounding, a weighted sum of the inputs before it, so that no weights are best; set l2 \
         well above 0, or drop one of them"
    )]
    Dependent {
        /// Index in the input.
        index: usize,
    },
    /// Inputs too large or too small to compute with.
    #[error(
        "input {index} has mean {mean} and standard deviation {deviation}: too large to compute with; scale it"
    )]
    Magnitude {
        /// Index in the input.
        index: usize,
        /// Mean over the training rows.
        mean: f64,
        /// Standard deviation over the training rows.
        deviation: f64,
    },
    /// The steps did not suffice.
    #[error(
        "not converged after {steps} steps, the last of which moved a margin by {moved}; raise steps_max, or set l2 \
         above 0: the labels may be separable in part"
    )]
    NotConverged {
        /// Steps done.
        steps: u32,
        /// What the last step moved the margin of a training row by, at most.
        moved: f64,
    },
    /// A row that the model cannot predict.
    #[error("row {row}: {source}")]
    Predict {
        /// Row of the dataset.
        row: usize,
        /// Why.
        source: model::PredictError,
    },
    /// A model that takes inputs of another length.
    #[error(
        "a model of inputs of {expected} values, and examples of {found}; prepare them as it was trained"
    )]
    Width {
        /// What the model takes.
        expected: usize,
        /// What the examples have.
        found: usize,
    },
    /// A model whose predictions are of another kind than the label.
    #[error(
        "the model predicts a {found:?} and the label asks for a {expected:?} ({objective}): use a model of the other \
         kind, or a dataset with another label"
    )]
    Output {
        /// What is measured.
        objective: Objective,
        /// The kind it is measured on.
        expected: model::Output,
        /// The kind the model predicts.
        found: model::Output,
    },
    /// A number to be measured that is not finite, or a probability outside 0 to 1.
    #[error("prediction {index}: {what} is {found}; expected {expected}")]
    Scored {
        /// Index among those measured.
        index: usize,
        /// Which number.
        what: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: f64,
    },
    /// A fold of a walk forward.
    #[error("fold {fold} of {folds}: {source}")]
    Fold {
        /// The fold, counted from 1.
        fold: usize,
        /// Number of folds.
        folds: usize,
        /// What went wrong there.
        source: Box<TrainingError>,
    },
}

/// A name in a recipe that the set does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// Where it stands: `drop` or `nulls_of`.
    pub option: &'static str,
    /// The name.
    pub name: String,
    /// Names of the set that are near, the nearest first.
    pub near: Vec<String>,
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

fn unknown_text(set: &str, features: usize, unknown: &[UnknownName]) -> String {
    let mut text = format!("set {set} ({features} features) has no feature of these names:");
    for (index, UnknownName { option, name, near }) in unknown.iter().enumerate() {
        let _ = write!(text, "{} {name:?} in {option}", if index == 0 { "" } else { ";" });
        if !near.is_empty() {
            let _ = write!(text, " (did you mean {}?)", quoted(near));
        }
    }
    text
}
