//! An event exchange and an account side by side, and events for them.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each test file uses a part")]

use execution::{
    Account, Bracket, CancelModel, EventCosts, EventExchange, EventOrder, Fill, LatencyMs, OrderKind,
    TakerFills, Trade,
};
use feature_api::{AggressorSide, Grid, Level, Qty, UnixNanos};
use market_data::{Delta, MarketEvent, Snapshot};

use super::{market, money, price, rate};

/// A millisecond.
pub const MS: i64 = 1_000_000;

/// A level: price and quantity in steps of the grid.
pub type RawLevel = (i64, i64);

/// Fees of 0.1 % and 0.02 %, 10 ms to send and 5 ms to cancel.
pub fn costs() -> EventCosts {
    EventCosts {
        taker_fee: rate(0.001),
        maker_fee: rate(0.0002),
        slippage_ticks: 0,
        latency: LatencyMs { order_ms: 10, cancel_ms: 5 },
        takers: TakerFills::Book,
        cancels: CancelModel::Behind,
    }
}

/// No fees and no latency.
pub fn free_events() -> EventCosts {
    EventCosts { taker_fee: rate(0.0), maker_fee: rate(0.0), latency: LatencyMs::default(), ..costs() }
}

pub fn levels(raw: &[RawLevel]) -> Vec<Level> {
    let level = |(at, quantity): &(i64, i64)| Level {
        price: price(*at),
        quantity: Qty::from_raw(*quantity).unwrap(),
    };
    raw.iter().map(level).collect()
}

/// A snapshot at that nanosecond.
pub fn snapshot_on(grid: Grid, ts: i64, update_id: u64, bids: &[RawLevel], asks: &[RawLevel]) -> MarketEvent {
    let (ts_event, bids, asks) = (UnixNanos(ts), levels(bids), levels(asks));
    MarketEvent::Snapshot(Snapshot { grid, ts_event, ts_recv: ts_event, update_id, bids, asks })
}

/// A delta of one update at that nanosecond.
pub fn delta_on(grid: Grid, ts: i64, update_id: u64, bids: &[RawLevel], asks: &[RawLevel]) -> MarketEvent {
    let (ts_event, bids, asks) = (UnixNanos(ts), levels(bids), levels(asks));
    MarketEvent::Delta(Delta {
        grid,
        ts_event,
        ts_recv: ts_event,
        first_update_id: update_id,
        last_update_id: update_id,
        previous_update_id: None,
        bids,
        asks,
    })
}

/// A trade at that nanosecond.
pub fn trade_on(
    grid: Grid,
    ts: i64,
    trade_id: u64,
    at: i64,
    quantity: i64,
    aggressor: AggressorSide,
) -> MarketEvent {
    MarketEvent::Trade(feature_api::Trade {
        grid,
        ts_event: UnixNanos(ts),
        ts_recv: UnixNanos(ts),
        trade_id,
        price: price(at),
        quantity: Qty::from_raw(quantity).unwrap(),
        aggressor,
    })
}

/// An order of the strategy, sent at that millisecond.
pub fn event_order(id: u64, lots: i64, kind: OrderKind, ms: i64) -> EventOrder {
    EventOrder { id, lots, kind, bracket: Bracket::default(), ts_sent: UnixNanos(ms * MS) }
}

pub fn limit(at: i64) -> OrderKind {
    OrderKind::Limit { price: price(at), post_only: false }
}

pub fn post_only(at: i64) -> OrderKind {
    OrderKind::Limit { price: price(at), post_only: true }
}

/// A bracket; levels in steps of the grid.
pub fn bracket(stop: Option<i64>, take: Option<i64>) -> Bracket {
    Bracket { stop: stop.map(price), take: take.map(price) }
}

/// An event exchange and an account side by side. Trades and book updates are numbered as they come.
#[derive(Debug, Clone, PartialEq)]
pub struct EventDesk {
    pub exchange: EventExchange,
    pub account: Account,
    pub fills: Vec<Fill>,
    pub trades: Vec<Trade>,
    next: u64,
}

impl EventDesk {
    /// In the market of [`market`].
    pub fn new(costs: EventCosts) -> Self {
        Self {
            exchange: EventExchange::new(market(), costs),
            account: Account::new(money("1000")).unwrap(),
            fills: Vec::new(),
            trades: Vec::new(),
            next: 1,
        }
    }

    pub fn submit(&mut self, order: EventOrder) {
        self.exchange.submit(order, &self.account).unwrap();
    }

    /// What the event fills.
    pub fn take(&mut self, event: &MarketEvent) -> &[Fill] {
        let fills = self.fills.len();
        self.next += 1;
        self.exchange.on_event(&event.view(), &mut self.account, &mut self.fills, &mut self.trades).unwrap();
        &self.fills[fills..]
    }

    /// As [`take`](EventDesk::take): lots and price of each fill.
    pub fn brief(&mut self, event: &MarketEvent) -> Vec<(i64, i64)> {
        self.take(event).iter().map(|fill| (fill.lots, fill.price.raw())).collect()
    }

    pub fn snapshot(&mut self, ms: i64, bids: &[RawLevel], asks: &[RawLevel]) -> Vec<(i64, i64)> {
        self.brief(&snapshot_on(market().grid(), ms * MS, self.next, bids, asks))
    }

    /// A delta that follows the last book update, trades between them or not.
    pub fn delta(&mut self, ms: i64, bids: &[RawLevel], asks: &[RawLevel]) -> Vec<(i64, i64)> {
        let id = self.exchange.book().last_update_id() + 1;
        self.brief(&delta_on(market().grid(), ms * MS, id, bids, asks))
    }

    /// A delta before which one is missing.
    pub fn gap(&mut self, ms: i64) -> Vec<(i64, i64)> {
        let id = self.exchange.book().last_update_id() + 2;
        self.brief(&delta_on(market().grid(), ms * MS, id, &[], &[]))
    }

    pub fn buy(&mut self, ms: i64, at: i64, quantity: i64) -> Vec<(i64, i64)> {
        self.brief(&trade_on(market().grid(), ms * MS, self.next, at, quantity, AggressorSide::Buy))
    }

    pub fn sell(&mut self, ms: i64, at: i64, quantity: i64) -> Vec<(i64, i64)> {
        self.brief(&trade_on(market().grid(), ms * MS, self.next, at, quantity, AggressorSide::Sell))
    }

    pub fn clock(&mut self, ms: i64) -> Vec<(i64, i64)> {
        self.brief(&MarketEvent::Clock(UnixNanos(ms * MS)))
    }
}
