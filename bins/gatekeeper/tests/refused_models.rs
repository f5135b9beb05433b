//! Configurations and models that are refused: before anything is written, with a code, an expectation and a finding.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use feature_api::FeatureVersion;
use support::models::{Draft, OTHER, SECRET, STRANGER, VERSION, entry, exit};
use support::{Ended, Lab, code};

const RUN: &str = "--bars $bars.csv --state $bot.state --out $decisions.jsonl";

/// Refused with that code, these texts in the critical line; nothing written. A dry run refuses the same.
#[track_caller]
fn refused(lab: &Lab, name: &str, texts: &[&str]) -> Ended {
    let before = lab.names();
    let ended = lab.spawn(RUN);
    ended.assert_refused(name, &[]);
    for text in texts {
        assert!(ended.stderr.contains(text), "{text:?} in {}", ended.stderr);
    }
    assert_eq!(ended.stdout, "");
    assert_eq!(lab.names(), before, "nothing was written");
    assert_eq!(lab.spawn("--dry-run").code, ended.code);
    let (result, stdout) = lab.run(RUN, "");
    let failure = result.unwrap_err();
    assert_eq!((i32::from(failure.exit_code()), failure.code(), stdout), (code(name), name, String::new()));
    ended
}

#[track_caller]
fn refused_config(from: &str, to: &str, texts: &[&str]) {
    refused(Lab::new(200).set(from, to), "configuration", texts);
}

#[test]
fn configurations_that_are_refused() {
    refused_config("cash = 10000", "cash = 10000\ncahs = 1", &["cahs"]);
    refused_config("[costs]", "[cots]\nx = 1\n[costs]", &["cots"]);
    refused_config("max_drawdown = 0.5", "max_drawdown = nan", &["risk.max_drawdown", "nan"]);
    refused_config("max_leverage = 1", "max_leverage = inf", &["risk.max_leverage", "inf"]);
    refused_config("max_daily_loss = 0.2\n", "", &["max_daily_loss"]);
    refused_config("spread = 0.0001", "spread = 1.5", &["costs.spread", "1.5"]);
    refused_config("cash = 10000", "cash = ", &["gatekeeper.toml"]);
    refused_config("unsigned = \"allow\"", "", &["trusted_keys"]);
    refused_config("interval = \"1m\"", "interval = \"0m\"", &["bars.interval", "0m"]);
}

#[test]
fn every_problem_of_a_configuration_is_reported() {
    let lab = Lab::new(200);
    lab.set("max_drawdown = 0.5", "max_drawdown = nan").set("taker_fee = 0.0002", "taker_fe = 0.0002");
    let ended = refused(&lab, "configuration", &["taker_fe", "max_drawdown"]);
    assert!(ended.critical().len() >= 3, "unknown, missing, not a number: {}", ended.stderr);
    for line in ended.critical() {
        assert!(line["expected"].is_string() && line["found"].is_string(), "{line}");
    }
}

#[test]
fn a_configuration_that_is_not_there() {
    let lab = Lab::new(200);
    std::fs::remove_file(lab.path("gatekeeper.toml")).unwrap();
    refused(&lab, "configuration", &["gatekeeper.toml", "gatekeeper.example.toml"]);
}

#[test]
fn strategies_and_instruments_that_do_not_fit() {
    refused(Lab::new(200).set("threshold = 0.55\n", ""), "strategy", &["threshold"]);
    refused_config("tick_size = 0.01", "tick_size = 0.001", &["tick_size", "2 price decimals"]);
    // Without decimals in the configuration the bars are read with those of the tick: here more than money has.
    let lab = Lab::new(200);
    lab.set("tick_size = 0.01", "tick_size = 0.0000000000000001")
        .set("price_decimals = 2\nvolume_decimals = 5\n", "");
    let ended = lab.spawn(RUN);
    assert_eq!(ended.code, Some(code("instrument")), "{}", ended.stderr);
    assert!(ended.critical()[0]["message"].as_str().unwrap().contains("finer than 1e-18"));
}

