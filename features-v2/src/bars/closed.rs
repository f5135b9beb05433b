//! A bar that is closed.

use feature_api::Grid;

use super::BarSums;
use crate::arithmetic::{Scale, quotient};

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

impl ClosedBar {
    /// A bar that no clock closes.
    pub(super) const fn of_trades(sums: BarSums) -> Self {
        Self { ts_open: sums.ts_first, ts_close: sums.ts_last, skipped: 0, sums }
    }

    /// Traded value: Σ price·quantity in quote units, correctly rounded.
    #[must_use]
    pub fn dollar_volume(&self, grid: Grid) -> f64 {
        let steps = Scale::new(grid.price_scale()).steps() * Scale::new(grid.qty_scale()).steps();
        quotient(self.sums.dollar, steps)
    }

    /// Volume-weighted average price, correctly rounded; the close where nothing was traded.
    #[must_use]
    pub fn vwap(&self, grid: Grid) -> f64 {
        let steps = Scale::new(grid.price_scale()).steps();
        match self.sums.volume {
            0 => quotient(i128::from(self.sums.close), steps),
            volume => quotient(self.sums.dollar, steps * u128::from(volume.unsigned_abs())),
        }
    }
}
