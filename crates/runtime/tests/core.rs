//! The step: what it does in which order, that it can be stopped anywhere, and that it knows nothing of what comes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::sync::{Arc, Mutex};

use execution::{Costs, FillKind, Money, PositionView};
use feature_api::{Bar, BarFields, Grid, RestoreError, Side, StateReader, StateWriter, UnixNanos};
use observation::{Action, RewardCalculator, RewardOptions};
use runtime::{Core, CoreError};
use strategy::{AlwaysFlat, BuyAndHold, Signal, Strategy, StrategyError};
use support::{
    MINUTE, SPEC, Script, bar, bars, core_with, costs, fields, grid, limits, load, market, price, reactive,
    run, saved, step, wants,
};

fn script(actions: &[Action]) -> Core {
    let costs = Costs { latency_bars: 0, max_volume_share: None, ..costs() };
    core_with(Box::new(Script { actions: actions.to_vec(), at: 0 }), costs, limits())
}

const LONG: Action = Action::Enter { side: Side::Long, stop: None, take: None };

#[test]
fn what_is_decided_on_a_bar_fills_in_the_next_and_is_told_then() {
    let mut core = script(&[LONG, Action::Hold, Action::Flat]);
    assert_eq!((core.bars(), core.last_close()), (0, None));
    let bars: Vec<Bar> = [10_000, 10_100, 10_200, 10_300]
        .into_iter()
        .zip(0..)
        .map(|(open, minute)| bar(minute, [open, open + 50, open - 50, open + 10], 1_000))
        .collect();
    let cash = Money::parse("10000").unwrap();

    let first = core.step(&bars[0]).unwrap();
    assert_eq!((first.index, first.fills.len(), first.lots, first.cash), (0, 0, 0, cash));
    let order = first.mapped.order.unwrap();
    // A fifth of the equity at the close of 1001.0, in lots of 0.001.
    assert_eq!((order.id, order.lots, first.mapped.target), (1, 1998, 1998));

    let second = core.step(&bars[1]).unwrap();
    let [fill] = second.fills else { panic!("{:?}", second.fills) };
    // A taker's buy at the open of 1010.0, 0.02 % worse, up to the tick.
    assert_eq!(
        (fill.kind, fill.lots, fill.price, fill.ts),
        (FillKind::Market, 1998, price(10_103), bars[1].ts_open())
    );
    assert_eq!((second.index, second.lots, second.mapped.order), (1, 1998, None));
    let value = market().value(fill.price, fill.lots).unwrap();
    assert_eq!(second.cash, cash.checked_sub(value).unwrap().checked_sub(fill.fee).unwrap());
    let mark = market().value(price(10_110), 1998).unwrap();
    assert_eq!(second.equity, second.cash.checked_add(mark).unwrap());
    assert_eq!(second.mapped.equity, second.equity);

    assert_eq!(core.step(&bars[2]).unwrap().mapped.order.unwrap().lots, -1998);
    let last = core.step(&bars[3]).unwrap();
    let [trade] = last.trades else { panic!("{:?}", last.trades) };
    assert_eq!((trade.lots, trade.fees, last.lots, last.fills.len()), (1998, last.fees, 0, 1));
    assert_eq!((last.equity, last.cash), (cash.checked_add(trade.net()).unwrap(), last.equity));
    let fees = trade.fees;
    assert_eq!((core.bars(), core.last_close()), (4, Some(bars[3].ts_close())));
    assert_eq!(core.account().fees(), fees);
}

#[test]
fn the_reward_is_of_the_equity_at_the_close_and_of_what_was_traded() {
    let stopped = Action::Enter { side: Side::Long, stop: Some(0.005), take: None };
    let mut core = script(&[LONG, Action::Flat, stopped]);
    let options = RewardOptions { drawdown_penalty: 0.5, turnover_penalty: 0.01 };
    let mut expected = RewardCalculator::new(options, Money::parse("10000").unwrap()).unwrap();
    // Nothing, a purchase, a sale, both in one bar, nothing.
    for (minute, low, fills) in
        [(0, 10_000, 0), (1, 10_000, 1), (2, 10_000, 1), (3, 9_900, 2), (4, 10_000, 0)]
    {
        let bar = bar(minute, [10_000, 10_000, low, 10_000], 1_000);
        let step = core.step(&bar).unwrap();
        assert_eq!(step.fills.len(), fills);
        let traded = step.fills.iter().map(|fill| market().value(fill.price, fill.lots.abs()).unwrap());
        let traded = traded.fold(Money::ZERO, |sum, value| sum.checked_add(value).unwrap());
        let expected = expected.step(step.equity, traded).unwrap();
        assert_eq!(step.reward.to_bits(), expected.to_bits(), "minute {minute}");
        assert_eq!(step.reward < 0.0, fills > 0, "{}: a fill costs", step.reward);
    }
}

