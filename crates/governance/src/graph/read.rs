//! From what cargo says to the graph.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand, Node, PackageId, TargetKind};

use super::{Graph, Kind, Origin, Package, Use};
use crate::error::cargo_error;
use crate::{Error, Git, Tier, Workspace};

pub(super) fn read(workspace: &Workspace) -> Result<Graph, Error> {
    let metadata = metadata(workspace)?;
    let reading = Reading::new(workspace, &metadata)?;
    let packages: Result<Vec<Package>, Error> =
        reading.packages.iter().map(|from| reading.package(from)).collect();
    Ok(Graph { packages: packages?, folders: folders(workspace)? })
}

/// Asks cargo, first without the network: it is needed only where a crate of another platform was never fetched.
fn metadata(workspace: &Workspace) -> Result<Metadata, Error> {
    // What is checked is the lock file as it is: one that is missing or does not fit is an error, and is not written.
    let mut arguments = vec!["metadata", "--format-version", "1", "--all-features", "--locked"];
    let online = arguments.clone();
    arguments.push("--offline");
    ask(workspace, &arguments).or_else(|_| ask(workspace, &online))
}

fn ask(workspace: &Workspace, arguments: &[&str]) -> Result<Metadata, Error> {
    let failed = |reason| Error::Command { command: format!("cargo {}", arguments.join(" ")), reason };
    let output = workspace.cargo().args(arguments).output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(cargo_error(&String::from_utf8_lossy(&output.stderr))));
    }
    MetadataCommand::parse(String::from_utf8_lossy(&output.stdout)).map_err(|error| failed(error.to_string()))
}

/// What cargo said, ordered.
struct Reading<'a> {
    workspace: &'a Workspace,
    metadata: &'a Metadata,
    /// By name, version, source and folder: the order of the graph.
    packages: Vec<&'a cargo_metadata::Package>,
    index: BTreeMap<&'a PackageId, usize>,
    nodes: BTreeMap<&'a PackageId, &'a Node>,
}

impl<'a> Reading<'a> {
    fn new(workspace: &'a Workspace, metadata: &'a Metadata) -> Result<Self, Error> {
        let mut packages: Vec<&cargo_metadata::Package> = metadata.packages.iter().collect();
        packages.sort_by(|a, b| (&a.name, &a.version, &a.id).cmp(&(&b.name, &b.version, &b.id)));
        let index = packages.iter().enumerate().map(|(index, package)| (&package.id, index)).collect();
        let resolve = metadata.resolve.as_ref().ok_or_else(|| Error::Format {
            path: workspace.root().join("Cargo.toml"),
            reason: "expected cargo metadata to say which package uses which, found nothing".to_owned(),
        })?;
        let nodes = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
        Ok(Self { workspace, metadata, packages, index, nodes })
    }

    fn package(&self, package: &cargo_metadata::Package) -> Result<Package, Error> {
        let manifest = package.manifest_path.as_std_path();
        let folder = place(self.workspace, manifest.parent().unwrap_or(manifest));
        let mut uses = package
            .dependencies
            .iter()
            .map(|declared| self.usage(package, declared))
            .collect::<Result<Vec<Use>, Error>>()?;
        uses.sort_by(|a, b| key(a).cmp(&key(b)));
        Ok(Package {
            name: package.name.to_string(),
            version: package.version.to_string(),
            is_member: self.metadata.workspace_members.contains(&package.id),
            origin: origin(package.source.as_ref().map(|source| source.repr.as_str())),
            tier: Tier::of(&folder),
            folder,
            role: role(&package.metadata),
            license: package.license.clone(),
            has_build_script: package.targets.iter().any(|target| target.is_kind(TargetKind::CustomBuild)),
            features: package.features.keys().cloned().collect(),
            uses,
        })
    }

    fn usage(&self, from: &cargo_metadata::Package, declared: &Dependency) -> Result<Use, Error> {
        let kind = match declared.kind {
            DependencyKind::Normal => Kind::Normal,
            DependencyKind::Build => Kind::Build,
            DependencyKind::Development => Kind::Dev,
            DependencyKind::Unknown => {
                return Err(Error::Format {
                    path: from.manifest_path.clone().into(),
                    reason: format!(
                        "expected {:?} to be a normal, build or dev-dependency; cargo calls it something else",
                        declared.name
                    ),
                });
            }
        };
        Ok(Use {
            package: declared.name.clone(),
            rename: declared.rename.clone(),
            to: self.find(from, declared),
            path: declared.path.as_ref().map(|path| place(self.workspace, path.as_std_path())),
            kind,
            requirement: declared.req.to_string(),
            optional: declared.optional,
            target: declared.target.as_ref().map(ToString::to_string),
            default_features: declared.uses_default_features,
            features: asked_for(from, declared),
        })
    }

