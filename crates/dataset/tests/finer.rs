//! Finer bars: which are of use, and which are refused.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod common;

use common::{halves, options, refused, synth, with_finer};
use dataset::{BuildOptions, Dataset, Ties, build, data_hash};
use feature_api::{Bar, Price};
use features_v1::FEATURES;
use market_data::BarSeries;

#[test]
fn finer_bars_must_be_finer_and_of_the_same_time() {
    let series = synth(300);
    let folder = tempfile::tempdir().unwrap();
    let finer = halves(&series.bars[..200]);
    let built = build(folder.path(), &series, &with_finer(&finer)).unwrap();
    let expected = data_hash(&BarSeries { bars: finer.clone(), grid: finer[0].grid(), ..series.clone() });
    assert_eq!(built.manifest.finer_hash, Some(expected));
    assert_eq!(Dataset::open(folder.path()).unwrap().manifest(), &built.manifest);

    let text = refused(&series, &BuildOptions { finer: Some(&finer), ..options(&FEATURES, "core") });
    assert!(text.contains("return:horizon=5 has no barriers"), "{text}");
    let mut other_grid = finer.clone();
    other_grid[3] = common::bar_of(finer[3].ts_open().0, common::MINUTE / 2, 3, [45_000_000; 4]);
    let mut unordered = finer.clone();
    unordered.swap(4, 5);
    let moved = |minutes: i64| -> Vec<Bar> {
        let at = |bar: &Bar| bar.ts_open().0 + minutes * common::MINUTE;
        finer.iter().map(|bar| common::bar_of(at(bar), common::MINUTE / 2, 2, [4_500_000; 4])).collect()
    };
    for (finer, expected) in [
        (Vec::new(), "there are none"),
        (series.bars.clone(), "bar 0 lasts 60000000000 ns, the others 60000000000 ns"),
        (other_grid, "bar 3 has 3 price decimals"),
        (unordered, "bar 5 opens at"),
        (moved(-600), "none lies between"),
        (moved(600), "none lies between"),
    ] {
        let text = refused(&series, &with_finer(&finer));
        assert!(text.contains(expected), "{text:?} should say {expected:?}");
    }
}

#[test]
fn finer_bars_of_other_data_are_refused_and_never_make_a_profit() {
    let series = synth(300);
    let folder = tempfile::tempdir().unwrap();
    let finer = halves(&series.bars);
    let without = BuildOptions { finer: None, ..with_finer(&[]) };
    let built = build(folder.path(), &series, &without).unwrap();
    let count = built.ties.touched_both;
    assert!(count > 20, "{count} ties are too few to say anything");
    assert_eq!(built.ties, Ties { touched_both: count, decided: 0, undecided: 0, unmatched: count });
    let losses = Dataset::open(folder.path()).unwrap();

    // A minute with an even index rose first: a long's profit.
    let built = build(folder.path(), &series, &with_finer(&finer)).unwrap();
    assert_eq!(built.ties, Ties { touched_both: count, decided: count, undecided: 0, unmatched: 0 });
    let decided = Dataset::open(folder.path()).unwrap();
    let changed: Vec<usize> =
        (0..300).filter(|row| losses.labels().get(*row) != decided.labels().get(*row)).collect();
    assert!(changed.len() > 10, "{changed:?}");
    assert!(changed.iter().all(|row| decided.labels().get(*row) == Some(1.0)));

    // Another instrument, half of each minute, both; and each other minute alone.
    let tenfold = |bar: &Bar| {
        let mut fields = *bar.fields();
        for price in [&mut fields.open, &mut fields.high, &mut fields.low, &mut fields.close] {
            *price = Price::from_raw(price.raw() * 10).unwrap();
        }
        Bar::new(fields).unwrap()
    };
    let other: Vec<Bar> = finer.iter().map(tenfold).collect();
    let half: Vec<Bar> = finer.iter().step_by(2).copied().collect();
    let both: Vec<Bar> = other.iter().step_by(2).copied().collect();
    for (finer, expected) in
        [(&other, "has the open 4"), (&half, "those inside it"), (&both, "has the open 4")]
    {
        let text = refused(&series, &with_finer(finer));
        let begin = format!("{count} labels hang on a bar that touches both barriers, and not one");
        assert!(text.contains(&begin) && text.contains(expected), "{text}");
        assert!(text.contains("bars of the same market"), "{text}");
    }
    let some: Vec<Bar> = [&finer[..300], &other[300..]].concat();
    let built = build(folder.path(), &series, &with_finer(&some)).unwrap();
    let Ties { touched_both, decided: told, undecided, unmatched } = built.ties;
    assert_eq!((touched_both, told + unmatched, undecided), (count, count, 0));
    assert!(told > 0 && unmatched > 0, "{:?}", built.ties);
    // What lies in the minutes that are not made of them stays the loss.
    let found = Dataset::open(folder.path()).unwrap();
    for row in 0..300 {
        let expected = if row + 6 <= 150 { &decided } else { &losses };
        if row + 6 <= 150 || row >= 150 {
            assert_eq!(found.labels().get(row), expected.labels().get(row), "row {row}");
        }
    }
}
