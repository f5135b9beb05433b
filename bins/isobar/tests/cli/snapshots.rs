//! Snapshots: written by `INSTA_UPDATE=always cargo test -p isobar`, then read and committed.

use std::fs;
use std::path::Path;

use super::lab::{Lab, transcript};

/// Compares with `tests/snapshots/NAME.snap`.
pub fn check(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "../snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!(name, text) });
}

/// Runs each command line and compares all transcripts with one snapshot.
pub fn check_runs(name: &str, lab: &Lab, runs: &[&[&str]]) {
    let texts: Vec<String> = runs.iter().map(|args| transcript(args, &lab.run_args(args))).collect();
    check(name, &texts.join("\n"));
}

#[test]
fn none_is_pending() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(name.ends_with(".snap"), "{name}: review it, then commit or delete it");
    }
}

#[test]
fn help() {
    let lab = Lab::new();
    check_runs(
        "help",
        &lab,
        &[
            &["--help"],
            &["synth", "--help"],
            &["schema", "--help"],
            &["features", "--help"],
            &["bars", "--help"],
            &["selftest", "--help"],
            &["inspect-data", "--help"],
            &["build", "--help"],
            &["train", "--help"],
            &["seal", "--help"],
            &["verify", "--help"],
            &["inspect", "--help"],
            &["predict", "--help"],
            &["keys", "--help"],
            &["keys", "new", "--help"],
            &["--version"],
        ],
    );
}
