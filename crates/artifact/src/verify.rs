//! Whether an artifact may be used.

use feature_api::identity::Hash;
use feature_api::{BarSpec, FeatureSet, FeatureVersion, Param, SetError};
use model::Loaders;

use crate::envelope::{self, Envelope};
use crate::format::{self, Contents, External};
use crate::{Artifact, Manifest, Pipeline, Problem, PublicKey, check};

/// What an artifact is checked against: the program's own feature version, and what its configuration states.
#[derive(Debug, Clone, Copy)]
pub struct Check<'a> {
    /// The feature version compiled into this program.
    pub version: &'a FeatureVersion,
    /// Whose signature is demanded.
    pub trust: Trust<'a>,
    /// The set the program runs; `None`: whichever the artifact states.
    pub set: Option<&'a str>,
    /// The parameters other than the catalogue's that the program runs; `None`: whichever the artifact states.
    pub params: Option<&'a [Param]>,
    /// The bars the program feeds; `None`: whichever the artifact states.
    pub bars: Option<BarSpec>,
    /// What loads models of others.
    pub loaders: Loaders<'a>,
}

/// Whose signature is demanded.
#[derive(Debug, Clone, Copy)]
pub enum Trust<'a> {
    /// Nobody's. A signature that is there must still hold.
    Unsigned,
    /// That of one of these keys.
    Keys(&'a [PublicKey]),
}

/// An artifact that may be used.
#[derive(Debug, Clone)]
pub struct Verified {
    artifact: Artifact,
    signer: Option<PublicKey>,
    hash: Hash,
    version: FeatureVersion,
    pipeline: Pipeline,
}

/// What can be said of an artifact without a feature version: for people, not for use.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// What it holds.
    pub artifact: Artifact,
    /// Whose signature it carries; it holds.
    pub signer: Option<PublicKey>,
    /// sha256 of the file's content.
    pub hash: Hash,
}

/// Checks an artifact, in this order: bytes, signature, format, version, source hash, set, parameters and schema,
/// bars, output hash and self-test, preprocessing, model, filters, reference, probes.
///
/// The self-test of the version runs each time. A model of others is loaded only where the signature is as demanded.
///
/// # Errors
/// Every [`Problem`] there is, in that order. What a problem makes impossible to check is named by it.
pub fn verify(bytes: &[u8], check: &Check<'_>) -> Result<Verified, Vec<Problem>> {
    let envelope = envelope::open(bytes).map_err(|problem| after(vec![problem], "everything inside"))?;
    let mut problems = Vec::new();
    let signer = signature(&envelope, check.trust, &mut problems);
    let external = match problems.first() {
        None => External::Load(check.loaders),
        Some(problem) => External::Refuse(problem.code()),
    };
    let contents = match format::read(&envelope, external) {
        Ok(contents) => contents,
        Err(found) => {
            problems.extend(after(found, "manifest and sections"));
            return Err(problems);
        }
    };
    let set = match &contents.manifest {
        Ok(manifest) => check::identity(manifest, check, &mut problems),
        Err(found) => {
            let because = found.first().map_or("manifest", Problem::code);
            problems.extend(after(found.clone(), "version, source hash, set, schema, bars, output hash"));
            Err(because)
        }
    };
    let schema = set.as_ref().map(|set| set.schema()).map_err(|because| *because);
    let pipeline = check::parts(parts(&contents), schema, &mut problems);
    match (artifact(contents), pipeline) {
        (Some(artifact), Some(pipeline)) if problems.is_empty() => {
            Ok(Verified { artifact, signer, hash: envelope.hash, version: *check.version, pipeline })
        }
        _ => Err(problems),
    }
}

/// What an artifact says of itself, to find out which program it is for: nothing else is read, and no model is loaded.
///
/// # Errors
/// Every [`Problem`] of its bytes, its format and its manifest.
pub fn manifest(bytes: &[u8]) -> Result<Manifest, Vec<Problem>> {
    let envelope = envelope::open(bytes).map_err(|problem| after(vec![problem], "everything inside"))?;
    format::manifest(&envelope)
}

