//! Models: one row or many to predictions, with the same bits, and models trained elsewhere.
//!
//! [`Trees`] and [`Linear`] are stored in canonical form: equal models have equal parts. [`import`] reads XGBoost's
//! JSON and LightGBM's text and keeps their arithmetic, so that raw margins are theirs bit for bit. An [`Ensemble`]
//! weighs models of several horizons; a [`BlockFilter`] says when nothing is to be predicted at all.
//!
//! Nothing here trains.

mod ensemble;
mod error;
mod external;
mod filter;
pub mod import;
mod linear;
mod link;
mod trees;
mod walk;

pub use ensemble::{AnyModel, Ensemble, HorizonValue, Member};
pub use error::{ModelError, PredictError};
pub use external::{External, Loader, Loaders};
pub use filter::{BlockFilter, BoundFilters, Comparison, Verdict};
pub use linear::{Linear, LinearParts};
pub use link::Link;
pub use trees::{Arithmetic, Missing, Node, Split, Trees, TreesParts};

/// What a model says of one input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The raw sum, before the link: what the bits of other libraries are compared by.
    pub margin: f64,
    /// The prediction: a probability (0 to 1) after a logistic link, else the margin itself.
    pub value: f64,
}

/// What a prediction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// A probability, 0 to 1.
    Probability,
    /// A number in the unit of the label.
    Value,
}

/// A model: inputs to predictions. The same input gives the same bits, alone or among many.
pub trait Model: Send + Sync + std::fmt::Debug {
    /// What it is, for people: such as `trees (200 trees, 12,400 nodes, f32 arithmetic)`.
    fn describe(&self) -> String;

    /// Length of an input.
    fn inputs(&self) -> usize;

    /// Whether it knows missing values (NaN).
    fn takes_missing(&self) -> bool;

    /// What its prediction is.
    fn output(&self) -> Output;

    /// Predicts one input: shape `[inputs]`.
    ///
    /// # Errors
    /// [`PredictError`] where the length is another, a value is infinite, or missing where none may be.
    fn predict(&self, input: &[f64]) -> Result<Prediction, PredictError>;

    /// Predicts many inputs, one after another: shape `[n][inputs]`; appends a prediction for each.
    ///
    /// # Errors
    /// As [`predict`](Model::predict), of the first input that is refused; predictions before it are appended.
    fn predict_many(&self, inputs: &[f64], predictions: &mut Vec<Prediction>) -> Result<(), PredictError>;
}
