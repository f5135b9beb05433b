//! A production binary names one exact feature version, in its own manifest, and reaches no other.

mod declared;

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Edge;
use crate::{Graph, Kind, Problem, Rule, Tier, Use, Version};

pub use declared::declared;

/// The name of the crate that has every feature version behind one door.
const REGISTRY: &str = "feature-registry";

/// Every production binary: what it declares (see [`declared`]), and what it reaches: no other feature version in
/// what it is built from, and no `feature-registry` there or in its tests.
///
/// `manifests` are the texts of `bins/NAME/Cargo.toml` by folder, `versions` the feature versions as they lie in their
/// folders.
#[must_use]
pub fn pins(graph: &Graph, manifests: &BTreeMap<String, String>, versions: &[Version]) -> Vec<Problem> {
    let mut problems = declared(manifests, versions);
    for (index, package) in graph.packages.iter().enumerate() {
        if !(package.is_member && package.is_production()) {
            continue;
        }
        let Some(text) = manifests.get(&package.folder) else {
            problems.push(Problem::new(
                Rule::Pins,
                package.manifest(),
                "the manifest of a production binary was not read, so that its pin is unknown",
                "make the file readable and run the check again",
            ));
            continue;
        };
        problems.extend(other_versions(graph, index, &declared::names(text)));
        problems.extend(registry(graph, index));
    }
    problems
}

/// Feature versions in what a binary is built from, other than those its manifest names itself.
fn other_versions(graph: &Graph, start: usize, names: &BTreeSet<String>) -> Vec<Problem> {
    let is_version = |usage: &Use| {
        let is_one = graph.target(usage).is_some_and(|target| target.tier == Some(Tier::Features));
        usage.kind != Kind::Dev && (is_one || declared::is_version(&usage.package))
    };
    let is_named = |usage: &Use| {
        let folder = graph.target(usage).map_or(usage.path.as_deref(), |target| Some(target.folder.as_str()));
        names.contains(&usage.package) && folder == Some(usage.package.as_str())
    };
    let ways =
        ways(graph, start, |_, usage| usage.kind != Kind::Dev, |usage| is_version(usage) && !is_named(usage));
    let pinned = match names.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => "none".to_owned(),
        names => names.join(", "),
    };
    let problem = |path: &Vec<Edge>| {
        let (_, usage) = graph.edge(*path.last()?)?;
        Some(Problem::new(
            Rule::Pins,
            graph.packages.get(start)?.manifest(),
            format!(
                "is built from {}, while this manifest pins {pinned}: {}",
                usage.package,
                graph.show(path)
            ),
            format!("{}; only the pin in this manifest says what it trades on", graph.mend(path)),
        ))
    };
    ways.iter().filter_map(problem).collect()
}

/// The registry, in what a binary or its tests are built from.
fn registry(graph: &Graph, start: usize) -> Vec<Problem> {
    let follows = |from: usize, usage: &Use| usage.kind != Kind::Dev || from == start;
    let problem = |path: &Vec<Edge>| {
        Some(Problem::new(
            Rule::Pins,
            graph.packages.get(start)?.manifest(),
            format!("reaches {REGISTRY}, which holds every feature version: {}", graph.show(path)),
            format!("{}; production names its one version, the registry is for research", graph.mend(path)),
        ))
    };
    ways(graph, start, follows, |usage| usage.package == REGISTRY).iter().filter_map(problem).collect()
}

/// The shortest way over each dependency of a kind, nearest first. What lies behind an experiment goes with it, by the
/// rule of imports.
fn ways(
    graph: &Graph,
    start: usize,
    follows: impl Fn(usize, &Use) -> bool,
    is_goal: impl Fn(&Use) -> bool,
) -> Vec<Vec<Edge>> {
    let is_experiment =
        |usage: &Use| graph.target(usage).is_some_and(|target| target.tier == Some(Tier::Experiments));
    let walk = graph.walk([start], |from, usage| follows(from, usage) && !is_experiment(usage));
    let edges = walk.order.iter().flat_map(|package| graph.edges(*package));
    let goals = edges.filter(|(edge, usage)| follows(edge.from, usage) && is_goal(usage));
    goals.map(|(edge, _)| walk.path(edge)).collect()
}

#[cfg(test)]
mod tests;
