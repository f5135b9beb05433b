//! The reference files: book features of ten levels, computed with pandas.

use std::path::Path;

use feature_api::{Event, Grid, Operator as _, UnixNanos};
use features_v2::market::RawLevel;
use features_v2::operators::{BidAsk, OrderFlow};
use market_data::decimal_text;
use testkit::data::{Table, data_dir};

use crate::support::{MILLI, Run, levels, snapshot, trade};

/// A decimal number on a grid of `scale` decimals; digits beyond it must be zeros.
fn raw(text: &str, scale: usize) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (kept, rest) = fraction.split_at(fraction.len().min(scale));
    assert!(rest.bytes().all(|digit| digit == b'0'), "{text}");
    format!("{whole}{kept:0<scale$}").parse().unwrap()
}

/// Of a row of the file: raw levels, best first.
fn side(table: &Table, name: &str, price: usize, quantity: usize) -> Vec<Vec<(i64, i64)>> {
    let column = |rank: usize, what: &str, scale| -> Vec<i64> {
        table.text(&format!("{name}[{rank}].{what}")).iter().map(|text| raw(text, scale)).collect()
    };
    let ranks: Vec<_> =
        (0..10).map(|rank| (column(rank, "price", price), column(rank, "amount", quantity))).collect();
    (0..table.len())
        .map(|row| ranks.iter().map(|(price, quantity)| (price[row], quantity[row])).collect())
        .collect()
}

/// Tolerances: the reference divides sums of up to twenty floats, each off by 2^-53 of itself, so an imbalance is off by
/// 10^-14 at most. Its mid, spread and microprice are floats of 60,000, off by some 10^-11, which is 10^-12 in basis
/// points. Its increments are sums of four floats below 10^4, off by 10^-11.
fn holds(folder: &Path, file: &str, grid: Grid) {
    let (price, quantity) = (usize::from(grid.price_scale()), usize::from(grid.qty_scale()));
    let rows = Table::read(&folder.join("binance-l2-top10").join(format!("{file}.csv.gz")));
    let expected =
        Table::read(&folder.join("ref-microstructure").join(format!("{file}_book_features.csv.gz")));
    assert_eq!(rows.text("last_update_id"), expected.text("last_update_id"));
    let (bids, asks) = (side(&rows, "bids", price, quantity), side(&rows, "asks", price, quantity));
    let columns =
        ["obi_1", "obi_5", "obi_10", "mid", "spread", "microprice"].map(|name| expected.numbers(name));
    let ofi = expected.floats("ofi_1");
    // A bar of one trade each, so that there is a row after every book.
    let mut run = Run::new(&[("bar_kind", 2), ("bar_size", 1)]);
    let mut increments = OrderFlow::new();
    let mut total = 0.0_f64;
    for row in 0..rows.len() {
        let (bids, asks) = (&bids[row], &asks[row]);
        let [bid_levels, ask_levels] = [bids, asks].map(|side| levels(side));
        let book = feature_api::BookSnapshot { grid, ..snapshot(row as u64, &bid_levels, &ask_levels) };
        assert!(!run.take(Event::BookSnapshot(book)));
        let mut print = trade(row as i64, row as u64, bids[0].0, 1, feature_api::AggressorSide::Buy);
        print.grid = grid;
        print.ts_event = UnixNanos(row as i64 * MILLI);
        assert!(run.take(Event::Trade(&print)));
        let near = |name: &str, expected: f64, tolerance: f64| {
            let found = run.get(name).unwrap_or_else(|| panic!("{file} row {row}: no {name}"));
            assert!(
                (found - expected).abs() <= tolerance,
                "{file} row {row} {name}: {found}, expected {expected}"
            );
        };
        let [obi_1, obi_5, obi_10, mid, spread, microprice] = columns.each_ref().map(|column| column[row]);
        near("book_imbalance_1", obi_1, 1e-13);
        near("book_imbalance_5", obi_5, 1e-13);
        near("book_imbalance_10", obi_10, 1e-13);
        near("spread_bps", 10_000.0 * spread / mid, 1e-11);
        near("microprice_offset_bps", 10_000.0 * (microprice / mid - 1.0), 1e-11);
        // The reference has the increment to every row from the one before; a row of the set holds one increment.
        let level = |(price, quantity): (i64, i64)| RawLevel { price, quantity };
        let increment = increments.update(BidAsk { bid: level(bids[0]), ask: level(asks[0]) });
        assert_eq!(increment.is_some(), ofi[row].is_some(), "{file} row {row}");
        assert_eq!(run.get("ofi_1").is_some(), row > 0, "{file} row {row}");
        if let (Some(increment), Some(ofi)) = (increment, ofi[row]) {
            near("ofi_1", ofi, 1e-10);
            let increment: f64 = decimal_text(increment, grid.qty_scale()).parse().unwrap();
            assert_eq!(run.get("ofi_1"), Some(increment), "{file} row {row}");
            total += ofi.abs();
        }
    }
    assert!(rows.len() > 2_000 && total > 100.0, "{file}: {total}");
}

#[test]
fn book_features_are_those_of_the_reference_files() {
    let Some(folder) = data_dir("book features against the reference files") else { return };
    holds(&folder, "spot_btcusdt_20240808", Grid::new(2, 5).unwrap());
    holds(&folder, "usdm_btcusdt_20240808", Grid::new(1, 3).unwrap());
}
