//! The plan of a release: everything it will do, stored in the git folder until it is done.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Change, Request};
use crate::{Error, Git, Record, Workspace, write_whole};

/// Everything a release does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What was asked for.
    pub request: Request,
    /// The record it adds to the ledger; `record.base` is the commit it starts from.
    pub record: Record,
    /// Every file it writes, sorted.
    pub changes: Vec<Change>,
    /// The message of commit and tag.
    pub message: String,
    /// What else a reader should know.
    pub notes: Vec<String>,
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { record, changes, message, notes, .. } = self;
        writeln!(f, "{} {} would be released from {}", record.name, record.version, record.base)?;
        notes.iter().try_for_each(|note| writeln!(f, "{note}"))?;
        writeln!(f, "\nfiles:")?;
        for change in changes {
            let kind = if change.before.is_none() { "new" } else { "changed" };
            writeln!(f, "  {} ({kind})", change.path)?;
        }
        let path = record.path();
        if let Some(text) = changes.iter().find(|change| change.path == path).map(|change| &change.after) {
            writeln!(f, "\n{path}:\n{text}")?;
        }
        write!(f, "tag {}, commit:\n\n{message}", record.tag())
    }
}

/// The file of the plan in the git folder.
fn place(git: &Git, workspace: &Workspace) -> Result<PathBuf, Error> {
    Ok(workspace.root().join(git.run(&["rev-parse", "--git-path", "isobar-release.json"])?))
}

impl Plan {
    /// The plan of a release that was begun, where there is one.
    pub(super) fn load(git: &Git, workspace: &Workspace) -> Result<Option<Self>, Error> {
        let path = place(git, workspace)?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(path)(error)),
        };
        let plan = serde_json::from_str(&text).map_err(|error| Error::Format {
            path,
            reason: format!(
                "expected the plan of a release that was begun: {error}; delete it to begin anew"
            ),
        })?;
        Ok(Some(plan))
    }

    pub(super) fn store(&self, git: &Git, workspace: &Workspace) -> Result<(), Error> {
        let path = place(git, workspace)?;
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::Format { path: path.clone(), reason: error.to_string() })?;
        write_whole(&path, &text)
    }

    pub(super) fn remove(git: &Git, workspace: &Workspace) -> Result<(), Error> {
        let path = place(git, workspace)?;
        std::fs::remove_file(&path).map_err(Error::io(path))
    }

    /// The commit it made, where it was made: the first behind its base, with every file as planned.
    pub(super) fn commit(&self, git: &Git) -> Result<Option<String>, Error> {
        let range = format!("{}..HEAD", self.record.base);
        // A base that is no longer known has no commit behind it.
        let Ok(list) = git.run(&["rev-list", "--reverse", "--first-parent", &range]) else { return Ok(None) };
        let Some(commit) = list.lines().next() else { return Ok(None) };
        for change in &self.changes {
            let Ok(text) = git.bytes(&["show", &format!("{commit}:./{}", change.path)]) else {
                return Ok(None);
            };
            if text != change.after.as_bytes() {
                return Ok(None);
            }
        }
        Ok(Some(commit.to_owned()))
    }

    /// A release that was begun is finished before another begins.
    pub(super) fn must_be_of(&self, request: &Request) -> Result<(), Error> {
        if self.request == *request {
            return Ok(());
        }
        Err(Error::Refused(format!(
            "a release of {} {} was begun and is not finished; finish it: {}",
            self.record.name,
            self.record.version,
            self.request.command()
        )))
    }

    /// A release goes on where it began, and no file is its own and somebody else's.
    pub(super) fn must_fit(
        &self,
        git: &Git,
        workspace: &Workspace,
        dirt: &[(String, String)],
    ) -> Result<(), Error> {
        let Record { name, version, base, .. } = &self.record;
        let head = git.head()?;
        if head != *base {
            return Err(Error::Refused(format!(
                "a release of {name} {version} was begun at {base}, but HEAD is {head}; go back to finish it (git \
                 checkout {base}), or give it up (git stash --include-untracked)"
            )));
        }
        let mut others = Vec::new();
        for (path, _) in dirt {
            match self.changes.iter().find(|change| change.path == *path) {
                Some(change) if change.is_ours(workspace)? => {}
                _ => others.push(path.clone()),
            }
        }
        if others.is_empty() {
            return Ok(());
        }
        Err(Error::Refused(format!(
            "a release of {name} {version} was begun, and files were changed since that are not its own: {}; put them \
             away and run again",
            others.join(", ")
        )))
    }

    /// Removes the temporary files of a crash in the middle of a write.
    pub(super) fn remove_leftovers(&self, git: &Git, workspace: &Workspace) -> Result<(), Error> {
        for (path, state) in git.status()? {
            let parent = Path::new(&path).parent();
            let beside = self.changes.iter().any(|change| Path::new(&change.path).parent() == parent);
            if state == "??" && beside && is_temporary(&path) {
                let path = workspace.root().join(path);
                std::fs::remove_file(&path).map_err(Error::io(path))?;
            }
        }
        Ok(())
    }
}

/// Whether a file is named as [`write_whole`] names its temporary ones.
fn is_temporary(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let random = name.strip_prefix(".tmp");
    random.is_some_and(|random| random.len() == 6 && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::is_temporary;

    #[test]
    fn temporary_files_are_told_by_their_names() {
        for (path, expected) in [
            ("releases/.tmpAb12xY", true),
            (".tmpAb12xY", true),
            ("releases/.tmpAb12x", false),
            ("releases/.tmpAb12-Y", false),
            ("releases/tmpAb12xY", false),
            ("", false),
        ] {
            assert_eq!(is_temporary(path), expected, "{path}");
        }
    }
}
