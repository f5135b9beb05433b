//! Asks the workspace what an audit must know.

use std::process::Command;

use super::artifacts::{ArtifactFile, judge};
use super::binaries::{Asked, binaries, pinned};
use super::dependencies::dependencies;
use super::page::counted;
use super::{Audit, State};
use crate::rules::deny::LEFT_OUT;
use crate::{Contract, Error, Facts, Git, Graph, Ledger, Profile, Report, Rule, Workspace};

/// The audit of a workspace. `report` is what [`check`](crate::check) found; `artifacts` are the files of a folder, where
/// one was named.
///
/// What cannot be asked of a feature version or of git is said in the audit.
///
/// # Errors
/// [`Error`] where the graph of packages or the folder of the ledger cannot be read: there is no page then.
pub fn read(
    workspace: &Workspace,
    report: Report,
    artifacts: Option<Vec<ArtifactFile>>,
) -> Result<Audit, Error> {
    let graph = Graph::read(workspace)?;
    // Its problems are in the report.
    let (ledger, _) = Ledger::read(workspace)?;
    let ask = |name: String| {
        let facts = Facts::of(workspace, &name, Profile::Debug).map_err(|error| error.to_string());
        (name, facts)
    };
    let asked: Asked = pinned(&graph).into_iter().map(ask).collect();
    let contract = Contract::of(workspace).map_err(|error| error.to_string());
    let binaries = binaries(&graph, &ledger, &asked, &contract);
    let schema_of = |features: &str, set: &str, params: &[String]| {
        Facts::schema_hash(workspace, features, set, params).map_err(|error| error.to_string())
    };
    let artifacts =
        artifacts.map(|files| files.into_iter().map(|file| judge(file, &binaries, &schema_of)).collect());
    Ok(Audit {
        state: state(workspace, &report),
        artifacts,
        binaries,
        problems: report.problems,
        dependencies: dependencies(&graph),
        releases: ledger.records,
    })
}

fn state(workspace: &Workspace, report: &Report) -> State {
    let mut notices = report.notes.clone();
    let git = Git::at(workspace.root());
    let commit = kept(git.head(), "the commit is unknown", &mut notices);
    let changed =
        kept(git.status(), "whether the tree is clean is unknown", &mut notices).map(|files| files.len());
    if let Some(count @ 1..) = changed {
        notices.push(format!("the tree is not the commit: {count} changed, new or gone (git status)"));
    }
    let toolchain = kept(toolchain(workspace), "the toolchain is unknown", &mut notices);
    let is_left_out = report.notes.iter().any(|note| note.starts_with(LEFT_OUT));
    let deny = match report.problems.iter().filter(|problem| problem.rule == Rule::Deny).count() {
        0 if is_left_out => "left out".to_owned(),
        0 => "bans, licences and sources hold".to_owned(),
        count => counted(count, "problem"),
    };
    State { commit, changed, toolchain, deny, notices }
}

fn kept<T>(result: Result<T, Error>, otherwise: &str, notices: &mut Vec<String>) -> Option<T> {
    result.map_err(|error| notices.push(format!("{otherwise}: {error}"))).ok()
}

/// The compiler that this workspace is built with.
fn toolchain(workspace: &Workspace) -> Result<String, Error> {
    let failed = |reason| Error::Command { command: "rustc --version".to_owned(), reason };
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(program).arg("--version").current_dir(workspace.root()).output();
    let output = output.map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}
