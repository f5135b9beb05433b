//! Ten events by hand: takers through the book, a stop, a take in its queue, a gap, with every number written out.
//!
//! Ticks of 0.05, lots of 0.1. A taker pays 0.1 % and is filled one tick worse than the level, a maker 0.02 %. An order
//! takes 10 ms to the venue. The account begins with 1000.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::inconsistent_digit_grouping, reason = "prices in cents: 100_05 is 100.05")]

mod common;

use common::events::{EventDesk, MS, bracket, costs, event_order};
use common::{money, price};
use execution::{EventCosts, EventOrder, ExitReason, Fill, FillKind, OrderKind, Trade};
use feature_api::{Side, UnixNanos};

/// A fill, with its time in milliseconds.
fn fill(kind: FillKind, ms: i64, lots: i64, cents: i64, costs: [&str; 3]) -> Fill {
    let [fee, spread, slippage] = costs.map(money);
    Fill { order: 1, kind, ts: UnixNanos(ms * MS), lots, price: price(cents), fee, spread, slippage }
}

#[test]
fn ten_events_by_hand() {
    use FillKind::{Market, Stop, Take};
    let mut desk = EventDesk::new(EventCosts { slippage_ticks: 1, ..costs() });

    // Event 1, at 0 ms: the book. Decided on it: buy 0.5, stop 99.00, take 101.00. At the venue at 10 ms.
    assert!(desk.snapshot(0, &[(100_00, 5), (99_95, 8)], &[(100_10, 3), (100_20, 4)]).is_empty());
    let order = event_order(1, 5, OrderKind::Market, 0);
    desk.submit(EventOrder { bracket: bracket(Some(99_00), Some(101_00)), ..order });

    // Event 2, at 5 ms: the order is on its way.
    assert!(desk.sell(5, 100_00, 2).is_empty());
    assert!(!desk.exchange.working()[0].has_arrived());

    // Event 3, at 10 ms: the best ask shrinks to 0.2, and the order meets the book as it is after that.
    // 0.2 at 100.10 + a tick: 0.2 × 100.15 = 20.03, fee 0.02003. The spread is 0.10: half of it × 0.2 is 0.01, a tick
    // × 0.2 is 0.01. The other 0.3 at 100.20 + a tick: 0.3 × 100.25 = 30.075, fee 0.030075; half the spread × 0.3 is
    // 0.015, and 0.15 worse than the best ask × 0.3 is 0.045.
    desk.delta(10, &[], &[(100_10, 2)]);
    let fills = [
        fill(Market, 10, 2, 100_15, ["0.02003", "0.01", "0.01"]),
        fill(Market, 10, 3, 100_25, ["0.030075", "0.015", "0.045"]),
    ];
    assert_eq!(desk.fills, fills);
    // 1000 − 20.03 − 0.02003 − 30.075 − 0.030075; at 100.05, 0.5 are worth 50.025.
    assert_eq!(desk.account.cash(), money("949.844895"));
    assert_eq!(desk.account.equity(desk.exchange.market(), price(100_05)), Ok(money("999.869895")));
    assert_eq!(desk.exchange.bracket(), bracket(Some(99_00), Some(101_00)));
    // (20.03 + 30.075) / 0.5 = 100.21, nearest tick 100.20.
    let position = desk.account.position(desk.exchange.market()).unwrap();
    assert_eq!((position.position.entry_price, position.lots, position.bars_held), (price(100_20), 5, 0));
    assert_eq!(position.held_ns(UnixNanos(25 * MS)), 15_000_000);
    assert_eq!(position.held_ns(UnixNanos(9 * MS)), 0);

    // Event 4, at 20 ms: the take, sent by the fills, joins the 0.4 that are displayed at 101.00.
    assert!(desk.snapshot(20, &[(100_90, 6)], &[(101_00, 4), (101_05, 9)]).is_empty());
    assert!(desk.exchange.working()[0].is_resting());

    // Event 5, at 25 ms: 0.5 are bought at 101.00. 0.4 were in front: 0.1 × 101.00 = 10.10, fee 0.00202.
    desk.buy(25, 101_00, 5);
    assert_eq!(desk.fills[2..], [fill(Take, 25, -1, 101_00, ["0.00202", "0", "0"])]);
    assert_eq!(desk.account.cash(), money("959.942875"));

    // Event 6, at 30 ms: a trade touches the stop. The take is gone, a market order arrives at 40 ms.
    assert!(desk.sell(30, 99_00, 3).is_empty());
    let working = desk.exchange.working();
    assert_eq!((working.len(), working[0].fill_kind(), working[0].left()), (1, Stop, -4));
    assert!(desk.exchange.is_stopping());

    // Event 7, at 35 ms: the venue's clock.
    assert!(desk.clock(35).is_empty());

    // Event 8, at 40 ms: a delta is missing. The order arrives, and waits for a book.
    assert!(desk.gap(40).is_empty());
    assert_eq!(desk.exchange.counters().waited, 1);

    // Event 9, at 45 ms: there is a book again, with 0.3 of bids. 0.3 × (98.90 − 0.05) = 29.655, fee 0.029655; the
    // spread is 0.20: half of it × 0.3 is 0.03; a tick × 0.3 is 0.015.
    desk.snapshot(45, &[(98_90, 3)], &[(99_10, 1)]);
    assert_eq!(desk.fills[3..], [fill(Stop, 45, -3, 98_85, ["0.029655", "0.03", "0.015"])]);
    assert_eq!(desk.exchange.working()[0].left(), -1);

    // Event 10, at 50 ms: a bid at 98.70. That at 98.90 is displayed still, but we had it all.
    // 0.1 × (98.70 − 0.05) = 9.865, fee 0.009865; half the spread × 0.1 is 0.01, and 0.25 × 0.1 is 0.025.
    desk.delta(50, &[(98_70, 9)], &[]);
    assert_eq!(desk.fills[4..], [fill(Stop, 50, -1, 98_65, ["0.009865", "0.01", "0.025"])]);
    assert!(desk.exchange.working().is_empty());

    // In for 50.105, out for 10.10 + 29.655 + 9.865 = 49.62: 99.24 on average, nearest tick 99.25.
    let trade = Trade {
        side: Side::Long,
        ts_entry: UnixNanos(10 * MS),
        ts_exit: UnixNanos(50 * MS),
        lots: 5,
        entry_price: price(100_20),
        exit_price: price(99_25),
        entry_value: money("50.105"),
        gross: money("-0.485"),
        fees: money("0.091645"),
        spread: money("0.065"),
        slippage: money("0.095"),
        bars_held: 0,
        exit: ExitReason::Stop,
    };
    assert_eq!(desk.trades, [trade]);
    assert_eq!(trade.held_ns(), 40_000_000);
    // 1000 − 0.485 − 0.091645.
    assert_eq!(desk.account.cash(), money("999.423355"));
    let counters = desk.exchange.counters();
    assert_eq!((counters.trades, counters.taker_fills, counters.maker_fills), (3, 4, 1));
    assert_eq!(
        (desk.exchange.last_price(), desk.exchange.clock()),
        (Some(price(99_00)), Some(UnixNanos(50 * MS)))
    );
}
