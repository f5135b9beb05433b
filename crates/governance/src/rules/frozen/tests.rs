//! Folders against releases: the rule without a repository.

use super::history::Made;
use super::*;
use crate::{Contract, FeatureFacts, SetFacts, Validation};
use feature_api::identity::{Source, sha256};

const FACTS: &str = "package.edition = 2024\npackage.name = features-v1\npackage.version = ";

/// A version whose sums are up to date.
fn version(number: &str, files: &[(&str, &str)]) -> Version {
    let source = Source {
        files: files.iter().map(|(path, text)| ((*path).to_owned(), sha256(text.as_bytes()))).collect(),
        manifest: format!("{FACTS}{number}\n"),
    };
    let sums = source.sums();
    Version { number: 1, name: "features-v1".to_owned(), version: number.parse().unwrap(), source, sums }
}

const FILES: [(&str, &str); 2] = [("src/a.rs", "a"), ("src/b.rs", "b")];

fn hash(digit: &str) -> String {
    digit.repeat(64)
}

/// The release of these files as that version.
fn record(number: &str) -> Record {
    let (output, schema) = (hash("0"), hash("c"));
    Record {
        name: "features-v1".to_owned(),
        version: number.parse().unwrap(),
        date: "2026-01-31".to_owned(),
        reason: "first".to_owned(),
        rollback: "pin nothing".to_owned(),
        toolchain: "rustc 1.95.0".to_owned(),
        base: "0".repeat(40),
        source_hash: version(number, &FILES).source.hash().to_string(),
        output_hash: output.clone(),
        schemas: BTreeMap::from([("core".to_owned(), schema)]),
        contract: Contract { version: "1.0.0".to_owned(), source_hash: hash("d") },
        validation: Validation {
            sets: 1,
            features: 1,
            files: 2,
            debug_output_hash: output.clone(),
            release_output_hash: output,
            problems: 0,
        },
    }
}

fn facts(version: &Version) -> Facts {
    let feature = FeatureFacts {
        name: "rsi".to_owned(),
        formula: String::new(),
        doc: String::new(),
        degenerate: String::new(),
        range: String::new(),
        warm_up: 1,
        memory: String::new(),
        convergence: None,
        output: Some("x".to_owned()),
        golden: Some("x".to_owned()),
    };
    Facts {
        name: version.name.clone(),
        version: version.version.to_string(),
        source_hash: version.source.hash().to_string(),
        golden_output_hash: hash("0"),
        output_hash: hash("0"),
        sets: vec![SetFacts {
            name: "core".to_owned(),
            schema_hash: hash("c"),
            params: Vec::new(),
            features: vec![feature],
        }],
    }
}

/// That version in the folder, these records in the ledger and committed by the commit `abc`.
fn inputs(version: &Version, records: &[Record]) -> Inputs {
    let made = |record: &Record| Made {
        commits: vec!["abc".to_owned()],
        rival: None,
        text: record.text().unwrap(),
        sums: Some(self::version(&record.version.to_string(), &FILES).sums),
    };
    Inputs {
        versions: BTreeMap::from([(version.name.clone(), Ok(version.clone()))]),
        records: records.to_vec(),
        facts: BTreeMap::from([(version.name.clone(), Ok(facts(version)))]),
        texts: records.iter().map(|record| (record.path(), record.text().unwrap())).collect(),
        history: Ok(History {
            releases: records.iter().map(|record| (record.path(), made(record))).collect(),
            ..History::default()
        }),
    }
}

/// The problems as `place: reason [fix]`.
fn found(inputs: &Inputs) -> Vec<String> {
    let problems = frozen(inputs);
    assert!(problems.iter().all(|problem| problem.rule == Rule::Frozen));
    problems
        .iter()
        .map(|problem| format!("{}: {} [{}]", problem.place, problem.reason, problem.fix))
        .collect()
}

const ANEW: &str = "or make the change in a new version: cargo xtask new-version";

