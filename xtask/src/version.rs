//! The feature versions of this workspace: the one list of them outside the crates themselves.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use feature_api::FeatureSet;
use feature_api::identity::Hash;
use features_v1::canonical::Output;

/// A feature version: its folder and what its crate says of itself.
pub struct Version {
    /// Short name, as given on the command line: `v1`.
    pub name: &'static str,
    /// Exact version of the crate.
    pub version: &'static str,
    /// Names of its sets.
    pub sets: &'static [&'static str],
    /// A set with the catalogue's parameters.
    pub set: fn(&str) -> Result<Box<dyn FeatureSet>>,
    /// The output hash it was recorded with.
    pub golden: Hash,
    /// What it gives on its canonical input.
    pub output: fn() -> Output,
}

/// Every version, oldest first.
pub const VERSIONS: [Version; 1] = [Version {
    name: "v1",
    version: features_v1::VERSION,
    sets: &features_v1::SETS,
    set: |name| Ok(features_v1::by_name(name, &[])?),
    golden: features_v1::OUTPUT_HASH,
    output: features_v1::canonical::output,
}];

impl Version {
    /// Folder of the crate.
    pub fn folder(&self) -> PathBuf {
        root().join(format!("features-{}", self.name))
    }

    /// Whether the version may no longer change.
    pub fn is_released(&self) -> bool {
        !self.version.contains('-')
    }
}

/// The version of that short name.
pub fn find(name: &str) -> Result<&'static Version> {
    static ALL: [Version; 1] = VERSIONS;
    match ALL.iter().find(|version| version.name == name) {
        Some(version) => Ok(version),
        None => {
            let known: Vec<_> = ALL.iter().map(|version| version.name).collect();
            bail!("there is no feature version {name:?}; there are: {}", known.join(", "))
        }
    }
}

/// Root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."))
}
