//! Whatever does not fit is refused by its own error, with what was expected and what was found.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use artifact::{Check, Problem, PublicKey, SecretKey, Trust, verify};
use feature_api::identity::Hash;
use feature_api::{BarKind, BarSpec, FeatureVersion, Param, ParamError, SetError};
use support::refused::{forged, one, refused};
use support::samples::{OTHER, check, key, sealed};
use support::toy::{SETS, TOY};
use support::wire::{self, Forged, STRANGER};

fn version(change: impl FnOnce(&mut FeatureVersion)) -> FeatureVersion {
    let mut version = TOY;
    change(&mut version);
    version
}

fn hex(hash: Hash) -> String {
    hash.to_string()
}

#[test]
fn all_that_fits_is_taken() {
    let set = Some("toy");
    let params = [Param { name: "window".to_owned(), value: 3 }];
    let bars = Some(BarSpec { kind: BarKind::Time { interval: 60_000_000_000 }, volume: true });
    let keys = [SecretKey::generate().unwrap().public(), key().public()];
    let trust = Trust::Keys(&keys);
    assert!(verify(&sealed("signed"), &Check { set, params: Some(&params), bars, trust, ..check() }).is_ok());
    // The catalogue's own parameters are those.
    assert!(verify(&sealed("linear"), &Check { set, params: Some(&[]), bars, ..check() }).is_ok());
}

#[test]
fn another_crate() {
    let version = version(|version| version.name = "features-other");
    let texts = ["features-other", "features-toy"];
    refused(&sealed("linear"), &Check { version: &version, ..check() }, &[("feature-crate", &texts)]);
}

#[test]
fn wrong_version() {
    let version = version(|version| version.version = "1.2.4");
    let found = refused(
        &sealed("linear"),
        &Check { version: &version, ..check() },
        &[("feature-version", &["1.2.4", "1.2.3"])],
    );
    let expected =
        Problem::FeatureVersion { features: "features-toy", expected: "1.2.4", found: "1.2.3".to_owned() };
    assert_eq!(one(found), expected);
}

#[test]
fn no_version_at_all() {
    for text in ["1.2", "v1.2.3", "1.2.3 ", "01.2.3", "latest"] {
        let bytes = forged("linear", |forged| forged.manifest.version = text.to_owned());
        refused(
            &bytes,
            &check(),
            &[
                ("malformed-version", &[text, "1.2.3"]),
                ("unchecked", &["version"]),
                ("unchecked", &["probes"]),
            ],
        );
    }
}

#[test]
fn wrong_source_hash() {
    let version = version(|version| version.source_hash = OTHER);
    let found = refused(
        &sealed("linear"),
        &Check { version: &version, ..check() },
        &[("source-hash", &[&hex(OTHER), &hex(TOY.source_hash)])],
    );
    let features = "features-toy 1.2.3".to_owned();
    assert_eq!(one(found), Problem::SourceHash { features, expected: OTHER, found: TOY.source_hash });
}

#[test]
fn wrong_output_hash() {
    let bytes = forged("linear", |forged| forged.manifest.output_hash = OTHER.0);
    let found = refused(&bytes, &check(), &[("output-hash", &[&hex(TOY.output_hash), &hex(OTHER)])]);
    let features = "features-toy 1.2.3".to_owned();
    assert_eq!(one(found), Problem::OutputHash { features, expected: TOY.output_hash, found: OTHER });
}

#[test]
fn a_machine_that_computes_other_bits() {
    let version = version(|version| version.self_test = || OTHER);
    let found = refused(
        &sealed("linear"),
        &Check { version: &version, ..check() },
        &[("self-test", &[&hex(TOY.output_hash), &hex(OTHER)])],
    );
    let features = "features-toy 1.2.3".to_owned();
    assert_eq!(one(found), Problem::SelfTest { features, expected: TOY.output_hash, found: OTHER });
}

#[test]
fn wrong_schema() {
    let bytes = forged("linear", |forged| forged.manifest.schema_hash = OTHER.0);
    let expected = TOY.open("toy", &[]).unwrap().schema().hash();
    let found = refused(&bytes, &check(), &[("schema", &[&hex(expected), &hex(OTHER)])]);
    assert_eq!(one(found), Problem::SchemaHash { set: "toy".to_owned(), expected, found: OTHER });
}

