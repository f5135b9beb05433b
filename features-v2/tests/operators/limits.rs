//! The largest inputs over the longest window, in a build that checks for overflow; and the grid, which is a way
//! of writing.

use feature_api::{Bits, MAX_RAW, Operator};
use features_v2::arithmetic::Scale;
use features_v2::operators::{
    Correlation, HighLowClose, Mean, Median, Moments, PercentMean, RealDeviation, RedVolume, Regression,
    RollingMax, RollingMin, Stochastic, TrueRange, TypicalVolume, Vwap,
};
use testkit::expect::Expect;
use testkit::inputs::{SplitMix, Stream};
use testkit::{BigInt, exact};

use crate::support::{Shown, agrees, quotient, scatter, steps, sum, window};

pub const LONGEST: u32 = 1_000;

/// Streams at the limits: one end, the other, both in turn, and at random.
pub fn extremes() -> Vec<Vec<i64>> {
    let mut random = SplitMix::new(1);
    let rows = 2 * LONGEST as i64 + 60;
    let kinds: [&mut dyn FnMut(i64) -> i64; 5] = [
        &mut |_| MAX_RAW,
        &mut |_| -MAX_RAW,
        &mut |row| if row % 2 == 0 { MAX_RAW } else { -MAX_RAW },
        &mut |row| if row / 500 % 2 == 0 { MAX_RAW } else { -MAX_RAW },
        &mut |_| random.between(-MAX_RAW, MAX_RAW),
    ];
    kinds.into_iter().map(|kind| (0..rows).map(kind).collect()).collect()
}

/// Rows looked at: one in so many.
pub const EVERY: usize = 131;

#[test]
fn sums_hold_the_largest_inputs() {
    for x in extremes() {
        for decimals in [0, 16] {
            let scale = Scale::new(decimals);
            let mean =
                |x: &[i64]| Expect::Rounded(quotient(sum(x.iter().copied()), steps(decimals) * x.len()));
            agrees("mean", Mean::new(window(LONGEST), scale), &x, EVERY, &|x| vec![mean(x)]);
            let moments = Shown::new(Moments::new(window(LONGEST), scale), |m| {
                [m.mean, m.deviation, m.sample_deviation]
            });
            let deviation = |x: &[i64], ddof: usize| {
                let n = x.len();
                Expect::SqrtRational(quotient(scatter(x, x), steps(2 * decimals) * n * n * (n - ddof)))
            };
            agrees("moments", moments, &x, EVERY, &|x| vec![mean(x), deviation(x, 0), deviation(x, 1)]);
            let line = Shown::new(Regression::new(window(LONGEST), scale), |line| [line.slope, line.next]);
            agrees("regression", line, &x, EVERY, &|x| {
                let n = i64::from(LONGEST);
                let k: Vec<i64> = (0..n).collect();
                let slope = quotient(scatter(&k, x), scatter(&k, &k) * steps(decimals));
                let mean = quotient(sum(x.iter().copied()), steps(decimals) * n);
                let next = mean + &slope * exact::ratio(n + 1, 2);
                vec![Expect::Rounded(slope), Expect::Rounded(next)]
            });
        }
        agrees("red volume", RedVolume::new(window(LONGEST)), &x, EVERY, &|x| {
            let red = -sum(x.iter().copied().filter(|x| *x < 0));
            vec![Expect::Rounded(quotient(red, sum(x.iter().map(|x| x.abs()))))]
        });
        agrees("max", RollingMax::new(window(LONGEST)), &x, EVERY, &|x| {
            vec![Expect::Int(*x.iter().max().unwrap())]
        });
        agrees("min", RollingMin::new(window(LONGEST)), &x, EVERY, &|x| {
            vec![Expect::Int(*x.iter().min().unwrap())]
        });
    }
}

#[test]
fn products_hold_the_largest_inputs() {
    let all = extremes();
    for (index, x) in all.iter().enumerate() {
        let bars: Vec<TypicalVolume> =
            x.iter().map(|x| TypicalVolume { triple: 3 * x, volume: MAX_RAW - (x & 1) }).collect();
        agrees("vwap", Vwap::new(window(LONGEST), Scale::new(16)), &bars, EVERY, &|bars| {
            let traded: i128 = bars.iter().map(|bar| i128::from(bar.triple) * i128::from(bar.volume)).sum();
            vec![Expect::Rounded(quotient(traded, steps(16) * 3 * sum(bars.iter().map(|bar| bar.volume))))]
        });
        // Each against the next, so that every pair of extremes meets.
        let y = &all[(index + 1) % all.len()];
        let pairs: Vec<(i64, i64)> = x.iter().copied().zip(y.iter().copied()).collect();
        agrees(
            "correlation",
            Correlation::new(window(LONGEST), Scale::new(16), Scale::new(16)),
            &pairs,
            EVERY,
            &|pairs| {
                let (x, y): (Vec<i64>, Vec<i64>) = pairs.iter().copied().unzip();
                let (xx, yy, xy) = (scatter(&x, &x), scatter(&y, &y), scatter(&x, &y));
                if &xx * &yy == BigInt::from(0) {
                    return vec![Expect::Exact(0.0)];
                }
                let value = exact::round_sqrt(&quotient(&xy * &xy, xx * yy));
                let value = if xy < BigInt::from(0) { -value } else { value };
                // Derived with the other tests of the correlation.
                vec![Expect::Within { value, abs: 0.0, rel: 7.0 * f64::EPSILON / 2.0 }]
            },
        );
    }
}

