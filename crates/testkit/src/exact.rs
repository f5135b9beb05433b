//! Exact arithmetic for references: rationals, correct rounding, distances in units in the last place.
//!
//! Integers only; no step of these functions rounds. One ulp of an exact value x is the distance of the
//! floats around x: 2^(e − 52) where 2^e ≤ |x| < 2^(e+1), and at least 2^−1074.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};
use num_rational::BigRational;

/// Exponent of the smallest float above zero.
const MIN_EXPONENT: i64 = -1074;
/// Bits of a significand after its leading one.
const FRACTION_BITS: i64 = 52;
/// Bits of positive infinity.
const INFINITY_BITS: u64 = 0x7ff << FRACTION_BITS;

/// The exact value of a float.
///
/// # Panics
/// Where `value` is not finite.
#[must_use]
pub fn rational(value: f64) -> BigRational {
    assert!(value.is_finite(), "{value} has no exact value");
    let bits = value.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let exponent = i64::try_from(bits >> FRACTION_BITS & 0x7ff).unwrap();
    let (significand, exponent) = if exponent == 0 {
        (fraction, MIN_EXPONENT)
    } else {
        (fraction | 1 << FRACTION_BITS, exponent - 1 + MIN_EXPONENT)
    };
    let magnitude = BigRational::from_integer(significand.into()) * two_to(exponent);
    if value.is_sign_negative() { -magnitude } else { magnitude }
}

/// An integer as a rational.
#[must_use]
pub fn integer(value: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(value.into())
}

/// `numerator / denominator`, exactly.
///
/// # Panics
/// Where the denominator is zero.
#[must_use]
pub fn ratio(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}

/// The mean of `values`.
///
/// # Panics
/// Where there are none.
#[must_use]
pub fn mean(values: &[BigRational]) -> BigRational {
    sum(values.iter().cloned()) / integer(values.len())
}

/// The variance of `values` with divisor `n − ddof`; the standard deviation is its root.
///
/// # Panics
/// Where there are not more than `ddof` values.
#[must_use]
pub fn variance(values: &[BigRational], ddof: usize) -> BigRational {
    covariance(values, values, ddof)
}

/// The covariance of two series with divisor `n − ddof`.
///
/// # Panics
/// Where the lengths differ, or are not more than `ddof`.
#[must_use]
pub fn covariance(x: &[BigRational], y: &[BigRational], ddof: usize) -> BigRational {
    assert_eq!(x.len(), y.len(), "series of one length");
    let (mean_x, mean_y) = (mean(x), mean(y));
    sum(x.iter().zip(y).map(|(a, b)| (a - &mean_x) * (b - &mean_y))) / integer(x.len() - ddof)
}

/// The least-squares slope of `values` over 0, 1, 2, …
///
/// # Panics
/// Where there are fewer than two.
#[must_use]
pub fn slope(values: &[BigRational]) -> BigRational {
    let x: Vec<BigRational> = (0..values.len()).map(integer).collect();
    covariance(&x, values, 0) / variance(&x, 0)
}

/// The sum of rationals.
#[must_use]
pub fn sum(values: impl IntoIterator<Item = BigRational>) -> BigRational {
    values.into_iter().fold(integer(0), |total, value| total + value)
}

/// One unit in the last place of an exact value.
#[must_use]
pub fn ulp(exact: &BigRational) -> BigRational {
    two_to(quantum(exact))
}

/// The float nearest to an exact value; of two equally near the even one; infinite beyond the largest float.
#[must_use]
pub fn round(exact: &BigRational) -> f64 {
    let exponent = quantum(exact);
    let scaled = magnitude(exact) / two_to(exponent);
    let (floor, rest) = floor_and_rest(&scaled);
    let half = (rest * integer(2)).cmp(&integer(1));
    let value = assemble(&floor, half, exponent);
    if exact.numer().sign() == Sign::Minus { -value } else { value }
}

/// The float nearest to the square root of an exact value; of two equally near the even one.
///
/// # Panics
/// Where the value is negative.
#[must_use]
pub fn round_sqrt(square: &BigRational) -> f64 {
    let exponent = sqrt_quantum(square);
    let scaled = square / two_to(2 * exponent);
    let (floor, _) = floor_and_rest(&scaled);
    let root = floor.sqrt();
    // root < √scaled < root + 1; it is above the middle where 4·scaled > (2·root + 1)².
    let middle = integer(BigInt::from(&root * 2_u32 + 1_u32));
    assemble(&root, (scaled * integer(4)).cmp(&(&middle * &middle)), exponent)
}

/// How many ulps of `exact` lie between it and `found`, exactly.
///
/// # Panics
/// Where `found` is not finite.
#[must_use]
pub fn ulps(found: f64, exact: &BigRational) -> BigRational {
    magnitude(&(rational(found) - exact)) / ulp(exact)
}

