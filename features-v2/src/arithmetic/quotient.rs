//! The correctly rounded quotient of two integers.
//!
//! Every finite-window operator ends here. A correctly rounded quotient is a function of the rational
//! number alone: not of the path that computed it, nor of the decimal grid on which the inputs were
//! written. That is what makes the fast paths below, and the grids of two data sources, the same bits.

/// Up to here an `f64` holds every integer.
const EXACT: u128 = 1 << 53;

/// A denominator that is used again and again.
#[derive(Debug, Clone, Copy)]
pub struct Divisor {
    den: u128,
    /// The denominator as a float where that is exact.
    exact: f64,
    /// Largest magnitude of a numerator that a division of floats rounds correctly.
    limit: u64,
    /// The odd part of the denominator, shifted to 64 bits; 0 where it has more.
    normal: u64,
    /// What divides by `normal` without a division.
    reciprocal: u64,
    /// `den = normal * 2^exponent`.
    exponent: i32,
}

impl Divisor {
    /// A denominator from 1 to 2^127; zero counts as one.
    #[must_use]
    pub const fn new(den: u128) -> Self {
        let den = if den == 0 { 1 } else { den };
        let twos = den.trailing_zeros();
        let odd = den >> twos;
        let (exact, limit) = if odd <= EXACT { (den as f64, EXACT as u64) } else { (1.0, 0) };
        if odd > u64::MAX as u128 {
            return Self { den, exact, limit, normal: 0, reciprocal: 0, exponent: 0 };
        }
        let shift = (odd as u64).leading_zeros();
        let normal = (odd as u64) << shift;
        // floor((2^128 − 1) / normal) − 2^64, which fits 64 bits as normal >= 2^63.
        let reciprocal = (u128::MAX / normal as u128) as u64;
        Self { den, exact, limit, normal, reciprocal, exponent: twos as i32 - shift as i32 }
    }

    /// `num / self`, correctly rounded.
    #[inline]
    #[must_use]
    pub fn divide(&self, num: i128) -> f64 {
        let small = num as i64;
        if i128::from(small) == num && small.unsigned_abs() <= self.limit {
            small as f64 / self.exact
        } else {
            self.divide_wide(num)
        }
    }

    /// `num / self`, correctly rounded.
    #[inline]
    #[must_use]
    pub fn divide_i64(&self, num: i64) -> f64 {
        if num.unsigned_abs() <= self.limit {
            num as f64 / self.exact
        } else {
            self.divide_wide(i128::from(num))
        }
    }

    /// By the reciprocal: N. Möller and T. Granlund, Improved Division by Invariant Integers (2011),
    /// algorithm 4.
    #[inline]
    fn divide_wide(&self, num: i128) -> f64 {
        let magnitude = num.unsigned_abs();
        if magnitude == 0 || magnitude >= 1 << 127 || self.normal == 0 {
            return quotient(num, self.den);
        }
        // 127 bits, so that the upper word is below the divisor and the quotient has 63 bits or 64.
        let shift = magnitude.leading_zeros() - 1;
        let wide = magnitude << shift;
        let (upper, lower) = ((wide >> 64) as u64, wide as u64);
        let estimate = u128::from(self.reciprocal) * u128::from(upper) + wide;
        let mut whole = ((estimate >> 64) as u64).wrapping_add(1);
        let mut rest = lower.wrapping_sub(whole.wrapping_mul(self.normal));
        if rest > estimate as u64 {
            whole = whole.wrapping_sub(1);
            rest = rest.wrapping_add(self.normal);
        }
        if rest >= self.normal {
            whole += 1;
            rest -= self.normal;
        }
        let value = round_word(whole, rest != 0, -(shift as i32) - self.exponent);
        if num < 0 { -value } else { value }
    }
}

/// `num / den`, correctly rounded (to nearest, ties to even). `den` is at most 2^127; zero counts as one.
#[inline]
#[must_use]
pub fn quotient(num: i128, den: u128) -> f64 {
    let small = num as i64;
    if den.wrapping_sub(1) < EXACT && i128::from(small) == num && small.unsigned_abs() <= EXACT as u64 {
        return small as f64 / den as i64 as f64;
    }
    quotient_wide(num, den)
}

fn quotient_wide(num: i128, den: u128) -> f64 {
    let magnitude = magnitude(num.unsigned_abs(), if den == 0 { 1 } else { den });
    if num < 0 { -magnitude } else { magnitude }
}

/// `num / den`, correctly rounded; `None` where `den` is zero.
#[inline]
#[must_use]
pub fn ratio(num: i128, den: i64) -> Option<f64> {
    match den {
        0 => None,
        1.. => Some(quotient(num, u128::from(den.unsigned_abs()))),
        ..0 => Some(quotient(-num, u128::from(den.unsigned_abs()))),
    }
}

