//! What an artifact holds.

use feature_api::identity::Hash;
use feature_api::{BarSpec, Param, UnixNanos};
use model::{BlockFilter, Ensemble};
use preprocess::Preprocess;

/// What an artifact holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// What identifies it.
    pub manifest: Manifest,
    /// From rows to inputs.
    pub preprocess: Preprocess,
    /// From inputs to predictions.
    pub ensemble: Ensemble,
    /// When nothing is predicted.
    pub filters: Vec<BlockFilter>,
    /// What each feature of the set looked like in training, in order.
    pub reference: Vec<Reference>,
    /// Rows with the predictions they must give.
    pub probes: Vec<Probe>,
}

/// What identifies an artifact.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Name of the feature version's crate.
    pub features: String,
    /// Exact version of that crate.
    pub version: String,
    /// Its source hash.
    pub source_hash: Hash,
    /// Its output hash.
    pub output_hash: Hash,
    /// The set.
    pub set: String,
    /// Its parameters, every one.
    pub params: Vec<Param>,
    /// Schema hash of the set with these parameters.
    pub schema_hash: Hash,
    /// What bars the set was fed.
    pub bars: BarSpec,
    /// What the label was, as `isobar build --label` takes it.
    pub label: String,
    /// Hash of the bars the dataset was built from.
    pub data_hash: Hash,
    /// `ts_available` of the first and the last row trained on.
    pub train_span: (UnixNanos, UnixNanos),
    /// Rows trained on.
    pub train_rows: u64,
    /// What the model is, for people.
    pub model: String,
    /// How it did, by part of the data.
    pub metrics: Vec<Metric>,
    /// Commit of the code that made it, or why there is none.
    pub code_commit: String,
    /// The compiler of the code that made it.
    pub toolchain: String,
    /// When it was made.
    pub created: UnixNanos,
}

impl Manifest {
    /// What [`model`](Manifest::model) begins with where the model was trained by another program: which rows it has
    /// seen is not known then, and `train_span` is that of the dataset's training part.
    pub const IMPORTED: &str = "imported ";

    /// Whether the model was trained by another program.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        self.model.starts_with(Self::IMPORTED)
    }
}

/// A number that says how a model did.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// The rows it was measured on: `train`, `validation`, `test`, `walk-forward`.
    pub part: String,
    /// Its name, such as `log_loss`.
    pub name: String,
    /// Its value; finite.
    pub value: f64,
}

/// What a feature looked like in the rows trained on: what live values are compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Name of the feature.
    pub feature: String,
    /// Rows in which it was valid.
    pub valid: u64,
    /// Rows in which it was not.
    pub null: u64,
    /// Its quantiles at 0, 5 %, …, 100 %, not decreasing; empty where it was never valid.
    pub quantiles: Vec<f64>,
}

/// Raw rows, as many as a sequence has, and the prediction the last one must give, bit for bit.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Raw feature rows, the oldest first: shape `[sequence][features of the set]`.
    pub rows: Vec<Vec<Option<f64>>>,
    /// The margin of each member of the ensemble.
    pub margins: Vec<f64>,
    /// The prediction.
    pub value: f64,
}
