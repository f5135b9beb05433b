//! `build`: what is written, the cache, the profile.

use super::lab::Lab;

const BUILD: &str = "build --features 1 --set core --label direction:horizon=10";

#[test]
fn a_second_build_reads_the_cache_and_writes_the_same_bytes() {
    let lab = Lab::with_bars(2_000);
    let text = lab.text("bars.csv");
    let first: Vec<&str> = text.lines().take(1_501).collect();
    lab.write("part.csv", &(first.join("\n") + "\n"));
    let build = |bars: &str, out: &str, more: &str| {
        lab.must(&format!("{BUILD} --bars {bars} --out {out} {more}")).stderr
    };
    let fresh = build("bars.csv", "fresh", "--no-cache");
    assert!(fresh.contains("cache      none"), "{fresh}");
    let part = build("part.csv", "part", "--cache cache");
    assert!(part.contains("cache      0 rows read, 1,500 computed"), "{part}");
    let appended = build("bars.csv", "appended", "--cache cache");
    assert!(appended.contains("cache      1,500 rows read, 500 computed"), "{appended}");
    let again = build("bars.csv", "again", "--cache cache");
    assert!(again.contains("cache      2,000 rows read, 0 computed"), "{again}");
    for folder in ["appended", "again"] {
        for file in ["rows.parquet", "manifest.json"] {
            let [one, other] = ["fresh", folder].map(|folder| lab.read(&format!("{folder}/{file}")));
            assert!(one == other, "{folder}/{file}");
        }
    }
}

#[test]
fn a_profile_says_what_each_feature_looks_like_and_costs() {
    let lab = Lab::with_bars(2_000);
    let done = lab.must(&format!("{BUILD} --bars bars.csv --out data --profile"));
    for expected in ["rsi", "macd_signal", "normalized_volume"] {
        assert!(done.stdout.contains(expected), "{expected}\n{}", done.stdout);
    }
    let json: serde_json::Value = serde_json::from_str(&lab.text("data/profile.json")).unwrap();
    let features = json["features"].as_array().unwrap();
    assert_eq!(features.len(), 19);
    let shares: f64 = features.iter().map(|feature| feature["time_share"].as_f64().unwrap()).sum();
    assert!((shares - 1.0).abs() < 1e-9, "{shares}");
}

#[test]
fn the_manifest_says_which_rows_are_for_what() {
    let lab = Lab::with_bars(1_000);
    lab.must(&format!("{BUILD} --bars bars.csv --out data --split 0.5,0.25,0.25 --embargo 5"));
    let json: serde_json::Value = serde_json::from_str(&lab.text("data/manifest.json")).unwrap();
    let part = |name: &str| {
        let part = &json["parts"][name];
        (part["from"].as_u64().unwrap(), part["to"].as_u64().unwrap())
    };
    // No window is full before row 33. Ten rows before each later part see it with their labels, five more are the
    // embargo.
    assert_eq!([part("train"), part("validation"), part("test")], [(33, 485), (500, 735), (750, 1000)]);
}
