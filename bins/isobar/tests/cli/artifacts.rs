//! `verify`, `inspect`, `keys`, and that no command takes an artifact that is not what it must be.

use feature_api::identity::sha256;

use super::lab::Lab;
use super::snapshots::check;

impl Lab {
    /// `bars.csv`, a dataset in `data` and a small model in `model.iso`.
    pub fn with_model() -> Self {
        let lab = Self::with_bars(1_500);
        lab.must("build --features 1 --set core --bars bars.csv --label direction:horizon=10 --out data");
        lab.train("model.iso", "");
        lab
    }

    pub fn train(&self, out: &str, more: &str) {
        let fixed = "--trees 5 --depth 2 --timestamp 2026-01-01T00:00:00Z";
        self.must(&format!("train --data data {fixed} {more} --out {out}"));
    }
}

#[test]
fn what_is_inside_is_shown() {
    let lab = Lab::with_model();
    lab.train("model.iso", "--scaler standard --drop close --block atr<1 --clip 0.01,0.99");
    let text = lab.must("inspect model.iso").stdout;
    for expected in [
        "created       2026-01-01T00:00:00Z",
        &format!("features      {}, set core", features_v1::FEATURES),
        "label         direction:horizon=10,above=0",
        "inputs        18 features of 19, one row, without close",
        "scaler        standard",
        "blocked where atr<1",
        "bars          time bars of 1m with volume",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let json: serde_json::Value = serde_json::from_str(&lab.must("inspect model.iso --json").stdout).unwrap();
    assert_eq!(json["preprocess"]["inputs"].as_array().unwrap().len(), 18);
    assert_eq!(json["reference"].as_array().unwrap().len(), 19);
    assert_eq!(json["filters"][0], "atr<1");
    assert_eq!(json["preprocess"]["dropped"][0], "close");
}

#[test]
fn an_altered_file_is_refused_by_every_command() {
    let lab = Lab::with_model();
    let mut bytes = lab.read("model.iso");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(lab.path("bad.iso"), &bytes).unwrap();
    for args in
        ["verify bad.iso", "inspect bad.iso", "predict --artifact bad.iso --bars bars.csv --out p.csv"]
    {
        let done = lab.run(args);
        assert_eq!(done.code, 1, "{args}");
        assert!(done.stderr.contains("checksum: expected content of sha256"), "{args}\n{}", done.stderr);
        assert!(done.stdout.is_empty());
    }
    assert!(!lab.names().contains(&"p.csv".to_owned()));
}

#[test]
fn other_bars_and_another_set_are_refused() {
    let lab = Lab::with_model();
    let done = lab.run("verify model.iso --set entry --interval 5m");
    assert_eq!(done.code, 1);
    for expected in [
        "2 problems",
        "\n  set: ",
        "\n  bars: ",
        "time bars of 5m with volume",
        "time bars of 1m with volume",
    ] {
        assert!(done.stderr.contains(expected), "{expected}\n{}", done.stderr);
    }
    lab.must("synth --kind bars --rows 500 --seed 7 --interval 5m --out five.csv");
    let done = lab.run("predict --artifact model.iso --bars five.csv --out p.csv");
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("time bars of 5m with volume"), "{}", done.stderr);
    let done = lab.run("predict --artifact model.iso --bars bars.csv --volume none --out p.csv");
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("without volume"), "{}", done.stderr);
}

#[test]
fn other_parameters_are_refused_where_a_set_is_demanded() {
    let lab = Lab::with_bars(1_500);
    let build = "build --features 1 --set core --bars bars.csv --label direction:horizon=10 --out data";
    lab.must(&format!("{build} --param rsi=21"));
    lab.train("model.iso", "");
    lab.must("verify model.iso");
    lab.must("verify model.iso --set core --param rsi=21");
    let done = lab.run("verify model.iso --set core");
    assert_eq!(done.code, 1);
    for expected in ["\n  params: ", "rsi=14", "rsi=21"] {
        assert!(done.stderr.contains(expected), "{expected}\n{}", done.stderr);
    }
}

#[test]
#[cfg(unix)]
fn a_pipe_is_no_artifact() {
    let lab = Lab::new();
    let made = std::process::Command::new("mkfifo").arg(lab.path("pipe.iso")).status().unwrap();
    assert!(made.success());
    let done = lab.run("verify pipe.iso");
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("it is no file"), "{}", done.stderr);
}

