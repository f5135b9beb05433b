//! Driving a set, and comparing what comes out.

use std::ops::Range;

use feature_api::{Bar, Columns, Event, FeatureSet, Position, Row};

use super::SetCase;
use crate::report::{broken, cell};

/// The rows of a fresh set that takes one event after another.
///
/// # Panics
/// Where the set refuses an event, or does not give one row for each bar.
#[must_use]
pub fn stream<S: FeatureSet>(case: &SetCase<'_>) -> Columns {
    feed(case, &mut case.fresh::<S>(), 0..case.bars.len())
}

/// The first cell in which two runs differ: row, column, and both cells. Lengths are not compared.
#[must_use]
pub fn first_difference(a: &Columns, b: &Columns) -> Option<(usize, usize, Option<f64>, Option<f64>)> {
    let rows = a.len().min(b.len());
    (0..rows)
        .flat_map(|row| (0..a.width().max(b.width())).map(move |column| (row, column)))
        .map(|(row, column)| (row, column, a.get(row, column), b.get(row, column)))
        .find(|(_, _, a, b)| a.map(f64::to_bits) != b.map(f64::to_bits))
}

/// Feeds the events of some rows, one by one, and returns these rows.
pub(crate) fn feed<S: FeatureSet>(case: &SetCase<'_>, set: &mut S, rows: Range<usize>) -> Columns {
    let mut out = Columns::new(set.schema().width());
    let mut row = Row::new(set.schema().width());
    for at in rows {
        tell(case, set, at, &mut row);
        update(case, set, at, &case.bars[at], &mut row);
        out.push(&row);
    }
    out
}

/// Feeds bars alone.
pub(crate) fn feed_bars<S: FeatureSet>(case: &SetCase<'_>, set: &mut S, bars: &[Bar]) -> Columns {
    let case = SetCase { bars, positions: &[], ..*case };
    feed(&case, set, 0..bars.len())
}

/// Tells the positions that come before the bar of that index.
pub(crate) fn tell<S: FeatureSet>(case: &SetCase<'_>, set: &mut S, at: usize, row: &mut Row) {
    for (_, position) in case.positions.iter().filter(|(index, _)| *index == at) {
        tell_one(case, set, at, *position, row);
    }
}

fn tell_one<S: FeatureSet>(
    case: &SetCase<'_>,
    set: &mut S,
    at: usize,
    position: Option<Position>,
    row: &mut Row,
) {
    match set.update(Event::Position(position), row) {
        Ok(false) => {}
        Ok(true) => broken(case.name, "one row for each bar", at, "no row from a position", "a row"),
        Err(error) => broken(case.name, "valid events are taken", at, "the position to be taken", error),
    }
}

/// Feeds one bar.
pub(crate) fn update<S: FeatureSet>(case: &SetCase<'_>, set: &mut S, at: usize, bar: &Bar, row: &mut Row) {
    match set.update(Event::Bar(bar), row) {
        Ok(true) => {}
        Ok(false) => broken(case.name, "one row for each bar", at, "a row", "none"),
        Err(error) => broken(case.name, "valid events are taken", at, "the bar to be taken", error),
    }
}

/// Feeds everything through `update_bars`, at most `chunk` bars at a time; positions come between.
pub(crate) fn batch<S: FeatureSet>(case: &SetCase<'_>, set: &mut S, bars: &[Bar], chunk: usize) -> Columns {
    let mut out = Columns::new(set.schema().width());
    let mut row = Row::new(set.schema().width());
    let mut start = 0;
    while start < bars.len() {
        tell(case, set, start, &mut row);
        let told = case.positions.iter().map(|(at, _)| *at).find(|at| *at > start).unwrap_or(bars.len());
        let end = start.saturating_add(chunk).min(told).min(bars.len());
        if let Err(error) = set.update_bars(&bars[start..end], &mut out) {
            broken(case.name, "valid events are taken", start, "the bars to be taken", error);
        }
        if out.len() != end {
            broken(case.name, "one row for each bar", start, format!("{end} rows"), out.len());
        }
        start = end;
    }
    out
}

/// Compares rows: row 0 of those found is row `first` of those expected.
pub(crate) fn compare<S: FeatureSet>(
    case: &SetCase<'_>,
    rule: &str,
    expected: &Columns,
    first: usize,
    found: &Columns,
) {
    for row in 0..found.len() {
        let at = first + row;
        for index in 0..expected.width() {
            let (expected, found) = (expected.get(at, index), found.get(row, index));
            if expected.map(f64::to_bits) != found.map(f64::to_bits) {
                let set = case.fresh::<S>();
                compare_cell(case, rule, at, set.schema().features()[index].name, expected, found);
            }
        }
        let times = |rows: &Columns, row: usize| (rows.ts_event[row], rows.ts_available[row]);
        let (expected, found) = (times(expected, at), times(found, row));
        if expected != found {
            broken(case.name, rule, at, format!("times {expected:?}"), format!("{found:?}"));
        }
    }
}

/// Compares one cell, bit for bit.
pub(crate) fn compare_cell(
    case: &SetCase<'_>,
    rule: &str,
    row: usize,
    feature: &str,
    expected: Option<f64>,
    found: Option<f64>,
) {
    if expected.map(f64::to_bits) != found.map(f64::to_bits) {
        broken(case.name, rule, format!("{row}, feature {feature}"), cell(expected), cell(found));
    }
}
