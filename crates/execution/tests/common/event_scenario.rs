//! Made-up markets of events: trades, books with gaps and crossings, orders and cancellations of every kind.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each test file uses a part")]

use execution::{
    Bracket, CancelModel, EventCosts, EventExchange, EventOrder, LatencyMs, Market, OrderKind, TakerFills,
};
use feature_api::{AggressorSide, UnixNanos};
use market_data::{MarketEvent, Quote, Snapshot};
use proptest::prelude::*;

use super::events::{MS, RawLevel, delta_on, snapshot_on, trade_on};
use super::scenario::{KINDS, Kind};
use super::{market_of, price, rate};

/// A made-up market and what is done in it. Prices are fifths of a tick about the first, quantities quarters of a lot.
#[derive(Debug, Clone)]
pub struct EventScenario {
    pub kind: Kind,
    pub costs: EventCosts,
    pub first: i64,
    /// All prices on the tick, and all quantities whole lots.
    pub is_whole: bool,
    pub steps: Vec<EventStep>,
}

/// An event, and what is done after it.
#[derive(Debug, Clone)]
pub struct EventStep {
    /// Milliseconds since the event before, and between the two clocks.
    pub ms: i64,
    pub delay_ms: i64,
    pub what: What,
    pub action: Action,
}

#[derive(Debug, Clone)]
pub enum What {
    Trade { at: i64, quantity: i64, is_buy: bool, id_back: u64, ms_back: i64 },
    Snapshot { at: i64, bids: Vec<i64>, asks: Vec<i64> },
    Delta { bids: Vec<RawLevel>, asks: Vec<RawLevel>, missing: u64 },
    Quote { at: i64, bid: i64, ask: i64 },
    Clock,
}

#[derive(Debug, Clone)]
pub enum Action {
    None,
    /// Lots; price and whether it is post-only, else a market order; stop and take away from the price.
    Submit {
        lots: i64,
        limit: Option<(i64, bool)>,
        stop: Option<i64>,
        take: Option<i64>,
    },
    /// The order that was sent so many orders ago.
    Cancel(u64),
}

/// Any scenario of up to that many events; with trades alone where takers are filled from trades.
pub fn event_scenario(events: usize) -> impl Strategy<Value = EventScenario> {
    let rates =
        [(); 2].map(|()| (0..20_000_000_u32).prop_map(|billionths| rate(f64::from(billionths) / 1e9)));
    let takers = prop_oneof![
        4 => Just(TakerFills::Book),
        1 => (0..20_000_000_u32).prop_map(|spread| TakerFills::Trades { spread: rate(f64::from(spread) / 1e9) }),
    ];
    let cancels = prop_oneof![Just(CancelModel::Behind), Just(CancelModel::Proportional)];
    let costs = (rates, prop_oneof![Just(0), 0..3_u32], 0..4_u32, 0..4_u32, takers, cancels).prop_map(
        |([taker_fee, maker_fee], slippage_ticks, order_ms, cancel_ms, takers, cancels)| EventCosts {
            taker_fee,
            maker_fee,
            slippage_ticks,
            latency: LatencyMs { order_ms, cancel_ms },
            takers,
            cancels,
        },
    );
    let first = prop_oneof![3 => 500..20_000_i64, 1 => -20_000..-500_i64, 1 => -200..200_i64];
    let kind = prop::sample::select(KINDS.as_slice());
    let steps = prop::collection::vec(step(), 1..=events);
    (kind, costs, first, prop::bool::weighted(0.7), steps).prop_map(
        |(kind, costs, first, is_whole, steps)| EventScenario { kind, costs, first, is_whole, steps },
    )
}

