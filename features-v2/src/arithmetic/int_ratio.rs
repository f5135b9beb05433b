//! The correctly rounded quotient of two wide integers.

use super::Int;
use super::quotient;
use super::quotient::power_of_two;

/// Bits of a quotient: more than the 54 that decide how it is rounded, whatever its first bit.
const BITS: i32 = 66;

impl<const N: usize> Int<N> {
    /// `self / den`, correctly rounded (to nearest, ties to even), for a normal result. Both are below 2^(64·N − 2), and
    /// `den` above zero. Beyond 127 bits one bit at a time: for what is asked once a bar.
    #[must_use]
    pub fn ratio(&self, den: &Self) -> f64 {
        if self.is_zero() {
            return 0.0;
        }
        let (own, other) = (self.bit_length(), den.bit_length());
        if own <= 127 && other <= 127 {
            // All of their bits.
            return quotient(self.leading(own).0, den.leading(other).0.unsigned_abs());
        }
        // Of one length, so that the first is below twice the second, and stays so.
        let mut rest = self.magnitude().shifted(other.saturating_sub(own));
        let den = den.shifted(own.saturating_sub(other));
        let mut whole = 0_i128;
        for _ in 0..BITS {
            whole <<= 1;
            if rest >= den {
                rest = rest.minus(&den);
                whole |= 1;
            }
            rest = rest.shifted(1);
        }
        let exponent = own.cast_signed() - other.cast_signed() - (BITS - 1);
        // The lowest bit stands for all below it.
        let value = quotient(whole | i128::from(!rest.is_zero()), 1) * power_of_two(exponent);
        if self.is_negative() { -value } else { value }
    }

    /// Bits of a number other than zero, without its sign.
    fn bit_length(&self) -> u32 {
        (self.leading(1).1 + 1).unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use num_rational::BigRational;
    use proptest::prelude::*;

    use super::*;

    fn big(x: &Int<4>) -> BigInt {
        let mut bytes = feature_api::StateWriter::new();
        x.save(&mut bytes);
        BigInt::from_signed_bytes_le(&bytes.into_bytes())
    }

    /// Of any length up to 254 bits.
    fn wide() -> impl Strategy<Value = Int<4>> {
        (any::<u128>(), any::<u128>(), 2_u32..128, 0_u32..=128)
            .prop_map(|(a, b, cut, other)| Int::product(a >> cut, b.checked_shr(other).unwrap_or(0).max(1)))
    }

    fn is_nearest(num: &Int<4>, den: &Int<4>, found: f64) -> bool {
        let exact = BigRational::new(big(num), big(den));
        let error = |x: f64| {
            let error = BigRational::from_float(x).unwrap() - &exact;
            if error < BigRational::from_integer(0.into()) { -error } else { error }
        };
        let own = error(found);
        [found.next_down(), found.next_up()].into_iter().all(|other| {
            let theirs = error(other);
            own < theirs || (own == theirs && found.to_bits() & 1 == 0)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn is_correctly_rounded(num in wide(), den in wide(), negative: bool) {
            let num = if negative { num.negated() } else { num };
            prop_assume!(!den.is_zero());
            prop_assert!(is_nearest(&num, &den, num.ratio(&den)));
        }

        #[test]
        fn ties_and_their_neighbours_are_decided(odd in 0_u64..1 << 53, den in 1_u128..1 << 100, off in -1_i128..=1) {
            let tie = Int::<4>::product(u128::from((1_u64 << 53) | odd) * 2 + 1, den);
            let (num, den) = (tie.plus(&Int::from(off)), Int::from(den));
            prop_assert!(is_nearest(&num, &den, num.ratio(&den)));
        }

        #[test]
        fn more_decimals_change_nothing(num in any::<u128>(), den in 1_u128.., digits in 0_u32..16) {
            let ten = u128::from(10_u64.pow(digits));
            let with = |x: u128| Int::<4>::product(x, ten);
            prop_assert_eq!(
                with(num).ratio(&with(den)).to_bits(),
                Int::<4>::from(num).ratio(&Int::from(den)).to_bits()
            );
        }
    }

    #[test]
    fn zero_is_positive() {
        assert_eq!(Int::<3>::ZERO.ratio(&Int::from(7_i64)).to_bits(), 0.0_f64.to_bits());
        assert_eq!(Int::<3>::from(-21_i64).ratio(&Int::from(7_i64)), -3.0);
    }
}