/// Whether `found` is at most `limit` ulps away from `exact`. Never, where it is not finite.
#[must_use]
pub fn within_ulps(found: f64, exact: &BigRational, limit: &BigRational) -> bool {
    found.is_finite() && ulps(found, exact) <= *limit
}

/// Whether `found` is at most `limit` ulps away from the square root of `square`. Never, where it is not
/// finite.
///
/// # Panics
/// Where `square` is negative.
#[must_use]
pub fn sqrt_within_ulps(found: f64, square: &BigRational, limit: &BigRational) -> bool {
    let tolerance = limit * two_to(sqrt_quantum(square));
    if !found.is_finite() {
        return false;
    }
    let zero = integer(0);
    let (low, high) = (rational(found) - &tolerance, rational(found) + &tolerance);
    high >= zero && &high * &high >= *square && (low <= zero || &low * &low <= *square)
}

/// How many ulps lie between `found` and the square root of `square`: the least multiple of 1/1024 that is
/// not below the distance.
///
/// # Panics
/// Where `found` is not finite or `square` is negative.
#[must_use]
pub fn sqrt_ulps(found: f64, square: &BigRational) -> BigRational {
    let unit = two_to(sqrt_quantum(square)) / integer(1024);
    let (floor, _) = floor_and_rest(&(square / (&unit * &unit)));
    // The root lies in [low, low + 1] units; it is low where that is exact.
    let low = integer(BigInt::from(floor.sqrt()));
    let exact = &low * &low * &unit * &unit == *square;
    let at = rational(found) / unit;
    let to_low = magnitude(&(&at - &low));
    let to_high = magnitude(&(at - low - integer(1)));
    let far = if exact || to_low > to_high { to_low } else { to_high };
    far.ceil() / integer(1024)
}

/// Steps from one finite float to another through every float between them; −0.0 and 0.0 are one.
///
/// # Panics
/// Where one is not finite.
#[must_use]
pub fn steps(a: f64, b: f64) -> u64 {
    assert!(a.is_finite() && b.is_finite(), "steps between {a} and {b}");
    let place = |value: f64| {
        let magnitude = i64::try_from(value.abs().to_bits()).unwrap();
        if value.is_sign_negative() { -magnitude } else { magnitude }
    };
    place(a).abs_diff(place(b))
}

/// 2^exponent.
fn two_to(exponent: i64) -> BigRational {
    let power = integer(BigInt::from(1) << exponent.unsigned_abs());
    if exponent < 0 { power.recip() } else { power }
}

fn magnitude(value: &BigRational) -> BigRational {
    if value.numer().sign() == Sign::Minus { -value } else { value.clone() }
}

/// The largest e with 2^e ≤ |exact|, for an exact value other than zero.
fn binade(exact: &BigRational) -> i64 {
    let bits = |value: &BigInt| i64::try_from(value.bits()).unwrap();
    let guess = bits(exact.numer()) - bits(exact.denom());
    if magnitude(exact) >= two_to(guess) { guess } else { guess - 1 }
}

/// The exponent of one ulp.
fn quantum(exact: &BigRational) -> i64 {
    if exact.numer().sign() == Sign::NoSign {
        return MIN_EXPONENT;
    }
    (binade(exact) - FRACTION_BITS).max(MIN_EXPONENT)
}

/// The exponent of one ulp of the square root.
fn sqrt_quantum(square: &BigRational) -> i64 {
    match square.numer().sign() {
        Sign::Minus => panic!("{square} has no square root"),
        Sign::NoSign => MIN_EXPONENT,
        Sign::Plus => (binade(square).div_euclid(2) - FRACTION_BITS).max(MIN_EXPONENT),
    }
}

/// Splits a value that is not negative.
fn floor_and_rest(value: &BigRational) -> (BigUint, BigRational) {
    let floor = value.floor();
    let rest = value - &floor;
    (floor.to_integer().magnitude().clone(), rest)
}

