//! The panel of the position, against what was held worked out without it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod report_page;
mod report_sample;

use backtest::Run;
use backtest::report::html;
use execution::{Fill, FillKind, Money};
use feature_api::UnixNanos;

use report_page::{assert_sound, path_points, tags};
use report_sample::{HOUR, MARCH, MINUTE, Numbers, Sample, money, price, quiet};

const COLUMNS: usize = 1000;
const HEIGHT: f64 = 72.0;

/// A run with those fills: when, and lots. Its closes and its equity never move.
fn run_of(bar: i64, bars: usize, fills: &[(i64, i64)]) -> Run {
    let mut run = quiet(bar, &vec![(600_000, "10000"); bars]);
    let mut left = fills.iter().peekable();
    let mut lots = 0;
    for point in &mut run.points {
        while let Some((_, filled)) = left.next_if(|(ts, _)| *ts <= point.ts_close.0) {
            lots += filled;
        }
        point.lots = lots;
    }
    run.fills = fills
        .iter()
        .map(|(ts, lots)| Fill {
            order: 1,
            kind: FillKind::Market,
            ts: UnixNanos(*ts),
            lots: *lots,
            price: price(600_000),
            fee: money("1"),
            spread: Money::ZERO,
            slippage: Money::ZERO,
        })
        .collect();
    run
}

/// Lots as held one after the other: from when, until when, how many.
fn held(run: &Run) -> Vec<(i128, i128, i64)> {
    let ends = [&run.points[0], run.points.last().unwrap()].map(|point| i128::from(point.ts_close.0));
    let mut parts = vec![(ends[0], ends[1], 0)];
    for fill in &run.fills {
        let ts = i128::from(fill.ts.0);
        let before = parts.last_mut().unwrap();
        before.1 = ts;
        let lots = before.2 + fill.lots;
        parts.push((ts, ends[1], lots));
    }
    parts
}

/// The fewest and the most lots held in each column: what was held for a time that reaches into it, or for none in it.
fn extents(run: &Run) -> Vec<(i64, i64)> {
    let parts = held(run);
    let (from, to) = (parts[0].0, parts.last().unwrap().1);
    let columns = COLUMNS as i128;
    let of_column = |column: i128| {
        // Times as many times themselves as there are columns, so that ends of columns are whole.
        let (left, right) =
            (from * columns + (to - from) * column, from * columns + (to - from) * (column + 1));
        let is_in = |(since, until, _): &&(i128, i128, i64)| {
            let (since, until) = (since * columns, until * columns);
            if since == until {
                // What is opened at the last close lies in the last column.
                left <= since && (since < right || column + 1 == columns)
            } else {
                since < right && until > left
            }
        };
        let lots = parts.iter().filter(is_in).map(|part| part.2);
        (lots.clone().min().unwrap(), lots.max().unwrap())
    };
    (0..columns).map(of_column).collect()
}

/// The edge of a path over the middle of each column, in pixels from the top; none of it is diagonal.
fn edge(page: &str, class: &str) -> Option<Vec<f64>> {
    let tags = tags(page);
    let mut of_class = tags.iter().filter(|tag| tag.name == "path" && tag.get("class") == Some(class));
    let path = of_class.next()?.get("d").unwrap();
    assert!(of_class.next().is_none(), "{class} twice");
    assert!(path.ends_with('Z'), "{class} is closed");
    let points = path_points(path);
    let closed = points.iter().zip(points.iter().cycle().skip(1));
    for (from, to) in closed.clone() {
        assert!(from.0 == to.0 || from.1 == to.1, "{class} is diagonal from {from:?} to {to:?}");
    }
    assert_eq!(points[0].1, points.last().unwrap().1, "{class} begins and ends at 0");
    let over = |column: usize| {
        let middle = column as f64 + 0.5;
        let steps = closed.clone().take(points.len() - 1);
        let found: Vec<f64> =
            steps.filter(|(from, to)| from.0 < middle && middle < to.0).map(|(from, _)| from.1).collect();
        assert_eq!(found.len(), 1, "{class} at {middle}");
        found[0]
    };
    Some((0..COLUMNS).map(over).collect())
}

