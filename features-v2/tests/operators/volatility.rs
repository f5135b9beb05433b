//! Estimators of variance: logarithms on their grid, then exact integers.

use feature_api::{Operator, StateReader, StateWriter};
use features_v2::arithmetic::to_real;
use features_v2::operators::{
    Bipower, GarmanKlass, Ohlc, Parkinson, RealizedVariance, RogersSatchell, YangZhang, log_return,
};
use testkit::expect::Expect;
use testkit::inputs::{Stream, Takers, bars};
use testkit::{BigInt, BigRational, exact};

use crate::support::{conform_windows, quotient, some_windows, window};

/// ln(to/from) in units of 2^-64; within 3 ulps of the true one, and half a unit (see `returns`).
fn log(to: i64, from: i64) -> BigInt {
    BigInt::from(to_real(log_return(from, to)))
}

/// A rational from units of 2^-128.
fn squares(units: BigInt, over: usize) -> BigRational {
    quotient(units, BigInt::from(over) << 128)
}

/// A constant to 60 digits.
fn constant(digits: &str) -> BigRational {
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    quotient(digits.parse::<BigInt>().unwrap(), BigInt::from(10).pow(60))
}

/// π/2.
fn half_pi() -> BigRational {
    constant("1.570796326794896619231321691639751442098584699687552910487472")
}

/// ln 2.
fn ln_2() -> BigRational {
    constant("0.693147180559945309417232121458176568075500134360255254120680")
}

/// Bars with prices around 100,000, at the limits, at 0 and below.
fn ohlc(stream: Stream, rows: usize, seed: u64) -> Vec<Ohlc> {
    let bars = bars(stream, rows, seed, Takers::Never);
    // Every third stream is moved down, so that some of its prices are not positive.
    let shift = if seed.is_multiple_of(3) { bars[0].close().raw() } else { 0 };
    let prices = bars.iter().map(|bar| [bar.open(), bar.high(), bar.low(), bar.close()]);
    prices
        .map(|prices| prices.map(|price| price.raw() - shift))
        .map(|[open, high, low, close]| Ohlc { open, high, low, close })
        .collect()
}

/// Returns as sets feed them, and some that no prices make.
fn returns(stream: Stream, rows: usize, seed: u64) -> Vec<f64> {
    let closes = stream.positive(rows + 1, seed);
    let wild = [f64::NAN, -0.0, 1e300, -50.0, 36.7];
    let of_prices = closes.windows(2).map(|pair| log_return(pair[0], pair[1]));
    of_prices.enumerate().map(|(row, r)| if row % 97 == 96 { wild[row / 97 % 5] } else { r }).collect()
}

/// A return on the grid, without its sign.
fn units(r: f64) -> BigInt {
    let most = BigInt::from(37) << 64;
    let units = BigInt::from(to_real(r).abs());
    if units > most { most } else { units }
}

#[test]
fn realized_variance_is_correctly_rounded() {
    let naive =
        |_: u32, r: &[f64]| vec![Expect::Rounded(squares(r.iter().map(|r| units(*r).pow(2)).sum(), 1))];
    let make = |n| RealizedVariance::new(window(n));
    conform_windows("realized variance", make, returns, naive);
    some_windows("realized variance", make, |rows| returns(Stream::Walk, rows, 1), naive);
}

/// The sum, π/2 and their product are each rounded, by 2^-53 of them at most, which an ulp is at least.
#[test]
fn bipower_variation_is_within_three_ulps() {
    let naive = |_: u32, r: &[f64]| {
        let sum = r.windows(2).map(|pair| units(pair[0]) * units(pair[1])).sum();
        vec![Expect::Ulps { exact: squares(sum, 1) * half_pi(), ulps: 3 }]
    };
    let make = |n| Bipower::new(window(n));
    conform_windows("bipower", make, returns, naive);
    some_windows("bipower", make, |rows| returns(Stream::Walk, rows, 2), naive);
}

/// The mean, ln 2 and their quotient: as bipower variation.
#[test]
fn parkinson_is_within_three_ulps() {
    let naive = |n: u32, bars: &[Ohlc]| {
        let sum = bars.iter().map(|bar| log(bar.high, bar.low).pow(2)).sum();
        let exact = squares(sum, n as usize) / (ln_2() * exact::integer(4));
        vec![Expect::Ulps { exact, ulps: 3 }]
    };
    let make = |n| Parkinson::new(window(n));
    conform_windows("Parkinson", make, ohlc, naive);
    some_windows("Parkinson", make, |rows| ohlc(Stream::Walk, rows, 1), naive);
}