#[test]
fn other_parameters_than_configured() {
    let params = [Param { name: "window".to_owned(), value: 5 }];
    let found = refused(
        &sealed("linear"),
        &Check { params: Some(&params), ..check() },
        &[("params", &["window=5", "window=3", "configured"])],
    );
    let expected = Problem::Params {
        set: "toy".to_owned(),
        whose: "which is configured",
        expected: "window=5".to_owned(),
        found: "window=3".to_owned(),
    };
    assert_eq!(one(found), expected);
}

#[test]
fn parameters_that_are_not_every_one() {
    let bytes = forged("linear", |forged| forged.manifest.params.clear());
    let texts = ["window=3", "every one"];
    refused(&bytes, &check(), &[("params", &texts)]);
    // Twice the same gives the same schema, and is still not what the set has.
    let bytes = forged("linear", |forged| forged.manifest.params.push(("window".to_owned(), 3)));
    refused(&bytes, &check(), &[("params", &["another order or number"])]);
}

#[test]
fn parameters_that_are_not_there() {
    let bytes = forged("linear", |forged| forged.manifest.params[0].1 = 0);
    let found = refused(
        &bytes,
        &check(),
        &[
            ("params-unknown", &["1 to 100", " 0"]),
            ("unchecked", &["schema", "params-unknown"]),
            ("unchecked", &["probes", "params-unknown"]),
        ],
    );
    let error = ParamError::OutOfRange { set: "toy", name: "window", min: 1, max: 100, found: 0 };
    assert_eq!(found[0], Problem::Set { error: SetError::Params(error) });
}

#[test]
fn another_set_than_configured() {
    let found = refused(
        &sealed("linear"),
        &Check { set: Some("pair"), ..check() },
        &[("set", &["\"pair\"", "\"toy\""])],
    );
    assert_eq!(one(found), Problem::SetMismatch { expected: "pair".to_owned(), found: "toy".to_owned() });
}

#[test]
fn a_set_that_is_not_there() {
    let bytes = forged("linear", |forged| forged.manifest.set = "gone".to_owned());
    let found = refused(
        &bytes,
        &check(),
        &[
            ("set-unknown", &["\"gone\"", "toy, pair"]),
            ("unchecked", &["schema", "set-unknown"]),
            ("unchecked", &["probes", "set-unknown"]),
        ],
    );
    let error = SetError::Unknown { version: "features-toy", found: "gone".to_owned(), known: &SETS };
    assert_eq!(found[0], Problem::Set { error });
}

#[test]
fn a_configuration_that_makes_no_sense() {
    let texts = ["configuration", "\"gone\"", "toy, pair"];
    refused(
        &sealed("linear"),
        &Check { set: Some("gone"), ..check() },
        &[("set", &["\"gone\"", "\"toy\""]), ("config", &texts)],
    );
    let params = [Param { name: "widow".to_owned(), value: 5 }];
    let texts = ["configuration", "\"widow\"", "window"];
    refused(&sealed("linear"), &Check { params: Some(&params), ..check() }, &[("config", &texts)]);
}

#[test]
fn a_set_of_other_features() {
    // All of the manifest is of the set `pair`, all of the rest of `toy`.
    let pair = TOY.open("pair", &[]).unwrap();
    let bytes = forged("linear", |forged| {
        forged.manifest.set = "pair".to_owned();
        forged.manifest.schema_hash = pair.schema().hash().0;
    });
    refused(
        &bytes,
        &check(),
        &[("preprocess", &["\"change\""]), ("reference", &["2", "4"]), ("unchecked", &["probes"])],
    );
}

#[test]
fn wrong_bars() {
    let kind = BarKind::Time { interval: 60_000_000_000 };
    for (bars, text) in [
        (BarSpec { kind, volume: false }, "time bars of 1m without volume"),
        (BarSpec { kind: BarKind::Time { interval: 1_000_000_000 }, volume: true }, "time bars of 1s"),
    ] {
        let check = Check { bars: Some(bars), ..check() };
        let found = refused(&sealed("linear"), &check, &[("bars", &[text, "time bars of 1m with volume"])]);
        let expected = Problem::Bars { expected: bars, found: BarSpec { kind, volume: true } };
        assert_eq!(one(found), expected);
    }
    // Trades do not drive a set of bars, whatever the program feeds.
    for kind in ["trades", "trades and book"] {
        let bytes = forged("linear", |forged| {
            (forged.manifest.bar_kind, forged.manifest.bar_size) = (kind.to_owned(), 0);
        });
        let text = format!("expected time bars, which drive set toy, found {kind};");
        refused(&bytes, &check(), &[("manifest", &["bars", &text])]);
    }
    let bytes = forged("linear", |forged| forged.manifest.bar_kind = "tide".to_owned());
    let unchecked: (&str, &[&str]) = ("unchecked", &[]);
    refused(&bytes, &check(), &[("manifest", &["bars", "\"tide\"", "time bars"]), unchecked, unchecked]);
}

