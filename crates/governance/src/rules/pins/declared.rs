//! What the manifest of a production binary says of its feature version. Read from the text, so that it can be judged
//! where cargo refuses to resolve the workspace, as it does where the version named is not the one in the folder.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::{Problem, Rule, Version};

/// Every production binary: exactly one `features-vN` among its normal dependencies; by path to the workspace's
/// folder, with `version = "=x.y.z"` as it stands there, for every target, neither optional nor renamed.
///
/// `manifests` are the texts of `bins/NAME/Cargo.toml` by folder, `versions` the feature versions as they lie in their
/// folders.
#[must_use]
pub fn declared(manifests: &BTreeMap<String, String>, versions: &[Version]) -> Vec<Problem> {
    manifests.iter().flat_map(|(folder, text)| manifest(folder, text, versions)).collect()
}

/// Whether a package is a feature version by its name.
pub(super) fn is_version(name: &str) -> bool {
    name.strip_prefix("features-v")
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

/// The feature versions that a manifest names among its normal dependencies.
pub(super) fn names(text: &str) -> BTreeSet<String> {
    let table: Table = toml::from_str(text).unwrap_or_default();
    declarations(&table).into_iter().map(|declaration| declaration.package.to_owned()).collect()
}

fn manifest(folder: &str, text: &str, versions: &[Version]) -> Vec<Problem> {
    let place = format!("{folder}/Cargo.toml");
    let table: Table = match toml::from_str(text) {
        Ok(table) => table,
        Err(error) => {
            let reason = format!("expected a manifest, found what is no TOML: {}", error.to_string().trim());
            return vec![Problem::new(Rule::Pins, place, reason, "mend the manifest")];
        }
    };
    if role(&table) != Some("production") {
        return Vec::new();
    }
    let found = declarations(&table);
    let names: BTreeSet<&str> = found.iter().map(|declaration| declaration.package).collect();
    let mut problems = Vec::new();
    if names.len() != 1 {
        let known: Vec<&str> = versions.iter().map(|version| version.name.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let count = match names.as_slice() {
            [] => "none".to_owned(),
            names => format!("{}: {}", names.len(), names.join(", ")),
        };
        let fix = match names.as_slice() {
            [] => "add the one it trades on to [dependencies], such as",
            _ => "keep the one it trades on, such as",
        };
        let line =
            versions.iter().rfind(|version| names.is_empty() || names.contains(&version.name.as_str()));
        problems.push(Problem::new(
            Rule::Pins,
            &place,
            format!("expected exactly one feature version among its dependencies, found {count}"),
            match line {
                Some(version) => format!("{fix} `{}`", pin(version)),
                None => format!("make a feature version first: there is {}", list(&known)),
            },
        ));
    }
    for declaration in found {
        problems.extend(declaration.problems(folder, &place, versions));
    }
    problems
}

/// The line that pins a version.
fn pin(Version { name, version, .. }: &Version) -> String {
    format!("{name} = {{ path = \"../../{name}\", version = \"={version}\" }}")
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn role(manifest: &Table) -> Option<&str> {
    manifest.get("package")?.get("metadata")?.get("isobar")?.get("role")?.as_str()
}

/// A normal dependency on a feature version, as written.
struct Declaration<'a> {
    key: &'a str,
    package: &'a str,
    /// The target it is for, where not all.
    target: Option<&'a str>,
    value: &'a Value,
}

fn declarations(manifest: &Table) -> Vec<Declaration<'_>> {
    let mut found = Vec::new();
    collect(manifest.get("dependencies"), None, &mut found);
    let targets = manifest.get("target").and_then(Value::as_table);
    for (target, tables) in targets.into_iter().flatten() {
        collect(tables.get("dependencies"), Some(target), &mut found);
    }
    found
}

fn collect<'a>(table: Option<&'a Value>, target: Option<&'a str>, found: &mut Vec<Declaration<'a>>) {
    for (key, value) in table.and_then(Value::as_table).into_iter().flatten() {
        let package = value.get("package").and_then(Value::as_str).unwrap_or(key);
        if is_version(package) {
            found.push(Declaration { key, package, target, value });
        }
    }
}

impl Declaration<'_> {
    fn problems(&self, folder: &str, place: &str, versions: &[Version]) -> Vec<Problem> {
        let package = self.package;
        let problem = |reason: String, fix: String| Problem::new(Rule::Pins, place, reason, fix);
        let Some(version) = versions.iter().find(|version| version.name == package) else {
            let known: Vec<&str> = versions.iter().map(|version| version.name.as_str()).collect();
            return vec![problem(
                format!("depends on {package}, which is no feature version of this workspace"),
                format!("name one that is: {}", list(&known)),
            )];
        };
        let write = format!("write `{}` in [dependencies]", pin(version));
        self.faults(folder, version)
            .into_iter()
            .map(|fault| match fault {
                Fault::Form(reason) => problem(format!("{package} {reason}"), write.clone()),
                Fault::Version(named) => problem(
                    format!(
                        "pins {package} {named}, but {package}/Cargo.toml says {}",
                        version.version
                    ),
                    format!(
                        "{write} where {} is what it shall trade on; else put {package} {named} back into its folder",
                        version.version
                    ),
                ),
            })
            .collect()
    }

    fn faults(&self, folder: &str, version: &Version) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut form = |reason: String| faults.push(Fault::Form(reason));
        let text = |key: &str| self.value.get(key).and_then(Value::as_str);
        let is_on = |key: &str| self.value.get(key).and_then(Value::as_bool) == Some(true);
        if let Some(target) = self.target {
            form(format!("is a dependency for {target} alone: expected one for every target"));
        }
        if self.key != self.package {
            form(format!("is renamed {:?}: expected its own name", self.key));
        }
        if is_on("optional") {
            form("is optional: expected it in every build".to_owned());
        }
        if is_on("workspace") {
            form("takes its pin from [workspace.dependencies]: expected it in this manifest".to_owned());
            return faults;
        }
        match text("path") {
            Some(path) if resolve(folder, path).as_deref() == Some(self.package) => {}
            Some(path) => form(format!("lies in {path:?}: expected \"../../{}\"", self.package)),
            None if text("git").is_some() => {
                form("comes from git: expected the workspace's folder by `path`".into())
            }
            None => form("comes from a registry: expected the workspace's folder by `path`".to_owned()),
        }
        let expected = format!("={}", version.version);
        match self.value.as_str().or_else(|| text("version")) {
            Some(found) if found == expected => {}
            Some(found) => match found.strip_prefix('=').map(semver::Version::parse) {
                Some(Ok(named)) => faults.push(Fault::Version(named)),
                Some(Err(_)) | None => form(format!("is required as {found:?}: expected {expected:?}")),
            },
            None => form(format!("is required without a version: expected {expected:?}")),
        }
        faults
    }
}

/// What is wrong with a declaration.
enum Fault {
    /// How it is written: what was found and what was expected.
    Form(String),
    /// The version it names is not the one in the folder.
    Version(semver::Version),
}

/// A path from a folder, relative to the root; `None` where it leaves the root.
fn resolve(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
