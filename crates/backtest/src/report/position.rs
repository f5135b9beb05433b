//! The position over time, as what was held in each column of the drawing.
//!
//! More trades than columns cannot be told apart: lines through some of them would show positions that never were. So a
//! column shows two numbers that are true whatever happens in it, the most and the fewest lots held.

use core::fmt::Write;

use feature_api::UnixNanos;

use super::plot::ValueAxis;
use super::view::View;

/// Pixels of the drawing.
const HEIGHT: f64 = 72.0;

/// Columns: one for each of the 1,000 units across, about a pixel on a desktop.
const COLUMNS: usize = 1000;

/// What the drawing shows.
pub(super) const NOTE: &str = "Position: each column reaches to the most lots held in it; in full colour is what was held \
                               throughout, pale what was held for part of the time.";

/// The fewest and the most lots held in each column, below zero where short.
pub(super) struct Position {
    columns: Vec<(i64, i64)>,
    pub(super) values: ValueAxis,
}

impl Position {
    /// None where nothing was ever held.
    pub(super) fn of(view: &View<'_>) -> Option<Self> {
        let columns = columns(view)?;
        let (low, high) =
            columns.iter().fold((0, 0), |(low, high), column| (column.0.min(low), column.1.max(high)));
        ((low, high) != (0, 0)).then(|| Self { columns, values: ValueAxis::whole(low, high, HEIGHT) })
    }

    /// Paths, to be stretched: pale to the most that was held, over it to what was held throughout.
    pub(super) fn drawn(&self) -> String {
        self.steps("lots long part", |(_, most)| most.max(0))
            + &self.steps("lots short part", |(fewest, _)| fewest.min(0))
            + &self.steps("lots long", |(fewest, _)| fewest.max(0))
            + &self.steps("lots short", |(_, most)| most.min(0))
    }

    /// The area between zero and so many lots in each column: its edge goes across and down, never aslant.
    fn steps(&self, class: &str, lots: impl Fn((i64, i64)) -> i64) -> String {
        let zero = self.values.y(0.0);
        let mut path = format!("M0 {zero:.1}");
        let mut before = 0;
        for (index, lots) in self.columns.iter().map(|column| lots(*column)).enumerate() {
            if lots != before {
                let _ = write!(path, "H{index}V{:.1}", self.values.y(lots as f64));
                before = lots;
            }
        }
        format!("<path class=\"{class}\" d=\"{path}H{COLUMNS}V{zero:.1}Z\"/>")
    }
}

/// From the fills, which know when inside a bar they came; at closes alone, a trade within a bar would be none.
fn columns(view: &View<'_>) -> Option<Vec<(i64, i64)>> {
    let (first, last) = view.points().first().zip(view.points().last())?;
    let fills = &view.report.run.fills;
    let traded = fills.iter().fold(0_i64, |sum, fill| sum.saturating_add(fill.lots));
    let mut columns: Vec<Option<(i64, i64)>> = vec![None; COLUMNS];
    let mut hold = |from: UnixNanos, until: UnixNanos, lots: i64| {
        for column in columns.get_mut(view.time.columns(from, until, COLUMNS)).into_iter().flatten() {
            let (fewest, most) = column.unwrap_or((lots, lots));
            *column = Some((fewest.min(lots), most.max(lots)));
        }
    };
    // What was held before the run's first fill.
    let (mut since, mut lots) = (first.ts_close, last.lots.saturating_sub(traded));
    for fill in fills {
        hold(since, fill.ts, lots);
        (since, lots) = (fill.ts, lots.saturating_add(fill.lots));
    }
    hold(since, last.ts_close, lots);
    Some(columns.into_iter().map(Option::unwrap_or_default).collect())
}
