//! What a file of bars holds.

use feature_api::{Bar, Grid, UnixNanos};

use crate::Problem;

/// Bars of one instrument, oldest first, open times strictly increasing, none overlapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarSeries {
    /// The bars.
    pub bars: Vec<Bar>,
    /// Grid of every price and quantity.
    pub grid: Grid,
    /// Length of a bar in nanoseconds.
    pub interval: i64,
    /// Where bars are missing, in order. Nothing is filled.
    pub gaps: Vec<Gap>,
    /// What is wrong with rows that were left out, by line; at most [`PROBLEMS_LISTED_MAX`](crate::PROBLEMS_LISTED_MAX),
    /// and a note says how many there are where there are more.
    pub problems: Vec<Problem>,
    /// What was found out or decided while reading, one sentence each.
    pub notes: Vec<String>,
    /// Rows of data read, those left out included.
    pub rows_read: u64,
}

/// A stretch without bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// `ts_close` of the bar before.
    pub after: UnixNanos,
    /// `ts_open` of the next bar.
    pub until: UnixNanos,
    /// Whole intervals missing; 0 where the gap is shorter than one.
    pub missing: u64,
}
