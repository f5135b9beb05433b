//! The ledger: `releases/features-vN-x.y.z.toml`, one file for each release, append-only.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use toml_edit::{DocumentMut, Item, Table, value};

use crate::{Error, Problem, Rule, Workspace};

/// The folder of the ledger.
pub(crate) const FOLDER: &str = "releases";

const FIX: &str = "records are written by `cargo xtask release` alone; undo it: git checkout -- releases";

/// A release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Name of the crate: `features-v1`.
    pub name: String,
    /// Exact version, without a pre-release number.
    pub version: semver::Version,
    /// Day of the release (UTC), `2026-01-31`.
    pub date: String,
    /// Why it was released.
    pub reason: String,
    /// What to do where it must be taken back.
    pub rollback: String,
    /// The compiler it was validated with, as `rustc --version` prints it.
    pub toolchain: String,
    /// The commit it was made from.
    pub base: String,
    /// Source hash.
    pub source_hash: String,
    /// Output hash.
    pub output_hash: String,
    /// Schema hash of each set with the catalogue's parameters.
    pub schemas: BTreeMap<String, String>,
    /// `feature-api` at the time. It decides no value and may grow; its state is told, not frozen.
    pub contract: Contract,
    /// What was run before the release, and what came out.
    pub validation: Validation,
}

/// The contract crate a version was released over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Version of `feature-api`.
    pub version: String,
    /// sha256 over its `src`, as the source hash of a version is made.
    pub source_hash: String,
}

/// What was run before a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// Number of sets.
    pub sets: usize,
    /// Number of features in all sets.
    pub features: usize,
    /// Files that decide values.
    pub files: usize,
    /// Output hash of the self-test in debug.
    pub debug_output_hash: String,
    /// Output hash of the self-test in release.
    pub release_output_hash: String,
    /// Problems that the check found: 0.
    pub problems: usize,
}

impl Record {
    /// Path of its file from the root: `releases/features-v1-1.0.0.toml`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("releases/{}-{}.toml", self.name, self.version)
    }

    /// Its tag: `features-v1/1.0.0`.
    #[must_use]
    pub fn tag(&self) -> String {
        format!("{}/{}", self.name, self.version)
    }

    /// The text of its file.
    ///
    /// # Errors
    /// [`Error::Format`] where it cannot be written as TOML.
    pub fn text(&self) -> Result<String, Error> {
        let count = |count: usize| {
            let reason = format!("{count} is too large a number for TOML");
            i64::try_from(count).map(value).map_err(|_| Error::Format { path: self.path().into(), reason })
        };
        let mut document = DocumentMut::new();
        let fields = [
            ("name", self.name.clone()),
            ("version", self.version.to_string()),
            ("date", self.date.clone()),
            ("reason", self.reason.clone()),
            ("rollback", self.rollback.clone()),
            ("toolchain", self.toolchain.clone()),
            ("base", self.base.clone()),
            ("source_hash", self.source_hash.clone()),
            ("output_hash", self.output_hash.clone()),
        ];
        for (key, text) in fields {
            document.insert(key, value(text));
        }
        let schemas = self.schemas.iter().map(|(set, hash)| (set.as_str(), value(hash)));
        document.insert("schemas", table(schemas));
        let Contract { version, source_hash } = &self.contract;
        document
            .insert("contract", table([("version", value(version)), ("source_hash", value(source_hash))]));
        let Validation { sets, features, files, debug_output_hash, release_output_hash, problems } =
            &self.validation;
        document.insert(
            "validation",
            table([
                ("sets", count(*sets)?),
                ("features", count(*features)?),
                ("files", count(*files)?),
                ("debug_output_hash", value(debug_output_hash)),
                ("release_output_hash", value(release_output_hash)),
                ("problems", count(*problems)?),
            ]),
        );
        Ok(document.to_string())
    }

    /// Reads the text of a record, LF or CRLF.
    ///
    /// # Errors
    /// What is wrong with it: the first thing that is no TOML or no field of a record.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string().trim().replace('\n', " "))
    }

    /// What a record must not say, each as a sentence.
    fn flaws(&self) -> Vec<String> {
        let Self { name, version, date, base, validation, schemas, .. } = self;
        let mut flaws = Vec::new();
        if *name != format!("features-v{}", version.major) {
            flaws.push(format!("{name} {version}: expected the name features-v{}", version.major));
        }
        if !version.pre.is_empty() || !version.build.is_empty() {
            flaws.push(format!("version: expected a release x.y.z, found {version}"));
        }
        if !date.parse::<jiff::civil::Date>().is_ok_and(|day| day.to_string() == *date) {
            flaws.push(format!("date: expected a day such as 2026-01-31, found {date:?}"));
        }
        let texts = [("reason", &self.reason), ("rollback", &self.rollback), ("toolchain", &self.toolchain)];
        for (field, text) in texts.iter().chain(&[("contract.version", &self.contract.version)]) {
            if text.trim().is_empty() {
                flaws.push(format!("{field}: expected a text, found none"));
            }
        }
        if ![40, 64].contains(&base.len()) || !is_hex(base) {
            flaws.push(format!("base: expected the full name of a commit, found {base:?}"));
        }
        flaws.extend(self.hash_flaws());
        if schemas.is_empty() || validation.sets != schemas.len() {
            flaws.push(format!(
                "validation.sets: expected one for each of {} schemas, found {}",
                schemas.len(),
                validation.sets
            ));
        }
        if validation.problems != 0 {
            flaws.push(format!("validation.problems: expected 0, found {}", validation.problems));
        }
        flaws
    }

    fn hash_flaws(&self) -> Vec<String> {
        let (debug, release) = (&self.validation.debug_output_hash, &self.validation.release_output_hash);
        let mut hashes = vec![
            ("source_hash".to_owned(), &self.source_hash),
            ("output_hash".to_owned(), &self.output_hash),
            ("contract.source_hash".to_owned(), &self.contract.source_hash),
            ("validation.debug_output_hash".to_owned(), debug),
            ("validation.release_output_hash".to_owned(), release),
        ];
        hashes.extend(self.schemas.iter().map(|(set, hash)| (format!("schemas.{set}"), hash)));
        let strange = hashes.into_iter().filter(|(_, hash)| hash.len() != 64 || !is_hex(hash));
        let strange = strange.map(|(field, hash)| {
            format!("{field}: expected 64 lower-case hexadecimal digits, found {hash:?}")
        });
        let other = [("debug", debug), ("release", release)]
            .into_iter()
            .filter(|(_, hash)| **hash != self.output_hash);
        let other = other.map(|(profile, hash)| {
            format!(
                "validation.{profile}_output_hash: expected output_hash, {}, found {hash}",
                self.output_hash
            )
        });
        strange.chain(other).collect()
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn table<'a>(fields: impl IntoIterator<Item = (&'a str, Item)>) -> Item {
    let mut table = Table::new();
    for (key, item) in fields {
        table.insert(key, item);
    }
    Item::Table(table)
}

