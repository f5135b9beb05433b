//! Each reason, by a case that is made for it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use artifact::PipelineError;
use feature_api::Side;
use observation::Action;
use strategy::{
    AlwaysFlat, BuyAndHold, ModelDrivenOptions, ModelDrivenStrategy, Reading, Signal, Strategy as _,
    StrategyError, Why,
};
use support::{
    Toy, bar, bar_of, entry_direction, entry_return, exit_profit, feed, make, of_direction, of_return,
    position, warm_up,
};

/// Past the warm-up of both sets, at 100.00 throughout.
const WARM: i64 = 130;

fn warm(
    entry: &Toy,
    exit: Option<&Toy>,
    options: ModelDrivenOptions,
    round_trip: f64,
) -> ModelDrivenStrategy {
    let exit = exit.map(Toy::verified);
    let mut strategy =
        ModelDrivenStrategy::new(&entry.verified(), exit.as_ref(), options, round_trip).unwrap();
    feed(&mut strategy, (0..WARM).map(|minute| bar(minute, 10_000)));
    strategy
}

/// What is wanted of a flat strategy whose next bar closes there.
fn flat(entry: &Toy, options: ModelDrivenOptions, round_trip: f64, close: i64) -> Signal {
    feed(&mut warm(entry, None, options, round_trip), [bar(WARM, close)]).unwrap()
}

fn hold(why: Why, entry: Reading, edge: Option<f64>) -> Signal {
    Signal { action: Action::Hold, why, entry, exit: Reading::None, edge }
}

#[test]
fn sets_are_warm_when_the_cases_begin() {
    assert!(warm_up("core") < WARM && warm_up("exit") < WARM);
}

#[test]
fn the_warm_up_opens_nothing() {
    let mut strategy = make(&entry_return().verified(), None, of_return()).unwrap();
    let count = warm_up("core");
    assert!(count > 0);
    for minute in 0..count {
        let signal = strategy.on_bar(&bar(minute, 12_000), None, false).unwrap();
        assert_eq!(signal, hold(Why::WarmUp, Reading::WarmUp, None), "{minute}");
    }
    let signal = strategy.on_bar(&bar(count, 12_000), None, false).unwrap();
    assert_eq!((signal.why, signal.entry), (Why::Entry, Reading::Value(20.0 / 128.0)));
}

#[test]
fn a_sequence_that_is_not_full_opens_nothing() {
    let entry = Toy { sequence: 3, ..entry_return() };
    let mut strategy = make(&entry.verified(), None, of_return()).unwrap();
    let count = warm_up("core");
    feed(&mut strategy, (0..count).map(|minute| bar(minute, 12_000)));
    for minute in count..count + 2 {
        let signal = strategy.on_bar(&bar(minute, 12_000), None, false).unwrap();
        assert_eq!(signal, hold(Why::NotReady, Reading::NotReady, None));
    }
    assert_eq!(strategy.on_bar(&bar(count + 2, 12_000), None, false).unwrap().why, Why::Entry);
}

#[test]
fn a_filter_blocks_every_entry_and_no_exit() {
    let entry = entry_return().with_filter("volume>5");
    let signal = feed(&mut warm(&entry, None, of_return(), 0.0), [bar_of(WARM, 12_000, 50, 5_001)]);
    assert_eq!(signal, Some(hold(Why::Blocked, Reading::Blocked, None)));
    // Without volume beyond it, the same close enters.
    let signal = feed(&mut warm(&entry, None, of_return(), 0.0), [bar_of(WARM, 12_000, 50, 5_000)]);
    assert_eq!(signal.unwrap().why, Why::Entry);

    let options = ModelDrivenOptions { max_hold_bars: Some(1), ..of_return() };
    let mut strategy = warm(&entry, None, options, 0.0);
    let signal = strategy
        .on_bar(&bar_of(WARM, 12_000, 50, 5_001), Some(&position(Side::Long, WARM, 10_000, 1)), false)
        .unwrap();
    assert_eq!((signal.action, signal.why, signal.entry), (Action::Flat, Why::ExitTime, Reading::None));
}

