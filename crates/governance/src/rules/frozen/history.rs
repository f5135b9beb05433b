//! The releases as the history of the repository has them: append-only, each as the commit that made it.
//!
//! A release is what the first commit that added its record says, on the way to HEAD or to main. Whatever was
//! committed since, on a branch or on main itself, is compared with that; so is whatever the merge base has, which
//! lies on that way. Undoing an edit is enough: nothing stays wrong because it once was.

use std::collections::BTreeMap;

use crate::git::Addition;
use crate::ledger::FOLDER;
use crate::{Error, Git, Problem, Rule};

/// The releases as they were made.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    /// By path of the record.
    pub releases: BTreeMap<String, Made>,
    /// Every tag of a release, with its commit.
    pub tags: BTreeMap<String, String>,
    /// Files of the ledger that git is told to ignore.
    pub ignored: Vec<String>,
}

/// A release as it was made.
#[derive(Debug, Clone, Default)]
pub(super) struct Made {
    /// The commits that added the record with this text, the first one first.
    pub commits: Vec<String>,
    /// A commit that added another text, and does not come after the first.
    pub rival: Option<String>,
    /// The record, LF.
    pub text: String,
    /// `SHA256SUMS` of the crate in that commit, LF.
    pub sums: Option<String>,
}

impl Made {
    /// The commit that made it.
    pub fn commit(&self) -> &str {
        self.commits.first().map_or("", String::as_str)
    }
}

impl History {
    /// Reads it. Where there is no release at all, neither here nor in the history, a repository is not needed.
    pub fn read(git: &Git, texts: &BTreeMap<String, String>, base: Option<&str>) -> Result<Self, Problem> {
        let unread = |error: Error| {
            let reason = format!("cannot be compared with the history: {error}");
            Problem::new(
                Rule::Frozen,
                FOLDER,
                reason,
                "run this in a clone of the repository with its whole history",
            )
        };
        let head = match git.commit("HEAD") {
            Ok(head) => head,
            Err(error) if texts.is_empty() && error.to_string().contains("not a git repository") => {
                return Ok(Self::default());
            }
            Err(error) => return Err(unread(error)),
        };
        // Even where no record is left: what is cut off may have added one.
        if git.is_shallow().map_err(unread)? {
            return Err(shallow());
        }
        let base = || {
            git.base(base).map_err(|error| match &error {
                Error::Refused(reason) => no_base(reason),
                Error::Io { .. } | Error::Format { .. } | Error::Command { .. } | Error::Source(_) => {
                    unread(error)
                }
            })
        };
        let head = match head {
            Some(head) => head,
            // Before the first commit nothing is history; a branch without a commit comes after main.
            None if !git.has_refs().map_err(unread)? => return Ok(Self::default()),
            None => base()?,
        };
        let here = git.additions(&[&head], FOLDER).map_err(unread)?;
        if texts.is_empty() && !here.iter().any(|addition| is_record(&addition.path)) {
            return Ok(Self::default());
        }
        let there = git.additions(&[&base()?, &format!("^{head}")], FOLDER).map_err(unread)?;
        // What main alone has is of no concern to a branch behind it, unless the branch has a record of that name too.
        let there = there.into_iter().filter(|addition| texts.contains_key(&addition.path));
        let additions: Vec<Addition> =
            here.into_iter().chain(there).filter(|addition| is_record(&addition.path)).collect();
        Self::of(git, &additions).map_err(unread)
    }

    fn of(git: &Git, additions: &[Addition]) -> Result<Self, Error> {
        let mut history =
            Self { tags: git.tags("features-v")?, ignored: git.ignored(FOLDER)?, ..Self::default() };
        let records = texts(git, additions.iter().map(|addition| addition.blob.clone()))?;
        let sums = texts(git, additions.iter().map(sums_of))?;
        for ((addition, text), sums) in additions.iter().zip(records).zip(sums) {
            let Addition { commit, path, .. } = addition;
            let text = text.unwrap_or_default();
            let Some(made) = history.releases.get_mut(path) else {
                let made = Made { commits: vec![commit.clone()], rival: None, text, sums };
                history.releases.insert(path.clone(), made);
                continue;
            };
            if made.text == text {
                made.commits.push(commit.clone());
            } else if !git.is_ancestor(made.commit(), commit)? {
                made.rival = Some(commit.clone());
            }
        }
        Ok(history)
    }

