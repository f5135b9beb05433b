//! Why something cannot be traded or booked.

use feature_api::Grid;

/// Why something cannot be traded or booked. Every message says what was expected, what was found and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExecutionError {
    /// A number of an instrument, of costs or of an account that cannot be.
    #[error("{what} is {found}; expected {expected}")]
    Invalid {
        /// Which number.
        what: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
    /// Bars whose grid does not hold the tick, or money that 1e-18 does not hold.
    #[error("{symbol}: {reason}; the bars have {grid}")]
    Grid {
        /// The instrument.
        symbol: String,
        /// The grid of the bars.
        grid: Grid,
        /// What does not fit, and what to do.
        reason: String,
    },
    /// Bars without volume where a share of it limits fills.
    #[error(
        "fills are limited to a share of each bar's volume, but the bars carry none; feed bars with volume, or set \
         max_volume_share to \"unlimited\""
    )]
    NoVolume,
    /// An order that does not fit the position or what is at work.
    #[error("order {id}: {reason}; this is a fault of the program: report it")]
    Order {
        /// The order.
        id: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An event on another grid.
    #[error(
        "{symbol}: the event has {found}, but this exchange has {expected}; feed one instrument on one grid"
    )]
    EventGrid {
        /// The instrument.
        symbol: String,
        /// The grid of the exchange.
        expected: Grid,
        /// The grid of the event.
        found: Grid,
    },
    /// An event that no order is filled from.
    #[error("an event exchange was fed {found}; it takes trades, order books and the venue's clock")]
    Event {
        /// What it was.
        found: &'static str,
    },
    /// A book update where takers are filled from trades.
    #[error(
        "takers are filled from trades, but an order book came; leave the book out of the events, or fill takers from it"
    )]
    BookUnused,
    /// A book update that cannot be one.
    #[error(transparent)]
    Book(#[from] market_data::BookError),
    /// Money, a position or a price beyond what the types hold.
    #[error(
        "{what} does not fit: it is beyond what can be booked (1.7e20 of the currency, 9.2e18 lots, prices of 2^53 \
         steps); trade less, or on a grid with fewer decimals"
    )]
    Overflow {
        /// What.
        what: &'static str,
    },
}
