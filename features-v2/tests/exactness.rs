//! Finite windows do not drift: after a million bars, and after ten, they are what an exact recomputation of the
//! window says, and bit for bit what a fresh operator says that saw the window alone.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]

use feature_api::{Bits, Memory, Operator};
use features_v2::arithmetic::{Scale, to_real};
use features_v2::operators::{Correlation, Mean, Moments, RealDeviation, Regression, TypicalVolume, Vwap};
use features_v2::window::Window;
use testkit::inputs::SplitMix;
use testkit::{BigInt, BigRational, exact};

const MILLION: usize = 1_000_000;

fn window(n: u32) -> Window {
    Window::new(n).unwrap()
}

/// A walk at a price of 1,000,000 on a grid of that many decimals, in steps of up to 20 cents.
struct Walk {
    random: SplitMix,
    decimals: u8,
    price: i64,
}

impl Walk {
    fn new(decimals: u8) -> Self {
        Self { random: SplitMix::new(7), decimals, price: MILLION as i64 * 10_i64.pow(decimals.into()) }
    }

    /// The next close and its volume.
    fn next(&mut self) -> (i64, i64) {
        let unit = 10_i64.pow(self.decimals.into());
        self.price += self.random.between(-unit / 5, unit / 5);
        // The level of the test: neither drift nor walk leaves it.
        let level = MILLION as i64 * unit;
        self.price = self.price.clamp(level - level / 100, level + level / 100);
        (self.price, self.random.between(0, 1_000_000_000))
    }
}

/// Runs an operator over so many inputs, and a fresh one over the last window at every row looked at: the last
/// 20 rows before each million, and one row in 100,003. Gives each window looked at, with the output, to `check`.
fn run<O: Operator>(
    name: &str,
    rows: usize,
    make: impl Fn() -> O,
    mut input: impl FnMut() -> O::Input,
    mut check: impl FnMut(&[O::Input], O::Output),
) {
    let mut operator = make();
    let Memory::Finite { window } = operator.memory() else { panic!("{name}: a window") };
    let window = window as usize;
    let mut last = std::collections::VecDeque::with_capacity(window);
    let mut looked = 0;
    for row in 0..rows {
        let x = input();
        if last.len() == window {
            last.pop_front();
        }
        last.push_back(x);
        let found = operator.update(x);
        if row < window || (row % MILLION < MILLION - 20 && row % 100_003 != 0) {
            continue;
        }
        let inputs: Vec<O::Input> = last.iter().copied().collect();
        let mut fresh = make();
        let again = inputs.iter().map(|x| fresh.update(*x)).last().flatten();
        assert_eq!(
            bits(&found),
            bits(&again),
            "{name}: row {row} after a long run and from its window alone"
        );
        check(&inputs, found.unwrap());
        looked += 1;
    }
    assert!(looked >= 20, "{name}: {looked} rows looked at");
}

fn bits(output: &impl Bits) -> Vec<u64> {
    let mut bits = Vec::new();
    output.bits(&mut bits);
    bits
}

fn steps(decimals: u8) -> BigRational {
    exact::integer(BigInt::from(10).pow(decimals.into()))
}

fn rationals(raw: impl IntoIterator<Item = i64>, decimals: u8) -> Vec<BigRational> {
    raw.into_iter().map(|raw| exact::integer(raw) / steps(decimals)).collect()
}

/// The mean correctly rounded, the deviations within an ulp, at many rows of each feed.
fn mean_and_deviation(rows: usize, n: u32, decimals: u8) {
    let scale = Scale::new(decimals);
    let mut walk = Walk::new(decimals);
    let one = exact::integer(1);
    run(
        "moments",
        rows,
        || Moments::new(window(n), scale),
        || walk.next().0,
        |raw, found| {
            let x = rationals(raw.iter().copied(), decimals);
            assert_eq!(found.mean, exact::round(&exact::mean(&x)), "mean of {n}, {decimals} decimals");
            for (deviation, ddof) in [(found.deviation, 0), (found.sample_deviation, 1)] {
                let variance = exact::variance(&x, ddof);
                assert!(
                    exact::sqrt_within_ulps(deviation, &variance, &one),
                    "deviation of {n}: {deviation:e}"
                );
            }
        },
    );
    let mut walk = Walk::new(decimals);
    run(
        "mean",
        rows,
        || Mean::new(window(n), scale),
        || walk.next().0,
        |raw, found| {
            let x = rationals(raw.iter().copied(), decimals);
            assert_eq!(found, exact::round(&exact::mean(&x)), "mean of {n}, {decimals} decimals");
        },
    );
}

