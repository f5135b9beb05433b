//! What the tests of the exchange are made from.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(dead_code, reason = "each test file uses a part")]

pub mod event_scenario;
pub mod events;
pub mod ledger;
pub mod scenario;

use execution::{
    Account, Bracket, Costs, Decimal, Fill, Instrument, Market, Money, Order, PaperExchange, Rate, Trade,
};
use feature_api::{Bar, BarFields, Grid, Price, Qty, UnixNanos};

/// A minute.
pub const MINUTE: i64 = 60_000_000_000;

pub fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

pub fn rate(value: f64) -> Rate {
    Rate::new("a rate", value).unwrap()
}

pub fn price(raw: i64) -> Price {
    Price::from_raw(raw).unwrap()
}

/// Ticks of 0.05 and lots of 0.1, on a grid of 2 price and 1 quantity decimals: prices are cents, volumes are lots.
pub fn market() -> Market {
    market_of("0.05", "0.1", 2, 1)
}

pub fn market_of(tick: &str, lot: &str, price_scale: u8, qty_scale: u8) -> Market {
    let (tick, lot) = (Decimal::parse(tick).unwrap(), Decimal::parse(lot).unwrap());
    let instrument = Instrument::new("TEST", tick, lot, Money::ZERO).unwrap();
    Market::new(instrument, Grid::new(price_scale, qty_scale).unwrap()).unwrap()
}

/// No costs, no latency, no limit; an order that opens works for two bars.
pub fn free() -> Costs {
    Costs {
        taker_fee: Rate::default(),
        maker_fee: Rate::default(),
        spread: Rate::default(),
        slippage: Rate::default(),
        latency_bars: 0,
        max_volume_share: None,
        entry_order_bars: 2,
    }
}

/// The bar of that minute: open, high, low, close in steps of the grid, and volume.
pub fn bar_on(grid: Grid, minute: i64, [open, high, low, close]: [i64; 4], volume: i64) -> Bar {
    let ts_close = UnixNanos((minute + 1) * MINUTE);
    Bar::new(BarFields {
        grid,
        ts_open: UnixNanos(minute * MINUTE),
        ts_close,
        ts_available: ts_close,
        open: price(open),
        high: price(high),
        low: price(low),
        close: price(close),
        volume: Qty::from_raw(volume).unwrap(),
        taker: None,
    })
    .unwrap()
}

/// A market order; levels in steps of the grid.
pub fn order(id: u64, lots: i64, stop: Option<i64>, take: Option<i64>) -> Order {
    let bracket = Bracket { stop: stop.map(price), take: take.map(price) };
    Order { id, lots, bracket, ts_sent: UnixNanos(0) }
}

/// An exchange and an account side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Desk {
    pub exchange: PaperExchange,
    pub account: Account,
    pub fills: Vec<Fill>,
    pub trades: Vec<Trade>,
    minute: i64,
}

impl Desk {
    pub fn new(market: Market, costs: Costs) -> Self {
        Self {
            exchange: PaperExchange::new(market, costs, true).unwrap(),
            account: Account::new(money("1000")).unwrap(),
            fills: Vec::new(),
            trades: Vec::new(),
            minute: 0,
        }
    }

    pub fn submit(&mut self, order: Order) {
        self.exchange.submit(order, &self.account).unwrap();
    }

    /// Feeds the next minute: what was filled in it, and which trades that completed.
    pub fn step(&mut self, prices: [i64; 4], volume: i64) -> (&[Fill], &[Trade]) {
        let bar = bar_on(self.exchange.market().grid(), self.minute, prices, volume);
        self.minute += 1;
        let (fills, trades) = (self.fills.len(), self.trades.len());
        self.exchange.fill(&bar, &mut self.account, &mut self.fills, &mut self.trades).unwrap();
        (&self.fills[fills..], &self.trades[trades..])
    }
}
