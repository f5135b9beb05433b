//! Why a preprocessing cannot be used.

use crate::ScalerKind;

/// Why a preprocessing cannot be used. Steps are called `imputer`, `clip` and `scaler`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PreprocessError {
    /// There is no scaler. One that does nothing is stated as such.
    #[error(
        "the scaler is missing: expected a fitted scaler, or one that states that nothing is scaled; fit the \
         preprocessing again"
    )]
    MissingScaler,
    /// A feature's imputer was never fitted.
    #[error("imputer of {feature:?}: expected its training median, found none; fit the preprocessing again")]
    NotFitted {
        /// The feature.
        feature: String,
    },
    /// A step has more or fewer entries than there are kept features.
    #[error("{step}: expected {expected} entries, one for each kept feature, found {found}")]
    Count {
        /// The step.
        step: &'static str,
        /// Number of kept features.
        expected: usize,
        /// Number of entries.
        found: usize,
    },
    /// A scaler that scales nothing has scales.
    #[error("scaler: expected no scales, because it states that nothing is scaled, found {found}")]
    UnexpectedScales {
        /// Number of scales.
        found: usize,
    },
    /// A scaler that scales has no scales.
    #[error("scaler: expected {expected} scales of kind {kind}, found none; fit the preprocessing again")]
    NoScales {
        /// Its kind.
        kind: ScalerKind,
        /// Number of kept features.
        expected: usize,
    },
    /// A number that is NaN or infinite.
    #[error(
        "{step} of {feature:?}: expected a finite {value}, found {found}; look at the feature's training rows"
    )]
    NotFinite {
        /// The step.
        step: &'static str,
        /// The feature.
        feature: String,
        /// Which of its numbers.
        value: &'static str,
        /// What it is.
        found: f64,
    },
    /// A scale that is 0 or below.
    #[error(
        "scaler of {feature:?}: expected a scale above 0, found {found}; a feature without spread has scale 1"
    )]
    Scale {
        /// The feature.
        feature: String,
        /// What it is.
        found: f64,
    },
    /// A lower bound above the upper one.
    #[error("clip of {feature:?}: expected low <= high, found low {low} and high {high}")]
    Bounds {
        /// The feature.
        feature: String,
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// A name without a letter.
    #[error("{list}: expected a name at index {index}, found an empty one")]
    EmptyName {
        /// `features` or `kept`.
        list: &'static str,
        /// Its index there.
        index: usize,
    },
    /// A name that stands twice.
    #[error("{list}: expected each name once, found {feature:?} at index {first} and at index {second}")]
    Twice {
        /// `features` or `kept`.
        list: &'static str,
        /// The name.
        feature: String,
        /// Where it stands first.
        first: usize,
        /// Where it stands again.
        second: usize,
    },
    /// A feature is kept that the set does not have.
    #[error("kept: expected features of the set, found {feature:?}, which is none of its {features}")]
    Unknown {
        /// The name.
        feature: String,
        /// Number of features of the set.
        features: usize,
    },
    /// Kept features do not stand in the order of the set.
    #[error(
        "kept: expected the order of the set, where {feature:?} stands before {after:?}; found it after it"
    )]
    OutOfOrder {
        /// The first feature that stands too late.
        feature: String,
        /// The kept feature before it.
        after: String,
    },
    /// No feature is kept.
    #[error("kept: expected one feature or more, found none: every feature of the set was dropped")]
    NothingKept,
    /// An input would hold too many values.
    #[error(
        "sequence: expected at most {expected} values in an input, found {kept} features x {sequence} rows; make the \
         sequence shorter or drop features"
    )]
    TooLong {
        /// Number of kept features.
        kept: usize,
        /// Rows of a sequence.
        sequence: u32,
        /// Most values.
        expected: usize,
    },
    /// The schema has other features than the preprocessing was fitted on.
    #[error(
        "feature {index} of set {set}: expected {expected}, which the preprocessing was fitted on, found {found}; use \
         the feature version, set and parameters it was fitted with"
    )]
    Schema {
        /// The set.
        set: String,
        /// Index of the first difference.
        index: usize,
        /// The name it was fitted on, or that there is none.
        expected: String,
        /// The name of the schema, or that there is none.
        found: String,
    },
    /// Rows of another width than the schema's.
    #[error(
        "rows of {found} features: expected {expected}, as the schema has that the transform is bound to"
    )]
    RowWidth {
        /// Features of the schema.
        expected: usize,
        /// Features of the rows.
        found: usize,
    },
    /// A range that goes past the rows.
    #[error("rows {start} to {end} (exclusive): expected a range inside the {rows} rows there are")]
    RowRange {
        /// First row.
        start: usize,
        /// Row after the last.
        end: usize,
        /// Number of rows.
        rows: usize,
    },
    /// Inputs are collected among inputs of another length.
    #[error("inputs of {found} values: expected {expected}, as the transform gives; collect them apart")]
    InputWidth {
        /// Length of the transform's inputs.
        expected: usize,
        /// Length of the inputs collected so far.
        found: usize,
    },
}
