//! What problems are called in logs and exit codes.

use feature_api::SetError;
use preprocess::PreprocessError;

use crate::Problem;

impl Problem {
    /// The code of the problem that must be put right first: its own, but where something was not checked.
    pub(crate) fn cause(&self) -> &'static str {
        if let Self::Unchecked { because, .. } = self { because } else { self.code() }
    }

    /// A short name that never changes: for logs and exit codes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Magic { .. } => "magic",
            Self::TooLarge { .. } => "too-large",
            Self::Length { .. } => "length",
            Self::SignedFlag { .. } => "signed-flag",
            Self::Checksum { .. } => "checksum",
            Self::KeyWithoutSignature { .. } => "key-without-signature",
            Self::SignerKey { .. } => "signer-key",
            Self::Signature { .. } => "signature",
            Self::Unsigned { .. } => "unsigned",
            Self::UntrustedSigner { .. } => "untrusted-signer",
            Self::NewerFormat { .. } => "newer-format",
            Self::UnknownFormat { .. } => "unknown-format",
            Self::Decode { .. } => "decode",
            Self::NotCanonical { .. } => "not-canonical",
            Self::Sections { .. } => "sections",
            Self::SectionLength { .. } => "section-length",
            Self::SectionHash { .. } => "section-hash",
            Self::Manifest { .. } => "manifest",
            Self::MalformedVersion { .. } => "malformed-version",
            Self::FeatureCrate { .. } => "feature-crate",
            Self::FeatureVersion { .. } => "feature-version",
            Self::SourceHash { .. } => "source-hash",
            Self::Config { .. } => "config",
            Self::Set { error: SetError::Unknown { .. } } => "set-unknown",
            Self::Set { .. } => "params-unknown",
            Self::SetMismatch { .. } => "set",
            Self::Params { .. } => "params",
            Self::SchemaHash { .. } => "schema",
            Self::Bars { .. } => "bars",
            Self::OutputHash { .. } => "output-hash",
            Self::SelfTest { .. } => "self-test",
            Self::Preprocess { error: PreprocessError::MissingScaler } => "missing-scaler",
            Self::Preprocess { error: PreprocessError::NotFitted { .. } } => "unfitted-imputer",
            Self::Preprocess { .. } => "preprocess",
            Self::Model { .. } => "model",
            Self::Width { .. } => "width",
            Self::MissingValues { .. } => "missing-values",
            Self::Filters { .. } => "filters",
            Self::Reference { .. } => "reference",
            Self::NoProbes => "no-probes",
            Self::ProbeShape { .. } => "probe-shape",
            Self::Probe { .. } => "probe",
            Self::Unchecked { .. } => "unchecked",
        }
    }
}
