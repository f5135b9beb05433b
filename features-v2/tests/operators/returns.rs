//! The logarithmic return, against a series of exact integers.

use feature_api::Operator as _;
use features_v2::operators::LogReturn;
use testkit::expect::Expect;
use testkit::inputs::{SplitMix, Stream};
use testkit::operator::{OperatorCase, conform};
use testkit::{BigInt, BigRational, exact};

use crate::support::agrees;

/// Bits after the point of the series below.
const BITS: u64 = 200;

/// 2·artanh(num/den) in units of 2^-[`BITS`], for num/den up to 1/3: 2·Σ z^(2i+1)/(2i+1). Each of some 70 terms is
/// cut by one unit at most.
fn twice_artanh(num: &BigInt, den: &BigInt) -> BigInt {
    let (num2, den2) = (num * num, den * den);
    let mut power: BigInt = (num << (BITS + 1)) / den;
    let (mut total, mut odd) = (BigInt::from(0), 1_u32);
    while power != BigInt::from(0) {
        total += &power / odd;
        power = power * &num2 / &den2;
        odd += 2;
    }
    total
}

/// ln of a positive integer in units of 2^-[`BITS`]: x = m·2^k with m from 1 to 2, ln m = 2·artanh((m − 1)/(m + 1)).
fn ln(x: i64) -> BigInt {
    let exponent = x.ilog2();
    let (x, power) = (BigInt::from(x), BigInt::from(1) << exponent);
    let ln_2 = twice_artanh(&BigInt::from(1), &BigInt::from(3));
    ln_2 * exponent + twice_artanh(&(&x - &power), &(x + power))
}

/// ln(C/C₋₁). The smallest result other than 0 is 2^-53, where an error of 200 units of 2^-200 is nothing.
///
/// With u = 2^-53: the relative change x is rounded by u of it, which moves ln(1 + x) by u·x/((1 + x)·ln(1 + x)):
/// at most u for x > 0 and 1.45·u down to x = −1/2; below that the quotient q is rounded by u, which moves ln q by
/// u/|ln q| <= 1.45·u of it. libm's functions add less than one ulp. An ulp is u at least: 3 of them hold all.
fn expected(closes: &[i64]) -> Vec<Expect> {
    let [before, close] = *closes else { panic!("two closes") };
    if before <= 0 || close <= 0 {
        return vec![Expect::Exact(0.0)];
    }
    let exact: BigRational = exact::ratio(ln(close) - ln(before), BigInt::from(1) << BITS);
    vec![if close == before { Expect::Exact(0.0) } else { Expect::Ulps { exact, ulps: 3 } }]
}

#[test]
fn log_return_is_within_three_ulps() {
    for stream in Stream::ALL {
        conform(&OperatorCase {
            name: &format!("log return over {}", stream.name()),
            make: &LogReturn::new,
            inputs: &stream.raw(400, 1),
            converging: None,
            naive: Some(&expected),
        });
    }
}

/// Falls and rises of every size, from one step in 2^53 to 2^53 steps at once.
#[test]
fn no_return_is_too_large_or_too_small() {
    let mut random = SplitMix::new(2);
    let any = |_| random.between(1 << 52, 1 << 53) >> random.between(0, 52);
    let closes: Vec<i64> = (0..6_000).map(any).collect();
    agrees("log return", LogReturn::new(), &closes, 1, &expected);
    let close = (0..2_000).flat_map(|row| [(1 << 53) - row, (1 << 53) - row - 1]).collect::<Vec<i64>>();
    agrees("small log return", LogReturn::new(), &close, 1, &expected);
    let halves =
        (0..2_000).flat_map(|row| [2_000_000 + row, 1_000_000 + row / 2 + row % 5 - 2]).collect::<Vec<i64>>();
    agrees("log return near one half", LogReturn::new(), &halves, 1, &expected);
}

/// Where the formula changes, at half the close before, must not depend on the grid: odd closes and their halves.
#[test]
fn a_log_return_around_one_half_is_the_same_on_every_grid() {
    for before in (101_i64..4_001).step_by(2) {
        for close in [before / 2 - 1, before / 2, before / 2 + 1] {
            let bits = |steps: i64| {
                let mut operator = LogReturn::new();
                operator.update(before * steps);
                operator.update(close * steps).map(f64::to_bits)
            };
            assert_eq!(bits(1), bits(10), "{close} after {before}");
            assert_eq!(bits(1), bits(1_000), "{close} after {before}");
        }
    }
}