#[test]
fn what_is_as_it_was_released_is_no_problem() {
    let released = version("1.0.0", &FILES);
    assert_eq!(found(&inputs(&released, &[record("1.0.0")])), Vec::<String>::new());
    let crlf = Version { sums: released.sums.replace('\n', "\r\n"), ..released.clone() };
    assert_eq!(found(&inputs(&crlf, &[record("1.0.0")])), Vec::<String>::new());
    let uncommitted = Inputs { history: Ok(History::default()), ..inputs(&released, &[record("1.0.0")]) };
    assert_eq!(found(&uncommitted), Vec::<String>::new());
    // A patch being drafted: text may differ.
    let patch = version("1.0.1-rc.1", &[("src/a.rs", "other text")]);
    assert_eq!(found(&inputs(&patch, &[record("1.0.0")])), Vec::<String>::new());
    // A draft that was never released.
    assert_eq!(found(&inputs(&version("1.0.0-rc.1", &[]), &[])), Vec::<String>::new());
    // The newest release counts.
    let both = [record("1.0.0"), record("1.0.10")];
    assert_eq!(found(&inputs(&version("1.0.10", &FILES), &both)), Vec::<String>::new());
}

#[test]
fn every_changed_file_of_a_release_is_named_with_both_hashes() {
    let mut changed = version("1.0.0", &[("src/a.rs", "A"), ("src/c.rs", "c")]);
    changed.sums = version("1.0.0", &FILES).sums;
    let [a, other, b, c] = ["a", "A", "b", "c"].map(|text| sha256(text.as_bytes()));
    let line = |file: &str, what: String| {
        format!(
            "features-v1/{file}: features-v1 1.0.0 is released and never changes: {what} \
             [undo it: git checkout abc -- features-v1/{file}, {ANEW}]"
        )
    };
    let files = [
        line("src/a.rs", format!("expected the sha256 {a}, found {other}")),
        line("src/b.rs", format!("expected the sha256 {b}, found no file")),
        line("src/c.rs", format!("expected the sha256 of no file, found {c}")),
    ];
    assert_eq!(found(&inputs(&changed, &[record("1.0.0")])), files);
    // With its sums made anew, and with its record too.
    let sums = changed.source.sums();
    let hashes = (sha256(record_sums().as_bytes()), sha256(sums.as_bytes()));
    let sums_line =
        line("SHA256SUMS", format!("expected SHA256SUMS with the sha256 {}, found {}", hashes.0, hashes.1));
    changed.sums = sums;
    let mut expected = files.to_vec();
    expected.push(sums_line);
    assert_eq!(found(&inputs(&changed, &[record("1.0.0")])), expected);
    let mut all = inputs(&changed, &[record("1.0.0")]);
    let forged = Record { source_hash: changed.source.hash().to_string(), ..record("1.0.0") };
    all.records = vec![forged.clone()];
    all.texts = BTreeMap::from([(forged.path(), forged.text().unwrap())]);
    expected.insert(
        0,
        format!(
            "releases/features-v1-1.0.0.toml: a record never changes, but differs from what commit abc added: \
             line 8: expected `source_hash = \"{}\"`, found `source_hash = \"{}\"` \
             [undo it: git checkout abc -- releases/features-v1-1.0.0.toml]",
            hashes.0, hashes.1
        ),
    );
    assert_eq!(found(&all), expected);
}

fn record_sums() -> String {
    version("1.0.0", &FILES).sums
}

#[test]
fn a_changed_fact_of_the_manifest_is_told() {
    let mut changed = version("1.0.0", &FILES);
    changed.source.manifest = changed.source.manifest.replace("2024", "2021");
    assert_eq!(
        found(&inputs(&changed, &[record("1.0.0")])),
        [format!(
            "features-v1/Cargo.toml: features-v1 1.0.0 is released and never changes: \
             expected `package.edition = 2024`, found `package.edition = 2021` \
             [undo it: git checkout abc -- features-v1/Cargo.toml, {ANEW}]"
        )]
    );
}

#[test]
fn sums_that_are_not_those_of_the_record_are_told() {
    let changed = version("1.0.0", &[("src/a.rs", "A")]);
    let mut inputs = inputs(&changed, &[record("1.0.0")]);
    inputs.history = Ok(History::default());
    let (expected, was) = (record("1.0.0").source_hash, changed.source.hash());
    assert_eq!(
        found(&inputs),
        [format!(
            "features-v1/SHA256SUMS: features-v1 1.0.0 is released and never changes: its record has the source hash \
             {expected}, but the folder has {was} [undo it: git checkout -- features-v1/SHA256SUMS, {ANEW}]"
        )]
    );
}

