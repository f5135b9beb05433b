//! Records as texts, and folders that are no ledger.

use super::*;
use proptest::prelude::*;

fn record() -> Record {
    let hash = |digit: &str| digit.repeat(64);
    Record {
        name: "features-v1".to_owned(),
        version: semver::Version::new(1, 0, 0),
        date: "2026-01-31".to_owned(),
        reason: "first".to_owned(),
        rollback: "pin nothing".to_owned(),
        toolchain: "rustc 1.95.0".to_owned(),
        base: "0123456789".repeat(4),
        source_hash: hash("a"),
        output_hash: hash("b"),
        schemas: BTreeMap::from([("core".to_owned(), hash("c"))]),
        contract: Contract { version: "1.0.0".to_owned(), source_hash: hash("d") },
        validation: Validation {
            sets: 1,
            features: 19,
            files: 47,
            debug_output_hash: hash("b"),
            release_output_hash: hash("b"),
            problems: 0,
        },
    }
}

/// The ledger of a workspace with these files in `releases/`, and its problems as `place: reason`.
fn read(files: &[(&str, &str)]) -> (Ledger, Vec<String>) {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("Cargo.toml"), "[workspace]\n").unwrap();
    for (path, text) in files {
        let path = root.path().join(FOLDER).join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let (ledger, problems) = Ledger::read(&Workspace::open(root.path()).unwrap()).unwrap();
    assert!(problems.iter().all(|problem| problem.rule == Rule::Frozen && problem.fix == FIX));
    (ledger, problems.into_iter().map(|problem| format!("{}: {}", problem.place, problem.reason)).collect())
}

const NAME: &str = "features-v1-1.0.0.toml";

#[test]
fn a_record_is_text_that_a_reviewer_reads() {
    let hash = |digit: &str| digit.repeat(64);
    let expected = format!(
        "name = \"features-v1\"\nversion = \"1.0.0\"\ndate = \"2026-01-31\"\nreason = \"first\"\n\
         rollback = \"pin nothing\"\ntoolchain = \"rustc 1.95.0\"\nbase = \"{}\"\nsource_hash = \"{}\"\n\
         output_hash = \"{}\"\n\n[schemas]\ncore = \"{}\"\n\n[contract]\nversion = \"1.0.0\"\n\
         source_hash = \"{}\"\n\n[validation]\nsets = 1\nfeatures = 19\nfiles = 47\n\
         debug_output_hash = \"{}\"\nrelease_output_hash = \"{}\"\nproblems = 0\n",
        "0123456789".repeat(4),
        hash("a"),
        hash("b"),
        hash("c"),
        hash("d"),
        hash("b"),
        hash("b"),
    );
    assert_eq!(record().text().unwrap(), expected);
}

#[test]
fn a_ledger_reads_sorted_and_a_missing_one_is_empty() {
    assert_eq!(read(&[]), (Ledger::default(), Vec::new()));
    let with = |version: &str| Record { version: version.parse().unwrap(), ..record() };
    let versions = ["1.0.0", "1.0.2", "1.0.10"];
    let files: Vec<_> = versions
        .iter()
        .map(|version| {
            (format!("features-v1-{version}.toml"), with(version).text().unwrap().replace('\n', "\r\n"))
        })
        .collect();
    let mut files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.push(("README.md", "# Releases"));
    let (ledger, problems) = read(&files);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(ledger.records, versions.map(with));
    assert_eq!(ledger.newest("features-v1"), Some(&with("1.0.10")));
    assert_eq!(ledger.newest("features-v2"), None);
}

#[test]
fn what_a_record_must_not_say_is_a_problem() {
    let change = |change: &dyn Fn(&mut Record)| {
        let mut record = record();
        change(&mut record);
        record.text().unwrap()
    };
    let b = "b".repeat(64);
    for (text, expected) in [
        (change(&|r| r.reason = " \n".to_owned()), "reason: expected a text, found none".to_owned()),
        (change(&|r| r.rollback = String::new()), "rollback: expected a text, found none".to_owned()),
        (change(&|r| r.toolchain = String::new()), "toolchain: expected a text, found none".to_owned()),
        (
            change(&|r| r.contract.version = String::new()),
            "contract.version: expected a text, found none".to_owned(),
        ),
        (
            change(&|r| r.date = "2026-02-30".to_owned()),
            "date: expected a day such as 2026-01-31, found \"2026-02-30\"".to_owned(),
        ),
        (
            change(&|r| r.base = "HEAD".to_owned()),
            "base: expected the full name of a commit, found \"HEAD\"".to_owned(),
        ),
        (
            change(&|r| r.source_hash = "A".repeat(64)),
            format!("source_hash: expected 64 lower-case hexadecimal digits, found {:?}", "A".repeat(64)),
        ),
        (
            change(&|r| drop(r.schemas.insert("core".to_owned(), "ab".to_owned()))),
            "schemas.core: expected 64 lower-case hexadecimal digits, found \"ab\"".to_owned(),
        ),
        (
            change(&|r| r.contract.source_hash = String::new()),
            "contract.source_hash: expected 64 lower-case hexadecimal digits, found \"\"".to_owned(),
        ),
        (
            change(&|r| r.validation.release_output_hash = "e".repeat(64)),
            format!("validation.release_output_hash: expected output_hash, {b}, found {}", "e".repeat(64)),
        ),
        (change(&|r| r.validation.problems = 2), "validation.problems: expected 0, found 2".to_owned()),
        (
            change(&|r| r.validation.sets = 2),
            "validation.sets: expected one for each of 1 schemas, found 2".to_owned(),
        ),
    ] {
        let (ledger, problems) = read(&[(NAME, &text)]);
        assert_eq!(problems, [format!("releases/{NAME}: {expected}")]);
        assert_eq!(ledger.records.len(), 1);
    }
}

