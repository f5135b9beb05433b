//! A feature version as its users see it: what it is called, what identifies it, and its sets.

use core::fmt;

use crate::identity::Hash;
use crate::{Event, FeatureSet, Param, ParamError};

/// A feature version: one constant in each `features-vN`, handed to whatever must work with any of them.
#[derive(Clone, Copy)]
pub struct FeatureVersion {
    /// Name of the crate, such as `features-v1`.
    pub name: &'static str,
    /// Exact version of the crate.
    pub version: &'static str,
    /// sha256 over every file that decides a value.
    pub source_hash: Hash,
    /// sha256 of the output on the canonical input, as it was recorded.
    pub output_hash: Hash,
    /// Names of its sets.
    pub sets: &'static [&'static str],
    /// A fresh set by name; see [`FeatureVersion::open`].
    #[allow(clippy::type_complexity, reason = "said once, here")]
    pub by_name: fn(&str, &[Param]) -> Result<Box<dyn FeatureSet>, SetError>,
    /// Computes the hash of the output on the canonical input, now and on this machine.
    pub self_test: fn() -> Hash,
    /// The canonical input and what the version gives on it, feature by feature.
    pub canonical: Canonical,
}

/// The input a version makes for itself, and what it gives on it.
#[derive(Clone, Copy)]
pub struct Canonical {
    /// Hands out every event of the input in order, each with the index of its tape: a tape is for a fresh set.
    /// Sets that look at no position refuse the events of one; that is all.
    #[allow(clippy::type_complexity, reason = "said once, here")]
    pub events: fn(&mut dyn FnMut(usize, Event<'_>)),
    /// Computes the output, now and on this machine.
    pub output: fn() -> Output,
    /// `goldens/FEATURES`: the recorded output, a line for each feature as [`Output::features_text`] writes it.
    pub golden: &'static str,
}

/// The output of a version on its canonical input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The hash over every bit of every row of every set.
    pub hash: Hash,
    /// Set, feature and hash of the feature's bits, in order.
    pub features: Vec<(&'static str, &'static str, Hash)>,
}

impl Output {
    /// The text of `goldens/FEATURES`: hash, set and feature, a line each.
    #[must_use]
    pub fn features_text(&self) -> String {
        self.features.iter().map(|(set, feature, hash)| format!("{hash}  {set}.{feature}\n")).collect()
    }

    /// The features whose output is not as `golden` records it, as `set.feature`.
    #[must_use]
    pub fn differing(&self, golden: &str) -> Vec<String> {
        let recorded: Vec<&str> = golden.lines().collect();
        let text = self.features_text();
        let differs = |line: &&str| !recorded.contains(line);
        let name = |line: &str| line.split_once("  ").map(|(_, name)| name.to_owned());
        text.lines().filter(differs).filter_map(name).collect()
    }
}

impl FeatureVersion {
    /// A fresh set of that name and these parameters.
    ///
    /// # Errors
    /// [`SetError`] for a set it does not have or parameters the set does not take.
    pub fn open(&self, set: &str, params: &[Param]) -> Result<Box<dyn FeatureSet>, SetError> {
        (self.by_name)(set, params)
    }
}

impl fmt::Debug for FeatureVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for FeatureVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// Why a version has no such set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetError {
    /// No set of that name.
    #[error("{version} has no set {found:?}; it has: {}", known.join(", "))]
    Unknown {
        /// Name of the version's crate.
        version: &'static str,
        /// The name given.
        found: String,
        /// The names there are.
        known: &'static [&'static str],
    },
    /// Parameters it does not take.
    #[error(transparent)]
    Params(#[from] ParamError),
}
