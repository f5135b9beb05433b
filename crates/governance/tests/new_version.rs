//! A new version, and a patch of a released one, in a throw-away repository.

#![allow(clippy::unwrap_used, reason = "tests")]

mod fixture;

use fixture::Fixture;
use governance::Error;
use governance::new_version::{Made, next, patch};

/// The message of an error, with the root written as `ROOT`.
fn message(fixture: &Fixture, made: Result<Made, Error>) -> String {
    made.unwrap_err().to_string().replace(fixture.root().to_str().unwrap(), "ROOT")
}

#[test]
fn the_next_version_is_the_newest_under_another_name() {
    let fixture = Fixture::new();
    let made = next(fixture.workspace(), true).unwrap();
    let (old, new) = (fixture.facts(2), fixture.facts(3));
    let changed = [
        "Cargo.lock",
        "Cargo.toml",
        "crates/feature-registry/Cargo.toml",
        "crates/feature-registry/src/lib.rs",
        "experiments/Cargo.lock",
    ];
    let expected = Made {
        name: "features-v3".to_owned(),
        version: "3.0.0-rc.1".parse().unwrap(),
        from: "features-v2 2.0.0-rc.1".to_owned(),
        changed: changed.map(str::to_owned).to_vec(),
        output_hash: old.output_hash.clone(),
    };
    assert_eq!(made, expected);

    // The same features with the same bits, and it says so of itself.
    assert_eq!((new.name.as_str(), new.version.as_str()), ("features-v3", "3.0.0-rc.1"));
    assert_eq!((&new.sets, &new.output_hash), (&old.sets, &old.output_hash));
    assert_ne!(new.source_hash, old.source_hash);
    for path in fixture.git(&["ls-files", "--others", "features-v3"]).lines() {
        let text = fixture.read(path);
        for word in ["features-v2", "features_v2", "ersion 2 of"] {
            assert!(!text.contains(word), "{path} holds {word}");
        }
    }
    let files = |arguments: &[&str], name: &str| fixture.git(arguments).replace(name, "");
    assert_eq!(
        files(&["ls-files", "--others", "features-v3"], "features-v3"),
        files(&["ls-files", "features-v2"], "features-v2")
    );

    // The workspace knows it, each place in its order.
    let root = fixture.read("Cargo.toml");
    assert!(root.contains("\"features-v2\", \"features-v3\", \"xtask\"]"), "{root}");
    let line = "features-v3 = { path = \"features-v3\", version = \"=3.0.0-rc.1\" }";
    assert!(root.lines().any(|found| found.starts_with(line)), "{root}");
    let registry = fixture.read("crates/feature-registry/src/lib.rs");
    assert!(registry.contains("    &features_v3::FEATURES,\n    // new versions above\n"), "{registry}");
    assert_eq!(
        fixture.git(&["status", "--porcelain", "--", "features-v1", "features-v2", "bins", "releases"]),
        ""
    );

    // Nothing is left to be done.
    let experiments =
        ["check", "--quiet", "--offline", "--locked", "--manifest-path", "experiments/Cargo.toml"];
    fixture.cargo(&experiments);
    fixture.cargo(&["test", "--quiet", "--offline", "--locked", "--package", "features-v3", "--all-targets"]);
    fixture.cargo(&["test", "--quiet", "--offline", "--locked", "--package", "features-v3", "--doc"]);
    assert_eq!(fixture.check().problems, []);
    fixture.commit("A new version");
    assert_eq!(fixture.check().problems, []);
}

#[test]
fn a_draft_is_copied_only_where_that_is_meant() {
    let fixture = Fixture::new();
    assert_eq!(
        message(&fixture, next(fixture.workspace(), false)),
        "features-v2 2.0.0-rc.1 is a draft: edit it as it is, or release it first (cargo xtask release v2); to make \
         features-v3 from it all the same: --from-draft"
    );
    assert_eq!(fixture.git(&["status", "--porcelain"]), "");
}

