//! What each action comes to, computed by hand.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::desk::{Desk, LONG, SHORT};
use common::{START, UNLIMITED, bar, market, market_of, money, price, working};
use execution::{Bracket, ExecutionError, Money};
use feature_api::{Grid, Side, UpdateError};
use observation::{Action, ActionMapper, Context, Limit, Mark, ObservationError, Reason, RiskLimits, Sizing};

#[test]
fn each_sizing_is_exact_and_rounded_down_to_lots() {
    let first = |sizing, close| Desk::new(sizing, UNLIMITED).comes_to_at(LONG, close);
    // 0.3 of 10,000 is 3,000: 3,000 lots of 0.01 at 100. As floats it could be one less.
    assert_eq!(first(Sizing::EquityFraction(0.3), 10_000), (3000, Some(3000), None));
    // 3,000 / (0.01 × 99.99) = 3000.3.
    assert_eq!(first(Sizing::EquityFraction(0.3), 9_999), (3000, Some(3000), None));
    // 3,000 / (0.01 × 100.01) = 2999.7.
    assert_eq!(first(Sizing::EquityFraction(0.3), 10_001), (2999, Some(2999), None));
    assert_eq!(first(Sizing::EquityFraction(2.5), 10_000), (25_000, Some(25_000), None));
    assert_eq!(first(Sizing::Notional(money("99.99")), 10_000), (99, Some(99), None));
    assert_eq!(first(Sizing::Notional(money("100")), 10_000), (100, Some(100), None));
    assert_eq!(first(Sizing::Lots(7), 20_000), (7, Some(7), None));
}

#[test]
fn equity_is_that_of_the_close() {
    let mut desk = Desk::new(Sizing::EquityFraction(0.5), UNLIMITED).holding(1000, 10_000);
    // 10 units bought at 100 are worth 1,100 now.
    let mapped = desk.map(Action::Hold, 11_000);
    assert_eq!((mapped.equity, mapped.target, mapped.order), (money("10100"), 1000, None));
    // Half of 10,100 at 110: 4590.9 lots.
    assert_eq!(desk.comes_to_at(Action::Exposure(1.0), 11_000), (4590, Some(3590), None));
}

#[test]
fn orders_are_numbered_from_one() {
    let mut desk = Desk::lots(UNLIMITED);
    let ids: Vec<_> =
        [LONG, Action::Hold, SHORT].map(|action| desk.map(action, 10_000).order.map(|order| order.id)).into();
    assert_eq!(ids, [Some(1), None, Some(2)]);
}

#[test]
fn limits_of_size_clip_to_the_last_lot_within() {
    let clipped = |limits| Desk::lots(limits).comes_to(LONG);
    let position = |limit| RiskLimits { max_position_notional: Limit::At(money(limit)), ..UNLIMITED };
    assert_eq!(clipped(position("100")), (100, Some(100), None));
    assert_eq!(clipped(position("99.999999999999999999")), (99, Some(99), Some(Reason::Clipped)));
    let order = |limit| RiskLimits { max_order_notional: Limit::At(money(limit)), ..UNLIMITED };
    assert_eq!(clipped(order("100")), (100, Some(100), None));
    assert_eq!(clipped(order("50.5")), (50, Some(50), Some(Reason::Clipped)));
    let leverage = |limit| RiskLimits { max_leverage: Limit::At(limit), ..UNLIMITED };
    assert_eq!(clipped(leverage(0.01)), (100, Some(100), None));
    assert_eq!(clipped(leverage(0.009_999)), (99, Some(99), Some(Reason::Clipped)));
    // A limit below one lot leaves nothing.
    assert_eq!(clipped(position("0.5")), (0, None, Some(Reason::Clipped)));
    // The tightest one binds, of a short too.
    let all = RiskLimits { max_leverage: Limit::At(0.005), ..order("70") };
    assert_eq!(Desk::lots(all).comes_to(SHORT), (-50, Some(-50), Some(Reason::Clipped)));
}

#[test]
fn a_leverage_of_three_tenths_holds_three_tenths() {
    let limits = RiskLimits { max_leverage: Limit::At(0.3), ..UNLIMITED };
    let mut desk = Desk::new(Sizing::EquityFraction(0.3), limits);
    assert_eq!(desk.comes_to(LONG), (3000, Some(3000), None));
}