/// Reads an artifact to look at it: bytes, signature and format alone are checked.
///
/// # Errors
/// Every [`Problem`] of these.
pub fn inspect(bytes: &[u8], loaders: Loaders<'_>) -> Result<Inspected, Vec<Problem>> {
    let envelope = envelope::open(bytes).map_err(|problem| after(vec![problem], "everything inside"))?;
    let mut problems = Vec::new();
    let signer = signature(&envelope, Trust::Unsigned, &mut problems);
    let external = match problems.first() {
        None => External::Load(loaders),
        Some(problem) => External::Refuse(problem.code()),
    };
    match format::read(&envelope, external) {
        Ok(contents) => {
            let Contents { manifest, preprocess, ensemble, filters, reference, probes } = &contents;
            problems.extend(manifest.as_ref().err().into_iter().flatten().cloned());
            let parts = [
                preprocess.as_ref().err(),
                ensemble.as_ref().err(),
                filters.as_ref().err(),
                reference.as_ref().err(),
                probes.as_ref().err(),
            ];
            problems.extend(parts.into_iter().flatten().cloned());
            match artifact(contents) {
                Some(artifact) if problems.is_empty() => {
                    Ok(Inspected { artifact, signer, hash: envelope.hash })
                }
                _ => Err(problems),
            }
        }
        Err(found) => {
            problems.extend(after(found, "manifest and sections"));
            Err(problems)
        }
    }
}

/// Whether it is signed as demanded.
fn signature(envelope: &Envelope<'_>, trust: Trust<'_>, problems: &mut Vec<Problem>) -> Option<PublicKey> {
    let signer = match &envelope.signer {
        Ok(signer) => *signer,
        Err(problem) => {
            problems.push(problem.clone());
            return None;
        }
    };
    match (trust, signer) {
        (Trust::Unsigned, _) => {}
        (Trust::Keys(trusted), None) => problems.push(Problem::Unsigned { trusted: trusted.to_vec() }),
        (Trust::Keys(trusted), Some(signer)) if !trusted.contains(&signer) => {
            problems.push(Problem::UntrustedSigner { trusted: trusted.to_vec(), signer });
        }
        (Trust::Keys(_), Some(_)) => {}
    }
    signer
}

/// The problems, and what they make impossible to check.
fn after(mut problems: Vec<Problem>, what: &str) -> Vec<Problem> {
    if let Some(because) = problems.first().map(Problem::code) {
        problems.push(Problem::Unchecked { what: what.to_owned(), because });
    }
    problems
}

fn parts(contents: &Contents) -> check::Parts<'_> {
    check::Parts {
        preprocess: contents.preprocess.as_ref(),
        ensemble: contents.ensemble.as_ref(),
        filters: contents.filters.as_deref(),
        reference: contents.reference.as_deref(),
        probes: contents.probes.as_deref(),
    }
}

fn artifact(contents: Contents) -> Option<Artifact> {
    Some(Artifact {
        manifest: contents.manifest.ok()?,
        preprocess: contents.preprocess.ok()?,
        ensemble: contents.ensemble.ok()?,
        filters: contents.filters.ok()?,
        reference: contents.reference.ok()?,
        probes: contents.probes.ok()?,
    })
}

impl Verified {
    /// What it holds.
    #[must_use]
    pub const fn artifact(&self) -> &Artifact {
        &self.artifact
    }

    /// Whose signature it carries.
    #[must_use]
    pub const fn signer(&self) -> Option<&PublicKey> {
        self.signer.as_ref()
    }

    /// sha256 of the file's content.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// From rows to predictions, fresh.
    #[must_use]
    pub fn pipeline(&self) -> Pipeline {
        let mut pipeline = self.pipeline.clone();
        pipeline.reset();
        pipeline
    }

    /// The feature set it was trained on, fresh.
    ///
    /// # Errors
    /// [`SetError`], never in fact: the set was opened with the same parameters when the artifact was checked.
    pub fn features(&self) -> Result<Box<dyn FeatureSet>, SetError> {
        self.version.open(&self.artifact.manifest.set, &self.artifact.manifest.params)
    }
}
