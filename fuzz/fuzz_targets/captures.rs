//! Any bytes as a capture: the stream answers with events or an error, never with a panic, and the book it drives is
//! never crossed while it is usable, shows no level while it is not, and is the same after it was saved. The first byte
//! chooses the options, the rest is the capture.
#![no_main]

use std::io::Cursor;
use std::path::Path;

use feature_api::{Grid, StateReader, StateWriter};
use libfuzzer_sys::fuzz_target;
use market_data::{EventFormat, EventOptions, EventStream, MarketEvent, OrderBook, Select};

fn options(byte: u8) -> EventOptions {
    EventOptions {
        grid: Grid::new(byte & 3, 3).ok(),
        symbol: (byte & 4 != 0).then(|| "BTCUSDT".to_owned()),
        format: Some(EventFormat::Capture),
        // A quote is another view of the book, so at most one of the two is asked for.
        select: Select { trades: byte & 8 != 0, quotes: byte & 16 != 0, book: byte & 16 == 0 },
        continues: byte & 32 != 0,
        ..EventOptions::default()
    }
}

fuzz_target!(|bytes: &[u8]| {
    let [byte, text @ ..] = bytes else { return };
    let options = options(*byte);
    let source = Box::new(Cursor::new(text.to_vec()));
    let Ok(mut stream) = EventStream::from_reader(source, Path::new("fuzz.txt"), &options) else { return };
    let mut book = OrderBook::new();
    while let Ok(Some(event)) = stream.next_event() {
        if let MarketEvent::Trade(trade) = &event {
            assert!(options.select.trades && trade.quantity.raw() > 0);
        }
        // A stream gives no update that a book refuses.
        assert!(book.apply(&event).is_ok());
        match (book.best_bid(), book.best_ask()) {
            (Some(bid), Some(ask)) => assert!(book.is_usable() && bid.price < ask.price),
            (Some(_), None) | (None, Some(_)) => assert!(book.is_usable()),
            (None, None) => {}
        }
    }
    let counts = stream.counts();
    assert!(options.select.book || counts.snapshots + counts.deltas == 0);
    assert!(counts.in_snapshot + counts.dropped_before_snapshot <= counts.buffered);
    let mut writer = StateWriter::new();
    book.save(&mut writer);
    let state = writer.into_bytes();
    assert_eq!(OrderBook::load(&mut StateReader::new(&state)), Ok(book));
});
