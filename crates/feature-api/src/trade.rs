//! Trades.

use crate::{Grid, Price, Qty, UnixNanos};

/// Who took liquidity: the side of the order that came last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AggressorSide {
    /// A buyer lifted an offer: the maker sold.
    Buy,
    /// A seller hit a bid: the maker bought.
    Sell,
}

/// A trade of one instrument, as its venue reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trade {
    /// Grid of price and quantity.
    pub grid: Grid,
    /// When it happened, by the venue's clock.
    pub ts_event: UnixNanos,
    /// When it was received, by the receiver's clock, which may run behind the venue's; `ts_event` where nobody
    /// wrote it down.
    pub ts_recv: UnixNanos,
    /// The venue's number of it: the identity of the trade, for many trades share a millisecond.
    pub trade_id: u64,
    /// Price.
    pub price: Price,
    /// Quantity; a trade of nothing is taken as a trade.
    pub quantity: Qty,
    /// Who took liquidity.
    pub aggressor: AggressorSide,
}

impl Trade {
    /// When the trade could first be known: the later of the two clocks, so that one which runs behind makes nothing
    /// known before it happened.
    #[inline]
    #[must_use]
    pub fn ts_known(&self) -> UnixNanos {
        self.ts_event.max(self.ts_recv)
    }
}