    /// The package a declaration led to. cargo lists what a package uses apart from what it declares, so the two are
    /// joined: by name, kind and target, then by the name in the code, then by version. A package without a library is
    /// linked to nothing, and cargo leaves it out.
    fn find(&self, from: &cargo_metadata::Package, declared: &Dependency) -> Option<usize> {
        let node = self.nodes.get(&from.id)?;
        let named = |id: &PackageId| {
            let index = *self.index.get(id)?;
            let package = self.packages.get(index)?;
            (*package.name == declared.name).then_some((index, *package))
        };
        let mut found = Vec::new();
        for dependency in &node.deps {
            let is_it = dependency
                .dep_kinds
                .iter()
                .any(|info| info.kind == declared.kind && info.target == declared.target);
            let in_code = declared.rename.as_ref().map(|rename| rename.replace('-', "_"));
            if is_it && in_code.is_none_or(|rename| rename == dependency.name) {
                found.extend(named(&dependency.pkg));
            }
        }
        let fits = |package: &cargo_metadata::Package| declared.req.matches(&package.version);
        let exact = found.iter().find(|(_, package)| fits(package));
        exact.or(found.first()).map(|(index, _)| *index)
    }
}

/// Cargo features that a declaration asks for, and those that a cargo feature of the package asks for in its name.
fn asked_for(from: &cargo_metadata::Package, declared: &Dependency) -> Vec<String> {
    let mut features = declared.features.clone();
    let name = declared.rename.as_ref().unwrap_or(&declared.name);
    for (dependency, feature) in from.features.values().flatten().filter_map(|text| text.split_once('/')) {
        if dependency.trim_end_matches('?') == name && !features.iter().any(|known| known == feature) {
            features.push(feature.to_owned());
        }
    }
    features
}

/// What orders the dependencies of a package.
fn key(usage: &Use) -> (Kind, &str, Option<&str>, Option<&str>) {
    (usage.kind, &usage.package, usage.rename.as_deref(), usage.target.as_deref())
}

fn origin(source: Option<&str>) -> Origin {
    let Some(source) = source else { return Origin::Path };
    match source.split_once('+') {
        Some(("git", url)) => Origin::Git(url.to_owned()),
        Some(("registry", url)) => Origin::Registry(url.to_owned()),
        Some(_) | None => Origin::Registry(source.to_owned()),
    }
}

/// `metadata.isobar.role`; what is no text there is given as it stands, so that it fits no role.
fn role(metadata: &serde_json::Value) -> Option<String> {
    let role = metadata.get("isobar")?.get("role")?;
    Some(role.as_str().map_or_else(|| role.to_string(), str::to_owned))
}

/// A folder relative to the root, absolute where it lies outside. A symbolic link is where it leads to, but for one
/// that stands among the experiments itself: neither way hides an experiment.
fn place(workspace: &Workspace, folder: &Path) -> String {
    let written = workspace.relative(folder);
    if let Some(written) = written.filter(|written| Tier::of(written) == Some(Tier::Experiments)) {
        return written;
    }
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    workspace.relative(&real).unwrap_or_else(|| real.to_string_lossy().into_owned())
}

/// Every manifest below the root. What cargo builds into, hidden folders, packages fetched by JavaScript's tools, and
/// folders that git ignores hold none of ours; symbolic links are not followed.
fn folders(workspace: &Workspace) -> Result<Vec<(String, Option<String>)>, Error> {
    // Without git nothing is ignored.
    let ignored = Git::at(workspace.root()).ignored_folders().unwrap_or_default();
    let is_ignored =
        |path: &Path| workspace.relative(path).is_some_and(|path| ignored.contains(&(path + "/")));
    let mut found = Vec::new();
    let mut todo: Vec<PathBuf> = vec![workspace.root().to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).map_err(Error::io(&folder))? {
            let entry = entry.map_err(Error::io(&folder))?;
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_folder = entry.file_type().map_err(Error::io(&path))?.is_dir();
            if is_folder && !name.starts_with('.') && name != "target" && name != "node_modules" {
                if !is_ignored(&path) {
                    todo.push(path);
                }
            } else if !is_folder && name == "Cargo.toml" {
                found.push((place(workspace, &folder), package_name(&path)?));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn package_name(manifest: &Path) -> Result<Option<String>, Error> {
    let text = fs::read_to_string(manifest).map_err(Error::io(manifest))?;
    let wrong = |reason| Error::Format { path: manifest.to_owned(), reason };
    let table: toml::Table = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let Some(package) = table.get("package").or_else(|| table.get("project")) else { return Ok(None) };
    match package.get("name").and_then(toml::Value::as_str) {
        Some(name) => Ok(Some(name.to_owned())),
        None => Err(wrong("expected `name` in [package], found none".to_owned())),
    }
}

#[cfg(test)]
mod tests;
