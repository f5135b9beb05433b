//! Regression and correlation.

use features_v2::arithmetic::Scale;
use features_v2::operators::{Correlation, Regression};
use testkit::exact;
use testkit::expect::Expect;
use testkit::inputs::Stream;

use crate::support::{Shown, conform_windows, every_window, quotient, scatter, steps, sum, window};

const DECIMALS: u8 = 2;

/// Slope by its definition, cov(k, x)/var(k), and the line at n: mean + slope·(n + 1)/2.
fn line(x: &[i64]) -> Vec<Expect> {
    let n = i64::try_from(x.len()).unwrap();
    let k: Vec<i64> = (0..n).collect();
    let mean = quotient(sum(x.iter().copied()), steps(DECIMALS) * n);
    if n == 1 {
        return vec![Expect::Exact(0.0), Expect::Rounded(mean)];
    }
    let slope = quotient(scatter(&k, x), scatter(&k, &k) * steps(DECIMALS));
    let next = mean + &slope * exact::ratio(n + 1, 2);
    vec![Expect::Rounded(slope), Expect::Rounded(next)]
}

#[test]
fn regression_is_correctly_rounded() {
    let naive = |_: u32, x: &[i64]| line(x);
    let make =
        |n| Shown::new(Regression::new(window(n), Scale::new(DECIMALS)), |line| [line.slope, line.next]);
    conform_windows("regression", make, Stream::raw, naive);
    every_window("regression", 1, make, |rows| Stream::Walk.raw(rows, 3), naive);
    every_window("regression", 1, make, |rows| Stream::Rising.raw(rows, 3), naive);
}

/// With u = 2^-53: the covariance and both variances are rounded once, by u each; the roots halve what comes in
/// and add u, 1.5·u each; their product and the quotient add u each: u + 2·1.5·u + u + u = 6·u of the value, and
/// terms of u². The expected value is itself rounded by u: 7·u. Where all is clipped to ±1, so is the truth.
fn correlation(pairs: &[(i64, i64)]) -> Vec<Expect> {
    let (x, y): (Vec<i64>, Vec<i64>) = pairs.iter().copied().unzip();
    let (xx, yy, xy) = (scatter(&x, &x), scatter(&y, &y), scatter(&x, &y));
    let zero = testkit::BigInt::from(0);
    if xx == zero || yy == zero {
        return vec![Expect::Exact(0.0)];
    }
    let magnitude = exact::round_sqrt(&quotient(&xy * &xy, xx * yy));
    let value = if xy < zero { -magnitude } else { magnitude };
    vec![Expect::Within { value, abs: 0.0, rel: 7.0 * f64::EPSILON / 2.0 }]
}

#[test]
fn correlation_is_within_seven_roundings() {
    let naive = |_: u32, pairs: &[(i64, i64)]| correlation(pairs);
    let make = |n| Correlation::new(window(n), Scale::new(DECIMALS), Scale::new(8));
    // Against a walk of quantities, and against its own past, where the correlation is strong.
    let volumes = |stream: Stream, rows, seed| -> Vec<(i64, i64)> {
        stream.raw(rows, seed).into_iter().zip(Stream::Walk.non_negative(rows, seed + 1)).collect()
    };
    let own_past = |stream: Stream, rows: usize, seed| -> Vec<(i64, i64)> {
        let x = stream.raw(rows + 1, seed);
        x.iter().copied().zip(x[1..].iter().copied()).collect()
    };
    conform_windows("correlation", make, volumes, naive);
    conform_windows("correlation with the past", make, own_past, naive);
    every_window("correlation", 1, make, |rows| volumes(Stream::Walk, rows, 3), naive);
    // A line of itself, −1 to the rounding; and one with a little noise, 1 or −1 but for some 1e-11, which is not
    // to be taken for it.
    for (sign, noise) in [(-1, 0), (-1, 5), (1, 5)] {
        let itself = |rows| {
            let y = |(x, noise)| (x, sign * 3_000 * x + noise);
            Stream::Walk.raw(rows, 4).into_iter().zip((0..).map(|row| row * row % 7 * noise)).map(y).collect()
        };
        every_window("correlation with itself", 1, make, itself, naive);
    }
}