#[test]
fn an_entry_carries_side_levels_and_edge() {
    let options = ModelDrivenOptions { stop: Some(0.02), take: Some(0.03), ..of_return() };
    let enter = |side| Action::Enter { side, stop: Some(0.02), take: Some(0.03) };
    let signal = |side, prediction: f64| Signal {
        action: enter(side),
        why: Why::Entry,
        entry: Reading::Value(prediction),
        exit: Reading::None,
        edge: Some(prediction.abs()),
    };
    assert_eq!(flat(&entry_return(), options, 0.0, 10_200), signal(Side::Long, 2.0 / 128.0));
    assert_eq!(flat(&entry_return(), options, 0.0, 9_900), signal(Side::Short, -1.0 / 128.0));
}

#[test]
fn a_prediction_below_its_threshold_opens_nothing() {
    // logistic(1) and logistic(0.99).
    const AT_101: f64 = 0.731_058_578_630_004_9;
    let options = ModelDrivenOptions { threshold: Some(AT_101), ..of_direction() };
    let at = flat(&entry_direction(), options, 0.0, 10_100);
    assert_eq!((at.why, at.entry), (Why::Entry, Reading::Value(AT_101)));
    assert_eq!(at.edge, Some((2.0 * AT_101 - 1.0) * 0.01));
    let below = flat(&entry_direction(), options, 0.0, 10_099);
    assert_eq!((below.action, below.why, below.edge), (Action::Hold, Why::BelowThreshold, None));
    assert!(below.entry.value().is_some_and(|value| value < AT_101));
}

#[test]
fn an_edge_must_exceed_costs_and_the_least_edge_together() {
    let unit = 1.0 / 256.0;
    let options = ModelDrivenOptions { min_edge: unit, ..of_return() };
    let equal = flat(&entry_return(), options, unit, 10_100);
    let expected = hold(Why::BelowCosts, Reading::Value(2.0 * unit), Some(2.0 * unit));
    assert_eq!(equal, expected, "an edge that equals costs earns nothing");
    assert_eq!(flat(&entry_return(), options, unit, 10_101).why, Why::Entry);
    assert_eq!(flat(&entry_return(), options, unit, 9_900).why, Why::BelowCosts);
    assert_eq!(flat(&entry_return(), options, unit, 9_899).why, Why::Entry);
}

#[test]
fn a_cooldown_counts_from_the_bar_that_closed_the_position() {
    for cooldown_bars in [0, 1, 3] {
        let options = ModelDrivenOptions { cooldown_bars, ..of_return() };
        let mut strategy = warm(&entry_return(), None, options, 0.0);
        // None was open yet: nothing cools down.
        assert_eq!(strategy.on_bar(&bar(WARM, 10_100), None, false).unwrap().why, Why::Entry);
        let open = position(Side::Long, WARM + 1, 10_100, 1);
        assert_eq!(strategy.on_bar(&bar(WARM + 1, 10_100), Some(&open), false).unwrap().why, Why::Holding);
        for bars in 0..6 {
            let signal = strategy.on_bar(&bar(WARM + 2 + bars, 10_100), None, false).unwrap();
            let expected = if bars < cooldown_bars.into() { Why::Cooldown } else { Why::Entry };
            assert_eq!(signal.why, expected, "{bars} bars after, {cooldown_bars} to cool down");
            assert_eq!(signal.entry, Reading::Value(1.0 / 128.0), "the model is asked all the same");
        }
    }
}

#[test]
fn a_cooldown_follows_a_position_that_was_opened_and_closed_within_a_bar() {
    let options = ModelDrivenOptions { cooldown_bars: 2, ..of_return() };
    let mut strategy = warm(&entry_return(), None, options, 0.0);
    assert_eq!(strategy.on_bar(&bar(WARM, 10_100), None, false).unwrap().why, Why::Entry);
    let whys = (0..4).map(|bars| {
        // Stopped out in its entry bar: never seen open.
        strategy.on_bar(&bar(WARM + 1 + bars, 10_100), None, bars == 0).unwrap().why
    });
    assert_eq!(whys.collect::<Vec<_>>(), [Why::Cooldown, Why::Cooldown, Why::Entry, Why::Entry]);
}

