//! A bar that is closed.

use super::BarSums;

/// A closed bar: its interval and the sums over its trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedBar {
    /// Start of the interval, inclusive; of a bar that no clock closes the time of its first trade.
    pub ts_open: i64,
    /// End of the interval, exclusive; of a bar that no clock closes the time of its last trade.
    pub ts_close: i64,
    /// Intervals between the bar before and this one in which nothing was traded; 0 where no clock closes bars.
    pub skipped: u64,
    /// Of its trades, of which there is at least one.
    pub sums: BarSums,
}