#[test]
fn no_whole_lot_is_no_order() {
    let mut desk = Desk::new(Sizing::Notional(money("0.999")), UNLIMITED);
    assert_eq!(desk.comes_to(LONG), (0, None, Some(Reason::BelowLot)));
    assert_eq!(desk.comes_to(Action::Exposure(-1.0)), (0, None, Some(Reason::BelowLot)));
    assert_eq!(Desk::lots(UNLIMITED).comes_to(Action::Exposure(0.009)), (0, None, Some(Reason::BelowLot)));
}

#[test]
fn minimum_notional_binds_what_opens_and_what_adds() {
    let first = |lots| Desk::new(Sizing::Lots(lots), UNLIMITED).comes_to(LONG);
    assert_eq!(first(10), (10, Some(10), None));
    assert_eq!(first(9), (0, None, Some(Reason::BelowMinNotional)));
    // What a limit leaves may be too little.
    let limits = RiskLimits { max_order_notional: Limit::At(money("9.5")), ..UNLIMITED };
    assert_eq!(Desk::lots(limits).comes_to(SHORT), (0, None, Some(Reason::BelowMinNotional)));
    let mut desk = Desk::lots(UNLIMITED).holding(91, 10_000);
    assert_eq!(desk.comes_to(Action::Exposure(1.0)), (91, None, Some(Reason::BelowMinNotional)));
    let mut desk = Desk::lots(UNLIMITED).holding(90, 10_000);
    assert_eq!(desk.comes_to(Action::Exposure(1.0)), (100, Some(10), None));
}

#[test]
fn what_closes_is_never_too_small_and_never_limited() {
    let tight = RiskLimits {
        max_position_notional: Limit::At(Money::from_units(1)),
        max_order_notional: Limit::At(Money::from_units(1)),
        max_leverage: Limit::At(1e-9),
        max_entries_per_day: Limit::At(1),
        ..UNLIMITED
    };
    for lots in [1, -1, 5000, -5000] {
        assert_eq!(Desk::lots(tight).holding(lots, 10_000).comes_to(Action::Flat), (0, Some(-lots), None));
        let mut desk = Desk::lots(tight).holding(lots, 10_000);
        assert_eq!(desk.comes_to(Action::Exposure(0.0)), (0, Some(-lots), None));
    }
    // One lot of 0.01 of something at 0.01.
    let mut dust = Desk::of(market_of("0.01", "0.01", "1000"), Sizing::Lots(1), UNLIMITED).holding(1, 1);
    assert_eq!(dust.comes_to_at(Action::Flat, 1), (0, Some(-1), None));
}

#[test]
fn a_price_that_is_not_above_zero_closes_but_opens_nothing() {
    for close in [0, -5] {
        let flat = || Desk::lots(UNLIMITED);
        assert_eq!(flat().comes_to_at(LONG, close), (0, None, Some(Reason::Price)));
        assert_eq!(flat().comes_to_at(Action::Exposure(0.5), close), (0, None, Some(Reason::Price)));
        let held = || flat().holding(100, 100);
        assert_eq!(held().comes_to_at(Action::Flat, close), (0, Some(-100), None));
        assert_eq!(held().comes_to_at(Action::Exposure(-0.5), close), (0, Some(-100), None));
        assert_eq!(held().comes_to_at(Action::Exposure(0.5), close), (100, None, Some(Reason::Price)));
    }
}

#[test]
fn a_position_that_is_open_is_not_opened_again() {
    for lots in [1, -1] {
        for action in [LONG, SHORT] {
            let mut desk = Desk::lots(UNLIMITED).holding(lots, 10_000);
            assert_eq!(desk.comes_to(action), (lots, None, Some(Reason::PositionOpen)));
        }
        // Whatever is at work beside it.
        let mut desk = Desk::lots(UNLIMITED).holding(lots, 10_000).with_working(working(lots, false, 0));
        assert_eq!(desk.comes_to(LONG), (2 * lots, None, Some(Reason::PositionOpen)));
    }
}

