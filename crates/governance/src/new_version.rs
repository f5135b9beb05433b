//! A new version from the newest, or a patch of a released one.
//!
//! [`next`] copies the folder of the newest version, names it anew, and makes it known to the workspace; the copy
//! builds and gives the same bits at once, so that the diff of the two folders is the change and nothing else. It is
//! made from a released version: a draft may be edited as it is, and a copy of it would leave two drafts of which
//! one is forgotten. Who means that says `--from-draft`.
//!
//! [`patch`] opens a released version for another text of the same values: `1.0.0` becomes `1.0.1-rc.1`, here and in
//! every exact pin.
//!
//! Nothing stays half-made: the folder is put together beside its place and renamed, and where a later step fails
//! every file is put back.

use std::fmt;
use std::path::Path;

use feature_api::identity::Source;

use crate::changes::{Change, Edits, files, locks, undo};
use crate::manifest::{Lock, Tables};
use crate::{Error, Facts, Ledger, Profile, Version, Workspace, goldens, readme, write_whole};

/// A draft that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Name of the crate: `features-v2`.
    pub name: String,
    /// Its version: `2.0.0-rc.1`.
    pub version: semver::Version,
    /// What it was made from: `features-v1 1.0.0`.
    pub from: String,
    /// Files outside of a new folder that were changed, sorted.
    pub changed: Vec<String>,
    /// Its output hash, computed now.
    pub output_hash: String,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, version, from, changed, output_hash } = self;
        let short = name.strip_prefix("features-").unwrap_or(name);
        writeln!(f, "{name} {version} is made from {from}\noutput hash {output_hash}\nchanged:")?;
        changed.iter().try_for_each(|path| writeln!(f, "  {path}"))?;
        if version.patch > 0 {
            return write!(
                f,
                "now edit its texts (no value may change), then:\n  cargo xtask hash {short} --write\n  cargo xtask \
                 check\n  cargo xtask release {short} --patch --reason TEXT --rollback TEXT"
            );
        }
        write!(
            f,
            "now test it (cargo test --package {name}), commit it, and change what you want, each time followed by:\n  \
             cargo xtask golden create {short} --replace\n  cargo xtask hash {short} --write\n  cargo xtask \
             readme\n  cargo xtask check\n  cargo test --package {name}"
        )
    }
}

/// Makes `features-v(N+1)` from the newest version.
///
/// # Errors
/// [`Error::Refused`] where the newest is a draft and `from_draft` is false; [`Error::Format`] where the workspace does
/// not name the newest where the new one must be named; [`Error`] where the copy does not build. The workspace is then
/// as before.
pub fn next(workspace: &Workspace, from_draft: bool) -> Result<Made, Error> {
    let newest = workspace.version_numbers()?.last().copied();
    let newest =
        newest.ok_or_else(|| Error::Refused("there is no feature version to begin with".to_owned()))?;
    let old = workspace.version(newest)?;
    let naming = Naming::after(&old);
    if !old.is_released() && !from_draft {
        return Err(Error::Refused(format!(
            "{} {} is a draft: edit it as it is, or release it first (cargo xtask release {}); to make {} from it all \
             the same: --from-draft",
            old.name,
            old.version,
            old.short(),
            naming.name
        )));
    }
    let differing = old.source.differing(&old.sums);
    if old.is_released() && !differing.is_empty() {
        return Err(Error::Refused(format!(
            "{0} {1} is edited ({2}), and a copy of it would not be of the release; put the edit away (git stash push -- \
             {0}), run this again, and make the edit in {3}",
            old.name,
            old.version,
            differing.join(", "),
            naming.name
        )));
    }
    let folder = workspace.root().join(&naming.name);
    let changes = naming.workspace_changes(workspace)?;
    naming.copy(workspace, &folder)?;
    let made = write_all(&changes, workspace).and_then(|()| naming.finish(workspace));
    match made {
        Ok(facts) => Ok(made_of(&naming.name, naming.version, &old, &changes, facts)),
        Err(error) => {
            let removed = std::fs::remove_dir_all(&folder).map_err(Error::io(folder));
            Err(put_back(error, removed.and(undo(&changes, workspace))))
        }
    }
}

