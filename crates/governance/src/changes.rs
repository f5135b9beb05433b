//! Changes of text files that are planned as a whole before the first is written, and can be taken back.

use std::collections::BTreeMap;

use feature_api::identity::Source;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::manifest::Lock;
use crate::{Error, Git, Manifest, Workspace, write_whole};

/// A file before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Path from the root.
    pub path: String,
    /// The text it had; `None` where there was no such file.
    pub before: Option<String>,
    /// The text it gets.
    pub after: String,
}

impl Change {
    /// Writes the file.
    pub(crate) fn apply(&self, workspace: &Workspace) -> Result<(), Error> {
        if self.stands(workspace)? {
            return Ok(());
        }
        write_whole(&workspace.root().join(&self.path), &self.after)
    }

    /// Puts the file back.
    pub(crate) fn undo(&self, workspace: &Workspace) -> Result<(), Error> {
        let path = workspace.root().join(&self.path);
        match &self.before {
            Some(text) if now(workspace, &self.path)?.as_ref() != Some(text) => write_whole(&path, text),
            Some(_) => Ok(()),
            None => match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path)(error)),
                _ => Ok(()),
            },
        }
    }

    /// Whether the file is as before, or as it shall be: nobody else has changed it.
    pub(crate) fn is_ours(&self, workspace: &Workspace) -> Result<bool, Error> {
        let text = now(workspace, &self.path)?;
        Ok(text == self.before || text.as_ref() == Some(&self.after))
    }

    /// Whether the file is as it shall be.
    pub(crate) fn stands(&self, workspace: &Workspace) -> Result<bool, Error> {
        Ok(now(workspace, &self.path)?.as_ref() == Some(&self.after))
    }
}

/// The text of a file as it is; `None` where there is none.
fn now(workspace: &Workspace, path: &str) -> Result<Option<String>, Error> {
    let path = workspace.root().join(path);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(path)(error)),
    }
}

/// Puts every file back, as far as can be, and gives what could not.
pub(crate) fn undo(changes: &[Change], workspace: &Workspace) -> Result<(), Error> {
    let failed: Vec<String> = changes
        .iter()
        .filter_map(|change| change.undo(workspace).err())
        .map(|error| error.to_string())
        .collect();
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Error::Refused(format!("could not put back: {}", failed.join("; "))))
    }
}

/// Changes being planned: later edits of a file see the earlier ones.
#[derive(Debug)]
pub(crate) struct Edits<'a> {
    workspace: &'a Workspace,
    changes: BTreeMap<String, Change>,
}

impl<'a> Edits<'a> {
    /// No change yet.
    pub(crate) fn new(workspace: &'a Workspace) -> Self {
        Self { workspace, changes: BTreeMap::new() }
    }

    /// The text of a file as planned; `None` where there is none.
    pub(crate) fn text(&self, path: &str) -> Result<Option<String>, Error> {
        match self.changes.get(path) {
            Some(change) => Ok(Some(change.after.clone())),
            None => now(self.workspace, path),
        }
    }

    /// Plans the text of a file.
    pub(crate) fn set(&mut self, path: &str, after: String) -> Result<(), Error> {
        if let Some(change) = self.changes.get_mut(path) {
            change.after = after;
        } else {
            let before = now(self.workspace, path)?;
            self.changes.insert(path.to_owned(), Change { path: path.to_owned(), before, after });
        }
        Ok(())
    }

    /// The manifest at a path, as planned.
    pub(crate) fn manifest(&self, path: &str) -> Result<Manifest, Error> {
        let text = self.text(path)?.unwrap_or_default();
        Manifest::parse(&self.workspace.root().join(path), &text)
    }

    /// Gives a package of the project another version: in its manifest, in every exact pin that names it in any
    /// manifest of the repository, and in every lock file.
    pub(crate) fn set_version(
        &mut self,
        folder: &str,
        name: &str,
        from: &Version,
        to: &Version,
    ) -> Result<(), Error> {
        let own = format!("{folder}/Cargo.toml");
        for path in manifests(self.workspace)? {
            let mut manifest = self.manifest(&path)?;
            let pins = manifest.set_pins(name, from, to);
            if path == own && !manifest.set_version(to) {
                return Err(Error::Format {
                    path: self.workspace.root().join(path),
                    reason: format!("expected version = \"{from}\" in [package]"),
                });
            }
            if pins > 0 || path == own {
                self.set(&path, manifest.text())?;
            }
        }
        for path in locks(self.workspace)? {
            let text = self.text(&path)?.unwrap_or_default();
            let mut lock = Lock::new(&text);
            lock.set_version(name, from, to);
            if lock.text() != text.replace("\r\n", "\n") {
                self.set(&path, lock.text())?;
            }
        }
        Ok(())
    }

    /// The source of a version as planned. Of what decides a value, manifests alone are planned.
    pub(crate) fn source(&self, version: &crate::Version) -> Result<Source, Error> {
        let folder = tempfile::tempdir().map_err(Error::io(std::env::temp_dir()))?;
        let text = self.text(&format!("{}/Cargo.toml", version.name))?.unwrap_or_default();
        write_whole(&folder.path().join("Cargo.toml"), &text)?;
        let manifest = Source::read(folder.path())?.manifest;
        Ok(Source { files: version.source.files.clone(), manifest })
    }

    /// Plans the sums of every version whose manifest is planned to say something else.
    pub(crate) fn set_sums(&mut self) -> Result<(), Error> {
        for number in self.workspace.version_numbers()? {
            let version = self.workspace.version(number)?;
            let source = self.source(&version)?;
            if source.manifest != version.source.manifest {
                self.set(&format!("{}/SHA256SUMS", version.name), source.sums())?;
            }
        }
        Ok(())
    }

    /// What is planned, by path; a file that stays as it is is none.
    pub(crate) fn finish(self) -> Vec<Change> {
        self.changes.into_values().filter(|change| change.before.as_ref() != Some(&change.after)).collect()
    }
}

/// Paths of the files that are there and that git does not ignore, by patterns of git, sorted.
pub(crate) fn files(workspace: &Workspace, patterns: &[&str]) -> Result<Vec<String>, Error> {
    let mut arguments = vec!["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"];
    arguments.extend(patterns);
    let list = Git::at(workspace.root()).run(&arguments)?;
    let mut paths: Vec<String> =
        list.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    paths.retain(|path| workspace.root().join(path).symlink_metadata().is_ok());
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// Every manifest of the repository.
pub(crate) fn manifests(workspace: &Workspace) -> Result<Vec<String>, Error> {
    files(workspace, &["Cargo.toml", "**/Cargo.toml"])
}

/// Every lock file of the repository.
pub(crate) fn locks(workspace: &Workspace) -> Result<Vec<String>, Error> {
    files(workspace, &["Cargo.lock", "**/Cargo.lock"])
}
