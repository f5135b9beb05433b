//! What trading costs at an event exchange, and how its fills come about.

use crate::Rate;

/// What trading costs at an [`EventExchange`](crate::EventExchange), and how its fills come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventCosts {
    /// Fee of a fill that takes liquidity, of its value.
    pub taker_fee: Rate,
    /// Fee of a fill that makes liquidity, of its value.
    pub maker_fee: Rate,
    /// Ticks that a taker's fill is worse than the level it takes; never beyond the price of a limit order.
    pub slippage_ticks: u32,
    /// How long what is sent takes to the venue.
    pub latency: LatencyMs,
    /// What takers are filled from.
    pub takers: TakerFills,
    /// Whose the orders are that are cancelled in front of and behind a resting one.
    pub cancels: CancelModel,
}

/// Milliseconds between sending and the venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LatencyMs {
    /// Of an order, that of a bracket too.
    pub order_ms: u32,
    /// Of a cancellation. It never overtakes its order.
    pub cancel_ms: u32,
}

/// What orders that take liquidity are filled from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakerFills {
    /// The levels of the order book.
    Book,
    /// Trades, of streams that have no order book: a book update is refused.
    Trades {
        /// The whole spread as a fraction of the price; a taker pays half of it beyond the trade's price.
        spread: Rate,
    },
}

/// Where in the queue of a level orders are cancelled, which no venue's feed tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CancelModel {
    /// Behind us as long as that can be: the queue in front only ever shrinks by trades, and to what is displayed.
    #[default]
    Behind,
    /// Everywhere alike: of what is cancelled, the share in front of us is that of the level in front of us, rounded
    /// down.
    Proportional,
}