#[test]
fn nothing_is_ordered_while_an_order_is_in_flight() {
    let at_work = Some(Reason::OrderAtWork);
    let flat = |left, latency| Desk::lots(UNLIMITED).with_working(working(left, false, latency));
    for latency in [0, 1] {
        assert_eq!(flat(100, latency).comes_to(LONG), (100, None, at_work));
        assert_eq!(flat(100, latency).comes_to(Action::Hold), (100, None, None));
        // An order that opens cannot be taken back.
        assert_eq!(flat(100, latency).comes_to(Action::Flat), (100, None, at_work));
        assert_eq!(flat(100, latency).comes_to(Action::Exposure(-1.0)), (100, None, at_work));
        // It leads where it is wanted already.
        assert_eq!(flat(50, latency).comes_to(Action::Exposure(0.5)), (50, None, None));
        assert_eq!(flat(50, latency).comes_to(Action::Exposure(0.6)), (50, None, at_work));
    }
    let held = |left, is_closing, latency| {
        Desk::lots(UNLIMITED).holding(60, 10_000).with_working(working(left, is_closing, latency))
    };
    // What opens gives way to what closes, once it is no longer in flight.
    assert_eq!(held(40, false, 0).comes_to(Action::Flat), (0, Some(-60), None));
    assert_eq!(held(40, false, 1).comes_to(Action::Flat), (100, None, at_work));
    assert_eq!(held(40, false, 0).comes_to(Action::Exposure(0.5)), (50, Some(-10), None));
    assert_eq!(held(40, false, 0).comes_to(Action::Exposure(-0.5)), (0, Some(-60), None));
    assert_eq!(held(40, false, 0).comes_to(Action::Exposure(0.6)), (100, None, at_work));
    assert_eq!(held(40, false, 0).comes_to(Action::Exposure(0.8)), (100, None, at_work));
    // What closes gives way to nothing.
    assert_eq!(held(-60, true, 0).comes_to(Action::Flat), (0, None, None));
    assert_eq!(held(-60, true, 0).comes_to(Action::Exposure(1.0)), (0, None, at_work));
    assert_eq!(held(-10, true, 0).comes_to(Action::Flat), (50, None, at_work));
    assert_eq!(held(-10, true, 1).comes_to(Action::Exposure(0.5)), (50, None, None));
    // More than what is open any more, for a stop was there first.
    assert_eq!(held(-100, true, 0).comes_to(Action::Flat), (0, None, None));
    let mut nothing_left = Desk::lots(UNLIMITED).with_working(working(-100, true, 0));
    assert_eq!(nothing_left.comes_to(LONG), (0, None, at_work));
    assert_eq!(nothing_left.comes_to(Action::Flat), (0, None, None));
}