#[test]
fn unsigned_where_a_signature_is_demanded() {
    let trusted = [key().public()];
    let check = Check { trust: Trust::Keys(&trusted), ..check() };
    let text = trusted[0].to_string();
    let found = refused(&sealed("linear"), &check, &[("unsigned", &[&text, "found none"])]);
    assert_eq!(one(found), Problem::Unsigned { trusted: trusted.to_vec() });
}

#[test]
fn signed_by_somebody_else() {
    let trusted = [key().public()];
    let check = Check { trust: Trust::Keys(&trusted), ..check() };
    let bytes = Forged::read(&sealed("linear")).write(Some(STRANGER));
    let stranger: PublicKey = verify(&bytes, &support::samples::check()).unwrap().signer().copied().unwrap();
    let texts = [trusted[0].to_string(), stranger.to_string()];
    let found = refused(&bytes, &check, &[("untrusted-signer", &[&texts[0], &texts[1]])]);
    assert_eq!(one(found), Problem::UntrustedSigner { trusted: trusted.to_vec(), signer: stranger });
    // Nobody is trusted where there is no key.
    refused(
        &sealed("signed"),
        &Check { trust: Trust::Keys(&[]), ..check },
        &[("untrusted-signer", &["there are none"])],
    );
}

#[test]
fn a_signature_of_something_else() {
    let trusted = [key().public()];
    let (mut bytes, other) = (sealed("signed"), Forged::read(&sealed("linear")).write(Some(wire::SECRET)));
    let at = bytes.len() - 64;
    bytes[at..].copy_from_slice(&other[other.len() - 64..]);
    for trust in [Trust::Unsigned, Trust::Keys(&trusted)] {
        let text = trusted[0].to_string();
        let found = refused(&bytes, &Check { trust, ..check() }, &[("signature", &[&text])]);
        assert_eq!(one(found), Problem::Signature { signer: trusted[0] });
    }
}

#[test]
fn a_model_of_others_is_not_loaded_for_a_stranger() {
    let trusted = [key().public()];
    let bytes = Forged::read(&sealed("external")).write(Some(STRANGER));
    assert!(verify(&bytes, &check()).is_ok());
    refused(
        &bytes,
        &Check { trust: Trust::Keys(&trusted), ..check() },
        &[
            ("untrusted-signer", &[]),
            ("unchecked", &["model", "untrusted-signer"]),
            ("unchecked", &["probes", "untrusted-signer"]),
        ],
    );
}

#[test]
fn newer_format() {
    let bytes = forged("linear", |forged| forged.format = 2);
    let found = refused(
        &bytes,
        &check(),
        &[("newer-format", &["format 1 ", "found 2", "update"]), ("unchecked", &["manifest and sections"])],
    );
    assert_eq!(found[0], Problem::NewerFormat { supported: 1, found: 2 });
    let bytes = forged("linear", |forged| forged.format = 0);
    refused(&bytes, &check(), &[("unknown-format", &["from 1 to 1", "found 0"]), ("unchecked", &[])]);
}

#[test]
fn everything_at_once_is_told_in_order() {
    let version = version(|version| {
        version.version = "2.0.0";
        version.source_hash = OTHER;
        version.output_hash = OTHER;
    });
    let bytes = forged("ensemble", |forged| {
        forged.manifest.schema_hash = OTHER.0;
        forged.preprocess.scaler = None;
        forged.model[0].horizon = 0;
        forged.reference.clear();
    });
    let bars = Some(BarSpec { kind: BarKind::Time { interval: 1 }, volume: true });
    let keys = [key().public()];
    let trust = Trust::Keys(&keys);
    let params = [Param { name: "window".to_owned(), value: 9 }];
    let check = Check { version: &version, trust, set: Some("pair"), params: Some(&params), bars, ..check() };
    let none: &[&str] = &[];
    let codes = [
        "unsigned",
        "feature-version",
        "source-hash",
        "set",
        "schema",
        "bars",
        "output-hash",
        "self-test",
        "missing-scaler",
        "model",
        "reference",
        "unchecked",
    ];
    refused(&bytes, &check, &codes.map(|code| (code, none)));
}
