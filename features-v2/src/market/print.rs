//! A trade that was taken.

use feature_api::{AggressorSide, Trade};

/// A trade's raw numbers, at hand for bars and operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Print {
    /// When it happened, in nanoseconds by the venue's clock.
    pub ts: i64,
    /// Price.
    pub price: i64,
    /// Quantity, 0 or above.
    pub quantity: i64,
    /// Whether the aggressor bought.
    pub is_buy: bool,
}

impl Print {
    /// The raw numbers of a trade.
    #[inline]
    #[must_use]
    pub const fn of(trade: &Trade) -> Self {
        Self {
            ts: trade.ts_event.0,
            price: trade.price.raw(),
            quantity: trade.quantity.raw(),
            is_buy: matches!(trade.aggressor, AggressorSide::Buy),
        }
    }

    /// Quantity with the sign of the aggressor.
    #[inline]
    #[must_use]
    pub const fn signed(&self) -> i64 {
        if self.is_buy { self.quantity } else { -self.quantity }
    }
}