fn bracket(side: Side, stop: Option<f64>, take: Option<f64>, close: i64) -> Result<Bracket, Reason> {
    let mapped = Desk::lots(UNLIMITED).map(Action::Enter { side, stop, take }, close);
    match (mapped.order, mapped.reason) {
        (Some(order), None) => Ok(order.bracket),
        (None, Some(reason)) => Err(reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn levels_stand_on_the_tick_on_their_side_of_the_close() {
    let levels = |stop, take| Ok(Bracket { stop: Some(price(stop)), take: Some(price(take)) });
    // 100.00 − 2 % and + 3 %; ticks of 0.05.
    assert_eq!(bracket(Side::Long, Some(0.02), Some(0.03), 10_000), levels(9_800, 10_300));
    assert_eq!(bracket(Side::Short, Some(0.02), Some(0.03), 10_000), levels(10_200, 9_700));
    // 99.97 and 100.03 are nearest to 99.95 and 100.05.
    assert_eq!(bracket(Side::Long, Some(0.000_3), Some(0.000_3), 10_000), levels(9_995, 10_005));
    // A close off the tick.
    assert_eq!(bracket(Side::Long, Some(0.01), Some(0.01), 10_003), levels(9_905, 10_105));
    assert_eq!(bracket(Side::Long, None, Some(0.01), 10_000).unwrap().stop, None);
    assert_eq!(bracket(Side::Long, None, None, 10_000), Ok(Bracket::default()));
}

#[test]
fn levels_on_the_close_or_beyond_it_are_refused() {
    for side in [Side::Long, Side::Short] {
        // The first two are nearest to the close itself.
        for bad in [0.000_2, 0.000_025, 0.0, -0.0, -0.02, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            assert_eq!(bracket(side, Some(bad), None, 10_000), Err(Reason::Bracket), "stop {bad}");
            assert_eq!(bracket(side, None, Some(bad), 10_000), Err(Reason::Bracket), "take {bad}");
        }
        assert_eq!(bracket(side, Some(f64::NAN), None, 10_000), Err(Reason::NotANumber));
        assert_eq!(bracket(side, Some(0.01), Some(f64::NAN), 10_000), Err(Reason::NotANumber));
    }
    // No price is left: a stop of a long, a take of a short.
    for bad in [1.0, 0.9999, 1.5] {
        assert_eq!(bracket(Side::Long, Some(bad), None, 10_000), Err(Reason::Bracket));
        assert_eq!(bracket(Side::Short, None, Some(bad), 10_000), Err(Reason::Bracket));
    }
    assert!(bracket(Side::Long, None, Some(1.5), 10_000).is_ok());
    assert!(bracket(Side::Short, Some(1.5), None, 10_000).is_ok());
    // Off the tick, a level may be rounded over the close: 100.029 is nearest to 100.05, above 100.03.
    assert_eq!(bracket(Side::Long, Some(0.000_01), None, 10_003), Err(Reason::Bracket));
}

#[test]
fn what_is_no_number_does_nothing() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0 + f64::EPSILON, -2.0] {
        assert_eq!(
            Desk::lots(UNLIMITED).comes_to(Action::Exposure(bad)),
            (0, None, Some(Reason::NotANumber))
        );
        let mut desk = Desk::lots(UNLIMITED).holding(50, 10_000);
        assert_eq!(desk.comes_to(Action::Exposure(bad)), (50, None, Some(Reason::NotANumber)));
    }
}

#[test]
fn an_exposure_is_a_share_of_full_size() {
    let to = |lots, share| Desk::lots(UNLIMITED).holding(lots, 10_000).comes_to(Action::Exposure(share));
    assert_eq!(to(0, 1.0), (100, Some(100), None));
    assert_eq!(to(0, -1.0), (-100, Some(-100), None));
    // As floats, 0.29 × 100 is 28.999…
    assert_eq!(to(0, 0.29), (29, Some(29), None));
    assert_eq!(to(0, 0.299), (29, Some(29), None));
    assert_eq!(to(29, 0.29), (29, None, None));
    assert_eq!(to(29, 1.0), (100, Some(71), None));
    // What is taken off is not limited, and may be a lot.
    assert_eq!(to(30, 0.29), (29, Some(-1), None));
    assert_eq!(to(-30, -0.29), (-29, Some(1), None));
    assert_eq!(to(30, 0.001), (0, Some(-30), None));
    assert_eq!(to(30, 0.0), (0, Some(-30), None));
    // Zero is not crossed.
    assert_eq!(to(30, -1.0), (0, Some(-30), None));
    assert_eq!(to(-30, 0.001), (0, Some(30), None));
    let order = Desk::lots(UNLIMITED).map(Action::Exposure(1.0), 10_000).order.unwrap();
    assert_eq!(order.bracket, Bracket::default());
}

#[test]
fn a_limit_does_not_force_what_is_open_to_shrink() {
    let limits = RiskLimits { max_position_notional: Limit::At(money("50")), ..UNLIMITED };
    let to = |lots, share| Desk::lots(limits).holding(lots, 10_000).comes_to(Action::Exposure(share));
    assert_eq!(to(80, 1.0), (80, None, Some(Reason::Clipped)));
    assert_eq!(to(80, 0.7), (70, Some(-10), None));
    assert_eq!(to(30, 1.0), (50, Some(20), Some(Reason::Clipped)));
    assert_eq!(to(-30, -1.0), (-50, Some(-20), Some(Reason::Clipped)));
    // The order, not the position: 20 lots are added to what is there.
    let limits = RiskLimits { max_order_notional: Limit::At(money("20")), ..UNLIMITED };
    let mut desk = Desk::lots(limits).holding(80, 10_000);
    assert_eq!(desk.comes_to(Action::Exposure(1.0)), (100, Some(20), None));
    let mut desk = Desk::lots(limits).holding(70, 10_000);
    assert_eq!(desk.comes_to(Action::Exposure(1.0)), (90, Some(20), Some(Reason::Clipped)));
}

#[test]
fn sizes_and_starts_that_cannot_be_are_refused() {
    let new = |sizing, start| ActionMapper::new(market(), sizing, UNLIMITED, start);
    let some = money("1");
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.5] {
        let refused = new(Sizing::EquityFraction(bad), some);
        assert!(matches!(refused, Err(ObservationError::Invalid { .. })), "{bad}");
    }
    for bad in [Money::ZERO, money("-1")] {
        assert!(matches!(new(Sizing::Notional(bad), some), Err(ObservationError::Invalid { .. })));
        assert!(matches!(new(Sizing::Lots(1), bad), Err(ObservationError::Invalid { .. })));
    }
    for bad in [0, -1, i64::MIN] {
        assert!(matches!(new(Sizing::Lots(bad), some), Err(ObservationError::Invalid { .. })));
    }
    let limits = RiskLimits { max_leverage: Limit::At(f64::NAN), ..UNLIMITED };
    let refused = ActionMapper::new(market(), Sizing::Lots(1), limits, some);
    assert!(matches!(refused, Err(ObservationError::Invalid { what: "max_leverage", .. })));
    assert_eq!(new(Sizing::Lots(1), some).unwrap().market(), &market());
}

