//! A set that looks at the open position is fitted on the rows that have one.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use dataset::{BuildOptions, Dataset, HoldSides, build, tile_positions};
use market_data::PositionEvent;
use preprocess::{NullPolicy, Nulls, Recipe, ScalerKind};
use training::{distributions, fit};

/// Long for a bar in every eleven: most rows have no position.
fn sparse(series: &market_data::BarSeries) -> Vec<PositionEvent> {
    let tiled = tile_positions(&series.bars, NonZeroU32::new(10).unwrap(), HoldSides::Long);
    let close =
        |event: &PositionEvent| PositionEvent { ts: event.position.unwrap().ts_entry, position: None };
    let mut events = Vec::new();
    for event in tiled.iter().filter(|event| event.position.is_some()) {
        let bar = series.bars.iter().find(|bar| bar.ts_open() == close(event).ts).unwrap();
        events.push(*event);
        events.push(PositionEvent { ts: bar.ts_close(), position: None });
    }
    events
}

#[test]
fn rows_without_a_position_move_no_median() {
    let series = common::series(1_500, 3);
    let events = sparse(&series);
    let folder = tempfile::tempdir().unwrap();
    let options = BuildOptions {
        version: &features_v1::FEATURES,
        set: "exit",
        params: &[],
        volume: true,
        label: common::direction(),
        finer: None,
        positions: Some(&events),
        split: common::SPLIT,
        cache: None,
        profile: false,
        time_shares: &[],
    };
    build(folder.path(), &series, &options).unwrap();
    let dataset = Dataset::open(folder.path()).unwrap();
    let train = dataset.split().unwrap().train;
    let recipe = Recipe {
        drop: Vec::new(),
        nulls: NullPolicy::Median,
        nulls_of: BTreeMap::new(),
        clip: None,
        scaler: ScalerKind::None,
        sequence: NonZeroU32::MIN,
    };
    let fitted = fit(&train, &recipe).unwrap();
    let labelled: Vec<usize> = train.rows().filter(|row| dataset.labels().get(*row).is_some()).collect();
    assert!(labelled.len() * 8 < train.rows().len(), "{} rows have a position", labelled.len());
    let median = |rows: &[usize], feature: usize| {
        let mut values: Vec<f64> =
            rows.iter().filter_map(|row| dataset.features().get(*row, feature)).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        if values.len() % 2 == 1 { values[middle] } else { values[middle - 1].midpoint(values[middle]) }
    };
    let rsi = dataset.manifest().names.iter().position(|name| name == "rsi").unwrap();
    let Nulls::Median(Some(found)) = fitted.parts().nulls[rsi] else {
        unreachable!("a median was asked for")
    };
    let expected = median(&labelled, rsi);
    // The mean of the two in the middle, by either formula.
    assert!((found - expected).abs() <= 4.0 * f64::EPSILON * expected, "{found} for {expected}");
    let every: Vec<usize> = train.rows().collect();
    assert!((median(&every, rsi) - expected).abs() > 0.01, "all rows have the same median: nothing is shown");
    let seen = distributions(&train);
    assert!(seen.iter().all(|feature| feature.valid + feature.null == labelled.len() as u64));
}
