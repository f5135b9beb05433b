//! A folder `features-vN`, judged by the newest release of its crate and by what the crate says of itself.

use std::collections::BTreeMap;

use super::history::{Made, short};
use crate::{Facts, FeatureFacts, Problem, Record, Rule, Version};

const NEW_VERSION: &str = "make the change in a new version: cargo xtask new-version";

/// What is known of a folder from elsewhere.
pub(super) struct Folder<'a> {
    /// The newest release of its crate.
    pub newest: Option<&'a Record>,
    /// That release as it was made; `None` where it is not committed yet.
    pub made: Option<&'a Made>,
    /// What the crate says of itself; why, where it cannot be asked.
    pub facts: Option<&'a Result<Facts, String>>,
}

impl Folder<'_> {
    /// Every problem of the version in the folder.
    pub fn judge(&self, version: &Version) -> Vec<Problem> {
        let released = self.newest.filter(|record| record.version == version.version);
        let mut problems = match released {
            Some(record) => self.changed_files(version, record),
            None => self.draft(version),
        };
        let facts = match self.facts {
            Some(Ok(facts)) => facts,
            Some(Err(error)) => {
                problems.push(unasked(version, &first_lines(error)));
                return problems;
            }
            None => {
                problems.push(unasked(version, "it was not asked"));
                return problems;
            }
        };
        problems.extend(stale(version, facts));
        problems.extend(match self.newest {
            Some(record) => self.changed_output(version, record, facts),
            None => Vec::new(),
        });
        if released.is_none() {
            problems.extend(draft_golden(version, facts));
        }
        problems
    }

    /// The folder of a release is there, but is no feature version any more. (A draft may be anything.)
    pub fn unreadable(&self, name: &str, error: &str) -> Option<Problem> {
        let newest = self.newest?;
        let reason = format!("{name} {} is released, but its folder cannot be read: {error}", newest.version);
        Some(Problem::new(Rule::Frozen, name, reason, self.undo(name)))
    }

    /// The folder of a release is not there.
    pub fn gone(&self, name: &str) -> Problem {
        let versions = self.newest.map(|record| format!("{name} {}", record.version)).unwrap_or_default();
        let reason = format!("{versions} is released, but its folder is gone");
        Problem::new(Rule::Frozen, name, reason, self.undo(name))
    }

    /// A released version: every file and fact as its sums, the sums as its record.
    fn changed_files(&self, version: &Version, record: &Record) -> Vec<Problem> {
        let Version { name, source, .. } = version;
        let here = version.sums.replace("\r\n", "\n");
        let sums = self.made.and_then(|made| made.sums.as_deref()).unwrap_or(&here);
        let differing = source.differing(sums);
        let problem = |file: &str, what: String| {
            let place = format!("{name}/{file}");
            let reason = format!("{name} {} is released and never changes: {what}", record.version);
            let fix = format!("{}, or {NEW_VERSION}", self.undo(&place));
            Problem::new(Rule::Frozen, place, reason, fix)
        };
        let hash = |text: &str| feature_api::identity::sha256(text.as_bytes());
        let mut problems: Vec<Problem> =
            differing.iter().map(|file| problem(file, difference(version, sums, file))).collect();
        if here != sums {
            let what = format!("expected SHA256SUMS with the sha256 {}, found {}", hash(sums), hash(&here));
            problems.push(problem("SHA256SUMS", what));
        }
        let found = source.hash().to_string();
        if problems.is_empty() && found != record.source_hash {
            let what =
                format!("its record has the source hash {}, but the folder has {found}", record.source_hash);
            problems.push(problem("SHA256SUMS", what));
        }
        problems
    }

    /// A version that is not the newest release of its crate: a draft whose sums are up to date, or none at all.
    fn draft(&self, version: &Version) -> Vec<Problem> {
        let Version { name, version: found, source, sums, .. } = version;
        let (place, short) = (format!("{name}/Cargo.toml"), version.short());
        if let Some(newest) = self.newest.filter(|newest| *found < newest.version) {
            let reason = format!("is at {found}, but {name} {} is released", newest.version);
            return vec![Problem::new(Rule::Frozen, place, reason, self.undo(name))];
        }
        if version.is_released() {
            let reason = format!(
                "is at {found} without a pre-release number, but there is no release of it in releases/"
            );
            let fix = format!("set the version back to {found}-rc.1 and run: cargo xtask release {short}");
            return vec![Problem::new(Rule::Frozen, place, reason, fix)];
        }
        let differing = source.differing(sums);
        if differing.is_empty() {
            return Vec::new();
        }
        let reason = format!("does not list what is in the folder: {}", differing.join(", "));
        let fix = format!("cargo xtask hash {short} --write");
        vec![Problem::new(Rule::Frozen, format!("{name}/SHA256SUMS"), reason, fix)]
    }

    /// Output and schemas, computed now, against the newest release: the same in a patch too.
    fn changed_output(&self, version: &Version, record: &Record, facts: &Facts) -> Vec<Problem> {
        let released = format!("{} {}", record.name, record.version);
        let fix = format!("{}, or {NEW_VERSION}", self.undo(&version.name));
        let mut problems = Vec::new();
        let mut compare = |what: &str, expected: &str, found: &str, more: String| {
            if expected != found {
                let reason =
                    format!("{what} is not that of {released}: expected {expected}, found {found}{more}");
                problems.push(Problem::new(Rule::Frozen, &version.name, reason, &fix));
            }
        };
        compare(
            "the output, computed now,",
            &record.output_hash,
            &facts.output_hash,
            differing_features(facts),
        );
        compare("the golden output hash", &record.output_hash, &facts.golden_output_hash, String::new());
        let found: BTreeMap<&str, &str> =
            facts.sets.iter().map(|set| (set.name.as_str(), set.schema_hash.as_str())).collect();
        for (set, expected) in &record.schemas {
            let found = found.get(set.as_str()).copied().unwrap_or("no such set");
            compare(&format!("the schema of {set}"), expected, found, String::new());
        }
        for (set, found) in found.iter().filter(|(set, _)| !record.schemas.contains_key(**set)) {
            compare(&format!("the schema of {set}"), "no such set", found, String::new());
        }
        problems
    }

    fn undo(&self, path: &str) -> String {
        match self.made {
            Some(made) => format!("undo it: git checkout {} -- {path}", short(made.commit())),
            None => format!("undo it: git checkout -- {path}"),
        }
    }
}