#[test]
fn what_cannot_be_booked_is_an_error() {
    let mut desk = Desk::of(market_of("0.01", "1000000000", "0"), Sizing::Lots(i64::MAX), UNLIMITED);
    let bar = bar(START, 1_000_000);
    let context = Context { mark: Mark::from(&bar), account: &desk.account, working: None };
    let refused = desk.mapper.map(LONG, &context);
    assert!(matches!(refused, Err(ObservationError::Execution(ExecutionError::Overflow { .. }))));
    // A limit makes it bookable.
    let limits = RiskLimits { max_leverage: Limit::At(1e12), ..UNLIMITED };
    let mut desk = Desk::of(market_of("0.01", "1000000000", "0"), Sizing::Lots(i64::MAX), limits);
    // 1e16 of leverage, 1e13 a lot.
    assert_eq!(desk.comes_to_at(LONG, 1_000_000), (1000, Some(1000), Some(Reason::Clipped)));
}

#[test]
fn nothing_is_allocated() {
    let limits = RiskLimits { max_leverage: Limit::At(0.3), max_daily_loss: Limit::At(0.1), ..UNLIMITED };
    let mut desk = Desk::new(Sizing::EquityFraction(0.3), limits).holding(10, 10_000);
    let actions = [
        Action::Hold,
        Action::Flat,
        LONG,
        Action::Enter { side: Side::Short, stop: Some(0.01), take: Some(0.02) },
        Action::Exposure(0.123_456_789_012_345_67),
        Action::Exposure(-1e-300),
        Action::Exposure(f64::NAN),
    ];
    for lots in [0, -10] {
        desk = desk.holding(lots, 10_000);
        let mut orders = 0;
        let info = allocation_counter::measure(|| {
            for action in actions {
                orders += u32::from(desk.map(action, 10_000).order.is_some());
            }
        });
        assert_eq!((info.count_total, orders > 1), (0, true));
    }
}

#[test]
fn a_bar_on_another_grid_changes_nothing() {
    let mut desk = Desk::lots(UNLIMITED);
    let before = desk.mapper.clone();
    let mut fields = *bar(START, 10_000).fields();
    fields.grid = Grid::new(3, 3).unwrap();
    let bar = feature_api::Bar::new(fields).unwrap();
    let context = Context { mark: Mark::from(&bar), account: &desk.account, working: None };
    let refused = desk.mapper.map(LONG, &context);
    assert!(matches!(refused, Err(ObservationError::Update(UpdateError::Grid { .. }))));
    assert_eq!(desk.mapper, before);
}
