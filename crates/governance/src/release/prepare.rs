//! Whether a version may be released, and everything that releasing it will do.

use std::collections::BTreeMap;
use std::path::Path;

use super::changelog::{self, Against};
use super::plan::Plan;
use super::refusal::refused;
use super::{Request, contract, texts};
use crate::changes::{Edits, files};
use crate::ledger::{Contract, Validation};
use crate::{Error, Facts, Git, Ledger, Manifest, Options, Profile, Record, Report, Version, Workspace};

/// What is to be done.
pub(super) enum Prepared {
    /// Nothing: it is released.
    Already(Box<Record>),
    /// This.
    Plan(Box<Plan>),
}

/// Finds every reason against a release; where there is none, plans it.
pub(super) fn prepare(
    workspace: &Workspace,
    git: &Git,
    version: &Version,
    request: &Request,
    dirt: &[(String, String)],
    (options, check): (&Options, &dyn Fn() -> Report),
) -> Result<Prepared, Error> {
    let (ledger, _) = Ledger::read(workspace)?;
    if let Some(record) = already(git, version, &ledger, dirt)? {
        return Ok(Prepared::Already(Box::new(record)));
    }
    let mut to = version.version.clone();
    to.pre = semver::Prerelease::EMPTY;
    let newest = ledger.newest(&version.name);
    let mut reasons = asked(request);
    reasons.extend(repository(git, dirt, options, &format!("{}/{to}", version.name)));
    reasons.extend(number(version, &to, request.patch, newest));
    reasons.extend(pins(workspace, version, &request.pins)?);
    let facts = Facts::of(workspace, &version.name, Profile::Debug);
    match &facts {
        Ok(facts) => {
            if let Some(old) = newest.filter(|_| request.patch) {
                reasons.extend(values(old, facts));
                reasons.extend(texts::changed_code(workspace, git, version, old)?);
            }
        }
        Err(error) => reasons.push(error.to_string()),
    }
    let report = check();
    if !report.is_clean() {
        reasons.push(format!("cargo xtask check finds {report}"));
    }
    match facts {
        Ok(facts) if reasons.is_empty() => {
            let mut plan =
                Draft { workspace, git, version, to, request, facts: &facts, ledger: &ledger }.plan()?;
            // What the check left out is said with the release.
            plan.notes.extend(report.notes);
            Ok(Prepared::Plan(Box::new(plan)))
        }
        _ => Err(refused(&format!("{} {} is not released", version.name, version.version), &reasons)),
    }
}

/// The record of a version that is released, with its tag.
fn already(
    git: &Git,
    version: &Version,
    ledger: &Ledger,
    dirt: &[(String, String)],
) -> Result<Option<Record>, Error> {
    if !version.is_released() {
        return Ok(None);
    }
    let Version { name, version: number, .. } = version;
    let record = ledger.records.iter().find(|record| record.name == *name && record.version == *number);
    let Some(record) = record else {
        return Err(Error::Refused(format!(
            "{name} {number} has no pre-release number and no record in releases/; set its version to {number}-rc.1, \
             here and in every pin, and release it"
        )));
    };
    let (path, tag) = (record.path(), record.tag());
    if dirt.iter().any(|(other, _)| *other == path) {
        return Err(Error::Refused(format!("{path} is not as in HEAD: undo that (git checkout -- {path})")));
    }
    if git.commit(&format!("refs/tags/{tag}"))?.is_none() {
        return Err(Error::Refused(format!(
            "{name} {number} is released, but the tag {tag} is not here: git fetch --tags origin"
        )));
    }
    Ok(Some(record.clone()))
}

fn asked(request: &Request) -> Vec<String> {
    let texts = [
        (&request.reason, "the reason is missing: --reason TEXT says why it is released"),
        (
            &request.rollback,
            "the rollback plan is missing: --rollback TEXT says what to do where it must be taken back",
        ),
    ];
    texts.iter().filter(|(text, _)| text.is_empty()).map(|(_, reason)| (*reason).to_owned()).collect()
}

