//! Nanoseconds per event of the event exchange, over a made-up market of as many trades as book updates.
//!
//! `idle` has nothing at work: the book alone. `quoting` keeps a limit order on each side and a bracket. `taking` also
//! sends a market order every ten events.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use execution::{
    Account, Bracket, CancelModel, Decimal, EventCosts, EventExchange, EventOrder, Instrument, LatencyMs,
    Market, Money, OrderKind, Rate, TakerFills,
};
use feature_api::{AggressorSide, Grid, Level, Price, Qty, Trade, UnixNanos};
use market_data::{Delta, MarketEvent, Snapshot};

const EVENTS: u64 = 100_000;
const MID: i64 = 4_500_000;

fn market() -> Market {
    let decimal = |text| Decimal::parse(text).unwrap();
    let instrument = Instrument::new("BENCH", decimal("0.01"), decimal("0.001"), Money::ZERO).unwrap();
    Market::new(instrument, Grid::new(2, 3).unwrap()).unwrap()
}

fn costs() -> EventCosts {
    EventCosts {
        taker_fee: Rate::new("taker_fee", 0.0005).unwrap(),
        maker_fee: Rate::new("maker_fee", 0.0002).unwrap(),
        slippage_ticks: 0,
        latency: LatencyMs { order_ms: 5, cancel_ms: 5 },
        takers: TakerFills::Book,
        cancels: CancelModel::Behind,
    }
}

fn level(price: i64, quantity: i64) -> Level {
    Level { price: Price::from_raw(price).unwrap(), quantity: Qty::from_raw(quantity).unwrap() }
}

/// A book of 1,000 levels a side, then trades at the touch and deltas of two levels a side among the best 20.
fn events() -> Vec<MarketEvent> {
    let grid = market().grid();
    let mut random = 1_u64;
    let mut below = |most: i64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(random >> 33).unwrap() % most
    };
    let side = |sign: i64| (1..=1000).map(|rank| level(MID + sign * rank, 500)).collect();
    let (bids, asks) = (side(-1), side(1));
    let ts = UnixNanos(0);
    let mut events =
        vec![MarketEvent::Snapshot(Snapshot { grid, ts_event: ts, ts_recv: ts, update_id: 0, bids, asks })];
    for id in 1..EVENTS {
        let ts = UnixNanos(i64::try_from(id).unwrap() * 1_000_000);
        let is_buy = below(2) == 0;
        events.push(if id % 2 == 0 {
            MarketEvent::Trade(Trade {
                grid,
                ts_event: ts,
                ts_recv: ts,
                trade_id: id,
                price: Price::from_raw(if is_buy { MID + 1 } else { MID - 1 }).unwrap(),
                quantity: Qty::from_raw(1 + below(100)).unwrap(),
                aggressor: if is_buy { AggressorSide::Buy } else { AggressorSide::Sell },
            })
        } else {
            let bids = (0..2).map(|_| level(MID - 1 - below(20), 1 + below(1000))).collect();
            let asks = (0..2).map(|_| level(MID + 1 + below(20), below(1000))).collect();
            MarketEvent::Delta(Delta {
                grid,
                ts_event: ts,
                ts_recv: ts,
                first_update_id: id.saturating_sub(1),
                last_update_id: id,
                previous_update_id: None,
                bids,
                asks,
            })
        });
    }
    events
}

/// Runs all events; the number of fills. A limit order is kept on each side where `quotes`, and every `takes` events a
/// market order is sent.
fn run(events: &[MarketEvent], quotes: bool, takes: Option<u64>) -> usize {
    let mut exchange = EventExchange::new(market(), costs());
    let mut account = Account::new(Money::parse("1000000").unwrap()).unwrap();
    let (mut fills, mut trades, mut id, mut count) = (Vec::new(), Vec::new(), 0, 0);
    for (index, event) in (0_u64..).zip(events) {
        exchange.on_event(&event.view(), &mut account, &mut fills, &mut trades).unwrap();
        count += fills.len();
        fills.clear();
        trades.clear();
        let now = exchange.clock().unwrap();
        let mut send = |lots: i64, kind| {
            id += 1;
            let is_closing = lots * account.lots() < 0;
            let level = |steps| Some(Price::from_raw(MID + lots.signum() * steps).unwrap());
            let bracket = Bracket { stop: level(-50), take: level(3) };
            let bracket = if is_closing { Bracket::default() } else { bracket };
            let lots = if is_closing { lots.signum() * lots.abs().min(account.lots().abs()) } else { lots };
            exchange.submit(EventOrder { id, lots, kind, bracket, ts_sent: now }, &account).unwrap();
        };
        if takes.is_some_and(|every| index % every == 0) {
            send(if index % 20 == 0 { 5 } else { -5 }, OrderKind::Market);
        }
        if quotes && index % 10 == 0 {
            send(3, OrderKind::Limit { price: Price::from_raw(MID - 1).unwrap(), post_only: true });
            send(-3, OrderKind::Limit { price: Price::from_raw(MID + 1).unwrap(), post_only: true });
            exchange.cancel(id.saturating_sub(3), now);
            exchange.cancel(id.saturating_sub(2), now);
        }
    }
    count
}

fn bench(criterion: &mut Criterion) {
    let events = events();
    let mut group = criterion.benchmark_group("event_exchange");
    group.throughput(Throughput::Elements(EVENTS)).sample_size(20);
    for (name, quotes, takes) in [("idle", false, None), ("quoting", true, None), ("taking", true, Some(10))]
    {
        eprintln!("{name}: {} fills", run(&events, quotes, takes));
        group.bench_function(name, |bencher| bencher.iter(|| run(&events, quotes, takes)));
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