#[test]
fn models_that_cannot_be_read() {
    for name in ["entry.iso", "exit.iso"] {
        let lab = Lab::new(200);
        std::fs::remove_file(lab.path(name)).unwrap();
        refused(&lab, "artifact-unreadable", &[name]);
    }
    let lab = Lab::new(200);
    lab.write("entry.iso", "no artifact");
    refused(&lab, "magic", &["ISOBAR"]);
}

/// Every byte of an artifact counts; a few of them here, and one that is cut off.
#[test]
fn models_that_were_tampered_with() {
    let lab = Lab::new(200);
    let whole = std::fs::read(lab.path("entry.iso")).unwrap();
    for at in [100, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        lab.write("entry.iso", bytes);
        refused(&lab, "checksum", &["\"expected\":", "\"found\":", "entry.iso"]);
    }
    lab.write("entry.iso", &whole[..whole.len() - 1]);
    refused(&lab, "length", &["entry.iso"]);
}

#[test]
fn models_of_other_features() {
    let cases: [(&str, FeatureVersion, &str); 4] = [
        ("feature-crate", FeatureVersion { name: "features-v9", ..VERSION }, "features-v9"),
        ("feature-version", FeatureVersion { version: "9.9.9", ..VERSION }, "9.9.9"),
        ("source-hash", FeatureVersion { source_hash: OTHER, ..VERSION }, "eeeeeeee"),
        ("output-hash", FeatureVersion { output_hash: OTHER, self_test: || OTHER, ..VERSION }, "eeeeeeee"),
    ];
    for (name, version, found) in cases {
        let lab = Lab::new(200);
        lab.write("entry.iso", Draft { version, ..entry() }.seal(&lab.series));
        let ended = refused(&lab, name, &["entry.iso", found]);
        let critical = ended.critical();
        assert!(critical[0]["found"].as_str().unwrap().contains(found), "{critical:?}");
        assert!(critical[0]["expected"].as_str().is_some_and(|expected| !expected.contains(found)));
    }
}

#[test]
fn models_of_other_bars() {
    let lab = Lab::new(200);
    let ended = refused(lab.set("interval = \"1m\"", "interval = \"5m\""), "bars", &[]);
    // Both models are of other bars, and both are said.
    let critical = ended.critical();
    assert_eq!(critical.len(), 2, "{}", ended.stderr);
    for (line, name) in critical.iter().zip(["entry.iso", "exit.iso"]) {
        assert_eq!(line["expected"], "time bars of 5m with volume");
        assert_eq!(line["found"], "time bars of 1m with volume");
        assert!(line["message"].as_str().unwrap().contains(name));
    }
}

#[test]
fn models_without_the_signature_that_is_demanded() {
    let lab = Lab::new(200);
    let key: artifact::SecretKey = SECRET.parse().unwrap();
    lab.write("trusted.pub", key.public().to_string());
    lab.set("unsigned = \"allow\"", "trusted_keys = [\"trusted.pub\"]");
    refused(&lab, "unsigned", &["entry.iso", "exit.iso"]);

    let sign = |key| {
        lab.write("entry.iso", Draft { key: Some(key), ..entry() }.seal(&lab.series));
        lab.write("exit.iso", Draft { key: Some(key), ..exit() }.seal(&lab.series));
    };
    sign(STRANGER);
    refused(&lab, "untrusted-signer", &[]);
    lab.write("exit.iso", Draft { key: Some(SECRET), ..exit() }.seal(&lab.series));
    refused(&lab, "untrusted-signer", &["entry.iso"]);

    sign(SECRET);
    let ended = lab.spawn("--dry-run");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let identity = support::line(&ended.stdout, "identity");
    assert_eq!(identity["entry"]["signer"], key.public().to_string());

    lab.write("trusted.pub", "no key");
    refused(&lab, "key", &["trusted.pub"]);
    std::fs::remove_file(lab.path("trusted.pub")).unwrap();
    refused(&lab, "key", &["trusted.pub"]);
}