/// Every release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The releases, by name and version, oldest first.
    pub records: Vec<Record>,
}

impl Ledger {
    /// Reads `releases/`. What cannot be read, or is named otherwise than its content says, is a problem of the rule
    /// frozen. A workspace without the folder has no release.
    ///
    /// # Errors
    /// [`Error::Io`] where the folder cannot be read.
    pub fn read(workspace: &Workspace) -> Result<(Self, Vec<Problem>), Error> {
        let folder = workspace.root().join(FOLDER);
        let (mut ledger, mut problems) = (Self::default(), Vec::new());
        if !folder.exists() {
            return Ok((ledger, problems));
        }
        for name in names(&folder)?.iter().filter(|name| *name != "README.md") {
            let place = format!("{FOLDER}/{name}");
            let mut flawed = |flaw: String| problems.push(Problem::new(Rule::Frozen, &place, flaw, FIX));
            match read(&folder.join(name)) {
                Err(reason) => flawed(reason),
                Ok(record) => {
                    record.flaws().into_iter().for_each(&mut flawed);
                    if record.path() != place {
                        flawed(format!(
                            "is the record of {} {}, whose file is {}",
                            record.name,
                            record.version,
                            record.path()
                        ));
                    }
                    ledger.records.push(record);
                }
            }
        }
        ledger.records.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        for pair in ledger.records.windows(2) {
            if let [first, second] = pair
                && (&first.name, &first.version) == (&second.name, &second.version)
            {
                let reason = format!("{} {} has two records", first.name, first.version);
                problems.push(Problem::new(Rule::Frozen, first.path(), reason, FIX));
            }
        }
        ledger.records.dedup_by(|b, a| (&a.name, &a.version) == (&b.name, &b.version));
        Ok((ledger, problems))
    }

    /// The newest release of a version's crate.
    #[must_use]
    pub fn newest(&self, name: &str) -> Option<&Record> {
        self.records.iter().filter(|record| record.name == name).max_by(|a, b| a.version.cmp(&b.version))
    }
}

fn read(path: &Path) -> Result<Record, String> {
    let is_file = path.symlink_metadata().is_ok_and(|file| file.is_file());
    if !is_file || path.extension().is_none_or(|extension| extension != "toml") {
        return Err(
            "does not belong here: expected features-vN-x.y.z.toml, plain files, and README.md alone"
                .to_owned(),
        );
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    Record::parse(&text).map_err(|error| format!("is no record of a release: {error}"))
}

/// Names in a folder, sorted.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::io(folder))? {
        let entry = entry.map_err(Error::io(folder))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The text of every record in the working tree under LF line endings, by path from the root, read as far as it
/// can be: what is wrong with one is told by [`Ledger::read`].
pub(crate) fn texts(workspace: &Workspace) -> BTreeMap<String, String> {
    let folder = workspace.root().join(FOLDER);
    let text = |name: String| {
        let bytes = std::fs::read(folder.join(&name)).ok()?;
        Some((format!("{FOLDER}/{name}"), String::from_utf8_lossy(&bytes).replace("\r\n", "\n")))
    };
    let records = names(&folder).unwrap_or_default().into_iter().filter(|name| name.ends_with(".toml"));
    records.filter_map(text).collect()
}

#[cfg(test)]
mod tests;