/// What of the repository is against a release.
fn repository(git: &Git, dirt: &[(String, String)], options: &Options, tag: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    if !dirt.is_empty() {
        const NAMED: usize = 10;
        let paths: Vec<&str> = dirt.iter().take(NAMED).map(|(path, _)| path.as_str()).collect();
        let more = dirt.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        reasons.push(format!("the tree is not clean: commit or put away {}{more}", paths.join(", ")));
    }
    match git.is_shallow() {
        Ok(false) => {}
        Ok(true) => {
            let cut =
                "the history is cut off, and released files are compared with it: git fetch --unshallow";
            reasons.push(cut.to_owned());
        }
        Err(error) => reasons.push(error.to_string()),
    }
    if let Err(error) = git.base(options.base.as_deref()).and_then(|base| git.merge_base(&base)) {
        reasons.push(error.to_string());
    }
    if let Err(error) = git.run(&["var", "GIT_COMMITTER_IDENT"]) {
        reasons.push(error.to_string());
    }
    match git.commit(&format!("refs/tags/{tag}")) {
        Ok(None) => {}
        Ok(Some(commit)) => {
            reasons.push(format!("the tag {tag} is there already, at {commit}: find out whose it is"))
        }
        Err(error) => reasons.push(error.to_string()),
    }
    reasons
}

/// Whether the number is one that may be released.
fn number(version: &Version, to: &semver::Version, patch: bool, newest: Option<&Record>) -> Vec<String> {
    let first = to.minor == 0 && to.patch == 0;
    let mut reasons = Vec::new();
    match (patch, newest) {
        (false, _) if !first => reasons.push(format!(
            "{to} is a patch of {name}, which changes no value: say so with --patch; values change in a new version \
             (cargo xtask new-version)",
            name = version.name
        )),
        (true, None) => {
            reasons.push(format!("--patch: {} has no release yet to be a patch of; leave --patch out", version.name));
        }
        (true, Some(_)) if first => reasons.push(format!("--patch: {to} is no patch number; leave --patch out")),
        (true, Some(_)) | (false, _) => {}
    }
    if let Some(newest) = newest.filter(|newest| newest.version >= *to) {
        reasons.push(format!("{to} is not newer than {}, which is released", newest.version));
    }
    reasons
}

/// Whether a patch gives the values of the release before.
fn values(old: &Record, facts: &Facts) -> Vec<String> {
    let mut pairs = vec![("output hash".to_owned(), Some(&old.output_hash), Some(&facts.output_hash))];
    let now: BTreeMap<&String, &String> =
        facts.sets.iter().map(|set| (&set.name, &set.schema_hash)).collect();
    let mut names: Vec<&String> = old.schemas.keys().chain(now.keys().copied()).collect();
    names.sort();
    names.dedup();
    for name in names {
        pairs.push((format!("schema hash of {name}"), old.schemas.get(name), now.get(name).copied()));
    }
    let text = |hash: Option<&String>| hash.cloned().unwrap_or_else(|| "none".to_owned());
    let wrong = pairs.into_iter().filter(|(_, expected, found)| expected != found);
    wrong
        .map(|(what, expected, found)| {
            format!(
                "--patch: the {what} is {}, and {} in {} {}: a patch changes no value; make a new version (cargo xtask \
                 new-version)",
                text(found),
                text(expected),
                old.name,
                old.version
            )
        })
        .collect()
}

/// Whether the production binaries that pin the version are those that are named.
fn pins(workspace: &Workspace, version: &Version, named: &[String]) -> Result<Vec<String>, Error> {
    let mut production = BTreeMap::new();
    for path in files(workspace, &["bins/*/Cargo.toml"])? {
        let manifest = Manifest::read(&workspace.root().join(&path))?;
        if manifest.role() == Some("production") {
            let name = manifest.name().unwrap_or_default().to_owned();
            production.insert(name, (path, manifest.pins(&version.name, &version.version)));
        }
    }
    let Version { name, version: number, .. } = version;
    let mut reasons = Vec::new();
    for (bin, (path, pins)) in &production {
        if *pins && !named.contains(bin) {
            reasons.push(format!("{path} pins {name} ={number} and would no longer build: add --pin {bin}"));
        }
    }
    for bin in named {
        match production.get(bin) {
            Some((_, true)) => {}
            Some((path, false)) => reasons.push(format!(
                "--pin {bin}: {path} does not pin {name} ={number}; what a binary trades on is changed in a commit of \
                 its own, before the release"
            )),
            None => {
                let known: Vec<&str> = production.keys().map(String::as_str).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                reasons.push(format!("--pin {bin}: there is no production binary of that name; there are: {known}"));
            }
        }
    }
    Ok(reasons)
}

