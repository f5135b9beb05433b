//! Sums of floats that are exact and forget: floats rounded once to a grid of 2^-64, summed as integers.
//!
//! Inputs that are no market numbers (returns, distances, ratios) are rounded once, to nearest, to a
//! multiple of 2^-64, about 5.4e-20; what lies beyond ±2^53 is taken as ±2^53. From there on everything is
//! exact, so a window's statistics depend on the window alone.

use feature_api::{RestoreError, StateReader, StateWriter};

use super::U256;

/// Largest magnitude of an input, in units of 2^-64.
pub const REAL_LIMIT: i128 = 1 << 117;

/// `x` in units of 2^-64, rounded to nearest, ties to even, within ±[`REAL_LIMIT`]. NaN counts as zero.
#[inline]
#[must_use]
pub fn to_real(x: f64) -> i128 {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let mantissa = (bits & ((1 << 52) - 1)) | (1 << 52);
    // x = mantissa * 2^(exponent - 1075), so in units of 2^-64 the shift is exponent - 1011.
    let shift = exponent - 1011;
    let magnitude = if exponent == 0x7ff && bits << 12 != 0 {
        0
    } else if exponent >= 1023 + 53 {
        REAL_LIMIT
    } else if shift >= 0 {
        i128::from(mantissa) << shift
    } else if shift > -55 {
        let drop = shift.unsigned_abs();
        let (kept, rest, half) = (mantissa >> drop, mantissa & ((1 << drop) - 1), 1_u64 << (drop - 1));
        i128::from(kept + u64::from(rest > half || (rest == half && kept & 1 == 1)))
    } else {
        0
    };
    if x.is_sign_negative() { -magnitude } else { magnitude }
}

/// The sum and the sum of squares of reals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RealSums {
    sum: i128,
    squares: U256,
}

impl RealSums {
    /// The sums over nothing.
    pub const ZERO: Self = Self { sum: 0, squares: U256::ZERO };

    /// Writes the sums; needed only where the inputs are not kept.
    pub fn save(&self, state: &mut StateWriter) {
        state.write_i128(self.sum);
        self.squares.save(state);
    }

    /// Reads the sums of `count` reals of a magnitude up to `limit`.
    ///
    /// # Errors
    /// [`RestoreError`] where no such inputs have these sums.
    pub fn load(state: &mut StateReader<'_>, count: u32, limit: i128) -> Result<Self, RestoreError> {
        let (sum, squares) = (state.read_i128()?, U256::load(state)?);
        let (count, limit) = (u128::from(count), limit.unsigned_abs());
        let most = U256::product(count, limit).low().map(|most| U256::product(most, limit));
        // By Cauchy and Schwarz (Σx)² <= n·Σx², with n below 2^32.
        let least = U256::product(sum.unsigned_abs(), sum.unsigned_abs());
        let possible = most.is_some_and(|most| squares <= most)
            && sum.unsigned_abs() <= count * limit
            && least <= squares.times(count as u64);
        if possible {
            Ok(Self { sum, squares })
        } else {
            Err(RestoreError::Invalid { what: "sums of returns" })
        }
    }

    /// Adds a real of [`to_real`].
    #[inline]
    pub fn add(&mut self, real: i128) {
        self.sum += real;
        self.squares = self.squares.plus(square(real));
    }

    /// Takes back a real that was added.
    #[inline]
    pub fn remove(&mut self, real: i128) {
        self.sum -= real;
        self.squares = self.squares.minus(square(real));
    }

    /// The variance of `count` reals with `count - ddof` degrees of freedom, correctly rounded; zero where
    /// there are none. `count` is at most 1,000 for inputs up to the limit.
    #[inline]
    #[must_use]
    pub fn variance(self, count: u32, ddof: u32) -> f64 {
        let free = count.saturating_sub(ddof);
        if free == 0 {
            return 0.0;
        }
        let scatter = self.squares.times(u64::from(count)).minus(square(self.sum));
        scatter.quotient(u64::from(count) * u64::from(free), -128)
    }
}

#[inline]
const fn square(real: i128) -> U256 {
    let magnitude = real.unsigned_abs();
    U256::product(magnitude, magnitude)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::quotient::power_of_two;

    use super::*;

    proptest! {
        #[test]
        fn rounds_to_the_nearest_multiple(x in -1e15_f64..1e15, exponent in -80_i32..0) {
            for x in [x, x * power_of_two(exponent), x * 1e-30] {
                let real = to_real(x);
                let exact = num_rational::BigRational::from_float(x).unwrap()
                    * num_bigint::BigInt::from(1_u128 << 64);
                let difference = exact - num_rational::BigRational::from_integer(real.into());
                let half = num_rational::BigRational::new(1.into(), 2.into());
                prop_assert!(difference <= half && difference >= -half, "{x:e} became {real}");
            }
        }
    }

    #[test]
    fn edges() {
        assert_eq!(to_real(1.0), 1 << 64);
        assert_eq!(to_real(-0.0), 0);
        assert_eq!(to_real(f64::NAN), 0);
        assert_eq!(to_real(f64::INFINITY), REAL_LIMIT);
        assert_eq!(to_real(-1e300), -REAL_LIMIT);
        assert_eq!(to_real(power_of_two(53)), REAL_LIMIT);
        assert_eq!(to_real(power_of_two(53).next_down()), REAL_LIMIT - (1 << 64));
        assert_eq!(to_real(power_of_two(-65)), 0, "a tie goes to even");
        assert_eq!(to_real(power_of_two(-65).next_up()), 1);
        assert_eq!(to_real(1.5 * power_of_two(-64)), 2, "a tie goes to even");
        assert_eq!(to_real(f64::MIN_POSITIVE), 0);
    }

    #[test]
    fn variance_of_extremes_is_exact() {
        let mut sums = RealSums::default();
        for index in 0..1_000 {
            sums.add(if index % 2 == 0 { REAL_LIMIT } else { -REAL_LIMIT });
        }
        assert_eq!(sums.variance(1_000, 0), power_of_two(106));
        for index in 0..1_000 {
            sums.remove(if index % 2 == 0 { REAL_LIMIT } else { -REAL_LIMIT });
        }
        assert_eq!(sums, RealSums::default());
        assert_eq!(sums.variance(1, 1), 0.0);
    }
}
