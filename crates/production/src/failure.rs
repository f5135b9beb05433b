//! Why the bot does not run, or stopped.

use std::fmt;

use artifact::Problem;

use crate::exit_code::{self, Ending};

/// Why the bot does not run, or stopped: everything that was found, the first of which decides the exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    first: Box<Finding>,
    others: Vec<Finding>,
    /// The whole message, where it is more than that of each finding.
    message: Option<String>,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it ends the program, where it is the first.
    pub ending: Ending,
    /// What was expected, where it can be told apart.
    pub expected: Option<String>,
    /// What was found in its place.
    pub found: Option<String>,
    /// The whole of it, with what to do.
    pub message: String,
}

impl Failure {
    /// The exit code: see the table of the program's `--help`.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.first.ending.exit_code
    }

    /// Its name in logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.first.ending.code
    }

    /// A failure of one finding.
    #[must_use]
    pub fn new(ending: Ending, message: impl fmt::Display) -> Self {
        Finding::new(ending, message).into()
    }

    /// With what was expected and what was found in its place.
    #[must_use]
    pub fn sides(mut self, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        (self.first.expected, self.first.found) = (Some(expected.to_string()), Some(found.to_string()));
        self
    }

    /// Several findings under one message.
    #[must_use]
    pub fn of_many(findings: impl IntoIterator<Item = Finding>, message: String) -> Self {
        let mut findings = findings.into_iter();
        let first = findings.next().unwrap_or_else(|| Finding::new(exit_code::INTERNAL, &message));
        Self { first: Box::new(first), others: findings.collect(), message: Some(message) }
    }

    /// Writes each finding to the log.
    pub fn log(&self) {
        for finding in std::iter::once(&*self.first).chain(&self.others) {
            tracing::error!(
                severity = "critical",
                code = finding.ending.code,
                exit_code = finding.ending.exit_code,
                expected = finding.expected,
                found = finding.found,
                "{}",
                finding.message
            );
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.as_ref().unwrap_or(&self.first.message))
    }
}

impl std::error::Error for Failure {}

impl From<Finding> for Failure {
    fn from(first: Finding) -> Self {
        Self { first: Box::new(first), others: Vec::new(), message: None }
    }
}

impl Finding {
    /// A finding that is its message.
    #[must_use]
    pub fn new(ending: Ending, message: impl fmt::Display) -> Self {
        Self { ending, expected: None, found: None, message: message.to_string() }
    }

    /// A problem of the artifact in that file.
    #[must_use]
    pub fn of_problem(path: &std::path::Path, problem: &Problem) -> Self {
        let (expected, found) = sides(problem).unzip();
        Self {
            ending: exit_code::of_problem(problem.code()),
            expected,
            found,
            message: format!("{}: {problem}", path.display()),
        }
    }
}

/// What a problem expected and what it found, where it says so apart.
fn sides(problem: &Problem) -> Option<(String, String)> {
    fn pair(expected: impl fmt::Display, found: impl fmt::Display) -> Option<(String, String)> {
        Some((expected.to_string(), found.to_string()))
    }
    match problem {
        Problem::Magic { found } => pair("ISOBAR\\r\\n", found),
        Problem::TooLarge { limit, found, .. } => pair(limit, found),
        Problem::SignedFlag { found } => pair("0 or 1", found),
        Problem::Checksum { expected, found }
        | Problem::SourceHash { expected, found, .. }
        | Problem::SchemaHash { expected, found, .. }
        | Problem::OutputHash { expected, found, .. }
        | Problem::SelfTest { expected, found, .. }
        | Problem::SectionHash { expected, found, .. } => pair(expected, found),
        Problem::Unsigned { trusted } => pair(one_of(trusted), "none"),
        Problem::UntrustedSigner { trusted, signer } => pair(one_of(trusted), signer),
        Problem::NewerFormat { supported, found } | Problem::UnknownFormat { supported, found } => {
            pair(supported, found)
        }
        Problem::Sections { expected, found }
        | Problem::Manifest { expected, found, .. }
        | Problem::SetMismatch { expected, found }
        | Problem::Params { expected, found, .. }
        | Problem::Reference { expected, found, .. }
        | Problem::ProbeShape { expected, found, .. } => pair(expected, found),
        Problem::SectionLength { expected, found } => pair(expected, found),
        Problem::FeatureCrate { expected, found } | Problem::FeatureVersion { expected, found, .. } => {
            pair(expected, found)
        }
        Problem::Bars { expected, found } => pair(expected, found),
        Problem::Width { expected, found } => pair(expected, found),
        Problem::Probe { expected, found, .. } => pair(format!("{expected:016x}"), format!("{found:016x}")),
        Problem::Length { .. }
        | Problem::KeyWithoutSignature { .. }
        | Problem::SignerKey { .. }
        | Problem::Signature { .. }
        | Problem::Decode { .. }
        | Problem::NotCanonical { .. }
        | Problem::MalformedVersion { .. }
        | Problem::Config { .. }
        | Problem::Set { .. }
        | Problem::Preprocess { .. }
        | Problem::Model { .. }
        | Problem::MissingValues { .. }
        | Problem::Filters { .. }
        | Problem::NoProbes
        | Problem::Unchecked { .. }
        | _ => None,
    }
}

fn one_of(keys: &[artifact::PublicKey]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}
