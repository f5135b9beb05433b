//! A saved state goes on as if there had been no pause, bytes that are no state are refused without a panic, and
//! nothing is allocated once warm.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::inconsistent_digit_grouping, reason = "prices in cents: 100_05 is 100.05")]

mod common;

use common::event_scenario::{EventScenario, event_scenario};
use common::events::{EventDesk, MS, bracket, costs, delta_on, event_order, free_events, limit, trade_on};
use common::{market, money};
use execution::{Account, EventExchange, EventOrder, OrderKind};
use feature_api::{AggressorSide, RestoreError, StateReader, StateWriter};
use market_data::MarketEvent;
use proptest::prelude::*;
use proptest::test_runner::Config;

const CASH: &str = "1000000";

fn save(account: &Account, exchange: &EventExchange) -> Vec<u8> {
    let mut state = StateWriter::new();
    account.save(&mut state);
    exchange.save(&mut state);
    state.into_bytes()
}

/// Fresh ones that go on from there.
fn load(bytes: &[u8], like: &EventExchange, cash: &str) -> Result<(Account, EventExchange), RestoreError> {
    let mut state = StateReader::new(bytes);
    let mut account = Account::new(money(cash)).unwrap();
    let mut exchange = EventExchange::new(like.market().clone(), *like.costs());
    account.load(&mut state)?;
    exchange.load(&mut state, &account)?;
    state.finish()?;
    Ok((account, exchange))
}

/// Everything that a run did, restarted after every event or never.
fn run(scenario: &EventScenario, restarts: bool) -> (String, Vec<u8>) {
    let mut exchange = EventExchange::new(scenario.market((0, 0)), scenario.costs);
    let mut account = Account::new(money(CASH)).unwrap();
    let (mut fills, mut trades) = (Vec::new(), Vec::new());
    for (index, event) in scenario.events((0, 0)).iter().enumerate() {
        exchange.on_event(&event.view(), &mut account, &mut fills, &mut trades).unwrap();
        scenario.act(index, &mut exchange, &account, (0, 0));
        if restarts {
            let (next_account, next_exchange) = load(&save(&account, &exchange), &exchange, CASH).unwrap();
            assert_eq!((&next_account, &next_exchange), (&account, &exchange));
            (account, exchange) = (next_account, next_exchange);
        }
    }
    (format!("{fills:?} {trades:?}"), save(&account, &exchange))
}

/// What was loaded goes on without a panic.
fn goes_on(mut account: Account, mut exchange: EventExchange, events: &[MarketEvent]) {
    let (mut fills, mut trades) = (Vec::new(), Vec::new());
    for event in events {
        if exchange.on_event(&event.view(), &mut account, &mut fills, &mut trades).is_err() {
            return;
        }
    }
}

proptest! {
    #![proptest_config(Config::with_cases(500))]

    #[test]
    fn restarted_after_every_event_nothing_differs(scenario in event_scenario(60)) {
        prop_assert_eq!(run(&scenario, true), run(&scenario, false));
    }

    #[test]
    fn damaged_bytes_do_not_panic(
        scenario in event_scenario(30),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let (_, bytes) = run(&scenario, false);
        let like = EventExchange::new(scenario.market((0, 0)), scenario.costs);
        prop_assert_eq!(load(&bytes[..cut.index(bytes.len())], &like, CASH), Err(RestoreError::Truncated));
        let mut damaged = bytes.clone();
        for (index, byte) in damage {
            damaged[index.index(bytes.len())] = byte;
        }
        if let Ok((account, exchange)) = load(&damaged, &like, CASH) {
            goes_on(account, exchange, &scenario.events((0, 0)));
        }
    }
}

/// A position with stop and take, a quote in its queue, an order and a cancellation on their way, a level taken.
fn in_the_middle() -> EventDesk {
    let mut desk = EventDesk::new(costs());
    desk.snapshot(0, &[(100_00, 9), (99_95, 5)], &[(100_10, 3), (100_20, 4)]);
    let levels = bracket(Some(99_00), Some(100_20));
    desk.submit(EventOrder { bracket: levels, ..event_order(1, 5, OrderKind::Market, 0) });
    desk.clock(10);
    desk.submit(event_order(2, 3, limit(100_00), 10));
    desk.sell(20, 100_00, 4);
    desk.delta(21, &[(100_00, 4)], &[]);
    assert!(desk.exchange.cancel(2, feature_api::UnixNanos(21 * MS)));
    desk.submit(event_order(3, -1, OrderKind::Market, 21));
    assert_eq!((desk.account.lots(), desk.exchange.working().len()), (5, 3));
    desk
}

