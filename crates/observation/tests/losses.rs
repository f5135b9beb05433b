//! What losses and entries of a day come to, computed by hand.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::desk::{Desk, LONG, SHORT, short};
use common::{DAY, MINUTE, START, UNLIMITED, money, working};
use feature_api::{StateReader, StateWriter};
use observation::{Action, Limit, Reason, RiskLimits};

#[test]
fn entries_are_counted_by_utc_day() {
    let limits = RiskLimits { max_entries_per_day: Limit::At(2), ..UNLIMITED };
    for midnight in [START, 0, -10 * DAY] {
        let mut desk = Desk::lots(limits);
        let mut at = |after: i64, action| short(desk.map_at(midnight + after, action, 10_000));
        let refused = (0, None, Some(Reason::EntriesPerDay));
        assert_eq!(at(MINUTE, LONG), (100, Some(100), None));
        assert_eq!(at(2 * MINUTE, Action::Exposure(-0.5)), (-50, Some(-50), None));
        assert_eq!(at(3 * MINUTE, SHORT), refused);
        assert_eq!(at(4 * MINUTE, Action::Exposure(0.5)), refused);
        // A close at midnight ends the day.
        assert_eq!(at(DAY, LONG), refused);
        assert_eq!(at(DAY + 1, LONG), (100, Some(100), None));
    }
}

#[test]
fn adding_is_no_entry() {
    let limits = RiskLimits { max_entries_per_day: Limit::At(2), ..UNLIMITED };
    let mut desk = Desk::lots(limits);
    assert_eq!(desk.comes_to(Action::Exposure(0.5)), (50, Some(50), None));
    desk = desk.holding(50, 10_000);
    assert_eq!(desk.comes_to(Action::Exposure(1.0)), (100, Some(50), None));
    assert_eq!(desk.comes_to(Action::Flat), (0, Some(-50), None));
    desk = desk.holding(-50, 10_000);
    assert_eq!(desk.comes_to(LONG), (100, Some(100), None));
    assert_eq!(desk.comes_to(LONG), (0, None, Some(Reason::EntriesPerDay)));
}

#[test]
fn a_daily_loss_closes_and_halts_until_the_next_day() {
    let limits = RiskLimits { max_daily_loss: Limit::At(0.05), ..UNLIMITED };
    // 100 units bought at 100: a point is 100.
    let mut desk = Desk::lots(limits).holding(10_000, 10_000);
    let mut map = |after, action, close| short(desk.map_at(START + after, action, close));
    // 500 of 10,000 lost: at the limit, not beyond it.
    assert_eq!(map(MINUTE, Action::Hold, 9_500), (10_000, None, None));
    let halted = (0, Some(-10_000), Some(Reason::DailyLoss));
    assert_eq!(map(2 * MINUTE, Action::Hold, 9_499), halted);
    // It does not come back with the price.
    assert_eq!(map(3 * MINUTE, LONG, 11_000), halted);
    assert_eq!(map(4 * MINUTE, Action::Flat, 9_000), (0, Some(-10_000), None));
    assert_eq!(map(DAY, Action::Exposure(f64::NAN), 9_000), halted);
    // The next day begins with the equity of its eve: 9,000. At 8,549 more than 5 % of that are lost.
    assert_eq!(map(DAY + MINUTE, Action::Hold, 8_550), (10_000, None, None));
    assert_eq!(map(DAY + 2 * MINUTE, Action::Hold, 8_549), halted);
}

#[test]
fn a_halt_that_finds_nothing_open_opens_nothing() {
    let limits = RiskLimits { max_daily_loss: Limit::At(0.05), ..UNLIMITED };
    let mut desk = Desk::lots(limits).holding(10_000, 10_000);
    let halt = Some(Reason::DailyLoss);
    assert_eq!(desk.comes_to_at(Action::Hold, 9_000), (0, Some(-10_000), halt));
    desk = desk.holding(-10_000, 9_000);
    assert_eq!(desk.comes_to(Action::Hold), (0, None, None));
    assert_eq!(desk.comes_to(Action::Flat), (0, None, None));
    assert_eq!(desk.comes_to(Action::Exposure(-0.0)), (0, None, None));
    assert_eq!(desk.comes_to(LONG), (0, None, halt));
    assert_eq!(desk.comes_to(Action::Exposure(0.5)), (0, None, halt));
    // An order that opens cannot be taken back, and is closed once it has filled.
    desk.working = Some(working(100, false, 0));
    assert_eq!(desk.comes_to(Action::Hold), (100, None, halt));
    assert_eq!(desk.comes_to(Action::Flat), (100, None, Some(Reason::OrderAtWork)));
    desk = desk.holding(40, 10_000);
    desk.working = Some(working(60, false, 1));
    assert_eq!(desk.comes_to(Action::Hold), (100, None, halt));
    desk.working = Some(working(60, false, 0));
    assert_eq!(desk.comes_to(Action::Hold), (0, Some(-40), halt));
    desk.working = Some(working(-40, true, 0));
    assert_eq!(desk.comes_to(Action::Hold), (0, None, None));
}

