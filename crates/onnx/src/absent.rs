//! In place of ONNX Runtime, where the program was built without it.

use std::path::Path;
use std::sync::Arc;

use model::{Model, ModelError};

use crate::OnnxError;

/// Cannot be made.
#[derive(Debug)]
pub(crate) enum Runtime {}

impl Runtime {
    pub(crate) fn open(_library: &Path) -> Result<Self, OnnxError> {
        Err(OnnxError::NotBuilt)
    }

    pub(crate) fn load(&self, _bytes: &[u8]) -> Result<Arc<dyn Model>, ModelError> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_to_build_it() {
        let error = Runtime::open(Path::new("libonnxruntime.so")).unwrap_err();
        assert_eq!(error, OnnxError::NotBuilt);
        assert!(error.to_string().contains("--features onnx"));
    }
}