/// Opens a patch of a released version: the next patch number, as a first candidate.
///
/// # Errors
/// [`Error::Refused`] where it is a draft or not in the ledger, or its values are not those of its release. The
/// workspace is then as before.
pub fn patch(workspace: &Workspace, name: &str) -> Result<Made, Error> {
    let old = workspace.find_version(name)?;
    if !old.is_released() {
        let text = format!("{} {} is a draft: edit it as it is", old.name, old.version);
        return Err(Error::Refused(text));
    }
    let (ledger, _) = Ledger::read(workspace)?;
    let record =
        ledger.newest(&old.name).filter(|record| record.version == old.version).ok_or_else(|| {
            Error::Refused(format!(
                "{} {} is not the newest release in releases/: a patch starts from a release",
                old.name, old.version
            ))
        })?;
    let mut version = old.version.clone();
    version.patch += 1;
    version.pre = candidate();
    let mut edits = Edits::new(workspace);
    edits.set_version(&old.name, &old.name, &old.version, &version)?;
    edits.set_sums()?;
    let changes = edits.finish();
    let made = write_all(&changes, workspace).and_then(|()| {
        let facts = Facts::of(workspace, &old.name, Profile::Debug)?;
        if facts.output_hash == record.output_hash {
            return Ok(facts);
        }
        Err(Error::Refused(format!(
            "{name} gives the output {found}, and its release {version} gave {expected}: a patch changes no value",
            name = old.name,
            found = facts.output_hash,
            version = old.version,
            expected = record.output_hash
        )))
    });
    match made {
        Ok(facts) => Ok(made_of(&old.name, version, &old, &changes, facts)),
        Err(error) => Err(put_back(error, undo(&changes, workspace))),
    }
}

fn made_of(name: &str, version: semver::Version, old: &Version, changes: &[Change], facts: Facts) -> Made {
    Made {
        name: name.to_owned(),
        version,
        from: format!("{} {}", old.name, old.version),
        changed: changes.iter().map(|change| change.path.clone()).collect(),
        output_hash: facts.output_hash,
    }
}

fn write_all(changes: &[Change], workspace: &Workspace) -> Result<(), Error> {
    changes.iter().try_for_each(|change| change.apply(workspace))
}

/// The error, with that of putting everything back where that failed too.
fn put_back(error: Error, undone: Result<(), Error>) -> Error {
    let state = match undone {
        Ok(()) => "everything is as before".to_owned(),
        Err(second) => second.to_string(),
    };
    Error::Refused(format!("{error}\n{state}"))
}

/// The first candidate of a release.
fn candidate() -> semver::Prerelease {
    semver::Prerelease::new("rc.1").unwrap_or_default()
}

/// How a version is called, and the next one.
struct Naming {
    old: String,
    old_number: u32,
    name: String,
    number: u32,
    version: semver::Version,
}

impl Naming {
    fn after(old: &Version) -> Self {
        let number = old.number + 1;
        let mut version = semver::Version::new(u64::from(number), 0, 0);
        version.pre = candidate();
        Self {
            old: old.name.clone(),
            old_number: old.number,
            name: format!("features-v{number}"),
            number,
            version,
        }
    }

    /// The text of a file of the old version, as the new one has it: wherever the old one names itself, the new one
    /// does. Versions before the old one stay what they are.
    fn rename(&self, text: &str) -> String {
        let (old, new) = (self.old_number, self.number);
        let mut text = text.to_owned();
        for before in ["features-v", "features_v", "Version ", "version "] {
            // `version 1` in a sentence about something else has no " of the features" behind it.
            let behind = if before.ends_with(' ') { " of the features" } else { "" };
            text = replace_number(&text, before, old, behind, new);
        }
        let commands = text.split_inclusive('\n').map(|line| {
            if line.contains("cargo xtask ") {
                replace_number(line, " v", old, "", new)
            } else {
                line.to_owned()
            }
        });
        commands.collect()
    }

