//! The table of tiers: where a package may lie, and whom it may use.

use std::collections::BTreeMap;

use crate::{Graph, Kind, Origin, Package, Problem, Rule, Tier, Use};

/// Each package of this machine lies in a folder of one tier; those of every tier but experiments are members, those
/// of experiments are not.
pub(super) fn placed(graph: &Graph) -> Vec<Problem> {
    // A copy that `cargo vendor` made lies in the root and is no package of ours.
    let vendored: Vec<&str> = {
        let others = graph.packages.iter().filter(|package| package.origin != Origin::Path);
        others.map(|package| package.folder.as_str()).collect()
    };
    let mut found: BTreeMap<&str, (&str, bool)> = BTreeMap::new();
    for (folder, name) in &graph.folders {
        if let Some(name) = name
            && !vendored.contains(&folder.as_str())
        {
            found.insert(folder, (name, false));
        }
    }
    for package in graph.packages.iter().filter(|package| package.origin == Origin::Path) {
        found.insert(&package.folder, (&package.name, package.is_member));
    }
    found.into_iter().filter_map(|(folder, (name, is_member))| misplaced(folder, name, is_member)).collect()
}

fn misplaced(folder: &str, name: &str, is_member: bool) -> Option<Problem> {
    let (reason, fix) = match (Tier::of(folder), is_member) {
        (Some(Tier::Experiments), true) => (
            format!("the experiment {name:?} is a member of the main workspace"),
            format!("list {folder:?} under `exclude` of [workspace] in Cargo.toml, not under `members`"),
        ),
        (Some(Tier::Features | Tier::Crates | Tier::Bins | Tier::Xtask), false) => (
            format!("the package {name:?} is no member of the workspace, so that no rule reads what it uses"),
            format!(
                "list {folder:?} under `members` of [workspace] in Cargo.toml, not under `exclude`, or move it \
                 under experiments/"
            ),
        ),
        (None, _) => (
            format!("the package {name:?} lies in a folder of no tier"),
            "move it to crates/NAME, bins/NAME or experiments/NAME; a feature version is features-vN"
                .to_owned(),
        ),
        (Some(Tier::Experiments), false) => return None,
        (Some(Tier::Features | Tier::Crates | Tier::Bins | Tier::Xtask), true) => return None,
    };
    Some(Problem::new(Rule::Imports, if folder.is_empty() { "." } else { folder }, reason, fix))
}

/// Each binary says whether it runs with money.
pub(super) fn roles(graph: &Graph) -> Vec<Problem> {
    let bins = graph.packages.iter().filter(|package| package.is_member && package.tier == Some(Tier::Bins));
    let wrong = bins.filter_map(|package| {
        let found = match package.role.as_deref() {
            Some("production" | "research") => return None,
            Some(other) => format!("found {other:?}"),
            None => "found none".to_owned(),
        };
        Some(Problem::new(
            Rule::Imports,
            package.manifest(),
            format!("expected the role \"production\" or \"research\", {found}"),
            "write `role = \"production\"` under [package.metadata.isobar] where it runs with money, else `role = \
             \"research\"`",
        ))
    });
    wrong.collect()
}

/// Each member uses what its tier may use. Experiments are judged apart, over every way that leads there.
pub(super) fn uses(graph: &Graph) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (from, package) in graph.packages.iter().enumerate().filter(|(_, package)| package.is_member) {
        for (edge, usage) in graph.edges(from) {
            let target = graph.target(usage).filter(|target| target.origin == Origin::Path);
            let Some(law) = target.and_then(|target| broken(package, target, usage)) else { continue };
            problems.push(Problem::new(
                Rule::Imports,
                package.label(),
                format!("{}; {law}", graph.show(&[edge])),
                graph.mend(&[edge]),
            ));
        }
    }
    problems
}

/// The law that a dependency breaks.
fn broken(from: &Package, to: &Package, usage: &Use) -> Option<&'static str> {
    let in_tests = usage.kind == Kind::Dev;
    let is_allowed = match (from.tier?, to.tier?) {
        (Tier::Features, Tier::Crates) => in_tests || to.name == "feature-api",
        (Tier::Features, Tier::Features) => in_tests,
        (Tier::Crates, Tier::Features) => in_tests || from.name == "feature-registry",
        (Tier::Crates, Tier::Crates) => true,
        (Tier::Features | Tier::Crates, Tier::Bins | Tier::Xtask) => false,
        // Of production, `production` and the rule of pins judge every way, not the first step alone.
        (Tier::Bins, Tier::Bins | Tier::Xtask) if from.is_production() => true,
        (Tier::Bins, Tier::Features | Tier::Crates | Tier::Bins) => true,
        (Tier::Bins, Tier::Xtask) => false,
        (Tier::Xtask, Tier::Crates) => true,
        (Tier::Xtask, Tier::Features | Tier::Bins | Tier::Xtask) => in_tests,
        (Tier::Experiments, _) | (_, Tier::Experiments) => true,
    };
    if is_allowed {
        return None;
    }
    Some(match from.tier? {
        Tier::Features => {
            "a feature version uses feature-api alone, and in its tests crates and other versions"
        }
        Tier::Crates => {
            "a crate uses crates; features only where it is feature-registry or in tests; no binary and no xtask"
        }
        Tier::Bins => "a binary uses crates and features, not xtask",
        Tier::Xtask => "xtask uses crates, and the rest in its tests",
        Tier::Experiments => return None,
    })
}

/// No production binary is built from another binary or from xtask.
pub(super) fn production(graph: &Graph) -> Vec<Problem> {
    let mut problems = Vec::new();
    let binaries = graph.packages.iter().enumerate();
    for (start, package) in binaries.filter(|(_, package)| package.is_member && package.is_production()) {
        // What lies behind a binary or an experiment goes with it.
        let is_end = |tier| matches!(tier, Some(Tier::Bins | Tier::Xtask | Tier::Experiments));
        let goes_on = |usage: &Use| graph.target(usage).is_some_and(|target| !is_end(target.tier));
        let walk = graph.walk([start], |_, usage| usage.kind != Kind::Dev && goes_on(usage));
        let edges = walk.order.iter().flat_map(|package| graph.edges(*package));
        for (edge, usage) in edges.filter(|(_, usage)| usage.kind != Kind::Dev) {
            let Some(target) = graph.target(usage) else { continue };
            if !matches!(target.tier, Some(Tier::Bins | Tier::Xtask)) {
                continue;
            }
            let path = walk.path(edge);
            problems.push(Problem::new(
                Rule::Imports,
                package.label(),
                format!("production is built from {}: {}", target.label(), graph.show(&path)),
                format!("{}; what both need moves to a package under crates/", graph.mend(&path)),
            ));
        }
    }
    problems
}