#[test]
fn another_output_or_schema_is_told_in_a_release_and_in_a_patch() {
    for number in ["1.0.0", "1.0.1-rc.1"] {
        let version = version(number, &FILES);
        let mut inputs = inputs(&version, &[record("1.0.0")]);
        let mut facts = facts(&version);
        facts.output_hash = hash("1");
        facts.golden_output_hash = hash("2");
        facts.sets[0].schema_hash = hash("3");
        facts.sets[0].features[0].output = Some("y".to_owned());
        facts.sets.push(SetFacts { name: "exit".to_owned(), ..facts.sets[0].clone() });
        inputs.facts = BTreeMap::from([("features-v1".to_owned(), Ok(facts))]);
        let line =
            |what: String| format!("features-v1: {what} [undo it: git checkout abc -- features-v1, {ANEW}]");
        let (zero, one, two, three) = (hash("0"), hash("1"), hash("2"), hash("3"));
        let mut expected = vec![
            line(format!(
                "the output, computed now, is not that of features-v1 1.0.0: expected {zero}, found {one}; \
                 differing from the goldens: core.rsi, exit.rsi"
            )),
            line(format!(
                "the golden output hash is not that of features-v1 1.0.0: expected {zero}, found {two}"
            )),
            line(format!(
                "the schema of core is not that of features-v1 1.0.0: expected {}, found {three}",
                hash("c")
            )),
            line(format!(
                "the schema of exit is not that of features-v1 1.0.0: expected no such set, found {three}"
            )),
        ];
        if number != "1.0.0" {
            expected.push(format!(
                "features-v1/goldens/OUTPUT_HASH: expected the output computed now, {one}, found {two}; differing from \
                 the goldens: core.rsi, exit.rsi [if the change of values is meant: cargo xtask golden create v1 --replace]"
            ));
        }
        assert_eq!(found(&inputs), expected, "{number}");
    }
}

#[test]
fn a_set_that_is_gone_is_told() {
    let version = version("1.0.0", &FILES);
    let mut inputs = inputs(&version, &[record("1.0.0")]);
    inputs.facts =
        BTreeMap::from([("features-v1".to_owned(), Ok(Facts { sets: Vec::new(), ..facts(&version) }))]);
    assert_eq!(
        found(&inputs),
        [format!(
            "features-v1: the schema of core is not that of features-v1 1.0.0: expected {}, found no such set \
             [undo it: git checkout abc -- features-v1, {ANEW}]",
            hash("c")
        )]
    );
}

#[test]
fn a_version_that_cannot_be_asked_is_no_pass() {
    let version = version("1.0.0", &FILES);
    let mut inputs = inputs(&version, &[record("1.0.0")]);
    let error =
        "`cargo run` failed: \n\nerror: features-v1 is released\n  in: src/a.rs\nmore\nmore\nand more";
    inputs.facts = BTreeMap::from([("features-v1".to_owned(), Err(error.to_owned()))]);
    let fix = "make it build: cargo run -p features-v1 --bin selftest";
    assert_eq!(
        found(&inputs),
        [format!(
            "features-v1: its output cannot be computed: error: features-v1 is released / in: src/a.rs / more / more [{fix}]"
        )]
    );
    inputs.facts.clear();
    assert_eq!(
        found(&inputs),
        [format!("features-v1: its output cannot be computed: it was not asked [{fix}]")]
    );
    let stale = Facts { source_hash: hash("9"), ..facts(&version) };
    inputs.facts.insert("features-v1".to_owned(), Ok(stale));
    assert_eq!(
        found(&inputs),
        [format!(
            "features-v1: its output was computed by a build of another source: the folder has {}, the build {} \
             [build it anew: cargo clean -p features-v1, and check again]",
            version.source.hash(),
            hash("9")
        )]
    );
}