/// Enters at once, and notes what it is told: lots held and bars held.
struct Told(Arc<Mutex<Vec<(i64, u32)>>>);

impl Strategy for Told {
    fn name(&self) -> &'static str {
        "told"
    }

    fn on_bar(&mut self, _: &Bar, position: Option<&PositionView>, _: bool) -> Result<Signal, StrategyError> {
        let mut told = self.0.lock().unwrap();
        told.push(position.map_or((0, 0), |held| (held.lots, held.bars_held)));
        Ok(wants(if told.len() == 1 { LONG } else { Action::Hold }))
    }

    fn save(&self, _: &mut StateWriter) {}

    fn load(&mut self, _: &mut StateReader<'_>) -> Result<(), RestoreError> {
        Ok(())
    }
}

#[test]
fn the_position_told_is_the_one_after_the_fills_of_the_bar() {
    let told = Arc::new(Mutex::new(vec![]));
    let costs = Costs { latency_bars: 0, max_volume_share: None, ..costs() };
    let mut core = core_with(Box::new(Told(told.clone())), costs, limits());
    for minute in 0..4 {
        core.step(&bar(minute, [10_000, 10_050, 9_950, 10_000], 1_000)).unwrap();
    }
    assert_eq!(*told.lock().unwrap(), [(0, 0), (2000, 1), (2000, 2), (2000, 3)]);
}

#[test]
fn strategies_to_compare_with() {
    let bars: Vec<Bar> = (0..8).map(|minute| bar(minute, [10_000, 10_050, 9_950, 10_000], 1_000)).collect();
    let costs = Costs { latency_bars: 0, max_volume_share: None, ..costs() };
    let mut core = core_with(Box::new(BuyAndHold), costs, limits());
    let orders: Vec<u64> =
        bars.iter().filter_map(|bar| core.step(bar).unwrap().mapped.order).map(|order| order.id).collect();
    assert_eq!((orders, core.account().lots()), (vec![1], 2000));

    let mut core = core_with(Box::new(AlwaysFlat), costs, limits());
    for bar in &bars {
        let step = core.step(bar).unwrap();
        assert_eq!((step.mapped.order, step.fills.len(), step.reward), (None, 0, 0.0));
    }
}

/// Bars that cannot follow the bar of minute 9, with what is said of them.
fn refused() -> Vec<(BarFields, CoreError)> {
    let next = fields(10, [10_000; 4], 1_000);
    let previous = UnixNanos(10 * MINUTE);
    let finer = Grid::new(2, 3).unwrap();
    let interval = |fields: BarFields, found_ns| (fields, CoreError::Interval { expected: SPEC, found_ns });
    let ends = |ts_close: i64| BarFields {
        ts_close: UnixNanos(ts_close),
        ts_available: UnixNanos(ts_close),
        ..next
    };
    let early = fields(9, [10_000; 4], 1_000);
    vec![
        (BarFields { grid: finer, ..next }, CoreError::Grid { expected: grid(), found: finer }),
        (early, CoreError::Order { previous, found: UnixNanos(9 * MINUTE) }),
        (
            BarFields { ts_open: UnixNanos(10 * MINUTE - 1), ..next },
            CoreError::Order { previous, found: UnixNanos(10 * MINUTE - 1) },
        ),
        interval(ends(15 * MINUTE), 5 * MINUTE),
        interval(ends(11 * MINUTE - 1), MINUTE - 1),
        interval(ends(11 * MINUTE + 1), MINUTE + 1),
        interval(ends(i64::MAX), i64::MAX - 10 * MINUTE),
    ]
}

#[test]
fn a_refused_bar_changes_nothing() {
    let mut core = reactive();
    let before: Vec<Bar> =
        (0..10).map(|minute| bar(minute, [10_000, 10_100, 9_900, 10_020 + minute], 9_000)).collect();
    run(&mut core, &before);
    let state = saved(&core);
    for (fields, expected) in refused() {
        let bar = Bar::new(fields).unwrap();
        assert_eq!(core.step(&bar).map(|_| ()), Err(expected.clone()));
        assert!(saved(&core) == state, "{expected}");
    }
    // It goes on as if nothing had been.
    let next = bar(10, [10_050, 10_100, 9_900, 10_060], 9_000);
    let mut other = reactive();
    run(&mut other, &before);
    assert_eq!(step(&mut core, &next), step(&mut other, &next));
}