/// A release that nothing is against.
struct Draft<'a> {
    workspace: &'a Workspace,
    git: &'a Git,
    version: &'a Version,
    to: semver::Version,
    request: &'a Request,
    facts: &'a Facts,
    ledger: &'a Ledger,
}

impl Draft<'_> {
    fn plan(&self) -> Result<Plan, Error> {
        let Version { name, version: from, .. } = self.version;
        let mut edits = Edits::new(self.workspace);
        let mut notes = Vec::new();
        edits.set_version(name, name, from, &self.to)?;
        let mut contract = Contract::of(self.workspace)?;
        if let Some((from, to)) = released_contract(&contract.version)? {
            edits.set_version(contract::FOLDER, "feature-api", &from, &to)?;
            contract.version = to.to_string();
            notes.push(format!(
                "feature-api {from} is released with it, as {to}: a released version cannot pin a draft of the contract"
            ));
        }
        edits.set_sums()?;
        let record = self.record(&edits, contract)?;
        edits.set(&record.path(), record.text()?)?;
        let entry = self.changelog_entry(&record)?;
        let changelog = changelog::with_entry(edits.text(changelog::PATH)?.as_deref(), &entry);
        edits.set(changelog::PATH, changelog)?;
        let changes = edits.finish();
        Ok(Plan { request: self.request.clone(), message: message(&record), record, changes, notes })
    }

    fn record(&self, edits: &Edits<'_>, contract: Contract) -> Result<Record, Error> {
        let (facts, source) = (self.facts, edits.source(self.version)?);
        Ok(Record {
            name: self.version.name.clone(),
            version: self.to.clone(),
            date: jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
            reason: self.request.reason.clone(),
            rollback: self.request.rollback.clone(),
            toolchain: toolchain(self.workspace.root())?,
            base: self.git.head()?,
            source_hash: source.hash().to_string(),
            output_hash: facts.golden_output_hash.clone(),
            schemas: facts.sets.iter().map(|set| (set.name.clone(), set.schema_hash.clone())).collect(),
            contract,
            // Both outputs are run, and compared with the golden, before the record is committed.
            validation: Validation {
                sets: facts.sets.len(),
                features: facts.sets.iter().map(|set| set.features.len()).sum(),
                files: source.files.len(),
                debug_output_hash: facts.golden_output_hash.clone(),
                release_output_hash: facts.golden_output_hash.clone(),
                problems: 0,
            },
        })
    }

    fn changelog_entry(&self, record: &Record) -> Result<String, Error> {
        if let Some(old) = self.ledger.newest(&record.name) {
            return Ok(changelog::entry(record, self.facts, &Against::Same(old)));
        }
        let older = (1..self.version.number).rev();
        let before = older.filter_map(|number| self.ledger.newest(&format!("features-v{number}"))).next();
        let Some(before) = before else { return Ok(changelog::entry(record, self.facts, &Against::Nothing)) };
        let facts = Facts::of(self.workspace, &before.name, Profile::Debug)?;
        Ok(changelog::entry(record, self.facts, &Against::Before(before, &facts)))
    }
}

/// The version of the contract without its pre-release number, where it has one.
fn released_contract(version: &str) -> Result<Option<(semver::Version, semver::Version)>, Error> {
    let from = semver::Version::parse(version)
        .map_err(|error| Error::Refused(format!("{}: version {version:?}: {error}", contract::FOLDER)))?;
    let mut to = from.clone();
    to.pre = semver::Prerelease::EMPTY;
    Ok((to != from).then_some((from, to)))
}

/// The message of commit and tag.
fn message(record: &Record) -> String {
    let Record { name, version, reason, rollback, source_hash, output_hash, schemas, .. } = record;
    let schemas: String = schemas.iter().map(|(set, hash)| format!("Schema of {set}: {hash}\n")).collect();
    format!(
        "Release {name} {version}\n\nReason: {reason}\nRollback: {rollback}\n\nSource: {source_hash}\nOutput: \
         {output_hash}\n{schemas}"
    )
}

/// The compiler of the workspace, as it calls itself.
fn toolchain(root: &Path) -> Result<String, Error> {
    let failed = |reason| Error::Command { command: "rustc --version".to_owned(), reason };
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = std::process::Command::new(program)
        .arg("--version")
        .current_dir(root)
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
