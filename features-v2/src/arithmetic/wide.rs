//! Unsigned integers of 256 bits, for sums of squares of wide numbers.

use feature_api::{RestoreError, StateReader, StateWriter};

use super::quotient;
use super::quotient::power_of_two;

/// An unsigned integer below 2^256. Sums and differences are exact as long as they stay in the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct U256 {
    high: u128,
    low: u128,
}

impl U256 {
    /// Zero.
    pub const ZERO: Self = Self { high: 0, low: 0 };

    /// The number, where it is below 2^128.
    #[must_use]
    pub const fn low(self) -> Option<u128> {
        if self.high == 0 { Some(self.low) } else { None }
    }

    /// Writes the number.
    pub fn save(&self, state: &mut StateWriter) {
        state.write_i128(self.high.cast_signed());
        state.write_i128(self.low.cast_signed());
    }

    /// Reads a number.
    ///
    /// # Errors
    /// [`RestoreError::Truncated`].
    pub fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        Ok(Self { high: state.read_i128()?.cast_unsigned(), low: state.read_i128()?.cast_unsigned() })
    }

    /// `a * b`.
    #[inline]
    #[must_use]
    pub const fn product(a: u128, b: u128) -> Self {
        const MASK: u128 = u64::MAX as u128;
        if a <= MASK && b <= MASK {
            return Self { high: 0, low: a * b };
        }
        let (a1, a0, b1, b0) = (a >> 64, a & MASK, b >> 64, b & MASK);
        let (outer, inner) = (a1 * b0, a0 * b1);
        let lowest = a0 * b0;
        let middle = (lowest >> 64) + (outer & MASK) + (inner & MASK);
        Self {
            high: a1 * b1 + (outer >> 64) + (inner >> 64) + (middle >> 64),
            low: (middle << 64) | (lowest & MASK),
        }
    }

    /// `self + other`, modulo 2^256.
    #[inline]
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        Self { high: self.high.wrapping_add(other.high).wrapping_add(carry as u128), low }
    }

    /// `self - other`, modulo 2^256.
    #[inline]
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Self { high: self.high.wrapping_sub(other.high).wrapping_sub(borrow as u128), low }
    }

    /// `self * factor`, modulo 2^256.
    #[inline]
    #[must_use]
    pub const fn times(self, factor: u64) -> Self {
        let low = Self::product(self.low, factor as u128);
        Self { high: low.high.wrapping_add(self.high.wrapping_mul(factor as u128)), low: low.low }
    }

    /// `self / den * 2^exponent`, correctly rounded. `den` is below 2^52, `exponent` that of a normal result.
    #[must_use]
    pub fn quotient(self, den: u64, exponent: i32) -> f64 {
        // The top 127 bits, the lowest of them standing for all below: no tie can hide there, for a tie
        // of a quotient by less than 2^52 would end in more zeros than that.
        let bits = if self.high == 0 {
            128_u32.saturating_sub(self.low.leading_zeros())
        } else {
            256 - self.high.leading_zeros()
        };
        let drop = bits.saturating_sub(127);
        let top = if drop == 0 {
            self.low
        } else if drop < 128 {
            let kept = (self.high << (128 - drop)) | (self.low >> drop);
            kept | u128::from(self.low << (128 - drop) != 0)
        } else {
            (self.high >> (drop - 128)) | u128::from(self.low != 0 || self.high << (256 - drop) != 0)
        };
        quotient(top.cast_signed(), u128::from(den)) * power_of_two(drop.cast_signed() + exponent)
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;

    fn big(x: U256) -> BigUint {
        (BigUint::from(x.high) << 128) + x.low
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn arithmetic_is_exact(a: u128, b: u128, c: u64, shift in 0_u32..128) {
            let (a, modulus) = (a >> shift, BigUint::from(1_u8) << 256);
            let product = U256::product(a, b);
            prop_assert_eq!(big(product), BigUint::from(a) * b);
            let other = U256::product(b, u128::from(c));
            prop_assert_eq!(big(product.plus(other)), (big(product) + big(other)) % &modulus);
            prop_assert_eq!(product.plus(other).minus(other), product);
            prop_assert_eq!(big(product.times(c)), (big(product) * c) % &modulus);
        }

        #[test]
        fn quotient_is_correctly_rounded(a: u128, b: u128, shift in 0_u32..128, den in 1_u64..1_000_000) {
            let x = U256::product(a >> shift, b);
            let found = x.quotient(den, 0);
            // found is nearest: |2·den·found − 2·x| <= den·(gap to a neighbour), in exact integers.
            let exact = num_rational::BigRational::new(big(x).into(), den.into());
            let error = |f: f64| {
                let d = num_rational::BigRational::from_float(f).unwrap() - &exact;
                if d < num_rational::BigRational::from_integer(0.into()) { -d } else { d }
            };
            prop_assert!(error(found) <= error(found.next_up()) && error(found) <= error(found.next_down()));
        }
    }
}
