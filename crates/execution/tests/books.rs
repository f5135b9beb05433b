//! The books close to the last unit, and no fill is better than its bar: over made-up markets, recomputed from the
//! fills.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::ledger::{Ledger, check_books, check_trade, record, value};
use common::money;
use common::scenario::{Scenario, scenario};
use execution::{Account, Costs, ExecutionError, Fill, FillKind, Order, PaperExchange};
use feature_api::Bar;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

/// What was seen over many scenarios: a property of nothing proves nothing.
#[derive(Debug, Default)]
struct Seen {
    entries: u32,
    closes: u32,
    stops: u32,
    gaps: u32,
    takes: u32,
    partial: u32,
    shorts: u32,
    below_zero: u32,
    refused: u32,
    off_tick: u32,
}

/// The price is what its reference and the costs give, and the costs are what they are said to be.
fn check_price(scenario: &Scenario, bar: &Bar, fill: &Fill, level: Option<i64>, seen: &mut Seen) {
    let (.., tick, _, unit) = scenario.kind;
    let Costs { taker_fee, maker_fee, spread, slippage, .. } = scenario.costs;
    let (is_buy, lots, price) = (fill.lots > 0, i128::from(fill.lots.abs()), fill.price.raw());
    assert_eq!(price % tick, 0, "off the tick");
    let worth = value(unit, fill).abs();
    // The least fee of whole units that is no less than its share.
    let fee_rate = if fill.kind == FillKind::Take { maker_fee } else { taker_fee };
    let (fee, due) = (fill.fee.units() * 1_000_000_000, worth * i128::from(fee_rate.billionths()));
    assert!(fee >= due && fee < due + 1_000_000_000, "fee {fee} of {due}");
    assert!(fill.fee.units() >= 0 && fill.spread.units() >= 0 && fill.slippage.units() >= 0);
    // The reference follows from the costs: what they come to is a whole number of steps.
    let worse = fill.spread.units() + fill.slippage.units();
    assert_eq!(worse % (lots * unit), 0);
    let steps = i64::try_from(worse / (lots * unit)).unwrap();
    let reference = if is_buy { price - steps } else { price + steps };
    let (low, high, open) = (bar.low().raw(), bar.high().raw(), bar.open().raw());
    match fill.kind {
        FillKind::Take => {
            assert_eq!((worse, Some(price)), (0, level));
            assert!(if is_buy { price >= low } else { price <= high }, "better than the bar");
            return;
        }
        FillKind::Market => assert_eq!(reference, open),
        FillKind::Stop => assert!(reference == open || Some(reference) == level),
    }
    assert!(low <= reference && reference <= high, "better than the bar");
    // The next tick against the trader, and no further: in half billionths of a step.
    let halves = i128::from(spread.billionths()) + 2 * i128::from(slippage.billionths());
    let one = 2_000_000_000_i128;
    let touch = i128::from(reference.abs()) * halves;
    let beyond = if is_buy {
        i128::from(price - reference) * one - touch
    } else {
        i128::from(reference - price) * one - touch
    };
    assert!(beyond >= 0 && beyond < i128::from(tick) * one, "{beyond} half billionths beyond");
    let half = i128::from(reference.abs()) * lots * unit * i128::from(spread.billionths());
    assert!(fill.spread.units() * one <= half && half < (fill.spread.units() + 1) * one);
    seen.off_tick += u32::from(i128::from(steps) * one != touch);
}

fn count(seen: &mut Seen, bar: &Bar, fill: &Fill, held: i64) {
    match fill.kind {
        FillKind::Market if held * fill.lots >= 0 => seen.entries += 1,
        FillKind::Market => seen.closes += 1,
        FillKind::Stop => {
            seen.stops += 1;
            seen.gaps += u32::from(fill.ts == bar.ts_open());
        }
        FillKind::Take => seen.takes += 1,
    }
    seen.shorts += u32::from(held + fill.lots < 0);
    seen.below_zero += u32::from(fill.price.raw() < 0);
}

