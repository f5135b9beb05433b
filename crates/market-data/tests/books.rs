//! The order book against the exchange's own quotes, and the sequence rules on whole captures.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod capture_text;
mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use feature_api::{Grid, Level, UnixNanos};
use market_data::{
    BookState, Change, EventFile, EventOptions, EventStream, MarketEvent, OrderBook, Quote, Select,
    open_events,
};
use testkit::data::{Table, data_dir};

use capture_text::{events, everything, lines, options, stream};

/// Captures, day after day, with the number of update ids at which there is both a book and a quote.
const CAPTURES: [&[(&str, usize)]; 4] = [
    &[("spot_btcusdt_20240808", 564), ("spot_btcusdt_20240809", 508)],
    &[("usdm_btcusdt_20240718", 195), ("usdm_btcusdt_20240719", 430)],
    &[("usdm_btcusdt_20240808", 629)],
    &[("cm_btcusd_perp_20240808", 1124)],
];

/// The files of captures as one feed.
fn feed(data: &Path, days: &[(&str, usize)]) -> Vec<EventFile> {
    let file = |day: &(&str, usize)| data.join("binance-ws-raw").join(format!("{}.gz", day.0));
    days.iter().map(|day| EventFile { path: file(day), part: 0, select: None }).collect()
}

const BOOK_AND_QUOTES: Select = Select { trades: false, quotes: true, book: true };
const BOOK: Select = Select { trades: false, quotes: false, book: true };

/// Options on a grid that holds every capture, so that none is read twice.
fn taking(select: Select) -> EventOptions {
    EventOptions { select, grid: Some(Grid::new(2, 8).unwrap()), ..EventOptions::default() }
}

/// The best levels of the book after each of its updates.
type Tops = BTreeMap<u64, (Option<Level>, Option<Level>)>;

/// Drives a book to the end of a stream; quotes are kept for themselves.
fn drive(mut stream: EventStream) -> (OrderBook, Tops, BTreeMap<u64, Quote>, EventStream) {
    let (mut book, mut tops, mut quotes) = (OrderBook::new(), Tops::new(), BTreeMap::new());
    while let Some(event) = stream.next_event().unwrap() {
        if let MarketEvent::Quote(quote) = event {
            quotes.insert(quote.update_id, quote);
        } else if book.apply(&event).unwrap() != Change::None && book.is_usable() {
            tops.insert(book.last_update_id(), (book.best_bid(), book.best_ask()));
        }
    }
    (book, tops, quotes, stream)
}

/// The number of update ids with a book and a quote; at each of them they are the same.
fn agreements(tops: &Tops, quotes: &BTreeMap<u64, Quote>, from: u64, until: u64) -> usize {
    let both = quotes.range(from..until).filter_map(|(id, quote)| Some((id, quote, tops.get(id)?)));
    both.map(|(id, quote, top)| assert_eq!((Some(quote.bid), Some(quote.ask)), *top, "update {id}")).count()
}

#[test]
fn books_equal_the_quotes_of_the_exchange() {
    let Some(data) = data_dir("books against quotes") else { return };
    for days in CAPTURES {
        let files = feed(&data, days);
        let options = taking(BOOK_AND_QUOTES);
        let (book, tops, quotes, stream) = drive(open_events(&files, &options).unwrap());
        let expected: usize = days.iter().map(|day| day.1).sum();
        assert_eq!(agreements(&tops, &quotes, 0, u64::MAX), expected, "{days:?}");
        assert_eq!(book.state(), BookState::Usable);
        let counts = stream.counts();
        assert_eq!((counts.gaps, counts.crossed, counts.snapshots), (0, 0, 1), "{days:?}: {counts:?}");
        assert_eq!((counts.dropped_before_snapshot, counts.old_snapshots), (0, 0));
        assert_eq!(counts.read, counts.quotes + counts.snapshots + counts.deltas + counts.in_snapshot);
        let rows = common::rows_of_sources(&data);
        let lines: u64 = days.iter().map(|day| rows[&format!("binance-ws-raw/{}.gz", day.0)]).sum();
        assert_eq!(counts.read + counts.skipped, lines, "every line is an event or was left out");
    }
}

