//! Extremes, medians, lags, the stochastic oscillator, the true range and runs: exact.

use features_v2::arithmetic::Scale;
use features_v2::operators::{
    HighLowClose, Lag, Median, PercentMean, Previous, RealLag, RealMax, RollingMax, RollingMin, RunLength,
    Stochastic, TrueRange,
};
use testkit::exact;
use testkit::expect::Expect;
use testkit::inputs::{SplitMix, Stream};
use testkit::operator::{OperatorCase, conform};

use crate::support::{
    Shown, agrees, conform_windows, every_window, high_low_close, quotient, signed_bars, steps, sum, window,
};

#[test]
fn extremes_are_those_of_the_window() {
    let max = |_: u32, x: &[i64]| vec![Expect::Int(*x.iter().max().unwrap())];
    let min = |_: u32, x: &[i64]| vec![Expect::Int(*x.iter().min().unwrap())];
    conform_windows("max", |n| RollingMax::new(window(n)), Stream::raw, max);
    conform_windows("min", |n| RollingMin::new(window(n)), Stream::raw, min);
    for stream in [Stream::Walk, Stream::Ties, Stream::Falling] {
        every_window("max", 1, |n| RollingMax::new(window(n)), |rows| stream.raw(rows + 300, 1), max);
        every_window("min", 1, |n| RollingMin::new(window(n)), |rows| stream.raw(rows + 300, 1), min);
    }
}

/// Floats of a stream; for the stream of zeros, zeros of either sign among few other values.
fn floats(stream: Stream, rows: usize, seed: u64) -> Vec<f64> {
    const FEW: [f64; 6] = [0.0, -0.0, 1.5, -1.5, 0.0, -0.0];
    let mut random = SplitMix::new(seed);
    let mut one = || FEW[random.between(0, 5).unsigned_abs() as usize];
    if stream == Stream::Zero { (0..rows).map(|_| one()).collect() } else { stream.floats(rows, seed) }
}

fn sorted(x: &[f64]) -> Vec<f64> {
    let mut x = x.to_vec();
    x.sort_by(f64::total_cmp);
    x
}

#[test]
fn extreme_of_floats_is_that_of_the_window() {
    let naive = |_: u32, x: &[f64]| vec![Expect::Exact(*sorted(x).last().unwrap())];
    let make = |n| RealMax::new(window(n));
    conform_windows("max of floats", make, floats, naive);
    every_window("max of floats", 1, make, |rows| Stream::Walk.floats(rows + 300, 2), naive);
}

#[test]
fn median_is_the_middle_of_the_sorted_window() {
    let naive = |_: u32, x: &[f64]| {
        let (n, x) = (x.len(), sorted(x));
        vec![Expect::Exact(if n % 2 == 1 { x[n / 2] } else { x[n / 2 - 1] / 2.0 + x[n / 2] / 2.0 })]
    };
    let make = |n| Median::new(window(n));
    conform_windows("median", make, floats, naive);
    for stream in [Stream::Walk, Stream::Ties, Stream::Zero] {
        every_window("median", 1, make, |rows| floats(stream, rows + 300, 3), naive);
    }
}

#[test]
fn lags_give_the_oldest() {
    let naive = |_: u32, x: &[i64]| vec![Expect::Int(x[0])];
    let naive_floats = |_: u32, x: &[f64]| vec![Expect::Exact(x[0])];
    conform_windows("lag", |n| Lag::new(window(n)), Stream::raw, naive);
    conform_windows("lag of floats", |n| RealLag::new(window(n)), Stream::floats, naive_floats);
    every_window("lag", 1, |n| Lag::new(window(n)), |rows| Stream::Walk.raw(rows, 4), naive);
    every_window(
        "lag of floats",
        1,
        |n| RealLag::new(window(n)),
        |rows| Stream::Walk.floats(rows, 4),
        naive_floats,
    );
}

#[test]
fn previous_is_one_input_late() {
    let naive = |_: u32, x: &[i64]| vec![Expect::Int(*x[..x.len() - 1].iter().max().unwrap())];
    let make = |n| Previous::new(RollingMax::new(window(n)));
    conform_windows("max of the previous", make, Stream::raw, naive);
    every_window("max of the previous", 1, make, |rows| Stream::Walk.raw(rows, 5), naive);
}

