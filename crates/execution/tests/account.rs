//! The books: average prices, what is refused, and what does not fit. Prices are cents, ticks 5 cents, lots 0.1.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::inconsistent_digit_grouping, reason = "prices in cents: 100_05 is 100.05")]

mod common;

use common::{Desk, free, market, market_of, money, order, price};
use execution::{Account, ExecutionError, Fill, FillKind, Money};
use feature_api::UnixNanos;

#[test]
fn what_does_not_fit_is_refused_and_leaves_the_books_as_they_were() {
    // A lot of 9e15 at prices of up to 9e15: 8.1e31 of the currency.
    let market = market_of("1", "9000000000000000", 0, 0);
    let mut account = Account::new(money("1000")).unwrap();
    let fill = |lots, raw| Fill {
        order: 7,
        kind: FillKind::Market,
        ts: UnixNanos(0),
        lots,
        price: price(raw),
        fee: Money::ZERO,
        spread: Money::ZERO,
        slippage: Money::ZERO,
    };
    assert!(account.apply(&market, &fill(1, 10_000)).is_ok());
    let before = account.clone();
    for (lots, raw) in [(1, 1 << 53), (i64::MAX, 1), (i64::MIN, -1), (1, 18_000)] {
        let refused = account.apply(&market, &fill(lots, raw));
        assert!(matches!(refused, Err(ExecutionError::Overflow { .. })), "{lots} {raw} {refused:?}");
        assert_eq!(account, before);
    }
    let negative = Money::from_units(-1);
    for (fill, reason) in [
        (fill(0, 1), "it was filled with 0 lots"),
        (fill(-2, 1), "its fill crosses zero"),
        (Fill { fee: negative, ..fill(1, 1) }, "the fee, spread or slippage of its fill is below 0"),
        (Fill { spread: negative, ..fill(1, 1) }, "the fee, spread or slippage of its fill is below 0"),
        (Fill { slippage: negative, ..fill(1, 1) }, "the fee, spread or slippage of its fill is below 0"),
    ] {
        assert_eq!(account.apply(&market, &fill), Err(ExecutionError::Order { id: 7, reason }));
        assert_eq!(account, before);
    }
    assert!(account.equity(&market, price(1 << 53)).is_err());
}

#[test]
fn an_entry_price_moves_when_lots_are_added_and_not_when_some_are_closed() {
    let (market, mut desk) = (market(), Desk::new(market(), free()));
    let entry =
        |desk: &Desk| desk.account.position(&market).map(|view| (view.position.entry_price.raw(), view.lots));
    desk.submit(order(1, 1, None, None));
    desk.step([100_00; 4], 0);
    desk.submit(order(2, 2, None, None));
    desk.step([100_10; 4], 0);
    // (100.00 + 2 × 100.10) / 3 = 100.0667, nearest tick 100.05.
    assert_eq!(entry(&desk), Some((100_05, 3)));
    desk.submit(order(3, -1, None, None));
    desk.step([103_00; 4], 0);
    assert_eq!(entry(&desk), Some((100_05, 2)));
    // A third of 30.02 went, cut to a unit of 1e-18: 10.006666666666666666.
    assert_eq!(desk.account.realised(), money("0.293333333333333334"));
    desk.submit(order(4, 2, None, None));
    desk.step([101_00; 4], 0);
    // (2 × 100.0667 + 2 × 101.00) / 4 = 100.5333, nearest tick 100.55.
    assert_eq!(entry(&desk), Some((100_55, 4)));

    // Where a lot costs a few units of money, cutting to a unit leaves 3 of 2 + 3 to one of two lots: in at 2.5, to even.
    let market = market_of("0.000000001", "0.000000001", 9, 0);
    let mut desk = Desk::new(market.clone(), free());
    for (id, lots, at) in [(1, 1, 2), (2, 1, 3), (3, -1, 9)] {
        desk.submit(order(id, lots, None, None));
        desk.step([at; 4], 0);
    }
    assert_eq!(desk.account.realised(), Money::from_units(9 - 2));
    let view = desk.account.position(&market).unwrap();
    assert_eq!((view.position.entry_price, view.lots), (price(2), 1));
}

#[test]
fn half_ticks_are_rounded_to_even() {
    // Two lots, a tick apart: 100.025 is between the 2000th and the 2001st tick, 100.075 between the 2001st and the
    // 2002nd.
    for (prices, entry) in
        [([100_00, 100_05], 100_00), ([100_05, 100_10], 100_10), ([-100_05, -100_10], -100_10), ([0, -5], 0)]
    {
        let mut desk = Desk::new(market(), free());
        for (id, at) in (1..).zip(prices) {
            desk.submit(order(id, 1, None, None));
            desk.step([at; 4], 0);
        }
        let view = desk.account.position(desk.exchange.market()).unwrap();
        assert_eq!(view.position.entry_price, price(entry), "{prices:?}");
    }
}