/// The float `significand · 2^exponent`, one more where the rest is above one half, or one half and odd.
fn assemble(significand: &BigUint, rest_to_half: Ordering, exponent: i64) -> f64 {
    let floor = u64::try_from(significand).unwrap();
    let up = match rest_to_half {
        Ordering::Less => 0,
        Ordering::Equal => floor & 1,
        Ordering::Greater => 1,
    };
    let place = u64::try_from(exponent - MIN_EXPONENT).unwrap();
    if place >= 2046 {
        return f64::INFINITY;
    }
    // The leading one of a normal significand adds one to the exponent, and a carry adds another.
    f64::from_bits(((place << FRACTION_BITS) + floor + up).min(INFINITY_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inputs::SplitMix;

    fn random_float(random: &mut SplitMix) -> f64 {
        loop {
            let value = f64::from_bits(random.next_u64());
            if value.is_finite() {
                return value;
            }
        }
    }

    #[test]
    fn floats_survive_the_way_there_and_back() {
        let mut random = SplitMix::new(1);
        let special = [0.0, f64::MIN_POSITIVE, 5e-324, -5e-324, f64::MAX, f64::MIN, 1.0, -1.5, 0.1];
        for value in special.into_iter().chain((0..2000).map(|_| random_float(&mut random))) {
            assert_eq!(round(&rational(value)).to_bits(), value.to_bits(), "{value:e}");
        }
    }

    #[test]
    fn quotients_round_as_the_hardware_divides() {
        let mut random = SplitMix::new(2);
        for _ in 0..2000 {
            let (a, b) = (random_float(&mut random), random_float(&mut random));
            let exact = rational(a) / rational(b);
            let expected = a / b;
            // A quotient that rounds to zero loses its sign in the rationals.
            assert_eq!(round(&exact), expected, "{a:e} / {b:e}");
        }
        assert_eq!(round(&ratio(1, 3)), 1.0 / 3.0);
        assert_eq!(round(&ratio(-1, 10)), -0.1);
    }

    #[test]
    fn ties_go_to_the_even_float_and_overflow_to_infinity() {
        let big = 1_i64 << 53;
        assert_eq!(round(&integer(big + 1)), 9_007_199_254_740_992.0);
        assert_eq!(round(&integer(big + 3)), 9_007_199_254_740_996.0);
        let half = two_to(MIN_EXPONENT - 1);
        assert_eq!(round(&half), 0.0);
        assert_eq!(round(&(&half * integer(3))), f64::from_bits(2));
        assert_eq!(round(&(half + two_to(-1200))), f64::from_bits(1));
        let beyond = two_to(1024) - two_to(970);
        assert_eq!(round(&beyond), f64::INFINITY);
        assert_eq!(round(&(beyond - two_to(0))), f64::MAX);
        assert_eq!(round(&-two_to(5000)), f64::NEG_INFINITY);
    }

    #[test]
    fn square_roots_round_as_the_hardware_takes_them() {
        let mut random = SplitMix::new(3);
        for _ in 0..2000 {
            let value = random_float(&mut random).abs();
            let exact = rational(value);
            let root = value.sqrt();
            assert_eq!(round_sqrt(&exact).to_bits(), root.to_bits(), "{value:e}");
            assert!(sqrt_within_ulps(root, &exact, &ratio(1, 2)));
            assert!(!sqrt_within_ulps(root.next_up().next_up(), &exact, &integer(1)));
            assert!(!sqrt_within_ulps(root.next_down().next_down().next_down(), &exact, &integer(1)));
            assert!(!sqrt_within_ulps(-root, &exact, &integer(1)));
            assert!(sqrt_ulps(root, &exact) <= ratio(1, 2));
            assert!(sqrt_ulps(root.next_up(), &exact) >= ratio(1, 2));
        }
        assert_eq!(round_sqrt(&integer(0)), 0.0);
        assert_eq!(sqrt_ulps(3.0, &integer(9)), integer(0));
        assert_eq!(sqrt_ulps(3.0_f64.next_up(), &integer(9)), integer(1));
        assert!(!sqrt_within_ulps(f64::NAN, &integer(9), &integer(1000)));
    }

    #[test]
    fn distances_are_exact() {
        let third = ratio(1, 3);
        assert!(within_ulps(1.0 / 3.0, &third, &ratio(1, 2)));
        assert!(within_ulps((1.0_f64 / 3.0).next_up(), &third, &integer(1)));
        assert!(!within_ulps((1.0_f64 / 3.0).next_down(), &third, &integer(1)));
        assert_eq!(ulps(1.0_f64.next_up(), &integer(1)), integer(1));
        // Below a power of two the floats lie twice as close, but the ulp is that of the exact value.
        assert_eq!(ulps(1.0_f64.next_down(), &integer(1)), ratio(1, 2));
        assert_eq!(ulps(5e-324, &integer(0)), integer(1));
        assert!(!within_ulps(f64::INFINITY, &third, &integer(1)));
        assert_eq!((steps(-0.0, 0.0), steps(-5e-324, 5e-324), steps(1.0, 1.0_f64.next_up())), (0, 2, 1));
    }

    #[test]
    fn statistics_follow_their_definitions() {
        let values: Vec<BigRational> = [1, 2, 4, 9].map(integer).to_vec();
        assert_eq!(mean(&values), integer(4));
        assert_eq!(variance(&values, 0), ratio(38, 4));
        assert_eq!(variance(&values, 1), ratio(38, 3));
        assert_eq!(slope(&values), ratio(13, 5));
        assert_eq!(covariance(&values, &values.iter().rev().cloned().collect::<Vec<_>>(), 0), ratio(-30, 4));
    }
}
