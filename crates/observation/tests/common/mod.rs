//! A market, its bars and its books.

#![allow(dead_code, clippy::unwrap_used, reason = "tests; each uses what it needs")]

pub mod desk;

use execution::{Account, Bracket, Decimal, Fill, FillKind, Instrument, Market, Money, Order, Working};
use feature_api::{Bar, BarFields, Grid, Price, Qty, UnixNanos};
use observation::{Limit, RiskLimits};

pub const MINUTE: i64 = 60_000_000_000;
pub const DAY: i64 = 1440 * MINUTE;
/// 2024-01-01 00:00:00 UTC.
pub const START: i64 = 1_704_067_200_000_000_000;

pub const UNLIMITED: RiskLimits = RiskLimits {
    max_position_notional: Limit::Unlimited,
    max_order_notional: Limit::Unlimited,
    max_leverage: Limit::Unlimited,
    max_drawdown: Limit::Unlimited,
    max_daily_loss: Limit::Unlimited,
    max_entries_per_day: Limit::Unlimited,
};

pub fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

pub fn price(raw: i64) -> Price {
    Price::from_raw(raw).unwrap()
}

/// Prices of 0.01, ticks of 0.05, lots of 0.01, orders of 10 and more.
pub fn market() -> Market {
    market_of("0.05", "0.01", "10")
}

pub fn market_of(tick: &str, lot: &str, min_notional: &str) -> Market {
    let decimal = |text| Decimal::parse(text).unwrap();
    let instrument = Instrument::new("TEST", decimal(tick), decimal(lot), money(min_notional)).unwrap();
    Market::new(instrument, Grid::new(2, 3).unwrap()).unwrap()
}

/// A minute that closes then at that price, in hundredths.
pub fn bar(ts_close: i64, close: i64) -> Bar {
    bar_of(ts_close, [close; 4], 1000)
}

/// A minute that closes then: open, high, low, close in hundredths, volume in thousandths.
pub fn bar_of(ts_close: i64, [open, high, low, close]: [i64; 4], volume: i64) -> Bar {
    Bar::new(BarFields {
        grid: Grid::new(2, 3).unwrap(),
        ts_open: UnixNanos(ts_close - MINUTE),
        ts_close: UnixNanos(ts_close),
        ts_available: UnixNanos(ts_close),
        open: price(open),
        high: price(high),
        low: price(low),
        close: price(close),
        volume: Qty::from_raw(volume).unwrap(),
        taker: None,
    })
    .unwrap()
}

/// Books that began with 10,000 and hold lots bought at a price in hundredths, without fees.
pub fn account(market: &Market, lots: i64, at: i64) -> Account {
    let mut account = Account::new(money("10000")).unwrap();
    trade(market, &mut account, lots, at);
    account
}

/// Books a fill of that many lots; none for 0.
pub fn trade(market: &Market, account: &mut Account, lots: i64, at: i64) {
    if lots == 0 {
        return;
    }
    let fill = Fill {
        order: 1,
        kind: FillKind::Market,
        ts: UnixNanos(START),
        lots,
        price: price(at),
        fee: Money::ZERO,
        spread: Money::ZERO,
        slippage: Money::ZERO,
    };
    account.apply(market, &fill).unwrap();
}

/// An order at work.
pub fn working(left: i64, is_closing: bool, latency_left: u32) -> Working {
    let order = Order { id: 1, lots: left, bracket: Bracket::default(), ts_sent: UnixNanos(0) };
    Working { order, left, is_closing, latency_left, bars_at_work: 0 }
}