    /// What the rest of the workspace must say of the new version.
    fn workspace_changes(&self, workspace: &Workspace) -> Result<Vec<Change>, Error> {
        let mut edits = Edits::new(workspace);
        let lacks =
            |path: &str, what: String| Error::Format { path: workspace.root().join(path), reason: what };
        let path = "Cargo.toml";
        let mut root = edits.manifest(path)?;
        if !root.add_member(&self.old, &self.name) {
            return Err(lacks(path, format!("expected {:?} among the members of the workspace", self.old)));
        }
        if !root.add_dependency_like(Tables::Workspace, &self.old, &self.name, &self.version) {
            return Err(lacks(path, format!("expected {} in [workspace.dependencies]", self.old)));
        }
        edits.set(path, root.text())?;
        let path = "crates/feature-registry/Cargo.toml";
        let mut registry = edits.manifest(path)?;
        if !registry.add_dependency_like(Tables::Package, &self.old, &self.name, &self.version) {
            return Err(lacks(path, format!("expected {} in [dependencies]", self.old)));
        }
        edits.set(path, registry.text())?;
        let path = "crates/feature-registry/src/lib.rs";
        let text = edits.text(path)?.unwrap_or_default();
        let Some((before, after)) = text.split_once("// new versions above") else {
            return Err(lacks(
                path,
                "expected the line \"// new versions above\" at the end of VERSIONS".to_owned(),
            ));
        };
        let indent = before.rsplit('\n').next().unwrap_or_default();
        let line = format!("&{}::FEATURES,\n{indent}", self.name.replace('-', "_"));
        edits.set(path, format!("{before}{line}// new versions above{after}"))?;
        for path in locks(workspace)? {
            let text = edits.text(&path)?.unwrap_or_default();
            let mut lock = Lock::new(&text);
            lock.add_like(&self.old, &self.name, &self.version, "feature-registry");
            if lock.text() != text.replace("\r\n", "\n") {
                edits.set(&path, lock.text())?;
            }
        }
        Ok(edits.finish())
    }

    /// Puts the folder together beside its place, then renames it.
    fn copy(&self, workspace: &Workspace, folder: &Path) -> Result<(), Error> {
        let root = workspace.root();
        let beside =
            tempfile::Builder::new().prefix(".new-version-").tempdir_in(root).map_err(Error::io(root))?;
        for path in files(workspace, &[&self.old])? {
            let from = root.join(&path);
            let inside = path.strip_prefix(&self.old).unwrap_or(&path).trim_start_matches('/');
            let to = beside.path().join(inside);
            self.copy_file(&from, &to)?;
        }
        let path = beside.path().join("Cargo.toml");
        let mut manifest = crate::Manifest::read(&path)?;
        if !manifest.set_version(&self.version) {
            return Err(Error::Format { path, reason: "expected a version in [package]".to_owned() });
        }
        write_whole(&path, &manifest.text())?;
        write_whole(&beside.path().join("SHA256SUMS"), &Source::read(beside.path())?.sums())?;
        readable_by_all(beside.path())?;
        std::fs::rename(beside.path(), folder).map_err(Error::io(folder))
    }

    fn copy_file(&self, from: &Path, to: &Path) -> Result<(), Error> {
        let parent = to.parent().unwrap_or(to);
        std::fs::create_dir_all(parent).map_err(Error::io(parent))?;
        if from.symlink_metadata().map_err(Error::io(from))?.is_symlink() {
            return Err(Error::Format {
                path: from.to_owned(),
                reason: "a version has no symbolic links".to_owned(),
            });
        }
        // Copied first: with its permissions.
        std::fs::copy(from, to).map_err(Error::io(from))?;
        match String::from_utf8(std::fs::read(from).map_err(Error::io(from))?) {
            Ok(text) => std::fs::write(to, self.rename(&text)).map_err(Error::io(to)),
            // Not a text: it names nobody.
            Err(_) => Ok(()),
        }
    }