/// What differs in a file that the sums do not list as it is.
fn difference(version: &Version, sums: &str, file: &str) -> String {
    let found_sums = version.source.sums();
    let only = |here: &str, there: &str| -> Vec<String> {
        let fact = |line: &str| line.strip_prefix("# Cargo.toml: ").map(|fact| format!("`{fact}`"));
        let hash = |line: &str| {
            line.split_once("  ").filter(|(_, path)| *path == file).map(|(hash, _)| hash.to_owned())
        };
        let lines = here.lines().filter(|line| !there.lines().any(|other| other == *line));
        lines.filter_map(|line| if file == "Cargo.toml" { fact(line) } else { hash(line) }).collect()
    };
    let (expected, found) = (only(sums, &found_sums), only(&found_sums, sums));
    let text = |values: &[String], none: &str| {
        if values.is_empty() { none.to_owned() } else { values.join(" and ") }
    };
    match file {
        "SHA256SUMS" => "SHA256SUMS has lines in another order, twice or of no meaning".to_owned(),
        "Cargo.toml" => {
            format!("expected {}, found {}", text(&expected, "no such line"), text(&found, "no such line"))
        }
        _ => format!(
            "expected the sha256 {}, found {}",
            text(&expected, "of no file"),
            text(&found, "no file")
        ),
    }
}

/// A version that was asked in a build of another source: cargo goes by times of modification, which can lie.
fn stale(version: &Version, facts: &Facts) -> Option<Problem> {
    let (name, found) = (&version.name, version.source.hash().to_string());
    (facts.source_hash != found).then(|| {
        let reason = format!(
            "its output was computed by a build of another source: the folder has {found}, the build {}",
            facts.source_hash
        );
        Problem::new(
            Rule::Frozen,
            name,
            reason,
            format!("build it anew: cargo clean -p {name}, and check again"),
        )
    })
}

/// A draft whose goldens are not what it gives.
fn draft_golden(version: &Version, facts: &Facts) -> Option<Problem> {
    let Facts { golden_output_hash: golden, output_hash: found, .. } = facts;
    (golden != found).then(|| {
        let place = format!("{}/goldens/OUTPUT_HASH", version.name);
        let reason =
            format!("expected the output computed now, {found}, found {golden}{}", differing_features(facts));
        let fix = format!(
            "if the change of values is meant: cargo xtask golden create {} --replace",
            version.short()
        );
        Problem::new(Rule::Frozen, place, reason, fix)
    })
}

fn unasked(version: &Version, why: &str) -> Problem {
    let reason = format!("its output cannot be computed: {why}");
    Problem::new(
        Rule::Frozen,
        &version.name,
        reason,
        format!("make it build: cargo run -p {} --bin selftest", version.name),
    )
}

/// The features whose output is not the golden one, at most five by name.
fn differing_features(facts: &Facts) -> String {
    const NAMED: usize = 5;
    let differs = |feature: &&FeatureFacts| feature.output != feature.golden;
    let name = |set: &str, feature: &FeatureFacts| format!("{set}.{}", feature.name);
    let names: Vec<String> = facts
        .sets
        .iter()
        .flat_map(|set| set.features.iter().filter(differs).map(|feature| name(&set.name, feature)))
        .collect();
    let listed = names.get(..NAMED).unwrap_or(&names).join(", ");
    match names.len() {
        0 => String::new(),
        count if count > NAMED => {
            format!("; differing from the goldens: {listed} and {} more", count - NAMED)
        }
        _ => format!("; differing from the goldens: {listed}"),
    }
}

/// The lines of a compiler's message that say what is wrong.
fn first_lines(error: &str) -> String {
    const LINES: usize = 4;
    let lines: Vec<&str> = error.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let first = lines.iter().position(|line| line.contains("error")).unwrap_or_default();
    lines.iter().skip(first).take(LINES).copied().collect::<Vec<_>>().join(" / ")
}
