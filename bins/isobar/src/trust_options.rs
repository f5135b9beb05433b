//! The options that say what an artifact must be, and verifying with them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use artifact::{Check, Inspected, Problem, PublicKey, Trust, Verified};
use clap::Args;
use feature_api::{BarSpec, FeatureVersion, Param};

use crate::{artifact_file, external, print};

/// Whose signature is demanded, and what loads models of others.
#[derive(Debug, Clone, Args)]
pub struct TrustOptions {
    /// A public key that may have signed; may be repeated. Without one, an artifact that is not signed is taken
    #[arg(long, value_name = "FILE")]
    trusted_key: Vec<PathBuf>,
    #[command(flatten)]
    external: external::ExternalOptions,
}

/// What an artifact is expected to be, beyond being whole; `None` takes what the artifact states.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected<'a> {
    pub version: Option<&'static FeatureVersion>,
    pub set: Option<&'a str>,
    pub params: Option<&'a [Param]>,
    pub bars: Option<BarSpec>,
}

impl TrustOptions {
    /// Reads an artifact and verifies it.
    ///
    /// # Errors
    /// Every problem, a line each.
    pub fn verify(&self, path: &Path, expected: Expected<'_>) -> anyhow::Result<Verified> {
        let bytes = artifact_file::read(path)?;
        let keys = self.keys()?;
        let loaders = self.external.loaders()?;
        let loaders: Vec<&dyn model::Loader> = loaders.iter().map(AsRef::as_ref).collect();
        let loaders = model::Loaders(&loaders);
        let check = Check {
            version: expected.version.unwrap_or_else(|| version_of(&bytes)),
            trust: if keys.is_empty() { Trust::Unsigned } else { Trust::Keys(&keys) },
            set: expected.set,
            params: expected.params,
            bars: expected.bars,
            loaders,
        };
        artifact::verify(&bytes, &check).map_err(|problems| refused(path, &problems))
    }

    fn keys(&self) -> anyhow::Result<Vec<PublicKey>> {
        let read = |path: &PathBuf| {
            PublicKey::read(path).with_context(|| format!("--trusted-key {}", path.display()))
        };
        self.trusted_key.iter().map(read).collect()
    }

    /// Whether a signature is demanded.
    pub const fn demands_signature(&self) -> bool {
        !self.trusted_key.is_empty()
    }
}

/// The version this tool carries whose crate the artifact names; else the newest, which it is then compared with.
pub fn version_of(bytes: &[u8]) -> &'static FeatureVersion {
    let named = artifact::manifest(bytes).ok();
    named.and_then(|named| feature_registry::find(&named.features)).unwrap_or_else(feature_registry::newest)
}

/// Reads an artifact to look at it.
pub fn inspect(path: &Path, external: &external::ExternalOptions) -> anyhow::Result<Inspected> {
    let bytes = artifact_file::read(path)?;
    let loaders = external.loaders()?;
    let loaders: Vec<&dyn model::Loader> = loaders.iter().map(AsRef::as_ref).collect();
    artifact::inspect(&bytes, model::Loaders(&loaders)).map_err(|problems| refused(path, &problems))
}

/// Every problem, a line each.
pub fn refused(path: &Path, problems: &[Problem]) -> anyhow::Error {
    let count = print::plural(problems.len() as u64, "problem");
    let lines: Vec<String> =
        problems.iter().map(|problem| format!("\n  {}: {problem}", problem.code())).collect();
    anyhow::anyhow!("{}: refused, {count}{}", path.display(), lines.concat())
}
