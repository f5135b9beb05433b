//! Labels and datasets of recorded bars.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails by panicking")]

mod common;

use common::{label, options};
use dataset::{BuildOptions, Dataset, TradeSide, build, data_hash};
use feature_api::Bar;
use features_v1::FEATURES;
use market_data::{BarSeries, read_bars, write_bars};
use testkit::bar_files::readable;
use testkit::data::data_dir;

const MINUTES: &str = "lean-crypto/coinbase_minute_btcusd_20161007_trade.csv.gz";
const SECONDS: &str = "lean-crypto/coinbase_second_btcusd_20161007_trade.csv.gz";

/// A day of minutes, and the seconds of the same day.
fn minutes_and_seconds() -> Option<[BarSeries; 2]> {
    let data = data_dir("labels of recorded bars")?;
    Some([MINUTES, SECONDS].map(|wanted| {
        let case = readable().into_iter().find(|(file, ..)| *file == wanted);
        let (file, options, ..) = case.unwrap_or_else(|| panic!("{wanted} is not listed"));
        read_bars(&data.join(file), &options).unwrap()
    }))
}

/// What a bar touches, in whole hundredths of a percent: profit, loss.
fn touches(entry: &Bar, bar: &Bar, bips: i64, side: TradeSide) -> (bool, bool) {
    let entry = entry.close().raw();
    let up = 10_000 * (bar.high().raw() - entry) >= bips * entry;
    let down = 10_000 * (entry - bar.low().raw()) >= bips * entry;
    match side {
        TradeSide::Long => (up, down),
        TradeSide::Short => (down, up),
    }
}

#[test]
fn finer_bars_change_only_what_touches_both_barriers() {
    let Some([minutes, seconds]) = minutes_and_seconds() else { return };
    let bars = &minutes.bars;
    let (mut changed, mut undecided) = (0, 0);
    for (text, side) in [("long", TradeSide::Long), ("short", TradeSide::Short)] {
        for bips in [1, 2, 3, 5] {
            let spec = label(&format!("barriers:horizon=30,profit=0.000{bips},loss=0.000{bips},side={text}"));
            let coarse = spec.label(bars, None);
            let fine = spec.label(bars, Some(&seconds.bars));
            for (row, entry) in bars.iter().enumerate() {
                let future = bars.get(row + 1..row + 31);
                assert_eq!(coarse.get(row).is_some(), future.is_some());
                let Some(future) = future else { continue };
                let touched = future.iter().find(|bar| touches(entry, bar, bips, side) != (false, false));
                let is_both = touched.is_some_and(|bar| touches(entry, bar, bips, side) == (true, true));
                if !is_both {
                    assert_eq!(coarse.get(row), fine.get(row), "{spec} row {row}");
                    continue;
                }
                assert_eq!(coarse.get(row), Some(-1.0), "{spec} row {row}");
                // Second by second, from the minute's open on.
                let Some(bar) = touched else { continue };
                let first = seconds
                    .bars
                    .iter()
                    .filter(|second| second.ts_open() >= bar.ts_open() && second.ts_close() <= bar.ts_close())
                    .map(|second| touches(entry, second, bips, side))
                    .find(|touched| *touched != (false, false));
                let expected = if first == Some((true, false)) { 1.0 } else { -1.0 };
                assert_eq!(fine.get(row), Some(expected), "{spec} row {row}");
                changed += i32::from(expected > 0.0);
                undecided += i32::from(first == Some((true, true)));
            }
        }
    }
    assert!(changed > 20, "{changed} labels change: too few to say anything");
    assert!(undecided < changed, "{undecided} of the minutes are not decided by their seconds");
}

#[test]
fn a_recorded_day_is_a_dataset_from_either_format() {
    let Some([minutes, seconds]) = minutes_and_seconds() else { return };
    let folder = tempfile::tempdir().unwrap();
    let spec = label("barriers:horizon=30,profit=0.0005,loss=0.0005");
    let with = BuildOptions {
        label: spec,
        finer: Some(&seconds.bars),
        profile: true,
        ..options(&FEATURES, "entry")
    };
    let built = build(folder.path(), &minutes, &with).unwrap();
    let dataset = Dataset::open(folder.path()).unwrap();
    assert_eq!(dataset.features().len(), minutes.bars.len());
    assert_eq!(dataset.labels().labelled(), minutes.bars.len() - 30);
    assert!(built.profile.is_some_and(|profile| profile.features.len() == 85));

    // The same bars as Parquet: the same bytes, because the same hash of data.
    let path = folder.path().join("bars.parquet");
    write_bars(&path, &minutes).unwrap();
    let options = market_data::BarFileOptions { grid: Some(minutes.grid), ..Default::default() };
    let again = read_bars(&path, &options).unwrap();
    assert_eq!(data_hash(&again), data_hash(&minutes));
    let other = tempfile::tempdir().unwrap();
    assert_eq!(build(other.path(), &again, &with).unwrap().manifest, built.manifest);
}
