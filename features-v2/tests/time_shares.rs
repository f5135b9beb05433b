//! Which feature takes how much of the time of its set.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::cell::Cell;

use feature_api::{Bar, Meter, Param, Position, Side};
use features_v2::canonical::tapes;
use features_v2::sets::{CoreEngine, Engine, EntryEngine, ExitEngine, Params as _, Update as _, View};
use features_v2::{SETS, by_name};
use testkit::inputs::walk_bars;

const fn view(bar: &Bar) -> View {
    View {
        open: bar.open().raw(),
        high: bar.high().raw(),
        low: bar.low().raw(),
        close: bar.close().raw(),
        volume: bar.volume().raw(),
        taker: None,
    }
}

const fn position(bar: &Bar) -> Position {
    Position { side: Side::Short, entry_price: bar.close(), ts_entry: bar.ts_close() }
}

/// A clock whose every reading is some ticks after the one before, as many as seldom repeat.
fn uneven_clock() -> impl Fn() -> u64 {
    let (time, state) = (Cell::new(0), Cell::new(1_u64));
    move || {
        state
            .set(state.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        time.replace(time.get() + (state.get() >> 58))
    }
}

#[test]
fn every_feature_has_a_share_once_in_order_and_the_shares_sum_to_one() {
    for (set, params) in [("core", vec![("rsi", 300)]), ("core", vec![]), ("entry", vec![]), ("exit", vec![])]
    {
        let params: Vec<_> =
            params.into_iter().map(|(name, value)| Param { name: String::from(name), value }).collect();
        let set = by_name(set, &params).unwrap();
        for bars in [1, 2_000] {
            let shares = set.time_shares(&walk_bars(bars, 1), &uneven_clock());
            let names: Vec<_> = shares.iter().map(|(name, _)| *name).collect();
            let expected: Vec<_> = set.schema().features().iter().map(|feature| feature.name).collect();
            assert_eq!(names, expected);
            assert!(shares.iter().all(|(_, share)| *share >= 0.0));
            let sum: f64 = shares.iter().map(|(_, share)| share).sum();
            assert!((sum - 1.0).abs() <= names.len() as f64 * f64::EPSILON, "{sum}");
        }
    }
}

#[test]
fn without_bars_there_are_no_shares() {
    for set in SETS {
        assert!(by_name(set, &[]).unwrap().time_shares(&[], &uneven_clock()).is_empty());
    }
}

#[test]
fn measuring_leaves_the_set_as_it_is() {
    let bars = walk_bars(700, 1);
    for set in SETS {
        let mut set = by_name(set, &[]).unwrap();
        let mut rows = feature_api::Columns::new(set.schema().width());
        set.update_bars(&bars, &mut rows).unwrap();
        let before = set.snapshot();
        assert!(!set.time_shares(&bars, &uneven_clock()).is_empty());
        assert!(before == set.snapshot());
    }
}

/// Each operator of a set with the names of the features that need it.
fn needs<E: Engine>() -> Vec<(&'static str, Vec<&'static str>)> {
    let params = E::Params::with(&[]).unwrap();
    let specs = E::specs(&params);
    let warm_up = specs.iter().map(|spec| spec.warm_up).max().unwrap();
    let bars = walk_bars(warm_up as usize + 1, 1);
    let clock = uneven_clock();
    let meter = Meter::new(specs.len(), &clock);
    let mut engine = E::new(&params, bars[0].grid()).metered(&meter);
    let needs = meter.needs(warm_up, &bars, |bar| {
        engine.update(&view(bar), Some(position(&bars[0])), |value| meter.put(value));
    });
    let name = |feature: usize| specs[feature].name;
    needs.into_iter().map(|(operator, of)| (operator, of.into_iter().map(name).collect())).collect()
}

#[test]
fn the_features_that_need_an_operator_are_found() {
    let core: Vec<(&str, Vec<&str>)> = vec![
        ("rsi", vec!["rsi"]),
        ("macd", vec!["macd", "macd_signal"]),
        ("close", vec!["bb_upper", "bb_lower", "bb_width", "normalized_close"]),
        ("volume", vec!["normalized_volume"]),
        ("ema", vec!["ema_20"]),
        ("atr", vec!["atr"]),
        ("log_return", vec!["log_return"]),
        ("stochastic", vec!["stoch_k", "stoch_d"]),
        ("vwap", vec!["vwap"]),
    ];
    assert_eq!(needs::<CoreEngine>(), core);

    let exit = needs::<ExitEngine>();
    let of = |operator| exit.iter().find(|(name, _)| *name == operator).unwrap().1.as_slice();
    assert_eq!(of("rsi"), ["rsi", "rsi_slope", "rsi_overbought", "rsi_oversold"]);
    assert_eq!(of("rsi_before"), ["rsi_slope"]);
    assert_eq!(of("close_1"), ["volatility_regime", "price_acceleration", "volatility_20"]);
    assert_eq!(of("position"), ["time_held", "current_pnl_pct", "pnl_from_peak", "volatility_since_entry"]);

    for (set, needs, features) in [("exit", exit, 25), ("entry", needs::<EntryEngine>(), 85)] {
        for (operator, of) in &needs {
            assert!(!of.is_empty(), "no feature of {set} needs {operator}");
            assert!(of.len() < features, "every feature of {set} needs {operator}");
        }
    }
}

/// Holds the metered operators to the bits of those as they are.
fn same_bits<E: Engine>() {
    let params = E::Params::with(&[]).unwrap();
    let width = E::specs(&params).len();
    let bits = |value: Option<f64>| value.map(f64::to_bits);
    for tape in tapes() {
        let clock = uneven_clock();
        let meter = Meter::new(width, &clock);
        let mut plain = E::new(&params, tape[0].bar.grid());
        let mut metered = E::new(&params, tape[0].bar.grid()).metered(&meter);
        let (mut expected, mut found) = (Vec::new(), Vec::new());
        let mut open = None;
        for step in &tape {
            open = step.position.unwrap_or(open);
            plain.update(&view(&step.bar), open, |value| expected.push(bits(value)));
            metered.update(&view(&step.bar), open, |value| {
                meter.put(value);
                found.push(bits(value));
            });
        }
        assert_eq!(expected.len(), width * tape.len());
        assert!(expected == found, "{} under a meter", E::NAME);
    }
}

#[test]
fn operators_under_a_meter_give_the_same_bits() {
    same_bits::<CoreEngine>();
    same_bits::<EntryEngine>();
    same_bits::<ExitEngine>();
}
