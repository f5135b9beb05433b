//! Every real file with columns of events is read to its last row, or refused for what it is.

use std::collections::BTreeSet;

use feature_api::Grid;
use market_data::{EventOptions, MarketDataError, MarketEvent};
use testkit::data::data_dir;

use super::{common, line, read};

/// A file, the decimals of its grid, and its first and last event; of a book its best levels.
type Case = (&'static str, (u8, u8), &'static str, &'static str);

/// Files where a row is an event.
const FILES: [Case; 26] = [
    (
        "barter-binance-spot/btcusdt_l1_20250325.csv.gz",
        (2, 5),
        "quote 1742944020840478284 1742944020840482813 #0 2.42385x87232 | 2.64517x87232.01",
        "quote 1742944205069388295 1742944205069390620 #0 1.88891x87256.66 | 0.95107x87256.67",
    ),
    (
        "barter-binance-spot/btcusdt_trades_20250325.csv.gz",
        (2, 5),
        "trade 1742944020715000000 1742944020847021081 #4744868157 sell 0.00012 at 87232",
        "trade 1742944204940000000 1742944205071898245 #4744874926 buy 0.00008 at 87256.67",
    ),
    (
        "barter-binance-spot/solusdt_l1_20250325.csv.gz",
        (2, 3),
        "quote 1742944021489391776 1742944021489392457 #0 58.157x143.53 | 205.146x143.54",
        "quote 1742944205013018799 1742944205013019310 #0 7.725x143.7 | 229.22x143.71",
    ),
    (
        "barter-binance-spot/solusdt_trades_20250325.csv.gz",
        (2, 3),
        "trade 1742944021315000000 1742944021489517771 #1169618299 buy 0.428 at 143.54",
        "trade 1742944202846000000 1742944202977980343 #1169620755 sell 0.411 at 143.7",
    ),
    (
        "binance-bookticker/cm_btcusd_perp_20240808.csv.gz",
        (1, 0),
        "quote 1723161257465000000 1723161256207640365 #1007198632021 35x61804.7 | 1645x61804.8",
        "quote 1723161601073000000 1723161599812570384 #1007202246601 1380x61668.6 | 871x61668.7",
    ),
    (
        "binance-bookticker/spot_btcusdt_20240808.csv.gz",
        (2, 5),
        "quote 1723161254087891268 1723161254087891268 #50093239212 3.78826x61837.63 | 1.54698x61837.64",
        "quote 1723161599999231384 1723161599999231384 #50093421612 1.25869x61685.99 | 2.44807x61686",
    ),
    (
        "binance-bookticker/spot_btcusdt_20240809.csv.gz",
        (2, 5),
        "quote 1723161600001692584 1723161600001692584 #50093421613 1.25869x61685.99 | 2.44816x61686",
        "quote 1723161904524703633 1723161904524703633 #50093696317 1.67177x61602.01 | 2.66795x61602.02",
    ),
    (
        "binance-bookticker/usdm_btcusdt_20240718.csv.gz",
        (1, 3),
        "quote 1721347022507000000 1721347021080832061 #4984028370881 46.371x63943.9 | 0.095x63944",
        "quote 1721347200456000000 1721347198936349788 #4984033952967 20.327x63959.9 | 5.262x63960",
    ),
    (
        "binance-bookticker/usdm_btcusdt_20240719.csv.gz",
        (1, 3),
        "quote 1721347202812000000 1721347201291825027 #4984035701909 20.327x63959.9 | 4.952x63960",
        "quote 1721347502290000000 1721347500768952265 #4984057081056 0.04x63865.2 | 5.801x63865.3",
    ),
    (
        "binance-bookticker/usdm_btcusdt_20240808.csv.gz",
        (1, 3),
        "quote 1723161256313000000 1723161255088169167 #5123107839020 2.507x61800.2 | 2.51x61800.3",
        "quote 1723161600709000000 1723161599439160683 #5123135221461 1.486x61659.7 | 0.981x61659.8",
    ),
    (
        "binance-trades/cm_btcusd_perp_20240808.csv.gz",
        (1, 0),
        "trade 1723161257679000000 1723161256419684465 #849714402 buy 4 at 61804.8",
        "trade 1723161600719000000 1723161599457809283 #849716687 buy 2 at 61668.7",
    ),
    (
        "binance-trades/spot_btcusdt_20240808.csv.gz",
        (2, 5),
        "trade 1723161255342000000 1723161254087896568 #3735683259 sell 0.02 at 61837.63",
        "trade 1723161601271000000 1723161599997948484 #3735693015 sell 0.0014 at 61685.99",
    ),
    (
        "binance-trades/spot_btcusdt_20240809.csv.gz",
        (2, 5),
        "trade 1723161601437000000 1723161600164378285 #3735693016 sell 0.00017 at 61685.99",
        "trade 1723161905800000000 1723161904525430833 #3735703162 buy 0.00536 at 61602.02",
    ),
    (
        "binance-trades/usdm_btcusdt_20240718.csv.gz",
        (1, 3),
        "trade 1721347022956000000 1721347021434994132 #5182005737 sell 0.003 at 63943.9",
        "trade 1721347199877000000 1721347198356321990 #5182006710 sell 0.002 at 63959.9",
    ),
    (
        "binance-trades/usdm_btcusdt_20240719.csv.gz",
        (1, 3),
        "trade 1721347202812000000 1721347201292005428 #5182006711 buy 0.31 at 63960",
        "trade 1721347502282000000 1721347500760050966 #5182016437 sell 0.002 at 63865.4",
    ),
    (
        "binance-trades/usdm_btcusdt_20240808.csv.gz",
        (1, 3),
        "trade 1723161256322000000 1723161255088176367 #5266583935 buy 0.006 at 61800.3",
        "trade 1723161599643000000 1723161598372181179 #5266605247 buy 0.076 at 61659.8",
    ),
    (
        "tardis-samples/binance-futures_quotes_2020-02-22_BTCUSDT.csv.gz",
        (2, 3),
        "quote 1582329601096000000 1582329603502092000 #0 0.67x9681.92 | 0.84x9682",
        "quote 1582329827061000000 1582329827181582000 #0 0.012x9671.19 | 0.031x9672.09",
    ),
    (
        "tardis-samples/binance-futures_trades_2020-02-22_BTCUSDT.csv.gz",
        (2, 3),
        "trade 1582329602111000000 1582329602418379000 #42377944 buy 0.132 at 9682",
        "trade 1582337147728000000 1582337147852384000 #42387942 sell 0.07 at 9666.84",
    ),
    (
        "tardis-samples/bitmex_trades_XBTUSD.csv",
        (1, 0),
        "trade 1583020803145000000 1583020803307160000 #17941946198506861210 sell 2152 at 8531.5",
        "trade 1583020803276000000 1583020803336743000 #7702673472923340285 sell 1 at 8531.5",
    ),
    (
        "tardis-samples/huobi-dm-swap_quotes_BTC-USD.csv",
        (1, 0),
        "quote 1588291201099000000 1588291201234268000 #0 806x8629.2 | 5494x8629.3",
        "quote 1588291201814000000 1588291201927888000 #0 847x8629.2 | 5411x8629.3",
    ),
    (
        "binance-l2-top10/cm_btcusd_perp_20240808.csv.gz",
        (1, 0),
        "snapshot 1723161257875000000 1723161256618936965 #1007198635368 35x61804.7 | 1645x61804.8",
        "snapshot 1723161601256000000 1723161599994891784 #1007202248021 1380x61668.6 | 871x61668.7",
    ),
    (
        "binance-l2-top10/spot_btcusdt_20240808.csv.gz",
        (2, 5),
        "snapshot 1723161255508000000 1723161254236551067 #50093239237 3.78826x61837.63 | 1.6052x61837.64",
        "snapshot 1723161601073000000 1723161599801078184 #50093421572 1.5784x61685.99 | 2.1635x61686",
    ),
    (
        "binance-l2-top10/spot_btcusdt_20240809.csv.gz",
        (2, 5),
        "snapshot 1723161601273000000 1723161600001658384 #50093421612 1.25869x61685.99 | 2.44807x61686",
        "snapshot 1723161905709000000 1723161904435579133 #50093696291 1.67177x61602.01 | 2.67291x61602.02",
    ),
    (
        "binance-l2-top10/usdm_btcusdt_20240718.csv.gz",
        (1, 3),
        "snapshot 1721347022815000000 1721347021295841404 #4984028388330 46.372x63943.9 | 0.095x63944",
        "snapshot 1721347200456000000 1721347198986000156 #4984033952967 20.327x63959.9 | 5.262x63960",
    ),
    (
        "binance-l2-top10/usdm_btcusdt_20240719.csv.gz",
        (1, 3),
        "snapshot 1721347201533000000 1721347200064916040 #4984034747463 20.327x63959.9 | 5.262x63960",
        "snapshot 1721347502246000000 1721347500725828070 #4984057064916 0.002x63867.4 | 5.045x63867.5",
    ),
    (
        "binance-l2-top10/usdm_btcusdt_20240808.csv.gz",
        (1, 3),
        "snapshot 1723161256605000000 1723161255343040266 #5123107858366 2.862x61800.2 | 1.135x61800.3",
        "snapshot 1723161601054000000 1723161599833492584 #5123135475514 1.486x61659.7 | 0.981x61659.8",
    ),
];
/// Files with a test of their own.
const OTHERS: [&str; 5] = [
    "binance-depth-samples/btcusdt-depth-snap.csv",
    "binance-depth-samples/btcusdt-depth-update.csv",
    "tardis-samples/binance-futures_book_snapshot_25_BTCUSDT.csv",
    "tardis-samples/binance-futures_book_snapshot_5_BTCUSDT.csv",
    "tardis-samples/deribit_incremental_book_L2_BTC-PERPETUAL.csv",
];

#[test]
fn every_file_with_columns_of_events_is_named_here() {
    let Some(data) = data_dir("the list of files of events") else { return };
    let folders = [
        "barter-binance-spot/",
        "binance-bookticker/",
        "binance-depth-samples/",
        "binance-l2-top10/",
        "binance-trades/",
        "tardis-samples/",
    ];
    let there: BTreeSet<String> = common::rows_of_sources(&data)
        .into_keys()
        .filter(|file| folders.iter().any(|folder| file.starts_with(folder)))
        .collect();
    let named = FILES.iter().map(|case| case.0).chain(OTHERS).map(str::to_owned).collect();
    assert_eq!(there, named);
}

#[test]
fn every_row_is_an_event() {
    let Some(data) = data_dir("files of events") else { return };
    let rows = common::rows_of_sources(&data);
    for (file, (price, qty), first, last) in FILES {
        let events =
            read(&data.join(file), &EventOptions::default()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(Some(events.len() as u64), rows.get(file).copied(), "{file}");
        assert_eq!(super::grid_of(&events[0]), Grid::new(price, qty).ok(), "{file}");
        let ends = [&events[0], &events[events.len() - 1]].map(|event| line(&best(event.clone())));
        assert_eq!(ends, [first, last], "{file}");
    }
}

/// A snapshot with its best levels alone; any other event as it is.
fn best(mut event: MarketEvent) -> MarketEvent {
    if let MarketEvent::Snapshot(book) = &mut event {
        assert_eq!((book.bids.len(), book.asks.len()), (10, 10));
        book.bids.truncate(1);
        book.asks.truncate(1);
    }
    event
}

#[test]
fn rows_of_one_depth_update_are_one_event() {
    let Some(data) = data_dir("files of depth") else { return };
    let read =
        |file: &str| read(&data.join("binance-depth-samples").join(file), &EventOptions::default()).unwrap();
    let snapshots = read("btcusdt-depth-snap.csv");
    let [MarketEvent::Snapshot(snapshot)] = snapshots.as_slice() else { panic!("{snapshots:?}") };
    assert_eq!((snapshot.update_id, snapshot.bids.len(), snapshot.asks.len()), (2_098_021_528_332, 100, 0));
    assert_eq!(snapshot.ts_event.0, 1_667_346_579_146_000_000);
    assert_eq!(snapshot.ts_recv, snapshot.ts_event);
    let shown = line(&snapshots[0]);
    assert!(shown.contains(" 1.77x20377 0.001x20376.9 "), "{shown}");
    assert!(shown.ends_with(" 8.564x20366 0.207x20365.9 | "), "{shown}");

    // A file of changes alone continues a book; without one they are held back.
    let continues = EventOptions { continues: true, ..EventOptions::default() };
    let path = data.join("binance-depth-samples/btcusdt-depth-update.csv");
    let deltas = super::read(&path, &continues).unwrap();
    let [MarketEvent::Delta(delta)] = deltas.as_slice() else { panic!("{deltas:?}") };
    assert_eq!((delta.first_update_id, delta.last_update_id), (2_098_041_693_435, 2_098_041_696_700));
    assert_eq!(delta.previous_update_id, Some(2_098_041_693_400));
    assert_eq!((delta.bids.len(), delta.asks.len()), (23, 77));
    let shown = line(&deltas[0]);
    assert!(shown.contains(" | 0x20472.8 0x20472.9 "), "{shown}");
    assert!(shown.ends_with(" 10.249x20879.1"), "{shown}");
}

#[test]
fn snapshots_have_five_levels_or_twenty_five() {
    let Some(data) = data_dir("book snapshots") else { return };
    for (file, depth) in [
        ("binance-futures_book_snapshot_5_BTCUSDT.csv", 5),
        ("binance-futures_book_snapshot_25_BTCUSDT.csv", 25),
    ] {
        let events = read(&data.join("tardis-samples").join(file), &EventOptions::default()).unwrap();
        assert_eq!(events.len(), 10, "{file}");
        for event in &events {
            let MarketEvent::Snapshot(book) = event else { panic!("{event:?}") };
            assert_eq!((book.bids.len(), book.asks.len(), book.update_id), (depth, depth, 0), "{file}");
        }
        let first = line(&events[0]);
        assert!(
            first.starts_with(
                "snapshot 1598918403696000000 1598918403810979000 #0 10.896x11657.07 0.2x11656.97 0.2x11655.78 \
                 0.98x11655.77 0.111x11655.68"
            ),
            "{first}"
        );
        assert!(
            first.contains(" | 1.714x11657.08 5.4x11657.54 0.238x11657.56 0.077x11657.61 0.918x11657.92"),
            "{first}"
        );
    }
}

#[test]
fn changes_without_numbers_are_refused_by_name() {
    let Some(data) = data_dir("the book that is refused") else { return };
    let path = data.join("tardis-samples/deribit_incremental_book_L2_BTC-PERPETUAL.csv");
    let error = read(&path, &EventOptions::default()).unwrap_err();
    assert!(matches!(error, MarketDataError::UnnumberedBook { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        format!(
            "{}: incremental_book_L2 is not read: its updates are not numbered, so one that is missing could not be \
             noticed; use book_snapshot_25, book_snapshot_5 or quotes of the same day",
            path.display()
        )
    );
}

#[test]
fn an_instrument_that_is_asked_for_is_found_by_its_symbol() {
    let Some(data) = data_dir("the symbol of a file") else { return };
    let path = data.join("tardis-samples/bitmex_trades_XBTUSD.csv");
    let of = |symbol: &str| {
        let grid = Grid::new(1, 0).ok();
        let options = EventOptions { grid, symbol: Some(symbol.to_owned()), ..EventOptions::default() };
        read(&path, &options).map(|events| events.len()).unwrap()
    };
    assert_eq!((of("XBTUSD"), of("ETHUSD")), (10, 0));
}
