//! The binary `compare`, as it is called.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

fn compare(arguments: &[&str]) -> Result<serde_json::Value, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_compare")).args(arguments).output().unwrap();
    if output.status.success() {
        return Ok(serde_json::from_slice(&output.stdout).unwrap());
    }
    assert!(output.stdout.is_empty());
    Err(String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_version_does_not_differ_from_itself_on_bars_either() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compare-bars.csv");
    let rows: String =
        (0..40).map(|minute| format!("{},5,7,4,{},9\n", minute * 60, 5 + minute % 3)).collect();
    fs::write(&path, format!("time,open,high,low,close,volume\n{rows}")).unwrap();
    let found = compare(&["v1", "features-v1", "--bars", path.to_str().unwrap()]).unwrap();
    let inputs = found["inputs"].as_array().unwrap();
    let names: Vec<_> = inputs.iter().map(|input| input["input"].as_str().unwrap()).collect();
    assert_eq!(names, ["the canonical events of features-v1", "the bars of compare-bars.csv"]);
    assert_eq!(inputs[1]["events"], 40);
    for set in inputs.iter().flat_map(|input| input["sets"].as_array().unwrap()) {
        assert!(set["rows"].as_u64().unwrap() >= 40, "{set}");
        assert!(set["features"].as_array().unwrap().iter().all(|feature| feature["differ"] == 0), "{set}");
    }
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let usage = "error: usage: compare OLD NEW [--bars FILE [--float-noise=round] [--skip-problems] \
                 [--volume=none]], such as: compare v1 v2 --bars bars.csv\n";
    for arguments in [&["v1"][..], &["v1", "v1", "--bars"], &["v1", "v1", "--bars", "x.csv", "--order"]] {
        assert_eq!(compare(arguments).unwrap_err(), usage, "{arguments:?}");
    }
    let unknown = compare(&["v1", "v0"]).unwrap_err();
    assert!(unknown.starts_with("error: feature-registry has no version \"v0\"; it has: v1"), "{unknown}");
}

#[test]
fn a_row_that_is_wrong_is_told_as_the_reader_tells_it() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compare-wrong.csv");
    let text = "time,open,high,low,close,volume\n0,5,7,4,6,9\n60,5,7,4,6,x\n120,5,7,4,6,9\n180,5,7,4,6,9\n";
    fs::write(&path, text).unwrap();
    let file = path.to_str().unwrap();
    let error = compare(&["v1", "v1", "--bars", file]).unwrap_err();
    assert!(error.starts_with(&format!("error: {file}: 1 problem")), "{error}");
    assert!(error.contains("\n  line 3, volume: "), "{error}");
    let found = compare(&["v1", "v1", "--bars", file, "--skip-problems"]).unwrap();
    let notes = found["inputs"][1]["notes"].to_string();
    assert!(notes.contains("\"rows with problems, left out: 1\""), "{notes}");
}
