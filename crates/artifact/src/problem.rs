//! What is wrong with an artifact.

use feature_api::identity::Hash;
use feature_api::{BarSpec, SetError};
use model::ModelError;
use preprocess::PreprocessError;

use crate::{KeyError, PublicKey};

mod code;

/// What is wrong with an artifact, or with what it is checked against.
///
/// `expected` is what the program demands, or what the artifact itself says; `found` is what there is. Texts of an
/// artifact are shown escaped.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Other bytes than an artifact begins with.
    #[error(
        "expected a file that begins with \"ISOBAR\\r\\n\", found \"{found}\"; this is no artifact, or a transfer \
         changed its line endings: copy it as binary"
    )]
    Magic {
        /// The first bytes, escaped.
        found: String,
    },
    /// Longer than any artifact.
    #[error(
        "expected {what} of at most {limit} bytes, found {found}; this is no artifact that was written whole"
    )]
    TooLarge {
        /// The file, or a part of it.
        what: &'static str,
        /// The longest there may be.
        limit: usize,
        /// What it is, or claims to be.
        found: u64,
    },
    /// Another length than the file's beginning says.
    #[error("expected {expected} bytes, found {found}; the file was cut off or added to: copy it again")]
    Length {
        /// What it must be; for a file that is too short to say so, the least.
        expected: u64,
        /// What it is.
        found: u64,
    },
    /// A statement of being signed that is neither yes nor no.
    #[error("expected 0 (unsigned) or 1 (signed), found {found}; the file is damaged: copy it again")]
    SignedFlag {
        /// What it is.
        found: u32,
    },
    /// Other bytes than were written.
    #[error("expected content of sha256 {expected}, found {found}; the file is damaged: copy it again")]
    Checksum {
        /// As recorded.
        expected: Hash,
        /// Of the bytes.
        found: Hash,
    },
    /// A signer's key without a signature.
    #[error(
        "expected no signer's key without a signature, found {found}; the signature was taken off: sign it again"
    )]
    KeyWithoutSignature {
        /// The key.
        found: Hash,
    },
    /// A signer's key that is no key.
    #[error("expected the signer's public key, found {found}: {error}")]
    SignerKey {
        /// What stands in its place.
        found: Hash,
        /// Why it is no key.
        error: KeyError,
    },
    /// A signature that is not of this content and this key.
    #[error(
        "expected a signature of this content by {signer}, found another; do not use it: have it sealed again"
    )]
    Signature {
        /// The key it claims.
        signer: PublicKey,
    },
    /// No signature where one is demanded.
    #[error(
        "expected a signature by one of {} trusted keys ({}), found none; sign it as it is sealed: `isobar train --sign`, `isobar seal --sign`",
        trusted.len(), list(trusted)
    )]
    Unsigned {
        /// The keys that are trusted.
        trusted: Vec<PublicKey>,
    },
    /// A signature of somebody else.
    #[error(
        "expected a signature by one of {} trusted keys ({}), found one by {signer}; have it signed by one of them, \
         or add this key to the configuration if you trust it",
        trusted.len(), list(trusted)
    )]
    UntrustedSigner {
        /// The keys that are trusted.
        trusted: Vec<PublicKey>,
        /// Who signed.
        signer: PublicKey,
    },
    /// A format that this program is too old for.
    #[error(
        "expected format {supported} or below, found {found}; the artifact is newer than this program: update it"
    )]
    NewerFormat {
        /// The newest that this program reads.
        supported: u32,
        /// The artifact's.
        found: u32,
    },
    /// A format there never was.
    #[error("expected a format from 1 to {supported}, found {found}; this is no artifact of this project")]
    UnknownFormat {
        /// The newest that this program reads.
        supported: u32,
        /// The artifact's.
        found: u32,
    },
    /// A part that cannot be read.
    #[error("{part}: expected its encoding, found bytes that are none: {reason}; have it sealed again")]
    Decode {
        /// The part.
        part: &'static str,
        /// Why not.
        reason: String,
    },
    /// A part that could have been written in another way.
    #[error(
        "{part}: expected the one encoding of its content, found another one; seal it with this project's tools"
    )]
    NotCanonical {
        /// The part.
        part: &'static str,
    },
    /// Other sections than there must be.
    #[error("expected sections {expected}, found {found}; have it sealed again")]
    Sections {
        /// Each once, in order.
        expected: String,
        /// Those there are.
        found: String,
    },
    /// Sections of another length than the body.
    #[error(
        "expected sections of {expected} bytes together, as the body has, found {found}; have it sealed again"
    )]
    SectionLength {
        /// Length of the body.
        expected: u64,
        /// Sum of the sections' lengths.
        found: u128,
    },
    /// Another content of a section than its header says.
    #[error("{section}: expected content of sha256 {expected}, found {found}; have it sealed again")]
    SectionHash {
        /// The section.
        section: &'static str,
        /// As recorded.
        expected: Hash,
        /// Of the bytes.
        found: Hash,
    },
    /// A statement about the artifact that makes no sense.
    #[error(
        "manifest, {field}: expected {expected}, found {found}; have it sealed again with it stated right"
    )]
    Manifest {
        /// The statement.
        field: String,
        /// What it must be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A version that is none.
    #[error("expected a version such as 1.2.3, found {found:?}; have the artifact sealed again")]
    MalformedVersion {
        /// The artifact's.
        found: String,
    },
    /// Features of another crate.
    #[error(
        "expected a model of {expected}, which this program computes, found one of {found:?}; run the program of \
         that version, or train the model again"
    )]
    FeatureCrate {
        /// The program's.
        expected: &'static str,
        /// The artifact's.
        found: String,
    },
    /// Another version of the features.
    #[error(
        "expected a model of version {expected} of {features}, which this program computes, found one of {found:?}; \
         run the program of that version, or train the model again"
    )]
    FeatureVersion {
        /// The crate.
        features: &'static str,
        /// The program's.
        expected: &'static str,
        /// The artifact's.
        found: String,
    },
    /// Other source code of the same version.
    #[error(
        "expected a model of {features} of source hash {expected}, which this program was built from, found {found}; \
         one of them was built from changed files: build from the release, or train the model again"
    )]
    SourceHash {
        /// Crate and version of the program.
        features: String,
        /// The program's.
        expected: Hash,
        /// The artifact's.
        found: Hash,
    },
    /// The configuration names what the program does not have.
    #[error("the configuration: {error}")]
    Config {
        /// Why not.
        error: SetError,
    },
    /// A set or parameters that the program's features do not have.
    #[error("the artifact: {error}; run the program of its version, or train the model again")]
    Set {
        /// Why not.
        error: SetError,
    },
    /// Another set than is configured.
    #[error(
        "expected a model of set {expected:?}, which is configured, found one of {found:?}; configure the other"
    )]
    SetMismatch {
        /// The program's.
        expected: String,
        /// The artifact's.
        found: String,
    },
    /// Other parameters than are configured, or than the set has.
    #[error(
        "expected a model of set {set} with {expected}, {whose}, found one with {found}; configure the same"
    )]
    Params {
        /// The set.
        set: String,
        /// Who demands them.
        whose: &'static str,
        /// Each with its value; those that differ.
        expected: String,
        /// The artifact's.
        found: String,
    },
    /// Another schema under the same names.
    #[error(
        "expected a model of set {set} of schema hash {expected}, which this program computes, found {found}; run \
         the program of its version, or train the model again"
    )]
    SchemaHash {
        /// The set.
        set: String,
        /// The program's.
        expected: Hash,
        /// The artifact's.
        found: Hash,
    },
    /// Other bars than are fed.
    #[error(
        "expected a model of {expected}, which this program feeds, found one of {found}; feed the same bars"
    )]
    Bars {
        /// The program's.
        expected: BarSpec,
        /// The artifact's.
        found: BarSpec,
    },
    /// Other outputs of the same version.
    #[error(
        "expected a model of {features} of output hash {expected}, which this program has recorded, found {found}; \
         train the model again"
    )]
    OutputHash {
        /// Crate and version of the program.
        features: String,
        /// The program's.
        expected: Hash,
        /// The artifact's.
        found: Hash,
    },
    /// This machine computes other bits than were released.
    #[error(
        "self-test of {features}: expected output of hash {expected}, found {found}; this build or this machine \
         computes other bits: do not trade on it, and report compiler and processor"
    )]
    SelfTest {
        /// Crate and version of the program.
        features: String,
        /// As recorded.
        expected: Hash,
        /// As computed now.
        found: Hash,
    },
    /// A preprocessing that is not whole, finite or fitted, or of other features.
    #[error("preprocessing: {error}")]
    Preprocess {
        /// Why not.
        error: PreprocessError,
    },
    /// A model that cannot be made.
    #[error("model: {error}; have the model exported again")]
    Model {
        /// Why not.
        error: ModelError,
    },
    /// A model of other inputs than the preprocessing gives.
    #[error(
        "expected a model of {expected} inputs, which the preprocessing gives, found one of {found}; train it on these"
    )]
    Width {
        /// The preprocessing's.
        expected: usize,
        /// The model's.
        found: usize,
    },
    /// A preprocessing that tells of missing values, and a model that does not know them.
    #[error(
        "expected a model that knows missing values, which the preprocessing gives, found {found}; impute them, or \
         refuse such rows"
    )]
    MissingValues {
        /// The model.
        found: String,
    },
    /// A filter that cannot be evaluated.
    #[error("filters: {error}")]
    Filters {
        /// Why not.
        error: ModelError,
    },
    /// Reference distributions that are not those of the set's features.
    #[error("reference of feature {index}: expected {expected}, found {found}; have it sealed again")]
    Reference {
        /// Index of the feature.
        index: usize,
        /// What it must be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// Nothing that shows that it predicts as it did.
    #[error(
        "expected one probe or more, found none: nothing shows that it predicts as it did; seal it with probes"
    )]
    NoProbes,
    /// A probe that cannot be one.
    #[error("probe {index}: expected {expected}, found {found}; have it sealed again")]
    ProbeShape {
        /// Index of the probe.
        index: usize,
        /// What it must be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// Another prediction than was recorded.
    #[error(
        "probe {index}, {what}: expected {expected:016x} ({}), found {found:016x} ({}); the model or its \
         preprocessing was altered, or this machine computes other bits: do not trade on it",
        f64::from_bits(*expected), f64::from_bits(*found)
    )]
    Probe {
        /// Index of the probe.
        index: usize,
        /// The prediction, or the margin of a member.
        what: String,
        /// Bits of the number recorded.
        expected: u64,
        /// Bits of the number computed now.
        found: u64,
    },
    /// What was not checked, because what it needs is not there. Never less than a failure.
    #[error("not checked: {what}, because of {because:?} above; put that right first")]
    Unchecked {
        /// The checks, in order.
        what: String,
        /// [`Problem::code`] of the problem.
        because: &'static str,
    },
}

fn list(keys: &[PublicKey]) -> String {
    if keys.is_empty() {
        return "there are none: add one to the configuration".to_owned();
    }
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
