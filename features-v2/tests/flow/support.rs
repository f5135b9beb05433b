//! Events by hand, and sets driven over them.

use feature_api::{
    AggressorSide, BookDelta, BookSnapshot, Event, FeatureSet as _, Grid, Level, Param, Price, Qty, Row,
    Trade, UnixNanos,
};
use features_v2::sets::Flow;
use market_data::{EventFile, EventOptions, MarketEvent, open_events};
use testkit::data::data_dir;

pub const MILLI: i64 = 1_000_000;

/// Prices in cents, quantities in thousandths.
pub fn grid() -> Grid {
    Grid::new(2, 3).unwrap()
}

/// Levels from raw prices and quantities.
pub fn levels(of: &[(i64, i64)]) -> Vec<Level> {
    let level = |&(price, quantity): &(i64, i64)| Level {
        price: Price::from_raw(price).unwrap(),
        quantity: Qty::from_raw(quantity).unwrap(),
    };
    of.iter().map(level).collect()
}

/// A snapshot; times do not matter to a book.
pub fn snapshot<'a>(update_id: u64, bids: &'a [Level], asks: &'a [Level]) -> BookSnapshot<'a> {
    BookSnapshot { grid: grid(), ts_event: UnixNanos(0), ts_recv: UnixNanos(0), update_id, bids, asks }
}

/// A delta of those updates, after that one where it is told.
pub fn delta<'a>(
    (first_update_id, last_update_id, previous_update_id): (u64, u64, Option<u64>),
    bids: &'a [Level],
    asks: &'a [Level],
) -> BookDelta<'a> {
    let (ts_event, ts_recv) = (UnixNanos(0), UnixNanos(0));
    BookDelta {
        grid: grid(),
        ts_event,
        ts_recv,
        first_update_id,
        last_update_id,
        previous_update_id,
        bids,
        asks,
    }
}

/// A trade at a time in milliseconds.
pub fn trade(ms: i64, trade_id: u64, price: i64, quantity: i64, aggressor: AggressorSide) -> Trade {
    Trade {
        grid: grid(),
        ts_event: UnixNanos(ms * MILLI),
        ts_recv: UnixNanos(ms * MILLI),
        trade_id,
        price: Price::from_raw(price).unwrap(),
        quantity: Qty::from_raw(quantity).unwrap(),
        aggressor,
    }
}

/// The set, and the last row.
pub struct Run {
    pub set: Flow,
    pub row: Row,
}

impl Run {
    pub fn new(params: &[(&str, u32)]) -> Self {
        let params: Vec<Param> =
            params.iter().map(|(name, value)| Param { name: (*name).to_owned(), value: *value }).collect();
        let set = <Flow as feature_api::FeatureSet>::new(&params).unwrap();
        let row = Row::new(set.schema().width());
        Self { set, row }
    }

    /// Takes an event; whether it completed a row.
    pub fn take(&mut self, event: Event<'_>) -> bool {
        self.set.update(event, &mut self.row).unwrap()
    }

    /// A feature of the last row.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.row.get(self.set.schema().index_of(name).unwrap_or_else(|| panic!("no feature {name}")))
    }

    pub fn counter(&self, name: &str) -> u64 {
        self.set.counters().into_iter().find(|(found, _)| *found == name).unwrap().1
    }
}

/// The captures of the data folder.
pub const CAPTURES: [(&str, &[&str]); 4] = [
    ("spot", &["spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz"]),
    ("usdm july", &["usdm_btcusdt_20240718.gz", "usdm_btcusdt_20240719.gz"]),
    ("usdm august", &["usdm_btcusdt_20240808.gz"]),
    ("cm", &["cm_btcusd_perp_20240808.gz"]),
];

/// The events of capture files: trades and the book.
pub fn capture(files: &[&str], left_out: &str) -> Option<Vec<MarketEvent>> {
    let folder = data_dir(left_out)?.join("binance-ws-raw");
    let files: Vec<EventFile> =
        files.iter().map(|file| EventFile { path: folder.join(file), part: 0, select: None }).collect();
    let mut stream = open_events(&files, &EventOptions::default()).unwrap();
    let mut events = Vec::new();
    while let Some(event) = stream.next_event().unwrap() {
        events.push(event);
    }
    assert!(events.len() > 1_000);
    Some(events)
}