/// With u = 2^-53, a the half mean of the ranges' squares, b that of the bodies times its factor: b <= 0.78·a, as no body
/// is longer than its range. a is off by u·a, b by 3u·b, the difference, 0.22·a or more, is rounded by u: together by
/// (1 + 3·0.78)/0.22 + 1 = 16.2 u.
#[test]
fn garman_klass_is_within_seventeen_ulps() {
    let naive = |n: u32, bars: &[Ohlc]| {
        let ranges = bars.iter().map(|bar| log(bar.high, bar.low).pow(2)).sum();
        let of_body = |bar: &&Ohlc| bar.low > 0;
        let bodies = bars.iter().filter(of_body).map(|bar| log(bar.close, bar.open).pow(2)).sum();
        let factor = ln_2() * exact::integer(2) - exact::integer(1);
        let exact = squares(ranges, 2 * n as usize) - squares(bodies, n as usize) * factor;
        vec![Expect::Ulps { exact, ulps: 17 }]
    };
    let make = |n| GarmanKlass::new(window(n));
    conform_windows("Garman-Klass", make, ohlc, naive);
    some_windows("Garman-Klass", make, |rows| ohlc(Stream::Walk, rows, 1), naive);
}

fn rogers_satchell(bars: &[Ohlc]) -> BigRational {
    let term = |bar: &Ohlc| {
        let Ohlc { open, high, low, close } = *bar;
        log(high, close) * log(high, open) + log(low, close) * log(low, open)
    };
    squares(bars.iter().filter(|bar| bar.low > 0).map(term).sum(), bars.len())
}

#[test]
fn rogers_satchell_is_correctly_rounded() {
    let naive = |_: u32, bars: &[Ohlc]| vec![Expect::Rounded(rogers_satchell(bars))];
    let make = |n| RogersSatchell::new(window(n));
    conform_windows("Rogers-Satchell", make, ohlc, naive);
    some_windows("Rogers-Satchell", make, |rows| ohlc(Stream::Walk, rows, 1), naive);
}

/// The three parts are none below 0. With u = 2^-53: each is rounded once; k by 5u at most (0.34, 1.34 and the quotient
/// in it, the sum, its own), 1 − k, which is above 0.8, by 2u; products and sums by u each. Together below 10 u.
#[test]
fn yang_zhang_is_within_ten_ulps() {
    let naive = |n: u32, bars: &[Ohlc]| {
        let gaps: Vec<_> = bars.windows(2).map(|pair| log(pair[1].open, pair[0].close)).collect();
        let bodies: Vec<_> = bars[1..].iter().map(|bar| log(bar.close, bar.open)).collect();
        let terms = rogers_satchell(&bars[1..]);
        if n == 1 {
            return vec![Expect::Rounded(terms)];
        }
        let variance = |logs: &[BigInt]| {
            let (n, sum) = (logs.len(), logs.iter().sum::<BigInt>());
            let scatter = logs.iter().map(|log| log * log).sum::<BigInt>() * n - &sum * &sum;
            squares(scatter, n * (n - 1))
        };
        let k = quotient(34, 100) / (quotient(134, 100) + quotient(n + 1, n - 1));
        let exact = variance(&gaps) + &k * variance(&bodies) + (exact::integer(1) - &k) * terms;
        vec![Expect::Ulps { exact, ulps: 10 }]
    };
    let make = |n| YangZhang::new(window(n));
    conform_windows("Yang-Zhang", make, ohlc, naive);
    some_windows("Yang-Zhang", make, |rows| ohlc(Stream::Walk, rows, 1), naive);
}

/// No estimator is below 0 or above 0 where nothing moves, whatever the price.
#[test]
fn flat_bars_have_no_variance() {
    for price in [1, 333, 0, -5, (1 << 53) - 1, -(1 << 53)] {
        let bar = Ohlc { open: price, high: price, low: price, close: price };
        fn last<O: Operator<Input = Ohlc, Output = f64>>(mut operator: O, bar: Ohlc) -> Option<f64> {
            (0..30).fold(None, |_, _| operator.update(bar))
        }
        let n = window(20);
        assert_eq!(last(Parkinson::new(n), bar), Some(0.0), "{price}");
        assert_eq!(last(GarmanKlass::new(n), bar), Some(0.0), "{price}");
        assert_eq!(last(RogersSatchell::new(n), bar), Some(0.0), "{price}");
        assert_eq!(last(YangZhang::new(n), bar), Some(0.0), "{price}");
    }
}

/// A state whose parts do not belong together is refused.
#[test]
fn windows_of_different_lengths_are_refused() {
    let [short, long] = [3, 4].map(|rows| {
        let mut ranges = RealizedVariance::new(window(20));
        (0..rows).for_each(|_| assert!(ranges.update(0.5).is_none()));
        let mut state = StateWriter::new();
        ranges.save(&mut state);
        state.into_bytes()
    });
    let mut estimator = GarmanKlass::new(window(20));
    let both = |a: &[u8], b: &[u8]| [a, b].concat();
    assert_eq!(estimator.load(&mut StateReader::new(&both(&short, &short))), Ok(()));
    assert!(estimator.load(&mut StateReader::new(&both(&short, &long))).is_err());
}
