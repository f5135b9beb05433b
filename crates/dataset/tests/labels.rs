//! Labels: by hand, against a second implementation in exact arithmetic, and what they may not depend on.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod common;

use common::{MINUTE, bar, bar_of, bars, label};
use dataset::{Barriers, LabelSpec, TradeSide};
use feature_api::Bar;
use proptest::prelude::*;

fn values(spec: &str, bars: &[Bar]) -> Vec<Option<f64>> {
    label(spec).label(bars, None).iter().collect()
}

#[test]
fn the_last_rows_have_no_label() {
    let bars = bars(&[[100; 4], [110; 4], [121; 4], [121; 4]]);
    assert_eq!(values("return:horizon=2", &bars), [Some(0.21), Some(0.1), None, None]);
    assert_eq!(values("direction:horizon=2", &bars), [Some(1.0), Some(1.0), None, None]);
    assert_eq!(values("direction:horizon=1", &bars), [Some(1.0), Some(1.0), Some(0.0), None]);
    // The first barrier is touched at once, but a label needs its whole horizon, as every other does.
    let barriers = "barriers:horizon=2,profit=0.05,loss=0.05";
    assert_eq!(values(barriers, &bars), [Some(1.0), Some(1.0), None, None]);
    for spec in ["return:horizon=4", "direction:horizon=4294967295", "barriers:horizon=9,profit=1,loss=0.5"] {
        assert_eq!(values(spec, &bars), [None; 4], "{spec}");
        assert!(values(spec, &[]).is_empty());
    }
}

#[test]
fn a_return_must_exceed_the_threshold_and_an_exact_one_does_not() {
    // 0.05 % exactly: 100.00 to 100.05, and a step more.
    let bars = bars(&[[10_000; 4], [10_005; 4], [10_000; 4], [10_006; 4]]);
    assert_eq!(
        values("direction:horizon=1,above=0.0005", &bars)[..],
        [Some(0.0), Some(0.0), Some(1.0), None]
    );
    assert_eq!(
        values("direction:horizon=1,above=-0.001", &bars)[..],
        [Some(1.0), Some(1.0), Some(1.0), None]
    );
}

#[test]
fn a_close_that_is_not_above_zero_has_no_label() {
    let bars = bars(&[[0; 4], [-5, 5, -5, -5], [10; 4], [-5; 4], [-5; 4]]);
    assert_eq!(values("return:horizon=1", &bars), [None, None, Some(-1.5), None, None]);
    assert_eq!(values("direction:horizon=1", &bars), [None, None, Some(0.0), None, None]);
    let barriers = "barriers:horizon=1,profit=0.1,loss=0.1";
    assert_eq!(values(barriers, &bars), [None, None, Some(-1.0), None, None]);
}

/// Entry at 100.00, then these bars.
fn barrier(side: &str, prices: &[[i64; 4]], finer: Option<&[Bar]>) -> Option<f64> {
    let all: Vec<[i64; 4]> = std::iter::once([10_000; 4]).chain(prices.iter().copied()).collect();
    let horizon = prices.len();
    let spec = label(&format!("barriers:horizon={horizon},profit=0.02,loss=0.01,side={side}"));
    spec.label(&bars(&all), finer).get(0)
}

#[test]
fn the_barrier_that_is_touched_first_decides() {
    for (what, side, prices, expected) in [
        ("neither", "long", &[[10_000, 10_199, 9_901, 10_100]][..], 0.0),
        ("exactly the profit", "long", &[[10_000, 10_200, 9_901, 10_000]], 1.0),
        ("exactly the loss", "long", &[[10_000, 10_199, 9_900, 10_000]], -1.0),
        ("both in one bar", "long", &[[10_000, 10_200, 9_900, 10_200]], -1.0),
        ("a gap above the profit", "long", &[[10_500, 10_600, 10_400, 10_500]], 1.0),
        ("a gap below the loss", "long", &[[9_000, 9_100, 8_900, 9_000]], -1.0),
        ("a gap up, then down", "long", &[[10_500; 4], [9_000; 4]], 1.0),
        ("down, then up", "long", &[[9_900; 4], [10_200; 4]], -1.0),
        ("late", "long", &[[10_000; 4], [10_000; 4], [10_200; 4]], 1.0),
        ("neither", "short", &[[10_000, 10_099, 9_801, 10_000]], 0.0),
        ("exactly the profit", "short", &[[10_000, 10_099, 9_800, 10_000]], 1.0),
        ("exactly the loss", "short", &[[10_000, 10_100, 9_801, 10_000]], -1.0),
        ("both in one bar", "short", &[[10_000, 10_100, 9_800, 9_800]], -1.0),
        ("a gap below the profit", "short", &[[9_000; 4]], 1.0),
        ("a gap above the loss", "short", &[[11_000; 4]], -1.0),
    ] {
        assert_eq!(barrier(side, prices, None), Some(expected), "{side}: {what}");
    }
}

