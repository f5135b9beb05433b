//! Building a dataset from events: trades, or trades and the order book.

use std::path::Path;

use feature_api::identity::{Hash, Hasher};
use feature_api::{
    AggressorSide, Bar, BarFields, BarKind, BarSpec, Columns, EventKind, FeatureSet, Grid, Level, MAX_RAW,
    Price, Qty, Row, Schema, Trade, UnixNanos,
};
use market_data::{MarketDataError, MarketEvent};

use crate::build::{Computed, open_set_of, store};
use crate::label::Examined;
use crate::{BuildOptions, Built, CacheUse, DatasetError};

/// Begins what is hashed, so that nothing else has the same hash.
const DOMAIN: &[u8] = b"isobar events 1\n";

/// What became of the events of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventUse {
    /// Events the set was handed.
    pub taken: u64,
    /// Events of kinds that the set does not look at.
    pub left_out: u64,
    /// What the set has counted, by name.
    pub counters: Vec<(&'static str, u64)>,
}

/// Builds a dataset into `folder` from events, for a set that is driven by them; see [`crate::build`] for the files.
///
/// A row stands for the moment at which its event was taken, and for labels it has a **row bar**: the trades taken
/// after the row before it, up to its own event. Its close, the last price known at the row, is where a label is
/// entered; horizons count rows; barriers look at the highs and lows of the rows after it. Where nothing was traded
/// between two rows, the bar stands at the last price. Trades that the set drops are in no bar.
///
/// The warm-up in the manifest is that of the rows: the schema's, and on until each feature on another clock has had a
/// value. It hangs on the events.
///
/// # Errors
/// As [`crate::build`]; [`DatasetError::Events`] for a set of bars, options that are for bars alone, and events that
/// make no row.
pub fn build_events(
    folder: &Path,
    mut next: impl FnMut() -> Result<Option<MarketEvent>, MarketDataError>,
    options: &BuildOptions<'_>,
) -> Result<(Built, EventUse), DatasetError> {
    options.label.check()?;
    options.split.check()?;
    let mut set = open_set_of(options)?;
    let spec = spec_of(set.as_ref(), options)?;
    let mut rows = Rows::new(set.as_ref());
    let mut used = EventUse { taken: 0, left_out: 0, counters: Vec::new() };
    while let Some(event) = next()? {
        if set.takes().contains(&kind_of(&event)) {
            used.taken += 1;
            rows.take(set.as_mut(), &event)?;
        } else {
            used.left_out += 1;
        }
    }
    used.counters = set.counters();
    let Rows { features, bars, hasher, first_known, .. } = rows;
    let (Some(first), Some(last)) = (first_known, features.ts_available.last()) else {
        let reason = format!("{} were taken, and none completes a row", used.taken);
        return Err(DatasetError::Events { reason });
    };
    let span = (first, *last);
    let warm_up = warm_up(set.schema(), &features);
    let Examined { labels, ties, .. } = options.label.examine(&bars, None, None);
    let cache = CacheUse {
        read: 0,
        computed: features.len() as u64,
        notes: vec!["nothing is kept: features of events are computed anew".to_owned()],
    };
    let computed = Computed {
        features,
        labels,
        bars: spec,
        data_hash: hasher.finish(),
        finer_hash: None,
        positions_hash: None,
        span,
        warm_up,
    };
    let (manifest, profile) = store(folder, set.schema(), computed, options)?;
    Ok((Built { manifest, ties, cache, positions: None, profile }, used))
}

/// What a set that takes trades is fed.
#[must_use]
pub fn event_spec(set: &dyn FeatureSet) -> Option<BarSpec> {
    let takes = |kind| set.takes().contains(&kind);
    let kind = match (takes(EventKind::Trade), takes(EventKind::Book)) {
        (true, true) => BarKind::TradesAndBook,
        (true, false) => BarKind::Trades,
        (false, _) => return None,
    };
    Some(BarSpec { kind, volume: true })
}

