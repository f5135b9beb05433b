//! Any bytes as a file of events with columns: the reader answers with events or an error, never with a panic, and what
//! it takes keeps the rules of events. The first byte chooses the options, the rest is the file.
#![no_main]

use std::io::Cursor;
use std::path::Path;

use feature_api::Grid;
use libfuzzer_sys::fuzz_target;
use market_data::{EventFormat, EventOptions, EventStream, MarketDataError, MarketEvent, TimeFormat};

/// Formats that are said; the rest of the choices leaves them to be found out. Captures have a target of their own.
const FORMATS: [EventFormat; 9] = [
    EventFormat::ExchangeTrades,
    EventFormat::ExchangeAggTrades,
    EventFormat::ExchangeBookTicker,
    EventFormat::ExchangeDepth,
    EventFormat::TardisTrades,
    EventFormat::TardisQuotes,
    EventFormat::TardisSnapshots,
    EventFormat::GenericTrades,
    EventFormat::GenericQuotes,
];

fuzz_target!(|bytes: &[u8]| {
    let [choice, text @ ..] = bytes else { return };
    let options = EventOptions {
        grid: if choice & 64 == 0 { Grid::new(8, 8).ok() } else { Grid::new(2, 3).ok() },
        format: FORMATS.get(usize::from(choice & 15)).copied(),
        time: if choice & 16 == 0 { TimeFormat::Auto } else { TimeFormat::Nanos },
        continues: choice & 32 != 0,
        ..EventOptions::default()
    };
    let rows = text.split(|byte| *byte == b'\n').count();
    let source = Box::new(Cursor::new(text.to_vec()));
    let mut stream = match EventStream::from_reader(source, Path::new("fuzz.csv"), &options) {
        Ok(stream) => stream,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let mut count = 0;
    loop {
        match stream.next_event() {
            Ok(Some(event)) => {
                check(&event);
                count += 1;
            }
            Ok(None) => break,
            Err(MarketDataError::Problems { total, problems, .. }) => {
                assert!(total > 0 && !problems.is_empty() && problems.len() as u64 <= total);
                assert!(problems.iter().all(|problem| problem.line as usize <= rows && !problem.message.is_empty()));
                break;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                break;
            }
        }
    }
    assert!(count <= rows, "an event is a row or several");
});

/// What every event that is taken keeps.
fn check(event: &MarketEvent) {
    match event {
        MarketEvent::Trade(trade) => assert!(trade.quantity.raw() > 0),
        MarketEvent::Quote(_) | MarketEvent::Delta(_) => {}
        MarketEvent::Snapshot(book) => {
            assert!(book.bids.is_sorted_by(|level, next| level.price > next.price));
            assert!(book.asks.is_sorted_by(|level, next| level.price < next.price));
            assert!(book.bids.iter().chain(&book.asks).all(|level| level.quantity.raw() > 0));
        }
        MarketEvent::Bar(_) | MarketEvent::Clock(_) => panic!("no file with columns has {event:?}"),
    }
}
