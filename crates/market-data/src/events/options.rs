//! What the readers of events are told.

use feature_api::Grid;

use crate::TimeFormat;

/// How files of events are read. The default finds out what it can and refuses what it cannot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventOptions {
    /// Grid of prices and quantities; `None` reads the files once before, for the coarsest that holds every number
    /// exactly. A pipe can be read only once: there it must be said.
    pub grid: Option<Grid>,
    /// The instrument: events of others are left out and counted. `None` takes the first that is named, and a second
    /// is an error.
    pub symbol: Option<String>,
    /// What the files hold; `None` finds it out from the header or the first line.
    pub format: Option<EventFormat>,
    /// How times are written in files with columns; [`TimeFormat::Auto`] tells milliseconds, microseconds and
    /// nanoseconds by their size, and ISO text by its shape. Columns `ts_event`, `ts_recv` and `local_ns` are
    /// nanoseconds whatever this says.
    pub time: TimeFormat,
    /// By which clock the events of several files are put in order.
    pub order: EventOrder,
    /// What is taken of a capture.
    pub select: Select,
    /// The files go on where others ended, for a state that already holds a book: changes of the book are given from
    /// the first on, not held back for a snapshot.
    pub continues: bool,
}

/// What is taken of a capture, which holds several kinds of events. Files of one kind are taken whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Select {
    /// Trades.
    pub trades: bool,
    /// Best bids and asks. Beside the book they are another view of the same: who keeps one book of both is left with
    /// one level a side after each of them.
    pub quotes: bool,
    /// Snapshots and changes of the order book.
    pub book: bool,
}

impl Default for Select {
    /// Trades and the book.
    fn default() -> Self {
        Self { trades: true, quotes: false, book: true }
    }
}

/// Formats of events.
///
/// Columns are found by their names, in any order, so more of them do no harm; the exchange's files may also come
/// without a header. Text may be plain, gzip or Zstandard. Every format but [`Capture`](Self::Capture) may also be a
/// Parquet file with these columns. Times are as [`EventOptions::time`] says; where a file has a column of the receiver's
/// clock (`local_ns`, `local_timestamp`, `ts_recv`, `time_received`), it is the receive time.
///
/// A last line without a line end is taken as a whole one. A header with no rows under it is a file without events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventFormat {
    /// The exchange's public trades files: `id,price,qty,quote_qty,time,is_buyer_maker[,…]`; quantities of coin-margined
    /// futures are contracts.
    ExchangeTrades,
    /// The exchange's public aggTrades files:
    /// `agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker[,…]`.
    ExchangeAggTrades,
    /// The exchange's public bookTicker files:
    /// `update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time[,…]`. The time is
    /// that of the transaction, or, where that is empty, of the event; spot has neither, and needs the receive time.
    ExchangeBookTicker,
    /// The exchange's public depth files, a level a row:
    /// `symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu`. Rows of one timestamp, one
    /// type and the same ids that stand together are one event: a snapshot (`snap`) or changes (`set`).
    ExchangeDepth,
    /// Recorded websocket messages: the receive time in nanoseconds, a space, the exchange's JSON; REST depth snapshots
    /// among them.
    Capture,
    /// Tardis trades: `exchange,symbol,timestamp,local_timestamp,id,side,price,amount`. An id that is no number is taken
    /// as the FNV-1a hash of its text, in 64 bits.
    TardisTrades,
    /// Tardis quotes: `exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount`.
    TardisQuotes,
    /// Tardis book snapshots of any depth: `exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,…`;
    /// cells of levels that are not there are empty, at the end. Also with a column `last_update_id`.
    TardisSnapshots,
    /// Any text with a header (or a Parquet file) with the columns `timestamp,price,qty,side` under their usual names;
    /// ids as in [`TardisTrades`](Self::TardisTrades), where there are any. Without a side it is refused.
    GenericTrades,
    /// Any text with a header (or a Parquet file) with the columns `timestamp,bid_price,bid_qty,ask_price,ask_qty` under
    /// their usual names.
    GenericQuotes,
}

impl EventFormat {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExchangeTrades => "exchange trades",
            Self::ExchangeAggTrades => "exchange aggTrades",
            Self::ExchangeBookTicker => "exchange bookTicker",
            Self::ExchangeDepth => "exchange depth",
            Self::Capture => "captured messages",
            Self::TardisTrades => "Tardis trades",
            Self::TardisQuotes => "Tardis quotes",
            Self::TardisSnapshots => "Tardis book snapshots",
            Self::GenericTrades => "trades",
            Self::GenericQuotes => "quotes",
        }
    }

    /// A header that it may have; nothing for a capture, which has none.
    pub(crate) const fn columns(self) -> &'static str {
        match self {
            Self::ExchangeTrades => "id,price,qty,quote_qty,time,is_buyer_maker",
            Self::ExchangeAggTrades => {
                "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker"
            }
            Self::ExchangeBookTicker => {
                "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time"
            }
            Self::ExchangeDepth => {
                "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu"
            }
            Self::Capture => "",
            Self::TardisTrades => "exchange,symbol,timestamp,local_timestamp,id,side,price,amount",
            Self::TardisQuotes => {
                "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount"
            }
            Self::TardisSnapshots => {
                "exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount"
            }
            Self::GenericTrades => "timestamp,price,qty,side",
            Self::GenericQuotes => "timestamp,bid_price,bid_qty,ask_price,ask_qty",
        }
    }
}

/// By which clock the events of several files are put in order.
///
/// Within a file the order is always that of the file. Between files the event that is earlier by this clock comes
/// first; of events at the same nanosecond that of the file which was named first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EventOrder {
    /// When they were received: what a live program saw. `ts_event` stands in where a file has no receive time.
    #[default]
    Recv,
    /// When they happened, by the venue's clock.
    Event,
}
