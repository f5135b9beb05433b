use feature_registry::{newest, number};

use super::lab::Lab;

#[test]
fn this_build_gives_the_released_output() {
    let lab = Lab::new();
    let one = format!("selftest --features {}", number(newest()));
    for args in ["selftest", &one] {
        let done = lab.must(args);
        assert_eq!(done.stdout, format!("{}: output hash matches {}\n", newest(), newest().output_hash));
        assert_eq!(done.stderr, "");
    }
    for version in feature_registry::VERSIONS {
        let json = lab.must(&format!("selftest --json --features {}", version.name)).stdout;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let hash = version.output_hash.to_string();
        let expected = serde_json::json!({
            "name": version.name,
            "version": version.version,
            "matches": true,
            "expected": hash,
            "found": hash,
            "differing": [],
        });
        assert_eq!(json, expected);
    }
}

#[test]
fn an_unknown_version_is_answered_with_those_there_are() {
    let lab = Lab::new();
    let numbers: Vec<&str> = feature_registry::VERSIONS.iter().map(|version| number(version)).collect();
    for args in ["selftest --features 0", "schema --features 0 --set core"] {
        let done = lab.run(args);
        assert_eq!(done.code, 2, "{args}");
        assert_eq!(
            done.stderr,
            format!(
                "error: invalid value '0' for '--features <VERSION>': expected a feature version that this program \
                 carries: {}\n\nFor more information, try '--help'.\n",
                numbers.join(", ")
            )
        );
    }
}
