//! What is known of the trades of a bar.

use feature_api::{MAX_RAW, RestoreError, StateReader, StateWriter};

use super::ReturnMoments;
use crate::market::Print;
use crate::operators::log_return;
use crate::window::read_raw;

/// Sums over the trades of a bar, of which there is at least one: integers, exact.
///
/// Returns, price changes and changes of direction are those between trades of the bar: the first trade has none. A
/// return is `ln(p/p₋₁)` as [`LogReturn`](crate::operators::LogReturn) has it, 0 where a price is not positive.
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
    #[inline]
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
        self.step(print.price);
        self.ts_last = print.ts;
        self.high = self.high.max(print.price);
        self.low = self.low.min(print.price);
        self.volume += print.quantity;
        self.buy += if print.is_buy { print.quantity } else { 0 };
        self.dollar += i128::from(print.price) * i128::from(print.quantity);
        self.trades += 1;
    }

    /// Adds the sums of the trades that follow.
    pub fn merge(&mut self, next: &Self) {
        self.step(next.open);
        self.turn(next.first_move);
        if next.last_move != 0 {
            self.last_move = next.last_move;
        }
        self.ts_last = next.ts_last;
        self.high = self.high.max(next.high);
        self.low = self.low.min(next.low);
        self.close = next.close;
        self.volume += next.volume;
        self.buy += next.buy;
        self.dollar += next.dollar;
        self.trades += next.trades;
        self.price_changes += next.price_changes;
        self.direction_changes += next.direction_changes;
        self.returns.merge(&next.returns);
    }

    /// From the last trade to one at `price`.
    #[inline]
    fn step(&mut self, price: i64) {
        if price == self.close {
            self.returns.add(0);
            return;
        }
        self.returns.add(ReturnMoments::on_grid(log_return(self.close, price)));
        self.price_changes += 1;
        self.turn(if price > self.close { 1 } else { -1 });
        self.close = price;
    }

    /// The price moves on in a direction; 0 is none.
    #[inline]
    fn turn(&mut self, direction: i8) {
        if direction != 0 {
            if self.last_move == 0 {
                self.first_move = direction;
            }
            self.direction_changes += u64::from(self.last_move == -direction);
            self.last_move = direction;
        }
    }

    /// Quantity that takers sold.
    #[inline]
    #[must_use]
    pub const fn sell(&self) -> i64 {
        self.volume - self.buy
    }

    /// Writes the sums.
    pub fn save(&self, state: &mut StateWriter) {
        for part in
            [self.ts_first, self.ts_last, self.open, self.high, self.low, self.close, self.volume, self.buy]
        {
            state.write_i64(part);
        }
        state.write_i128(self.dollar);
        for count in [self.trades, self.price_changes, self.direction_changes] {
            state.write_u64(count);
        }
        state.write_i64(i64::from(self.first_move));
        state.write_i64(i64::from(self.last_move));
        self.returns.save(state);
    }

    /// Reads what [`BarSums::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where no trades have these sums.
    pub fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let sums = Self {
            ts_first: state.read_i64()?,
            ts_last: state.read_i64()?,
            open: read_raw(state)?,
            high: read_raw(state)?,
            low: read_raw(state)?,
            close: read_raw(state)?,
            volume: read_raw(state)?,
            buy: read_raw(state)?,
            dollar: state.read_i128()?,
            trades: state.read_u64()?,
            price_changes: state.read_u64()?,
            direction_changes: state.read_u64()?,
            first_move: read_move(state)?,
            last_move: read_move(state)?,
            returns: ReturnMoments::load(state)?,
        };
        if sums.is_possible() { Ok(sums) } else { Err(RestoreError::Invalid { what: "the sums of a bar" }) }
    }

    /// Whether some trades have these sums, as far as the parts tell of each other.
    fn is_possible(&self) -> bool {
        let dollar = |price: i64| i128::from(price) * i128::from(self.volume);
        let prices = self.low..=self.high;
        let changes = self.price_changes;
        self.ts_first <= self.ts_last
            && prices.contains(&self.open)
            && prices.contains(&self.close)
            && (0..=MAX_RAW).contains(&self.volume)
            && (0..=self.volume).contains(&self.buy)
            && (dollar(self.low)..=dollar(self.high)).contains(&self.dollar)
            && self.returns.count.checked_add(1) == Some(self.trades)
            && changes < self.trades
            && (self.direction_changes < changes || self.direction_changes == 0)
            && (self.low == self.high) == (changes == 0)
            && (self.first_move == 0) == (changes == 0)
            && (self.last_move == 0) == (changes == 0)
            && (self.first_move == self.last_move) == self.direction_changes.is_multiple_of(2)
            && (changes != 0
                || self.returns == ReturnMoments { count: self.returns.count, ..Default::default() })
    }
}

fn read_move(state: &mut StateReader<'_>) -> Result<i8, RestoreError> {
    match state.read_i64()? {
        -1 => Ok(-1),
        0 => Ok(0),
        1 => Ok(1),
        _ => Err(RestoreError::Invalid { what: "a direction of -1, 0 or 1" }),
    }
}