fn assert_drawn(run: Run) {
    let expected = extents(&run);
    let low = expected.iter().map(|(low, _)| *low).min().unwrap().min(0) as f64;
    let high = expected.iter().map(|(_, high)| *high).max().unwrap().max(0) as f64;
    let air = (high - low) * 0.06;
    let (bottom, top) = (if low < 0.0 { low - air } else { 0.0 }, if high > 0.0 { high + air } else { 0.0 });
    let y = |lots: i64| (top - lots as f64) / (top - bottom) * HEIGHT;
    let page = html(&Sample::new(run).bare("a"));
    assert_sound(&page);
    assert!(page.contains("Position, lots of 0.001"));
    type OfColumn = fn(&(i64, i64)) -> i64;
    let layers: [(&str, OfColumn); 4] = [
        ("lots long part", |(_, high)| (*high).max(0)),
        ("lots long", |(low, _)| (*low).max(0)),
        ("lots short part", |(low, _)| (*low).min(0)),
        ("lots short", |(_, high)| (*high).min(0)),
    ];
    for (class, lots) in layers {
        let found = edge(&page, class).unwrap_or_else(|| vec![y(0); COLUMNS]);
        for (column, (found, extent)) in found.iter().zip(&expected).enumerate() {
            let expected = y(lots(extent));
            assert!(
                (found - expected).abs() <= 0.05 + 1e-9,
                "{class} {column}: {found}, {extent:?} at {expected}"
            );
        }
    }
}

#[test]
fn each_column_is_what_was_held_in_it() {
    let mut numbers = Numbers::new(11);
    for (bar, bars, one_in) in [(HOUR, 30_000, 8), (MINUTE, 30_000, 500), (HOUR, 1234, 2), (HOUR, 7, 1)] {
        let (mut fills, mut lots) = (Vec::new(), 0_i64);
        for index in 1..bars {
            // At the open, and sometimes again at the close.
            for ts in [index, index + 1] {
                if numbers.below(one_in) == 0 {
                    let next = [-60, -7, 0, 0, 25, 80][numbers.below(6) as usize];
                    fills.push((MARCH + ts as i64 * bar, next - lots));
                    lots = next;
                }
            }
        }
        fills.retain(|(_, lots)| *lots != 0);
        assert!(bars < 30_000 || fills.len() > 50, "{} fills", fills.len());
        assert_drawn(run_of(bar, bars, &fills));
    }
}

#[test]
fn a_position_of_one_side() {
    let at = |bar: i64| MARCH + bar * HOUR;
    assert_drawn(run_of(HOUR, 500, &[(at(100), 3), (at(101), -3), (at(400), 2)]));
    assert_drawn(run_of(HOUR, 500, &[(at(100), -3), (at(400), 3)]));
    // Opened and closed between two closes.
    let brief = run_of(HOUR, 500, &[(at(100), 5), (at(100), -5)]);
    assert!(brief.points.iter().all(|point| point.lots == 0));
    assert_drawn(brief);
}

/// The lots that the scale of the panel names, from the top.
fn scale(run: Run) -> Vec<String> {
    let page = html(&Sample::new(run).bare("a"));
    let (_, panel) = page.split_once("Position, lots of 0.001").unwrap();
    let (panel, _) = panel.split_once("<svg width=\"100%\"").unwrap();
    let labels = panel.split("text-anchor=\"end\">").skip(1);
    labels.map(|rest| rest.split_once('<').unwrap().0.to_owned()).collect()
}

#[test]
fn the_scale_names_the_ends() {
    let at = |bar: i64| MARCH + bar * HOUR;
    let both = [(at(10), 1250), (at(20), -2050), (at(30), 800)];
    assert_eq!(scale(run_of(HOUR, 50, &both)), ["1,250", "0", "−800"]);
    assert_eq!(scale(run_of(HOUR, 50, &[(at(10), 1)])), ["1", "0"]);
    assert_eq!(scale(run_of(HOUR, 50, &[(at(10), -7)])), ["0", "−7"]);
    // Too near to zero to be named.
    assert_eq!(scale(run_of(HOUR, 50, &[(at(10), 100), (at(20), -101)])), ["100", "0"]);
}
