//! The rules of the event exchange, one by one. Prices are cents, ticks 5 cents, lots 0.1; fills are lots and price.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::inconsistent_digit_grouping, reason = "prices in cents: 100_05 is 100.05")]

mod common;

use common::events::{
    EventDesk, MS, bracket, costs, delta_on, event_order, free_events, limit, post_only, snapshot_on,
    trade_on,
};
use common::{bar_on, market, rate};
use execution::{
    CancelModel, EventCosts, EventOrder, ExecutionError, FillKind, LatencyMs, OrderKind, TakerFills,
};
use feature_api::{AggressorSide, Event, Grid, UnixNanos};
use market_data::{MarketEvent, OrderBook};

const BIDS: [(i64, i64); 2] = [(100_00, 10), (99_95, 20)];
const ASKS: [(i64, i64); 2] = [(100_10, 10), (100_15, 20)];
const NONE: [(i64, i64); 0] = [];

/// A desk without fees and latency that has seen a book of [`BIDS`] and [`ASKS`].
fn desk() -> EventDesk {
    desk_with(free_events())
}

fn desk_with(costs: EventCosts) -> EventDesk {
    let mut desk = EventDesk::new(costs);
    assert_eq!(desk.snapshot(0, &BIDS, &ASKS), NONE);
    desk
}

/// A limit order that rests since 1 ms.
fn resting(costs: EventCosts, lots: i64, at: i64) -> EventDesk {
    let mut desk = desk_with(costs);
    desk.submit(event_order(1, lots, limit(at), 0));
    assert_eq!(desk.clock(1), NONE);
    assert!(desk.exchange.working()[0].is_resting());
    desk
}

#[test]
fn a_decision_acts_at_the_next_event_at_the_earliest() {
    let mut desk = desk();
    desk.submit(event_order(1, 2, OrderKind::Market, 0));
    assert_eq!(desk.fills, []);
    // At the same time, but the next event.
    assert_eq!(desk.clock(0), [(2, 100_10)]);
}

#[test]
fn an_order_acts_once_the_venue_has_come_to_its_arrival_and_on_what_was_left() {
    let mut desk =
        desk_with(EventCosts { latency: LatencyMs { order_ms: 3, cancel_ms: 0 }, ..free_events() });
    desk.submit(event_order(1, 2, OrderKind::Market, 0));
    assert_eq!(desk.clock(2), NONE);
    // Known now, but it happened before the order was there.
    let mut late = delta_on(market().grid(), 0, 2, &[], &[(100_10, 1)]);
    if let MarketEvent::Delta(delta) = &mut late {
        (delta.ts_recv, delta.first_update_id, delta.last_update_id) = (UnixNanos(3 * MS), 1, 50);
    }
    assert_eq!(desk.brief(&late), NONE);
    assert_eq!(desk.clock(3), [(1, 100_10), (1, 100_15)]);
}

#[test]
fn what_was_taken_stays_taken_until_the_level_changes() {
    let mut desk = desk();
    desk.submit(event_order(1, 7, OrderKind::Market, 0));
    assert_eq!(desk.clock(1), [(7, 100_10)]);
    desk.submit(event_order(2, 7, OrderKind::Market, 1));
    assert_eq!(desk.clock(2), [(3, 100_10), (4, 100_15)]);
    // Deltas of other levels, and a snapshot that shows what was shown: nothing new.
    assert_eq!(desk.delta(3, &[(99_90, 1)], &[(100_25, 1)]), NONE);
    assert_eq!(desk.snapshot(4, &BIDS, &ASKS), NONE);
    desk.submit(event_order(3, 18, OrderKind::Market, 4));
    assert_eq!(desk.clock(5), [(16, 100_15)]);
    assert_eq!(desk.exchange.working()[0].left(), 2);
    // The level shows another quantity: all of it is new.
    assert_eq!(desk.delta(6, &[], &[(100_10, 11)]), [(2, 100_10)]);
    assert_eq!(desk.account.lots(), 32);
}