#[test]
fn mean_and_deviation_after_a_million_bars() {
    for decimals in [2, 8] {
        for n in [2, 14, 20, 200, 288] {
            mean_and_deviation(MILLION, n, decimals);
        }
    }
}

#[test]
fn mean_and_deviation_after_ten_million_bars() {
    for decimals in [2, 8] {
        mean_and_deviation(10 * MILLION, 20, decimals);
    }
}

#[test]
fn vwap_and_regression_after_ten_million_bars() {
    for decimals in [2, 8] {
        let scale = Scale::new(decimals);
        let mut walk = Walk::new(decimals);
        let bar = || {
            let (price, volume) = walk.next();
            TypicalVolume { triple: 3 * price - volume % 7, volume }
        };
        run(
            "vwap",
            10 * MILLION,
            || Vwap::new(window(288), scale),
            bar,
            |bars, found| {
                let traded: BigInt = bars.iter().map(|bar| BigInt::from(bar.triple) * bar.volume).sum();
                let volume: i64 = bars.iter().map(|bar| bar.volume).sum();
                let expected = exact::ratio(traded, volume) / steps(decimals) / exact::integer(3);
                assert_eq!(found, exact::round(&expected), "{decimals} decimals");
            },
        );
        let mut walk = Walk::new(decimals);
        run(
            "line",
            10 * MILLION,
            || Regression::new(window(50), scale),
            || walk.next().0,
            |raw, found| {
                let x = rationals(raw.iter().copied(), decimals);
                let slope = exact::slope(&x);
                let next = exact::mean(&x) + &slope * exact::ratio(51, 2);
                assert_eq!(found.slope, exact::round(&slope), "{decimals} decimals");
                assert_eq!(found.next, exact::round(&next), "{decimals} decimals");
            },
        );
    }
}

/// The correlation within seven roundings, as tests/operators/lines.rs derives.
#[test]
fn correlation_after_ten_million_bars() {
    for decimals in [2, 8] {
        let make = || Correlation::new(window(20), Scale::new(decimals), Scale::new(5));
        let mut walk = Walk::new(decimals);
        run(
            "correlation",
            10 * MILLION,
            make,
            || walk.next(),
            |pairs, found| {
                let x = rationals(pairs.iter().map(|pair| pair.0), decimals);
                let y = rationals(pairs.iter().map(|pair| pair.1), 5);
                let covariance = exact::covariance(&x, &y, 0);
                let square = &covariance * &covariance / exact::variance(&x, 0) / exact::variance(&y, 0);
                let expected = exact::round_sqrt(&square).copysign(exact::round(&covariance));
                assert!(
                    (found - expected).abs() <= 3.5 * f64::EPSILON * expected.abs(),
                    "{found:e}, {expected:e}"
                );
            },
        );
    }
}

/// Returns and distances, which are no market numbers: exact once they are rounded to 2^-64.
#[test]
fn deviation_of_returns_after_ten_million_bars() {
    let mut walk = Walk::new(2);
    let mut before = walk.next().0;
    let change = || {
        let close = walk.next().0;
        let change = close as f64 / std::mem::replace(&mut before, close) as f64 - 1.0;
        // As of a price that fell a millionfold, now and then.
        if close % 9_973 == 0 { change * 1e9 } else { change }
    };
    let one = exact::integer(1);
    let make = || RealDeviation::new(window(20), 1);
    run("deviation of returns", 10 * MILLION, make, change, |returns, found| {
        let unit = exact::ratio(1, BigInt::from(1) << 64);
        let x: Vec<_> = returns.iter().map(|x| exact::integer(to_real(*x)) * &unit).collect();
        assert!(exact::sqrt_within_ulps(found, &exact::variance(&x, 1), &one), "{found:e}");
    });
}
