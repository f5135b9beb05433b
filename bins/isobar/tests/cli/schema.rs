use std::io;
use std::process::Stdio;

use super::lab::{Lab, redact};
use super::snapshots::{check, check_runs};

#[test]
fn core_as_text_and_json() {
    let lab = Lab::new();
    check_runs("schema_core", &lab, &[&["schema", "--features", "1", "--set", "core"]]);
    check("schema_core_json", &redact(&lab.must("schema --features 1 --set core --json").stdout));
}

#[test]
fn json_says_what_the_crate_says() {
    let lab = Lab::new();
    for (set, width) in [("core", 19), ("entry", 85), ("exit", 25)] {
        let text = lab.must(&format!("schema --features 1 --set {set} --json")).stdout;
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let engine = features_v1::by_name(set, &[]).unwrap();
        let schema = engine.schema();
        assert_eq!(json["version"], features_v1::VERSION);
        assert_eq!(json["set"], set);
        assert_eq!(json["source_hash"], features_v1::SOURCE_HASH.to_string());
        assert_eq!(json["output_hash"], features_v1::OUTPUT_HASH.to_string());
        assert_eq!(json["schema_hash"], schema.hash().to_string());
        assert_eq!(json["warm_up"], schema.warm_up());
        assert!(json["state_bytes"].as_u64().unwrap() > 500);
        assert_eq!(json["params"].as_object().unwrap().len(), schema.params().len());
        for param in schema.params() {
            assert_eq!(json["params"][&param.name], param.value);
        }
        let features = json["features"].as_array().unwrap();
        assert_eq!(features.len(), width);
        for (index, (found, spec)) in features.iter().zip(schema.features()).enumerate() {
            assert_eq!(found["index"], index);
            assert_eq!(found["name"], spec.name);
            assert_eq!(found["formula"], spec.formula);
            assert_eq!(found["warm_up"], spec.warm_up);
            assert_eq!(found["memory"], spec.memory.to_string());
            assert_eq!(found["degenerate"], spec.degenerate);
            assert_eq!(found["doc"], spec.doc);
            let (min, max) = spec.range.bounds();
            assert_eq!((found["range"]["min"].as_f64(), found["range"]["max"].as_f64()), (min, max));
            assert!(found["range"]["kind"].is_string());
        }
    }
}

#[test]
fn a_parameter_shows_everywhere() {
    let lab = Lab::new();
    let plain = lab.must("schema --features 1 --set core --json").stdout;
    let other = lab.must("schema --features 1 --set core --json --param rsi=21 --param vwap=40").stdout;
    let [plain, other]: [serde_json::Value; 2] =
        [plain, other].map(|text| serde_json::from_str(&text).unwrap());
    assert_eq!(other["params"]["rsi"], 21);
    assert_eq!(other["features"][0]["formula"], "RSI21 (Wilder)");
    assert_eq!((plain["warm_up"].as_u64(), other["warm_up"].as_u64()), (Some(33), Some(39)));
    assert_ne!(plain["schema_hash"], other["schema_hash"]);
    assert_eq!(plain["output_hash"], other["output_hash"]);
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let lab = Lab::with_bars(50);
    for args in [
        "schema --features 1 --set entry",
        "schema --features 1 --set entry --json",
        "inspect-data bars.csv",
        "inspect-data bars.csv --json",
        "--help",
        "features --help",
        "--version",
    ] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let args: Vec<&str> = args.split_whitespace().collect();
        let output = lab.command(&args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_behind_stdout_is_an_error() {
    let lab = Lab::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = lab.command(&["schema", "--features", "1", "--set", "core"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: cannot write to stdout: No space left"), "{error}");
}
