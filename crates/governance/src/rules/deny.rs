//! The rule deny: what `cargo deny` finds in bans, licences and sources, by the rules of `deny.toml`.
//!
//! It is the second net: it reads the same graph with code that is not ours. Advisories are not asked for: they need
//! the network and change without a commit.

use std::collections::BTreeMap;
use std::io;
use std::process::Command;

use semver::Version;
use serde::Deserialize;

use crate::{Problem, Rule, Workspace};

/// The rules of cargo-deny.
const CONFIG: &str = "deny.toml";
/// What is asked for.
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];
/// How cargo-deny is installed.
const INSTALL: &str = "cargo install --locked cargo-deny";
/// The oldest cargo-deny that is asked: older ones do not read what `deny.toml` says.
const OLDEST: Version = Version::new(0, 20, 0);
/// What every note begins with that says it was not asked.
pub(crate) const LEFT_OUT: &str = "deny: left out";

/// What came of a call of cargo-deny.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There is no `deny.toml`: cargo-deny would check by rules of its own.
    Unconfigured,
    /// cargo-deny is not installed.
    Absent,
    /// It is too old to read the rules.
    TooOld {
        /// Its version.
        found: Version,
    },
    /// It could not be started.
    NotStarted {
        /// The system's reason.
        reason: String,
    },
    /// It ran.
    Ran {
        /// Its exit code; `None` where a signal ended it.
        code: Option<i32>,
        /// Everything it printed: one JSON object a line.
        output: String,
    },
}

impl Outcome {
    /// Runs cargo-deny over the whole workspace with every cargo feature: without the network where what it needs is on
    /// this machine, else with it.
    #[must_use]
    pub fn read(workspace: &Workspace) -> Self {
        if !workspace.root().join(CONFIG).is_file() {
            return Self::Unconfigured;
        }
        match version() {
            Err(outcome) => return outcome,
            Ok(found) if found < OLDEST => return Self::TooOld { found },
            Ok(_) => {}
        }
        let offline = run(workspace, &["--offline"]);
        match &offline {
            Self::Ran { output, .. } if Output::of(output).counts.is_none() => run(workspace, &[]),
            Self::Ran { .. }
            | Self::Unconfigured
            | Self::Absent
            | Self::TooOld { .. }
            | Self::NotStarted { .. } => offline,
        }
    }

    /// What to say where it was not asked, which no problem tells where it is not required.
    #[must_use]
    pub fn left_out(&self) -> Option<String> {
        match self {
            Self::Absent | Self::TooOld { .. } => Some(format!("{LEFT_OUT}, {} ({INSTALL})", self.lack())),
            Self::Unconfigured | Self::NotStarted { .. } | Self::Ran { .. } => None,
        }
    }

    /// What keeps it from being asked; empty where nothing does.
    fn lack(&self) -> String {
        match self {
            Self::Unconfigured => "expected the rules of cargo-deny, found no such file".to_owned(),
            Self::Absent => "cargo-deny is not installed".to_owned(),
            Self::TooOld { found } => format!("cargo-deny {found} is older than {OLDEST}"),
            Self::NotStarted { reason } => format!("cargo-deny cannot be started: {reason}"),
            Self::Ran { .. } => String::new(),
        }
    }
}

/// The version of the cargo-deny there is, or else what keeps it from being asked.
fn version() -> Result<Version, Outcome> {
    let output = cargo_deny().arg("--version").output().map_err(not_started)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let found = text.split_whitespace().next_back().and_then(|word| Version::parse(word).ok());
    found.ok_or_else(|| Outcome::NotStarted { reason: format!("expected its version, found {text:?}") })
}

/// Not by way of cargo: an alias in a configuration could put another program in its place.
fn cargo_deny() -> Command {
    Command::new("cargo-deny")
}

fn not_started(error: io::Error) -> Outcome {
    if error.kind() == io::ErrorKind::NotFound {
        Outcome::Absent
    } else {
        Outcome::NotStarted { reason: error.to_string() }
    }
}