#[test]
fn a_limit_takes_up_to_its_price_and_rests_with_the_rest() {
    let mut desk = desk_with(EventCosts { slippage_ticks: 3, ..free_events() });
    desk.submit(event_order(1, 15, limit(100_10), 0));
    // The slippage would go beyond the limit.
    assert_eq!(desk.clock(1), [(10, 100_10)]);
    assert!(desk.exchange.working()[0].is_resting());
    // Nobody is in front at a price better than the best bid. Buyers' trades fill sellers.
    assert_eq!(desk.buy(2, 100_10, 9), NONE);
    assert_eq!(desk.sell(3, 100_10, 3), [(3, 100_10)]);
    assert_eq!(desk.sell(4, 100_10, 3), [(2, 100_10)]);
    let fees = desk.exchange.counters();
    assert_eq!((fees.taker_fills, fees.maker_fills), (1, 2));
}

#[test]
fn post_only_orders_are_rejected_where_they_would_take() {
    let mut desk = desk();
    desk.submit(event_order(1, 5, post_only(100_10), 0));
    desk.submit(event_order(2, 5, post_only(100_05), 0));
    assert_eq!(desk.clock(1), NONE);
    assert_eq!(desk.exchange.counters().rejected, 1);
    let left: Vec<_> = desk.exchange.working().iter().map(|order| order.order().id).collect();
    assert_eq!(left, [2]);
    assert_eq!(desk.sell(2, 100_05, 5), [(5, 100_05)]);
}

#[test]
fn trades_eat_the_queue_before_they_fill() {
    let mut desk = resting(free_events(), 5, 100_00);
    // 10 are in front. A buyer's trade is not of this queue.
    assert_eq!(desk.sell(2, 100_00, 4), NONE);
    assert_eq!(desk.buy(3, 100_00, 90), NONE);
    assert_eq!(desk.sell(4, 100_00, 6), NONE);
    assert_eq!(desk.sell(5, 100_00, 2), [(2, 100_00)]);
    assert_eq!(desk.sell(6, 100_00, 9), [(3, 100_00)]);
    assert!(desk.exchange.working().is_empty());
}

#[test]
fn a_trade_beyond_the_price_fills_up_to_its_size() {
    let mut desk = resting(free_events(), 5, 100_00);
    // Whoever the aggressor: it was cheaper than what we bid.
    assert_eq!(desk.buy(2, 99_95, 2), [(2, 100_00)]);
    // And nobody is in front any more.
    assert_eq!(desk.sell(3, 100_00, 1), [(1, 100_00)]);
    assert_eq!(desk.sell(4, 99_00, 7), [(2, 100_00)]);
}

#[test]
fn a_trade_is_shared_best_price_first_then_first_come() {
    let mut desk = desk();
    desk.submit(event_order(1, 2, limit(99_95), 0));
    desk.submit(event_order(2, 3, limit(100_05), 0));
    desk.submit(event_order(3, 4, limit(100_05), 0));
    assert_eq!(desk.clock(1), NONE);
    assert_eq!(desk.sell(2, 100_05, 5), [(3, 100_05), (2, 100_05)]);
    // 2 are left of order 3; of 23 at 99.95, 21 come to a queue of 20.
    assert_eq!(desk.sell(3, 99_95, 23), [(2, 100_05), (1, 99_95)]);
    let orders: Vec<_> = desk.fills.iter().map(|fill| fill.order).collect();
    assert_eq!(orders, [2, 3, 3, 1]);
}

#[test]
fn a_book_that_moves_beyond_the_price_fills_nothing() {
    let mut desk = resting(free_events(), 5, 100_00);
    assert_eq!(desk.snapshot(2, &[(99_00, 3)], &[(99_50, 3)]), NONE);
    // It is alone at its price.
    assert_eq!(desk.sell(3, 100_00, 1), [(1, 100_00)]);
    assert_eq!(desk.buy(4, 99_50, 3), [(3, 100_00)]);
}

#[test]
fn cancels_are_behind_or_everywhere() {
    let run = |cancels, steps: &[(i64, i64)]| {
        let mut desk = resting(EventCosts { cancels, ..free_events() }, 9, 100_00);
        let mut filled = 0;
        for (ms, (displayed, traded)) in steps.iter().enumerate() {
            let ms = 2 * ms as i64 + 2;
            if *traded > 0 {
                filled += desk.sell(ms, 100_00, *traded).iter().map(|(lots, _)| lots).sum::<i64>();
            }
            assert_eq!(desk.delta(ms + 1, &[(100_00, *displayed)], &[]), NONE);
        }
        filled
    };
    use CancelModel::{Behind, Proportional};
    // 10 in front, 10 come behind; 8 of 20 are cancelled: none in front, or 4 of them. 7 trade.
    let steps = [(20, 0), (12, 0), (5, 7), (4, 1)];
    assert_eq!((run(Behind, &steps), run(Proportional, &steps)), (0, 2));
    // 4 traded of the 20, 16 are left, of which 6 are in front; of the other 8 that are gone, 3 are.
    let steps = [(20, 0), (8, 4), (4, 4)];
    assert_eq!((run(Behind, &steps), run(Proportional, &steps)), (0, 1));
    // No more are in front than are displayed.
    let steps = [(3, 0), (1, 2), (0, 2)];
    assert_eq!((run(Behind, &steps), run(Proportional, &steps)), (1, 1));
    // What trades and is shown is no cancellation.
    let steps = [(20, 0), (15, 5), (10, 5), (9, 1)];
    assert_eq!((run(Behind, &steps), run(Proportional, &steps)), (1, 1));
}

