//! Rule `escapes`: no file outside its package reaches a build.
//!
//! Two nets, since either has holes. The builds: what the compiler read when it compiled each production binary and each
//! feature version, where a file may have come by any trick, but of what is compiled here alone. The texts: sources,
//! manifests, cargo's configuration and links, where nothing is hidden by a `cfg`, but of what is written out alone.

mod builds;
mod links;
mod paths;
mod read;
mod settings;
mod sources;
mod targets;

use toml::Table;

pub(super) use sources::target;

use crate::{Error, Problem, Rule, Scan, Unit, Workspace};

/// A package that may be built into production or stand beside it: `features-v*`, `crates/*`, `bins/*`, `xtask`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Home {
    /// Folder, relative to the root with `/`.
    pub folder: String,
    /// Name of the package.
    pub name: String,
    /// Its manifest.
    pub manifest: Table,
}

/// A Rust source of a [`Home`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Folder of its package.
    pub folder: String,
    /// Path, relative to the root with `/`.
    pub path: String,
    /// Whether a build runs it: a build script does, or it is part of a macro.
    pub in_build_script: bool,
    /// What it says.
    pub scan: Scan,
}

/// A symbolic link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Path, relative to the root with `/`.
    pub path: String,
    /// Folder of the package in which it must stay; `None` where it stands in the place of a package's folder.
    pub folder: Option<String>,
    /// Where it leads, relative to the root with `/`; absolute where outside.
    pub target: String,
}

/// What the rule looks at.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The root, absolute, with `/`.
    pub root: String,
    /// The packages in their tiers, members or not.
    pub homes: Vec<Home>,
    /// Their Rust sources.
    pub texts: Vec<Text>,
    /// Links in them.
    pub links: Vec<Link>,
    /// Manifest of the workspace.
    pub manifest: Table,
    /// Cargo's configuration files outside of `experiments/` and `fuzz/`, and what they include: path and content.
    pub configs: Vec<(String, Table)>,
    /// What was built.
    pub units: Vec<Unit>,
    /// What could not be read or built: a problem each.
    pub unread: Vec<Problem>,
}

/// Every way out of a package.
#[must_use]
pub fn escapes(inputs: &Inputs) -> Vec<Problem> {
    let mut problems = inputs.unread.clone();
    problems.extend(builds::problems(inputs));
    problems.extend(sources::problems(inputs));
    problems.extend(links::problems(inputs));
    problems.extend(settings::problems(inputs));
    problems.extend(targets::problems(inputs));
    problems.sort();
    problems.dedup();
    problems
}

fn problem(place: impl Into<String>, reason: impl Into<String>, fix: impl Into<String>) -> Problem {
    Problem::new(Rule::Escapes, place, reason, fix)
}

/// The problem of something that cannot be read: what is in it cannot be told.
fn unread(place: &str, error: &Error) -> Problem {
    problem(place, cause(error), "mend it: what cannot be read cannot be checked")
}

/// Why something cannot be read, without the place that the problem names.
pub(super) fn cause(error: &Error) -> String {
    match error {
        Error::Io { error, .. } => format!("cannot be read: {error}"),
        Error::Format { reason, .. } => format!("cannot be read: {reason}"),
        Error::Command { .. } | Error::Source(_) | Error::Refused(_) => error.to_string(),
    }
}

/// Reads a file of TOML, by its path from the root.
pub(super) fn read_toml(workspace: &Workspace, path: &str) -> Result<Table, Error> {
    let wrong =
        |error: toml::de::Error| Error::Format { path: path.into(), reason: error.message().to_owned() };
    workspace.text(path).and_then(|text| toml::from_str(&text).map_err(wrong))
}