fn run(workspace: &Workspace, network: &[&str]) -> Outcome {
    let mut command = cargo_deny();
    // In the root it reads the root's rules.
    command.current_dir(workspace.root()).args(network);
    command.args(["--locked", "--all-features", "--format", "json", "check"]).args(CHECKS);
    match command.output() {
        Ok(output) => {
            let texts =
                [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
            Outcome::Ran { code: output.status.code(), output: texts.concat() }
        }
        Err(error) => not_started(error),
    }
}

/// Every error of cargo-deny. It is clean only where cargo-deny ended well and counted no error in any of the three;
/// whatever else it did, and nobody understands, is a problem. `required`: it must be there, as in CI.
#[must_use]
pub fn deny(outcome: &Outcome, required: bool) -> Vec<Problem> {
    let one = |fix: &str| vec![Problem::new(Rule::Deny, CONFIG, outcome.lack(), fix)];
    match outcome {
        Outcome::Unconfigured => {
            one("write deny.toml: the licences, sources and bans of this workspace (cargo deny init)")
        }
        Outcome::Absent | Outcome::TooOld { .. } if required => one(INSTALL),
        Outcome::Absent | Outcome::TooOld { .. } => Vec::new(),
        Outcome::NotStarted { .. } => one(INSTALL),
        Outcome::Ran { code, output } => of_run(*code, output),
    }
}

fn of_run(code: Option<i32>, text: &str) -> Vec<Problem> {
    let Output { errors, counts } = Output::of(text);
    let counted: Option<u64> = counts
        .as_ref()
        .and_then(|counts| CHECKS.iter().map(|check| counts.get(*check).map(|count| count.errors)).sum());
    let is_clean = code == Some(0) && counted == Some(0) && errors.is_empty();
    // Every error counted is one that was read: nothing it says is lost on us.
    let is_understood =
        code != Some(0) && !errors.is_empty() && counted.is_none_or(|count| count <= errors.len() as u64);
    let mut problems = errors;
    if !is_clean && !is_understood {
        let code = code.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
        problems.push(Problem::new(
            Rule::Deny,
            CONFIG,
            format!("cargo-deny ended with {code} and an output that is not understood: {}", tail(text)),
            format!("run cargo deny check {}; bring cargo-deny up to date ({INSTALL})", CHECKS.join(" ")),
        ));
    }
    problems
}

/// The end of what was printed, on one line.
fn tail(text: &str) -> String {
    const LETTERS: usize = 600;
    let text = text.trim().replace('\n', " ");
    let skipped = text.chars().count().saturating_sub(LETTERS);
    if skipped == 0 {
        format!("{text:?}")
    } else {
        format!("…{:?}", text.chars().skip(skipped).collect::<String>())
    }
}

/// What cargo-deny printed, as far as it is understood.
#[derive(Debug, Default)]
struct Output {
    errors: Vec<Problem>,
    /// How many errors each check counted; the last thing it prints.
    counts: Option<BTreeMap<String, Count>>,
}

#[derive(Debug, Deserialize)]
struct Count {
    errors: u64,
}

/// A line of `--format json`.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", content = "fields", rename_all = "lowercase")]
enum Line {
    Diagnostic(Diagnostic),
    Log { level: String, message: String },
    Summary(BTreeMap<String, Count>),
}

#[derive(Debug, Deserialize)]
struct Diagnostic {
    severity: String,
    #[serde(default)]
    code: String,
    message: String,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    graphs: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Label {
    line: u64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    span: String,
}

/// A package, and who uses it.
#[derive(Debug, Deserialize)]
struct Node {
    #[serde(rename = "Krate")]
    package: Named,
    #[serde(default)]
    parents: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
    version: String,
}

impl Output {
    fn of(text: &str) -> Self {
        let mut output = Self::default();
        for line in text.lines() {
            match serde_json::from_str(line) {
                Ok(Line::Diagnostic(diagnostic)) if diagnostic.severity == "error" => {
                    output.errors.push(diagnostic.problem());
                }
                Ok(Line::Log { level, message }) if level == "ERROR" => {
                    let fix = "mend what it names; what cannot be found without the network is fetched by cargo fetch";
                    output.errors.push(Problem::new(
                        Rule::Deny,
                        CONFIG,
                        message.trim().replace('\n', " "),
                        fix,
                    ));
                }
                Ok(Line::Summary(counts)) => output.counts = Some(counts),
                // What is no error needs no reading; an error that is not read is missed in the counts.
                Ok(Line::Diagnostic(_) | Line::Log { .. }) | Err(_) => {}
            }
        }
        output
    }
}

impl Diagnostic {
    fn problem(&self) -> Problem {
        let labels: Vec<String> = self.labels.iter().filter_map(Label::text).collect();
        let labels = if labels.is_empty() { String::new() } else { format!(" ({})", labels.join("; ")) };
        let (place, path) = match self.graphs.first() {
            Some(node) => (format!("{} {}", node.package.name, node.package.version), node.path()),
            None => {
                let line = self.labels.first().map(|label| format!(":{}", label.line)).unwrap_or_default();
                (format!("{CONFIG}{line}"), String::new())
            }
        };
        Problem::new(Rule::Deny, place, format!("{}{labels}{path}", self.message), fix(&self.code))
    }
}

impl Label {
    fn text(&self) -> Option<String> {
        (!self.message.is_empty()).then(|| format!("{}: {}", self.message, self.span))
    }
}

impl Node {
    /// One way to it from the workspace.
    fn path(&self) -> String {
        let mut names = vec![self.package.name.as_str()];
        let mut node = self;
        while let Some(parent) = node.parents.first() {
            names.push(&parent.package.name);
            node = parent;
        }
        names.reverse();
        if names.len() == 1 { String::new() } else { format!("; it is reached by {}", names.join(" → ")) }
    }
}

fn fix(code: &str) -> &'static str {
    match code {
        "banned" | "not-allowed" | "unmatched-wrapper" => {
            "remove the dependency; where it must stay, change its entry in deny.toml and write the reason beside it"
        }
        "rejected" | "unlicensed" | "gather-failure" | "parse-error" => {
            "remove the dependency, or add an exception for its licence to deny.toml with the reason"
        }
        "wildcard" => "require a version of it: \"1\", or \"=1.2.3\"",
        code if code.starts_with("source-") || code.starts_with("git-") => {
            "depend on a release of it from crates.io, or copy what is needed into the workspace"
        }
        _ => "do as the message says, in deny.toml or in the manifest of the package",
    }
}

#[cfg(test)]
mod tests;