#[test]
fn ranges_hold_the_largest_inputs() {
    for x in extremes() {
        let bars: Vec<HighLowClose> = x
            .windows(2)
            .map(|x| HighLowClose { high: x[0].max(x[1]), low: x[0].min(x[1]), close: x[1] })
            .collect();
        agrees("true range", TrueRange::new(Scale::new(16)), &bars, 7, &|bars| {
            let (before, bar) = (bars[0].close, bars[1]);
            vec![Expect::Rounded(quotient(bar.high.max(before) - bar.low.min(before), steps(16)))]
        });
        let longest = window(LONGEST);
        let mut stochastic = Stochastic::new(longest, longest, longest);
        let long: Vec<HighLowClose> = bars.iter().chain(&bars).copied().collect();
        for lines in long.iter().filter_map(|bar| stochastic.update(*bar)) {
            assert!((0.0..=100.0).contains(&lines.k) && lines.d.is_none_or(|d| (0.0..=100.0).contains(&d)));
        }
    }
}

/// Floats beyond every grid are taken for its limit, never for an infinity.
#[test]
fn floats_beyond_the_grid_stay_finite() {
    for x in [f64::MAX, f64::MIN, 1e300, 9.1e15, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        let rows: Vec<f64> = (0..2_100).map(|row| if row % 2 == 0 { x } else { 0.25 }).collect();
        let mut deviation = RealDeviation::new(window(LONGEST), 1);
        let mut percent = PercentMean::new(window(LONGEST));
        for row in &rows {
            assert!(deviation.update(*row).is_none_or(|y| y.is_finite() && y <= 9.1e15), "{x}");
            assert!(percent.update(*row).is_none_or(|y| (0.0..=128.0).contains(&y)), "{x}");
        }
    }
    // Two middles whose sum is no float: their mean is.
    let mut median = Median::new(window(2));
    median.update(f64::MAX);
    assert_eq!(median.update(f64::MAX), Some(f64::MAX));
}

/// The same values with more decimals, bit for bit.
pub fn same_on_a_finer_grid<O: Operator>(make: impl Fn(u8) -> O, input: impl Fn(i64, i64, i64) -> O::Input) {
    let bits = |output: Option<O::Output>| {
        let mut bits = Vec::new();
        output.bits(&mut bits);
        bits
    };
    let x = Stream::Walk.raw(400, 2);
    let y = Stream::Jumps.non_negative(400, 3);
    for digits in 1..=6 {
        let (mut coarse, mut fine) = (make(2), make(2 + digits));
        let factor = 10_i64.pow(u32::from(digits));
        for (x, y) in x.iter().zip(&y) {
            let y = y % 1_000_000;
            assert_eq!(
                bits(coarse.update(input(*x, y, 1))),
                bits(fine.update(input(*x, y, factor))),
                "{digits}"
            );
        }
    }
}

#[test]
fn the_grid_is_a_way_of_writing() {
    for n in [1, 2, 14, 20, 288] {
        let n = window(n);
        let scale = Scale::new;
        same_on_a_finer_grid(|d| Mean::new(n, scale(d)), |x, _, factor| x * factor);
        same_on_a_finer_grid(|d| Moments::new(n, scale(d)), |x, _, factor| x * factor);
        same_on_a_finer_grid(|d| Regression::new(n, scale(d)), |x, _, factor| x * factor);
        same_on_a_finer_grid(|d| Correlation::new(n, scale(d), scale(0)), |x, y, factor| (x * factor, y));
        same_on_a_finer_grid(
            |d| Vwap::new(n, scale(d)),
            |x, y, factor| TypicalVolume { triple: (3 * x + y) * factor, volume: y },
        );
        let bar = |x: i64, y: i64, factor: i64| HighLowClose {
            high: (x + y) * factor,
            low: (x - y) * factor,
            close: x * factor,
        };
        same_on_a_finer_grid(|d| features_v2::operators::Atr::new(n, scale(d)), bar);
        same_on_a_finer_grid(|_| Stochastic::new(n, window(3), window(3)), bar);
        same_on_a_finer_grid(|d| features_v2::operators::Rsi::new(n, scale(d)), |x, _, factor| x * factor);
    }
}