/// Runs a scenario, checking everything at every bar.
fn check(scenario: &Scenario, seen: &mut Seen) {
    let (.., lot_steps, unit) = scenario.kind;
    let market = scenario.market((0, 0));
    let mut exchange = PaperExchange::new(market.clone(), scenario.costs, true).unwrap();
    let start = money("1000000");
    let mut account = Account::new(start).unwrap();
    let (mut fills, mut trades) = (Vec::new(), Vec::new());
    let mut ledger = Ledger::default();
    // The order that may fill, and the bar at whose close it was submitted.
    let mut submitted: Option<(Order, usize)> = None;
    for (index, bar) in scenario.bars((0, 0)).iter().enumerate() {
        let mut bracket = exchange.bracket();
        fills.clear();
        trades.clear();
        exchange.fill(bar, &mut account, &mut fills, &mut trades).unwrap();

        let mut completed = trades.iter();
        for fill in &fills {
            count(seen, bar, fill, ledger.lots);
            let (order, at) = submitted.unwrap();
            if fill.kind == FillKind::Market {
                assert_eq!(fill.order, order.id);
                let age = u32::try_from(index - at).unwrap();
                assert!(age > scenario.costs.latency_bars, "filled too early");
                if ledger.lots * fill.lots >= 0 {
                    assert!(
                        age <= scenario.costs.latency_bars + scenario.costs.entry_order_bars,
                        "not cancelled"
                    );
                    let replaces = ledger.lots == 0 || order.bracket != execution::Bracket::default();
                    bracket = if replaces { order.bracket } else { bracket };
                }
            }
            let level = match fill.kind {
                FillKind::Market => None,
                FillKind::Stop => bracket.stop,
                FillKind::Take => bracket.take,
            };
            check_price(scenario, bar, fill, level.map(|level| level.raw()), seen);
            if let Some(of_trade) = record(&mut ledger, unit, fill) {
                check_trade(&mut ledger, unit, &of_trade, completed.next().unwrap());
            }
        }
        assert_eq!(completed.next(), None, "a trade without its fills");

        if let Some(share) = scenario.costs.max_volume_share {
            let whole_lots = i128::from(bar.volume().raw() / lot_steps);
            let budget = whole_lots * i128::from(share.billionths()) / 1_000_000_000;
            let filled: i128 = fills.iter().map(|fill| i128::from(fill.lots.abs())).sum();
            assert!(filled <= budget, "{filled} lots of {budget}");
            seen.partial += u32::from(filled > 0 && exchange.working().is_some());
        }
        check_books(&account, &ledger, &market, bar.close(), unit);

        if let Some(order) = scenario.order(index, bar, account.lots(), (0, 0)) {
            let before = exchange.clone();
            match exchange.submit(order, &account) {
                Ok(()) => submitted = Some((order, index)),
                Err(ExecutionError::Order { id, .. }) => {
                    assert_eq!((id, &exchange), (order.id, &before));
                    seen.refused += 1;
                }
                refused @ Err(_) => assert_eq!(refused, Ok(())),
            }
        }
    }
}

proptest! {
    #![proptest_config(Config::with_cases(2000))]

    #[test]
    fn the_books_close_to_the_last_unit(scenario in scenario(60)) {
        check(&scenario, &mut Seen::default());
    }
}

#[test]
fn made_up_markets_have_every_kind_of_fill() {
    let mut runner = TestRunner::deterministic();
    let mut seen = Seen::default();
    for _ in 0..50 {
        check(&scenario(60).new_tree(&mut runner).unwrap().current(), &mut seen);
    }
    let Seen { entries, closes, stops, gaps, takes, partial, shorts, below_zero, refused, off_tick } = seen;
    let counts = [entries, closes, stops, gaps, takes, partial, shorts, below_zero, refused, off_tick];
    assert!(counts.iter().all(|count| *count >= 20), "{seen:?}");
    assert!(stops > gaps, "{seen:?}");
}
