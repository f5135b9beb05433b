//! What is written is read back the same.

use std::path::Path;

use feature_api::{AggressorSide, Grid, Level, Price, Qty, Trade, UnixNanos};
use market_data::{
    EventOptions, MarketDataError, MarketEvent, Quote, Snapshot, TimeFormat, WRITTEN_LEVELS_MAX,
    write_quotes, write_snapshots, write_trades,
};
use proptest::prelude::*;

use super::{lines, read};

const NAMES: [&str; 5] = ["a.csv", "a.csv.gz", "a.csv.zst", "a.txt", "a.parquet"];
const RAW_MAX: i64 = 1 << 53;
const START: i64 = 1_704_067_200_000_000_000;

/// A trade: its number, and how far from the start in time and price.
pub(super) fn trade(id: u64, step: u64) -> Trade {
    let step = i64::try_from(step).unwrap();
    Trade {
        grid: Grid::new(2, 3).unwrap(),
        ts_event: UnixNanos(START + step * 50_000_000),
        ts_recv: UnixNanos(START + step * 50_000_000 + 1_234_567),
        trade_id: id,
        price: Price::from_raw(4_500_000 + step * 7 % 100).unwrap(),
        quantity: Qty::from_raw(1 + step * 31 % 977).unwrap(),
        aggressor: if step % 3 == 0 { AggressorSide::Buy } else { AggressorSide::Sell },
    }
}

/// Reads as it was written: on that grid, in nanoseconds.
fn back(path: &Path, grid: Grid) -> Vec<MarketEvent> {
    let options = EventOptions { grid: Some(grid), time: TimeFormat::Nanos, ..EventOptions::default() };
    read(path, &options).unwrap_or_else(|error| panic!("{error}"))
}

prop_compose! {
    fn any_level(least: i64)(price in -RAW_MAX..=RAW_MAX, quantity in least..=RAW_MAX) -> Level {
        Level { price: Price::from_raw(price).unwrap(), quantity: Qty::from_raw(quantity).unwrap() }
    }
}

prop_compose! {
    fn any_trades()(
        price_scale in 0..=16_u8,
        qty_scale in 0..=16_u8,
        rows in proptest::collection::vec(
            (any::<u64>(), any::<i64>(), any::<i64>(), any_level(1), any::<bool>()), 1..40),
    ) -> Vec<Trade> {
        let grid = Grid::new(price_scale, qty_scale).unwrap();
        rows.into_iter().map(|(trade_id, ts_event, ts_recv, level, buys)| Trade {
            grid,
            ts_event: UnixNanos(ts_event),
            ts_recv: UnixNanos(ts_recv),
            trade_id,
            price: level.price,
            quantity: level.quantity,
            aggressor: if buys { AggressorSide::Buy } else { AggressorSide::Sell },
        }).collect()
    }
}

/// Levels of a side in the order of a book, each price once; `sign` is 1 for asks.
fn side(prices: &[i64], sign: i64) -> Vec<Level> {
    let mut prices: Vec<i64> = prices.iter().map(|price| price.abs().max(1) * sign).collect();
    prices.sort_unstable_by_key(|price| price.abs());
    prices.dedup();
    let level = |price: i64| Level {
        price: Price::from_raw(price).unwrap(),
        quantity: Qty::from_raw(price.abs()).unwrap(),
    };
    prices.into_iter().map(level).collect()
}