fn spec_of(set: &dyn FeatureSet, options: &BuildOptions<'_>) -> Result<BarSpec, DatasetError> {
    let refused = |reason: String| Err(DatasetError::Events { reason });
    let Some(spec) = event_spec(set) else {
        return refused(format!(
            "the set {} of {} is driven by bars; pass bars, or name a set that takes trades",
            options.set, options.version
        ));
    };
    if options.finer.is_some() {
        return refused(
            "finer bars decide between barriers within a bar; rows of events have none".to_owned(),
        );
    }
    if options.positions.is_some() {
        return refused(format!("the set {} does not look at positions", options.set));
    }
    Ok(spec)
}

/// The kind of an event.
#[must_use]
pub const fn kind_of(event: &MarketEvent) -> EventKind {
    match event {
        MarketEvent::Trade(_) => EventKind::Trade,
        MarketEvent::Quote(_) | MarketEvent::Snapshot(_) | MarketEvent::Delta(_) => EventKind::Book,
        MarketEvent::Bar(_) => EventKind::Bar,
        MarketEvent::Clock(_) => EventKind::Clock,
    }
}

/// First rows that are in no part.
fn warm_up(schema: &Schema, features: &Columns) -> u32 {
    let clocked: Vec<usize> = schema.clocked().collect();
    let is_warm = |row: &usize| clocked.iter().all(|feature| features.get(*row, *feature).is_some());
    let first = (0..features.len()).find(is_warm).unwrap_or(features.len());
    schema.warm_up().max(u32::try_from(first).unwrap_or(u32::MAX))
}

/// Rows as they are made.
struct Rows {
    row: Row,
    features: Columns,
    bars: Vec<Bar>,
    hasher: EventHasher,
    /// When the first event could be known.
    first_known: Option<UnixNanos>,
    /// Trades the set has taken.
    trades: u64,
    now: Option<RowBar>,
    last_price: Option<(Grid, Price)>,
}

/// Trades since the last row.
struct RowBar {
    open: Price,
    high: Price,
    low: Price,
    volume: i64,
}

impl Rows {
    fn new(set: &dyn FeatureSet) -> Self {
        let width = set.schema().width();
        Self {
            row: Row::new(width),
            features: Columns::new(width),
            bars: Vec::new(),
            hasher: EventHasher::new(),
            first_known: None,
            trades: 0,
            now: None,
            last_price: None,
        }
    }

    fn take(&mut self, set: &mut dyn FeatureSet, event: &MarketEvent) -> Result<(), DatasetError> {
        let wrap = |source| DatasetError::Update { bar: self.features.len(), source };
        let made = set.update(event.view(), &mut self.row).map_err(wrap)?;
        self.hasher.update(event);
        self.first_known.get_or_insert(event.ts_known());
        if let MarketEvent::Trade(trade) = event {
            let taken = trades(set);
            if taken > self.trades {
                self.trades = taken;
                self.trade(trade);
            }
        }
        if made {
            self.features.push(&self.row);
            let bar = self.row_bar()?;
            self.bars.push(bar);
        }
        Ok(())
    }

    fn trade(&mut self, trade: &Trade) {
        let Trade { price, quantity, .. } = *trade;
        let now = self.now.get_or_insert(RowBar { open: price, high: price, low: price, volume: 0 });
        now.high = now.high.max(price);
        now.low = now.low.min(price);
        now.volume = now.volume.saturating_add(quantity.raw()).min(MAX_RAW);
        self.last_price = Some((trade.grid, price));
    }

    /// The bar of the row that was made last.
    fn row_bar(&mut self) -> Result<Bar, DatasetError> {
        let unpriced = || DatasetError::Events { reason: "a row was made before any trade".to_owned() };
        let (grid, close) = self.last_price.ok_or_else(unpriced)?;
        let at = RowBar { open: close, high: close, low: close, volume: 0 };
        let RowBar { open, high, low, volume } = self.now.take().unwrap_or(at);
        let available = self.row.ts_available.0;
        // Rows of one moment are put a nanosecond apart: bars follow each other.
        let ts_open = self.bars.last().map_or(available.saturating_sub(1), |bar| bar.ts_close().0);
        let ts_close = available.max(ts_open.saturating_add(1));
        Bar::new(BarFields {
            grid,
            ts_open: UnixNanos(ts_open),
            ts_close: UnixNanos(ts_close),
            ts_available: UnixNanos(ts_close),
            open,
            high,
            low,
            close,
            volume: Qty::from_raw(volume).unwrap_or_default(),
            taker: None,
        })
        .map_err(|error| DatasetError::Events { reason: error.to_string() })
    }
}