fn step() -> impl Strategy<Value = EventStep> {
    let quantity = || prop_oneof![0..60_i64, 0..12_i64];
    let at = || -14..14_i64;
    let levels = || prop::collection::vec((at(), quantity()), 0..3);
    let what = prop_oneof![
        5 => (at(), 1..80_i64, any::<bool>(), prop_oneof![9 => Just(0), 1 => 1..3_u64], prop_oneof![9 => Just(0), 1 => 1..9_i64])
            .prop_map(|(at, quantity, is_buy, id_back, ms_back)| What::Trade { at, quantity, is_buy, id_back, ms_back }),
        2 => (at(), prop::collection::vec(1..60_i64, 0..5), prop::collection::vec(1..60_i64, 0..5))
            .prop_map(|(at, bids, asks)| What::Snapshot { at, bids, asks }),
        4 => (levels(), levels(), prop_oneof![15 => Just(0), 1 => Just(1_u64)])
            .prop_map(|(bids, asks, missing)| What::Delta { bids, asks, missing }),
        1 => (at(), 1..60_i64, 1..60_i64).prop_map(|(at, bid, ask)| What::Quote { at, bid, ask }),
        1 => Just(What::Clock),
    ];
    let lots = prop_oneof![-12..0_i64, 1..=12_i64];
    let limit = prop::option::weighted(0.7, (at(), prop::bool::weighted(0.3)));
    let action = prop_oneof![
        4 => Just(Action::None),
        3 => (lots, limit, prop::option::of(0..40_i64), prop::option::of(0..40_i64))
            .prop_map(|(lots, limit, stop, take)| Action::Submit { lots, limit, stop, take }),
        1 => (0..4_u64).prop_map(Action::Cancel),
    ];
    (0..4_i64, prop_oneof![Just(0), 0..4_i64], what, action)
        .prop_map(|(ms, delay_ms, what, action)| EventStep { ms, delay_ms, what, action })
}

impl EventScenario {
    /// Its market, on a grid of more decimals.
    pub fn market(&self, finer: (u8, u8)) -> Market {
        let (tick, lot, price_scale, qty_scale, ..) = self.kind;
        market_of(tick, lot, price_scale + finer.0, qty_scale + finer.1)
    }

    /// A price in steps of the grid.
    fn price(&self, at: i64, finer: (u8, u8)) -> i64 {
        let (.., tick, _, _) = self.kind;
        let fifths = if self.is_whole { (self.first + at).div_euclid(5) * 5 } else { self.first + at };
        (fifths * tick).div_euclid(5) * 10_i64.pow(finer.0.into())
    }

    fn on_tick(&self, at: i64, finer: (u8, u8)) -> i64 {
        let (.., tick, _, _) = self.kind;
        (self.first + at).div_euclid(5) * tick * 10_i64.pow(finer.0.into())
    }

    fn quantity(&self, quarters: i64, finer: (u8, u8)) -> i64 {
        let (.., lot, _) = self.kind;
        let quarters = if self.is_whole { (quarters + 3) / 4 * 4 } else { quarters };
        quarters * lot / 4 * 10_i64.pow(finer.1.into())
    }

    /// Best first, each price once, none empty.
    fn side(&self, at: i64, quantities: &[i64], sign: i64, finer: (u8, u8)) -> Vec<RawLevel> {
        let mut levels: Vec<RawLevel> = Vec::new();
        for (rank, quarters) in (1..).zip(quantities) {
            let level = (self.price(at + sign * 5 * rank, finer), self.quantity(*quarters, finer));
            if level.1 > 0 && levels.last().is_none_or(|last| last.0 != level.0) {
                levels.push(level);
            }
        }
        levels
    }

