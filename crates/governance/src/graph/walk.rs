//! Ways through the graph, shortest first, and how they are printed.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use super::{Graph, Kind, Origin, Package, Use};
use crate::Tier;

/// A dependency of a package: one declaration in one manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    /// Index of the package that declares it.
    pub(crate) from: usize,
    /// Index among its [`Package::uses`].
    pub(crate) usage: usize,
}

/// What was reached, and over which edge first.
#[derive(Debug)]
pub(crate) struct Walk {
    /// Indices of the packages, nearest first.
    pub(crate) order: Vec<usize>,
    via: BTreeMap<usize, Edge>,
}

impl Walk {
    /// The shortest way to the end of `last`, whose package was reached.
    pub(crate) fn path(&self, last: Edge) -> Vec<Edge> {
        let mut path = vec![last];
        let mut package = last.from;
        while let Some(edge) = self.via.get(&package) {
            path.push(*edge);
            package = edge.from;
        }
        path.reverse();
        path
    }
}

impl Graph {
    /// Everything reached from `starts` over the dependencies that `follows` says yes to, breadth first.
    pub(crate) fn walk(
        &self,
        starts: impl IntoIterator<Item = usize>,
        follows: impl Fn(usize, &Use) -> bool,
    ) -> Walk {
        let mut walk = Walk { order: Vec::new(), via: BTreeMap::new() };
        let mut seen = vec![false; self.packages.len()];
        let mut queue: VecDeque<(usize, Option<Edge>)> =
            starts.into_iter().map(|start| (start, None)).collect();
        while let Some((package, edge)) = queue.pop_front() {
            match seen.get_mut(package) {
                Some(seen) if !*seen => *seen = true,
                Some(_) | None => continue,
            }
            walk.order.push(package);
            walk.via.extend(edge.map(|edge| (package, edge)));
            for (edge, usage) in self.edges(package) {
                queue.extend(usage.to.filter(|_| follows(package, usage)).map(|to| (to, Some(edge))));
            }
        }
        walk
    }

    /// The dependencies of a package, with the edges they are.
    pub(crate) fn edges(&self, from: usize) -> impl Iterator<Item = (Edge, &Use)> {
        let uses = self.packages.get(from).map(|package| package.uses.as_slice()).unwrap_or_default();
        uses.iter().enumerate().map(move |(usage, declared)| (Edge { from, usage }, declared))
    }

    /// The package that declares an edge, and its declaration.
    pub(crate) fn edge(&self, edge: Edge) -> Option<(&Package, &Use)> {
        let package = self.packages.get(edge.from)?;
        Some((package, package.uses.get(edge.usage)?))
    }

    /// The package a dependency led to.
    pub(crate) fn target(&self, usage: &Use) -> Option<&Package> {
        self.packages.get(usage.to?)
    }

    /// A way for the eye: `bins/a -> crates/b -> (dev) experiments/c, renamed "d"`.
    pub(crate) fn show(&self, path: &[Edge]) -> String {
        let mut text = String::new();
        for edge in path {
            let Some((from, usage)) = self.edge(*edge) else { continue };
            if text.is_empty() {
                text = from.label();
            }
            text = format!("{text} -> {}", self.show_end(usage));
        }
        text
    }

    fn show_end(&self, usage: &Use) -> String {
        let kind = match usage.kind {
            Kind::Normal => "",
            Kind::Build => "(build) ",
            Kind::Dev => "(dev) ",
        };
        let mut text = match (self.target(usage), &usage.path) {
            (Some(package), _) => format!("{kind}{}", package.label()),
            (None, Some(path)) => format!("{kind}{path}, not resolved"),
            (None, None) => format!("{kind}{}, not resolved", usage.package),
        };
        if let Some(rename) = &usage.rename {
            text = format!("{text}, renamed {rename:?}");
        }
        if usage.optional {
            text = format!("{text}, optional");
        }
        match &usage.target {
            Some(target) => format!("{text}, for {target}"),
            None => text,
        }
    }

    /// How to leave a way: the last of its dependencies that a manifest of ours declares, since those of others cannot
    /// be edited; `take "lab" out of [dev-dependencies] of crates/a/Cargo.toml`.
    pub(crate) fn mend(&self, path: &[Edge]) -> String {
        let declared = |edge: &Edge| self.edge(*edge).filter(|(package, _)| package.is_ours());
        match path.iter().rev().find_map(declared) {
            Some((package, usage)) => {
                let key = usage.rename.as_ref().unwrap_or(&usage.package);
                format!("take {key:?} out of {} of {}", section(usage), package.manifest())
            }
            None => "leave the first dependency of this way".to_owned(),
        }
    }
}

/// The table of a manifest in which a dependency stands.
fn section(usage: &Use) -> String {
    let kind = match usage.kind {
        Kind::Normal => "dependencies",
        Kind::Build => "build-dependencies",
        Kind::Dev => "dev-dependencies",
    };
    match &usage.target {
        Some(target) => format!("[target.'{target}'.{kind}]"),
        None => format!("[{kind}]"),
    }
}

