//! The books close to the last unit, nothing is filled that was not traded or displayed, nothing before its time and
//! nothing before its turn: over made-up markets, recomputed from the events and the fills.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use common::event_scenario::{EventScenario, event_scenario};
use common::events::MS;
use common::ledger::{Ledger, check_books, check_trade, record, value};
use common::money;
use execution::{
    Account, CancelModel, EventCounters, EventExchange, EventOrder, Fill, FillKind, OrderKind, TakerFills,
};
use feature_api::{AggressorSide, Price, Trade};
use market_data::{MarketEvent, OrderBook};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

/// What was seen over many scenarios: a property of nothing proves nothing.
#[derive(Debug, Default)]
struct Seen {
    takers: u32,
    makers: u32,
    queued: u32,
    stops: u32,
    takes: u32,
    walks: u32,
    waited: u64,
    rejected: u64,
    cancelled: u32,
    crossed: u64,
    gaps: u64,
    from_trades: u32,
    trades: u32,
}

/// An order of the strategy, as the test follows it.
#[derive(Debug)]
struct Followed {
    order: EventOrder,
    sent_at: usize,
    /// No fill after the first event at or past this time and after the index.
    cancel: Option<(i64, usize)>,
    is_cancelled: bool,
    /// Quantity that traded at its price by aggressors of the other side, or beyond it, since it rests; and of that what
    /// it was filled with as a maker.
    traded: i128,
    made: i128,
    queue: Line,
}

/// A bound of what is in front of it.
#[derive(Debug, PartialEq)]
enum Line {
    NotResting,
    /// The queue was not known, or the bound does not hold any more.
    Unknown,
    /// The least that was displayed at its price since it rests; a trade at the price took this much.
    AtLeast {
        displayed: i128,
        traded: i128,
    },
}

/// The test's own view of the market.
struct Watch<'a> {
    scenario: &'a EventScenario,
    lot: i128,
    clock: i64,
    /// The venue's own clock: when the latest event happened.
    venue: i64,
    book: OrderBook,
    reach: [Option<Price>; 2],
    /// Lots taken of a level since it changed, and what it displays.
    taken: BTreeMap<(bool, Price), (i128, i64)>,
    followed: BTreeMap<u64, Followed>,
    stop_due: Option<i64>,
}

impl Watch<'_> {
    /// Follows a book update.
    fn show(&mut self, event: &MarketEvent) {
        let before = self.book.counters();
        self.book.apply(event).unwrap();
        let after = self.book.counters();
        if after.snapshots > before.snapshots
            && let feature_api::Event::BookSnapshot(snapshot) = event.view()
        {
            self.reach = [snapshot.bids, snapshot.asks].map(|side| side.last().map(|level| level.price));
        }
        if !self.book.is_usable() {
            return;
        }
        let book = &self.book;
        let at = |is_buy, price| book.quantity_at(side(is_buy), price).raw();
        self.taken.retain(|(is_bid, price), (_, displayed)| at(*is_bid, *price) == *displayed);
        for followed in self.followed.values_mut() {
            if let (Line::AtLeast { displayed, .. }, Some(price)) =
                (&mut followed.queue, limit_of(&followed.order))
            {
                *displayed = (*displayed).min(i128::from(at(followed.order.lots > 0, price)));
            }
        }
    }

    /// What is displayed where an order joins, where that is known.
    fn in_front(&self, is_buy: bool, price: Price) -> Option<i128> {
        let quantity = self.book.quantity_at(side(is_buy), price).raw();
        let is_better = if is_buy {
            self.book.best_bid().is_some_and(|best| price > best.price)
                || self.reach[0].is_some_and(|worst| price >= worst)
        } else {
            self.book.best_ask().is_some_and(|best| price < best.price)
                || self.reach[1].is_some_and(|worst| price <= worst)
        };
        (self.book.is_usable() && (quantity > 0 || is_better)).then_some(i128::from(quantity))
    }

    /// A trade reaches those that rest.
    fn trade(&mut self, trade: &Trade) {
        for followed in self.followed.values_mut() {
            let Some(price) = limit_of(&followed.order) else { continue };
            let is_buy = followed.order.lots > 0;
            let is_beyond = if is_buy { trade.price < price } else { trade.price > price };
            let is_at = trade.price == price && is_buy == (trade.aggressor == AggressorSide::Sell);
            let quantity = i128::from(trade.quantity.raw());
            if is_beyond || (is_at && followed.queue != Line::NotResting) {
                followed.traded += quantity;
            }
            if is_beyond && followed.queue != Line::NotResting {
                followed.queue = Line::Unknown;
            }
            if let (true, Line::AtLeast { traded, .. }) = (is_at, &mut followed.queue) {
                *traded += quantity;
            }
        }
    }
}

