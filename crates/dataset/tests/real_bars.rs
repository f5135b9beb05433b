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
    let (mut both_inside, mut is_both_of_all) = (0, 0);
    let holed: Vec<Bar> =
        seconds.bars.iter().enumerate().filter(|(i, _)| i % 7 > 0).map(|(_, b)| *b).collect();
    let (mut changed, mut undecided, mut ties_of_all, mut holes) = (0, 0, 0, 0);
    for (text, side) in [("long", TradeSide::Long), ("short", TradeSide::Short)] {
        for bips in [1, 2, 3, 5] {
            let spec = label(&format!("barriers:horizon=30,profit=0.000{bips},loss=0.000{bips},side={text}"));
            let coarse = spec.label(bars, None);
            let (fine, ties) = spec.label_with_ties(bars, Some(&seconds.bars));
            // Every minute has the prices and the volume of its seconds: none is missing.
            assert_eq!(ties.unmatched, 0, "{spec}");
            assert_eq!(ties.touched_both, ties.decided + ties.undecided, "{spec}");
            ties_of_all += ties.touched_both;
            undecided += ties.undecided;
            // With holes, what is still decided is decided as without; all else is the loss.
            let (holed, ties) = spec.label_with_ties(bars, Some(&holed));
            assert!(
                holed.iter().zip(fine.iter()).all(|(one, other)| one == other || one == Some(-1.0)),
                "{spec}"
            );
            holes += ties.unmatched;
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
                changed += u64::from(expected > 0.0);
                both_inside += u64::from(first == Some((true, true)));
                is_both_of_all += 1;
            }
        }
    }
    assert!(changed > 20, "{changed} labels change: too few to say anything");
    assert_eq!((ties_of_all, undecided), (is_both_of_all, both_inside));
    assert!(holes > 20 && holes < ties_of_all, "{holes} of {ties_of_all} minutes have a hole");
    assert!(undecided < changed, "{undecided} of the minutes are not decided by their seconds");
}

#[test]
fn a_recorded_day_is_a_dataset_from_either_format() {
    let Some([minutes, seconds]) = minutes_and_seconds() else { return };
    let folder = tempfile::tempdir().unwrap();
    let spec = label("barriers:horizon=30,profit=0.0002,loss=0.0002");
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
    assert!(built.ties.decided > 0 && built.ties.unmatched == 0, "{:?}", built.ties);
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
