//! Models as ONNX, predicted by ONNX Runtime.
//!
//! For models that nothing else here can predict, such as neural networks. Trees of XGBoost and LightGBM are imported
//! by [`model::import`] instead: with their own bits, and without a runtime.
//!
//! # What is covered
//! One input, a tensor of f32 of shape `[batch, n]`. One output of f32:
//!
//! | shape | prediction |
//! |---|---|
//! | `[batch, 2]` | the probability of the second class, column 1 |
//! | `[batch, 1]` or `[batch]`, its name beginning with `prob` | a probability, such as of a sigmoid |
//! | `[batch, 1]` or `[batch]`, of another name | a value |
//!
//! `batch` is open or 1. A second output that is no f32, such as the label of a classifier, is left alone. Inputs are
//! rounded to f32 once, outputs are f32 turned into f64; the margin is the prediction itself. A missing value is
//! refused: impute it.
//!
//! # One file
//! The weights must be in the model's own bytes, since the seal of an artifact covers no others. Before the runtime
//! sees them they are read, and a model is refused that has a tensor with external data: among the initializers, dense
//! or sparse, in an attribute, in a graph within the graph, in a function, or for training. Refused as well is what
//! could bring in something else: operators that are neither of `ai.onnx`, `ai.onnx.ml` nor functions of the model,
//! fields that ONNX 1.23 does not have, and ONNX Runtime's own format (`.ort`).
//!
//! # Bits
//! Every input is predicted alone, with one thread and basic optimisations only, so that the same input gives the same
//! bits among whichever others. ONNX Runtime chooses its kernels by the machine: another machine or another version of
//! it may give other last bits. The probes of an artifact find that out before anything is predicted.
//!
//! # The runtime
//! With the cargo feature `runtime`, an [`OnnxLoader`] is made with the path of the shared library of ONNX Runtime 1.17
//! or later (`libonnxruntime.so`, `onnxruntime.dll`, `libonnxruntime.dylib`; the Python package `onnxruntime` has it in
//! its folder `capi`). Loading a library runs its code: take it from where you trust it, and only load models that you
//! would run.

#[cfg(not(feature = "runtime"))]
mod absent;
#[cfg(feature = "runtime")]
mod runtime;
mod whole;
mod wire;

#[cfg(not(feature = "runtime"))]
use absent::Runtime;
#[cfg(feature = "runtime")]
use runtime::Runtime;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Loader, Model, ModelError};

/// Loads models of the format `onnx`.
#[derive(Debug)]
pub struct OnnxLoader {
    runtime: Runtime,
}

/// Why there is no loader.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// The program was built without the feature `runtime`.
    #[error(
        "this program was built without ONNX Runtime; build it with the cargo feature that has it: \
         cargo build --release --features onnx"
    )]
    NotBuilt,
    /// The library cannot be loaded, or is too old.
    #[error(
        "ONNX Runtime from {}: {reason}; name the shared library of ONNX Runtime 1.17 or later, such as \
         libonnxruntime.so",
        library.display()
    )]
    Library {
        /// The path as it was given.
        library: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// A process loads one library.
    #[error(
        "ONNX Runtime from {}: this process has already loaded {}; use one library",
        library.display(),
        loaded.display()
    )]
    Another {
        /// The path as it was given.
        library: PathBuf,
        /// The library that is loaded.
        loaded: PathBuf,
    },
}

impl OnnxLoader {
    /// Loads the shared library of ONNX Runtime. A process loads one, once: further loaders of the same path share it.
    ///
    /// # Errors
    /// [`OnnxError`]: built without the feature `runtime`; the library cannot be loaded; another one is loaded already.
    pub fn new(library: &Path) -> Result<Self, OnnxError> {
        Ok(Self { runtime: Runtime::open(library)? })
    }
}

impl Loader for OnnxLoader {
    fn format(&self) -> &'static str {
        "onnx"
    }

    fn load(&self, bytes: &[u8]) -> Result<Arc<dyn Model>, ModelError> {
        // Before the runtime, which would read other files.
        whole::check(bytes)?;
        self.runtime.load(bytes)
    }
}
