//! Models that only a runtime of others can predict.

use std::path::PathBuf;

use clap::Args;
use model::Loader;

/// Where runtimes of others are.
#[derive(Debug, Clone, Args)]
pub struct ExternalOptions {
    /// The shared library of ONNX Runtime, for ONNX models
    #[arg(long, value_name = "LIBRARY")]
    onnx_runtime: Option<PathBuf>,
}

impl ExternalOptions {
    /// The loaders there are.
    pub fn loaders(&self) -> anyhow::Result<Vec<Box<dyn Loader>>> {
        match &self.onnx_runtime {
            None => Ok(Vec::new()),
            Some(library) => Ok(vec![Box::new(onnx::OnnxLoader::new(library)?)]),
        }
    }
}