/// Trades that a set has taken.
fn trades(set: &dyn FeatureSet) -> u64 {
    set.counters().into_iter().find(|(name, _)| *name == "trades").map_or(0, |(_, count)| count)
}

/// sha256 over events, in the order in which a set takes them.
///
/// What is hashed: `isobar events 1` and a line feed; then for each event a byte for its kind (1 trade, 2 book as it
/// stands, 3 changes of the book, 4 the clock, 5 a bar's close), the decimals of its grid, a byte each, and its numbers
/// as little-endian 64-bit integers: `ts_event`, `ts_recv`; of a trade id, price, quantity and 1 where the aggressor
/// bought, else 0; of a book its update ids (first, last, previous + 1 or 0; of one that stands its id alone), the
/// counts of bids and asks, and price and quantity of each level in order.
#[derive(Debug, Clone)]
pub struct EventHasher(Hasher);

impl Default for EventHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl EventHasher {
    /// Begins a stream.
    #[must_use]
    pub fn new() -> Self {
        let mut hasher = Hasher::new();
        hasher.update(DOMAIN);
        Self(hasher)
    }

    /// Takes the next event.
    pub fn update(&mut self, event: &MarketEvent) {
        let mut bytes = Vec::with_capacity(128);
        let grid = match event {
            MarketEvent::Trade(trade) => trade.grid,
            MarketEvent::Quote(quote) => quote.grid,
            MarketEvent::Snapshot(snapshot) => snapshot.grid,
            MarketEvent::Delta(delta) => delta.grid,
            MarketEvent::Bar(bar) => bar.grid(),
            MarketEvent::Clock(_) => Grid::default(),
        };
        let kind = match event {
            MarketEvent::Trade(_) => 1,
            MarketEvent::Quote(_) | MarketEvent::Snapshot(_) => 2,
            MarketEvent::Delta(_) => 3,
            MarketEvent::Clock(_) => 4,
            MarketEvent::Bar(_) => 5,
        };
        bytes.extend([kind, grid.price_scale(), grid.qty_scale()]);
        let mut put = |number: i64| bytes.extend(number.to_le_bytes());
        put(event.ts_event().0);
        put(event.ts_recv().0);
        let mut levels = |ids: &[u64], bids: &[Level], asks: &[Level]| {
            ids.iter().for_each(|id| put(id.cast_signed()));
            put(bids.len().cast_signed() as i64);
            put(asks.len().cast_signed() as i64);
            for level in bids.iter().chain(asks) {
                put(level.price.raw());
                put(level.quantity.raw());
            }
        };
        match event {
            MarketEvent::Trade(trade) => {
                put(trade.trade_id.cast_signed());
                put(trade.price.raw());
                put(trade.quantity.raw());
                put(i64::from(trade.aggressor == AggressorSide::Buy));
            }
            MarketEvent::Quote(quote) => {
                let book = quote.snapshot();
                levels(&[book.update_id], book.bids, book.asks);
            }
            MarketEvent::Snapshot(book) => levels(&[book.update_id], &book.bids, &book.asks),
            MarketEvent::Delta(delta) => {
                let previous = delta.previous_update_id.map_or(0, |id| id.wrapping_add(1));
                levels(&[delta.first_update_id, delta.last_update_id, previous], &delta.bids, &delta.asks);
            }
            MarketEvent::Bar(_) | MarketEvent::Clock(_) => {}
        }
        self.0.update(&bytes);
    }

    /// The hash of the events so far.
    #[must_use]
    pub fn finish(self) -> Hash {
        self.0.finish()
    }
}