#[test]
fn a_trade_and_the_update_that_shows_it_count_once_in_either_order() {
    for cancels in [CancelModel::Behind, CancelModel::Proportional] {
        let costs = EventCosts { cancels, ..free_events() };
        // The update first: 4 of the 10 are gone, then the trade of the same time tells how.
        let mut desk = resting(costs, 5, 100_00);
        assert_eq!(desk.delta(2, &[(100_00, 6)], &[]), NONE);
        assert_eq!(desk.sell(2, 100_00, 4), NONE);
        assert_eq!(desk.sell(3, 100_00, 6), NONE);
        assert_eq!(desk.sell(4, 100_00, 1), [(1, 100_00)]);
        // A trade that happened after the update is another one: 6 are in front, and 1 is left of it.
        let mut desk = resting(costs, 5, 100_00);
        assert_eq!(desk.delta(2, &[(100_00, 6)], &[]), NONE);
        assert_eq!(desk.sell(3, 100_00, 7), [(1, 100_00)]);
        // The trade first.
        let mut desk = resting(costs, 5, 100_00);
        assert_eq!(desk.sell(2, 100_00, 4), NONE);
        assert_eq!(desk.delta(2, &[(100_00, 6)], &[]), NONE);
        assert_eq!(desk.sell(3, 100_00, 7), [(1, 100_00)]);
    }
}

#[test]
fn a_queue_that_is_not_known_is_joined_once_it_is_shown() {
    let mut desk = resting(free_events(), 5, 99_90);
    // Beyond the levels known: no trade at the price fills.
    assert_eq!(desk.sell(2, 99_90, 50), NONE);
    // One beyond it does.
    assert_eq!(desk.sell(3, 99_85, 1), [(1, 99_90)]);
    // A delta names the level, and all of it is in front.
    assert_eq!(desk.delta(4, &[(99_90, 7)], &[]), NONE);
    assert_eq!(desk.sell(5, 99_90, 8), [(1, 99_90)]);
    // As does a snapshot that reaches there. Without the level, nobody is in front.
    let mut desk = resting(free_events(), 5, 99_90);
    assert_eq!(desk.snapshot(2, &[(100_00, 1), (99_85, 1)], &ASKS), NONE);
    assert_eq!(desk.sell(3, 99_90, 1), [(1, 99_90)]);
    // A snapshot that does not reach so far leaves a place that is known.
    assert_eq!(desk.snapshot(4, &[(100_00, 1)], &ASKS), NONE);
    assert_eq!(desk.sell(5, 99_90, 1), [(1, 99_90)]);
}

#[test]
fn in_a_gap_takers_wait_and_trades_fill_makers() {
    let mut desk = resting(free_events(), 5, 100_00);
    assert_eq!(desk.gap(2), NONE);
    assert!(!desk.exchange.book().is_usable());
    desk.submit(event_order(2, 2, OrderKind::Market, 2));
    desk.submit(event_order(3, 2, limit(99_00), 2));
    desk.submit(event_order(4, 2, post_only(100_20), 2));
    assert_eq!(desk.clock(3), NONE);
    assert_eq!(desk.exchange.counters().waited, 3);
    // 10 were in front and still are. Orders that wait to be placed fill by trades beyond their price alone.
    assert_eq!(desk.sell(4, 100_00, 13), [(2, 100_20), (1, 100_00)]);
    assert_eq!(desk.sell(5, 98_00, 5), [(4, 100_00), (1, 99_00)]);
    assert_eq!(desk.sell(6, 98_95, 5), [(1, 99_00)]);
    assert_eq!(desk.snapshot(7, &BIDS, &ASKS), [(2, 100_10)]);
    assert!(desk.exchange.working().is_empty());
}

