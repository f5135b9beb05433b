//! Every rule over a workspace.

use std::collections::BTreeMap;
use std::thread;

use crate::rules::{deny, escapes, frozen, imports, pins, registry, self_contained};
use crate::{Facts, Git, Graph, Ledger, Problem, Profile, Report, Rule, Version, Workspace};

/// How to check.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The branch that released versions are compared with; `origin/main`, else `main`, where none is named.
    pub base: Option<String>,
    /// Whether `cargo deny` must be there: true in CI.
    pub require_deny: bool,
}

/// Runs every rule and collects every problem. What cannot be read or run is a problem of the rule that needs it.
#[must_use]
pub fn check(workspace: &Workspace, options: &Options) -> Report {
    let (mut problems, deny) = thread::scope(|scope| {
        // cargo-deny reads the graph on its own: meanwhile the rest is built and read.
        let deny = scope.spawn(|| deny::Outcome::read(workspace));
        let problems = ours(workspace, options);
        (problems, deny.join())
    });
    let mut notes = Vec::new();
    match deny {
        Ok(outcome) => {
            problems.extend(deny::deny(&outcome, options.require_deny));
            if !options.require_deny {
                notes.extend(outcome.left_out());
            }
        }
        Err(_) => problems.push(unrun(Rule::Deny, "deny.toml", &"the check itself broke off")),
    }
    Report { notes, ..Report::new(problems) }
}

/// Every rule but the one that another program judges.
fn ours(workspace: &Workspace, options: &Options) -> Vec<Problem> {
    let mut problems = Vec::new();
    let versions = versions(workspace, &mut problems);
    let facts: BTreeMap<String, Result<Facts, String>> = versions
        .iter()
        .map(|version| {
            let facts = Facts::of(workspace, &version.name, Profile::Debug);
            (version.name.clone(), facts.map_err(|error| error.to_string()))
        })
        .collect();
    match Graph::read(workspace) {
        Ok(graph) => problems.extend(of_graph(workspace, &graph, &versions)),
        Err(error) => {
            problems.push(unrun(Rule::Imports, "Cargo.toml", &error));
            // Whatever else needs the graph names itself: none of them passes.
            let others = [Rule::Escapes, Rule::Pins, Rule::SelfContained, Rule::Registry];
            problems.extend(others.map(|rule| unrun(rule, "Cargo.toml", &"as the rule imports says")));
        }
    }
    for facts in facts.values().flatten() {
        let text = |file: &str| workspace.text(&format!("{}/{file}", facts.name)).unwrap_or_default();
        problems.extend(registry::version(facts, &text("goldens/FEATURES"), &text("README.md")));
    }
    match Ledger::read(workspace) {
        Ok((ledger, unreadable)) => {
            problems.extend(unreadable);
            let git = Git::at(workspace.root());
            let base = options.base.as_deref();
            let inputs = frozen::Inputs::read(workspace, &git, &versions, &ledger, &facts, base);
            problems.extend(frozen::frozen(&inputs));
        }
        Err(error) => problems.push(unrun(Rule::Frozen, "releases", &error)),
    }
    problems
}

/// The rules over the graph of packages.
fn of_graph(workspace: &Workspace, graph: &Graph, versions: &[Version]) -> Vec<Problem> {
    let mut problems = imports::imports(graph);
    let manifests = manifests(workspace, &mut problems);
    problems.extend(pins::pins(graph, &manifests, versions));
    problems.extend(escapes::escapes(&escapes::Inputs::read(workspace, graph)));
    for version in versions {
        let inputs = self_contained::Inputs::read(workspace, version);
        problems.extend(self_contained::self_contained(version, graph, &inputs));
    }
    let names: Vec<String> = versions.iter().map(|version| version.name.clone()).collect();
    let source = workspace.text("crates/feature-registry/src/lib.rs").ok();
    problems.extend(registry::registered(graph, source.as_deref(), &names));
    problems
}

/// The manifests of the programs, by folder.
fn manifests(workspace: &Workspace, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let mut manifests = BTreeMap::new();
    let folders = std::fs::read_dir(workspace.root().join("bins")).into_iter().flatten().flatten();
    for name in folders.filter_map(|entry| entry.file_name().into_string().ok()) {
        let folder = format!("bins/{name}");
        let path = format!("{folder}/Cargo.toml");
        if workspace.root().join(&path).exists() {
            match workspace.text(&path) {
                Ok(text) => drop(manifests.insert(folder, text)),
                Err(error) => problems.push(unrun(Rule::Pins, &path, &error)),
            }
        }
    }
    manifests
}

/// The versions that can be read; the others are problems.
fn versions(workspace: &Workspace, problems: &mut Vec<Problem>) -> Vec<Version> {
    let numbers = match workspace.version_numbers() {
        Ok(numbers) => numbers,
        Err(error) => {
            problems.push(unrun(Rule::SelfContained, "Cargo.toml", &error));
            return Vec::new();
        }
    };
    let mut versions = Vec::new();
    for number in numbers {
        match workspace.version(number) {
            Ok(version) => versions.push(version),
            Err(error) => {
                let place = format!("features-v{number}");
                problems.push(Problem::new(
                    Rule::SelfContained,
                    place,
                    error.to_string(),
                    "mend it as the reason says",
                ));
            }
        }
    }
    versions
}

/// A rule that could not run.
fn unrun(rule: Rule, place: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::new(
        rule,
        place,
        format!("could not be checked: {error}"),
        "mend what the reason names, and check again",
    )
}
