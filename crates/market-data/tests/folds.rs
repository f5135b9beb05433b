//! Trades and seconds folded to longer bars, as the reference files have them.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use feature_api::AggressorSide;
use market_data::{EventFile, EventOptions, MarketEvent, open_events, read_bars};
use testkit::bar_files::{MINUTE, lean};
use testkit::data::{Table, data_dir};

/// A bar as it is folded: sums in steps of the grid, of price times quantity in steps of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fold {
    open: i64,
    high: i64,
    low: i64,
    close: i64,
    volume: i64,
    quote_volume: i128,
    trades: u64,
    taker_buy_volume: i64,
    taker_buy_trades: u64,
}

/// A column of the reference, what it is here, and in how many steps of the grid.
type Column = (&'static str, fn(&Fold) -> f64, f64);

fn power_of_ten(scale: u8) -> f64 {
    10_i64.pow(scale.into()) as f64
}

#[test]
fn trades_fold_to_the_seconds_of_the_reference() {
    let Some(data) = data_dir("trades folded to seconds") else { return };
    for (name, seconds) in [("spot_btcusdt_20240808", 345), ("usdm_btcusdt_20240808", 344)] {
        for source in [format!("binance-trades/{name}.csv.gz"), format!("binance-ws-raw/{name}.gz")] {
            let file = EventFile { path: data.join(source), part: 0, select: None };
            let mut stream = open_events(&[file], &EventOptions::default()).unwrap();
            let grid = stream.grid();
            let mut bars = BTreeMap::<i64, Fold>::new();
            while let Some(event) = stream.next_event().unwrap() {
                let MarketEvent::Trade(trade) = event else { continue };
                let (price, quantity) = (trade.price.raw(), trade.quantity.raw());
                let bar = bars.entry(trade.ts_event.0.div_euclid(1_000_000_000)).or_insert(Fold {
                    open: price,
                    high: price,
                    low: price,
                    close: price,
                    volume: 0,
                    quote_volume: 0,
                    trades: 0,
                    taker_buy_volume: 0,
                    taker_buy_trades: 0,
                });
                let is_buy = trade.aggressor == AggressorSide::Buy;
                (bar.high, bar.low, bar.close) = (bar.high.max(price), bar.low.min(price), price);
                bar.volume += quantity;
                bar.quote_volume += i128::from(price) * i128::from(quantity);
                bar.trades += 1;
                bar.taker_buy_volume += if is_buy { quantity } else { 0 };
                bar.taker_buy_trades += u64::from(is_buy);
            }
            let table = Table::read(&data.join(format!("ref-microstructure/{name}_1s_bars.csv")));
            assert_eq!((bars.len(), table.len()), (seconds, seconds));
            let (p, q) = (power_of_ten(grid.price_scale()), power_of_ten(grid.qty_scale()));
            let columns =
                |name: &str| -> Vec<f64> { table.text(name).iter().map(|t| t.parse().unwrap()).collect() };
            let times: Vec<i64> = table.text("open_time_ms").iter().map(|t| t.parse().unwrap()).collect();
            assert!(bars.keys().map(|second| second * 1000).eq(times));
            // One division of two exact integers: the float nearest to the decimal.
            let exact: [Column; 6] = [
                ("open", |bar| bar.open as f64, p),
                ("high", |bar| bar.high as f64, p),
                ("low", |bar| bar.low as f64, p),
                ("close", |bar| bar.close as f64, p),
                ("trades", |bar| bar.trades as f64, 1.0),
                ("taker_buy_trades", |bar| bar.taker_buy_trades as f64, 1.0),
            ];
            for (column, of, scale) in exact {
                let found: Vec<f64> = bars.values().map(|bar| of(bar) / scale).collect();
                assert_eq!(found, columns(column), "{name}: {column}");
            }
            // The reference added floats up; ours are the exact sums, as far apart as its roundings.
            let sums: [Column; 4] = [
                ("volume", |bar| bar.volume as f64, q),
                ("taker_buy_volume", |bar| bar.taker_buy_volume as f64, q),
                ("signed_volume", |bar| (2 * bar.taker_buy_volume - bar.volume) as f64, q),
                ("quote_volume", |bar| bar.quote_volume as f64, p * q),
            ];
            for (column, of, scale) in sums {
                for ((bar, expected), volume) in bars.values().zip(columns(column)).zip(columns("volume")) {
                    let found = of(bar) / scale;
                    let size = expected.abs() + volume;
                    assert!(
                        (found - expected).abs() <= 1e-12 * size,
                        "{name}: {column}: {found} for {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn seconds_fold_to_the_minutes_of_the_exchange() {
    let Some(data) = data_dir("seconds folded to minutes") else { return };
    for day in ["20161007", "20161008"] {
        let read = |length: &str| {
            let name = format!("lean-crypto/coinbase_{length}_btcusd_{day}_trade.csv.gz");
            read_bars(&data.join(&name), &lean(&name)).unwrap()
        };
        let (seconds, minutes) = (read("second"), read("minute"));
        assert_eq!(seconds.grid, minutes.grid);
        let mut folded = BTreeMap::<i64, [i64; 5]>::new();
        for bar in &seconds.bars {
            let [open, high, low, close] =
                [bar.open(), bar.high(), bar.low(), bar.close()].map(|price| price.raw());
            let minute =
                folded.entry(bar.ts_open().0.div_euclid(MINUTE)).or_insert([open, high, low, close, 0]);
            let [_, highest, lowest, last, volume] = minute;
            (*highest, *lowest, *last) = ((*highest).max(high), (*lowest).min(low), close);
            *volume += bar.volume().raw();
        }
        let expected: BTreeMap<i64, [i64; 5]> = minutes
            .bars
            .iter()
            .map(|bar| {
                let prices = [bar.open(), bar.high(), bar.low(), bar.close()].map(|price| price.raw());
                let [open, high, low, close] = prices;
                (bar.ts_open().0.div_euclid(MINUTE), [open, high, low, close, bar.volume().raw()])
            })
            .collect();
        assert!(expected.len() > 1000);
        assert_eq!(folded, expected, "{day}");
    }
}