impl Package {
    /// What a reader knows it by: its folder where it is of this machine, else name, version and source.
    pub(crate) fn label(&self) -> String {
        let Self { name, version, .. } = self;
        match &self.origin {
            Origin::Path if self.folder.is_empty() => ".".to_owned(),
            Origin::Path => self.folder.clone(),
            Origin::Registry(_) if self.tier == Some(Tier::Experiments) => self.folder.clone(),
            Origin::Registry(source) => format!("{name} {version} (registry {source})"),
            Origin::Git(source) => format!("{name} {version} (git {source})"),
        }
    }

    /// Whether its manifest is kept with the workspace.
    fn is_ours(&self) -> bool {
        self.is_member || self.origin == Origin::Path && Path::new(&self.folder).is_relative()
    }

    /// Its manifest, for the eye.
    pub(crate) fn manifest(&self) -> String {
        match self.label().as_str() {
            "." => "Cargo.toml".to_owned(),
            label => format!("{label}/Cargo.toml"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::toy::Toy;

    #[test]
    fn a_way_says_of_each_step_what_is_not_plain() {
        let toy = Toy::bot().registry("libm", "/registry/libm").git("lab", "/checkouts/lab");
        let graph = toy
            .uses_as("bins/bot", "crates/base", |usage| {
                usage.kind = Kind::Build;
                usage.rename = Some("ground".to_owned());
                usage.optional = true;
                usage.target = Some("cfg(windows)".to_owned());
            })
            .uses("crates/base", "libm")
            .dev("crates/base", "lab")
            .uses_as("crates/base", "lab", |usage| {
                (usage.to, usage.path) = (None, Some("experiments/lab".into()))
            })
            .uses_as("crates/base", "lab", |usage| usage.to = None)
            .graph();
        let (from, to) = (Edge { from: 0, usage: 2 }, |usage| Edge { from: 3, usage });
        let shown: Vec<String> = (1..=4).map(|usage| graph.show(&[from, to(usage)])).collect();
        let start = "bins/bot -> (build) crates/base, renamed \"ground\", optional, for cfg(windows)";
        assert_eq!(
            shown,
            [
                format!("{start} -> libm 1.0.0 (registry elsewhere)"),
                format!("{start} -> (dev) lab 1.0.0 (git https://git.example/lab#1a2b)"),
                format!("{start} -> experiments/lab, not resolved"),
                format!("{start} -> lab, not resolved"),
            ]
        );
        assert_eq!(
            graph.mend(&[from]),
            "take \"ground\" out of [target.'cfg(windows)'.build-dependencies] of bins/bot/Cargo.toml"
        );
        assert_eq!(
            graph.mend(&[from, to(2)]),
            "take \"lab\" out of [dev-dependencies] of crates/base/Cargo.toml"
        );
    }

    #[test]
    fn a_way_out_is_taken_in_a_manifest_that_can_be_edited() {
        let toy = Toy::bot()
            .git("helper", "/checkouts/helper")
            .stranger("/elsewhere/tool")
            .stranger("experiments/lab");
        let graph = toy
            .uses("crates/base", "helper")
            .uses("helper", "/elsewhere/tool")
            .uses("/elsewhere/tool", "experiments/lab")
            .graph();
        let walk = graph.walk([0], |_, _| true);
        let path = walk.path(Edge { from: 5, usage: 0 });
        assert_eq!(
            graph.show(&path),
            "bins/bot -> crates/base -> helper 1.0.0 (git https://git.example/lab#1a2b) -> /elsewhere/tool -> \
             experiments/lab"
        );
        assert_eq!(graph.mend(&path), "take \"helper\" out of [dependencies] of crates/base/Cargo.toml");
    }

    #[test]
    fn the_shortest_way_is_shown_and_circles_end() {
        let toy = Toy::bot().member("crates/far").member("crates/goal");
        let graph = toy
            .uses("crates/base", "crates/far")
            .uses("crates/far", "crates/goal")
            .dev("crates/goal", "crates/base")
            .uses("crates/base", "crates/goal")
            .member("crates/end")
            .uses("crates/goal", "crates/end")
            .graph();
        let walk = graph.walk([0], |_, _| true);
        assert_eq!(walk.order, [0, 1, 3, 2, 4, 5, 6]);
        assert_eq!(
            graph.show(&walk.path(Edge { from: 5, usage: 1 })),
            "bins/bot -> crates/base -> crates/goal -> crates/end"
        );
    }

    #[test]
    fn a_closure_has_tests_of_its_start_alone() {
        let toy = Toy::bot().member("crates/a").member("crates/b").member("crates/c").member("crates/d");
        let graph = toy
            .dev("bins/bot", "crates/a")
            .dev("crates/base", "crates/b")
            .build("crates/base", "crates/c")
            .dev("crates/a", "crates/d")
            .graph();
        let names = |dev| -> Vec<&str> {
            graph.closure(0, dev).iter().map(|index| graph.packages[*index].name.as_str()).collect()
        };
        assert_eq!(names(false), ["bot", "features-v1", "base", "feature-api", "c"]);
        assert_eq!(names(true), ["bot", "features-v1", "base", "a", "feature-api", "c"]);
        assert_eq!(graph.closure(99, true), Vec::<usize>::new());
    }
}