const fn side(is_buy: bool) -> AggressorSide {
    if is_buy { AggressorSide::Buy } else { AggressorSide::Sell }
}

const fn limit_of(order: &EventOrder) -> Option<Price> {
    match order.kind {
        OrderKind::Market => None,
        OrderKind::Limit { price, .. } => Some(price),
    }
}

/// The fee is the least of whole units that is no less than its share; the price is on the tick.
fn check_costs(scenario: &EventScenario, fill: &Fill, is_maker: bool) {
    let (.., tick, _, unit) = scenario.kind;
    assert_eq!(fill.price.raw() % tick, 0, "off the tick");
    let rate = if is_maker { scenario.costs.maker_fee } else { scenario.costs.taker_fee };
    let (fee, due) =
        (fill.fee.units() * 1_000_000_000, value(unit, fill).abs() * i128::from(rate.billionths()));
    assert!(fee >= due && fee < due + 1_000_000_000, "fee {fee} of {due}");
    assert!(fill.spread.units() >= 0 && fill.slippage.units() >= 0);
    assert!(!is_maker || (fill.spread.units(), fill.slippage.units()) == (0, 0));
}

/// What an event may fill, as far as the events tell; the first `makers` fills are of orders that rested.
fn check_fills(
    watch: &mut Watch<'_>,
    index: usize,
    event: &MarketEvent,
    fills: &[Fill],
    makers: usize,
    seen: &mut Seen,
) {
    let (scenario, lot) = (watch.scenario, watch.lot);
    let mut sum = 0;
    for (rank, fill) in fills.iter().enumerate() {
        let (is_maker, is_buy) = (rank < makers, fill.lots > 0);
        let quantity = i128::from(fill.lots.abs()) * lot;
        sum += quantity;
        assert_eq!(fill.ts.0, watch.clock);
        check_costs(scenario, fill, is_maker);
        match fill.kind {
            FillKind::Stop => {
                assert!(watch.stop_due.is_some_and(|due| watch.venue >= due), "a stop before its time");
                assert!(!is_maker);
                seen.stops += 1;
            }
            FillKind::Take => seen.takes += 1,
            FillKind::Market => {
                let followed = watch.followed.get_mut(&fill.order).unwrap();
                let latency = i64::from(scenario.costs.latency.order_ms) * MS;
                assert!(
                    watch.venue >= followed.order.ts_sent.0 + latency && index > followed.sent_at,
                    "too early"
                );
                assert!(!followed.is_cancelled, "filled after its cancellation");
                assert_eq!(is_buy, followed.order.lots > 0);
                if let Some(limit) = limit_of(&followed.order) {
                    assert!(
                        if is_buy { fill.price <= limit } else { fill.price >= limit },
                        "beyond its limit"
                    );
                    assert!(!is_maker || fill.price == limit);
                }
                if is_maker {
                    followed.made += quantity;
                    assert!(followed.made <= followed.traded, "more than was traded");
                    if let (Line::AtLeast { displayed, traded }, CancelModel::Behind) =
                        (&followed.queue, scenario.costs.cancels)
                    {
                        assert!(followed.made <= traded - displayed, "before its turn");
                        seen.queued += 1;
                    }
                }
            }
        }
        if is_maker {
            assert!(matches!(event, MarketEvent::Trade(_)), "a maker without a trade");
            seen.makers += 1;
            continue;
        }
        seen.takers += 1;
        if let TakerFills::Trades { .. } = scenario.costs.takers {
            let MarketEvent::Trade(trade) = event else { panic!("a taker without a trade") };
            assert!(if is_buy { fill.price >= trade.price } else { fill.price <= trade.price });
            seen.from_trades += 1;
            continue;
        }
        assert!(watch.book.is_usable());
        let touch = if is_buy { watch.book.best_ask() } else { watch.book.best_bid() }.unwrap().price;
        assert!(if is_buy { fill.price >= touch } else { fill.price <= touch }, "better than the best");
        seen.walks += u32::from(fill.price != touch && scenario.costs.slippage_ticks == 0);
        if scenario.costs.slippage_ticks == 0 && scenario.is_whole {
            // Its price is that of the level.
            let displayed = watch.book.quantity_at(side(!is_buy), fill.price).raw();
            let (taken, _) = watch.taken.entry((!is_buy, fill.price)).or_insert((0, displayed));
            *taken += quantity;
            assert!(*taken <= i128::from(displayed), "more than is displayed");
        }
    }
    if let MarketEvent::Trade(trade) = event {
        let from_trade = if scenario.costs.takers == TakerFills::Book {
            fills[..makers].iter().map(|fill| i128::from(fill.lots.abs()) * lot).sum()
        } else {
            sum
        };
        // Beside what reached an order before and was not a whole lot yet: less than one for each that is filled.
        let parts = if scenario.is_whole { 0 } else { lot * fills.len() as i128 };
        assert!(from_trade <= i128::from(trade.quantity.raw()) + parts, "more than the trade");
    }
}