#[test]
fn every_flaw_is_told() {
    let mut record = record();
    record.reason.clear();
    record.rollback.clear();
    record.validation.problems = 1;
    let (_, problems) = read(&[(NAME, &record.text().unwrap())]);
    assert_eq!(problems.len(), 3);
}

#[test]
fn what_is_no_record_is_a_problem() {
    let good = record().text().unwrap();
    for (name, text, expected) in [
        (NAME, good.replace("[schemas]", "extra = 1\n[schemas]"), "unknown field `extra`"),
        (NAME, good.replace("[contract]", "[contract]\nextra = 1"), "unknown field `extra`"),
        (NAME, good.replace("reason = \"first\"\n", ""), "missing field `reason`"),
        (NAME, good.replace("rollback = \"pin nothing\"\n", ""), "missing field `rollback`"),
        (NAME, good.replace("\"1.0.0\"", "\"1.0\""), "unexpected end of input"),
        (NAME, good.replace("sets = 1", "sets = -1"), "invalid value: integer `-1`, expected usize"),
        (NAME, String::new(), "missing field `name`"),
        (
            "features-v1-1.0.1.toml",
            good.clone(),
            "is the record of features-v1 1.0.0, whose file is releases/features-v1-1.0.0.toml",
        ),
        ("features-v1-1.0.0.toml.bak", good.clone(), "does not belong here"),
        ("notes.md", String::new(), "does not belong here"),
        ("old/features-v1-1.0.0.toml", good.clone(), "does not belong here"),
        ("old.toml/features-v1-1.0.0.toml", good.clone(), "does not belong here"),
    ] {
        let (_, problems) = read(&[(name, &text)]);
        let place = format!("releases/{}: ", name.split('/').next().unwrap_or_default());
        assert_eq!(problems.len(), 1, "{name}: {problems:?}");
        assert!(
            problems[0].starts_with(&place) && problems[0].contains(expected),
            "{problems:?} should say {expected}"
        );
    }
}

#[test]
fn a_version_that_is_no_release_is_a_problem() {
    for (version, expected) in [
        ("1.0.0-rc.1", "version: expected a release x.y.z, found 1.0.0-rc.1"),
        ("1.0.0+1", "version: expected a release x.y.z, found 1.0.0+1"),
        ("2.0.0", "features-v1 2.0.0: expected the name features-v2"),
    ] {
        let text = Record { version: version.parse().unwrap(), ..record() }.text().unwrap();
        let (_, problems) = read(&[(&format!("features-v1-{version}.toml"), &text)]);
        assert_eq!(problems, [format!("releases/features-v1-{version}.toml: {expected}")]);
    }
}

#[test]
fn two_records_of_one_version_are_a_problem() {
    let text = record().text().unwrap();
    let (ledger, problems) = read(&[(NAME, &text), ("a.toml", &text)]);
    assert_eq!(
        problems,
        [
            "releases/a.toml: is the record of features-v1 1.0.0, whose file is releases/features-v1-1.0.0.toml",
            "releases/features-v1-1.0.0.toml: features-v1 1.0.0 has two records",
        ]
    );
    assert_eq!(ledger.records.len(), 1);
}

proptest! {
    #[test]
    fn any_text_reads_back(reason in any::<String>(), rollback in "[\\PC\n\t\"\\\\']*", set in "[\\PC]*") {
        let mut record = Record { reason, rollback, ..record() };
        record.schemas.insert(set, "c".repeat(64));
        prop_assert_eq!(Record::parse(&record.text().unwrap()), Ok(record));
    }
}