/// Bars of ten seconds within the minute 1, which the entry at minute 0 is followed by.
fn tens(prices: &[(i64, i64, i64)]) -> Vec<Bar> {
    const SECOND: i64 = 1_000_000_000;
    let ten = |(second, high, low): &(i64, i64, i64)| {
        bar_of(MINUTE + second * SECOND, 10 * SECOND, 2, [*high, *high, *low, *low])
    };
    prices.iter().map(ten).collect()
}

#[test]
fn finer_bars_decide_between_both_barriers() {
    const QUIET: (i64, i64) = (10_100, 9_950);
    let quiet = |second| (second, QUIET.0, QUIET.1);
    let (profit, loss) = (|second| (second, 10_200, 9_950), |second| (second, 10_100, 9_900));
    let both = |second| (second, 10_200, 9_900);
    let minute = [[10_000, 10_200, 9_900, 10_000]];
    for (what, finer, long, short) in [
        ("profit, then loss", vec![quiet(0), profit(10), loss(20)], 1.0, -1.0),
        ("loss, then profit", vec![loss(0), profit(10)], -1.0, -1.0),
        ("both, then profit", vec![quiet(0), both(10), profit(20)], -1.0, -1.0),
        ("none touches", vec![quiet(0), quiet(50)], -1.0, -1.0),
        ("none there", vec![], -1.0, -1.0),
        ("before the minute", vec![profit(-10), loss(0)], -1.0, -1.0),
        ("over its open", vec![profit(-5), loss(30)], -1.0, -1.0),
        ("over its close", vec![quiet(0), profit(55)], -1.0, -1.0),
        ("after the minute", vec![profit(60)], -1.0, -1.0),
        ("the last ten seconds", vec![profit(50)], 1.0, -1.0),
    ] {
        let finer = tens(&finer);
        assert_eq!(barrier("long", &minute, Some(&finer)), Some(long), "long: {what}");
        assert_eq!(barrier("short", &minute, Some(&finer)), Some(short), "short: {what}");
    }
    // A short's profit lies 2 % below, its loss 1 % above.
    let minute = [[10_000, 10_100, 9_800, 10_000]];
    let finer = tens(&[(0, 10_000, 9_800), (10, 10_100, 10_000)]);
    assert_eq!(barrier("short", &minute, Some(&finer)), Some(1.0));
    // Where one barrier alone is touched, finer bars have no say.
    let minute = [[10_000, 10_200, 9_901, 10_000]];
    assert_eq!(barrier("long", &minute, Some(&tens(&[loss(0)]))), Some(1.0));
}

#[test]
fn texts_are_read_and_written() {
    for (text, canonical) in [
        ("return:horizon=15", "return:horizon=15"),
        ("direction:horizon=1", "direction:horizon=1,above=0"),
        ("direction:above=5e-4,horizon=15", "direction:horizon=15,above=0.0005"),
        ("direction:horizon=1,above=-0", "direction:horizon=1,above=0"),
        ("direction:horizon=1,above=-0.25", "direction:horizon=1,above=-0.25"),
        (
            "barriers:horizon=60,profit=0.01,loss=0.005",
            "barriers:horizon=60,profit=0.01,loss=0.005,side=long",
        ),
        (
            "barriers:side=short,loss=2,profit=0.1,horizon=4294967295",
            "barriers:horizon=4294967295,profit=0.1,loss=2,side=short",
        ),
    ] {
        let spec = label(text);
        assert_eq!(spec.to_string(), canonical);
        assert_eq!(canonical.parse::<LabelSpec>().ok(), Some(spec));
    }
    for (text, expected) in [
        ("", "no such kind \"\"; the kinds are return, direction, barriers"),
        ("returns:horizon=1", "no such kind \"returns\""),
        ("return", "horizon is missing"),
        ("return:horizon=0", "whole number of bars from 1 to 4294967295"),
        ("return:horizon=4294967296", "whole number"),
        ("return:horizon=1.5", "whole number"),
        ("return:horizon=1,", "\"\" is no name=value"),
        ("return:horizon=1,horizon=2", "horizon stands twice"),
        ("return:horizon=1,above=0", "no such field \"above\"; the fields are horizon"),
        ("direction:horizon=1,above=nan", "above is NaN"),
        ("direction:horizon=1,above=inf", "above is inf"),
        ("direction:horizon=1,above=-1", "above is -1; expected a finite number above -1"),
        ("direction:horizon=1,above=much", "above is \"much\"; expected a number"),
        ("barriers:horizon=1,loss=0.1", "profit is missing"),
        ("barriers:horizon=1,profit=0.1", "loss is missing"),
        ("barriers:horizon=1,profit=0,loss=0.1", "profit is 0; expected a finite number above 0"),
        ("barriers:horizon=1,profit=inf,loss=0.1", "profit is inf"),
        ("barriers:horizon=1,profit=0.1,loss=1", "loss is 1; expected a number above 0 and below 1"),
        ("barriers:horizon=1,profit=0.1,loss=-0.1", "loss is -0.1"),
        (
            "barriers:horizon=1,profit=1,loss=0.1,side=short",
            "profit is 1; expected a number above 0 and below 1",
        ),
        ("barriers:horizon=1,profit=0.1,loss=nan,side=short", "loss is NaN"),
        ("barriers:horizon=1,profit=0.1,loss=0.1,side=both", "side is \"both\"; expected long or short"),
    ] {
        let error = text.parse::<LabelSpec>().err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(expected) && error.contains("write such as"), "{text}: {error}");
    }
}

