//! Streams of events, and sets driven over them.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use feature_api::{AggressorSide, FeatureSet, Grid, Param, Price, Qty, Row, Trade, UnixNanos};
use features_v2::{SETS, by_name, canonical};
use market_data::{EventFile, EventOptions, MarketEvent, open_events};

/// The sets over events.
pub fn event_sets() -> Vec<&'static str> {
    let is_of_events =
        |name: &&str| !by_name(name, &[]).unwrap().takes().contains(&feature_api::EventKind::Bar);
    let sets: Vec<_> = SETS.into_iter().filter(is_of_events).collect();
    assert_eq!(sets, ["tick", "flow", "multires"]);
    sets
}

/// A set whose bars are small enough for minutes of data.
pub fn small(name: &str) -> Box<dyn FeatureSet> {
    let params: &[(&str, u32)] = match name {
        "multires" => &[
            ("short_quote", 20_000),
            ("medium_shorts", 3),
            ("long_mediums", 3),
            ("t1m_seconds", 1),
            ("t15m_seconds", 3),
            ("t4h_seconds", 6),
        ],
        _ => &[],
    };
    let params: Vec<Param> =
        params.iter().map(|(name, value)| Param { name: (*name).to_owned(), value: *value }).collect();
    by_name(name, &params).unwrap()
}

/// The canonical tapes of the market.
pub fn tapes() -> Vec<Vec<MarketEvent>> {
    let mut tapes: Vec<Vec<MarketEvent>> = Vec::new();
    let mut last = None;
    canonical::events(&mut |tape, event| {
        let Some(event) = MarketEvent::of(event).filter(|event| !matches!(event, MarketEvent::Bar(_))) else {
            return;
        };
        if last.replace(tape) != Some(tape) {
            tapes.push(Vec::new());
        }
        tapes.last_mut().unwrap().push(event);
    });
    assert_eq!(tapes.len(), 4);
    tapes
}

/// The captures of the data folder, with their names: each with the days that continue it.
pub fn captures(left_out: &str) -> Vec<(&'static str, Vec<MarketEvent>)> {
    const CAPTURES: [(&str, &[&str]); 4] = [
        ("spot", &["spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz"]),
        ("usdm july", &["usdm_btcusdt_20240718.gz", "usdm_btcusdt_20240719.gz"]),
        ("usdm august", &["usdm_btcusdt_20240808.gz"]),
        ("cm", &["cm_btcusd_perp_20240808.gz"]),
    ];
    let Some(data) = testkit::data::data_dir(left_out) else { return Vec::new() };
    CAPTURES.into_iter().map(|(name, files)| (name, read(&data.join("binance-ws-raw"), files))).collect()
}

fn read(folder: &Path, files: &[&str]) -> Vec<MarketEvent> {
    let files: Vec<EventFile> =
        files.iter().map(|file| EventFile { path: folder.join(file), part: 0, select: None }).collect();
    let mut stream = open_events(&files, &EventOptions::default()).unwrap();
    let mut events = Vec::new();
    while let Some(event) = stream.next_event().unwrap() {
        events.push(event);
    }
    assert!(events.len() > 1_000);
    events
}

/// What a set gives: times and bits of each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    /// Event after which the row came.
    pub event: usize,
    pub ts_event: UnixNanos,
    pub ts_available: UnixNanos,
    pub cells: Vec<Option<u64>>,
}

impl Bits {
    pub fn of(event: usize, row: &Row) -> Self {
        let cells = row.iter().map(|cell| cell.map(f64::to_bits)).collect();
        Self { event, ts_event: row.ts_event, ts_available: row.ts_available, cells }
    }
}

/// Drives a set over what it takes of the events; events it refuses must be none.
pub fn run(set: &mut dyn FeatureSet, events: &[MarketEvent]) -> Vec<Bits> {
    let mut row = Row::new(set.schema().width());
    let mut rows = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if step(set, event, &mut row) {
            rows.push(Bits::of(index, &row));
        }
    }
    rows
}

/// One event, if the set takes it.
pub fn step(set: &mut dyn FeatureSet, event: &MarketEvent, row: &mut Row) -> bool {
    takes(set, event) && set.update(event.view(), row).unwrap()
}

pub fn takes(set: &dyn FeatureSet, event: &MarketEvent) -> bool {
    use feature_api::EventKind;
    let kind = match event {
        MarketEvent::Trade(_) => EventKind::Trade,
        MarketEvent::Quote(_) | MarketEvent::Snapshot(_) | MarketEvent::Delta(_) => EventKind::Book,
        MarketEvent::Bar(_) => EventKind::Bar,
        MarketEvent::Clock(_) => EventKind::Clock,
    };
    set.takes().contains(&kind)
}

/// A trade by hand: time in milliseconds, price in cents, quantity in thousandths.
pub fn trade(ms: i64, trade_id: u64, price: i64, quantity: i64, aggressor: AggressorSide) -> MarketEvent {
    MarketEvent::Trade(Trade {
        grid: Grid::new(2, 3).unwrap(),
        ts_event: UnixNanos(ms * 1_000_000),
        ts_recv: UnixNanos(ms * 1_000_000),
        trade_id,
        price: Price::from_raw(price).unwrap(),
        quantity: Qty::from_raw(quantity).unwrap(),
        aggressor,
    })
}

/// The counter of that name.
pub fn counter(set: &dyn FeatureSet, name: &str) -> u64 {
    set.counters().into_iter().find(|(found, _)| *found == name).map(|(_, count)| count).unwrap()
}
