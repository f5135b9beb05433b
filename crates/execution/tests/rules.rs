//! The rules of the paper exchange, one by one. Prices are cents, ticks 5 cents, lots 0.1.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::inconsistent_digit_grouping, reason = "prices in cents: 100_05 is 100.05")]

mod common;

use common::{Desk, bar_on, free, market, market_of, money, order, price, rate};
use execution::{
    Bracket, Costs, ExecutionError, ExitReason, Fill, FillKind, Money, Order, PaperExchange, Rate, Working,
};
use feature_api::{Grid, UnixNanos};

/// A bar that touches nothing but 100.00.
const FLAT: [i64; 4] = [100_00; 4];

fn limited(latency_bars: u32) -> Costs {
    Costs { max_volume_share: Some(rate(1.0)), latency_bars, ..free() }
}

/// Order, kind, lots and cents of each fill.
fn brief(fills: &[Fill]) -> Vec<(u64, FillKind, i64, i64)> {
    fills.iter().map(|fill| (fill.order, fill.kind, fill.lots, fill.price.raw())).collect()
}

#[test]
fn an_opening_order_is_replaced_with_whatever_is_left_of_it() {
    let mut desk = Desk::new(market(), limited(0));
    desk.submit(order(1, 10, None, None));
    assert_eq!(brief(desk.step(FLAT, 4).0), [(1, FillKind::Market, 4, 100_00)]);
    assert_eq!(desk.exchange.working().map(|working| (working.left, working.bars_at_work)), Some((6, 1)));
    desk.submit(order(2, -4, None, None));
    assert_eq!(brief(desk.step(FLAT, 20).0), [(2, FillKind::Market, -4, 100_00)]);
    assert_eq!((desk.exchange.working(), desk.account.lots()), (None, 0));
}

#[test]
fn a_closing_order_works_until_it_is_filled_and_lets_no_other_in() {
    let mut desk = Desk::new(market(), limited(0));
    desk.submit(order(1, 10, None, None));
    desk.step(FLAT, 10);
    desk.submit(order(2, -10, None, None));
    for left in -9..=-5 {
        assert_eq!(brief(desk.step(FLAT, 1).0), [(2, FillKind::Market, -1, 100_00)]);
        assert_eq!(desk.exchange.working().map(|working| working.left), Some(left));
        let refused = desk.exchange.submit(order(3, 1, None, None), &desk.account);
        let reason = "a closing order is at work";
        assert_eq!(refused, Err(ExecutionError::Order { id: 3, reason }));
    }
    let (_, trades) = desk.step(FLAT, 100);
    assert_eq!(
        trades.iter().map(|trade| (trade.lots, trade.exit)).collect::<Vec<_>>(),
        [(10, ExitReason::Signal)]
    );
}

#[test]
fn a_bar_without_volume_fills_nothing() {
    let mut desk = Desk::new(market(), limited(0));
    desk.submit(order(1, 2, Some(99_00), Some(101_00)));
    assert_eq!(desk.step(FLAT, 0).0, []);
    desk.step(FLAT, 2);
    // A take that nothing is filled of stays, and so does what adds.
    desk.submit(order(2, 1, None, None));
    assert_eq!(desk.step([100_00, 101_00, 100_00, 100_00], 0).0, []);
    assert_eq!(desk.exchange.bracket().take, Some(price(101_00)));
    assert_eq!(desk.exchange.working().map(|working| working.order.id), Some(2));
    // A stop is hit all the same: it closes at the next open that has volume.
    assert_eq!(desk.step([100_00, 100_00, 99_00, 99_00], 0).0, []);
    assert_eq!(desk.exchange.bracket(), Bracket::default());
    // Known once its bar is closed, the fourth of these minutes.
    let stop = Order { ts_sent: UnixNanos(4 * 60_000_000_000), ..order(1, -2, None, None) };
    let working = Working { order: stop, left: -2, is_closing: true, latency_left: 0, bars_at_work: 0 };
    assert_eq!(desk.exchange.working(), Some(&working));
    assert_eq!(brief(desk.step([98_00, 120_00, 98_00, 98_00], 2).0), [(1, FillKind::Stop, -2, 98_00)]);
}

