//! Captures: every message that is read, every line that is refused, and the streams made of them.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod capture_text;
mod common;

use std::path::Path;

use feature_api::{AggressorSide, Grid, Level, Price, Qty, Trade, UnixNanos};
use market_data::{
    Delta, EventFile, EventOptions, EventOrder, EventStream, MarketEvent, Quote, Select, Snapshot,
    open_events,
};
use proptest::prelude::*;
use testkit::data::data_dir;

use capture_text::{BEGIN, Drip, events, everything, grid, lines, options, stream};

const TRADES: Select = Select { trades: true, quotes: false, book: false };
const QUOTES: Select = Select { trades: false, quotes: true, book: false };

/// Captures with the trades and the quotes that were pulled out of them.
const CAPTURES: [&str; 6] = [
    "cm_btcusd_perp_20240808",
    "spot_btcusdt_20240808",
    "spot_btcusdt_20240809",
    "usdm_btcusdt_20240718",
    "usdm_btcusdt_20240719",
    "usdm_btcusdt_20240808",
];

fn file(path: impl AsRef<Path>) -> EventFile {
    EventFile { path: path.as_ref().to_owned(), part: 0, select: None }
}

fn level(price: i64, quantity: i64) -> Level {
    Level { price: Price::from_raw(price).unwrap(), quantity: Qty::from_raw(quantity).unwrap() }
}

#[test]
fn trades_and_quotes_are_those_pulled_out_of_the_captures() {
    let Some(data) = data_dir("captures against the files made of them") else { return };
    let rows = common::rows_of_sources(&data);
    for name in CAPTURES {
        for (select, folder) in [(TRADES, "binance-trades"), (QUOTES, "binance-bookticker")] {
            let options = EventOptions { select, ..EventOptions::default() };
            let capture =
                open_events(&[file(data.join(format!("binance-ws-raw/{name}.gz")))], &options).unwrap();
            let pulled = format!("{folder}/{name}.csv.gz");
            let table = open_events(&[file(data.join(&pulled))], &options).unwrap();
            assert_eq!(capture.grid(), table.grid());
            let (capture, counts) = events(capture).unwrap();
            assert_eq!(Some(&(capture.len() as u64)), rows.get(&pulled));
            assert_eq!(Some(&(counts.read + counts.skipped)), rows.get(&format!("binance-ws-raw/{name}.gz")));
            let (table, _) = events(table).unwrap();
            for (index, (found, expected)) in capture.iter().zip(&table).enumerate() {
                assert_eq!(found, expected, "{pulled}, row {}", index + 1);
            }
            assert_eq!(capture.len(), table.len());
        }
    }
}

#[test]
fn feeds_are_merged_by_the_clock_asked_for() {
    let Some(data) = data_dir("trades merged with a book") else { return };
    let capture = data.join("binance-ws-raw/usdm_btcusdt_20240718.gz");
    let trades = data.join("binance-trades/usdm_btcusdt_20240718.csv.gz");
    let one = open_events(&[file(&capture)], &EventOptions::default()).unwrap();
    let grid = Some(one.grid());
    let (mut one, _) = events(one).unwrap();
    let book = Select { trades: false, quotes: false, book: true };
    for order in [EventOrder::Recv, EventOrder::Event] {
        let options = EventOptions { select: book, order, grid, ..EventOptions::default() };
        let files = [
            EventFile { path: trades.clone(), part: 7, select: None },
            EventFile { path: capture.clone(), part: 3, select: None },
        ];
        let (two, _) = events(open_events(&files, &options).unwrap()).unwrap();
        let time = |event: &MarketEvent| match order {
            EventOrder::Recv => event.ts_recv(),
            EventOrder::Event => event.ts_event(),
        };
        assert_eq!(two.len(), one.len());
        // Trades were named first. Each feed is in order by itself, so the stable sort is the merge.
        let is_book = |event: &MarketEvent| !matches!(event, MarketEvent::Trade(_));
        one.sort_by_key(is_book);
        let (trades, book) = one.split_at(one.partition_point(|event| !is_book(event)));
        let mut merged = Vec::new();
        let (mut trades, mut book) = (trades.iter().peekable(), book.iter().peekable());
        while let Some(next) = match (trades.peek(), book.peek()) {
            (Some(trade), Some(update)) if time(update) < time(trade) => book.next(),
            (Some(_), _) => trades.next(),
            (None, _) => book.next(),
        } {
            merged.push(next.clone());
        }
        assert!(two == merged, "{order:?}");
    }
}