#[inline]
fn magnitude(num: u128, den: u128) -> f64 {
    if num == 0 {
        return 0.0;
    }
    let twos = den.trailing_zeros();
    let odd = den >> twos;
    if odd <= u128::from(u64::MAX) {
        // The shifted numerator has 128 bits, so the quotient has 64 or more: enough to round.
        let shift = num.leading_zeros();
        let wide = num << shift;
        let whole = wide / odd;
        round(whole, wide != whole * odd, -(shift as i32) - twos as i32)
    } else {
        long_division(num, den)
    }
}

/// One quotient bit at a time; for denominators that no market needs.
#[cold]
fn long_division(num: u128, den: u128) -> f64 {
    let (mut whole, mut rest) = (num / den, num % den);
    let mut exponent = 0;
    while whole < 1 << 63 {
        rest <<= 1;
        whole <<= 1;
        if rest >= den {
            rest -= den;
            whole |= 1;
        }
        exponent -= 1;
    }
    round(whole, rest != 0, exponent)
}

/// The float nearest to `(whole + fraction) * 2^exponent`, where `whole >= 2^63` and the fraction is zero
/// or not.
#[inline]
fn round(whole: u128, fraction: bool, exponent: i32) -> f64 {
    let shift = whole.leading_zeros();
    let normal = whole << shift;
    let top = (normal >> 64) as u64;
    let fraction = fraction || normal as u64 != 0;
    // 64 bits, 11 more than a float keeps: whatever lies below them only matters as "more than nothing".
    (top | u64::from(fraction)) as f64 * power_of_two(64 - shift as i32 + exponent)
}

/// The same for a quotient of 56 to 64 bits.
#[inline]
fn round_word(whole: u64, fraction: bool, exponent: i32) -> f64 {
    (whole | u64::from(fraction)) as f64 * power_of_two(exponent)
}

/// 2^exponent, for exponents of normal floats.
#[inline]
pub(super) const fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use num_rational::BigRational;
    use proptest::prelude::*;

    use super::*;

    /// The float nearest to num/den, by comparison with the exact midpoints.
    fn nearest(num: i128, den: u128, found: f64) -> bool {
        let exact = BigRational::new(BigInt::from(num), BigInt::from(den));
        let rational = |x: f64| BigRational::from_float(x).unwrap();
        let distance = |x: f64| {
            let d = rational(x) - &exact;
            if d < BigRational::from_integer(0.into()) { -d } else { d }
        };
        let own = distance(found);
        [found.next_down(), found.next_up()].into_iter().all(|other| {
            let theirs = distance(other);
            own < theirs || (own == theirs && found.to_bits() & 1 == 0)
        })
    }

    fn integers() -> impl Strategy<Value = i128> {
        (any::<i128>(), 1_u32..127).prop_map(|(n, shift)| n >> shift)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn is_correctly_rounded(num in integers(), den in integers()) {
            let den = den.unsigned_abs().max(1);
            let found = quotient(num, den);
            prop_assert!(nearest(num, den, found), "{num} / {den} = {found:e}");
            prop_assert_eq!(Divisor::new(den).divide(num).to_bits(), (found + 0.0).to_bits());
            if let Ok(num) = i64::try_from(num) {
                prop_assert_eq!(Divisor::new(den).divide_i64(num).to_bits(), (found + 0.0).to_bits());
            }
        }

        #[test]
        fn ties_and_their_neighbours_are_decided(odd in 0_u64..1 << 53, den in 1_u64..1 << 40, off in -1_i128..=1) {
            // (2·odd + 1)/2 steps of a 53-bit float: a tie between two floats, times any denominator.
            let tie = (i128::from((1_u64 << 53) | odd) * 2 + 1) * i128::from(den);
            let found = quotient(tie + off, u128::from(den));
            prop_assert!(nearest(tie + off, u128::from(den), found));
        }

        #[test]
        fn more_decimals_change_nothing(num in -1_i128 << 80..1_i128 << 80, den in 1_u128..1 << 60, digits in 0_u32..10) {
            let ten = 10_u128.pow(digits);
            prop_assert_eq!(
                quotient(num, den).to_bits(),
                quotient(num * ten.cast_signed(), den * ten).to_bits()
            );
        }
    }

    #[test]
    fn zero_is_positive_and_a_zero_denominator_is_one() {
        assert_eq!(quotient(0, 7).to_bits(), 0.0_f64.to_bits());
        assert_eq!(quotient(-7, 0), -7.0);
        assert_eq!(Divisor::new(0).divide(5), 5.0);
        assert_eq!(quotient(i128::MIN, 1), -power_of_two(127));
        assert_eq!(quotient(1, 1 << 127), power_of_two(-127));
    }
}