    /// Builds the copy, computes its goldens anew, and writes what follows from them.
    fn finish(&self, workspace: &Workspace) -> Result<Facts, Error> {
        // What was written into the lock files is what cargo would have written.
        build_locked(workspace, &[&self.name, "feature-registry"])?;
        let mut facts = Facts::of(workspace, &self.name, Profile::Debug)?;
        let version = workspace.version(self.number)?;
        if goldens::create(workspace, &version, &facts, true)? == goldens::Created::Written {
            facts = Facts::of(workspace, &self.name, Profile::Debug)?;
        }
        let folder = workspace.root().join(&self.name);
        let source = workspace.version(self.number)?.source;
        write_whole(&folder.join("SHA256SUMS"), &source.sums())?;
        write_whole(&folder.join("README.md"), &readme::readme(&facts))?;
        if facts.golden_output_hash != facts.output_hash || facts.source_hash != source.hash().to_string() {
            let text = format!("{}: what was built is not what lies in the folder: {facts:?}", self.name);
            return Err(Error::Refused(text));
        }
        Ok(facts)
    }
}

/// Builds packages, and fails where the lock file would have to change.
fn build_locked(workspace: &Workspace, packages: &[&str]) -> Result<(), Error> {
    let mut command = workspace.cargo();
    command.args(["build", "--quiet", "--locked"]);
    for package in packages {
        command.args(["--package", package]);
    }
    let line = format!("cargo build --locked --package {}", packages.join(" --package "));
    let failed = |reason| Error::Command { command: line.clone(), reason };
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

/// Replaces a number where it stands between two texts as a whole number.
fn replace_number(text: &str, before: &str, old: u32, behind: &str, new: u32) -> String {
    let wanted = format!("{before}{old}");
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, end)) = rest.split_once(&wanted) {
        let whole = end.starts_with(behind) && !end.starts_with(|next: char| next.is_ascii_digit());
        out += start;
        out += &if whole { format!("{before}{new}") } else { wanted.clone() };
        rest = end;
    }
    out + rest
}

/// A temporary folder is its owner's alone; a folder of the repository is everybody's.
#[cfg(unix)]
fn readable_by_all(folder: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).map_err(Error::io(folder))
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path) -> Result<(), Error> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(old_number: u32) -> Naming {
        let number = old_number + 1;
        let (old, name) = (format!("features-v{old_number}"), format!("features-v{number}"));
        Naming { old, old_number, name, number, version: semver::Version::new(u64::from(number), 0, 0) }
    }

    #[test]
    fn a_version_is_named_anew_wherever_it_names_itself() {
        for (text, expected) in [
            ("name = \"features-v1\"\n", "name = \"features-v2\"\n"),
            ("use features_v1::{SETS, by_name};", "use features_v2::{SETS, by_name};"),
            ("//! Version 1 of the features: `core`", "//! Version 2 of the features: `core`"),
            (
                "//! `cargo xtask golden create v1`, `cargo xtask hash v1 --write` and",
                "//! `cargo xtask golden create v2`, `cargo xtask hash v2 --write` and",
            ),
            ("features-v1 and features-v1", "features-v2 and features-v2"),
            // Another number, another thing of the same name.
            ("features-v10, features_v12", "features-v10, features_v12"),
            ("let v1 = 1; // version 1 of the file format", "let v1 = 1; // version 1 of the file format"),
            ("libm = \"1\"\nversion = \"=1.0.0\"\n", "libm = \"1\"\nversion = \"=1.0.0\"\n"),
            ("", ""),
        ] {
            assert_eq!(naming(1).rename(text), expected);
        }
    }

    #[test]
    fn what_is_compared_with_stays() {
        let text = "features_v1::Core against features_v2::Core, as version 1 of the features\n";
        let expected = "features_v1::Core against features_v3::Core, as version 1 of the features\n";
        assert_eq!(naming(2).rename(text), expected);
        assert_eq!(naming(9).rename("features-v9, features-v99"), "features-v10, features-v99");
    }
}
