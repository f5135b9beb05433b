//! What a feature version says of itself: its schemas, and its output computed now. Asked of its own `selftest`
//! binary, built from the folder as it is, so that nothing here links a version.

use serde::Deserialize;

use crate::error::cargo_error;
use crate::{Error, Workspace};

/// What a feature version says of itself; see `feature_api::selftest`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Facts {
    /// Name of the crate.
    pub name: String,
    /// Exact version of the crate.
    pub version: String,
    /// The source hash that was compiled in.
    pub source_hash: String,
    /// The output hash its goldens record.
    pub golden_output_hash: String,
    /// The output hash computed now.
    pub output_hash: String,
    /// Its sets, in order.
    pub sets: Vec<SetFacts>,
}

/// A set of a version, with the catalogue's parameters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SetFacts {
    /// Name.
    pub name: String,
    /// Schema hash.
    pub schema_hash: String,
    /// Parameters, in order.
    pub params: Vec<ParamFacts>,
    /// Features, in order.
    pub features: Vec<FeatureFacts>,
}

/// A parameter of a set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ParamFacts {
    /// Name.
    pub name: String,
    /// Value, in inputs.
    pub value: u32,
}

/// A feature of a set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FeatureFacts {
    /// Name.
    pub name: String,
    /// Formula, with the parameters in force.
    pub formula: String,
    /// What it means.
    pub doc: String,
    /// Its value where the formula has none.
    pub degenerate: String,
    /// The values it can take, as the README has it.
    pub range: String,
    /// Inputs before the first value.
    pub warm_up: u32,
    /// How far back it looks, as the README has it.
    pub memory: String,
    /// Inputs after which two histories give the same bits; of recursive features alone.
    pub convergence: Option<u32>,
    /// Hash of its output computed now; `None` where the canonical output leaves it out.
    pub output: Option<String>,
    /// Hash of its output in the goldens; `None` where they leave it out.
    pub golden: Option<String>,
}

/// How a version is built before it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// With debug assertions.
    Debug,
    /// Optimised.
    Release,
}

impl Facts {
    /// Builds the `selftest` of a version and asks it.
    ///
    /// # Errors
    /// [`Error::Command`] where it cannot be built (a changed released version refuses) or does not answer.
    pub fn of(workspace: &Workspace, name: &str, profile: Profile) -> Result<Self, Error> {
        let text = run(workspace, name, profile, &["describe"])?;
        serde_json::from_str(&text).map_err(|error| Error::Command {
            command: format!("{name} selftest describe"),
            reason: format!("expected JSON as feature_api::selftest prints it: {error}"),
        })
    }

    /// The schema hash of a set with parameters other than the catalogue's, each `NAME=VALUE`.
    ///
    /// # Errors
    /// [`Error::Command`] where there is no such set or parameter, or the version cannot be built.
    pub fn schema_hash(
        workspace: &Workspace,
        name: &str,
        set: &str,
        params: &[String],
    ) -> Result<String, Error> {
        let mut arguments = vec!["schema", set];
        arguments.extend(params.iter().map(String::as_str));
        Ok(run(workspace, name, Profile::Debug, &arguments)?.trim().to_owned())
    }
}

fn run(workspace: &Workspace, name: &str, profile: Profile, arguments: &[&str]) -> Result<String, Error> {
    let mut command = workspace.cargo();
    command.args(["run", "--quiet", "--package", name, "--bin", "selftest"]);
    if profile == Profile::Release {
        command.arg("--release");
    }
    command.arg("--").args(arguments);
    let line = format!("cargo run --package {name} --bin selftest -- {}", arguments.join(" "));
    let output = command
        .output()
        .map_err(|error| Error::Command { command: line.clone(), reason: error.to_string() })?;
    if !output.status.success() {
        let reason = cargo_error(&String::from_utf8_lossy(&output.stderr));
        return Err(Error::Command { command: line, reason });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