#[test]
fn a_crossed_book_is_not_used() {
    let mut desk = desk();
    desk.submit(event_order(1, 2, OrderKind::Market, 0));
    assert_eq!(desk.delta(1, &[(100_10, 1)], &[]), NONE);
    assert_eq!(desk.snapshot(2, &[(100_00, 1)], &[(99_00, 5)]), NONE);
    assert_eq!(desk.exchange.book().counters().crossed, 2);
    assert_eq!(desk.snapshot(3, &[], &[(99_00, 5)]), [(2, 99_00)]);
    // One side is missing: there is no spread to have paid.
    assert_eq!(desk.fills[0].spread.to_string(), "0");
}

#[test]
fn a_cancellation_has_its_latency_and_never_overtakes_its_order() {
    let costs = EventCosts { latency: LatencyMs { order_ms: 10, cancel_ms: 2 }, ..free_events() };
    let mut desk = desk_with(costs);
    desk.submit(event_order(1, 15, limit(100_10), 0));
    assert!(desk.exchange.cancel(1, UnixNanos(0)));
    assert!(!desk.exchange.cancel(2, UnixNanos(0)));
    assert_eq!(desk.clock(9), NONE);
    assert!(desk.exchange.working()[0].is_cancelling());
    // It takes what is there; the rest is cancelled.
    assert_eq!(desk.clock(10), [(10, 100_10)]);
    assert!(desk.exchange.working().is_empty());
    assert!(!desk.exchange.cancel(1, UnixNanos(10 * MS)));

    let mut desk = desk_with(costs);
    desk.submit(event_order(1, 5, limit(100_05), 0));
    assert_eq!(desk.clock(10), NONE);
    assert!(desk.exchange.cancel(1, UnixNanos(10 * MS)));
    // A second one does not put it off.
    assert!(desk.exchange.cancel(1, UnixNanos(50 * MS)));
    assert_eq!(desk.sell(11, 100_05, 1), [(1, 100_05)]);
    // The trade with which it arrives comes first.
    assert_eq!(desk.sell(12, 100_05, 1), [(1, 100_05)]);
    assert!(desk.exchange.working().is_empty());
    // With nothing in between, on the very next event.
    let mut desk = resting(free_events(), 5, 100_05);
    assert!(desk.exchange.cancel(1, UnixNanos(MS)));
    assert_eq!(desk.clock(1), NONE);
    assert!(desk.exchange.working().is_empty());
}

#[test]
fn an_order_never_crosses_zero() {
    let mut desk = desk();
    // Quotes on both sides, while flat: whichever comes second closes at most.
    desk.submit(event_order(1, 5, limit(100_05), 0));
    desk.submit(event_order(2, -9, limit(100_10), 0));
    assert_eq!(desk.clock(1), NONE);
    assert_eq!(desk.sell(2, 100_05, 5), [(5, 100_05)]);
    assert_eq!(desk.buy(3, 100_15, 50), [(-5, 100_10)]);
    assert!(desk.exchange.working().is_empty());
    assert_eq!((desk.account.lots(), desk.trades.len()), (0, 1));
    // An order that closes is dropped once another has.
    desk.submit(event_order(3, 2, OrderKind::Market, 3));
    assert_eq!(desk.clock(4), [(2, 100_10)]);
    desk.submit(event_order(4, -2, OrderKind::Market, 4));
    desk.submit(event_order(5, -2, limit(101_00), 4));
    desk.submit(event_order(6, -1, OrderKind::Market, 4));
    assert_eq!(desk.clock(5), [(-2, 100_00)]);
    assert!(desk.exchange.working().is_empty());
}

