//! Rules about what a row depends on: never the future, and only as much of the past as declared.

use std::collections::BTreeSet;

use feature_api::{Bar, BarFields, Columns, FeatureSet, MAX_RAW, Memory, Price, Qty, TakerVolume};

use super::SetCase;
use super::run::{batch, compare, compare_cell, feed, feed_bars};
use crate::report::cannot_run;

/// The past does not change when the future is cut off.
pub(super) fn prefix<S: FeatureSet>(case: &SetCase<'_>, reference: &Columns) {
    for last in case.strided() {
        let found = batch(case, &mut case.fresh::<S>(), &case.bars[..=last], usize::MAX);
        let rule = format!("prefix invariance (cut after row {last})");
        compare::<S>(case, &rule, reference, 0, &found);
    }
}

/// The past does not change when the future is another one.
pub(super) fn no_look_ahead<S: FeatureSet>(case: &SetCase<'_>, reference: &Columns) {
    let other: Vec<Bar> = case.bars.iter().enumerate().map(|(row, bar)| alter(row, bar)).collect();
    for first in case.strided() {
        let bars = [&case.bars[..first], &other[first..]].concat();
        let rule = format!("no look-ahead (bars from row {first} on altered)");
        let altered = batch(case, &mut case.fresh::<S>(), &bars, usize::MAX);
        compare::<S>(case, &rule, reference, 0, &head(&altered, first));
    }
}

/// A fresh set that saw only the window of a finite feature gives its bits.
pub(super) fn window_purity<S: FeatureSet>(case: &SetCase<'_>, reference: &Columns) {
    let set = case.fresh::<S>();
    let features = set.schema().features();
    let window_of = |index: usize| match features[index].memory {
        Memory::Finite { window } => Some(window as usize),
        Memory::Recursive { .. } | Memory::SinceEntry | Memory::Book => None,
    };
    let windows: BTreeSet<usize> = (0..features.len()).filter_map(window_of).collect();
    let mut set = case.fresh::<S>();
    for row in case.strided() {
        for window in windows.iter().copied().filter(|window| *window <= row + 1) {
            set.reset();
            let fresh = feed_bars(case, &mut set, &case.bars[row + 1 - window..=row]);
            for (index, feature) in features.iter().enumerate().filter(|(i, _)| window_of(*i) == Some(window))
            {
                let rule = format!("window purity (the last {window} bars alone)");
                let expected = fresh.get(window - 1, index);
                compare_cell(case, &rule, row, feature.name, expected, reference.get(row, index));
            }
        }
    }
}

/// Different histories give the same bits of a recursive feature after its convergence.
pub(super) fn converges<S: FeatureSet>(case: &SetCase<'_>) {
    const STAY: usize = 64;
    const RULE: &str = "convergence";
    let set = case.fresh::<S>();
    let convergence_of = |index: usize| match set.schema().features()[index].memory {
        Memory::Recursive { convergence } => Some(convergence as usize),
        Memory::Finite { .. } | Memory::SinceEntry | Memory::Book => None,
    };
    let features = set.schema().features().iter().enumerate();
    let recursive: Vec<(usize, usize, &str)> =
        features.filter_map(|(index, feature)| Some((index, convergence_of(index)?, feature.name))).collect();
    let Some(longest) = recursive.iter().map(|(_, convergence, _)| *convergence).max() else { return };
    let bars = case.converging.unwrap_or(case.bars);
    let Some(split) = bars.len().checked_sub(longest + STAY).filter(|split| *split >= 2) else {
        let needed = longest + STAY + 2;
        cannot_run(case.name, RULE, format!("{} bars; give {needed} or more as `converging`", bars.len()));
    };
    let [expected, others @ ..] = histories::<S>(case, bars, split);
    for (what, found) in ["other bars before", "no bars before"].into_iter().zip(others) {
        for (index, convergence, name) in &recursive {
            let rule = format!("convergence within {convergence} bars ({what})");
            for row in *convergence..expected.len() {
                let cells = (expected.get(row, *index), found.get(row, *index));
                compare_cell(case, &rule, split + row, name, cells.0, cells.1);
            }
        }
    }
}

/// For each feature, bars after row `split` from which on all histories agree for good.
pub(super) fn measure<S: FeatureSet>(case: &SetCase<'_>, bars: &[Bar], split: usize) -> Vec<usize> {
    let [expected, others @ ..] = histories::<S>(case, bars, split);
    let differs = |row: usize, index: usize| {
        let bits = |rows: &Columns| rows.get(row, index).map(f64::to_bits);
        others.iter().any(|other| bits(other) != bits(&expected))
    };
    (0..expected.width())
        .map(|index| (0..expected.len()).rev().find(|row| differs(*row, index)).map_or(0, |row| row + 1))
        .collect()
}

/// The rows from `split` on, after the bars before it, after others in their place, and after none.
fn histories<S: FeatureSet>(case: &SetCase<'_>, bars: &[Bar], split: usize) -> [Columns; 3] {
    let (history, common) = bars.split_at(split);
    let other: Vec<Bar> = history.iter().enumerate().map(|(row, bar)| alter(row, bar)).collect();
    [history, &other, &[]].map(|history| {
        let mut set = case.fresh::<S>();
        feed_bars(case, &mut set, history);
        let common = SetCase { bars: common, positions: &[], ..*case };
        feed(&common, &mut set, 0..common.bars.len())
    })
}

/// The first rows.
fn head(rows: &Columns, count: usize) -> Columns {
    let mut head = Columns::new(rows.width());
    let mut row = feature_api::Row::new(rows.width());
    for at in 0..count {
        (row.ts_event, row.ts_available) = (rows.ts_event[at], rows.ts_available[at]);
        for index in 0..rows.width() {
            row.set(index, rows.get(at, index));
        }
        head.push(&row);
    }
    head
}

/// Another bar of the same times and grid.
fn alter(row: usize, bar: &Bar) -> Bar {
    let fields = bar.fields();
    let largest = fields.high.raw().max(-fields.low.raw());
    let up = row.is_multiple_of(2) && largest < MAX_RAW / 2;
    let shift = i64::try_from(row % 13).expect("below 13");
    // Both ways keep the order of prices, and positive ones positive.
    let price = |price: Price| {
        let raw = price.raw();
        let other = if up { raw + raw / 2 + 7 + shift } else { raw - raw / 3 };
        Price::from_raw(other).expect("within its limits")
    };
    let qty = |raw: i64| Qty::from_raw(raw).expect("within its limits");
    let volume =
        if fields.volume.raw() < MAX_RAW / 2 { fields.volume.raw() * 2 + 5 + shift } else { 11 + shift };
    let taker = fields.taker.map(|_| TakerVolume { buy: qty(volume / 5), sell: qty(volume - volume / 5) });
    Bar::new(BarFields {
        open: price(fields.open),
        high: price(fields.high),
        low: price(fields.low),
        close: price(fields.close),
        volume: qty(volume),
        taker,
        ..*fields
    })
    .expect("order is kept")
}