#[test]
fn every_bar_of_a_day_counts_towards_its_loss() {
    // A bar a day: the loss of the bar is the loss of the day.
    let limits = RiskLimits { max_daily_loss: Limit::At(0.05), ..UNLIMITED };
    let mut desk = Desk::lots(limits).holding(10_000, 10_000);
    assert_eq!(short(desk.map_at(START + DAY, Action::Hold, 10_000)), (10_000, None, None));
    let mapped = desk.map_at(START + 2 * DAY, Action::Hold, 9_400);
    assert_eq!(short(mapped), (0, Some(-10_000), Some(Reason::DailyLoss)));
    assert_eq!(mapped.equity, money("9400"));
}

#[test]
fn a_drawdown_halts_for_good() {
    let limits = RiskLimits { max_drawdown: Limit::At(0.3), ..UNLIMITED };
    let mut desk = Desk::lots(limits).holding(10_000, 10_000);
    // The peak is 20,000; 14,000 is 30 % below it, and within the limit.
    assert_eq!(desk.comes_to_at(Action::Hold, 20_000), (10_000, None, None));
    assert_eq!(desk.comes_to_at(Action::Hold, 14_000), (10_000, None, None));
    let halted = (0, Some(-10_000), Some(Reason::Drawdown));
    assert_eq!(desk.comes_to_at(Action::Hold, 13_999), halted);
    assert_eq!(short(desk.map_at(START + 30 * DAY, LONG, 30_000)), halted);
    desk = desk.holding(-10_000, 30_000);
    let halted = (0, None, Some(Reason::Drawdown));
    assert_eq!(short(desk.map_at(START + 60 * DAY, SHORT, 30_000)), halted);
}

#[test]
fn without_equity_nothing_is_opened_any_more() {
    // 100 units sold at 100; at 200 everything is lost.
    let short_desk = || Desk::lots(UNLIMITED).holding(-10_000, 10_000);
    let mut desk = short_desk();
    assert_eq!(desk.comes_to_at(Action::Hold, 19_999), (-10_000, None, None));
    assert_eq!(desk.comes_to_at(Action::Hold, 20_000), (0, Some(10_000), Some(Reason::Bankrupt)));
    desk = desk.holding(10_000, 100);
    assert_eq!(desk.comes_to(LONG), (0, None, Some(Reason::Bankrupt)));
    // Beyond every limit at once, this is what stands.
    let limits = RiskLimits { max_drawdown: Limit::At(0.1), max_daily_loss: Limit::At(0.1), ..UNLIMITED };
    let mut desk = Desk::lots(limits).holding(-10_000, 10_000);
    assert_eq!(desk.comes_to_at(Action::Hold, 30_000), (0, Some(10_000), Some(Reason::Bankrupt)));
    assert_eq!(desk.comes_to(Action::Hold), (0, Some(10_000), Some(Reason::Bankrupt)));
}

#[test]
fn a_damaged_state_is_refused_and_changes_nothing() {
    let limits = RiskLimits { max_drawdown: Limit::At(0.3), ..UNLIMITED };
    let mut desk = Desk::lots(limits).holding(10_000, 10_000);
    desk.map(Action::Hold, 20_000);
    let mut state = StateWriter::new();
    desk.mapper.save(&mut state);
    let state = state.into_bytes();
    let before = desk.mapper.clone();
    for length in 0..state.len() {
        assert!(desk.mapper.load(&mut StateReader::new(&state[..length])).is_err());
        assert_eq!(desk.mapper, before);
    }
    // Orders 8 bytes, equity 16, peak 16, day 9, equity of the day 16, entries 8, three flags.
    assert_eq!(state.len(), 76);
    let highest = money("20000").units();
    assert_eq!(state[8..24], highest.to_le_bytes());
    let damage: [(usize, &[u8]); 6] = [
        // A peak below equity; all of it below the start.
        (24, &(highest - 1).to_le_bytes()),
        (8, &[0; 57]),
        // A day that began above the peak.
        (49, &(highest + 1).to_le_bytes()),
        // More entries than are counted.
        (65, &[0xff; 8]),
        // A flag that is none; bankrupt, but not halted.
        (73, &[2]),
        (75, &[1]),
    ];
    for (at, bytes) in damage {
        let mut damaged = state.clone();
        damaged[at..at + bytes.len()].copy_from_slice(bytes);
        assert!(desk.mapper.load(&mut StateReader::new(&damaged)).is_err(), "at {at}");
        assert_eq!(desk.mapper, before);
    }
    let mut reader = StateReader::new(&state);
    assert_eq!(desk.mapper.load(&mut reader), Ok(()));
    assert_eq!((reader.finish(), desk.mapper), (Ok(()), before));
}