#[test]
fn no_order_fills_before_it_could_be_sent() {
    const MINUTE: i64 = 60_000_000_000;
    for latency in [0, 1] {
        let costs = Costs { latency_bars: latency, ..free() };
        let mut desk = Desk::new(market(), costs);
        assert_eq!(desk.step(FLAT, 9).0, []);
        // Decided on the first minute, which is known a nanosecond after the third opens: the fourth may fill it.
        let late = Order { ts_sent: UnixNanos(2 * MINUTE + 1), ..order(1, 2, None, None) };
        desk.submit(late);
        for _ in 0..2 + latency {
            assert_eq!(desk.step(FLAT, 9).0, [], "latency {latency}");
        }
        assert_eq!(brief(desk.step(FLAT, 9).0), [(1, FillKind::Market, 2, 100_00)], "latency {latency}");
    }
}

#[test]
fn half_a_lot_is_no_lot() {
    let mut desk = Desk::new(market(), Costs { max_volume_share: Some(rate(0.5)), ..free() });
    desk.submit(order(1, 5, None, None));
    assert_eq!(desk.step(FLAT, 1).0, []);
    assert_eq!(brief(desk.step(FLAT, 3).0), [(1, FillKind::Market, 1, 100_00)]);
}

#[test]
fn what_is_left_of_a_stop_closes_at_the_opens_that_follow() {
    let mut desk = Desk::new(market(), limited(2));
    desk.submit(order(1, -5, Some(101_00), Some(90_00)));
    for _ in 0..2 {
        assert_eq!(desk.step(FLAT, 5).0, []);
    }
    desk.step(FLAT, 5);
    // An order that closes is in flight when the stop is touched: the stop takes its place, without latency.
    desk.submit(order(2, 3, None, None));
    let (fills, trades) = desk.step([100_50, 101_00, 100_00, 100_00], 2);
    assert_eq!((brief(fills), trades.len()), (vec![(1, FillKind::Stop, 2, 101_00)], 0));
    assert_eq!(desk.exchange.bracket(), Bracket::default());
    // The take is gone with it: 90.00 fills nothing.
    assert_eq!(brief(desk.step([102_00, 102_00, 90_00, 95_00], 2).0), [(1, FillKind::Stop, 2, 102_00)]);
    let refused = desk.exchange.submit(order(3, 1, None, None), &desk.account);
    assert_eq!(refused, Err(ExecutionError::Order { id: 3, reason: "a closing order is at work" }));
    let (fills, trades) = desk.step([96_00, 96_00, 96_00, 96_00], 2);
    assert_eq!(brief(fills), [(1, FillKind::Stop, 1, 96_00)]);
    // Out for 2 × 101 + 2 × 102 + 96 = 502 by 5: 100.40.
    let [trade] = trades else { panic!("{trades:?}") };
    assert_eq!((trade.exit, trade.exit_price, trade.bars_held), (ExitReason::Stop, price(100_40), 3));
    // The next one closes by an order again.
    desk.submit(order(4, 1, None, None));
    for _ in 0..3 {
        desk.step(FLAT, 5);
    }
    desk.submit(order(5, -1, None, None));
    for _ in 0..2 {
        desk.step(FLAT, 5);
    }
    assert_eq!(desk.step(FLAT, 5).1.iter().map(|trade| trade.exit).collect::<Vec<_>>(), [ExitReason::Signal]);
}