#[test]
fn books_equal_the_ten_levels_of_the_reference() {
    let Some(data) = data_dir("books against ten levels") else { return };
    let sources = common::rows_of_sources(&data);
    for days in CAPTURES {
        let mut rows = BTreeMap::new();
        for day in days {
            let name = format!("binance-l2-top10/{}.csv.gz", day.0);
            let table = Table::read(&data.join(&name));
            assert_eq!(Some(&(table.len() as u64)), sources.get(&name));
            let columns = |side: &str, what: &str| -> Vec<Vec<String>> {
                let column =
                    |i| table.text(&format!("{side}[{i}].{what}")).into_iter().map(str::to_owned).collect();
                (0..10).map(column).collect()
            };
            let cells = [("bids", "price"), ("bids", "amount"), ("asks", "price"), ("asks", "amount")];
            let cells = cells.map(|(side, what)| columns(side, what));
            let times: Vec<Option<i64>> =
                table.text("transaction_time").iter().map(|t| t.parse().ok()).collect();
            for (row, id) in table.text("last_update_id").iter().enumerate() {
                let texts: Vec<String> =
                    cells.iter().flat_map(|levels| levels.iter().map(|level| level[row].clone())).collect();
                rows.insert(id.parse::<u64>().unwrap(), (times[row], texts));
            }
        }
        let total: u64 = days.iter().map(|day| sources[&format!("binance-l2-top10/{}.csv.gz", day.0)]).sum();
        assert_eq!(rows.len() as u64, total, "each row has an update id of its own");

        let options = taking(BOOK);
        let mut stream = open_events(&feed(&data, days), &options).unwrap();
        let grid = stream.grid();
        let mut book = OrderBook::new();
        let mut compared = 0;
        while let Some(event) = stream.next_event().unwrap() {
            book.apply(&event).unwrap();
            let Some((time, expected)) = rows.get(&book.last_update_id()) else { continue };
            let prices = |levels: &[Level]| levels.iter().map(|l| l.price.raw()).collect::<Vec<_>>();
            let amounts = |levels: &[Level]| levels.iter().map(|l| l.quantity.raw()).collect::<Vec<_>>();
            let (bids, asks) =
                (book.bids().take(10).collect::<Vec<_>>(), book.asks().take(10).collect::<Vec<_>>());
            let found = [prices(&bids), amounts(&bids), prices(&asks), amounts(&asks)].concat();
            let scales = [grid.price_scale(), grid.qty_scale(), grid.price_scale(), grid.qty_scale()];
            let expected: Vec<i64> =
                expected.chunks(10).zip(scales).flat_map(|(c, s)| c.iter().map(move |t| raw(t, s))).collect();
            assert_eq!(found, expected, "{days:?}, update {}", book.last_update_id());
            if let Some(time) = time {
                assert_eq!(event.ts_event(), UnixNanos(time * 1_000_000));
            }
            compared += 1;
        }
        assert_eq!(compared, rows.len());
    }
}

/// Steps of a decimal on a grid of so many decimals, which must hold it.
fn raw(text: &str, scale: u8) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (kept, rest) = fraction.split_at(fraction.len().min(usize::from(scale)));
    assert!(rest.bytes().all(|byte| byte == b'0'), "{text}");
    format!("{whole}{kept:0<width$}", width = usize::from(scale)).parse().unwrap()
}

#[test]
fn the_second_day_goes_on_where_the_first_ended() {
    let Some(data) = data_dir("days one after the other") else { return };
    for (days, grid) in CAPTURES.iter().zip([(2, 6), (1, 3)]) {
        let files = feed(&data, days);
        let whole = open_events(&files, &EventOptions::default()).unwrap();
        assert_eq!(whole.grid(), Grid::new(grid.0, grid.1).unwrap(), "the coarsest that holds both days");
        let options = EventOptions { grid: Some(whole.grid()), ..EventOptions::default() };
        let (whole, _) = events(whole).unwrap();
        let (first, _) = events(open_events(&files[..1], &options).unwrap()).unwrap();
        let continued = EventOptions { continues: true, ..options.clone() };
        let (second, _) = events(open_events(&files[1..], &continued).unwrap()).unwrap();
        assert_eq!(whole.len(), first.len() + second.len());
        assert!(whole == [first, second].concat(), "{days:?}");
        // By itself the second day has no book to change.
        let (alone, counts) = events(open_events(&files[1..], &options).unwrap()).unwrap();
        assert!(alone.iter().all(|event| matches!(event, MarketEvent::Trade(_))));
        assert!(counts.buffered > 3000 && counts.snapshots == 0 && counts.deltas == 0);
    }
}

#[test]
fn a_delta_that_is_missing_is_found_out() {
    let Some(data) = data_dir("gaps in captures") else { return };
    for days in CAPTURES {
        let path: PathBuf = feed(&data, &days[..1])[0].path.clone();
        let text = unpacked(&path);
        let mut deltas = 0;
        let kept: Vec<&str> = text
            .lines()
            .filter(|line| {
                deltas += usize::from(line.contains("depthUpdate"));
                !line.contains("depthUpdate") || deltas != 1500
            })
            .collect();
        assert!(deltas > 3000, "{}", path.display());
        let options = taking(BOOK);
        let (book, tops, _, stream) = drive(stream(&kept.join("\n"), &options).unwrap());
        let counts = stream.counts();
        assert_eq!((book.state(), book.counters().gaps, counts.gaps), (BookState::Gapped, 1, 1));
        assert_eq!(book.counters().unusable, 0, "what follows the gap waits for a snapshot");
        assert!(tops.len() < 1500 && counts.buffered > 1500);
    }
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(file), &mut text).unwrap();
    text
}

