//! Orders and fills.

use feature_api::{Price, UnixNanos};

use crate::Money;

/// A market order. The position it leads to, where it opens one, carries the bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Number of the order, counted from 1.
    pub id: u64,
    /// Lots to buy (above 0) or to sell (below 0); never 0, never beyond flat where it closes.
    pub lots: i64,
    /// The bracket of the position it opens, on the tick; without levels for an order that closes.
    pub bracket: Bracket,
    /// When it could be sent: when what it was decided on was known. It fills at no open before.
    pub ts_sent: UnixNanos,
}

/// Levels at the exchange that close a position. They live as long as the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bracket {
    /// Where a stop order closes it at the market: below the market for a long, above it for a short.
    pub stop: Option<Price>,
    /// Where a limit order takes the profit.
    pub take: Option<Price>,
}

/// What was filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// The order; that which opened the position for a stop or a take.
    pub order: u64,
    /// What kind of order.
    pub kind: FillKind,
    /// When: the open of the bar where its open fills it, else its close, for when inside the bar is not known. At an
    /// event exchange the venue's clock.
    pub ts: UnixNanos,
    /// Lots bought (above 0) or sold (below 0).
    pub lots: i64,
    /// Price, on the tick.
    pub price: Price,
    /// Fee, 0 or above.
    pub fee: Money,
    /// Half the spread, as money: part of what `price` is worse than the reference.
    pub spread: Money,
    /// The rest of it: slippage, and rounding to the tick.
    pub slippage: Money,
}

/// What kind of order was filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FillKind {
    /// A market order, at the open of a bar; at an event exchange an order of the strategy, a limit order too.
    Market,
    /// A stop: at its level, or at the open where the bar opens beyond it; what is left of it, at the opens that
    /// follow. At an event exchange at what the market gives once it has arrived.
    Stop,
    /// A take-profit, at its level, never better; at an event exchange better where the book is beyond it on arrival.
    Take,
}
