//! What is known of the trades of a bar.

use feature_api::{RestoreError, StateReader, StateWriter};

use super::ReturnMoments;
use crate::market::Print;

/// Sums over the trades of a bar, of which there is at least one: integers, exact.
///
/// Returns, price changes and changes of direction are those between trades of the bar: the first trade has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarSums {
    /// Time of the first trade.
    pub ts_first: i64,
    /// Time of the last trade.
    pub ts_last: i64,
    /// First price.
    pub open: i64,
    /// Highest price.
    pub high: i64,
    /// Lowest price.
    pub low: i64,
    /// Last price.
    pub close: i64,
    /// Quantity; at most 2^53.
    pub volume: i64,
    /// Quantity that takers bought; the rest they sold.
    pub buy: i64,
    /// Σ price·quantity, in steps of both grids.
    pub dollar: i128,
    /// Trades.
    pub trades: u64,
    /// Trades at another price than the trade before.
    pub price_changes: u64,
    /// Price changes that go the other way than the change before.
    pub direction_changes: u64,
    /// Direction of the first price change: −1, 1, or 0 where there is none.
    pub first_move: i8,
    /// Direction of the last price change.
    pub last_move: i8,
    /// Log returns from trade to trade.
    pub returns: ReturnMoments,
}

impl BarSums {
    /// The sums of one trade.
    #[must_use]
    pub fn of(print: &Print) -> Self {
        Self {
            ts_first: print.ts,
            ts_last: print.ts,
            open: print.price,
            high: print.price,
            low: print.price,
            close: print.price,
            volume: print.quantity,
            buy: if print.is_buy { print.quantity } else { 0 },
            dollar: i128::from(print.price) * i128::from(print.quantity),
            trades: 1,
            price_changes: 0,
            direction_changes: 0,
            first_move: 0,
            last_move: 0,
            returns: ReturnMoments::default(),
        }
    }

    /// Adds the next trade.
    #[inline]
    pub fn push(&mut self, print: &Print) {
        self.merge(&Self::of(print));
    }

    /// Adds the sums of the trades that follow.
    pub fn merge(&mut self, next: &Self) {
        self.close = next.close;
        self.ts_last = next.ts_last;
    }

    /// Quantity that takers sold.
    #[inline]
    #[must_use]
    pub const fn sell(&self) -> i64 {
        self.volume - self.buy
    }

    /// Writes the sums.
    pub fn save(&self, state: &mut StateWriter) {
        let _ = state;
    }

    /// Reads what [`BarSums::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where no trades have these sums.
    pub fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let _ = state;
        Err(RestoreError::Truncated)
    }
}
