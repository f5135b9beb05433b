//! Two small versions, compared: schemas as facts, values as `compare` prints them, folders on disk.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use std::fs;
use std::path::Path;

use governance::diff::{Changed, Diff, Field, FileStatus, Listed, Moved, Summary, TextDiff, Values};
use governance::{Facts, FeatureFacts, ParamFacts, SetFacts};

/// What `feature_registry::compare` prints of its toy versions; its own test makes sure that it does.
fn toy_values() -> Values {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../feature-registry/tests/comparison.json");
    Values::parse(&fs::read(path).unwrap()).unwrap()
}

fn feature(name: &str) -> FeatureFacts {
    FeatureFacts {
        name: name.to_owned(),
        formula: format!("{name}(C)"),
        doc: String::new(),
        degenerate: String::new(),
        range: "any".to_owned(),
        warm_up: 3,
        memory: "finite 4".to_owned(),
        convergence: None,
        output: None,
        golden: None,
    }
}

fn set(name: &str, hash: &str, features: Vec<FeatureFacts>) -> SetFacts {
    let params = vec![ParamFacts { name: "window".to_owned(), value: 4 }];
    SetFacts { name: name.to_owned(), schema_hash: hash.to_owned(), params, features }
}

fn facts(number: u32, sets: Vec<SetFacts>) -> Facts {
    Facts {
        name: format!("features-v{number}"),
        version: format!("{number}.0.0"),
        source_hash: format!("source{number}"),
        golden_output_hash: format!("output{number}"),
        output_hash: format!("output{number}"),
        sets,
    }
}

/// A diff of schemas alone.
fn schemas(old: Vec<SetFacts>, new: Vec<SetFacts>) -> Diff {
    Diff::of(&facts(1, old), &facts(2, new), Values::default(), TextDiff::default())
}

fn names(features: &[&str]) -> Vec<FeatureFacts> {
    features.iter().map(|name| feature(name)).collect()
}

#[test]
fn features_are_added_removed_and_moved_by_the_fewest_moves() {
    let old = set("one", "a", names(&["first", "gone", "second", "third", "fourth"]));
    let new = set("one", "b", names(&["fourth", "fresh", "first", "second", "third"]));
    let diff = schemas(vec![old], vec![new]);
    let [set] = diff.schema.as_slice() else { panic!("{:?}", diff.schema) };
    let listed = |feature: &str, index| {
        let formula = format!("{feature}(C)");
        vec![Listed { feature: feature.to_owned(), index, formula }]
    };
    assert_eq!(set.added, listed("fresh", 1));
    assert_eq!(set.removed, listed("gone", 1));
    assert_eq!(set.moved, [Moved { feature: "fourth".to_owned(), old: 4, new: 0 }]);
    assert_eq!(set.changed, []);
    assert_eq!(diff.summary.schema_changes, 3);
}

#[test]
fn a_feature_before_others_moves_none_of_them() {
    let old = set("one", "a", names(&["first", "second"]));
    let new = set("one", "b", names(&["fresh", "first", "second"]));
    assert_eq!(schemas(vec![old], vec![new]).schema[0].moved, []);
}

