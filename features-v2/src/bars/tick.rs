//! Bars of trades.

use super::BarSums;
use super::limited::{Limit, Limited};

/// A bar for every N trades.
///
/// - **Closes** with its Nth trade.
/// - **Source**: M. López de Prado, Advances in Financial Machine Learning (2018), 2.3.1.2.
pub type TickBars = Limited<Trades>;

/// A number of trades.
#[derive(Debug, Clone, Copy)]
pub struct Trades(u64);

impl TickBars {
    /// Bars of `trades` trades; 0 counts as 1.
    #[must_use]
    pub fn new(trades: u32) -> Self {
        Self::with(Trades(u64::from(trades.max(1))))
    }
}

impl Limit for Trades {
    #[inline]
    fn is_reached(&self, sums: &BarSums) -> bool {
        sums.trades >= self.0
    }
}
