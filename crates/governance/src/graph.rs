//! Which package uses which: the graph of the whole workspace with every cargo feature on, for every target.

mod read;
#[cfg(test)]
pub(crate) mod toy;
mod walk;

use crate::{Error, Tier, Workspace};

pub(crate) use walk::Edge;

/// Where a package's source comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A folder of this machine.
    Path,
    /// A registry.
    Registry(String),
    /// A git repository.
    Git(String),
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Compiled in.
    Normal,
    /// For the build script.
    Build,
    /// For tests, examples and benchmarks.
    Dev,
}

/// A dependency as declared, and what it led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Name of the package depended on.
    pub package: String,
    /// Its name in the code, where it is renamed.
    pub rename: Option<String>,
    /// Index of the package in the graph; `None` where the declaration led to none.
    pub to: Option<usize>,
    /// The folder named by `path`, relative to the root with `/` where it lies inside, else absolute.
    pub path: Option<String>,
    /// What it is for.
    pub kind: Kind,
    /// The version required, as cargo prints it: `=1.0.0`, `^1`, `*`.
    pub requirement: String,
    /// Whether a cargo feature turns it on.
    pub optional: bool,
    /// The target it is for, where not all.
    pub target: Option<String>,
    /// Whether the default features are asked for.
    pub default_features: bool,
    /// Cargo features asked for by name.
    pub features: Vec<String>,
}

/// A package of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Whether it is a member of the workspace.
    pub is_member: bool,
    /// Its folder, relative to the root with `/`; absolute where it lies outside.
    pub folder: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Its tier; `None` of packages outside the root, and of those in a folder of no tier.
    pub tier: Option<Tier>,
    /// `[package.metadata.isobar] role`.
    pub role: Option<String>,
    /// Licence expression.
    pub license: Option<String>,
    /// Whether it runs a build script.
    pub has_build_script: bool,
    /// Names of its cargo features.
    pub features: Vec<String>,
    /// Its dependencies.
    pub uses: Vec<Use>,
}

impl Package {
    /// Whether it is a program that runs with money.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.tier == Some(Tier::Bins) && self.role.as_deref() == Some("production")
    }
}

/// Every package and what it uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// The packages, sorted by name and version.
    pub packages: Vec<Package>,
    /// Folders of every manifest found in the root, member or not, with the names of their packages (`None` for a
    /// manifest without a package); sorted.
    pub folders: Vec<(String, Option<String>)>,
}

impl Graph {
    /// Reads the graph with `cargo metadata --all-features`, without the network where the lock file and the crates
    /// at hand allow it, and without a change of the lock file where there is one.
    ///
    /// # Errors
    /// [`Error`] where cargo cannot resolve the workspace or a manifest cannot be read.
    pub fn read(workspace: &Workspace) -> Result<Self, Error> {
        read::read(workspace)
    }

    /// Indices of what `from` is built from, itself first and the nearest next: everything reached by normal and
    /// build dependencies, and by its own dev-dependencies where `dev`.
    #[must_use]
    pub fn closure(&self, from: usize, dev: bool) -> Vec<usize> {
        self.walk([from], |package, usage| usage.kind != Kind::Dev || (dev && package == from)).order
    }
}