/// Prices in order: low, then two in between, then high; which of the inner two is the open is drawn.
fn any_bar(index: i64, mut prices: [i64; 4], rising: bool) -> Bar {
    prices.sort_unstable();
    let [low, one, other, high] = prices;
    bar(index, if rising { [one, high, low, other] } else { [other, high, low, one] })
}

prop_compose! {
    fn any_bars()(
        prices in proptest::collection::vec((prop::array::uniform4(-3..120_i64), any::<bool>()), 0..40),
    ) -> Vec<Bar> {
        prices.iter().zip(0..).map(|((prices, rising), index)| any_bar(index, *prices, *rising)).collect()
    }
}

prop_compose! {
    /// Six bars of ten seconds a minute, some missing.
    fn any_finer()(
        prices in proptest::collection::vec((prop::array::uniform4(-3..120_i64), 0..4_u8), 0..240),
    ) -> Vec<Bar> {
        let ten = MINUTE / 6;
        (0..).zip(&prices).filter(|(_, (_, kept))| *kept > 0).map(|(index, (prices, _))| {
            let mut prices = *prices;
            prices.sort_unstable();
            bar_of(index * ten, ten, 2, [prices[1], prices[3], prices[0], prices[2]])
        }).collect()
    }
}

prop_compose! {
    fn any_spec()(
        kind in 0..3_u8,
        horizon in 1..8_u32,
        above in -300..300_i32,
        profit in 1..500_i32,
        loss in 1..500_i32,
        long in any::<bool>(),
    ) -> LabelSpec {
        let horizon = horizon.try_into().unwrap();
        let thousandths = |number: i32| f64::from(number) / 1000.0;
        match kind {
            0 => LabelSpec::ForwardReturn { horizon },
            1 => LabelSpec::Direction { horizon, above: thousandths(above) },
            _ => LabelSpec::TripleBarrier(Barriers {
                horizon,
                profit: thousandths(profit),
                loss: thousandths(loss),
                side: if long { TradeSide::Long } else { TradeSide::Short },
            }),
        }
    }
}

/// The label of a row in whole numbers: fractions are thousandths, prices hundredths.
fn naive(spec: &LabelSpec, bars: &[Bar], finer: &[Bar], row: usize) -> Option<f64> {
    let horizon = spec.horizon().get() as usize;
    let entry = bars[row].close().raw();
    if row + horizon >= bars.len() || entry < 1 {
        return None;
    }
    let last = bars[row + horizon].close().raw();
    let thousandths = |share: f64| (share * 1000.0).round() as i64;
    match spec {
        LabelSpec::ForwardReturn { .. } => Some((last - entry) as f64 / entry as f64),
        LabelSpec::Direction { above, .. } => {
            Some(if 1000 * last > entry * (1000 + thousandths(*above)) { 1.0 } else { 0.0 })
        }
        LabelSpec::TripleBarrier(Barriers { profit, loss, side, .. }) => {
            // A short is a long with prices mirrored at the entry.
            let mirrored = |price: i64| match side {
                TradeSide::Long => price,
                TradeSide::Short => 2 * entry - price,
            };
            let touches = |bar: &Bar| {
                let (one, other) = (mirrored(bar.high().raw()), mirrored(bar.low().raw()));
                let wins = 1000 * one.max(other) >= entry * (1000 + thousandths(*profit));
                let loses = 1000 * one.min(other) <= entry * (1000 - thousandths(*loss));
                (wins, loses)
            };
            let mut decided = 0.0;
            for bar in bars[row + 1..=row + horizon].iter().rev() {
                decided = match touches(bar) {
                    (true, false) => 1.0,
                    (false, true) => -1.0,
                    (false, false) => decided,
                    (true, true) => {
                        let inside = finer
                            .iter()
                            .filter(|f| f.ts_open() >= bar.ts_open() && f.ts_close() <= bar.ts_close());
                        match inside.map(touches).find(|touched| *touched != (false, false)) {
                            Some((true, false)) => 1.0,
                            _ => -1.0,
                        }
                    }
                };
            }
            Some(decided)
        }
    }
}

