//! Graphs made by hand, for tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::{Graph, Kind, Origin, Package, Use};
use crate::Tier;

/// A graph in the making. Packages of this machine are known by their folder, others by their name.
#[derive(Default)]
pub(crate) struct Toy {
    graph: Graph,
}

impl Toy {
    /// The members that most tests need: a production binary over its feature version and a crate.
    pub(crate) fn bot() -> Self {
        Self::default()
            .production("bins/bot")
            .member("features-v1")
            .member("crates/feature-api")
            .member("crates/base")
            .uses("bins/bot", "features-v1")
            .uses("bins/bot", "crates/base")
            .uses("features-v1", "crates/feature-api")
            .uses("crates/base", "crates/feature-api")
    }

    /// A member without a role.
    pub(crate) fn member(mut self, folder: &str) -> Self {
        self.push(package(folder, true));
        self
    }

    /// A member with a role.
    pub(crate) fn role(mut self, folder: &str, role: &str) -> Self {
        self.push(Package { role: Some(role.to_owned()), ..package(folder, true) });
        self
    }

    pub(crate) fn production(self, folder: &str) -> Self {
        self.role(folder, "production")
    }

    /// A package of this machine that is no member, and that cargo came by.
    pub(crate) fn stranger(mut self, folder: &str) -> Self {
        self.push(package(folder, false));
        self
    }

    /// A manifest that cargo did not come by.
    pub(crate) fn folder(mut self, folder: &str, name: Option<&str>) -> Self {
        self.graph.folders.push((folder.to_owned(), name.map(str::to_owned)));
        self
    }

    pub(crate) fn registry(mut self, name: &str, folder: &str) -> Self {
        let origin = Origin::Registry("elsewhere".to_owned());
        self.graph.packages.push(Package { name: name.to_owned(), origin, ..package(folder, false) });
        self
    }

    pub(crate) fn git(mut self, name: &str, folder: &str) -> Self {
        let origin = Origin::Git("https://git.example/lab#1a2b".to_owned());
        self.graph.packages.push(Package { name: name.to_owned(), origin, ..package(folder, false) });
        self
    }

    /// A normal dependency.
    pub(crate) fn uses(self, from: &str, to: &str) -> Self {
        self.uses_as(from, to, |_| ())
    }

    pub(crate) fn dev(self, from: &str, to: &str) -> Self {
        self.uses_as(from, to, |usage| usage.kind = Kind::Dev)
    }

    pub(crate) fn build(self, from: &str, to: &str) -> Self {
        self.uses_as(from, to, |usage| usage.kind = Kind::Build)
    }

    /// A dependency of any form.
    pub(crate) fn uses_as(mut self, from: &str, to: &str, form: impl FnOnce(&mut Use)) -> Self {
        let index = self.find(to);
        let target = self.graph.packages.get(index).unwrap();
        let mut usage = Use {
            package: target.name.clone(),
            rename: None,
            to: Some(index),
            path: (target.origin == Origin::Path).then(|| target.folder.clone()),
            kind: Kind::Normal,
            requirement: "*".to_owned(),
            optional: false,
            target: None,
            default_features: true,
            features: Vec::new(),
        };
        form(&mut usage);
        let from = self.find(from);
        self.graph.packages.get_mut(from).unwrap().uses.push(usage);
        self
    }

    pub(crate) fn graph(self) -> Graph {
        self.graph
    }

    /// The last of that name.
    pub(crate) fn find(&self, key: &str) -> usize {
        let is_it = |package: &Package| match package.origin {
            Origin::Path => package.folder == key,
            Origin::Registry(_) | Origin::Git(_) => package.name == key,
        };
        match self.graph.packages.iter().rposition(is_it) {
            Some(index) => index,
            None => panic!("no package {key}"),
        }
    }

    fn push(&mut self, package: Package) {
        self.graph.folders.push((package.folder.clone(), Some(package.name.clone())));
        self.graph.packages.push(package);
    }
}

fn package(folder: &str, is_member: bool) -> Package {
    Package {
        name: folder.rsplit('/').next().unwrap_or(folder).to_owned(),
        version: "1.0.0".to_owned(),
        is_member,
        folder: folder.to_owned(),
        origin: Origin::Path,
        tier: Tier::of(folder),
        role: None,
        license: None,
        has_build_script: false,
        features: Vec::new(),
        uses: Vec::new(),
    }
}