#[test]
fn an_order_in_flight_closes_what_is_left_and_no_more() {
    let mut desk = Desk::new(market(), limited(2));
    desk.submit(order(1, 5, None, Some(101_00)));
    for _ in 0..3 {
        desk.step(FLAT, 9);
    }
    desk.submit(order(2, -5, None, None));
    let refused = desk.exchange.submit(order(3, -1, None, None), &desk.account);
    assert_eq!(refused, Err(ExecutionError::Order { id: 3, reason: "another order is in flight" }));
    // Still so when one whole bar is left. The take closes three of the five, and stays for the rest.
    assert_eq!(brief(desk.step([100_00, 101_00, 100_00, 100_00], 3).0), [(1, FillKind::Take, -3, 101_00)]);
    assert_eq!(desk.exchange.working().map(|working| (working.left, working.latency_left)), Some((-2, 1)));
    assert_eq!(desk.exchange.submit(order(3, -1, None, None), &desk.account), refused);
    assert_eq!(desk.exchange.bracket().take, Some(price(101_00)));
    // Then the other two: nothing is left to close, and the order is dropped.
    assert_eq!(brief(desk.step([100_00, 101_00, 100_00, 100_00], 9).0), [(1, FillKind::Take, -2, 101_00)]);
    assert_eq!((desk.exchange.working(), desk.exchange.bracket()), (None, Bracket::default()));
    assert_eq!(desk.step(FLAT, 9).0, []);
}

#[test]
fn an_order_that_adds_replaces_levels_only_where_it_has_some() {
    let mut desk = Desk::new(market(), limited(0));
    desk.submit(order(1, 2, Some(95_00), Some(105_00)));
    desk.step(FLAT, 9);
    desk.submit(order(2, 2, None, None));
    desk.step(FLAT, 9);
    assert_eq!(desk.exchange.bracket(), order(1, 2, Some(95_00), Some(105_00)).bracket);
    // From its first fill on, not before.
    desk.submit(order(3, 2, Some(97_00), None));
    desk.step(FLAT, 0);
    assert_eq!(desk.exchange.bracket().stop, Some(price(95_00)));
    desk.step(FLAT, 1);
    assert_eq!(desk.exchange.bracket(), order(3, 2, Some(97_00), None).bracket);
    // A stop is an order of the position: it bears the number of the order that opened it.
    assert_eq!(brief(desk.step([98_00, 98_00, 97_00, 97_00], 9).0), [(1, FillKind::Stop, -5, 97_00)]);
}

#[test]
fn a_stop_or_a_take_that_begins_to_close_cancels_what_would_add() {
    for (prices, kind, level) in [
        ([100_00, 100_00, 94_00, 94_00], FillKind::Stop, 95_00),
        ([100_00, 106_00, 100_00, 106_00], FillKind::Take, 105_00),
    ] {
        let mut desk = Desk::new(market(), limited(1));
        desk.submit(order(1, 2, Some(95_00), Some(105_00)));
        desk.step(FLAT, 9);
        desk.step(FLAT, 9);
        desk.submit(order(2, 9, None, None));
        // One of the two lots is closed, while the other order is still in flight.
        assert_eq!(brief(desk.step(prices, 1).0), [(1, kind, -1, level)]);
        let left = desk.exchange.working().map(|working| (working.order.id, working.left));
        assert_eq!(left, if kind == FillKind::Stop { Some((1, -1)) } else { None });
    }
}

#[test]
fn the_fills_of_a_bar_share_its_volume_in_their_order() {
    let mut desk = Desk::new(market(), limited(0));
    desk.submit(order(1, 2, Some(95_00), None));
    desk.step(FLAT, 9);
    desk.submit(order(2, 3, None, None));
    // Three lots for the order at the open, and one for the stop that closes all five.
    let (fills, _) = desk.step([100_00, 100_00, 95_00, 95_00], 4);
    assert_eq!(brief(fills), [(2, FillKind::Market, 3, 100_00), (1, FillKind::Stop, -1, 95_00)]);
    assert_eq!(desk.exchange.working().map(|working| working.left), Some(-4));
}