/// Places of the depth updates among the lines.
fn updates(lines: &[String]) -> Vec<usize> {
    (0..lines.len()).filter(|i| lines[*i].contains("depthUpdate")).collect()
}

#[test]
fn made_up_books_equal_their_quotes() {
    for is_futures in [false, true] {
        let lines = lines(7, 600, is_futures);
        let (book, tops, quotes, stream) = drive(stream(&lines.join("\n"), &everything()).unwrap());
        // The first snapshot has the state after the 17th update.
        assert_eq!(agreements(&tops, &quotes, 0, u64::MAX), 200 - 6, "futures: {is_futures}");
        assert_eq!(book.state(), BookState::Usable);
        let counts = stream.counts();
        assert_eq!((counts.buffered, counts.in_snapshot, counts.snapshots), (21, 17, 1));
        assert_eq!((counts.old_snapshots, counts.gaps, counts.quotes, counts.trades), (9, 0, 200, 150));
    }
}

#[test]
fn after_any_gap_the_next_snapshot_brings_the_book_back() {
    for is_futures in [false, true] {
        let lines = lines(11, 130, is_futures);
        let whole = drive(stream(&lines.join("\n"), &options()).unwrap());
        let updates = updates(&lines);
        // From the first behind the first snapshot to the last that the second contains.
        for missing in &updates[21..=76] {
            let kept: Vec<&str> =
                (0..lines.len()).filter(|i| i != missing).map(|i| lines[i].as_str()).collect();
            let (mut stream, mut book) = (stream(&kept.join("\n"), &options()).unwrap(), OrderBook::new());
            let (mut is_gapped, mut was_gapped) = (false, false);
            while let Some(event) = stream.next_event().unwrap() {
                match book.apply(&event).unwrap() {
                    Change::Gap => (is_gapped, was_gapped) = (true, true),
                    Change::Replaced => is_gapped = false,
                    Change::None => {}
                    change @ (Change::Updated | Change::Old | Change::Crossed | Change::Dropped) => {
                        assert!(!is_gapped && change == Change::Updated, "{missing}: {change:?}");
                    }
                }
                assert!(book.is_usable() != is_gapped || book.state() == BookState::Empty);
            }
            assert!(was_gapped && book.is_usable());
            assert!(book.bids().eq(whole.0.bids()) && book.asks().eq(whole.0.asks()), "{missing}");
            assert_eq!(stream.counts().gaps, 1);
        }
    }
}

#[test]
fn changes_that_come_twice_do_no_harm() {
    for is_futures in [false, true] {
        let lines = lines(13, 200, is_futures);
        let (whole, tops, ..) = drive(stream(&lines.join("\n"), &options()).unwrap());
        let mut twice = Vec::new();
        let mut before: Option<&String> = None;
        for line in &lines {
            twice.extend([line, line]);
            if line.contains("depthUpdate") {
                // And the one before once more.
                twice.extend(before.replace(line));
            }
        }
        let text = twice.into_iter().map(String::as_str).collect::<Vec<_>>().join("\n");
        let (book, tops_of_twice, ..) = drive(stream(&text, &options()).unwrap());
        assert_eq!(tops_of_twice, tops);
        assert!(book.bids().eq(whole.bids()) && book.asks().eq(whole.asks()));
        assert!(book.counters().old >= 2 * 170 && book.counters().gaps == 0);
    }
}

#[test]
fn a_crossed_book_waits_for_a_snapshot() {
    let mut lines = lines(17, 130, false);
    let whole = drive(stream(&lines.join("\n"), &options()).unwrap()).0;
    let updates = updates(&lines);
    // A bid far above every ask, in one update between the snapshots.
    let line = &mut lines[updates[40]];
    *line = line.replacen(r#""b":["#, r#""b":[["60000.0","1.000"],"#, 1).replace(",]", "]");
    let (book, tops, _, stream) = drive(stream(&lines.join("\n"), &options()).unwrap());
    assert_eq!((book.counters().crossed, stream.counts().crossed), (1, 1));
    assert!(book.bids().eq(whole.bids()) && book.asks().eq(whole.asks()));
    assert!(tops.values().all(|(bid, ask)| bid.unwrap().price < ask.unwrap().price));
}