#[test]
fn a_bar_as_long_as_time_is_refused() {
    let whole =
        BarFields { ts_open: UnixNanos(i64::MIN), ts_close: UnixNanos(i64::MAX), ..fields(0, [1; 4], 1) };
    let whole = Bar::new(BarFields { ts_available: whole.ts_close, ..whole }).unwrap();
    let expected = CoreError::Interval { expected: SPEC, found_ns: i64::MAX };
    assert_eq!(reactive().step(&whole).map(|_| ()), Err(expected));
}

#[test]
fn messages_say_what_to_do() {
    let messages: Vec<String> = refused().into_iter().take(4).map(|(_, error)| error.to_string()).collect();
    assert_eq!(
        messages,
        [
            "expected bars with 1 price decimals, 3 quantity decimals, found 2 price decimals, 3 quantity decimals; \
             feed one instrument on one grid",
            "expected a bar that opens at 600000000000 or later, found one that opens at 540000000000 (nanoseconds \
             since 1970); feed the bars of one instrument in order, each once",
            "expected a bar that opens at 600000000000 or later, found one that opens at 599999999999 (nanoseconds \
             since 1970); feed the bars of one instrument in order, each once",
            "expected time bars of 1m with volume, found a bar of 300000000000 ns; feed the bars that the models were \
             trained on",
        ]
    );
}

#[test]
fn stopped_at_every_bar_it_goes_on_the_same() {
    let bars = bars(150, 1);
    let expected = run(&mut reactive(), &bars);
    let fills = expected.iter().filter(|record| record.contains("\"price\"")).count();
    assert!(fills > 30, "{fills} bars with fills");
    let mut core = reactive();
    for at in 0..=bars.len() {
        let state = saved(&core);
        let mut continued = reactive();
        load(&mut continued, &state).unwrap();
        assert!(saved(&continued) == state, "bar {at}");
        assert_eq!(run(&mut continued, &bars[at..]), expected[at..], "from bar {at} on");
        if let Some(bar) = bars.get(at) {
            step(&mut core, bar).unwrap();
        }
    }
}

#[test]
fn a_state_that_ends_early_is_refused() {
    let mut core = reactive();
    run(&mut core, &bars(60, 3));
    let state = saved(&core);
    for length in 0..state.len() {
        assert_eq!(load(&mut reactive(), &state[..length]), Err(RestoreError::Truncated), "{length} bytes");
    }
    // Bars without a last close.
    let mut forged = state;
    forged[8] ^= 1;
    assert!(matches!(load(&mut reactive(), &forged), Err(RestoreError::Invalid { .. })));
}

#[test]
fn warming_up_decides_nothing_and_ends_with_the_first_step() {
    let bars = bars(60, 3);
    let (before, after) = bars.split_at(20);
    let mut warmed = reactive();
    for bar in before {
        warmed.warm(bar).unwrap();
    }
    let start = warmed.account().start();
    assert_eq!((warmed.bars(), warmed.account().cash(), warmed.equity()), (0, start, start));
    assert_eq!(warmed.exchange().working(), None);
    // From a saved state on too, as one that was not saved.
    let mut restored = reactive();
    load(&mut restored, &saved(&warmed)).unwrap();
    let records = run(&mut warmed, after);
    assert_eq!(run(&mut restored, after), records);
    assert!(records[0].contains("\"bar\":0,"), "{}", records[0]);
    // A bar that cannot follow is refused, and so is warming up again.
    assert!(matches!(warmed.warm(&before[0]), Err(CoreError::Warm { bars: 40 })));
    let mut again = reactive();
    again.warm(&before[1]).unwrap();
    assert!(matches!(again.warm(&before[0]), Err(CoreError::Order { .. })));
}

#[test]
fn nothing_later_changes_what_was_recorded() {
    let bars = bars(120, 5);
    let expected = run(&mut reactive(), &bars);
    for at in 0..bars.len() {
        let mut altered = bars.clone();
        let fields = bars[at].fields();
        let close = price(fields.low.raw() + (fields.close.raw() - fields.low.raw()) / 2 - 1);
        let low = price(fields.low.raw() - 3);
        altered[at] = Bar::new(BarFields { close, low, ..*fields }).unwrap();
        let found = run(&mut reactive(), &altered);
        assert_eq!(found[..at], expected[..at], "bar {at} altered");
        assert_ne!(found[at], expected[at], "bar {at} altered");
    }
}

#[test]
fn nothing_is_allocated() {
    let bars = bars(2000, 11);
    let mut core = reactive();
    let (mut fills, mut trades) = (0, 0);
    let info = allocation_counter::measure(|| {
        for bar in &bars {
            if let Ok(step) = core.step(bar) {
                fills += step.fills.len();
                trades += step.trades.len();
            }
        }
    });
    assert_eq!((info.count_total, core.bars()), (0, 2000));
    assert!(fills > 300 && trades > 100, "{fills} fills, {trades} trades");
}
