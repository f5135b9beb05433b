//! An event as a reader gives it: exact decimals, before there is a grid.

use feature_api::AggressorSide;

use crate::MarketDataError;
use crate::decimal::Decimal;

/// Reads events of one file, one after the other, in the order of the file.
pub(crate) trait RawSource {
    /// The next event, or `None` at the end.
    ///
    /// A row that is not as it must be is an error ([`MarketDataError::Problems`] with file, line, field and what to
    /// do) that ends the reading: an event left out of what a model sees is not noticed later.
    fn next_raw(&mut self) -> Result<Option<RawEvent>, MarketDataError>;

    /// Rows so far that hold no event that is read: of another kind, or one that was not asked for.
    fn skipped(&self) -> u64 {
        0
    }
}

/// An event before there is a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawEvent {
    /// Its line in the file, from 1; in Parquet its row.
    pub(crate) line: u64,
    /// The instrument, where the file says it.
    pub(crate) symbol: Option<Box<str>>,
    /// By the venue's clock, in nanoseconds since 1970, where the file says it.
    pub(crate) ts_event: Option<i64>,
    /// By the receiver's clock, where the file says it. One of the two is there.
    pub(crate) ts_recv: Option<i64>,
    pub(crate) body: RawBody,
}

/// Price and quantity of a level.
pub(crate) type RawLevel = (Decimal, Decimal);

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RawBody {
    Trade {
        /// `None` where the file does not number its trades: they are then numbered as they come.
        trade_id: Option<u64>,
        price: Decimal,
        quantity: Decimal,
        aggressor: AggressorSide,
    },
    Quote {
        update_id: u64,
        bid: RawLevel,
        ask: RawLevel,
    },
    Snapshot {
        update_id: u64,
        bids: Vec<RawLevel>,
        asks: Vec<RawLevel>,
    },
    Delta {
        first_update_id: u64,
        last_update_id: u64,
        previous_update_id: Option<u64>,
        bids: Vec<RawLevel>,
        asks: Vec<RawLevel>,
    },
}