#[test]
fn signatures_are_demanded_where_keys_are_trusted() {
    let lab = Lab::with_model();
    lab.must("keys new --out ours");
    lab.must("keys new --out theirs");
    let again = lab.run("keys new --out ours");
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("a key is never replaced"), "{}", again.stderr);
    lab.train("signed.iso", "--sign ours.key");

    let unsigned = lab.run("verify model.iso --trusted-key ours.pub");
    assert_eq!(unsigned.code, 1);
    assert!(unsigned.stderr.contains("\n  unsigned: "), "{}", unsigned.stderr);
    let untrusted = lab.run("verify signed.iso --trusted-key theirs.pub");
    assert_eq!(untrusted.code, 1);
    assert!(untrusted.stderr.contains("\n  untrusted-signer: "), "{}", untrusted.stderr);
    let trusted = lab.must("verify signed.iso --trusted-key theirs.pub --trusted-key ours.pub");
    assert!(trusted.stdout.contains(", trusted"), "{}", trusted.stdout);
    let looked = lab.must("verify signed.iso");
    assert!(looked.stdout.contains("not compared with any trusted key"), "{}", looked.stdout);
    let secret = lab.run("verify signed.iso --trusted-key ours.key");
    assert_eq!(secret.code, 1);
    assert!(!secret.stderr.contains(lab.text("ours.key").split(' ').nth(3).unwrap().trim()));
}

#[test]
#[cfg(unix)]
fn a_secret_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let lab = Lab::new();
    lab.must("keys new --out ours");
    let mode = std::fs::metadata(lab.path("ours.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_ne!(lab.read("ours.key"), lab.read("ours.pub"));
}

/// A manifest with the hash of what stands in it: over its text with the hash empty, without white space.
fn rehashed(manifest: &str) -> String {
    let (before, rest) = manifest.split_once("\"manifest_hash\": \"").unwrap();
    let behind = &rest[rest.find('"').unwrap()..];
    let text = format!("{before}\"manifest_hash\": \"{behind}");
    let tight: String = text.lines().map(|line| line.trim().replacen("\": ", "\":", 1)).collect();
    format!("{before}\"manifest_hash\": \"{}{behind}", sha256(tight.as_bytes()))
}

#[test]
fn a_dataset_of_other_features_is_refused() {
    let lab = Lab::with_model();
    let manifest = lab.text("data/manifest.json");
    for (field, message) in [
        ("source_hash", "built with another source hash"),
        ("output_hash", "built with another output hash"),
        ("schema_hash", "built with another schema hash"),
    ] {
        let json: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        let hash = json[field].as_str().unwrap();
        let edited = manifest.replace(hash, &sha256(field.as_bytes()).to_string());
        lab.write("data/manifest.json", &edited);
        let done = lab.run("train --data data --out other.iso");
        assert_eq!(done.code, 1);
        assert!(done.stderr.contains("manifest_hash: expected"), "{}", done.stderr);
        // As a program of that other version would have written it.
        lab.write("data/manifest.json", &rehashed(&edited));
        let done = lab.run("train --data data --out other.iso");
        assert_eq!(done.code, 1);
        assert!(done.stderr.contains(message), "{}", done.stderr);
    }
    assert!(!lab.names().contains(&"other.iso".to_owned()));
}

#[test]
fn verifying_says_what_was_verified() {
    let lab = Lab::with_model();
    check("verify", &super::lab::transcript(&["verify", "model.iso"], &lab.run("verify model.iso")));
}

#[test]
fn what_is_measured_is_what_the_filters_let_pass() {
    let lab = Lab::with_model();
    lab.train("blocked.iso", "--block rsi<50");
    let of_train = |file: &str| {
        let json: serde_json::Value =
            serde_json::from_str(&lab.must(&format!("inspect {file} --json")).stdout).unwrap();
        let metrics = json["metrics"].as_array().unwrap().clone();
        let rows =
            metrics.iter().find(|metric| metric["rows"] == "train" && metric["metric"] == "rows").unwrap();
        (rows["value"].as_f64().unwrap(), json["train"]["rows"].as_f64().unwrap())
    };
    // 900 rows, without the warm-up of 33 and the ten whose labels look into the next part.
    assert_eq!(of_train("model.iso"), (857.0, 857.0));
    let (measured, trained) = of_train("blocked.iso");
    assert_eq!(trained, 857.0, "filters do not change what is trained on");
    assert!(measured > 100.0 && measured < 757.0, "{measured}");
}

#[test]
fn inspecting_demands_no_signature_and_takes_no_keys() {
    let lab = Lab::with_model();
    let done = lab.run("inspect model.iso --trusted-key ours.pub");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("unexpected argument '--trusted-key'"), "{}", done.stderr);
}

#[test]
fn an_artifact_is_verified_before_the_bars_are_read() {
    let lab = Lab::with_bars(50);
    lab.write("bad.iso", "");
    lab.write("bad.csv", "no bars");
    let done = lab.run("predict --artifact bad.iso --bars bad.csv --out p.csv");
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("bad.iso: refused"), "{}", done.stderr);
}
