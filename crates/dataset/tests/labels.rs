//! Labels: by hand, against a second implementation in exact arithmetic, and what they may not depend on.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod common;

use common::{MINUTE, bar, bar_of, bars, label, with_volume};
use dataset::{Barriers, LabelSpec, Ties, TradeSide};
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
fn barrier(side: &str, prices: &[[i64; 4]]) -> Option<f64> {
    let all: Vec<[i64; 4]> = std::iter::once([10_000; 4]).chain(prices.iter().copied()).collect();
    let horizon = prices.len();
    let spec = label(&format!("barriers:horizon={horizon},profit=0.02,loss=0.01,side={side}"));
    spec.label(&bars(&all), None).get(0)
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
        assert_eq!(barrier(side, prices), Some(expected), "{side}: {what}");
    }
}

/// A bar of ten seconds that opens `second` seconds after minute 1, which the entry at minute 0 is followed by.
fn ten(second: i64, prices: [i64; 4]) -> Bar {
    const SECOND: i64 = 1_000_000_000;
    bar_of(MINUTE + second * SECOND, 10 * SECOND, 2, prices)
}

/// The label of an entry at 100.00 before `minute`, which a long's barriers lie in, and its ties.
fn with_finer(side: &str, minute: &Bar, finer: &[Bar]) -> (f64, Ties) {
    let spec = label(&format!("barriers:horizon=1,profit=0.02,loss=0.01,side={side}"));
    let (labels, ties) = spec.label_with_ties(&[bar(0, [10_000; 4]), *minute], Some(finer));
    assert!(labels.iter().eq(spec.label(&[bar(0, [10_000; 4]), *minute], Some(finer)).iter()));
    (labels.get(0).unwrap(), ties)
}

const DECIDED: Ties = Ties { touched_both: 1, decided: 1, undecided: 0, unmatched: 0 };
const UNDECIDED: Ties = Ties { touched_both: 1, decided: 0, undecided: 1, unmatched: 0 };
const UNMATCHED: Ties = Ties { touched_both: 1, decided: 0, undecided: 0, unmatched: 1 };

#[test]
fn finer_bars_decide_between_both_barriers() {
    let quiet = |second| ten(second, [10_000, 10_100, 9_950, 10_000]);
    let profit = |second| ten(second, [10_000, 10_200, 9_950, 10_000]);
    let loss = |second| ten(second, [10_000, 10_100, 9_900, 10_000]);
    let both = |second| ten(second, [10_000, 10_200, 9_900, 10_000]);
    let minute = |volume| with_volume(&bar(1, [10_000, 10_200, 9_900, 10_000]), 0, volume);
    // Each of the ten seconds has a volume of 1.
    for (what, volume, finer, expected) in [
        ("profit, then loss", 3, vec![quiet(0), profit(10), loss(20)], (1.0, DECIDED)),
        ("loss, then profit", 2, vec![loss(0), profit(10)], (-1.0, DECIDED)),
        ("the last ten seconds", 2, vec![profit(40), loss(50)], (1.0, DECIDED)),
        ("more outside", 2, vec![loss(-10), profit(20), loss(30), loss(60)], (1.0, DECIDED)),
        ("both, then profit", 3, vec![quiet(0), both(10), profit(20)], (-1.0, UNDECIDED)),
        ("none there", 1, vec![], (-1.0, UNMATCHED)),
        ("none touches", 2, vec![quiet(0), quiet(50)], (-1.0, UNMATCHED)),
        ("the loss is missing", 2, vec![quiet(0), profit(10)], (-1.0, UNMATCHED)),
        ("a volume is missing", 4, vec![quiet(0), profit(10), loss(30)], (-1.0, UNMATCHED)),
        ("a volume too much", 2, vec![quiet(0), profit(10), loss(30)], (-1.0, UNMATCHED)),
        ("the profit before the minute", 1, vec![profit(-10), loss(0)], (-1.0, UNMATCHED)),
        ("over its open", 1, vec![profit(-5), loss(30)], (-1.0, UNMATCHED)),
        ("over its close", 1, vec![profit(0), loss(55)], (-1.0, UNMATCHED)),
        ("after the minute", 2, vec![profit(60), loss(70)], (-1.0, UNMATCHED)),
        ("another open", 2, vec![ten(0, [10_001, 10_200, 9_950, 10_000]), loss(10)], (-1.0, UNMATCHED)),
        ("another close", 2, vec![profit(0), ten(10, [10_000, 10_100, 9_900, 10_001])], (-1.0, UNMATCHED)),
        ("a higher high", 2, vec![ten(0, [10_000, 10_201, 9_950, 10_000]), loss(10)], (-1.0, UNMATCHED)),
        ("a lower low", 2, vec![profit(0), ten(10, [10_000, 10_100, 9_899, 10_000])], (-1.0, UNMATCHED)),
    ] {
        assert_eq!(with_finer("long", &minute(volume), &finer), expected, "{what}");
        // A short's loss alone is touched: finer bars have no say.
        assert_eq!(with_finer("short", &minute(volume), &finer), (-1.0, Ties::default()), "short: {what}");
    }
    // A short's profit lies 2 % below, its loss 1 % above.
    let minute = with_volume(&bar(1, [10_000, 10_100, 9_800, 10_000]), 0, 2);
    let finer = [ten(0, [10_000, 10_000, 9_800, 9_800]), ten(10, [9_800, 10_100, 9_800, 10_000])];
    assert_eq!(with_finer("short", &minute, &finer), (1.0, DECIDED));
    // Without finer bars at all.
    let spec = label("barriers:horizon=1,profit=0.02,loss=0.01,side=short");
    assert_eq!(spec.label_with_ties(&[bar(0, [10_000; 4]), minute], None).1, UNMATCHED);
}

