//! Market events as they are read: the types of `feature-api` with their levels owned.

mod capture;
mod depth;
mod detect;
mod header;
mod merge;
mod open_file;
mod options;
mod place;
mod quotes;
mod raw;
mod rows;
mod rows_parquet;
mod snapshots;
mod stream;
mod survey;
mod sync;
mod times;
mod trades;
mod write;
mod write_capture;

use std::slice;

use feature_api::{Bar, BookDelta, BookSnapshot, Event, Grid, Level, Trade, UnixNanos};

pub use options::{EventFormat, EventOptions, EventOrder, Select};
pub use stream::{EventCounts, EventFile, EventStream, open_events};
pub use write::{WRITTEN_LEVELS_MAX, write_quotes, write_snapshots, write_trades};
pub use write_capture::write_capture;

/// The best bid and the best ask, as a venue publishes them by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// Grid of prices and quantities.
    pub grid: Grid,
    /// When they stood so, by the venue's clock; where the venue does not say, when they were received.
    pub ts_event: UnixNanos,
    /// When they were received, by the receiver's clock; `ts_event` where nobody wrote it down.
    pub ts_recv: UnixNanos,
    /// The last update of the book they contain; 0 where updates are not numbered.
    pub update_id: u64,
    /// The best bid; of quantity 0 where there is none.
    pub bid: Level,
    /// The best ask; of quantity 0 where there is none.
    pub ask: Level,
}

impl Quote {
    /// The quote as a book of one level a side, or of none where there is none.
    #[must_use]
    pub fn snapshot(&self) -> BookSnapshot<'_> {
        BookSnapshot {
            grid: self.grid,
            ts_event: self.ts_event,
            ts_recv: self.ts_recv,
            update_id: self.update_id,
            bids: side(&self.bid),
            asks: side(&self.ask),
        }
    }
}

const fn side(level: &Level) -> &[Level] {
    if level.quantity.raw() == 0 { &[] } else { slice::from_ref(level) }
}

/// A [`BookSnapshot`] with its levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Grid of prices and quantities.
    pub grid: Grid,
    /// When the book stood so, by the venue's clock; where the venue does not say, when it was received.
    pub ts_event: UnixNanos,
    /// When it was received, by the receiver's clock; `ts_event` where nobody wrote it down.
    pub ts_recv: UnixNanos,
    /// The last update it contains; 0 where updates are not numbered.
    pub update_id: u64,
    /// Bids, best first.
    pub bids: Vec<Level>,
    /// Asks, best first.
    pub asks: Vec<Level>,
}

impl Snapshot {
    /// As a feature set takes it.
    #[must_use]
    pub fn view(&self) -> BookSnapshot<'_> {
        let Self { grid, ts_event, ts_recv, update_id, bids, asks } = self;
        BookSnapshot {
            grid: *grid,
            ts_event: *ts_event,
            ts_recv: *ts_recv,
            update_id: *update_id,
            bids,
            asks,
        }
    }
}

/// A [`BookDelta`] with its levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// Grid of prices and quantities.
    pub grid: Grid,
    /// When the changes were made, by the venue's clock; where the venue does not say, when they were received.
    pub ts_event: UnixNanos,
    /// When they were received, by the receiver's clock; `ts_event` where nobody wrote it down.
    pub ts_recv: UnixNanos,
    /// The first update it contains.
    pub first_update_id: u64,
    /// The last update it contains.
    pub last_update_id: u64,
    /// The last update of the delta before, where the venue tells it.
    pub previous_update_id: Option<u64>,
    /// Levels on the bid side.
    pub bids: Vec<Level>,
    /// Levels on the ask side.
    pub asks: Vec<Level>,
}

impl Delta {
    /// As a feature set takes it.
    #[must_use]
    pub fn view(&self) -> BookDelta<'_> {
        BookDelta {
            grid: self.grid,
            ts_event: self.ts_event,
            ts_recv: self.ts_recv,
            first_update_id: self.first_update_id,
            last_update_id: self.last_update_id,
            previous_update_id: self.previous_update_id,
            bids: &self.bids,
            asks: &self.asks,
        }
    }
}

/// An event of one instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarketEvent {
    /// A trade.
    Trade(Trade),
    /// The best bid and ask.
    Quote(Quote),
    /// An order book as it stands.
    Snapshot(Snapshot),
    /// Changes of an order book.
    Delta(Delta),
    /// A closed bar.
    Bar(Bar),
    /// The venue's clock.
    Clock(UnixNanos),
}

impl MarketEvent {
    /// An event with its levels; `None` for what is not of the market, a position.
    #[must_use]
    #[allow(clippy::wildcard_enum_match_arm, reason = "what is not known here is not of the market")]
    pub fn of(event: Event<'_>) -> Option<Self> {
        Some(match event {
            Event::Trade(trade) => Self::Trade(*trade),
            Event::Bar(bar) => Self::Bar(*bar),
            Event::Clock(time) => Self::Clock(time),
            Event::BookSnapshot(BookSnapshot { grid, ts_event, ts_recv, update_id, bids, asks }) => {
                let (bids, asks) = (bids.to_vec(), asks.to_vec());
                Self::Snapshot(Snapshot { grid, ts_event, ts_recv, update_id, bids, asks })
            }
            Event::BookDelta(delta) => Self::Delta(Delta {
                grid: delta.grid,
                ts_event: delta.ts_event,
                ts_recv: delta.ts_recv,
                first_update_id: delta.first_update_id,
                last_update_id: delta.last_update_id,
                previous_update_id: delta.previous_update_id,
                bids: delta.bids.to_vec(),
                asks: delta.asks.to_vec(),
            }),
            _ => return None,
        })
    }

    /// When everything it says could be known: the later of the two clocks.
    #[must_use]
    pub fn ts_known(&self) -> UnixNanos {
        self.ts_event().max(self.ts_recv())
    }

    /// As a feature set takes it: a quote is a book of one level a side.
    #[must_use]
    pub fn view(&self) -> Event<'_> {
        match self {
            Self::Trade(trade) => Event::Trade(trade),
            Self::Quote(quote) => Event::BookSnapshot(quote.snapshot()),
            Self::Snapshot(snapshot) => Event::BookSnapshot(snapshot.view()),
            Self::Delta(delta) => Event::BookDelta(delta.view()),
            Self::Bar(bar) => Event::Bar(bar),
            Self::Clock(time) => Event::Clock(*time),
        }
    }

    /// When it happened, by the venue's clock; the close of a bar.
    #[must_use]
    pub const fn ts_event(&self) -> UnixNanos {
        match self {
            Self::Trade(trade) => trade.ts_event,
            Self::Quote(quote) => quote.ts_event,
            Self::Snapshot(snapshot) => snapshot.ts_event,
            Self::Delta(delta) => delta.ts_event,
            Self::Bar(bar) => bar.ts_close(),
            Self::Clock(time) => *time,
        }
    }

    /// When it was received, by the receiver's clock; when a bar could be known.
    #[must_use]
    pub const fn ts_recv(&self) -> UnixNanos {
        match self {
            Self::Trade(trade) => trade.ts_recv,
            Self::Quote(quote) => quote.ts_recv,
            Self::Snapshot(snapshot) => snapshot.ts_recv,
            Self::Delta(delta) => delta.ts_recv,
            Self::Bar(bar) => bar.ts_available(),
            Self::Clock(time) => *time,
        }
    }
}