/// Runs a scenario: after every fill the books are those of the ledger.
fn check(scenario: &EventScenario, seen: &mut Seen) {
    let (.., lot, unit) = scenario.kind;
    let market = scenario.market((0, 0));
    let mut exchange = EventExchange::new(market.clone(), scenario.costs);
    let mut account = Account::new(money("1000000")).unwrap();
    let (mut fills, mut trades, mut ledger) = (Vec::new(), Vec::new(), Ledger::default());
    let mut watch = Watch {
        scenario,
        lot: i128::from(lot),
        clock: i64::MIN,
        venue: i64::MIN,
        book: OrderBook::new(),
        reach: [None; 2],
        taken: BTreeMap::new(),
        followed: BTreeMap::new(),
        stop_due: None,
    };
    for (index, event) in scenario.events((0, 0)).iter().enumerate() {
        let before = exchange.counters();
        fills.clear();
        trades.clear();
        exchange.on_event(&event.view(), &mut account, &mut fills, &mut trades).unwrap();
        let after = exchange.counters();
        let makers = (after.maker_fills - before.maker_fills) as usize;
        assert_eq!(makers + (after.taker_fills - before.taker_fills) as usize, fills.len());
        let is_dropped = |counters: EventCounters| counters.duplicates + counters.late + counters.late_clocks;
        let is_taken = is_dropped(after) == is_dropped(before);
        assert!(is_taken || fills.is_empty());
        if is_taken {
            watch.clock = watch.clock.max(event.ts_recv().max(event.ts_event()).0);
            watch.venue = watch.venue.max(event.ts_event().0);
            if let MarketEvent::Trade(trade) = event {
                watch.trade(trade);
            }
            watch.show(event);
        }
        assert_eq!(
            (exchange.clock().map_or(i64::MIN, |clock| clock.0), exchange.book()),
            (watch.clock, &watch.book)
        );
        check_fills(&mut watch, index, event, &fills, makers, seen);
        let mut completed = trades.iter();
        for fill in &fills {
            if let Some(of_trade) = record(&mut ledger, unit, fill) {
                check_trade(&mut ledger, unit, &of_trade, completed.next().unwrap());
                seen.trades += 1;
            }
        }
        assert_eq!(completed.next(), None, "a trade without its fills");
        let mark = exchange.last_price().unwrap_or_default();
        check_books(&account, &ledger, &market, mark, unit);
        follow(&mut watch, is_taken.then_some(index), &exchange, account.lots());
        match scenario.act(index, &mut exchange, &account, (0, 0)) {
            (Some(order), _) => {
                let followed = Followed {
                    order,
                    sent_at: index,
                    cancel: None,
                    is_cancelled: false,
                    traded: 0,
                    made: 0,
                    queue: Line::NotResting,
                };
                watch.followed.insert(order.id, followed);
            }
            (None, Some(id)) => {
                let followed = watch.followed.get_mut(&id).unwrap();
                let latency = scenario.costs.latency;
                let arrival = followed.order.ts_sent.0 + i64::from(latency.order_ms) * MS;
                let due = (watch.clock + i64::from(latency.cancel_ms) * MS).max(arrival);
                followed.cancel = followed.cancel.or(Some((due, index)));
                seen.cancelled += 1;
            }
            (None, None) => {}
        }
    }
    let counters = exchange.counters();
    seen.waited += counters.waited;
    seen.rejected += counters.rejected;
    seen.gaps += exchange.book().counters().gaps;
    seen.crossed += exchange.book().counters().crossed;
}