#[test]
fn orders_that_cannot_be_are_refused_and_change_nothing() {
    let mut desk = desk();
    desk.submit(event_order(1, 5, OrderKind::Market, 0));
    assert_eq!(desk.clock(1), [(5, 100_10)]);
    let levels = bracket(Some(99_00), None);
    let before = desk.clone();
    for (order, reason) in [
        (event_order(1, 1, OrderKind::Market, 1), "its number is not above that of the orders before"),
        (event_order(2, 0, OrderKind::Market, 1), "it is of 0 lots"),
        (event_order(2, -6, OrderKind::Market, 1), "it would cross zero"),
        (
            EventOrder { bracket: levels, ..event_order(2, -1, OrderKind::Market, 1) },
            "it closes a position, but has a stop or a take",
        ),
        (
            EventOrder { bracket: bracket(Some(99_01), None), ..event_order(2, 1, OrderKind::Market, 1) },
            "its stop or its take is not on the tick",
        ),
        (event_order(2, 1, limit(99_01), 1), "its price is not on the tick"),
    ] {
        let refused = desk.exchange.submit(order, &desk.account);
        assert_eq!(refused, Err(ExecutionError::Order { id: order.id, reason }));
        assert_eq!(desk, before);
    }
    let too_many = event_order(2, i64::MAX, OrderKind::Market, 1);
    let overflow = Err(ExecutionError::Overflow { what: "a position" });
    assert_eq!(desk.exchange.submit(too_many, &desk.account), overflow);
    assert_eq!(desk, before);
}

#[test]
fn a_stop_closes_all_that_is_held_when_it_arrives() {
    let latency = LatencyMs { order_ms: 10, cancel_ms: 20 };
    let mut desk = desk_with(EventCosts { latency, ..free_events() });
    let levels = bracket(Some(99_50), Some(102_00));
    desk.submit(EventOrder { bracket: levels, ..event_order(1, 3, OrderKind::Market, 0) });
    desk.submit(event_order(2, 4, limit(100_05), 0));
    assert_eq!(desk.clock(10), [(3, 100_10)]);
    desk.submit(event_order(3, -3, limit(101_00), 10));
    // Not touched, touched: what closes is dropped, what opens is being cancelled.
    assert_eq!(desk.buy(20, 99_55, 1), [(1, 100_05)]);
    assert!(!desk.exchange.is_stopping());
    assert_eq!(desk.buy(21, 99_50, 1), [(1, 100_05)]);
    assert!(desk.exchange.is_stopping());
    let kinds = |desk: &EventDesk| -> Vec<_> {
        desk.exchange.working().iter().map(|order| (order.fill_kind(), order.left())).collect()
    };
    assert_eq!(kinds(&desk), [(FillKind::Stop, -5), (FillKind::Market, 2)]);
    // Until the cancellation arrives at 41 ms it may be filled, and the stop closes that too.
    assert_eq!(desk.sell(22, 100_05, 1), [(1, 100_05)]);
    assert_eq!(kinds(&desk), [(FillKind::Stop, -6), (FillKind::Market, 1)]);
    assert_eq!(desk.clock(30), NONE);
    assert_eq!(desk.clock(31), [(-6, 100_00)]);
    assert_eq!(desk.trades[0].exit, execution::ExitReason::Stop);
    assert_eq!(desk.clock(40), NONE);
    assert_eq!(kinds(&desk), [(FillKind::Market, 1)]);
    assert_eq!(desk.clock(41), NONE);
    assert!(desk.exchange.working().is_empty());
}

#[test]
fn what_is_added_while_a_stop_closes_has_no_bracket() {
    let latency = LatencyMs { order_ms: 10, cancel_ms: 20 };
    let mut desk = desk_with(EventCosts { latency, ..free_events() });
    let with = |id, lots, kind| EventOrder {
        bracket: bracket(Some(99_50), Some(102_00)),
        ..event_order(id, lots, kind, 0)
    };
    desk.submit(with(1, 3, OrderKind::Market));
    desk.submit(with(2, 4, limit(100_05)));
    assert_eq!(desk.clock(10), [(3, 100_10)]);
    assert_eq!(desk.buy(20, 99_50, 1), [(1, 100_05)]);
    assert_eq!(desk.sell(21, 100_05, 1), [(1, 100_05)]);
    assert_eq!(desk.exchange.bracket(), bracket(None, None));
    // A second touch does not put the stop off.
    assert_eq!(desk.sell(22, 99_50, 1), [(1, 100_05)]);
    assert_eq!(desk.clock(30), [(-6, 100_00)]);
}

#[test]
fn a_delta_of_other_levels_says_nothing_of_a_queue() {
    let mut desk = resting(EventCosts { cancels: CancelModel::Proportional, ..free_events() }, 5, 100_00);
    // 10 more behind, then 4 trade; the delta after them is of another level, the next one shows that they are gone.
    assert_eq!(desk.delta(2, &[(100_00, 20)], &[]), NONE);
    assert_eq!(desk.sell(3, 100_00, 4), NONE);
    assert_eq!(desk.delta(4, &[(99_90, 1)], &[]), NONE);
    assert_eq!(desk.delta(5, &[(100_00, 16)], &[]), NONE);
    // Nothing was cancelled: 6 are in front.
    assert_eq!(desk.sell(6, 100_00, 7), [(1, 100_00)]);
}

