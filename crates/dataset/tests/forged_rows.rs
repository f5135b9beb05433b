//! Rows that no build gives are refused, although their hash is the one that the manifest states.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod common;

use std::fs;
use std::path::Path;

use common::{options, rehashed, synth};
use dataset::{Dataset, build};
use feature_api::identity::sha256;
use feature_api::{Columns, Row};
use features_v1::FEATURES;
use market_data::table::{Table, TableWriter, read_table};

/// Changes a row by its index.
type Change = fn(usize, &mut Row);

/// Changes the rows of a dataset and makes its manifest agree with their hash.
fn forge(folder: &Path, change: Change) {
    let path = folder.join("rows.parquet");
    let before = sha256(&fs::read(&path).unwrap()).to_string();
    let Table { names, rows } = read_table(&path).unwrap();
    let mut changed = Columns::new(names.len());
    for index in 0..rows.len() {
        let mut row = Row::new(names.len());
        (row.ts_event, row.ts_available) = (rows.ts_event[index], rows.ts_available[index]);
        (0..names.len()).for_each(|column| row.set(column, rows.get(index, column)));
        change(index, &mut row);
        changed.push(&row);
    }
    let mut table =
        TableWriter::create(&path, &names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    table.write(&changed).unwrap();
    table.finish().unwrap();
    let after = sha256(&fs::read(&path).unwrap()).to_string();
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    fs::write(folder.join("manifest.json"), rehashed(&manifest.replace(&before, &after))).unwrap();
}

#[test]
fn rows_that_no_build_gives_are_refused_though_their_hash_is_stated() {
    let changes: [(Change, &str); 6] = [
        (|_, _| {}, ""),
        // A label moved into the last rows, whose future is not there.
        (
            |index, row| match index {
                100 => row.set(19, None),
                199 => row.set(19, Some(0.0)),
                _ => {}
            },
            "label of row 199: expected none in the last 5 rows, found 0",
        ),
        (
            |index, row| row.set(19, row.get(19).filter(|_| index != 7)),
            "rows with a label: expected 195, found 194",
        ),
        (
            |index, row| {
                if index == 8 {
                    row.ts_event.0 -= common::MINUTE;
                }
            },
            "ts_event of row 8: expected 60000000000 ns or more after the row before, found 0 ns",
        ),
        (
            |index, row| {
                if index == 8 {
                    row.ts_event.0 += 1;
                }
            },
            "ts_event of row 9: expected 60000000000 ns or more after the row before, found 59999999999 ns",
        ),
        (
            |index, row| {
                if index == 9 {
                    row.set(2, Some(f64::INFINITY));
                }
            },
            "row 9, macd_signal: inf is not finite",
        ),
    ];
    for (change, expected) in changes {
        let folder = tempfile::tempdir().unwrap();
        build(folder.path(), &synth(200), &options(&FEATURES, "core")).unwrap();
        forge(folder.path(), change);
        let text = Dataset::open(folder.path()).map_or_else(|error| error.to_string(), |_| String::new());
        assert!(text.contains(expected) && text.is_empty() == expected.is_empty(), "{text:?}: {expected:?}");
    }
}
