//! The state of `feature-api`, told in each record.

use std::path::Path;

use feature_api::identity::{Source, sha256};

use crate::ledger::Contract;
use crate::{Error, Manifest, Workspace};

/// The folder of `feature-api`.
pub(super) const FOLDER: &str = "crates/feature-api";

impl Contract {
    /// `feature-api` as it lies in the workspace.
    ///
    /// # Errors
    /// [`Error`] where it cannot be read.
    pub fn of(workspace: &Workspace) -> Result<Self, Error> {
        let folder = workspace.root().join(FOLDER);
        let path = folder.join("Cargo.toml");
        let manifest = Manifest::read(&path)?;
        let wrong = || Error::Format { path, reason: "expected a version in [package]".to_owned() };
        let version = manifest.version().ok_or_else(wrong)?.to_owned();
        let mut files = Vec::new();
        collect(&folder.join("src"), "src", &mut files)?;
        files.sort();
        let source_hash = Source { files, manifest: String::new() }.hash().to_string();
        Ok(Self { version, source_hash })
    }
}

/// The files below a folder with the hash of their text under LF line endings.
fn collect(
    folder: &Path,
    name: &str,
    files: &mut Vec<(String, feature_api::identity::Hash)>,
) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).map_err(Error::io(folder))? {
        let entry = entry.map_err(Error::io(folder))?;
        let (path, name) = (entry.path(), format!("{name}/{}", entry.file_name().to_string_lossy()));
        if path.is_dir() {
            collect(&path, &name, files)?;
        } else {
            let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
            files.push((name, sha256(text.replace("\r\n", "\n").as_bytes())));
        }
    }
    Ok(())
}
