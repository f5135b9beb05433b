//! A round trip: from flat to flat.

use feature_api::{Price, Side, UnixNanos};

use crate::Money;

/// A round trip: from flat to flat, however many fills it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// Which way.
    pub side: Side,
    /// Time of the first fill.
    pub ts_entry: UnixNanos,
    /// Time of the last fill.
    pub ts_exit: UnixNanos,
    /// Lots opened in all, above 0.
    pub lots: i64,
    /// Average price in, on the nearest tick.
    pub entry_price: Price,
    /// Average price out, on the nearest tick.
    pub exit_price: Price,
    /// Value of all that was opened: Σ |lots|·price, 0 or above for prices above 0.
    pub entry_value: Money,
    /// Profit before fees: of the prices filled, spread and slippage in them.
    pub gross: Money,
    /// Fees.
    pub fees: Money,
    /// Half spreads paid; they are in `gross` already.
    pub spread: Money,
    /// Slippage paid; it is in `gross` already.
    pub slippage: Money,
    /// Bars that closed while it was open.
    pub bars_held: u32,
    /// What closed it: its last fill.
    pub exit: ExitReason,
}

/// What closed a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitReason {
    /// An order: the strategy's decision.
    Signal,
    /// The stop.
    Stop,
    /// The take-profit.
    Take,
}

impl Trade {
    /// Nanoseconds from the first fill to the last.
    #[must_use]
    pub const fn held_ns(&self) -> u64 {
        crate::account::time_between(self.ts_entry, self.ts_exit)
    }

    /// Profit after fees. It fits in every trade of an account; where it does not in another, it is the nearest that
    /// does.
    #[must_use]
    pub const fn net(&self) -> Money {
        Money::from_units(self.gross.units().saturating_sub(self.fees.units()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn net_is_after_fees_and_never_overflows() {
        let trade = |gross, fees| Trade {
            side: Side::Long,
            ts_entry: UnixNanos(0),
            ts_exit: UnixNanos(0),
            lots: 1,
            entry_price: Price::default(),
            exit_price: Price::default(),
            entry_value: Money::ZERO,
            gross: Money::from_units(gross),
            fees: Money::from_units(fees),
            spread: Money::from_units(7),
            slippage: Money::from_units(7),
            bars_held: 0,
            exit: ExitReason::Signal,
        };
        assert_eq!(trade(5, 7).net(), Money::from_units(-2));
        assert_eq!(trade(i128::MIN, 1).net(), Money::from_units(i128::MIN));
    }
}
