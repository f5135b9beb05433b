//! Runs by hand.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking; not every test uses each"
)]

use backtest::{Point, Run};
use execution::{Decimal, ExitReason, Fill, FillKind, Instrument, Market, Money, Trade};
use feature_api::{Grid, Price, Side, UnixNanos};

pub const DAY: i64 = 86_400_000_000_000;

/// A market whose tick, step of price and lot are 1: lots × price is money.
pub fn market() -> Market {
    let one = Decimal::parse("1").unwrap();
    let instrument = Instrument::new("TEST", one, one, Money::ZERO).unwrap();
    Market::new(instrument, Grid::new(0, 0).unwrap()).unwrap()
}

/// So many units of the currency.
pub fn money(whole: i64) -> Money {
    Money::from_units(i128::from(whole) * 1_000_000_000_000_000_000)
}

pub fn price(raw: i64) -> Price {
    Price::from_raw(raw).unwrap()
}

/// A run of daily bars with these equities in units of the currency and these closes, and nothing else.
pub fn run_of(start: i64, equity: &[i64], closes: &[i64]) -> Run {
    let point = |((equity, close), day): ((&i64, &i64), i64)| Point {
        ts_close: UnixNanos(day * DAY),
        close: price(*close),
        lots: 0,
        equity: money(*equity),
        prediction: None,
        reward: 0.0,
    };
    assert_eq!(equity.len(), closes.len());
    let points = equity.iter().zip(closes).zip(1..).map(point).collect();
    Run { market: market(), start: money(start), points, fills: vec![], trades: vec![], fees: Money::ZERO }
}

/// A run of daily bars with these equities, over a price that stands still.
pub fn of_equity(equity: &[i64]) -> Run {
    run_of(equity[0], equity, &vec![100; equity.len()])
}

/// A round trip with that entry value, profit before fees and fees.
pub fn trade(side: Side, entry_value: i64, gross: i64, fees: i64, bars_held: u32) -> Trade {
    Trade {
        side,
        ts_entry: UnixNanos(0),
        ts_exit: UnixNanos(DAY),
        lots: 1,
        entry_price: price(entry_value),
        exit_price: price(entry_value),
        entry_value: money(entry_value),
        gross: money(gross),
        fees: money(fees),
        spread: Money::ZERO,
        slippage: Money::ZERO,
        bars_held,
        exit: ExitReason::Signal,
    }
}

pub fn fill(lots: i64, at: i64, fee: i64, spread: i64, slippage: i64) -> Fill {
    Fill {
        order: 1,
        kind: FillKind::Market,
        ts: UnixNanos(0),
        lots,
        price: price(at),
        fee: money(fee),
        spread: money(spread),
        slippage: money(slippage),
    }
}