prop_compose! {
    fn any_snapshots()(
        price_scale in 0..=16_u8,
        qty_scale in 0..=16_u8,
        rows in proptest::collection::vec((
            any::<i64>(),
            any::<i64>(),
            proptest::collection::vec(-RAW_MAX..=RAW_MAX, 0..6),
            proptest::collection::vec(-RAW_MAX..=RAW_MAX, 0..6),
        ), 1..20),
    ) -> Vec<Snapshot> {
        let grid = Grid::new(price_scale, qty_scale).unwrap();
        (1..).zip(rows).map(|(update_id, (ts_event, ts_recv, bids, asks))| Snapshot {
            grid,
            ts_event: UnixNanos(ts_event),
            ts_recv: UnixNanos(ts_recv),
            update_id,
            // Bids below 0, asks above: no book is crossed.
            bids: side(&bids, -1),
            asks: side(&asks, 1),
        }).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn trades_are_read_as_they_were_written(trades in any_trades(), name in 0..NAMES.len()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAMES[name]);
        prop_assert_eq!(write_trades(&path, &mut trades.iter().copied()).unwrap(), trades.len() as u64);
        let expected: Vec<MarketEvent> = trades.iter().copied().map(MarketEvent::Trade).collect();
        prop_assert_eq!(back(&path, trades[0].grid), expected);
    }

    #[test]
    fn quotes_are_read_as_they_were_written(
        rows in proptest::collection::vec(
            (any::<u64>(), any::<i64>(), any::<i64>(), any_level(0), any_level(0)), 1..40),
        scales in (0..=16_u8, 0..=16_u8),
        name in 0..NAMES.len(),
    ) {
        let grid = Grid::new(scales.0, scales.1).unwrap();
        // A side of quantity 0 is none, and has no price.
        let none = |level: Level| if level.quantity.raw() == 0 { Level::default() } else { level };
        let quotes: Vec<Quote> = rows.into_iter().map(|(update_id, ts_event, ts_recv, bid, ask)| Quote {
            grid,
            ts_event: UnixNanos(ts_event),
            ts_recv: UnixNanos(ts_recv),
            update_id,
            bid: none(bid),
            ask: if update_id % 3 == 0 { Level::default() } else { none(ask) },
        }).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAMES[name]);
        prop_assert_eq!(write_quotes(&path, &mut quotes.iter().copied()).unwrap(), quotes.len() as u64);
        let expected: Vec<MarketEvent> = quotes.into_iter().map(MarketEvent::Quote).collect();
        prop_assert_eq!(back(&path, grid), expected);
    }

    #[test]
    fn snapshots_are_read_as_they_were_written(snapshots in any_snapshots(), name in 0..NAMES.len()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAMES[name]);
        let count = write_snapshots(&path, 6, &mut snapshots.iter().cloned()).unwrap();
        prop_assert_eq!(count, snapshots.len() as u64);
        let grid = snapshots[0].grid;
        let expected: Vec<MarketEvent> = snapshots.into_iter().map(MarketEvent::Snapshot).collect();
        prop_assert_eq!(back(&path, grid), expected);
    }
}

#[test]
fn a_written_file_looks_like_the_exchange_s() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    write_trades(&path, &mut [trade(7, 0), trade(8, 1)].into_iter()).unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "id,price,qty,quote_qty,time,is_buyer_maker,local_ns\n\
         7,45000,0.001,45,1704067200000000000,false,1704067200001234567\n\
         8,45000.07,0.032,1440.00224,1704067200050000000,true,1704067200051234567\n"
    );
    // Nothing has to be said to read it.
    assert_eq!(
        lines(&read(&path, &EventOptions::default()).unwrap()),
        [
            "trade 1704067200000000000 1704067200001234567 #7 buy 0.001 at 45000",
            "trade 1704067200050000000 1704067200051234567 #8 sell 0.032 at 45000.07",
        ]
    );
}

#[test]
fn many_row_groups_are_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let trades: Vec<Trade> = (0..150_000).map(|at| trade(u64::MAX - at, at)).collect();
    write_trades(&path, &mut trades.iter().copied()).unwrap();
    let expected: Vec<MarketEvent> = trades.into_iter().map(MarketEvent::Trade).collect();
    let events = read(&path, &EventOptions::default()).unwrap();
    assert!(events == expected, "150,000 trades in three row groups");
}

#[test]
fn nothing_is_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let other = Trade { grid: Grid::new(3, 3).unwrap(), ..trade(2, 1) };
    for name in NAMES {
        let path = folder.path().join(name);
        let error = write_trades(&path, &mut [trade(1, 0), other].into_iter()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "{}: event 1: its grid is not that of the first: expected 2 price decimals, 3 quantity decimals, found \
                 3 price decimals, 3 quantity decimals",
                path.display()
            )
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let path = folder.path().join("a.csv");
    let snapshot = Snapshot {
        grid: Grid::default(),
        ts_event: UnixNanos(START),
        ts_recv: UnixNanos(START),
        update_id: 1,
        bids: side(&[1, 2, 3], -1),
        asks: Vec::new(),
    };
    let write = |levels| write_snapshots(&path, levels, &mut [snapshot.clone()].into_iter());
    assert_eq!(
        write(2).unwrap_err().to_string(),
        format!(
            "{}: event 0: it has more levels a side than are written: expected 2, found 3",
            path.display()
        )
    );
    for levels in [0, WRITTEN_LEVELS_MAX + 1] {
        assert!(matches!(write(levels), Err(MarketDataError::Event { row: 0, .. })));
    }
    assert!(matches!(
        write_trades(Path::new("a.doc"), &mut std::iter::empty()),
        Err(MarketDataError::Extension { .. })
    ));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // The widest row is a line that is read.
    let wide: Vec<i64> = (0..WRITTEN_LEVELS_MAX as i64).map(|at| RAW_MAX - at).collect();
    let grid = Grid::new(16, 16).unwrap();
    let snapshot = Snapshot { grid, bids: side(&wide, -1), asks: side(&wide, 1), ..snapshot };
    write_snapshots(&path, WRITTEN_LEVELS_MAX, &mut [snapshot.clone()].into_iter()).unwrap();
    assert_eq!(back(&path, grid), [MarketEvent::Snapshot(snapshot)]);
}
