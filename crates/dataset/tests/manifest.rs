//! A dataset that was damaged or edited is refused.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod common;

use std::fs;

use common::{halves, label, options, synth, text_of, with_finer};
use dataset::{BuildOptions, Dataset, DatasetError, build};
use features_v1::FEATURES;
use serde_json::Value;

#[test]
fn every_flipped_byte_of_the_rows_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path(), &synth(100), &options(&FEATURES, "core")).unwrap();
    let rows = folder.path().join("rows.parquet");
    let whole = fs::read(&rows).unwrap();
    let mut damaged = whole.clone();
    for index in 0..whole.len() {
        damaged[index] ^= 1 << (index % 8);
        fs::write(&rows, &damaged).unwrap();
        assert!(text_of(Dataset::open(folder.path())).contains("rows.parquet, sha256"), "byte {index}");
        damaged[index] = whole[index];
    }
    for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
        fs::write(&rows, &whole[..cut]).unwrap();
        assert!(text_of(Dataset::open(folder.path())).contains("rows.parquet, sha256"), "cut at {cut}");
    }
    fs::write(&rows, &whole).unwrap();
    Dataset::open(folder.path()).unwrap();
}

/// Every way to change one leaf, to leave out one element or one field, or to add one.
fn edits(value: &Value) -> Vec<(String, Value)> {
    let mut edits = Vec::new();
    let changed = match value {
        Value::Null => vec![Value::from("0".repeat(64)), Value::from(0)],
        Value::Bool(is) => vec![Value::from(!is)],
        Value::Number(number) => match number.as_i64() {
            Some(number) => vec![Value::from(number + 1), Value::from(number - 1), Value::from(-number - 7)],
            None => vec![Value::from(number.as_f64().unwrap().next_up()), Value::from(0.25)],
        },
        Value::String(text) => {
            // Another hexadecimal digit: a hash stays a hash.
            let other = if text.ends_with('0') { "1" } else { "0" };
            let last = text.chars().count() - 1;
            let digit: String = text.chars().take(last).chain(other.chars()).collect();
            vec![Value::from(digit), Value::from(format!("{text}x")), Value::from("")]
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                for (path, edit) in self::edits(item) {
                    let mut items = items.clone();
                    items[index] = edit;
                    edits.push((format!("[{index}]{path}"), Value::from(items)));
                }
            }
            let mut edited = vec![[&items[..], &items[..1]].concat()];
            edited.extend((0..items.len()).map(|index| [&items[..index], &items[index + 1..]].concat()));
            edited.into_iter().map(Value::from).collect()
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                for (path, edit) in self::edits(field) {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), edit);
                    edits.push((format!(".{name}{path}"), Value::from(fields)));
                }
                // A field that is null may be left out: it is null then too.
                if !field.is_null() {
                    let mut without = fields.clone();
                    without.remove(name);
                    edits.push((format!(" without {name}"), Value::from(without)));
                }
            }
            let mut more = fields.clone();
            more.insert("more".to_owned(), Value::from(1));
            vec![Value::from(more)]
        }
    };
    edits.extend(changed.into_iter().map(|value| (format!(" = {value}"), value)));
    edits
}

#[test]
fn every_edit_of_the_manifest_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let series = synth(200);
    let direction = label("direction:horizon=5");
    for options in
        [with_finer(&halves(&series.bars)), BuildOptions { label: direction, ..options(&FEATURES, "core") }]
    {
        build(folder.path(), &series, &options).unwrap();
        let path = folder.path().join("manifest.json");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(common::rehashed(&text), text, "the hash is that of the documentation");
        let manifest: Value = serde_json::from_str(&text).unwrap();
        let edits = edits(&manifest);
        for name in manifest.as_object().unwrap().keys() {
            let begin = format!(".{name}");
            assert!(edits.iter().any(|(path, _)| path.starts_with(&begin)), "{name} is not edited");
        }
        assert!(edits.len() > 200, "{}", edits.len());
        for (what, edit) in edits {
            assert_ne!(edit, manifest, "{what}");
            fs::write(&path, serde_json::to_vec(&edit).unwrap()).unwrap();
            let text = text_of(Dataset::open(folder.path()));
            let is_named = text.contains("manifest_hash: expected") || text.contains("manifest.json: ");
            assert!(is_named && text.contains("build"), "{what}: {text}");
        }
        // What the label means, in words of the same length: no other check would see it.
        if options.label == direction {
            fs::write(&path, text.replace("above=0\"", "above=0.05\"")).unwrap();
            let text = text_of(Dataset::open(folder.path()));
            assert!(text.contains("1 problem\n") && text.contains("over its other fields"), "{text}");
        }
        // Order and white space say nothing.
        fs::write(&path, serde_json::to_vec(&manifest).unwrap()).unwrap();
        Dataset::open(folder.path()).unwrap();
    }
}

#[test]
fn a_manifest_whose_hash_was_computed_anew_must_still_agree_with_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path(), &synth(200), &options(&FEATURES, "core")).unwrap();
    let path = folder.path().join("manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    for (from, to, expected) in [
        ("\"format\": 1", "\"format\": 2", "format: expected 1, found 2"),
        ("\"format\": 1,", "", "missing field `format`"),
        ("\"format\": 1,", "\"format\": 1, \"more\": 1,", "unknown field `more`"),
        ("\"rows\": 200", "\"rows\": 201", "number of rows: expected 201, found 200"),
        ("\"labelled\": 195", "\"labelled\": 200", "rows with a label: expected 200, found 195"),
        ("\"bb_upper\"", "\"another\"", "names of columns: expected rsi, macd, macd_signal, another, "),
        ("return:horizon=5", "return:horizon=6", "parts.train: expected rows 33 to 114"),
        (
            "return:horizon=5",
            "direction:horizon=5,above=0",
            "expected a value of direction:horizon=5,above=0",
        ),
        ("return:horizon=5", "direction:horizon=5", "is written \"direction:horizon=5,above=0\""),
        ("return:horizon=5", "return:horizon=0", "label: expected a label with every field"),
        ("\"train\": 0.6", "\"train\": 0.59", "parts.train"),
        ("\"train\": 0.6", "\"train\": 0.9", "split: expected shares above 0"),
        ("\"kind\": \"time\"", "\"kind\": \"tick\"", "bars: expected kind \"time\""),
        ("\"source_hash\": \"", "\"source_hash\": \"z", "source_hash: expected 64 hexadecimal digits"),
        ("\"ts_close\": 1704", "\"ts_close\": 1604", "ts_event of the last row"),
    ] {
        let edited = manifest.replacen(from, to, 1);
        assert_ne!(edited, manifest, "{from}");
        fs::write(&path, common::rehashed(&edited)).unwrap();
        let text = text_of(Dataset::open(folder.path()));
        assert!(text.contains(expected), "{to}: {text:?} should say {expected:?}");
        assert!(text.contains("build it again") || text.contains("build the dataset again"), "{text}");
    }
    // Everything that does not agree is listed.
    let edited = manifest.replacen("\"rows\": 200", "\"rows\": 7", 1).replacen(
        "\"labelled\": 195",
        "\"labelled\": 7",
        1,
    );
    fs::write(&path, common::rehashed(&edited)).unwrap();
    assert!(text_of(Dataset::open(folder.path())).contains("2 problems"));
    fs::remove_file(&path).unwrap();
    assert!(matches!(Dataset::open(folder.path()), Err(DatasetError::Read { .. })));
}
