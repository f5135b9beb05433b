//! A released version and the ledger never change.
//!
//! Each folder is judged by the newest release of its crate (`folder`), the ledger by the history of the repository
//! (`history`). What the history says of a release counts, not what the ledger says of itself: a file, its sums and
//! its record edited together, committed on main, differ from the commit that made the release.

mod folder;
mod history;

use std::collections::{BTreeMap, BTreeSet};

use self::history::History;
use crate::{Facts, Git, Ledger, Problem, Record, Rule, Version, Workspace, ledger};

/// What the rule judges.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// Every folder `features-vN`, by its name; why, where it cannot be read.
    versions: BTreeMap<String, Result<Version, String>>,
    /// The ledger of the working tree.
    records: Vec<Record>,
    /// What each version says of itself, by name; why, where it cannot be asked.
    facts: BTreeMap<String, Result<Facts, String>>,
    /// The texts of the records in the working tree, LF, by path.
    texts: BTreeMap<String, String>,
    /// The releases as they were made; why, where that is not known.
    history: Result<History, Problem>,
}

impl Inputs {
    /// Gathers it: the folders' versions, the ledger, what each version says of itself (or why it could not be
    /// asked) by name of its crate, and the history up to HEAD and `base`.
    #[must_use]
    pub fn read(
        workspace: &Workspace,
        git: &Git,
        versions: &[Version],
        ledger: &Ledger,
        facts: &BTreeMap<String, Result<Facts, String>>,
        base: Option<&str>,
    ) -> Self {
        let texts = ledger::texts(workspace);
        let inputs = Self {
            versions: BTreeMap::new(),
            records: ledger.records.clone(),
            facts: facts.clone(),
            history: History::read(git, &texts, base),
            texts,
        };
        inputs.with_folders(workspace, versions)
    }

    /// The same, with the folders as they are now.
    #[must_use]
    pub fn with_folders(mut self, workspace: &Workspace, versions: &[Version]) -> Self {
        self.versions = versions.iter().map(|version| (version.name.clone(), Ok(version.clone()))).collect();
        for number in workspace.version_numbers().unwrap_or_default() {
            let read = || workspace.version(number).map_err(|error| error.to_string());
            self.versions.entry(format!("features-v{number}")).or_insert_with(read);
        }
        self
    }

    /// Every release: as it was made where the history has it, else as the ledger says.
    fn releases(&self) -> Vec<Record> {
        let mut releases: BTreeMap<String, Record> =
            self.records.iter().map(|record| (record.path(), record.clone())).collect();
        for (path, made) in self.history.iter().flat_map(|history| &history.releases) {
            if let Ok(record) = Record::parse(&made.text)
                && record.path() == *path
            {
                releases.insert(path.clone(), record);
            }
        }
        let mut releases: Vec<Record> = releases.into_values().collect();
        releases.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        releases
    }
}

/// Every way in which a released version or the ledger is not as it was released.
#[must_use]
pub fn frozen(inputs: &Inputs) -> Vec<Problem> {
    let releases = inputs.releases();
    let mut problems = match &inputs.history {
        Ok(history) => history.problems(&inputs.texts),
        Err(problem) => vec![problem.clone()],
    };
    problems.extend(releases.windows(2).filter_map(disagreement));
    let names: BTreeSet<&String> =
        releases.iter().map(|record| &record.name).chain(inputs.versions.keys()).collect();
    for name in names {
        let newest = releases.iter().rfind(|record| record.name == *name);
        let made = newest.and_then(|record| inputs.history.as_ref().ok()?.releases.get(&record.path()));
        let place = folder::Folder { newest, made, facts: inputs.facts.get(name) };
        problems.extend(match inputs.versions.get(name) {
            Some(Ok(version)) => place.judge(version),
            Some(Err(error)) => place.unreadable(name, error).into_iter().collect(),
            None => vec![place.gone(name)],
        });
    }
    problems
}

/// Two releases of one crate, one after the other, that do not give the same.
fn disagreement(pair: &[Record]) -> Option<Problem> {
    let [older, newer] = pair else { return None };
    if older.name != newer.name {
        return None;
    }
    let what = if older.output_hash != newer.output_hash {
        format!("the output hash {}, but {} has {}", newer.output_hash, older.version, older.output_hash)
    } else if older.schemas != newer.schemas {
        format!("other schema hashes than {}", older.version)
    } else {
        return None;
    };
    Some(Problem::new(
        Rule::Frozen,
        newer.path(),
        format!("{} {} has {what}; a patch may change text only", newer.name, newer.version),
        "make the change in a new version: cargo xtask new-version",
    ))
}

#[cfg(test)]
mod tests;