fn to_come() -> Vec<MarketEvent> {
    let grid = market().grid();
    let trade = |ms, id, at, side| trade_on(grid, ms * MS, id, at, 9, side);
    vec![
        trade(25, 90, 100_00, AggressorSide::Sell),
        trade(26, 91, 100_20, AggressorSide::Buy),
        delta_on(grid, 40 * MS, 3, &[], &[(100_10, 9)]),
        trade(50, 92, 98_00, AggressorSide::Sell),
        MarketEvent::Clock(feature_api::UnixNanos(90 * MS)),
    ]
}

#[test]
fn every_bit_of_a_state_is_read() {
    let desk = in_the_middle();
    let bytes = save(&desk.account, &desk.exchange);
    let (account, exchange) = load(&bytes, &desk.exchange, "1000").unwrap();
    assert_eq!((&account, &exchange), (&desk.account, &desk.exchange));
    let mut refused = 0;
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok((account, exchange)) = load(&flipped, &desk.exchange, "1000") else {
            refused += 1;
            continue;
        };
        assert_eq!(save(&account, &exchange), flipped, "bit {bit}");
        goes_on(account, exchange, &to_come());
    }
    assert!(refused > bytes.len(), "{refused} of {} bits", bytes.len() * 8);
    for length in 0..bytes.len() {
        assert_eq!(
            load(&bytes[..length], &desk.exchange, "1000"),
            Err(RestoreError::Truncated),
            "{length} bytes"
        );
    }
}

#[test]
fn what_cannot_be_restored_changes_nothing() {
    let mut desk = in_the_middle();
    let before = desk.clone();
    let flat = Account::new(money("1000")).unwrap();
    let mut state = StateWriter::new();
    desk.exchange.save(&mut state);
    let bytes = state.into_bytes();
    // The orders of another position: there is nothing to close.
    let refused = desk.exchange.load(&mut StateReader::new(&bytes), &flat).unwrap_err();
    assert_eq!(refused.to_string(), "the state is damaged: expected orders at work that fit the position");
    assert!(desk.exchange.load(&mut StateReader::new(&bytes[..bytes.len() - 1]), &desk.account).is_err());
    assert_eq!(desk, before);
}

#[test]
fn nothing_is_allocated_once_warm() {
    let mut desk = EventDesk::new(free_events());
    desk.snapshot(0, &[(100_00, 9), (99_95, 5)], &[(100_10, 300), (100_20, 4)]);
    desk.fills.reserve(10_000);
    desk.trades.reserve(10_000);
    let grid = market().grid();
    let events: Vec<_> = (0..2000_i64)
        .map(|index| {
            let (ts, id) = (index * MS, u64::try_from(index).unwrap());
            match index % 4 {
                0 => trade_on(grid, ts, id + 100, 100_00, 9, AggressorSide::Sell),
                1 => delta_on(grid, ts, id / 4 + 2, &[(100_00, 9 + index % 3)], &[(100_10, 300 + index % 5)]),
                2 => MarketEvent::Clock(feature_api::UnixNanos(ts)),
                _ => trade_on(grid, ts, id + 100, 100_10, 4, AggressorSide::Buy),
            }
        })
        .collect();
    let EventDesk { exchange, account, fills, trades, .. } = &mut desk;
    let mut id = 0;
    let mut feed = |events: &[MarketEvent]| {
        for event in events {
            exchange.on_event(&event.view(), account, fills, trades).unwrap();
            id += 1;
            let (now, held) = (exchange.clock().unwrap(), account.lots());
            let (lots, kind) = if held > 0 { (-held, OrderKind::Market) } else { (2, limit(100_00)) };
            let kind = if id % 3 == 0 { OrderKind::Market } else { kind };
            let levels = if held == 0 { bracket(Some(99_00), Some(100_10)) } else { bracket(None, None) };
            if exchange.working().len() < 4 {
                let order = EventOrder { id, lots, kind, bracket: levels, ts_sent: now };
                exchange.submit(order, account).unwrap();
            }
        }
    };
    feed(&events[..200]);
    let allocated = allocation_counter::measure(|| feed(&events[200..]));
    assert_eq!(allocated.count_total, 0);
    assert!(desk.fills.len() > 500, "{}", desk.fills.len());
}
