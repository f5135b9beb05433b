//! The sealed model file: everything a prediction depends on, and what identifies it.
//!
//! [`seal`] writes an [`Artifact`] as bytes, [`verify`] reads them back for a program that carries one feature
//! version, and gives it only where everything is as it must be. Nothing is skipped: what cannot be checked is a
//! problem.

mod artifact;
mod check;
mod envelope;
mod error;
mod format;
mod key;
mod manifest;
mod pipeline;
mod predictor;
mod problem;
mod seal;
mod verify;

pub use artifact::{Artifact, Manifest, Metric, Probe, Reference};
pub use error::{PipelineError, ProbeError, SealError};
pub use key::{KeyError, PublicKey, SecretKey};
pub use pipeline::{Pipeline, Predictions};
pub use predictor::{Outcome, Predictor};
pub use problem::Problem;
pub use seal::seal;
pub use verify::{Check, Inspected, Trust, Verified, inspect, manifest, verify};