#[test]
fn every_message_is_read_as_it_is_meant() {
    let text = r#"
1700000000000000001 {"result":null,"id":1}
1700000000000000002 {"stream":"btcusdt@depth20@100ms","data":{"lastUpdateId":7,"bids":[["45000.10","1.500"]],"asks":[]}}
1700000000000000003 {"e":"depthUpdate","E":1700000001500,"s":"BTCUSDT","U":6,"u":9,"b":[["45000.10","0.000"],["45000.0","2"]],"a":[["4.50002e4","3"]]}
1700000000000000004 {"stream":"x","data":{"e":"trade","E":1700000001501,"T":1700000001499,"s":"BTCUSDT","t":12,"p":"45000.2","q":"0.010","X":"INSURANCE_FUND","m":true,"a":1,"b":2}}
1700000000000000005 {"e":"trade","E":1700000001501,"T":1700000001499,"s":"BTCUSDT","t":13,"p":"0","q":"0","X":"NA","m":true}
1700000000000000006 {"u":11,"s":"BTCUSDT","b":"45000.0","B":"2","a":"0.0","A":"0.0"}
1700000000000000007 {"e":"bookTicker","u":12,"s":"BTCUSDT","b":"45000.0","B":"2","a":"45000.2","A":"3","T":1700000001502,"E":1700000001503}
1700000000000000008 {"e":"kline","E":1700000001501,"s":"BTCUSDT","k":{"t":1,"x":true}}
1700000000000000009 {"e":"serverShutdown","E":1700000001501}
1700000000000000010 {"lastUpdateId":20,"E":1700000001510,"T":1700000001504,"symbol":"BTCUSDT","pair":"BTCUSD","bids":[],"asks":[["45001.0","1"]]}
1700000000000000011 {"stream":"btcusdt@depth5@0ms","data":{"e":"depthUpdate","E":1700000001512000,"T":1700000001511000,"s":"BTCUSDT","U":21,"u":30,"pu":20,"b":[["45000.5","1"]],"a":[]}}
1700000000000000012 {"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1700000001513,"T":1700000001512,"s":"BTCUSDT","U":40,"u":41,"pu":30,"b":[],"a":[]}}
"#;
    let time = |recv: i64, event_ms: Option<i64>| {
        let recv = BEGIN + recv;
        (UnixNanos(event_ms.map_or(recv, |ms| BEGIN + ms * 1_000_000)), UnixNanos(recv))
    };
    let snapshot = |recv, ms, update_id, bids, asks| {
        let (ts_event, ts_recv) = time(recv, ms);
        MarketEvent::Snapshot(Snapshot { grid: grid(), ts_event, ts_recv, update_id, bids, asks })
    };
    let delta = |recv, ms, ids: (u64, u64, Option<u64>), bids, asks| {
        let (ts_event, ts_recv) = time(recv, Some(ms));
        let (first_update_id, last_update_id, previous_update_id) = ids;
        MarketEvent::Delta(Delta {
            grid: grid(),
            ts_event,
            ts_recv,
            first_update_id,
            last_update_id,
            previous_update_id,
            bids,
            asks,
        })
    };
    let quote = |recv, ms, update_id, ask| {
        let (ts_event, ts_recv) = time(recv, ms);
        MarketEvent::Quote(Quote {
            grid: grid(),
            ts_event,
            ts_recv,
            update_id,
            bid: level(450_000, 2000),
            ask,
        })
    };
    let (ts_event, ts_recv) = time(4, Some(1499));
    let trade = MarketEvent::Trade(Trade {
        grid: grid(),
        ts_event,
        ts_recv,
        trade_id: 12,
        price: Price::from_raw(450_002).unwrap(),
        quantity: Qty::from_raw(10).unwrap(),
        aggressor: AggressorSide::Sell,
    });
    let stream = stream(text, &everything()).unwrap();
    let (events, counts) = events(stream).unwrap();
    assert_eq!(
        events,
        [
            snapshot(2, None, 7, vec![level(450_001, 1500)], vec![]),
            delta(
                3,
                1500,
                (6, 9, None),
                vec![level(450_001, 0), level(450_000, 2000)],
                vec![level(450_002, 3000)]
            ),
            trade,
            quote(6, None, 11, level(0, 0)),
            quote(7, Some(1502), 12, level(450_002, 3000)),
            snapshot(10, Some(1504), 20, vec![], vec![level(450_010, 1000)]),
            snapshot(11, Some(1511), 30, vec![level(450_005, 1000)], vec![]),
            delta(12, 1512, (40, 41, Some(30)), vec![], vec![]),
        ]
    );
    assert_eq!((counts.read, counts.skipped), (8, 4));
    assert_eq!((counts.trades, counts.quotes, counts.snapshots, counts.deltas), (1, 2, 3, 2));
}

#[test]
fn hyperliquid_is_read_by_the_same_reader() {
    let text = r#"1700000000000000001 {"channel":"subscriptionResponse","data":{"method":"subscribe"}}
1700000000000000002 {"channel":"l2Book","data":{"coin":"BTC","time":1699999999000,"levels":[[{"n":1,"px":"45000.0","sz":"2"}],[{"n":1,"px":"45000.5","sz":"0.5"}]]}}
1700000000000000003 {"channel":"trades","data":[{"coin":"BTC","px":"45000.5","side":"B","sz":"0.1","tid":5,"time":1699999999001,"users":["x"]},{"coin":"BTC","px":"45000.0","side":"A","sz":"0.2","tid":4,"time":1699999999002}]}
"#;
    let (events_, counts) = events(stream(text, &options()).unwrap()).unwrap();
    let [MarketEvent::Snapshot(book), MarketEvent::Trade(first), MarketEvent::Trade(second)] =
        events_.as_slice()
    else {
        panic!("{events_:?}")
    };
    assert_eq!((book.update_id, book.ts_event), (0, UnixNanos(BEGIN - 1_000_000_000)));
    assert_eq!((&book.bids[..], &book.asks[..]), (&[level(450_000, 2000)][..], &[level(450_005, 500)][..]));
    assert_eq!((first.trade_id, first.aggressor, first.quantity.raw()), (5, AggressorSide::Buy, 100));
    assert_eq!((second.trade_id, second.aggressor, second.price.raw()), (4, AggressorSide::Sell, 450_000));
    assert_eq!((counts.read, counts.skipped), (3, 1));

    let Some(data) = data_dir("the capture of Hyperliquid") else { return };
    let capture = data.join("hyperliquid-raw/btc_20250126.gz");
    let mut stream = open_events(&[file(&capture)], &EventOptions::default()).unwrap();
    let mut book = market_data::OrderBook::new();
    while let Some(event) = stream.next_event().unwrap() {
        book.apply(&event).unwrap();
    }
    assert_eq!((stream.symbol(), stream.grid()), (Some("BTC"), Grid::new(0, 5).unwrap()));
    let counts = stream.counts();
    assert_eq!((counts.trades, counts.snapshots, counts.skipped), (64, 46, 0));
    assert!(book.is_usable() && book.bids().count() == 20 && book.asks().count() == 20);
}

/// What a stream over one line, behind a good one, is refused for.
fn refusal(line: &str) -> String {
    let good = r#"1700000000000000001 {"e":"kline"}"#;
    let stream = stream(&format!("{good}\n\n{line}"), &everything()).unwrap();
    let message = events(stream).unwrap_err().to_string();
    let message = message.strip_prefix("a.txt: 1 problem\n  line 3").unwrap_or_else(|| panic!("{message}"));
    message.strip_suffix("\ncorrect the file").unwrap_or_else(|| panic!("{message}")).to_owned()
}

#[test]
fn what_is_no_message_is_refused() {
    let receive = "expected nanoseconds since 1970 (19 digits), a space and the venue's JSON";
    let whole = "expected a message as the venue sent it, whole and on one line";
    let trade = |fields: &str| {
        format!(r#"1700000000000000002 {{"e":"trade","s":"BTCUSDT","t":1,"m":true,{fields}}}"#)
    };
    for (line, message) in [
        (r#"{"e":"kline"}"#.to_owned(), format!(", receive time: \"\"; {receive}")),
        (r#"1700000000000 {"e":"kline"}"#.to_owned(), format!(", receive time: \"1700000000000\"; {receive}")),
        (r#"-1700000000000000002 {}"#.to_owned(), format!(", receive time: \"-1700000000000000002\"; {receive}")),
        ("1700000000000000002".to_owned(), format!(", receive time: \"\"; {receive}")),
        (
            r#"1700000000000000002 {"e":"trade","E":17"#.to_owned(),
            format!(": {{\"e\":\"trade\",\"E\":17: EOF while parsing an object; {whole}"),
        ),
        (
            "1700000000000000002 [1]".to_owned(),
            format!(": [1]: invalid type: integer `1`, expected text in quotes; {whole}"),
        ),
        (
            r#"1700000000000000002 {"e":"orderTradeUpdate"}"#.to_owned(),
            ": e is \"orderTradeUpdate\": no message that is known; expected depthUpdate, bookTicker, trade, aggTrade or \
             a depth snapshot; leave the line out if it holds no trade and no book"
                .to_owned(),
        ),
        (
            r#"1700000000000000002 {"channel":"webData2","data":{}}"#.to_owned(),
            ": channel \"webData2\": no message that is known; expected l2Book or trades with data; leave the line out \
             if it holds no trade and no book"
                .to_owned(),
        ),
        (
            r#"1700000000000000002 {"channel":"trades","data":[{"coin":"BTC","px":"1","side":"X","sz":"1","tid":1,"time":1700000000000}]}"#.to_owned(),
            ": side \"X\"; expected \"B\" (a buyer took) or \"A\" (a seller took)".to_owned(),
        ),
        (
            trade(r#""T":1700000001499,"p":45000.2,"q":"1""#),
            format!(
                ": {{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"m\":tru...: invalid type: floating point \
                 `45000.2`, expected text in quotes; {whole}"
            ),
        ),
        (
            trade(r#""T":1700000001499,"q":"1""#),
            format!(
                ": {{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"m\":tru...: missing field `p`; {whole}"
            ),
        ),
        (
            trade(r#""T":1700000001,"p":"1","q":"1""#),
            ", T: 1700000001; expected milliseconds or microseconds since 1970".to_owned(),
        ),
        (
            trade(r#""T":1700000001499,"p":"nan","q":"1""#),
            ", p: nan is not finite; expected a number".to_owned(),
        ),
        (
            trade(r#""T":1700000001499,"p":"1","q":"0.000""#),
            ", q: 0.000; a trade has a quantity above 0; leave the line out".to_owned(),
        ),
        (
            trade(r#""T":1700000001499,"p":"1","q":"-1""#),
            ", q: -1 is below 0; expected a quantity".to_owned(),
        ),
        (
            trade(r#""T":1700000001499,"p":"1.25","q":"1""#),
            ", price: 1.25: price finer than the grid of 1 decimals; use --price-decimals 2".to_owned(),
        ),
        (
            r#"1700000000000000002 {"lastUpdateId":7,"bids":[["1","1"],["2","1"]],"asks":[]}"#.to_owned(),
            ": snapshot 7: the bid price 2 comes after 1; expected the best level first and each price once".to_owned(),
        ),
        (
            r#"1700000000000000002 {"lastUpdateId":7,"bids":[["1","0"]],"asks":[]}"#.to_owned(),
            ": snapshot 7: the bid level at 1 has quantity 0; expected only levels where something rests".to_owned(),
        ),
        (
            r#"1700000000000000002 {"e":"depthUpdate","E":1700000001500,"s":"BTCUSDT","U":9,"u":8,"b":[],"a":[]}"#
                .to_owned(),
            ": changes of updates 9 to 8; expected a first that is not after the last".to_owned(),
        ),
    ] {
        assert_eq!(refusal(&line), message, "{line}");
    }
}

#[test]
fn a_stream_ends_with_its_first_problem() {
    let mut stream = stream("1700000000000000001 {\"e\":\"kline\"}\nx", &options()).unwrap();
    assert!(stream.next_event().unwrap_err().to_string().starts_with("a.txt: 1 problem\n  line 2"));
    for _ in 0..2 {
        assert_eq!(
            stream.next_event().unwrap_err().to_string(),
            "a.txt: reading stopped with an error on line 2; open the stream again"
        );
    }
}

#[test]
fn trades_are_not_told_twice() {
    let deal = r#""E":1700000001501,"T":1700000001499,"s":"BTCUSDT","p":"1","q":"1","m":false"#;
    let text = format!(
        "1700000000000000001 {{\"e\":\"aggTrade\",\"a\":5,\"f\":1,\"l\":2,{deal}}}\n1700000000000000002 \
         {{\"e\":\"trade\",\"t\":1,{deal}}}"
    );
    let error = events(stream(&text, &options()).unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.txt: 1 problem\n  line 2: trade and aggTrade messages in one capture tell the same trades twice; leave the \
         lines of one of the two out\ncorrect the file"
    );
    let no_trades = EventOptions { select: QUOTES, ..options() };
    assert_eq!(events(stream(&text, &no_trades).unwrap()).unwrap().1.skipped, 2);
    let agg = text.lines().next().unwrap();
    let (events, _) = events(stream(agg, &options()).unwrap()).unwrap();
    assert!(matches!(events[..], [MarketEvent::Trade(Trade { trade_id: 5, .. })]), "{events:?}");
}

#[test]
fn one_instrument_is_read() {
    let eth = |line: &String| line.replace("BTCUSDT", "ETHUSDT");
    // Without snapshots, which do not say whose they are.
    let btc: Vec<String> = lines(3, 20, false);
    let both: Vec<String> = btc.iter().flat_map(|line| [line.clone(), eth(line)]).collect();
    let text = both.join("\n");
    let error = events(stream(&text, &everything()).unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.txt: 1 problem\n  line 2, symbol: ETHUSDT, but the events before are of BTCUSDT; say which with --symbol\n\
         correct the file"
    );
    let asked = EventOptions { symbol: Some("BTCUSDT".to_owned()), ..everything() };
    let (one, counts) = events(stream(&text, &asked).unwrap()).unwrap();
    assert_eq!(one, events(stream(&btc.join("\n"), &everything()).unwrap()).unwrap().0);
    assert_eq!((counts.read, counts.other_symbols), (both.len() as u64, btc.len() as u64));

    let text = format!("{text}\n1700000000000000002 {{\"lastUpdateId\":7,\"bids\":[],\"asks\":[]}}");
    let error = events(stream(&text, &asked).unwrap()).unwrap_err();
    let line = both.len() + 1;
    assert_eq!(
        error.to_string(),
        format!(
            "a.txt: 1 problem\n  line {line}, symbol: line {line} does not say its instrument, and line 2 is of \
             ETHUSDT: whose the first is cannot be told; split the file by instrument\ncorrect the file"
        )
    );
}

#[test]
fn the_grid_is_found_out_or_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        EventFile { path, part: 0, select: None }
    };
    let trade = |id: u64, price: &str, quantity: &str| {
        format!(
            "170000000000000000{id} {{\"e\":\"trade\",\"T\":1700000001499,\"s\":\"BTCUSDT\",\"t\":{id},\"p\":\"{price}\",\
             \"q\":\"{quantity}\",\"m\":true}}\n"
        )
    };
    let files = [write("a", &trade(1, "45000.10", "1")), write("b", &trade(2, "45000.25", "0.500"))];
    let stream_ = open_events(&files, &EventOptions::default()).unwrap();
    assert_eq!((stream_.grid(), stream_.symbol()), (Grid::new(2, 1).unwrap(), Some("BTCUSDT")));
    let (events_, counts) = events(stream_).unwrap();
    assert_eq!((events_.len(), counts.read), (2, 2));

    let error = stream(&trade(1, "1", "1"), &EventOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.txt: events that are read as they come need the grid of prices and quantities, which whole files would \
         tell: pass --price-decimals and --qty-decimals"
    );

    let (fine, large) = (write("c", &trade(1, "0.0000000001", "1")), write("d", &trade(2, "90000000", "1")));
    let (c, d) = (fine.path.display().to_string(), large.path.display().to_string());
    assert_eq!(
        open_events(&[fine, large], &EventOptions::default()).unwrap_err().to_string(),
        format!(
            "no grid holds every price: 0.0000000001 in line 1 of {c} needs 10 decimals, and 90000000 in line 1 of {d} \
             is then more than 2^53 steps; correct the values, or round the finer ones in the file"
        )
    );

    let other = EventOptions { symbol: Some("ETHUSDT".to_owned()), ..EventOptions::default() };
    let a = files[0].path.display().to_string();
    assert_eq!(
        open_events(&files[..1], &other).unwrap_err().to_string(),
        format!(
            "{a}: no event that was asked for: 0 rows or messages without one, 1 events of other instruments; check what \
             is to be taken of the files and --symbol"
        )
    );
}

#[test]
fn a_trade_without_a_number_gets_one() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a.csv"), folder.path().join("b.csv"));
    std::fs::write(&a, "timestamp,price,qty,side\n1700000000002,1,1,buy\n1700000000004,2,1,sell\n").unwrap();
    std::fs::write(&b, "timestamp,price,qty,side\n1700000000001,3,1,buy\n1700000000004,4,1,sell\n").unwrap();
    let files = [EventFile { path: a, part: 0, select: None }, EventFile { path: b, part: 1, select: None }];
    let (events, _) = events(open_events(&files, &EventOptions::default()).unwrap()).unwrap();
    let trades: Vec<(u64, i64)> = events
        .iter()
        .map(|event| {
            let MarketEvent::Trade(trade) = event else { panic!("{event:?}") };
            (trade.trade_id, trade.price.raw())
        })
        .collect();
    assert_eq!(trades, [(1, 3), (2, 1), (3, 2), (4, 4)], "as they are given, so that numbers rise");
}

#[test]
fn a_file_in_pieces_of_any_size_gives_the_same_events() {
    let text = lines(23, 90, true).join("\n");
    let whole = events(stream(&text, &everything()).unwrap()).unwrap();
    for most in [1, 2, 3, 7, 64, 1000] {
        let drip = Drip { text: text.clone().into_bytes(), at: 0, size: 1, most };
        let stream = EventStream::from_reader(Box::new(drip), Path::new("a.txt"), &everything()).unwrap();
        assert_eq!(events(stream).unwrap(), whole, "pieces up to {most} bytes");
    }
    let Some(data) = data_dir("real captures in pieces") else { return };
    let packed = std::fs::File::open(data.join("binance-ws-raw/cm_btcusd_perp_20240808.gz")).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(packed), &mut text).unwrap();
    let whole = events(stream(&text, &everything()).unwrap()).unwrap();
    assert_eq!(whole.1.read, 48_270);
    let drip = Drip { text: text.into_bytes(), at: 0, size: 1, most: 5 };
    let stream = EventStream::from_reader(Box::new(drip), Path::new("a.txt"), &everything()).unwrap();
    assert!(events(stream).unwrap() == whole);
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    let text = lines(29, 30, false).join("\n");
    let whole = events(stream(&text, &everything()).unwrap()).unwrap().0;
    let last = text.rfind('\n').unwrap();
    for end in last + 1..text.len() {
        let cut = stream(&text[..end], &everything()).unwrap();
        match events(cut) {
            // Only where nothing of the line is left.
            Ok((events, _)) => assert!(end == last + 1 && events[..] == whole[..events.len()]),
            Err(error) => assert!(error.to_string().contains("a.txt: 1 problem\n  line "), "{error}"),
        }
    }
}

proptest! {
    #[test]
    fn events_of_files_in_a_row_are_those_of_one_file(seed in 0_u64..1000, parts in 1_usize..6) {
        let lines = lines(seed, 70, seed % 2 == 0);
        let whole = events(stream(&lines.join("\n"), &everything()).unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<EventFile> = lines
            .chunks(lines.len().div_ceil(parts))
            .enumerate()
            .map(|(index, lines)| {
                let path = folder.path().join(format!("{index}.txt"));
                std::fs::write(&path, lines.join("\n")).unwrap();
                EventFile { path, part: 0, select: None }
            })
            .collect();
        let read = events(open_events(&files, &everything()).unwrap()).unwrap();
        prop_assert_eq!(read, whole);
    }
}
