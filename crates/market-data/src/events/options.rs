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
    /// How times are written in text files that are no exchange's format.
    pub time: TimeFormat,
    /// By which clock the events of several files are put in order.
    pub order: EventOrder,
}

/// Formats of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventFormat {
    /// The exchange's public trades files: `id,price,qty,quote_qty,time,is_buyer_maker[,…]`.
    ExchangeTrades,
    /// The exchange's public aggTrades files:
    /// `agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker[,…]`.
    ExchangeAggTrades,
    /// The exchange's public bookTicker files:
    /// `update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time[,…]`.
    ExchangeBookTicker,
    /// The exchange's public depth files, a level a row:
    /// `symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu`.
    ExchangeDepth,
    /// Recorded websocket messages: the receive time in nanoseconds, a space, the exchange's JSON; REST depth snapshots
    /// among them.
    Capture,
    /// Tardis trades: `exchange,symbol,timestamp,local_timestamp,id,side,price,amount`.
    TardisTrades,
    /// Tardis quotes: `exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount`.
    TardisQuotes,
    /// Tardis book snapshots: `exchange,symbol,timestamp,local_timestamp,asks[0].price,…`.
    TardisSnapshots,
    /// Any text with a header (or a Parquet file) with the columns `timestamp,price,qty,side` under their usual names.
    GenericTrades,
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