/// Every stage by its definition. A percentage is one correct rounding of an exact quotient; the means are exact
/// over percentages on their grid.
fn stochastic(bars: &[HighLowClose], [n, k, d]: [usize; 3]) -> Vec<Expect> {
    let percent = |bars: &[HighLowClose]| {
        let high = bars.iter().map(|bar| bar.high).max().unwrap();
        let low = bars.iter().map(|bar| bar.low).min().unwrap();
        let part = 100 * i128::from(bars.last().unwrap().close - low);
        if high == low { 0.0 } else { exact::round(&quotient(part, high - low)) }
    };
    let mean = |x: &[f64]| {
        let total = sum(x.iter().map(|x| PercentMean::on_grid(*x)));
        exact::round(&quotient(total, testkit::BigInt::from(x.len()) << 43))
    };
    let percents: Vec<f64> = bars.windows(n).map(percent).collect();
    let smooth: Vec<f64> = percents.windows(k).map(mean).collect();
    let last = smooth.windows(d).last().map_or(Expect::Absent, |x| Expect::Exact(mean(x)));
    vec![Expect::Exact(*smooth.last().unwrap()), last]
}

#[test]
fn stochastic_is_exact_on_its_grid() {
    for [n, k, d] in [[14, 3, 3], [5, 3, 3], [1, 1, 1], [2, 1, 4], [1, 5, 1], [50, 9, 7]] {
        for stream in Stream::ALL {
            for signed in [false, true] {
                let (bars, shift) = signed_bars(stream, 2 * (n + k + d) + 60, 9);
                let shift = if signed { shift } else { 0 };
                let bars: Vec<_> = bars.iter().map(|bar| high_low_close(bar, shift)).collect();
                let windows = [n, k, d].map(|n| window(u32::try_from(n).unwrap()));
                conform(&OperatorCase {
                    name: &format!("stochastic {n}-{k}-{d} over {}", stream.name()),
                    make: &|| {
                        let [n, k, d] = windows;
                        Shown::new(Stochastic::new(n, k, d), |lines| [Some(lines.k), lines.d])
                    },
                    inputs: &bars,
                    converging: None,
                    naive: Some(&|bars| stochastic(bars, [n, k, d])),
                });
            }
        }
    }
    let (bars, _) = signed_bars(Stream::Walk, 700, 10);
    let bars: Vec<_> = bars.iter().map(|bar| high_low_close(bar, 0)).collect();
    for n in 1..=300 {
        let operator = Stochastic::new(window(n), window(3), window(3));
        let operator = Shown::new(operator, |lines| [Some(lines.k), lines.d]);
        let n = n as usize;
        agrees("stochastic", operator, &bars[..n + 40], 7, &|bars| stochastic(bars, [n, 3, 3]));
    }
}

#[test]
fn true_range_is_the_largest_of_three() {
    for stream in Stream::ALL {
        for signed in [false, true] {
            let (bars, shift) = signed_bars(stream, 300, 11);
            let shift = if signed { shift } else { 0 };
            let bars: Vec<_> = bars.iter().map(|bar| high_low_close(bar, shift)).collect();
            let naive = |bars: &[HighLowClose]| {
                let (before, bar) = (bars[0].close, bars[1]);
                let largest =
                    (bar.high - bar.low).max((bar.high - before).abs()).max((bar.low - before).abs());
                vec![Expect::Rounded(quotient(largest, steps(5)))]
            };
            conform(&OperatorCase {
                name: &format!("true range over {}", stream.name()),
                make: &|| TrueRange::new(Scale::new(5)),
                inputs: &bars,
                converging: None,
                naive: Some(&naive),
            });
        }
    }
}

#[test]
fn runs_end_with_the_first_that_is_false() {
    for stream in Stream::ALL {
        let x = stream.raw(400, 12);
        let holds: Vec<bool> = x.windows(2).map(|pair| pair[1] > pair[0] || pair[0] % 7 == 0).collect();
        let naive = |holds: &[bool]| {
            vec![Expect::Exact(holds.iter().rev().take_while(|holds| **holds).count() as f64)]
        };
        // Two histories agree from the first false on: the stream of ties has one soon.
        let ties = Stream::Ties.raw(400, 13);
        let converging: Vec<bool> = ties.windows(2).map(|pair| pair[1] > pair[0]).collect();
        conform(&OperatorCase {
            name: &format!("run length over {}", stream.name()),
            make: &RunLength::new,
            inputs: &holds,
            converging: Some(&converging),
            naive: Some(&naive),
        });
    }
}