#[test]
fn nothing_is_entered_before_the_exit_model_can_answer() {
    let options = ModelDrivenOptions { exit_threshold: Some(-1.0), ..of_return() };
    let mut strategy = make(&entry_return().verified(), Some(&exit_profit().verified()), options).unwrap();
    let (entry, exit) = (warm_up("core"), warm_up("exit"));
    assert!(entry < exit);
    for minute in 0..exit + 2 {
        let signal = strategy.on_bar(&bar(minute, 12_000), None, false).unwrap();
        let expected = if minute < exit { Why::WarmUp } else { Why::Entry };
        assert_eq!(signal.why, expected, "bar {minute}");
    }
}

#[test]
fn time_closes_before_the_exit_model_is_heard() {
    let options = ModelDrivenOptions { exit_threshold: Some(-1.0), max_hold_bars: Some(3), ..of_return() };
    let mut strategy = warm(&entry_return(), Some(&exit_profit()), options, 0.0);
    let mut on_bar = |bars_held: u32, close| {
        let open = position(Side::Long, WARM, 10_000, bars_held);
        strategy.on_bar(&bar(WARM - 1 + i64::from(bars_held), close), Some(&open), false).unwrap()
    };
    assert_eq!(on_bar(1, 10_000).why, Why::Holding);
    assert_eq!(on_bar(2, 9_900).why, Why::Holding);
    let last = on_bar(3, 9_800);
    assert_eq!((last.action, last.why, last.exit), (Action::Flat, Why::ExitTime, Reading::Value(-2.0)));
}

#[test]
fn the_exit_model_closes_below_its_threshold_along_the_side() {
    let options = ModelDrivenOptions { exit_threshold: Some(-1.0), max_hold_bars: Some(99), ..of_return() };
    for (side, sign) in [(Side::Long, 1), (Side::Short, -1)] {
        let mut strategy = warm(&entry_return(), Some(&exit_profit()), options, 0.0);
        let mut on_bar = |bars_held: u32, gain: i64| {
            let open = position(side, WARM, 10_000, bars_held);
            let bar = bar(WARM - 1 + i64::from(bars_held), 10_000 + sign * gain);
            strategy.on_bar(&bar, Some(&open), false).unwrap()
        };
        let signal = |action, why, exit: f64| Signal {
            action,
            why,
            entry: Reading::None,
            exit: Reading::Value(exit),
            edge: None,
        };
        // The profit of the entry bar itself is there: the position is told before the bar is seen.
        assert_eq!(on_bar(1, 200), signal(Action::Hold, Why::Holding, 2.0));
        assert_eq!(on_bar(2, -100), signal(Action::Hold, Why::Holding, -1.0), "not below");
        assert_eq!(on_bar(3, -101), signal(Action::Flat, Why::ExitModel, -1.01));
    }
}

#[test]
fn the_exit_model_counts_bars_from_the_entry_bar() {
    let exit = Toy { weights: vec![("time_held", 1.0)], ..exit_profit() };
    let options = ModelDrivenOptions { exit_threshold: Some(-1.0), ..of_return() };
    let mut strategy = warm(&entry_return(), Some(&exit), options, 0.0);
    for (from, bars) in [(WARM, 4), (WARM + 5, 3)] {
        for held in 0..bars {
            let open = position(Side::Short, from, 10_000, u32::try_from(held + 1).unwrap());
            let signal = strategy.on_bar(&bar(from + held, 10_000), Some(&open), false).unwrap();
            assert_eq!(signal.exit.value(), Some(held as f64));
        }
        assert_eq!(strategy.on_bar(&bar(from + bars, 10_000), None, false).unwrap().exit, Reading::None);
    }
}

