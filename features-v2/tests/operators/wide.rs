//! The largest inputs over the longest window, in a build that checks for overflow; and the grid, which is a way of
//! writing: as in `limits.rs`, for the operators of version 2.

use feature_api::{Bits as _, MAX_RAW, Memory, Operator};
use features_v2::arithmetic::Scale;
use features_v2::operators::{
    Adx, Cci, CloseVolume, FineVolumeProfile, HighLowClose, Mfi, Natr, ObvDelta, RangeVolume, RealMean,
    ReturnShape, Roc, RollingSum, SessionBar, SessionVwap, Shape, TypicalVolume, UltOsc, WillR,
};
use testkit::expect::Expect;
use testkit::inputs::Stream;

use crate::limits::{EVERY, LONGEST, extremes, same_on_a_finer_grid};
use crate::momentum::{DECIMALS, cci, mfi, obv_delta, roc, ultosc, willr};
use crate::support::{agrees, window};

#[test]
fn oscillators_hold_the_largest_inputs() {
    for x in extremes() {
        agrees("roc", Roc::new(window(LONGEST)), &x, EVERY, &roc);
        agrees("sum", RollingSum::new(window(LONGEST)), &x, EVERY, &|x| vec![Expect::Int(x.iter().sum())]);
        let triples: Vec<i64> = x.iter().map(|x| 3 * x).collect();
        agrees("cci", Cci::new(window(LONGEST)), &triples, EVERY, &cci);
        let flows: Vec<TypicalVolume> = x
            .iter()
            .map(|x| TypicalVolume { triple: 3 * x.abs() - (x & 1), volume: MAX_RAW - (x & 1) })
            .collect();
        agrees("mfi", Mfi::new(window(LONGEST)), &flows, EVERY, &mfi);
        let closes: Vec<CloseVolume> = x.iter().map(|x| CloseVolume { close: *x, volume: MAX_RAW }).collect();
        agrees("obv", ObvDelta::new(window(LONGEST), Scale::new(DECIMALS)), &closes, EVERY, &obv_delta);
        let bar = |x: &[i64]| HighLowClose { high: x[0].max(x[1]), low: x[0].min(x[1]), close: x[1] };
        let bars: Vec<HighLowClose> = x.windows(2).map(bar).collect();
        agrees("willr", WillR::new(window(LONGEST)), &bars, EVERY, &willr);
        let periods = [7, LONGEST / 2, LONGEST];
        agrees("ultosc", UltOsc::new(periods.map(window)), &bars, EVERY, &|bars| ultosc(bars, periods));
        // Recursive ones stay finite and within their range.
        let scale = Scale::new(16);
        let (mut adx, mut natr) = (Adx::new(window(14), scale), Natr::new(window(14), scale));
        for bar in &bars {
            let percent = |x: f64| (0.0..=100.0).contains(&x);
            let lines = adx.update(*bar);
            assert!(
                lines.is_none_or(|l| percent(l.plus_di) && percent(l.minus_di) && l.adx.is_none_or(percent))
            );
            assert!(natr.update(*bar).is_none_or(f64::is_finite));
        }
    }
}

#[test]
fn the_grid_is_a_way_of_writing() {
    let bar = |x: i64, y: i64, factor: i64| HighLowClose {
        high: (x + y) * factor,
        low: (x - y) * factor,
        close: x * factor,
    };
    for n in [1, 2, 14, 20, 288] {
        let n = window(n);
        let scale = Scale::new;
        same_on_a_finer_grid(|_| Roc::new(n), |x, _, factor| x * factor);
        same_on_a_finer_grid(|_| Cci::new(n), |x, y, factor| (3 * x + y) * factor);
        same_on_a_finer_grid(|_| Shape::new(n), |x, _, factor| x * factor);
        same_on_a_finer_grid(|_| Shape::new(n), |_, y, factor| y * factor);
        same_on_a_finer_grid(
            |_| Mfi::new(n),
            |x, y, factor| TypicalVolume { triple: (3 * x + y) * factor, volume: y },
        );
        same_on_a_finer_grid(|_| Mfi::new(n), |x, y, factor| TypicalVolume { triple: x, volume: y * factor });
        same_on_a_finer_grid(
            |d| ObvDelta::new(n, scale(d)),
            |x, y, factor| CloseVolume { close: x, volume: y * factor },
        );
        same_on_a_finer_grid(|_| WillR::new(n), bar);
        same_on_a_finer_grid(|_| UltOsc::new([window(1), window(2), n]), bar);
        same_on_a_finer_grid(|d| Adx::new(n, scale(d)), bar);
        same_on_a_finer_grid(|d| Natr::new(n, scale(d)), bar);
        same_on_a_finer_grid(
            |d| SessionVwap::new(1, n, scale(d)),
            |x, y, factor| SessionBar {
                ts: 0,
                dollar: i128::from(x) * i128::from(y) * i128::from(factor),
                volume: y,
                close: x * factor,
            },
        );
    }
}

/// The last output of a long run and of its window alone.
fn forgets<O: Operator>(name: &str, make: impl Fn() -> O, inputs: &[O::Input]) {
    let Memory::Finite { window } = make().memory() else { panic!("{name}: a window") };
    let last = |inputs: &[O::Input]| {
        let (mut operator, mut bits) = (make(), Vec::new());
        inputs.iter().map(|input| operator.update(*input)).last().flatten().bits(&mut bits);
        bits
    };
    assert_eq!(last(inputs), last(&inputs[inputs.len() - window as usize..]), "{name}");
}

#[test]
fn a_long_run_leaves_no_trace() {
    let x = Stream::Jumps.raw(300_000, 1);
    let y = Stream::Walk.non_negative(x.len(), 2);
    let n = window(20);
    let pairs = || x.iter().copied().zip(y.iter().copied());
    forgets("roc", || Roc::new(n), &x);
    forgets("sum", || RollingSum::new(n), &x);
    forgets("cci", || Cci::new(n), &x);
    forgets("shape", || Shape::new(n), &x);
    let flows: Vec<_> = pairs().map(|(x, y)| TypicalVolume { triple: x, volume: y }).collect();
    forgets("mfi", || Mfi::new(n), &flows);
    let closes: Vec<_> = pairs().map(|(x, y)| CloseVolume { close: x, volume: y }).collect();
    forgets("obv", || ObvDelta::new(n, Scale::new(3)), &closes);
    let bars: Vec<_> = pairs().map(|(x, y)| HighLowClose { high: x, low: x - y, close: x - y / 2 }).collect();
    forgets("willr", || WillR::new(n), &bars);
    forgets("ultosc", || UltOsc::new([7, 14, 28].map(window)), &bars);
    let ranges: Vec<_> = pairs().map(|(x, y)| RangeVolume { high: x, low: x - y, volume: y }).collect();
    forgets("profile", || FineVolumeProfile::new(n), &ranges);
    let session = |(ts, (x, y)): (i64, (i64, i64))| SessionBar {
        ts: 3 * ts + x % 3,
        dollar: i128::from(x) * i128::from(y),
        volume: y,
        close: x,
    };
    let sessions: Vec<_> = (0..).zip(pairs()).map(session).collect();
    forgets("session", || SessionVwap::new(30, n, Scale::new(3)), &sessions);
    let returns: Vec<f64> = pairs().map(|(x, y)| x as f64 / (1.0 + y as f64) / 1e3).collect();
    forgets("mean of reals", || RealMean::new(n), &returns);
    forgets("shape of returns", || ReturnShape::new(n), &returns);
}