/// What the exchange says is at work after an event; `taken` is the number of one that was taken.
fn follow(watch: &mut Watch<'_>, taken: Option<usize>, exchange: &EventExchange, held: i64) {
    let (clock, venue) = (watch.clock, watch.venue);
    for followed in watch.followed.values_mut() {
        let has_arrived = |(due, sent_at)| taken.is_some_and(|index| venue >= due && index > sent_at);
        followed.is_cancelled |= followed.cancel.is_some_and(has_arrived);
    }
    for working in exchange.working() {
        assert!(working.left() != 0 && (working.left() > 0) == (working.order().lots > 0));
        if working.is_closing() {
            assert!(
                working.left() * held < 0 && working.left().abs() <= held.abs(),
                "more than there is to close"
            );
        }
        if working.fill_kind() != FillKind::Market {
            continue;
        }
        let (is_buy, price) = (working.left() > 0, limit_of(working.order()));
        let is_new = working.is_resting() && watch.followed[&working.order().id].queue == Line::NotResting;
        if let (true, Some(price)) = (is_new, price) {
            let queue = match watch.in_front(is_buy, price) {
                // What it took or was filled with before it rested is not of this queue.
                Some(displayed) if watch.followed[&working.order().id].made == 0 => {
                    Line::AtLeast { displayed, traded: 0 }
                }
                Some(_) | None => Line::Unknown,
            };
            watch.followed.get_mut(&working.order().id).unwrap().queue = queue;
        }
    }
    watch.stop_due = match (exchange.is_stopping(), watch.stop_due) {
        (false, _) => None,
        (true, None) => Some(clock + i64::from(watch.scenario.costs.latency.order_ms) * MS),
        (true, due) => due,
    };
}

proptest! {
    #![proptest_config(Config::with_cases(2000))]

    #[test]
    fn nothing_is_filled_that_was_not_there(scenario in event_scenario(80)) {
        check(&scenario, &mut Seen::default());
    }

    /// The grid is a way of writing.
    #[test]
    fn the_same_market_on_a_finer_grid_gives_the_same_money(scenario in event_scenario(40), finer in (0..3_u8, 0..3_u8)) {
        let run = |finer: (u8, u8)| {
            let mut exchange = EventExchange::new(scenario.market(finer), scenario.costs);
            let mut account = Account::new(money("1000000")).unwrap();
            let (mut fills, mut trades) = (Vec::new(), Vec::new());
            for (index, event) in scenario.events(finer).iter().enumerate() {
                exchange.on_event(&event.view(), &mut account, &mut fills, &mut trades).unwrap();
                scenario.act(index, &mut exchange, &account, finer);
            }
            let steps = 10_i64.pow(finer.0.into());
            let fills: Vec<_> = fills
                .iter()
                .map(|fill| (fill.order, fill.kind, fill.ts, fill.lots, fill.price.raw() / steps, fill.fee, fill.spread, fill.slippage))
                .collect();
            (fills, account, exchange.counters())
        };
        prop_assert_eq!(run(finer), run((0, 0)));
    }
}

#[test]
fn made_up_markets_have_every_kind_of_fill() {
    let mut runner = TestRunner::deterministic();
    let mut seen = Seen::default();
    for _ in 0..300 {
        check(&event_scenario(80).new_tree(&mut runner).unwrap().current(), &mut seen);
    }
    let Seen { takers, makers, queued, stops, takes, walks, cancelled, from_trades, trades, .. } = seen;
    let counts = [takers, makers, queued, stops, takes, walks, cancelled, from_trades, trades];
    assert!(counts.iter().all(|count| *count >= 20), "{seen:?}");
    assert!(
        [seen.waited, seen.rejected, seen.crossed, seen.gaps].iter().all(|count| *count >= 20),
        "{seen:?}"
    );
}