#[test]
fn a_stop_that_the_open_is_beyond_fills_from_the_open() {
    for (lots, stop, prices, filled_at) in [
        (2, 95_00, [94_00, 96_00, 93_00, 95_00], 94_00),
        (2, 95_00, [95_00, 96_00, 93_00, 95_00], 95_00),
        (-2, 105_00, [106_00, 107_00, 104_00, 105_00], 106_00),
        (2, 95_00, [96_00, 96_00, 93_00, 95_00], 95_00),
    ] {
        let mut desk = Desk::new(market(), free());
        desk.submit(order(1, lots, Some(stop), None));
        desk.step(FLAT, 0);
        let (fills, _) = desk.step(prices, 0);
        assert_eq!(brief(fills), [(1, FillKind::Stop, -lots, filled_at)]);
        let minute = if prices[0] == 96_00 { 2 } else { 1 };
        assert_eq!(
            fills.iter().map(|fill| fill.ts).collect::<Vec<_>>(),
            [UnixNanos(minute * common::MINUTE)]
        );
    }
}

#[test]
fn a_take_is_never_better_than_its_level() {
    for (lots, take, prices) in
        [(2, 105_00, [107_00, 108_00, 106_00, 107_00]), (-2, 95_00, [93_00, 94_00, 92_00, 93_00])]
    {
        let mut desk = Desk::new(market(), free());
        desk.submit(order(1, lots, None, Some(take)));
        desk.step(FLAT, 0);
        assert_eq!(brief(desk.step(prices, 0).0), [(1, FillKind::Take, -lots, take)]);
    }
}

#[test]
fn prices_of_zero_and_below_cost_the_trader_too() {
    let costs = Costs { taker_fee: rate(0.01), spread: rate(0.02), slippage: rate(0.01), ..free() };
    let mut desk = Desk::new(market(), costs);
    // −37.00 + 37.00 × 0.02 = −36.26, up to −36.25. Value 0.1 × 36.25 = 3.625, fee 0.03625.
    // Half spread 0.1 × 0.37 = 0.037; the rest of 0.1 × 0.75 is 0.038. Cash 1000 + 3.625 − 0.03625.
    desk.submit(order(1, 1, None, None));
    let (fills, _) = desk.step([-37_00, -30_00, -40_00, -35_00], 0);
    let [fill] = fills else { panic!("{fills:?}") };
    assert_eq!((fill.price, fill.fee), (price(-36_25), money("0.03625")));
    assert_eq!((fill.spread, fill.slippage), (money("0.037"), money("0.038")));
    assert_eq!(desk.account.cash(), money("1003.58875"));
    // At 0 nothing is worth anything, and costs nothing.
    desk.submit(order(2, -1, None, None));
    let (fills, trades) = desk.step([0, 1_00, -1_00, 0], 0);
    let ([fill], [trade]) = (fills, trades) else { panic!("{fills:?}") };
    assert_eq!(
        (fill.price, fill.fee, fill.spread, fill.slippage),
        (price(0), Money::ZERO, Money::ZERO, Money::ZERO)
    );
    assert_eq!((trade.entry_value, trade.gross), (money("-3.625"), money("3.625")));
    assert_eq!((trade.entry_price, trade.exit_price), (price(-36_25), price(0)));
    // A sell below 0 is filled lower: −10.00 × 1.02 = −10.20.
    desk.submit(order(3, -1, None, None));
    assert_eq!(brief(desk.step([-10_00; 4], 0).0), [(3, FillKind::Market, -1, -10_20)]);
}

#[test]
fn orders_that_cannot_be_are_refused_and_change_nothing() {
    let mut desk = Desk::new(market(), free());
    desk.submit(order(1, 5, Some(95_00), None));
    desk.step(FLAT, 0);
    let before = desk.clone();
    for (order, reason) in [
        (order(2, 0, None, None), "it is of 0 lots"),
        (order(2, -6, None, None), "it would cross zero"),
        (order(2, i64::MIN, None, None), "it would cross zero"),
        (order(2, -5, None, Some(105_00)), "it closes a position, but has a stop or a take"),
        (order(2, 5, Some(95_01), None), "its stop or its take is not on the tick"),
    ] {
        let refused = desk.exchange.submit(order, &desk.account);
        assert_eq!(refused, Err(ExecutionError::Order { id: 2, reason }));
        assert_eq!(desk, before);
    }
    let beyond = desk.exchange.submit(order(2, i64::MAX, None, None), &desk.account);
    assert_eq!(beyond, Err(ExecutionError::Overflow { what: "a position" }));
    assert_eq!(desk, before);
}