proptest! {
    #[test]
    fn labels_are_those_of_a_second_implementation(spec in any_spec(), bars in any_bars(), finer in any_finer()) {
        for finer in [None, Some(&finer[..])] {
            let labels = spec.label(&bars, finer);
            prop_assert_eq!(labels.len(), bars.len());
            for row in 0..bars.len() {
                let expected = naive(&spec, &bars, finer.unwrap_or_default(), row);
                prop_assert_eq!(labels.get(row), expected, "{} row {}", spec, row);
            }
        }
    }

    #[test]
    fn the_grid_does_not_matter(spec in any_spec(), bars in any_bars(), finer in any_finer(), more in 0..10_u8) {
        let on_finer_grid = |bars: &[Bar], more: u8| -> Vec<Bar> {
            let factor = 10_i64.pow(u32::from(more));
            let steps = |b: &Bar| [b.open(), b.high(), b.low(), b.close()].map(|price| price.raw() * factor);
            bars.iter().map(|b| bar_of(b.ts_open().0, b.ts_close().0 - b.ts_open().0, 2 + more, steps(b))).collect()
        };
        let bits = |labels: dataset::Labels| -> Vec<_> { labels.iter().map(|l| l.map(f64::to_bits)).collect() };
        let expected = bits(spec.label(&bars, Some(&finer)));
        let (other_bars, other_finer) = (on_finer_grid(&bars, more), on_finer_grid(&finer, more));
        for (bars, finer) in [(&other_bars, &other_finer), (&other_bars, &finer), (&bars, &other_finer)] {
            prop_assert_eq!(bits(spec.label(bars, Some(finer))), expected.clone());
        }
    }

    #[test]
    fn a_label_looks_at_its_horizon_and_its_close_alone(
        spec in any_spec(), bars in any_bars(), other in any_bars(), row in 0..40_usize, finer in any_finer(),
    ) {
        let whole: Vec<_> = spec.label(&bars, Some(&finer)).iter().collect();
        // Fewer bars: no label that is there changes.
        for count in 0..=bars.len() {
            let prefix = spec.label(&bars[..count], Some(&finer));
            for (row, label) in prefix.iter().enumerate() {
                let has_future = row + (spec.horizon().get() as usize) < count;
                prop_assert_eq!(label, if has_future { whole[row] } else { None });
            }
        }
        // Others before, at and behind: only what lies between may matter, and the close of the bar itself.
        prop_assume!(row < bars.len());
        let end = row + spec.horizon().get() as usize;
        let mut changed = bars.clone();
        for (index, (old, new)) in changed.iter_mut().zip(&other).enumerate() {
            let [high, low] = [new.high().raw(), new.low().raw()];
            if index == row {
                let close = old.close().raw();
                *old = bar(index as i64, [close, high.max(close), low.min(close), close]);
            } else if index < row || index > end {
                *old = *new;
            }
        }
        prop_assert_eq!(spec.label(&changed, Some(&finer)).get(row), whole[row]);
        // Finer bars elsewhere do not matter either.
        let minutes = bars[row].ts_close()..=bars[end.min(bars.len() - 1)].ts_close();
        let inside: Vec<Bar> =
            finer.iter().filter(|f| minutes.contains(&f.ts_open()) || minutes.contains(&f.ts_close())).copied().collect();
        prop_assert_eq!(spec.label(&bars, Some(&inside)).get(row), whole[row]);
    }

    #[test]
    fn any_label_reads_back(spec in any_spec(), above in -0.999..1e300_f64, far in 1e-300..1e300_f64) {
        let spec = match spec {
            LabelSpec::ForwardReturn { .. } => spec,
            LabelSpec::Direction { horizon, .. } => LabelSpec::Direction { horizon, above },
            LabelSpec::TripleBarrier(barriers) => LabelSpec::TripleBarrier(match barriers.side {
                TradeSide::Long => Barriers { profit: far, ..barriers },
                TradeSide::Short => Barriers { loss: far, ..barriers },
            }),
        };
        prop_assert!(spec.check().is_ok());
        prop_assert_eq!(spec.to_string().parse::<LabelSpec>().ok(), Some(spec));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "(return|direction|barriers|x)?:?([a-z]{0,7}=[-+.e0-9a-z]{0,6},?){0,4}") {
        if let Ok(spec) = text.parse::<LabelSpec>() {
            prop_assert_eq!(spec.to_string().parse::<LabelSpec>().ok(), Some(spec));
        }
    }
}