#[test]
fn an_exit_model_without_a_prediction_holds() {
    // In its warm-up, which is longer than that of the entry model; in a sequence that is not full; behind a filter.
    let options = ModelDrivenOptions { exit_threshold: Some(1e6), max_hold_bars: Some(3), ..of_return() };
    let sequence = Toy { sequence: 3, ..exit_profit() };
    let filter = exit_profit().with_filter("volume_ratio>4");
    let cases = [
        (exit_profit(), 60, Reading::WarmUp),
        (sequence, WARM, Reading::NotReady),
        (filter, WARM, Reading::Blocked),
    ];
    for (exit, from, reading) in cases {
        let mut strategy = make(&entry_return().verified(), Some(&exit.verified()), options).unwrap();
        feed(&mut strategy, (0..from).map(|minute| bar(minute, 10_000)));
        let mut on_bar = |bars_held: u32| {
            let open = position(Side::Long, from, 10_000, bars_held);
            let bar = bar_of(from - 1 + i64::from(bars_held), 10_000, 50, 100_000);
            strategy.on_bar(&bar, Some(&open), false).unwrap()
        };
        for bars_held in [1, 2] {
            let signal = on_bar(bars_held);
            assert_eq!((signal.action, signal.why, signal.exit), (Action::Hold, Why::Holding, reading));
        }
        assert_eq!((on_bar(3).action, on_bar(4).why), (Action::Flat, Why::ExitTime), "time still closes");
    }
}

#[test]
fn without_an_exit_model_and_time_the_bracket_closes_alone() {
    let options = ModelDrivenOptions { stop: Some(0.01), max_hold_bars: None, ..of_return() };
    let mut strategy = warm(&entry_return(), None, options, 0.0);
    for bars_held in 1..200 {
        let open = position(Side::Long, WARM, 10_000, bars_held);
        let bar = bar(WARM - 1 + i64::from(bars_held), 10_000 - i64::from(bars_held));
        let signal = strategy.on_bar(&bar, Some(&open), false).unwrap();
        assert_eq!(signal, hold(Why::Holding, Reading::None, None));
    }
}

#[test]
fn an_input_that_is_not_finite_is_an_error_and_no_entry() {
    // The sum overflows beyond 100.
    let entry = Toy { weights: vec![("close", f64::MAX / 128.0)], bias: 0.0, ..entry_return() };
    let mut strategy = warm(&entry, None, of_return(), 0.0);
    let error = strategy.on_bar(&bar(WARM, 20_000), None, false).unwrap_err();
    let is_refused =
        matches!(&error, StrategyError::Predict { leg: "entry", error: PipelineError::Predict { .. } });
    assert!(is_refused, "{error}");
    assert!(error.to_string().starts_with("the entry model: "), "{error}");
}

#[test]
fn a_bar_of_another_length_or_out_of_order_is_taken_by_neither_engine() {
    let options = ModelDrivenOptions { exit_threshold: Some(-1.0), ..of_return() };
    let mut strategy = warm(&entry_return(), Some(&exit_profit()), options, 0.0);
    let before = support::saved(&strategy);
    let late = position(Side::Long, WARM - 3, 10_000, 3);
    let early = position(Side::Long, WARM + 2, 10_000, 1);
    let mut refused = vec![
        strategy.on_bar(&bar(WARM - 1, 10_000), None, false).unwrap_err(),
        strategy.on_bar(&bar(WARM, 10_000), Some(&late), false).unwrap_err(),
        strategy.on_bar(&bar(WARM, 10_000), Some(&early), false).unwrap_err(),
    ];
    let mut fields = *bar(WARM, 10_000).fields();
    fields.ts_open.0 += 1;
    refused.push(strategy.on_bar(&feature_api::Bar::new(fields).unwrap(), None, false).unwrap_err());
    for error in refused {
        assert!(matches!(error, StrategyError::Observation(_)), "{error}");
    }
    assert_eq!(support::saved(&strategy), before, "and none of it was taken");
}

#[test]
fn the_baselines_always_want_the_same() {
    let open = position(Side::Long, 1, 10_000, 1);
    let always = |action| Signal { action, ..hold(Why::Always, Reading::None, None) };
    let enter = Action::Enter { side: Side::Long, stop: None, take: None };
    let (bar, mut held, mut flat) = (bar(0, 10_000), BuyAndHold, AlwaysFlat);
    assert_eq!(held.on_bar(&bar, None, false), Ok(always(enter)));
    assert_eq!(held.on_bar(&bar, Some(&open), false), Ok(always(Action::Hold)));
    assert_eq!(flat.on_bar(&bar, None, false), Ok(always(Action::Flat)));
    assert_eq!(flat.on_bar(&bar, Some(&open), false), Ok(always(Action::Flat)));
    assert!(support::saved(&held).is_empty() && support::saved(&flat).is_empty());
}
