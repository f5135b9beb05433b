//! What a feature version says of itself: its schemas, and its output computed now. Asked of its own `selftest`
//! binary, built from the folder as it is, so that nothing here links a version.

use std::path::PathBuf;
use std::process::Command;

use cargo_metadata::Message;
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

/// Asks the `selftest` of a version. It is not asked by way of `cargo run`, for which a configuration of cargo can name
/// another program to answer; and what cannot be built with the lock file as it is, is not built.
fn run(workspace: &Workspace, name: &str, profile: Profile, arguments: &[&str]) -> Result<String, Error> {
    let line = format!("cargo run --package {name} --bin selftest -- {}", arguments.join(" "));
    let failed = |reason| Error::Command { command: line.clone(), reason };
    let mut build = workspace.cargo();
    build.args(["build", "--quiet", "--locked", "--message-format=json-render-diagnostics"]);
    build.args(["--package", name, "--bin", "selftest"]);
    if profile == Profile::Release {
        build.arg("--release");
    }
    let built = answer(build).map_err(failed)?;
    let Some(selftest) = executable(&built) else {
        return Err(failed("expected cargo to name the program it built, found none".to_owned()));
    };
    let mut ask = Command::new(selftest);
    ask.current_dir(workspace.root()).args(arguments);
    Ok(String::from_utf8_lossy(&answer(ask).map_err(failed)?).into_owned())
}

/// What a command prints; why it failed, where it did.
fn answer(mut command: Command) -> Result<Vec<u8>, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(cargo_error(&String::from_utf8_lossy(&output.stderr)))
    }
}

/// The `selftest` among what cargo says it built.
fn executable(messages: &[u8]) -> Option<PathBuf> {
    let built = |message| match message {
        Ok(Message::CompilerArtifact(artifact)) if artifact.target.name == "selftest" => artifact.executable,
        _ => None,
    };
    Message::parse_stream(messages).find_map(built).map(Into::into)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// A workspace of one package whose `selftest` prints its arguments.
    fn workspace() -> (tempfile::TempDir, Workspace) {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
            fs::write(path, text).unwrap();
        };
        write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"features-v1\"]\n");
        write(
            "features-v1/Cargo.toml",
            "[package]\nname = \"features-v1\"\nversion = \"1.0.0\"\nedition = \"2024\"\n",
        );
        write(
            "features-v1/src/bin/selftest.rs",
            "fn main() { println!(\"{}\", std::env::args().skip(1).collect::<Vec<_>>().join(\" \")); }\n",
        );
        write("features-v1/src/lib.rs", "");
        let target = root.path().join("target");
        let workspace = Workspace::open(root.path()).unwrap().with_target_dir(&target);
        (root, workspace)
    }

    fn asked(workspace: &Workspace) -> Result<String, String> {
        let params = ["a=1".to_owned()];
        Facts::schema_hash(workspace, "features-v1", "core", &params).map_err(|error| error.to_string())
    }

    const FAILED: &str = "`cargo run --package features-v1 --bin selftest -- schema core a=1` failed: ";

    #[test]
    fn the_lock_file_stays_as_it_is() {
        let (root, workspace) = workspace();
        let lock = root.path().join("Cargo.lock");
        let refused = |what: &str| {
            let error = asked(&workspace).unwrap_err();
            let expected =
                format!("{FAILED}error: cannot {what} the lock file {} because --locked", lock.display());
            assert!(error.starts_with(&expected), "{error}");
        };
        refused("create");
        assert!(!lock.exists());
        let stale = "version = 4\n\n[[package]]\nname = \"features-v1\"\nversion = \"0.9.0\"\n";
        fs::write(&lock, stale).unwrap();
        refused("update");
        assert_eq!(fs::read_to_string(&lock).unwrap(), stale);
        fs::write(&lock, stale.replace("0.9.0", "1.0.0")).unwrap();
        assert_eq!(asked(&workspace), Ok("schema core a=1".to_owned()));
    }

    #[test]
    fn no_other_program_answers_in_its_place() {
        let (root, workspace) = workspace();
        fs::write(
            root.path().join("Cargo.lock"),
            "version = 4\n\n[[package]]\nname = \"features-v1\"\nversion = \"1.0.0\"\n",
        )
        .unwrap();
        fs::create_dir(root.path().join(".cargo")).unwrap();
        let runner = "[target.'cfg(all())']\nrunner = [\"cargo\", \"--version\"]\n";
        fs::write(root.path().join(".cargo/config.toml"), runner).unwrap();
        assert_eq!(asked(&workspace), Ok("schema core a=1".to_owned()));
        let failing = "fn main() { eprintln!(\"error: no such set\"); std::process::exit(2) }\n";
        fs::write(root.path().join("features-v1/src/bin/selftest.rs"), failing).unwrap();
        assert_eq!(asked(&workspace), Err(format!("{FAILED}error: no such set")));
    }
}