#[test]
fn a_stop_of_a_short_is_touched_from_below_and_by_the_trade_that_opened_it() {
    let mut desk = desk();
    let levels = bracket(Some(100_50), None);
    desk.submit(EventOrder { bracket: levels, ..event_order(1, -3, limit(100_15), 0) });
    assert_eq!(desk.clock(1), NONE);
    // One trade sweeps through both levels. Its stop acts at the next event, without latency too.
    assert_eq!(desk.buy(2, 100_50, 9), [(-3, 100_15)]);
    assert!(desk.exchange.is_stopping());
    assert_eq!(desk.clock(2), [(3, 100_10)]);
}

#[test]
fn a_take_is_sent_anew_by_a_fill_that_adds() {
    let mut desk = desk();
    let levels = bracket(None, Some(100_15));
    desk.submit(EventOrder { bracket: levels, ..event_order(1, 2, OrderKind::Market, 0) });
    assert_eq!(desk.clock(1), [(2, 100_10)]);
    assert_eq!(desk.clock(2), NONE);
    // 20 are displayed there: 19 trade, then 2 are added, and again 20 are in front.
    assert_eq!(desk.buy(3, 100_15, 19), NONE);
    desk.submit(event_order(2, 2, limit(100_10), 3));
    assert_eq!(desk.clock(4), [(2, 100_10)]);
    assert_eq!(desk.exchange.working()[0].left(), -4);
    assert_eq!(desk.clock(5), NONE);
    desk.submit(event_order(3, 5, limit(99_00), 5));
    assert_eq!(desk.buy(6, 100_15, 21), [(-1, 100_15)]);
    // It began to close: what opens is being cancelled, and is gone at the next event.
    assert_eq!(desk.exchange.working().len(), 2);
    assert_eq!(desk.buy(7, 100_15, 1), [(-1, 100_15)]);
    assert_eq!(desk.exchange.working().len(), 1);
    // A part is closed by an order: the take is for the rest.
    desk.submit(event_order(4, -1, OrderKind::Market, 7));
    assert_eq!(desk.clock(8), [(-1, 100_00)]);
    assert_eq!(desk.exchange.working()[0].left(), -1);
    assert_eq!(desk.buy(9, 100_20, 5), [(-1, 100_15)]);
    assert_eq!(desk.trades[0].exit, execution::ExitReason::Take);
}

#[test]
fn a_take_that_is_in_the_market_when_it_arrives_takes() {
    let mut desk = desk_with(costs());
    let levels = bracket(None, Some(101_00));
    desk.submit(EventOrder { bracket: levels, ..event_order(1, 1, OrderKind::Market, 0) });
    assert_eq!(desk.clock(10), [(1, 100_10)]);
    assert_eq!(desk.snapshot(20, &[(102_00, 4)], &[(102_10, 4)]), [(-1, 102_00)]);
    let fill = desk.fills[1];
    assert_eq!((fill.kind, fill.fee.to_string().as_str()), (FillKind::Take, "0.0102"));
}

#[test]
fn levels_of_an_order_that_adds_replace_those_there_are() {
    let mut desk = desk();
    let with = |id, stop, take| EventOrder {
        bracket: bracket(stop, take),
        ..event_order(id, 1, OrderKind::Market, 0)
    };
    desk.submit(with(1, Some(99_00), Some(102_00)));
    assert_eq!(desk.clock(1), [(1, 100_10)]);
    desk.submit(with(2, None, None));
    assert_eq!(desk.clock(2), [(1, 100_10)]);
    assert_eq!(desk.exchange.bracket(), bracket(Some(99_00), Some(102_00)));
    desk.submit(with(3, Some(98_00), None));
    assert_eq!(desk.clock(3), [(1, 100_10)]);
    assert_eq!(desk.exchange.bracket(), bracket(Some(98_00), None));
    assert!(desk.exchange.working().is_empty(), "the take is gone");
}

