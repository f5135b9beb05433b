//! `profile.json`.

use std::fs;
use std::io;
use std::path::Path;

use feature_api::identity::Hash;
use market_data::file::AtomicFile;
use serde::{Deserialize, Serialize};

use crate::error::Mismatch;
use crate::manifest::stage_json;
use crate::{Correlated, DatasetError, FeatureProfile, Manifest, Profile};

/// Name of the file.
const PROFILE: &str = "profile.json";
/// The format that is written and read.
const FORMAT: u32 = 1;

/// A profile and whose it is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileJson {
    format: u32,
    /// sha256 of the rows it describes.
    rows_hash: String,
    rows: u64,
    features: Vec<FeatureProfile>,
    sampled: u64,
    correlated: Vec<Correlated>,
}

impl Profile {
    /// Reads the profile of a dataset; `None` where it was built without one.
    ///
    /// # Errors
    /// [`DatasetError::Read`], [`DatasetError::Json`], and [`DatasetError::Mismatch`] where it is of other rows than
    /// `manifest` or of another format.
    pub fn read(folder: &Path, manifest: &Manifest) -> Result<Option<Self>, DatasetError> {
        let path = folder.join(PROFILE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(DatasetError::Read { path, source }),
        };
        let json: ProfileJson =
            serde_json::from_slice(&text).map_err(|source| DatasetError::Json { path, source })?;
        let facts = [
            ("format", FORMAT.to_string(), json.format.to_string()),
            ("rows_hash", manifest.rows_hash.to_string(), json.rows_hash.clone()),
        ];
        let problems: Vec<Mismatch> = facts
            .into_iter()
            .filter(|(_, expected, found)| expected != found)
            .map(|(field, expected, found)| Mismatch {
                file: PROFILE,
                field: field.to_owned(),
                expected,
                found,
            })
            .collect();
        if problems.is_empty() {
            let ProfileJson { rows, features, sampled, correlated, .. } = json;
            Ok(Some(Self { rows, features, sampled, correlated }))
        } else {
            Err(DatasetError::Mismatch { path: folder.to_owned(), problems })
        }
    }
}

/// Writes a profile to a file that stands in `folder` once it is committed.
pub(crate) fn stage(folder: &Path, profile: &Profile, rows_hash: Hash) -> Result<AtomicFile, DatasetError> {
    let Profile { rows, features, sampled, correlated } = profile.clone();
    let json =
        ProfileJson { format: FORMAT, rows_hash: rows_hash.to_string(), rows, features, sampled, correlated };
    stage_json(&folder.join(PROFILE), &json)
}

/// Removes the profile that stands in `folder`, if any.
pub(crate) fn remove(folder: &Path) -> Result<(), DatasetError> {
    let path = folder.join(PROFILE);
    match fs::remove_file(&path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(DatasetError::Write { path, source }),
    }
}
