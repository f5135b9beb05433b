use super::lab::Lab;

#[test]
fn this_build_gives_the_released_output() {
    let lab = Lab::new();
    let hash = features_v1::OUTPUT_HASH;
    for args in ["selftest", "selftest --features 1"] {
        let done = lab.must(args);
        assert_eq!(
            done.stdout,
            format!("features-v1 {}: output hash matches {hash}\n", features_v1::VERSION)
        );
        assert_eq!(done.stderr, "");
    }
    let done = lab.must("selftest --json");
    let json: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let expected = serde_json::json!({
        "name": "features-v1",
        "version": features_v1::VERSION,
        "matches": true,
        "expected": hash.to_string(),
        "found": hash.to_string(),
        "differing": [],
    });
    assert_eq!(json, expected);
}