#[test]
fn where_it_fails_everything_is_as_before() {
    let fixture = Fixture::new();
    let clean = |fixture: &Fixture, expected: &str| {
        assert_eq!(fixture.git(&["status", "--porcelain", "--ignored"]), expected);
        fixture.reset();
    };
    fixture.edit("crates/feature-registry/src/lib.rs", "// new versions above", "// all");
    assert_eq!(
        message(&fixture, next(fixture.workspace(), true)),
        "ROOT/crates/feature-registry/src/lib.rs: expected the line \"// new versions above\" at the end of VERSIONS"
    );
    clean(&fixture, " M crates/feature-registry/src/lib.rs");

    fixture.edit("Cargo.toml", "\"features-v1\", \"features-v2\",", "\"features-v1\", \"./features-v2\",");
    assert_eq!(
        message(&fixture, next(fixture.workspace(), true)),
        "ROOT/Cargo.toml: expected \"features-v2\" among the members of the workspace"
    );
    clean(&fixture, " M Cargo.toml");

    // A copy that does not build, found when everything was written.
    fixture.append("features-v2/src/lib.rs", "const BROKEN: u8 = 256;\n");
    let error = message(&fixture, next(fixture.workspace(), true));
    assert!(
        error.starts_with("`cargo build --locked --package features-v3 --package feature-registry` failed: "),
        "{error}"
    );
    assert!(error.ends_with("\neverything is as before"), "{error}");
    clean(&fixture, " M features-v2/src/lib.rs");

    fixture.link("features-v2/tests/link.rs", "selftest.rs");
    assert_eq!(
        message(&fixture, next(fixture.workspace(), true)),
        "ROOT/features-v2/tests/link.rs: a version has no symbolic links"
    );
    clean(&fixture, "?? features-v2/tests/link.rs");
}

#[test]
fn a_patch_is_opened_with_every_pin() {
    let fixture = Fixture::new();
    let made = patch(fixture.workspace(), "v1").unwrap();
    let changed = [
        "Cargo.lock",
        "Cargo.toml",
        "bins/trader/Cargo.toml",
        "experiments/Cargo.lock",
        "features-v1/Cargo.toml",
        "features-v1/SHA256SUMS",
    ];
    let expected = Made {
        name: "features-v1".to_owned(),
        version: "1.0.1-rc.1".parse().unwrap(),
        from: "features-v1 1.0.0".to_owned(),
        changed: changed.map(str::to_owned).to_vec(),
        output_hash: fixture.facts(1).output_hash,
    };
    assert_eq!(made, expected);
    let difference =
        fixture.git(&["diff", "--unified=0", "--", "Cargo.toml", "bins", "features-v1/Cargo.toml"]);
    let lines: Vec<&str> = difference
        .lines()
        .filter(|line| line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---"))
        .collect();
    assert_eq!(lines.len(), 6, "{difference}");
    for line in lines {
        let number = if line.starts_with('-') { "1.0.0\"" } else { "1.0.1-rc.1\"" };
        assert!(line.contains(number), "{line}");
    }
    fixture.cargo(&["check", "--quiet", "--offline", "--locked", "--workspace"]);
    fixture.cargo(&[
        "check",
        "--quiet",
        "--offline",
        "--locked",
        "--manifest-path",
        "experiments/Cargo.toml",
    ]);
    assert_eq!(fixture.check().problems, []);
    // A text may be edited now, and the build does not refuse.
    fixture.append("features-v1/src/lib.rs", "// A word.\n");
    fixture.remake_sums(1);
    assert_eq!(fixture.facts(1).output_hash, made.output_hash);
    assert_eq!(fixture.check().problems, []);
    assert_eq!(
        message(&fixture, patch(fixture.workspace(), "v1")),
        "features-v1 1.0.1-rc.1 is a draft: edit it as it is"
    );
}

#[test]
fn a_patch_starts_from_a_release() {
    let fixture = Fixture::new();
    assert_eq!(
        message(&fixture, patch(fixture.workspace(), "v2")),
        "features-v2 2.0.0-rc.1 is a draft: edit it as it is"
    );
    assert_eq!(
        message(&fixture, patch(fixture.workspace(), "v7")),
        "there is no feature version \"v7\"; there are: v1, v2"
    );
    assert_eq!(fixture.git(&["status", "--porcelain"]), "");
    fixture.remove("releases/features-v1-1.0.0.toml");
    assert_eq!(
        message(&fixture, patch(fixture.workspace(), "1")),
        "features-v1 1.0.0 is not the newest release in releases/: a patch starts from a release"
    );
    fixture.reset();
    // Values that are not those of the release are found before a patch hides them.
    let record = fixture.record(1);
    fixture.edit("releases/features-v1-1.0.0.toml", &record.output_hash, &"0".repeat(64));
    assert_eq!(
        message(&fixture, patch(fixture.workspace(), "v1")),
        format!(
            "features-v1 gives the output {}, and its release 1.0.0 gave {}: a patch changes no value\neverything is \
             as before",
            record.output_hash,
            "0".repeat(64)
        )
    );
    assert_eq!(fixture.git(&["status", "--porcelain"]), " M releases/features-v1-1.0.0.toml");
}
