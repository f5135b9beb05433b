//! Made-up trades and books, written as recorded messages and read back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;

use feature_api::UnixNanos;
use market_data::synth::{Market, MarketOptions};
use market_data::{
    EventCounts, EventFile, EventOptions, MarketDataError, MarketEvent, OrderBook, open_events, write_capture,
};

fn read(path: &Path) -> (Vec<MarketEvent>, EventCounts) {
    // Without it the coarsest grid that holds every number: with a decimal of prices and three of quantities.
    let options = EventOptions { grid: Some(Market::grid()), ..EventOptions::default() };
    let mut stream = open_events(&[EventFile::new(path.to_owned())], &options).unwrap();
    let mut events = Vec::new();
    while let Some(event) = stream.next_event().unwrap_or_else(|error| panic!("{error}")) {
        events.push(event);
    }
    assert_eq!((stream.symbol(), stream.grid()), (Some("MADEUP"), Market::grid()));
    (events, stream.counts())
}

/// The event as a venue tells it whose clock shows milliseconds.
fn in_milliseconds(mut event: MarketEvent) -> MarketEvent {
    let cut = |ts: &mut UnixNanos| ts.0 -= ts.0.rem_euclid(1_000_000);
    match &mut event {
        MarketEvent::Trade(trade) => cut(&mut trade.ts_event),
        MarketEvent::Quote(quote) => cut(&mut quote.ts_event),
        MarketEvent::Snapshot(snapshot) => cut(&mut snapshot.ts_event),
        MarketEvent::Delta(delta) => cut(&mut delta.ts_event),
        MarketEvent::Bar(_) | MarketEvent::Clock(_) => {}
    }
    event
}

#[test]
fn messages_are_read_back_as_the_same_trades_and_book() {
    let folder = tempfile::tempdir().unwrap();
    let odd =
        MarketOptions { trades: 3000, duplicates: 20, late: 20, same_time: 100, ..MarketOptions::default() };
    for options in [
        odd,
        MarketOptions { chained: true, ..odd },
        // Times between milliseconds, and a receipt that is never at one.
        MarketOptions { interval: 1_234_567, delay: 89, seed: 2, ..odd },
    ] {
        for name in ["a.txt", "a.txt.gz", "a.csv.zst"] {
            let path = folder.path().join(name);
            let written = write_capture(&path, "MADEUP", &mut Market::new(options)).unwrap();
            let expected: Vec<MarketEvent> = Market::new(options).map(in_milliseconds).collect();
            assert_eq!(written, expected.len() as u64);
            let (found, counts) = read(&path);
            for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert_eq!(found, expected, "{name}, event {index}, {options:?}");
            }
            assert_eq!(found.len(), expected.len());
            assert_eq!((counts.snapshots, counts.deltas), (1, 3000));
            assert_eq!((counts.buffered, counts.gaps, counts.crossed, counts.skipped), (0, 0, 0, 0));
            let book = |events: &mut dyn Iterator<Item = MarketEvent>| {
                let mut book = OrderBook::new();
                events.for_each(|event| {
                    book.apply(&event).unwrap();
                });
                book
            };
            assert_eq!(book(&mut found.into_iter()), book(&mut Market::new(options)));
        }
    }
}

#[test]
fn a_recording_is_text() {
    let folder = tempfile::tempdir().unwrap();
    let options = MarketOptions { trades: 10, ..MarketOptions::default() };
    for name in ["a.parquet", "a.json", "a"] {
        let refused = write_capture(&folder.path().join(name), "MADEUP", &mut Market::new(options));
        assert!(matches!(refused, Err(MarketDataError::Extension { .. })), "{name}: {refused:?}");
    }
    let path = folder.path().join("a.txt");
    write_capture(&path, "MADEUP", &mut Market::new(MarketOptions { trades: 1, ..options })).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0].starts_with("1704067200002000000 {\"lastUpdateId\":1,\"E\":1704067200000,"),
        "{}",
        lines[0]
    );
    assert!(lines[1].contains("\"e\":\"trade\"") && lines[1].contains("\"s\":\"MADEUP\""), "{}", lines[1]);
    assert!(lines[2].contains("\"e\":\"depthUpdate\"") && !lines[2].contains("\"pu\""), "{}", lines[2]);
}
