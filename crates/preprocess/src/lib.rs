//! From a row of features to the input of a model: imputer, clip, scaler, sequences.
//!
//! A [`Preprocess`] is what was fitted, as it travels in an artifact; there is nothing here that fits, so nothing
//! in production can. It is made from [`Parts`], which are checked as a whole: a missing scaler or an imputer
//! without a median is an error, never a pass-through. A [`Transform`] carries it out, row by row or over many
//! rows, with the same bits: the batch runs the same code for each row. An [`Observer`] does so from the first row of a
//! market on, and gives no input during the set's warm-up.
//!
//! For each feature that is kept, in this order: imputer, clip to the training quantiles, scaler `(x − center) /
//! scale`. Then the last `sequence` rows, the oldest first, are the input.

mod error;
mod inputs;
mod observer;
mod parts;
mod recipe;
mod transform;

pub use error::PreprocessError;
pub use inputs::Inputs;
pub use observer::{Observer, Unready};
pub use parts::{Bounds, Nulls, Parts, Preprocess, Scale, Scaler, ScalerKind};
pub use recipe::{ClipQuantiles, NullPolicy, Recipe};
pub use transform::{NotReady, Transform};
