//! The bars of every clock are those of the trades themselves, bit for bit, whichever finer bars they were made of.

use feature_api::{FeatureSet as _, Trade};
use features_v2::bars::{BarSums, Statistics};

use crate::reference::{PREFIXES, RefBar, bars_of, fresh, newest, rows_of};
use crate::trades::{Sizes, captures, walk};

/// What a bar of these trades says by itself.
fn of_trades(sums: &BarSums, steps: [f64; 2]) -> [(&'static str, f64); 9] {
    let of = Statistics::of(sums);
    [
        ("volume_log", libm::log1p(sums.volume as f64 / steps[0])),
        ("dollar_volume_log", libm::log1p(sums.dollar as f64 / steps[1])),
        ("trade_imbalance", of.trade_imbalance),
        ("tick_volatility", of.tick_volatility),
        ("taker_ratio", of.taker_ratio),
        ("tick_skew", of.tick_skew),
        ("tick_kurtosis", of.tick_kurtosis),
        ("price_changes", of.price_changes),
        ("direction_changes", of.direction_changes),
    ]
}

/// Holds every bar that some row saw to the bar of its trades; how many bars of each clock there were.
fn rolls_up(what: &str, trades: &[Trade], sizes: &Sizes) -> [usize; 6] {
    let bars = bars_of(trades, sizes);
    let mut set = fresh(sizes);
    let rows = rows_of(&mut set, trades);
    let grid = trades[0].grid;
    let power = |digits: u8| 10_u64.pow(u32::from(digits)) as f64;
    let steps = [power(grid.qty_scale()), power(grid.price_scale() + grid.qty_scale())];
    let mut seen = [0; 6];
    for (clock, prefix) in PREFIXES.into_iter().enumerate() {
        let index_of = |name: &str| set.schema().index_of(&format!("{prefix}{name}")).unwrap();
        let mut last: Option<&RefBar> = None;
        for (row, short) in bars[0].iter().enumerate() {
            let Some(bar) = newest(&bars[clock], short.closed_by).map(|bar| &bars[clock][bar]) else {
                continue;
            };
            if last.replace(bar) == Some(bar) {
                continue;
            }
            seen[clock] += 1;
            let sums = bar.sums(trades);
            for (name, expected) in of_trades(&sums, steps) {
                let found = rows.get(row, index_of(name));
                assert_eq!(
                    found.map(f64::to_bits),
                    Some((expected + 0.0).to_bits()),
                    "{what}, row {row}, {prefix}{name}: {found:?}, of its trades {expected:?}"
                );
            }
        }
    }
    seen
}

#[test]
fn coarse_bars_are_the_bars_of_their_trades() {
    let trades = walk(40_000, 6, 11);
    let seen = rolls_up("generated trades", &trades, &Sizes::of(200_000));
    assert!(seen[0] > 2_000 && seen[2] > 10 && seen[3] > 1_000 && seen[5] > 30, "{seen:?}");
}

#[test]
fn on_recorded_trades_too() {
    for (name, trades) in captures() {
        let seen = rolls_up(name, &trades, &Sizes::small());
        assert!(seen[0] > 30 && seen[2] > 1 && seen[3] > 50 && seen[5] > 5, "{name}: {seen:?}");
    }
}