    /// Its events, on a grid of more decimals.
    pub fn events(&self, finer: (u8, u8)) -> Vec<MarketEvent> {
        let grid = self.market(finer).grid();
        let has_book = self.costs.takers == TakerFills::Book;
        let (mut ts, mut trade_id, mut update_id) = (0, 10, 0);
        let mut events = Vec::new();
        for step in &self.steps {
            ts += step.ms * MS;
            let is_of_book = match step.what {
                What::Snapshot { .. } | What::Delta { .. } | What::Quote { .. } => true,
                What::Trade { .. } | What::Clock => false,
            };
            if is_of_book && !has_book {
                events.push(MarketEvent::Clock(UnixNanos(ts)));
                continue;
            }
            let event = match &step.what {
                What::Trade { at, quantity, is_buy, id_back, ms_back } => {
                    trade_id += 1;
                    let side = if *is_buy { AggressorSide::Buy } else { AggressorSide::Sell };
                    let (at, quantity) = (self.price(*at, finer), self.quantity(*quantity, finer));
                    trade_on(grid, ts - ms_back * MS, trade_id - id_back, at, quantity, side)
                }
                What::Clock => MarketEvent::Clock(UnixNanos(ts)),
                What::Snapshot { at, bids, asks } => {
                    update_id += 1;
                    let (bids, asks) = (self.side(*at, bids, -1, finer), self.side(*at, asks, 1, finer));
                    snapshot_on(grid, ts, update_id, &bids, &asks)
                }
                What::Delta { bids, asks, missing } => {
                    update_id += 1 + missing;
                    let side = |levels: &[RawLevel]| -> Vec<RawLevel> {
                        let level = |(at, quantity): &RawLevel| {
                            (self.price(*at, finer), self.quantity(*quantity, finer))
                        };
                        levels.iter().map(level).collect()
                    };
                    delta_on(grid, ts, update_id, &side(bids), &side(asks))
                }
                What::Quote { at, bid, ask } => {
                    update_id += 1;
                    let (bids, asks) =
                        (self.side(*at, &[*bid], -1, finer), self.side(*at, &[*ask], 1, finer));
                    snapshot_on(grid, ts, update_id, &bids, &asks)
                }
            };
            events.push(delayed(event, step.delay_ms * MS));
        }
        events
    }

    /// What is ordered after that event by one who holds so many lots; on a grid of more decimals. An order that closes
    /// is cut to the position and has no levels.
    pub fn order(&self, index: usize, now: UnixNanos, held: i64, finer: (u8, u8)) -> Option<EventOrder> {
        let Action::Submit { lots, limit, stop, take } = &self.steps[index].action else { return None };
        let level = |at: i64| price(self.on_tick(at, finer));
        let kind = limit
            .map_or(OrderKind::Market, |(at, post_only)| OrderKind::Limit { price: level(at), post_only });
        let id = index as u64 + 1;
        if held * lots < 0 {
            let lots = (*lots).clamp(-held.abs(), held.abs());
            return Some(EventOrder { id, lots, kind, bracket: Bracket::default(), ts_sent: now });
        }
        let (at, side) = (limit.map_or(0, |(at, _)| at), lots.signum());
        let bracket = Bracket {
            stop: stop.map(|stop| level(at - side * stop)),
            take: take.map(|take| level(at + side * take)),
        };
        Some(EventOrder { id, lots: *lots, kind, bracket, ts_sent: now })
    }

    /// Does what is to be done after that event: the order that was sent, and the id of the one that is being cancelled.
    pub fn act(
        &self,
        index: usize,
        exchange: &mut EventExchange,
        account: &execution::Account,
        finer: (u8, u8),
    ) -> (Option<EventOrder>, Option<u64>) {
        let Some(now) = exchange.clock() else { return (None, None) };
        if let Action::Cancel(back) = self.steps[index].action {
            let sent = (0..index).rev().filter(|at| matches!(self.steps[*at].action, Action::Submit { .. }));
            let id = sent.map(|at| at as u64 + 1).nth(back as usize);
            return (None, id.filter(|id| exchange.cancel(*id, now)));
        }
        let order = self.order(index, now, account.lots(), finer);
        if let Some(order) = order {
            exchange.submit(order, account).unwrap();
        }
        (order, None)
    }
}

/// Received so much later.
fn delayed(event: MarketEvent, delay: i64) -> MarketEvent {
    let later = |ts: UnixNanos| UnixNanos(ts.0 + delay);
    match event {
        MarketEvent::Trade(trade) => {
            MarketEvent::Trade(feature_api::Trade { ts_recv: later(trade.ts_event), ..trade })
        }
        MarketEvent::Quote(quote) => MarketEvent::Quote(Quote { ts_recv: later(quote.ts_event), ..quote }),
        MarketEvent::Snapshot(book) => {
            MarketEvent::Snapshot(Snapshot { ts_recv: later(book.ts_event), ..book })
        }
        MarketEvent::Delta(delta) => {
            MarketEvent::Delta(market_data::Delta { ts_recv: later(delta.ts_event), ..delta })
        }
        MarketEvent::Bar(_) | MarketEvent::Clock(_) => event,
    }
}
