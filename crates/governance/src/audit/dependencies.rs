//! What production is built from, and who brings it in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use crate::{Graph, Kind, Origin, Package};

/// A package that production is built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Whether it is of this workspace.
    pub is_own: bool,
    /// Where its source comes from: `this workspace`, `crates.io`, or the place.
    pub source: String,
    /// Licence expression, where it states one.
    pub license: Option<String>,
    /// Whether it runs a program of its own while it is built.
    pub has_build_script: bool,
    /// Names of the production binaries it is built into, or builds.
    pub binaries: Vec<String>,
    /// A shortest way to it from the first of these: names of packages, both ends included.
    pub path: Vec<String>,
}

/// What production is built from, by normal and build dependencies: own packages first, then by name and version.
#[must_use]
pub fn dependencies(graph: &Graph) -> Vec<Dependency> {
    let mut found: BTreeMap<usize, Dependency> = BTreeMap::new();
    for (from, binary) in graph.packages.iter().enumerate().filter(|(_, package)| package.is_production()) {
        for (index, path) in ways(graph, from) {
            let Some(package) = graph.packages.get(index) else { continue };
            let path = path
                .iter()
                .filter_map(|index| graph.packages.get(*index))
                .map(|of| of.name.clone())
                .collect();
            let entry = found.entry(index).or_insert_with(|| dependency(package, path));
            entry.binaries.push(binary.name.clone());
        }
    }
    let mut found: Vec<Dependency> = found.into_values().collect();
    found.sort_by(|a, b| (!a.is_own, &a.name, &a.version).cmp(&(!b.is_own, &b.name, &b.version)));
    found
}

fn dependency(package: &Package, path: Vec<String>) -> Dependency {
    /// How cargo names crates.io, whichever way it is fetched.
    const CRATES_IO: &str = "https://github.com/rust-lang/crates.io-index";
    let (is_own, source) = match &package.origin {
        Origin::Path if package.tier.is_some() => (true, "this workspace".to_owned()),
        Origin::Path => (false, package.folder.clone()),
        Origin::Registry(place) if place.ends_with(CRATES_IO) => (false, "crates.io".to_owned()),
        Origin::Registry(place) | Origin::Git(place) => (false, place.clone()),
    };
    Dependency {
        name: package.name.clone(),
        version: package.version.clone(),
        is_own,
        source,
        license: package.license.clone(),
        has_build_script: package.has_build_script,
        binaries: Vec::new(),
        path,
    }
}

/// Everything that `from` is built from, with a shortest way to each; itself left out.
fn ways(graph: &Graph, from: usize) -> Vec<(usize, Vec<usize>)> {
    let mut seen = BTreeSet::from([from]);
    let mut queue = VecDeque::from([vec![from]]);
    let mut ways = Vec::new();
    while let Some(path) = queue.pop_front() {
        let package = path.last().and_then(|index| graph.packages.get(*index));
        let uses =
            package.into_iter().flat_map(|package| &package.uses).filter(|used| used.kind != Kind::Dev);
        // The packages are sorted, so the way found does not depend on the order of a manifest.
        let next: BTreeSet<usize> = uses.filter_map(|used| used.to).collect();
        for index in next {
            if seen.insert(index) {
                let longer = [path.as_slice(), &[index]].concat();
                ways.push((index, longer.clone()));
                queue.push_back(longer);
            }
        }
    }
    ways
}
