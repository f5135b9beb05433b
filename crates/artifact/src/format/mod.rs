//! The inside of an artifact, by the number of its format. A format once written is read for ever; this program
//! writes the newest.
//!
//! # How to add a format
//! A folder `v2` with declarations of its own, a copy of those of `v1` at first, and a line in [`read`]; [`write`] and
//! `NEWEST` change over to it. `v1` stays as it is, and so do its golden artifacts. The outside, `envelope`, never
//! changes: an old program must see that an artifact is newer, and whose it is.

pub mod codec;
mod v1;

use model::{BlockFilter, Ensemble, Loaders};
use preprocess::Preprocess;

use crate::envelope::{self, Envelope};
use crate::{Artifact, Manifest, Probe, Problem, Reference, SecretKey};

/// The newest format.
const NEWEST: u32 = 1;

/// What was read: each part, or why there is none.
#[derive(Debug)]
pub struct Contents {
    /// What identifies it.
    pub manifest: Result<Manifest, Vec<Problem>>,
    /// From rows to inputs.
    pub preprocess: Result<Preprocess, Problem>,
    /// From inputs to predictions.
    pub ensemble: Result<Ensemble, Problem>,
    /// When nothing is predicted.
    pub filters: Result<Vec<BlockFilter>, Problem>,
    /// What features looked like in training.
    pub reference: Result<Vec<Reference>, Problem>,
    /// Rows with the predictions they must give.
    pub probes: Result<Vec<Probe>, Problem>,
}

/// What may load models of others: nothing, where it is not known whose they are.
#[derive(Debug, Clone, Copy)]
pub enum External<'a> {
    /// These.
    Load(Loaders<'a>),
    /// Nothing, because of the problem of this code.
    Refuse(&'static str),
}

/// Reads the parts.
pub fn read(envelope: &Envelope<'_>, external: External<'_>) -> Result<Contents, Vec<Problem>> {
    match envelope.format {
        1 => v1::read(envelope.header, envelope.body, external),
        found @ 0 => Err(vec![Problem::UnknownFormat { supported: NEWEST, found }]),
        found => Err(vec![Problem::NewerFormat { supported: NEWEST, found }]),
    }
}

/// Reads the manifest alone.
pub fn manifest(envelope: &Envelope<'_>) -> Result<Manifest, Vec<Problem>> {
    match envelope.format {
        1 => v1::manifest(envelope.header),
        found @ 0 => Err(vec![Problem::UnknownFormat { supported: NEWEST, found }]),
        found => Err(vec![Problem::NewerFormat { supported: NEWEST, found }]),
    }
}

/// Writes an artifact in the newest format.
pub fn write(artifact: &Artifact, key: Option<&SecretKey>) -> Result<Vec<u8>, Problem> {
    let (header, body) = v1::write(artifact)?;
    envelope::close(NEWEST, &header, &body, key)
}
