#![allow(clippy::unwrap_used, reason = "tests")]

use feature_api::{FeatureSpec, Memory, Range};
use proptest::prelude::*;

use super::*;

fn schema(names: &[&'static str]) -> Schema {
    let spec = |name: &&'static str| FeatureSpec {
        name,
        formula: "C".to_owned(),
        doc: "",
        degenerate: "",
        range: Range::Any,
        warm_up: 0,
        memory: Memory::Finite { window: 1 },
        clock: None,
    };
    Schema::new("core", Vec::new(), names.iter().map(spec).collect())
}

fn row(values: &[Option<f64>]) -> Row {
    let mut row = Row::new(values.len());
    for (index, value) in values.iter().enumerate() {
        row.set(index, *value);
    }
    row
}

fn filter(text: &str) -> BlockFilter {
    text.parse().unwrap()
}

#[test]
fn texts_are_read_and_printed() {
    for (text, comparison, threshold, printed) in [
        ("atr<0.5", Comparison::Below, 0.5, "atr<0.5"),
        (" atr <= 70 ", Comparison::AtMost, 70.0, "atr<=70"),
        ("atr>-1e3", Comparison::Above, -1000.0, "atr>-1000"),
        ("atr>=1e300", Comparison::AtLeast, 1e300, "atr>=1e300"),
        ("atr>0.00000001", Comparison::Above, 1e-8, "atr>1e-8"),
        ("atr<-0.0", Comparison::Below, 0.0, "atr<0"),
    ] {
        let read = filter(text);
        assert_eq!(read, BlockFilter { feature: "atr".to_owned(), comparison, threshold });
        assert_eq!(read.to_string(), printed);
        assert!(read.threshold.to_bits() != (-0.0_f64).to_bits());
    }
}

#[test]
fn texts_that_say_nothing_are_refused() {
    for text in [
        "", "atr", "atr=5", "atr==5", "<5", "atr<", "atr<x", "atr<nan", "atr<inf", "atr<<5", "atr=<5",
        "a b<5", "a<b<5",
    ] {
        let error = text.parse::<BlockFilter>().unwrap_err().to_string();
        assert!(error.starts_with("filter") && error.contains("expected"), "{text:?}: {error}");
    }
}

#[test]
fn every_comparison_blocks_on_its_side_of_the_threshold() {
    let schema = schema(&["rsi", "atr"]);
    for (text, below, equal, above) in [
        ("atr<0.5", true, false, false),
        ("atr<=0.5", true, true, false),
        ("atr>0.5", false, false, true),
        ("atr>=0.5", false, true, true),
    ] {
        let bound = BoundFilters::new(vec![filter(text)], &schema).unwrap();
        for (value, blocks) in [(0.4, below), (0.5, equal), (0.6, above)] {
            let row = row(&[None, Some(value)]);
            let expected = if blocks {
                Verdict::Blocked { filter: &filter(text), value: Some(value) }
            } else {
                Verdict::Pass
            };
            assert_eq!(bound.evaluate(&row), expected, "{text} at {value}");
        }
    }
}

#[test]
fn a_filter_that_cannot_be_evaluated_blocks() {
    let bound = BoundFilters::new(vec![filter("atr<0.5")], &schema(&["rsi", "atr"])).unwrap();
    let blocked = Verdict::Blocked { filter: &filter("atr<0.5"), value: None };
    assert_eq!(bound.evaluate(&row(&[Some(1.0), None])), blocked);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(bound.evaluate(&row(&[Some(1.0), Some(value)])), blocked);
    }
    // A row of another set.
    assert_eq!(bound.evaluate(&row(&[Some(1.0)])), blocked);
    assert_eq!(bound.evaluate(&row(&[None, Some(1.0)])), Verdict::Pass);
}

#[test]
fn the_first_filter_that_blocks_is_named() {
    let filters = vec![filter("rsi>=70"), filter("atr<0.5"), filter("rsi<30")];
    let bound = BoundFilters::new(filters, &schema(&["rsi", "atr"])).unwrap();
    let expected = Verdict::Blocked { filter: &filter("atr<0.5"), value: Some(0.1) };
    assert_eq!(bound.evaluate(&row(&[Some(20.0), Some(0.1)])), expected);
    assert_eq!(bound.clone().evaluate(&row(&[Some(50.0), Some(0.5)])), Verdict::Pass);
    assert_eq!(bound.filters().len(), 3);
    let none = BoundFilters::new(Vec::new(), &schema(&[])).unwrap();
    assert_eq!(none.evaluate(&row(&[])), Verdict::Pass);
}

#[test]
fn an_unknown_name_is_answered_with_near_ones() {
    let schema = schema(&["atr_14", "rsi_14", "rsi_7", "volume_ratio"]);
    let error = |text: &str| BoundFilters::new(vec![filter(text)], &schema).unwrap_err().to_string();
    assert!(error("rsi<5").contains("did you mean rsi_7, rsi_14?"), "{}", error("rsi<5"));
    assert!(error("ATR_14<5").contains("did you mean atr_14"), "{}", error("ATR_14<5"));
    assert!(error("volume_ration<5").contains("did you mean volume_ratio?"));
    let text = error("zzzzzz<5");
    assert!(text.contains("zzzzzz<5") && text.contains("core") && !text.contains("did you mean"), "{text}");
    let nan =
        BlockFilter { feature: "atr_14".to_owned(), comparison: Comparison::Above, threshold: f64::NAN };
    assert!(BoundFilters::new(vec![nan], &schema).is_err());
}

proptest! {
    #[test]
    fn printing_and_reading_gives_the_same(
        feature in "[a-z][a-z0-9_.]{0,12}",
        which in 0_usize..4,
        threshold in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL,
    ) {
        let filter = BlockFilter { feature, comparison: Comparison::ALL[which].0, threshold };
        prop_assert_eq!(filter.to_string().parse::<BlockFilter>().unwrap(), filter);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,12}") {
        let _ = text.parse::<BlockFilter>();
    }
}