#[test]
fn a_version_that_no_release_explains_is_told() {
    for (number, records, expected) in [
        (
            "1.0.0",
            vec![],
            "is at 1.0.0 without a pre-release number, but there is no release of it in releases/ \
             [set the version back to 1.0.0-rc.1 and run: cargo xtask release v1]",
        ),
        (
            "1.0.1",
            vec![record("1.0.0")],
            "is at 1.0.1 without a pre-release number, but there is no release of it in releases/ \
             [set the version back to 1.0.1-rc.1 and run: cargo xtask release v1]",
        ),
        (
            "1.0.0-rc.1",
            vec![record("1.0.0")],
            "is at 1.0.0-rc.1, but features-v1 1.0.0 is released [undo it: git checkout abc -- features-v1]",
        ),
        (
            "1.0.0",
            vec![record("1.0.0"), record("1.0.1")],
            "is at 1.0.0, but features-v1 1.0.1 is released [undo it: git checkout abc -- features-v1]",
        ),
    ] {
        let inputs = inputs(&version(number, &FILES), &records);
        assert_eq!(found(&inputs), [format!("features-v1/Cargo.toml: {expected}")]);
    }
}

#[test]
fn a_folder_that_is_gone_or_unreadable_is_told() {
    let mut inputs = inputs(&version("1.0.0", &FILES), &[record("1.0.0")]);
    inputs.versions.clear();
    let undo = "[undo it: git checkout abc -- features-v1]";
    assert_eq!(
        found(&inputs),
        [format!("features-v1: features-v1 1.0.0 is released, but its folder is gone {undo}")]
    );
    inputs.versions.insert("features-v1".to_owned(), Err("no cargo features".to_owned()));
    assert_eq!(
        found(&inputs),
        [format!(
            "features-v1: features-v1 1.0.0 is released, but its folder cannot be read: no cargo features {undo}"
        )]
    );
}

#[test]
fn a_draft_keeps_its_sums_and_goldens_up_to_date() {
    let mut draft = version("1.0.0-rc.1", &FILES);
    draft.sums = version("1.0.0-rc.1", &[("src/a.rs", "A")]).sums;
    let mut inputs = inputs(&draft, &[]);
    let other = Facts { output_hash: hash("1"), ..facts(&draft) };
    inputs.facts = BTreeMap::from([("features-v1".to_owned(), Ok(other))]);
    assert_eq!(
        found(&inputs),
        [
            "features-v1/SHA256SUMS: does not list what is in the folder: src/a.rs, src/b.rs \
             [cargo xtask hash v1 --write]"
                .to_owned(),
            format!(
                "features-v1/goldens/OUTPUT_HASH: expected the output computed now, {}, found {} \
                 [if the change of values is meant: cargo xtask golden create v1 --replace]",
                hash("1"),
                hash("0")
            ),
        ]
    );
}

#[test]
fn releases_of_one_crate_give_the_same() {
    let other = Record { output_hash: hash("5"), ..record("1.0.1") };
    let problems = found(&inputs(&version("1.0.1", &FILES), &[record("1.0.0"), other]));
    assert_eq!(
        problems[0],
        format!(
            "releases/features-v1-1.0.1.toml: features-v1 1.0.1 has the output hash {}, but 1.0.0 has {}; a patch may \
             change text only [make the change in a new version: cargo xtask new-version]",
            hash("5"),
            hash("0")
        )
    );
    let other = Record { schemas: BTreeMap::from([("core".to_owned(), hash("5"))]), ..record("1.0.1") };
    let problems = found(&inputs(&version("1.0.1", &FILES), &[record("1.0.0"), other]));
    assert!(
        problems[0]
            .contains("features-v1 1.0.1 has other schema hashes than 1.0.0; a patch may change text only")
    );
}

#[test]
fn an_unknown_history_is_a_problem_and_the_folders_are_judged_all_the_same() {
    let mut changed = version("1.0.0", &[("src/a.rs", "a"), ("src/b.rs", "B")]);
    changed.sums = record_sums();
    let mut inputs = inputs(&changed, &[record("1.0.0")]);
    inputs.history = Err(Problem::new(Rule::Frozen, "releases", "shallow", "unshallow"));
    let problems = found(&inputs);
    assert_eq!(problems[0], "releases: shallow [unshallow]");
    assert!(problems[1].starts_with("features-v1/src/b.rs: "), "{problems:?}");
    assert_eq!(problems.len(), 2);
}
