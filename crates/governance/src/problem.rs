//! Something that must not stay: where, which rule, why, and the way out.

use std::fmt;

use serde::Serialize;

/// A rule of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Production, features and crates never reach a package under `experiments/`; each package has one tier.
    Imports,
    /// No file outside its package reaches a build.
    Escapes,
    /// A production binary names one exact feature version.
    Pins,
    /// A released version and the ledger never change.
    Frozen,
    /// A feature version depends on `feature-api` and `libm` alone, and on nothing of the machine.
    SelfContained,
    /// Every feature is declared whole, has its golden, and stands in the README.
    Registry,
    /// `cargo deny`: bans, licences, sources.
    Deny,
}

impl Rule {
    /// Every rule, in order of the reports.
    pub const ALL: [Self; 7] = [
        Self::Imports,
        Self::Escapes,
        Self::Pins,
        Self::Frozen,
        Self::SelfContained,
        Self::Registry,
        Self::Deny,
    ];
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Imports => "imports",
            Self::Escapes => "escapes",
            Self::Pins => "pins",
            Self::Frozen => "frozen",
            Self::SelfContained => "self-contained",
            Self::Registry => "registry",
            Self::Deny => "deny",
        })
    }
}

/// Something that must not stay.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The rule that finds it.
    pub rule: Rule,
    /// A file, with its line where there is one, or a package: relative to the root, with `/`.
    pub place: String,
    /// What is wrong: what was expected and what was found.
    pub reason: String,
    /// What to do.
    pub fix: String,
}

impl Problem {
    /// A problem.
    pub fn new(
        rule: Rule,
        place: impl Into<String>,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { rule, place: place.into(), reason: reason.into(), fix: fix.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, place, reason, fix } = self;
        // Lines that cargo said stand under the first one.
        write!(f, "{place}: {rule}: {}\n    fix: {fix}", reason.replace('\n', "\n    "))
    }
}

/// What the rules found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Every problem, by rule and place; none twice.
    pub problems: Vec<Problem>,
    /// What was left out, and how to have it checked. Nothing that is required is ever left out.
    pub notes: Vec<String>,
}

impl Report {
    /// A report over these problems.
    #[must_use]
    pub fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self { problems, notes: Vec::new() }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        let count = self.problems.len();
        write!(f, "{count} problem{}", if count == 1 { "" } else { "s" })
    }
}