#[test]
fn without_volumes_finer_bars_must_follow_each_other() {
    let minute = bar(1, [10_000, 10_200, 9_900, 10_000]);
    let silent = |bar: &Bar| with_volume(bar, 0, 0);
    let all = |prices: [i64; 4], last: [i64; 4]| -> Vec<Bar> {
        (0..6).map(|index| silent(&ten(index * 10, if index < 5 { prices } else { last }))).collect()
    };
    let whole = all([10_000, 10_200, 9_950, 10_000], [10_000, 10_100, 9_900, 10_000]);
    for minute in [minute, silent(&minute)] {
        assert_eq!(with_finer("long", &minute, &whole), (1.0, DECIDED));
        for missing in 0..6 {
            let mut holed = whole.clone();
            holed.remove(missing);
            assert_eq!(with_finer("long", &minute, &holed), (-1.0, UNMATCHED), "{missing}");
        }
    }
}

#[test]
fn finer_bars_are_compared_as_decimals() {
    let minute = with_volume(&bar(1, [10_000, 10_200, 9_900, 10_000]), 1, 5);
    let times = |bar: &Bar, scale: u8, factor: i64| {
        let prices = [bar.open(), bar.high(), bar.low(), bar.close()].map(|price| price.raw() * factor);
        bar_of(bar.ts_open().0, bar.ts_close().0 - bar.ts_open().0, scale, prices)
    };
    let halves = |scale, factor, qty_scale, volumes: [i64; 2]| {
        let two = [ten(0, [10_000, 10_200, 9_950, 10_000]), ten(10, [10_000, 10_100, 9_900, 10_000])];
        let [one, other] = two.map(|bar| times(&bar, scale, factor));
        [with_volume(&one, qty_scale, volumes[0]), with_volume(&other, qty_scale, volumes[1])]
    };
    // The minute's volume is 0.5.
    assert_eq!(with_finer("long", &minute, &halves(3, 10, 3, [499, 1])), (1.0, DECIDED));
    assert_eq!(
        with_finer("long", &minute, &halves(10, 100_000_000, 16, [5_000_000_000_000_000 - 7, 7])),
        (1.0, DECIDED)
    );
    // The same digits, ten times the prices or the volume.
    assert_eq!(with_finer("long", &minute, &halves(2, 10, 1, [4, 1])), (-1.0, UNMATCHED));
    assert_eq!(with_finer("long", &minute, &halves(2, 1, 0, [4, 1])), (-1.0, UNMATCHED));
    assert_eq!(with_finer("long", &minute, &halves(2, 1, 1, [4, 1])), (1.0, DECIDED));
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

/// Minutes, and the ten seconds they are made of, of which some were without trades; some minutes are of others.
fn any_minutes() -> impl Strategy<Value = (Vec<Bar>, Vec<Bar>)> {
    let ten = (prop::array::uniform4(-3..120_i64), 0..4_i64, 0..4_u8);
    let minute = (proptest::collection::vec(ten, 6), 0..12_u8);
    (proptest::collection::vec(minute, 0..40), 2..5_u8).prop_map(|(minutes, scale)| {
        let (mut bars, mut finer) = (Vec::new(), Vec::new());
        for ((tens, damage), index) in minutes.into_iter().zip(0..) {
            let slots = tens.iter().zip(0..).filter(|((.., kept), slot)| *kept > 0 || *slot == 3);
            let mut inside: Vec<(i64, [i64; 4], i64)> = slots
                .map(|((prices, volume, _), slot)| {
                    let mut prices = *prices;
                    prices.sort_unstable();
                    let [low, one, other, high] = prices;
                    (
                        slot,
                        if slot % 2 == 0 { [one, high, low, other] } else { [other, high, low, one] },
                        *volume,
                    )
                })
                .collect();
            let high = inside.iter().map(|(_, prices, _)| prices[1]).max().unwrap();
            let low = inside.iter().map(|(_, prices, _)| prices[2]).min().unwrap();
            let volume: i64 = inside.iter().map(|(.., volume)| volume).sum();
            let minute = bar(index, [inside[0].1[0], high, low, inside[inside.len() - 1].1[3]]);
            bars.push(with_volume(&minute, 0, if damage == 0 { volume + 1 } else { volume }));
            match damage {
                1 => drop(inside.pop()),
                2 => inside[0].1[1] += 1,
                3 => inside[0].1 = inside[0].1.map(|price| price * 10),
                _ => {}
            }
            for (slot, prices, volume) in inside {
                let prices = prices.map(|price| price * 10_i64.pow(u32::from(scale) - 2));
                let ten = bar_of(index * MINUTE + slot * MINUTE / 6, MINUTE / 6, scale, prices);
                finer.push(with_volume(&ten, scale, volume * 10_i64.pow(u32::from(scale))));
            }
        }
        (bars, finer)
    })
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

/// Steps of the grid of `bar` in 0.01.
fn in_steps_of(bar: &Bar) -> i64 {
    10_i64.pow(u32::from(bar.grid().price_scale()) - 2)
}

/// Whether a bar with 2 price decimals and whole volumes has the prices and the volume of those inside it, which have as
/// many decimals of both, 2 or more; without volumes, whether there are all six of them.
fn is_made_of(bar: &Bar, inside: &[&Bar]) -> bool {
    let [Some(first), Some(last)] = [inside.first(), inside.last()] else { return false };
    let step = in_steps_of(first);
    let sorted = |price: fn(&Bar) -> feature_api::Price| {
        let mut prices: Vec<i64> = inside.iter().map(|bar| price(bar).raw()).collect();
        prices.sort_unstable();
        prices
    };
    let (highs, lows) = (sorted(Bar::high), sorted(Bar::low));
    let prices = [first.open().raw(), highs[highs.len() - 1], lows[0], last.close().raw()];
    let volume: i64 = inside.iter().map(|bar| bar.volume().raw()).sum();
    let is_volume = if volume > 0 && bar.volume().raw() > 0 {
        volume == bar.volume().raw() * step * 100
    } else {
        inside.len() == 6
    };
    is_volume && prices == [bar.open(), bar.high(), bar.low(), bar.close()].map(|price| price.raw() * step)
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
            let touches = |bar: &Bar| {
                let entry = entry * in_steps_of(bar);
                let mirrored = |price: i64| match side {
                    TradeSide::Long => price,
                    TradeSide::Short => 2 * entry - price,
                };
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
                        let inside: Vec<&Bar> = finer
                            .iter()
                            .filter(|f| f.ts_open() >= bar.ts_open() && f.ts_close() <= bar.ts_close())
                            .collect();
                        let first =
                            inside.iter().map(|f| touches(f)).find(|touched| *touched != (false, false));
                        if is_made_of(bar, &inside) && first == Some((true, false)) { 1.0 } else { -1.0 }
                    }
                };
            }
            Some(decided)
        }
    }
}

proptest! {
    #[test]
    fn labels_are_those_of_a_second_implementation(spec in any_spec(), (bars, finer) in any_minutes()) {
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
    fn the_grid_does_not_matter(spec in any_spec(), (bars, finer) in any_minutes(), more in 0..10_u8) {
        let on_finer_grid = |bars: &[Bar], more: u8| -> Vec<Bar> {
            let factor = 10_i64.pow(u32::from(more));
            let steps = |b: &Bar| [b.open(), b.high(), b.low(), b.close()].map(|price| price.raw() * factor);
            let on_grid = |b: &Bar| {
                let scale = b.grid().price_scale() + more;
                let other = bar_of(b.ts_open().0, b.ts_close().0 - b.ts_open().0, scale, steps(b));
                with_volume(&other, b.grid().qty_scale() + more, b.volume().raw() * factor)
            };
            bars.iter().map(on_grid).collect()
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
        spec in any_spec(), (bars, finer) in any_minutes(), other in any_bars(), row in 0..40_usize,
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