#[test]
fn without_a_book_trades_fill() {
    let takers = TakerFills::Trades { spread: rate(0.001) };
    let mut desk = EventDesk::new(EventCosts { takers, slippage_ticks: 1, ..costs() });
    desk.submit(event_order(1, 5, OrderKind::Market, 0));
    assert_eq!(desk.sell(9, 100_00, 9), NONE);
    assert_eq!(desk.clock(10), NONE);
    assert_eq!(desk.exchange.counters().waited, 1);
    // 100.00 × 1.0005 = 100.05, and a tick. Up to the size of the trade.
    assert_eq!(desk.sell(11, 100_00, 2), [(2, 100_10)]);
    let fill = desk.fills[0];
    // 0.2 × 100.10 × 0.001; 0.2 × 0.05; 0.2 × 0.05.
    let costs = [fill.fee, fill.spread, fill.slippage].map(|money| money.to_string());
    assert_eq!(costs, ["0.02002", "0.01", "0.01"]);
    // 100.10 × 1.0005 = 100.15005, up to 100.20, and a tick.
    assert_eq!(desk.buy(12, 100_10, 50), [(3, 100_25)]);
    // A limit order takes from the trade it meets where that is within its price, and rests with the rest.
    desk.submit(event_order(2, -4, limit(99_90), 12));
    assert_eq!(desk.buy(22, 100_00, 1), [(-1, 99_90)]);
    assert_eq!(desk.buy(23, 99_90, 9), NONE);
    assert_eq!(desk.sell(24, 99_95, 1), [(-1, 99_90)]);
    desk.submit(event_order(3, -1, post_only(99_90), 24));
    assert_eq!(desk.sell(34, 99_95, 1), [(-1, 99_90)]);
    assert_eq!(desk.exchange.counters().rejected, 1);
    let book = snapshot_on(market().grid(), 40 * MS, 1, &BIDS, &ASKS);
    let refused = desk
        .exchange
        .on_event(&book.view(), &mut desk.account, &mut desk.fills, &mut desk.trades)
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "takers are filled from trades, but an order book came; leave the book out of the events, or fill takers from it"
    );
}

#[test]
fn trades_that_come_twice_or_late_are_dropped_and_counted() {
    let mut desk = resting(free_events(), 5, 100_00);
    let grid = market().grid();
    let sell = |ms, id| trade_on(grid, ms * MS, id, 100_00, 6, AggressorSide::Sell);
    assert_eq!(desk.brief(&sell(3, 70)), NONE);
    let before = desk.exchange.working().to_vec();
    assert_eq!(desk.brief(&sell(3, 70)), NONE);
    assert_eq!(desk.brief(&sell(2, 71)), NONE);
    assert_eq!(desk.clock(2), NONE);
    assert_eq!(desk.exchange.working(), before);
    assert_eq!(desk.brief(&sell(3, 72)), [(2, 100_00)]);
    let counters = desk.exchange.counters();
    assert_eq!((counters.trades, counters.duplicates, counters.late, counters.late_clocks), (2, 1, 1, 1));
}

#[test]
fn what_is_no_event_of_this_exchange_is_refused_and_changes_nothing() {
    let mut desk = resting(free_events(), 5, 100_00);
    let before = desk.clone();
    let grid = market().grid();
    let finer = Grid::new(3, 1).unwrap();
    let bar = bar_on(grid, 0, [100_00; 4], 5);
    let on_another = [
        trade_on(finer, 9 * MS, 90, 100_00, 5, AggressorSide::Sell),
        snapshot_on(finer, 9 * MS, 90, &BIDS, &ASKS),
        delta_on(finer, 9 * MS, 90, &[], &[]),
    ];
    let unordered = snapshot_on(grid, 9 * MS, 90, &ASKS, &[]);
    let mut refused = |event: &Event<'_>| {
        let found = desk.exchange.on_event(event, &mut desk.account, &mut desk.fills, &mut desk.trades);
        assert_eq!(desk, before);
        found.unwrap_err().to_string()
    };
    for event in &on_another {
        assert_eq!(
            refused(&event.view()),
            "TEST: the event has 3 price decimals, 1 quantity decimals, but this exchange has 2 price decimals, 1 \
             quantity decimals; feed one instrument on one grid"
        );
    }
    let expected = "; it takes trades, order books and the venue's clock";
    assert_eq!(refused(&Event::Bar(&bar)), format!("an event exchange was fed a bar{expected}"));
    assert_eq!(refused(&Event::Position(None)), format!("an event exchange was fed a position{expected}"));
    // The book says what is the matter.
    let reason = OrderBook::new().apply(&unordered).unwrap_err().to_string();
    assert_eq!(refused(&unordered.view()), reason);
}
