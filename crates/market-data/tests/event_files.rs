//! Files of events with columns: real ones, the rules of rows, and what is written.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod common;

#[path = "event_files/layouts.rs"]
mod layouts;
#[path = "event_files/real.rs"]
mod real;
#[path = "event_files/refused.rs"]
mod refused;
#[path = "event_files/round_trip.rs"]
mod round_trip;

use std::io::Cursor;
use std::path::Path;

use feature_api::{AggressorSide, Level};
use market_data::{
    EventFile, EventOptions, EventStream, MarketDataError, MarketEvent, decimal_text, open_events,
};

/// All events of a file.
fn read(path: &Path, options: &EventOptions) -> Result<Vec<MarketEvent>, MarketDataError> {
    all(open_events(&[EventFile { path: path.to_owned(), part: 0, select: None }], options)?)
}

/// All events of a text, on the coarsest grid that holds them.
fn read_text(text: &str, options: &EventOptions) -> Result<Vec<MarketEvent>, MarketDataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.csv");
    std::fs::write(&path, text).unwrap();
    let events = read(&path, options);
    if let (Some(grid), Ok(events)) =
        (events.as_ref().ok().and_then(|events| grid_of(events.first()?)), &events)
    {
        // A pipe gives the same.
        let options = EventOptions { grid: Some(grid), ..options.clone() };
        let source = Box::new(Cursor::new(text.as_bytes().to_vec()));
        let piped = EventStream::from_reader(source, &path, &options).and_then(all).unwrap();
        assert_eq!(&piped, events);
    }
    events
}

fn all(mut stream: EventStream) -> Result<Vec<MarketEvent>, MarketDataError> {
    let mut events = Vec::new();
    while let Some(event) = stream.next_event()? {
        events.push(event);
    }
    Ok(events)
}

fn grid_of(event: &MarketEvent) -> Option<feature_api::Grid> {
    match event {
        MarketEvent::Trade(trade) => Some(trade.grid),
        MarketEvent::Quote(quote) => Some(quote.grid),
        MarketEvent::Snapshot(snapshot) => Some(snapshot.grid),
        MarketEvent::Delta(delta) => Some(delta.grid),
        MarketEvent::Bar(_) | MarketEvent::Clock(_) => None,
    }
}

/// An event in one line: kind, both times, ids, and its numbers as exact decimals.
fn line(event: &MarketEvent) -> String {
    let grid = grid_of(event).unwrap();
    let price = |raw| decimal_text(raw, grid.price_scale());
    let qty = |raw| decimal_text(raw, grid.qty_scale());
    let level = |level: &Level| format!("{}x{}", qty(level.quantity.raw()), price(level.price.raw()));
    let levels = |levels: &[Level]| levels.iter().map(level).collect::<Vec<_>>().join(" ");
    let times = format!("{} {}", event.ts_event(), event.ts_recv());
    match event {
        MarketEvent::Trade(trade) => format!(
            "trade {times} #{} {} {} at {}",
            trade.trade_id,
            if trade.aggressor == AggressorSide::Buy { "buy" } else { "sell" },
            qty(trade.quantity.raw()),
            price(trade.price.raw())
        ),
        MarketEvent::Quote(quote) => {
            format!("quote {times} #{} {} | {}", quote.update_id, level(&quote.bid), level(&quote.ask))
        }
        MarketEvent::Snapshot(book) => {
            format!("snapshot {times} #{} {} | {}", book.update_id, levels(&book.bids), levels(&book.asks))
        }
        MarketEvent::Delta(book) => format!(
            "delta {times} #{}..{} after {:?} {} | {}",
            book.first_update_id,
            book.last_update_id,
            book.previous_update_id,
            levels(&book.bids),
            levels(&book.asks)
        ),
        MarketEvent::Bar(_) | MarketEvent::Clock(_) => panic!("{event:?} in a file of events"),
    }
}

fn lines(events: &[MarketEvent]) -> Vec<String> {
    events.iter().map(line).collect()
}
