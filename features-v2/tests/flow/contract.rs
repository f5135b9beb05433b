//! Names, order, warm-up and parameters, spelled out.

use feature_api::{FeatureSet as _, Memory, Param};
use features_v2::by_name;
use features_v2::sets::Flow;

const BOOK: Option<&str> = None;
const CHANGES: Option<&str> = Some("book events");
const BUCKETS: Option<&str> = Some("volume buckets");

/// Name, warm-up, and the clock it is counted on where that is not the rows.
const FEATURES: [(&str, u32, Option<&str>); 24] = [
    ("spread_bps", 0, BOOK),
    ("book_imbalance_1", 0, BOOK),
    ("book_imbalance_5", 0, BOOK),
    ("book_imbalance_10", 0, BOOK),
    ("microprice_offset_bps", 0, BOOK),
    ("depth_10_log", 0, BOOK),
    ("ofi_1", 1, CHANGES),
    ("ofi_1_norm", 1, CHANGES),
    ("ofi_multi_5", 1, CHANGES),
    ("trade_imbalance", 0, None),
    ("signed_volume_20", 19, None),
    ("vpin_50", 50, BUCKETS),
    ("kyle_lambda_50", 51, None),
    ("amihud_50", 51, None),
    ("roll_spread_50", 52, None),
    ("realized_vol_20", 20, None),
    ("bipower_20", 21, None),
    ("jump_20", 21, None),
    ("parkinson_20", 19, None),
    ("garman_klass_20", 19, None),
    ("rogers_satchell_20", 19, None),
    ("yang_zhang_20", 20, None),
    ("trade_rate_log", 0, None),
    ("avg_trade_size", 0, None),
];

#[test]
fn names_order_and_warm_up_are_those_of_the_catalogue() {
    let set = by_name("flow", &[]).unwrap();
    let found: Vec<_> = set
        .schema()
        .features()
        .iter()
        .map(|feature| (feature.name, feature.warm_up, feature.clock))
        .collect();
    assert_eq!(found, FEATURES);
    assert_eq!(set.schema().warm_up(), 52);
    for feature in &set.schema().features()[..9] {
        assert_eq!(feature.memory, Memory::Book, "{}", feature.name);
    }
}

fn refusal(name: &str, value: u32) -> Option<String> {
    Flow::new(&[Param { name: name.to_owned(), value }]).err().map(|error| error.to_string())
}

#[test]
fn parameters_have_limits() {
    for (name, value, limits) in [
        ("bar_kind", 0, "1 to 7"),
        ("bar_kind", 8, "1 to 7"),
        ("bar_size", 0, "1 to 4294967295"),
        ("vpin_bucket", 0, "1 to 4294967295"),
        ("vpin", 1_001, "1 to 1000"),
        ("kyle", 1, "2 to 1000"),
        ("roll", 701, "2 to 700"),
        ("ranges", 1, "2 to 1000"),
    ] {
        let expected = format!("parameter {name} of set flow is {value}; expected {limits}");
        assert_eq!(refusal(name, value).as_deref(), Some(expected.as_str()));
    }
    assert_eq!(
        refusal("bar_size", 86_400_001).as_deref(),
        Some(
            "parameters of set flow: bars of time (bar_kind 1) must be of one day (bar_size 86400000) at most"
        )
    );
    assert_eq!(
        refusal("window", 3).as_deref(),
        Some(
            "set flow has no parameter \"window\"; it has: bar_kind, bar_size, signed_volume, vpin, vpin_bucket, kyle, \
             amihud, roll, volatility, ranges"
        )
    );
}

/// Every parameter is part of the identity, and those of windows move the warm-up.
#[test]
fn every_parameter_changes_the_schema() {
    let set = by_name("flow", &[]).unwrap();
    for param in set.schema().params() {
        let value = if param.name == "bar_kind" { 3 } else { param.value + 1 };
        let other = by_name("flow", &[Param { name: param.name.clone(), value }]).unwrap();
        assert_ne!(other.schema().hash(), set.schema().hash(), "{}", param.name);
        let warm_ups = |set: &dyn feature_api::FeatureSet| {
            set.schema().features().iter().map(|feature| feature.warm_up).collect::<Vec<_>>()
        };
        let is_window = !["bar_kind", "bar_size", "vpin_bucket"].contains(&param.name.as_str());
        assert_eq!(warm_ups(&*other) != warm_ups(&*set), is_window, "{}", param.name);
    }
}
