//! Writing an artifact.

use feature_api::FeatureVersion;
use model::Loaders;

use crate::{Artifact, Check, Problem, SealError, SecretKey, Trust, check, format, verify};

/// Writes an artifact, signed where there is a key: the same artifact and key give the same bytes. What could not be
/// used is not written: it is checked as [`verify`] checks, and what was written is read back.
///
/// # Errors
/// [`SealError`] with every problem.
pub fn seal(
    artifact: &Artifact,
    version: &FeatureVersion,
    loaders: Loaders<'_>,
    key: Option<&SecretKey>,
) -> Result<Vec<u8>, SealError> {
    let refuse = |problems| SealError::Problems { problems };
    let signer = key.map(SecretKey::public);
    let trust = signer.as_ref().map_or(Trust::Unsigned, |key| Trust::Keys(std::slice::from_ref(key)));
    let check = Check { version, trust, set: None, params: None, bars: None, loaders };
    let mut problems = artifact.manifest.problems();
    let set = check::identity(&artifact.manifest, &check, &mut problems);
    let parts = check::Parts {
        preprocess: Ok(&artifact.preprocess),
        ensemble: Ok(&artifact.ensemble),
        filters: Ok(&artifact.filters),
        reference: Ok(&artifact.reference),
        probes: Ok(&artifact.probes),
    };
    let schema = set.as_ref().map(|set| set.schema()).map_err(|because| *because);
    let pipeline = check::parts(parts, schema, &mut problems);
    if pipeline.is_none() || !problems.is_empty() {
        return Err(refuse(problems));
    }
    let bytes = format::write(artifact, key).map_err(|problem| refuse(vec![problem]))?;
    let read = verify(&bytes, &check).map_err(|problems| SealError::ReadBack { problems })?;
    let again = format::write(read.artifact(), key).map_err(|problem| refuse(vec![problem]))?;
    if again == bytes && read.artifact() == artifact {
        Ok(bytes)
    } else {
        Err(SealError::ReadBack { problems: vec![Problem::NotCanonical { part: "artifact" }] })
    }
}