#[test]
fn costs_that_cannot_be_are_refused() {
    let refused = |costs, has_volume| {
        PaperExchange::new(market(), costs, has_volume).err().map(|error| error.to_string())
    };
    assert_eq!(
        refused(limited(0), false).unwrap(),
        "fills are limited to a share of each bar's volume, but the bars carry none; feed bars with volume, or set \
         max_volume_share to \"unlimited\""
    );
    assert_eq!(refused(free(), false), None);
    assert_eq!(
        refused(Costs { entry_order_bars: 0, ..free() }, true).unwrap(),
        "entry_order_bars is 0; expected 1 or above"
    );
    assert_eq!(
        refused(Costs { max_volume_share: Some(Rate::default()), ..free() }, true).unwrap(),
        "max_volume_share is 0, with which nothing is ever filled; expected above 0 and at most 1, or \"unlimited\""
    );
    assert_eq!(
        refused(Costs { spread: rate(0.5), slippage: rate(0.75), ..free() }, true).unwrap(),
        "half the spread and the slippage together is 1; expected a fraction of the price below 1"
    );
}

#[test]
fn a_bar_on_another_grid_is_refused_and_changes_nothing() {
    let mut desk = Desk::new(market(), free());
    desk.submit(order(1, 5, None, None));
    let before = desk.clone();
    let bar = bar_on(Grid::new(3, 1).unwrap(), 0, [100_000; 4], 0);
    let refused = desk.exchange.fill(&bar, &mut desk.account, &mut desk.fills, &mut desk.trades);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "TEST: expected bars with 2 price decimals, 1 quantity decimals; feed one instrument on one grid; the bars \
         have 3 price decimals, 1 quantity decimals"
    );
    assert_eq!(desk, before);
}

#[test]
fn a_price_beyond_the_grid_is_an_error() {
    let mut desk = Desk::new(market_of("1", "1", 0, 0), Costs { slippage: rate(0.5), ..free() });
    desk.submit(order(1, 1, None, None));
    let bar = bar_on(desk.exchange.market().grid(), 0, [1 << 53; 4], 0);
    let found = desk.exchange.fill(&bar, &mut desk.account, &mut desk.fills, &mut desk.trades);
    assert_eq!(found, Err(ExecutionError::Overflow { what: "the price of a fill" }));
}

#[test]
fn filling_allocates_nothing() {
    let mut desk = Desk::new(market(), limited(0));
    let grid = desk.exchange.market().grid();
    let bars: Vec<_> =
        (0..1000).map(|minute| bar_on(grid, minute, [100_00, 102_00, 98_00, 100_00], 3)).collect();
    desk.fills.reserve(4000);
    desk.trades.reserve(4000);
    let info = allocation_counter::measure(|| {
        for (id, bar) in (1..).zip(&bars) {
            let side = if id % 2 == 0 { 1 } else { -1 };
            let next = order(id, 2 * side, Some(100_00 - side * 2_00), Some(100_00 + side * 5_00));
            if desk.account.lots() == 0 && desk.exchange.working().is_none() {
                desk.submit(next);
            }
            desk.exchange.fill(bar, &mut desk.account, &mut desk.fills, &mut desk.trades).unwrap();
        }
    });
    assert_eq!(info.count_total, 0);
    // In for two lots and out by one, then out by the other at the next open: two bars each.
    assert_eq!((desk.trades.len(), desk.fills.len()), (500, 1500));
}
