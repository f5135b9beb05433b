//! Returns by calendar: months of years, or days of weeks where the run is short.

use core::fmt::Write;

use super::calendar::{DAY, Date, MONTHS};
use super::number::signed;
use super::text::{empty, figure, section, table};
use super::view::{View, growth};
use crate::Point;

/// Runs shorter than this are shown by day: two months.
const SHORT: i64 = 61 * DAY;

/// Shades of a sign.
const SHADES: f64 = 5.0;

/// Where a bar stands: its row (a year, or the Monday of a week) and its column.
type Place = (i64, usize);

pub(super) fn returns(view: &View<'_>) -> String {
    let (Some(first), Some(last)) = (view.points().first(), view.points().last()) else {
        return section("returns", "Returns", &empty("There are no bars."));
    };
    let is_short = last.ts_close.0.saturating_sub(first.ts_close.0) < SHORT;
    let (title, caption, body) = if is_short {
        let columns = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let name = |monday: i64| Date::of_day(monday).iso();
        let body = heat_map(view, week_day, &columns, ("Week of", "Week"), name, "Returns by day");
        ("Daily returns", "Return of each UTC day, per cent, after costs", body)
    } else {
        let name = |year: i64| year.to_string();
        let body = heat_map(view, year_month, &MONTHS, ("Year", "Year"), name, "Returns by month");
        ("Monthly returns", "Return of each UTC month, per cent, after costs", body)
    };
    let note = "Equity at the last close of the period over that of the one before. A bar belongs to the period it \
                lies in, also where it closes at midnight. The first and the last may not be whole.";
    section("returns", title, &figure(caption, &body, note))
}

/// The day of the bar: what closes at midnight belongs to the day that ends.
const fn day_of(point: &Point) -> i64 {
    point.ts_close.0.saturating_sub(1).div_euclid(DAY)
}

fn year_month(point: &Point) -> Place {
    let date = Date::of_day(day_of(point));
    (date.year, usize::try_from(date.month - 1).unwrap_or(0))
}

fn week_day(point: &Point) -> Place {
    let day = day_of(point);
    // 1970-01-01 was a Thursday.
    let of_week = (day + 3).rem_euclid(7);
    (day - of_week, usize::try_from(of_week).unwrap_or(0))
}

/// A row: its place, its cells (none where there were no bars, none inside where the return is not defined), and the
/// return of all of it.
#[derive(Debug, PartialEq)]
struct Line {
    row: i64,
    cells: Vec<Option<Option<f64>>>,
    total: Option<f64>,
}

/// Equity at the end of each place, in order, made into returns; `start` is what the first is compared with.
fn lines(start: f64, ends: &[(Place, f64)], columns: usize) -> Vec<Line> {
    let mut before = start;
    let mut lines = Vec::new();
    for row in ends.chunk_by(|a, b| a.0.0 == b.0.0) {
        let at_start = before;
        let mut cells = vec![None; columns];
        for ((_, column), equity) in row {
            if let Some(cell) = cells.get_mut(*column) {
                *cell = Some(growth(before, *equity));
            }
            before = *equity;
        }
        let row = row.first().map_or(0, |((row, _), _)| *row);
        lines.push(Line { row, cells, total: growth(at_start, before) });
    }
    lines
}

fn heat_map(
    view: &View<'_>,
    place: fn(&Point) -> Place,
    columns: &[&str],
    (head, total): (&str, &str),
    name: impl Fn(i64) -> String,
    caption: &str,
) -> String {
    let ends: Vec<(Place, f64)> = view
        .points()
        .chunk_by(|a, b| place(a) == place(b))
        .filter_map(|period| period.last())
        .map(|point| (place(point), point.equity.to_f64()))
        .collect();
    let lines = lines(view.start, &ends, columns.len());
    let largest = lines
        .iter()
        .flat_map(|line| line.cells.iter().flatten().flatten())
        .fold(0.0, |largest, cell| if cell.abs() > largest { cell.abs() } else { largest });
    let mut rows = String::new();
    for line in &lines {
        let _ = write!(rows, "<tr><th scope=\"row\">{}</th>", name(line.row));
        for cell in &line.cells {
            match cell {
                Some(return_) => {
                    let class = shade(*return_, largest);
                    let _ = write!(rows, "<td{class}>{}</td>", text(*return_));
                }
                None => rows.push_str("<td></td>"),
            }
        }
        let _ = writeln!(rows, "<td class=\"total\">{}</td></tr>", text(line.total));
    }
    let heads: Vec<&str> = [head].iter().chain(columns).chain([&total]).copied().collect();
    table(caption, "heat", &heads, &rows)
}

/// Per cent, without its sign: the caption says it.
fn text(return_: Option<f64>) -> String {
    return_.map_or_else(|| super::number::UNDEFINED.to_owned(), |return_| signed(return_ * 100.0, 2))
}

/// The class of a cell: how far it is from zero beside the largest.
fn shade(return_: Option<f64>, largest: f64) -> String {
    let Some(return_) = return_.filter(|return_| (return_ * 100.0).abs() >= 0.005) else {
        return String::new();
    };
    let depth = (return_.abs() / largest * SHADES).ceil();
    format!(" class=\"{}{depth}\"", if return_ > 0.0 { 'p' } else { 'n' })
}

#[cfg(test)]
mod tests {
    use execution::Money;
    use feature_api::{Price, UnixNanos};

    use super::*;

    fn point(ts_close: i64) -> Point {
        Point {
            ts_close: UnixNanos(ts_close),
            close: Price::default(),
            lots: 0,
            equity: Money::ZERO,
            prediction: None,
            reward: 0.0,
        }
    }

    #[test]
    fn midnight_ends_a_day() {
        let march = 1_709_251_200_000_000_000;
        assert_eq!(year_month(&point(march)), (2024, 1));
        assert_eq!(year_month(&point(march + 1)), (2024, 2));
        // 2024-02-29 was a Thursday of the week of Monday, day 19,779.
        assert_eq!(week_day(&point(march)), (19_779, 3));
        assert_eq!(week_day(&point(march + 1)), (19_779, 4));
        assert_eq!(week_day(&point(march + 3 * DAY + 1)), (19_786, 0));
    }

    #[test]
    fn returns_chain_and_what_is_lost_has_none() {
        let ends = [((2023, 10), 110.0), ((2023, 11), 99.0), ((2024, 0), -1.0), ((2024, 2), 5.0)];
        let found = lines(100.0, &ends, 12);
        let near = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
        assert!(near(found[0].cells[10].unwrap(), 0.1) && near(found[0].cells[11].unwrap(), -0.1));
        assert!(near(found[0].total, -0.01) && found[0].cells[0].is_none());
        assert!(near(found[1].cells[0].unwrap(), -100.0 / 99.0));
        assert_eq!(found[1].cells[2], Some(None), "from below zero no return is defined");
        assert_eq!((found[1].cells[1], found.len()), (None, 2));
    }

    #[test]
    fn shades() {
        assert_eq!(shade(Some(0.1), 0.1), " class=\"p5\"");
        assert_eq!(shade(Some(-0.001), 0.1), " class=\"n1\"");
        assert_eq!(shade(Some(0.000_01), 0.1), "");
        assert_eq!(shade(None, 0.1), "");
    }
}