#[test]
fn every_part_that_changes_is_told_alone() {
    type Case = (fn(&mut SetFacts), &'static str, Field, Option<&'static str>, Option<&'static str>);
    let cases: [Case; 10] = [
        (|set| set.features[0].formula = "C".to_owned(), "x", Field::Formula, Some("x(C)"), Some("C")),
        (|set| set.features[0].degenerate = "0".to_owned(), "x", Field::Degenerate, Some(""), Some("0")),
        (|set| set.features[0].range = "≥ 0".to_owned(), "x", Field::Range, Some("any"), Some("≥ 0")),
        (|set| set.features[0].warm_up = 4, "x", Field::WarmUp, Some("3"), Some("4")),
        (
            |set| set.features[0].memory = "recursive".to_owned(),
            "x",
            Field::Memory,
            Some("finite 4"),
            Some("recursive"),
        ),
        (|set| set.features[0].convergence = Some(9), "x", Field::Convergence, Some("none"), Some("9")),
        (|set| set.features[0].doc = "Better.".to_owned(), "x", Field::Doc, Some(""), Some("Better.")),
        (|set| set.params[0].value = 5, "window", Field::Parameter, Some("4"), Some("5")),
        (|set| set.params.clear(), "window", Field::Parameter, Some("4"), None),
        (
            |set| set.params.push(ParamFacts { name: "slow".to_owned(), value: 9 }),
            "slow",
            Field::Parameter,
            None,
            Some("9"),
        ),
    ];
    for (change, name, field, old_part, new_part) in cases {
        let old = set("one", "a", names(&["x", "y"]));
        let mut new = old.clone();
        change(&mut new);
        let diff = schemas(vec![old], vec![new]);
        let [old_part, new_part] = [old_part, new_part].map(|part| part.map(str::to_owned));
        let expected = Changed { name: name.to_owned(), field, old: old_part, new: new_part };
        assert_eq!(diff.schema[0].changed, [expected]);
        let described = usize::from(field == Field::Doc || field == Field::Convergence);
        assert_eq!(
            (diff.summary.schema_changes, diff.summary.described_changes),
            (1 - described, described),
            "{field:?}"
        );
        assert!(!diff.summary.is_same());
    }
}

#[test]
fn sets_of_one_version_alone_have_one_hash() {
    let (left, one, right) = (
        set("left", "l", names(&["x"])),
        set("one", "o", names(&["x"])),
        set("right", "r", names(&["x", "y"])),
    );
    let diff = schemas(vec![one.clone(), left], vec![right, one]);
    let sets: Vec<_> = diff
        .schema
        .iter()
        .map(|set| (set.set.as_str(), set.old_schema_hash.as_deref(), set.new_schema_hash.as_deref()))
        .collect();
    assert_eq!(sets, [("one", Some("o"), Some("o")), ("left", Some("l"), None), ("right", None, Some("r"))]);
    assert_eq!(diff.schema[2].added.len(), 2);
    assert_eq!(diff.schema[1].removed.len(), 1);
    let text = diff.terminal(false);
    assert!(text.contains("\nleft: set removed, 1 feature\n"), "{text}");
    assert!(text.contains("\nright: set added, 2 features\n"), "{text}");
}

fn write(folder: &Path, files: &[(&str, &[u8])]) {
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// The folders of two versions.
fn folders(old: &[(&str, &[u8])], new: &[(&str, &[u8])]) -> TextDiff {
    let root = tempfile::tempdir().unwrap();
    let [old_folder, new_folder] = ["features-v1", "features-v2"].map(|name| root.path().join(name));
    write(&old_folder, old);
    write(&new_folder, new);
    TextDiff::between(&old_folder, &new_folder).unwrap()
}

#[test]
fn the_crates_own_name_and_line_ends_make_no_difference() {
    let text = folders(
        &[("a.rs", b"use features_v1::x;\n// features-v1 after features-v0\n"), ("target/debug/x", b"1")],
        &[("a.rs", b"use features_v2::x;\r\n// features-v2 after features-v0\r\n"), ("target/debug/x", b"2")],
    );
    assert_eq!(text, TextDiff { files: Vec::new(), same_files: 1 });
}

#[test]
fn the_name_of_another_version_makes_one() {
    let text = folders(&[("a.rs", b"features-v12\n")], &[("a.rs", b"features-v22\n")]);
    let patch = "--- features-v1/a.rs\n+++ features-v2/a.rs\n@@ -1 +1 @@\n-features-v12\n+features-v22\n";
    assert_eq!(text.files[0].patch.as_deref(), Some(patch));
}

#[test]
fn files_are_told_by_what_they_are() {
    let (old_image, new_image): (&[u8], &[u8]) = (b"\xff\x00", b"\xff\x01");
    let text = folders(
        &[
            ("SHA256SUMS", b"a\n"),
            ("goldens/FEATURES", b"a\n"),
            ("image", old_image),
            ("same", b"a\n"),
            ("src/gone.rs", b"one\ntwo\n"),
            ("src/lib.rs", b"1\n2\n3\n4\n5\n6\n7\n8\n9\n"),
        ],
        &[
            ("README.md", b""),
            ("SHA256SUMS", b"b\n"),
            ("goldens/FEATURES", b"b\n"),
            ("image", new_image),
            ("same", b"a\n"),
            ("src/lib.rs", b"1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            ("src/no_end.rs", b"one"),
        ],
    );
    let hash = |bytes: &[u8]| Some(feature_api::identity::sha256(bytes).to_string());
    let files: Vec<_> =
        text.files.iter().map(|file| (file.path.as_str(), file.status, file.patch.as_deref())).collect();
    assert_eq!(
        files,
        [
            ("README.md", FileStatus::Added, None),
            ("SHA256SUMS", FileStatus::Changed, None),
            ("goldens/FEATURES", FileStatus::Changed, None),
            ("image", FileStatus::Changed, None),
            (
                "src/gone.rs",
                FileStatus::Removed,
                Some(
                    "--- features-v1/src/gone.rs\n+++ features-v2/src/gone.rs\n@@ -1,2 +0,0 @@\n-one\n-two\n"
                )
            ),
            (
                "src/lib.rs",
                FileStatus::Changed,
                Some(
                    "--- features-v1/src/lib.rs\n+++ features-v2/src/lib.rs\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n \
                     6\n 7\n 8\n"
                )
            ),
            (
                "src/no_end.rs",
                FileStatus::Added,
                Some(
                    "--- features-v1/src/no_end.rs\n+++ features-v2/src/no_end.rs\n@@ -0,0 +1 @@\n+one\n\\ No newline \
                     at end of file\n"
                )
            ),
        ]
    );
    assert_eq!(text.same_files, 1);
    assert_eq!((&text.files[3].old_sha256, &text.files[3].new_sha256), (&hash(old_image), &hash(new_image)));
    assert_eq!((text.files[5].added_lines, text.files[5].removed_lines), (1, 1));
}

#[cfg(unix)]
#[test]
fn a_link_is_told_and_not_followed() {
    let root = tempfile::tempdir().unwrap();
    let [old, new] = ["features-v1", "features-v2"].map(|name| root.path().join(name));
    write(&old, &[("a", b"text\n")]);
    write(&new, &[("b", b"text\n")]);
    std::os::unix::fs::symlink(&old, new.join("a")).unwrap();
    fs::remove_file(new.join("b")).unwrap();
    let text = TextDiff::between(&old, &new).unwrap();
    let [file] = text.files.as_slice() else { panic!("{text:?}") };
    let target = old.display().to_string().replace("features-v2", "features-vN");
    assert_eq!(
        file.patch.as_deref(),
        Some(
            format!("--- features-v1/a\n+++ features-v2/a\n@@ -1 +1 @@\n-text\n+symbolic link to {target}\n")
                .as_str()
        )
    );
}

#[test]
fn a_folder_that_cannot_be_read_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let missing = root.path().join("features-v1");
    let error = TextDiff::between(&missing, &missing).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: ", missing.display())), "{error}");
}

/// A schema change, every kind of value, and texts that must be escaped.
fn whole() -> Diff {
    let old = set("one", "hash a", names(&["same", "ulp", "moved", "gone", "valid"]));
    let mut new = set("one", "hash b", names(&["moved", "same", "ulp", "valid", "fresh"]));
    new.features[2].formula = "|C| `x`".to_owned();
    let text = folders(&[("a_b.rs", b"```\n<one>\n")], &[("a_b.rs", b"```\n<one>\x1b[2J\n")]);
    let mut new = facts(2, vec![new]);
    new.golden_output_hash = "recorded".to_owned();
    let mut values = toy_values();
    values.inputs.remove(1);
    Diff::of(&facts(1, vec![old]), &new, values, text)
}

#[test]
fn the_summary_counts_what_differs() {
    let diff = whole();
    let expected = Summary {
        schema_changes: 4,
        described_changes: 0,
        differing_features: 2,
        sets_with_other_rows: 1,
        differing_files: 1,
    };
    assert_eq!(diff.summary, expected);
}

#[test]
fn a_terminal_shows_the_page() {
    assert_eq!(whole().terminal(false), include_str!("diff/page.txt").replace("\r\n", "\n"));
}

#[test]
fn colours_add_nothing_but_colours() {
    let diff = whole();
    let coloured = diff.terminal(true);
    assert!(coloured.contains("\x1b[32m+<one>\\u{1b}[2J\x1b[0m\n"), "{coloured}");
    let mut plain = coloured;
    for colour in ["0", "1", "31", "32", "36"] {
        plain = plain.replace(&format!("\x1b[{colour}m"), "");
    }
    assert_eq!(plain, diff.terminal(false));
}

#[test]
fn markdown_shows_the_page() {
    assert_eq!(whole().markdown(), include_str!("diff/page.md").replace("\r\n", "\n"));
}

#[test]
fn json_has_every_feature_and_reads_back() {
    let diff = whole();
    let json: serde_json::Value = serde_json::from_str(&diff.json().unwrap()).unwrap();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = ["old", "new", "summary", "schema", "values", "text"];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(Values::parse(json["values"].to_string().as_bytes()).unwrap(), diff.values);
    assert_eq!(json["values"]["inputs"][0]["sets"][0]["features"][0]["feature"], "same");
    assert_eq!(json["values"]["inputs"][0]["sets"][0]["features"][1]["first"]["new"], "0.10000000000000002");
    assert_eq!(json["schema"][0]["changed"][0]["field"], "formula");
    assert_eq!(json["text"]["files"][0]["status"], "changed");
}

#[test]
fn no_difference_is_said_and_so_is_a_comparison_of_nothing() {
    let sets = || vec![set("one", "a", names(&["x"]))];
    let mut values = toy_values();
    values.inputs.truncate(1);
    let compared = &mut values.inputs[0].sets[0];
    compared.features.truncate(1);
    compared.refused_by_one = 0;
    compared.refused_by_new.events = 0;
    let diff = |values| Diff::of(&facts(1, sets()), &facts(1, sets()), values, TextDiff::default());
    let same = diff(values.clone());
    assert!(same.summary.is_same());
    assert!(same.terminal(false).contains("\nNo difference: schema, values and text are the same.\n"));
    values.inputs[0].sets[0].rows = 0;
    let nothing = diff(values);
    assert!(!nothing.summary.is_same());
    let text = nothing.terminal(false);
    assert!(text.contains("\n  values: 0 features with other values; 1 set with other rows\n"), "{text}");
    assert!(text.contains("\none: no row to compare"), "{text}");
}

#[test]
fn a_field_that_is_not_known_is_no_comparison() {
    let error = Values::parse(br#"{"inputs":[],"more":1}"#).unwrap_err().to_string();
    assert_eq!(error, "unknown field `more`, expected `inputs` at line 1 column 19");
}
