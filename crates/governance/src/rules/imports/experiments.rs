//! Nothing reaches an experiment: by normal, build or dev-dependency, direct or through others, optional, renamed, for
//! another target, by path, from git or from a registry.

use std::collections::BTreeSet;

use crate::graph::Edge;
use crate::{Graph, Kind, Origin, Package, Problem, Rule, Tier, Use};

/// Each production binary that reaches an experiment, with its shortest way there; then every other dependency on an
/// experiment that a member reaches, so that none is left when all are mended.
pub(super) fn reached(graph: &Graph) -> Vec<Problem> {
    let experiments = Experiments::of(graph);
    let members = graph.packages.iter().enumerate().filter(|(_, package)| package.is_member);
    let guarded: Vec<(usize, &Package)> =
        members.filter(|(_, package)| package.tier != Some(Tier::Experiments)).collect();
    let mut told = BTreeSet::new();
    let mut problems = Vec::new();
    for (index, package) in &guarded {
        if package.is_production()
            && let Some(path) = experiments.paths(graph, [*index]).into_iter().next()
        {
            told.extend(path.last().copied());
            problems.extend(problem(graph, &experiments, &path));
        }
    }
    for path in experiments.paths(graph, guarded.iter().map(|(index, _)| *index)) {
        if path.last().is_some_and(|last| !told.contains(last)) {
            problems.extend(problem(graph, &experiments, &path));
        }
    }
    problems
}

/// The experiments there are, and how another package is known to be one of them.
struct Experiments<'a> {
    /// Name and folder of each.
    named: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Experiments<'a> {
    fn of(graph: &'a Graph) -> Self {
        let folders =
            graph.folders.iter().filter_map(|(folder, name)| Some((name.as_deref()?, folder.as_str())));
        let packages = graph.packages.iter().filter(|package| package.origin == Origin::Path);
        let packages = packages.map(|package| (package.name.as_str(), package.folder.as_str()));
        let named = folders.chain(packages);
        Self { named: named.filter(|(_, folder)| Tier::of(folder) == Some(Tier::Experiments)).collect() }
    }

    /// The shortest ways from any of `starts` over each dependency on an experiment, nearest first.
    fn paths(&self, graph: &Graph, starts: impl IntoIterator<Item = usize>) -> Vec<Vec<Edge>> {
        let is_member = |index: usize| graph.packages.get(index).is_some_and(|package| package.is_member);
        // Tests of members run here; those of other packages do not.
        let counts = |from: usize, usage: &Use| usage.kind != Kind::Dev || is_member(from);
        let walk =
            graph.walk(starts, |from, usage| counts(from, usage) && self.evidence(graph, usage).is_none());
        let edges = walk.order.iter().flat_map(|package| graph.edges(*package));
        let leads =
            edges.filter(|(edge, usage)| counts(edge.from, usage) && self.evidence(graph, usage).is_some());
        leads.map(|(edge, _)| walk.path(edge)).collect()
    }

    /// Why a dependency is one on an experiment, where it is: what is to be added to the way there.
    fn evidence(&self, graph: &Graph, usage: &Use) -> Option<String> {
        let is_experiment = |folder: &str| Tier::of(folder) == Some(Tier::Experiments);
        let target = graph.target(usage);
        if let Some(path) = usage.path.as_deref().filter(|path| is_experiment(path)) {
            // The way shows the folder of the package found; where that is another, the declaration says more.
            let is_shown = target.is_none_or(|package| package.folder == path);
            return Some(if is_shown { String::new() } else { format!("; its declared path is {path}") });
        }
        let package = target?;
        if package.tier == Some(Tier::Experiments) {
            return Some(String::new());
        }
        let checkout = match &package.origin {
            Origin::Path => return None,
            Origin::Registry(_) => None,
            Origin::Git(_) => in_checkout(&package.folder),
        };
        if let Some(folder) = checkout.filter(|folder| folder.split('/').any(|part| part == "experiments")) {
            return Some(format!("; its folder in that repository is {folder}"));
        }
        let (_, folder) = self.named.iter().find(|(name, _)| *name == package.name)?;
        Some(format!("; that is the name of the experiment in {folder}"))
    }
}

/// The folder of a package from git within its repository: what follows `git/checkouts/NAME/REVISION/`.
fn in_checkout(folder: &str) -> Option<String> {
    let parts: Vec<&str> = folder.split('/').collect();
    let start = parts.windows(2).position(|pair| pair == ["git", "checkouts"])?;
    Some(parts.get(start + 4..)?.join("/"))
}

fn problem(graph: &Graph, experiments: &Experiments<'_>, path: &[Edge]) -> Option<Problem> {
    let (first, _) = graph.edge(*path.first()?)?;
    let (_, usage) = graph.edge(*path.last()?)?;
    let evidence = experiments.evidence(graph, usage)?;
    let who =
        if first.is_production() { "production reaches an experiment" } else { "reaches an experiment" };
    let is_replaced =
        usage.path.is_none() && graph.target(usage).is_some_and(|package| package.origin == Origin::Path);
    let fix = if is_replaced {
        format!(
            "take out what puts it in the place of {:?}: [patch], [replace] or `paths` of .cargo/config.toml",
            usage.package
        )
    } else if evidence.contains("the name of") {
        format!("{}; where the two have nothing in common, rename the experiment", graph.mend(path))
    } else {
        format!("{}; what others need of an experiment moves to a package under crates/", graph.mend(path))
    };
    Some(Problem::new(Rule::Imports, first.label(), format!("{who}: {}{evidence}", graph.show(path)), fix))
}