    /// Every record of the working tree (`texts`, by path) that is not as it was added, or is gone.
    pub fn problems(&self, texts: &BTreeMap<String, String>) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (path, made) in &self.releases {
            let commit = short(made.commit());
            let undo = format!("undo it: git checkout {commit} -- {path}");
            let mut found = |reason: String| problems.push(Problem::new(Rule::Frozen, path, reason, &undo));
            match texts.get(path) {
                None => found(format!(
                    "the ledger is append-only, but this record, added by commit {commit}, is gone"
                )),
                Some(text) if *text != made.text => found(format!(
                    "a record never changes, but differs from what commit {commit} added: {}",
                    first_difference(&made.text, text)
                )),
                Some(_) => {}
            }
            if let Some(rival) = &made.rival {
                let reason = format!(
                    "was added with one text by commit {commit} and with another by commit {}: two releases of one version",
                    short(rival)
                );
                let fix = "keep the release that was used, and make the other one a new version: cargo xtask new-version";
                problems.push(Problem::new(Rule::Frozen, path, reason, fix));
            }
        }
        for path in self.ignored.iter().filter(|path| texts.contains_key(*path)) {
            let reason = "git is told to ignore this record, so no history keeps it";
            let fix = format!("remove it from .gitignore and commit it: git add --force {path}");
            problems.push(Problem::new(Rule::Frozen, path, reason, fix));
        }
        problems.extend(texts.keys().filter_map(|path| self.tag_problem(path)));
        problems
    }

    /// A tag of a release that stands for another commit than the one that added the record.
    fn tag_problem(&self, path: &str) -> Option<Problem> {
        let (name, version) = split(path)?;
        let tag = format!("{name}/{version}");
        let tagged = self.tags.get(&tag)?;
        let made = self.releases.get(path);
        if made.is_some_and(|made| made.commits.contains(tagged)) {
            return None;
        }
        let tagged = short(tagged);
        let (reason, fix) = match made {
            Some(made) => (
                format!(
                    "the tag {tag} is at commit {tagged}, but the record was added by commit {}",
                    short(made.commit())
                ),
                format!(
                    "put the tag back: git tag --force --annotate --message {tag} {tag} {}",
                    short(made.commit())
                ),
            ),
            None => (
                format!(
                    "the tag {tag} is at commit {tagged}, but no commit on the way to HEAD or main added the record"
                ),
                format!(
                    "{name} {version} is released there: take its record (git checkout {tagged} -- {path}), or delete the tag (git tag --delete {tag})"
                ),
            ),
        };
        Some(Problem::new(Rule::Frozen, path, reason, fix))
    }
}

/// `COMMIT:./features-vN/SHA256SUMS`, of the crate whose record was added.
fn sums_of(addition: &Addition) -> String {
    let name = split(&addition.path).map_or("", |(name, _)| name);
    format!("{}:./{name}/SHA256SUMS", addition.commit)
}

fn texts(git: &Git, names: impl Iterator<Item = String>) -> Result<Vec<Option<String>>, Error> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    let blobs = git.blobs(&names.collect::<Vec<_>>())?;
    Ok(blobs.into_iter().map(|blob| blob.map(text)).collect())
}

/// Name and version of the crate whose record has this path: `releases/features-v1-1.0.0.toml`.
fn split(path: &str) -> Option<(&str, semver::Version)> {
    let stem = path.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".toml")?;
    let (number, version) = stem.strip_prefix("features-v")?.split_once('-')?;
    let name = stem.get(.."features-v".len() + number.len())?;
    let version = semver::Version::parse(version).ok()?;
    let released = version.pre.is_empty() && version.build.is_empty();
    (released && number == version.major.to_string()).then_some((name, version))
}

fn is_record(path: &str) -> bool {
    split(path).is_some()
}

/// The first twelve digits of a commit's name.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

fn first_difference(expected: &str, found: &str) -> String {
    let (mut expected, mut found) = (expected.lines(), found.lines());
    let mut number = 0;
    loop {
        number += 1;
        let line = |line: Option<&str>| line.map_or_else(|| "no line".to_owned(), |line| format!("`{line}`"));
        match (expected.next(), found.next()) {
            (None, None) => return "the line end at the end".to_owned(),
            (expected, found) if expected == found => {}
            (expected, found) => {
                return format!("line {number}: expected {}, found {}", line(expected), line(found));
            }
        }
    }
}

fn shallow() -> Problem {
    Problem::new(
        Rule::Frozen,
        FOLDER,
        "this is a shallow clone: releases cannot be compared with the commits that made them",
        "git fetch --unshallow (in CI: check out with the whole history, fetch-depth 0)",
    )
}

fn no_base(reason: &str) -> Problem {
    let reason = format!("releases cannot be compared with main: {reason}");
    Problem::new(Rule::Frozen, FOLDER, reason, "get the branch as said, or name another one with --base")
}

#[cfg(test)]
mod tests;
