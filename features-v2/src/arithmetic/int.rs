//! Signed integers of 64·N bits, for sums of powers.

use core::cmp::Ordering;

use feature_api::{RestoreError, StateReader, StateWriter};

use super::quotient;
use super::quotient::power_of_two;

/// A signed integer in two's complement, `N` words of 64 bits, the lowest first. Arithmetic wraps; who uses it shows
/// that it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Int<const N: usize>([u64; N]);

impl<const N: usize> Default for Int<N> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<const N: usize> From<i64> for Int<N> {
    fn from(x: i64) -> Self {
        Self::from(i128::from(x))
    }
}

impl<const N: usize> From<i128> for Int<N> {
    #[inline]
    fn from(x: i128) -> Self {
        Int([x as u64, (x >> 64) as u64]).widen()
    }
}

impl<const N: usize> From<u128> for Int<N> {
    #[inline]
    fn from(x: u128) -> Self {
        Int([x as u64, (x >> 64) as u64, 0]).widen()
    }
}

impl<const N: usize> Int<N> {
    /// Zero.
    pub const ZERO: Self = Self([0; N]);

    /// The same integer in `R` words; in fewer than it needs, its lowest.
    #[inline]
    #[must_use]
    pub fn widen<const R: usize>(&self) -> Int<R> {
        let mut wide = Int([self.fill(); R]);
        wide.0.iter_mut().zip(self.0).for_each(|(word, own)| *word = own);
        wide
    }

    /// `a * b`.
    #[inline]
    #[must_use]
    pub fn product(a: u128, b: u128) -> Self {
        const MASK: u128 = u64::MAX as u128;
        let (a1, a0, b1, b0) = (a >> 64, a & MASK, b >> 64, b & MASK);
        let (lowest, outer, inner) = (a0 * b0, a1 * b0, a0 * b1);
        let middle = (lowest >> 64) + (outer & MASK) + (inner & MASK);
        let high = a1 * b1 + (outer >> 64) + (inner >> 64) + (middle >> 64);
        Int([lowest as u64, middle as u64, high as u64, (high >> 64) as u64, 0]).widen()
    }

    /// `self + other`.
    #[inline]
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        let mut carry = false;
        for (word, other) in self.0.iter_mut().zip(other.0) {
            (*word, carry) = word.carrying_add(other, carry);
        }
        self
    }

    /// `self - other`.
    #[inline]
    #[must_use]
    pub fn minus(mut self, other: &Self) -> Self {
        let mut borrow = false;
        for (word, other) in self.0.iter_mut().zip(other.0) {
            (*word, borrow) = word.borrowing_sub(other, borrow);
        }
        self
    }

    /// `-self`.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self::ZERO.minus(self)
    }

    /// `self * other`, in `R` words.
    #[must_use]
    pub fn times<const M: usize, const R: usize>(&self, other: &Int<M>) -> Int<R> {
        let (a, b) = (self.magnitude(), other.magnitude());
        let mut product = Int::<R>::ZERO;
        for (place, a) in a.0.into_iter().enumerate() {
            let mut carry = 0;
            let words = b.0.into_iter().chain(core::iter::repeat(0));
            for (word, b) in product.0.iter_mut().skip(place).zip(words) {
                (*word, carry) = a.carrying_mul_add(b, *word, carry);
            }
        }
        if self.is_negative() == other.is_negative() { product } else { product.negated() }
    }

    /// `self * 2^bits`.
    #[must_use]
    pub fn shifted(&self, bits: u32) -> Self {
        let (words, bits) = ((bits / 64) as usize, bits % 64);
        let mut shifted = Self::ZERO;
        let mut carry = 0;
        for (to, from) in shifted.0.iter_mut().skip(words).zip(self.0) {
            let wide = u128::from(from) << bits;
            *to = wide as u64 | carry;
            carry = (wide >> 64) as u64;
        }
        shifted
    }

    /// Whether it is below zero.
    #[inline]
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.fill() != 0
    }

    /// Whether it is zero.
    #[inline]
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0 == [0; N]
    }

    /// Below, at or above zero.
    #[must_use]
    pub fn sign(&self) -> Ordering {
        match (self.is_negative(), self.is_zero()) {
            (true, _) => Ordering::Less,
            (false, true) => Ordering::Equal,
            (false, false) => Ordering::Greater,
        }
    }

    /// The same without its sign; of the least integer, which has no such, that integer read as unsigned.
    #[must_use]
    pub fn magnitude(&self) -> Self {
        if self.is_negative() { self.negated() } else { *self }
    }

    /// `self / den * 2^exponent`, for a normal result: correctly rounded for `den` up to 2^72, and within 0.5 units and a
    /// 2^-70th in the last place beyond. `den` is at most 2^127; zero counts as one.
    #[must_use]
    pub fn quotient(&self, den: u128, exponent: i32) -> f64 {
        // The lowest of 127 bits stands for all below it: a tie of a quotient, 54 bits times den, ends above it.
        let (top, drop) = self.leading(127);
        quotient(top, den) * power_of_two(drop + exponent)
    }

    /// The leading `bits`, up to 127, as an integer of that many, with its sign, and the power of two it is to be taken
    /// times; its lowest bit is also set where anything is cut off.
    #[must_use]
    pub fn leading(&self, bits: u32) -> (i128, i32) {
        let magnitude = self.magnitude();
        let mut words = magnitude.0.into_iter().enumerate().rev().skip_while(|(_, word)| *word == 0);
        let Some((place, first)) = words.next() else { return (0, 0) };
        let mut word = || words.next().map_or(0, |(_, word)| word);
        let (second, third) = (word(), word());
        let below = words.any(|(_, word)| word != 0);
        let shift = first.leading_zeros();
        // 128 bits from the highest, then the rest of the third word.
        let wide = u128::from(first) << 64 | u128::from(second);
        let (top, rest) = match shift {
            0 => (wide, third),
            _ => (wide << shift | u128::from(third >> (64 - shift)), third << shift),
        };
        let cut = 128 - bits.clamp(1, 127);
        let kept = top >> cut | u128::from(below || rest != 0 || top << (128 - cut) != 0);
        let place = i32::try_from(place).unwrap_or_default();
        let exponent = 64 * (place - 1) - shift.cast_signed() + cut.cast_signed();
        (if self.is_negative() { -kept.cast_signed() } else { kept.cast_signed() }, exponent)
    }

    /// All ones where negative, else zero: what stands above the highest word.
    #[inline]
    fn fill(&self) -> u64 {
        self.0.last().map_or(0, |top| (top.cast_signed() >> 63).cast_unsigned())
    }

    /// Writes the integer.
    pub fn save(&self, state: &mut StateWriter) {
        self.0.iter().for_each(|word| state.write_u64(*word));
    }

    /// Reads an integer.
    ///
    /// # Errors
    /// [`RestoreError::Truncated`].
    pub fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let mut int = Self::ZERO;
        for word in &mut int.0 {
            *word = state.read_u64()?;
        }
        Ok(int)
    }
}

impl<const N: usize> Ord for Int<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        let signs = other.is_negative().cmp(&self.is_negative());
        signs.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl<const N: usize> PartialOrd for Int<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use num_rational::BigRational;
    use proptest::prelude::*;

    use super::*;

    fn big<const N: usize>(x: &Int<N>) -> BigInt {
        let mut bytes = StateWriter::new();
        x.save(&mut bytes);
        BigInt::from_signed_bytes_le(&bytes.into_bytes())
    }

    fn int<const N: usize>() -> impl Strategy<Value = Int<N>> {
        // Of every length, and with runs of ones and zeros, which carries run along.
        let word = prop_oneof![Just(0), Just(u64::MAX), any::<u64>(), (0_u32..64).prop_map(|bit| 1 << bit)];
        (proptest::array::uniform::<_, N>(word), 0..=N, any::<bool>()).prop_map(
            |(mut words, len, negative)| {
                words.iter_mut().skip(len).for_each(|word| *word = if negative { u64::MAX } else { 0 });
                Int(words)
            },
        )
    }

    fn wrapped(x: BigInt, bits: u32) -> BigInt {
        let modulus = BigInt::from(1) << bits;
        let low = ((x % &modulus) + &modulus) % &modulus;
        if low >= &modulus >> 1 { low - modulus } else { low }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn arithmetic_is_that_of_integers(a in int::<5>(), b in int::<5>(), shift in 0_u32..330) {
            prop_assert_eq!(big(&a.plus(&b)), wrapped(big(&a) + big(&b), 320));
            prop_assert_eq!(big(&a.minus(&b)), wrapped(big(&a) - big(&b), 320));
            prop_assert_eq!(big(&a.negated()), wrapped(-big(&a), 320));
            prop_assert_eq!(big(&a.shifted(shift)), wrapped(big(&a) << shift, 320));
            prop_assert_eq!(a.cmp(&b), big(&a).cmp(&big(&b)));
            prop_assert_eq!(a.sign(), big(&a).cmp(&BigInt::ZERO));
            prop_assert_eq!(a.plus(&b).minus(&b), a);
        }

        #[test]
        fn products_are_those_of_integers(a in int::<3>(), b in int::<5>(), c: u128, d: u128) {
            prop_assert_eq!(big(&a.times::<5, 8>(&b)), big(&a) * big(&b));
            prop_assert_eq!(big(&b.times::<3, 8>(&a)), big(&a) * big(&b));
            prop_assert_eq!(big(&a.times::<5, 9>(&b)), big(&a) * big(&b), "a word more than needed");
            prop_assert_eq!(big(&a.times::<5, 4>(&b)), wrapped(big(&a) * big(&b), 256));
            prop_assert_eq!(big(&Int::<5>::product(c, d)), BigInt::from(c) * d);
            prop_assert_eq!(big(&Int::<3>::product(c, d)), wrapped(BigInt::from(c) * d, 192));
        }

        #[test]
        fn widths_and_origins_keep_the_integer(a in int::<3>(), b: i128, c: u128, d: i64) {
            prop_assert_eq!(big(&a.widen::<7>()), big(&a));
            prop_assert_eq!(big(&a.widen::<2>()), wrapped(big(&a), 128));
            prop_assert_eq!(big(&Int::<5>::from(b)), BigInt::from(b));
            prop_assert_eq!(big(&Int::<5>::from(c)), BigInt::from(c));
            prop_assert_eq!(big(&Int::<1>::from(d)), BigInt::from(d));
        }

        #[test]
        fn leading_bits_stand_for_the_rest(a in int::<5>(), bits in 1_u32..=127) {
            let (top, exponent) = a.leading(bits);
            let exact = BigRational::from_integer(big(&a));
            let two = |e: i32| BigRational::from_integer(2.into()).pow(e);
            let error = exact - BigRational::from_integer(top.into()) * two(exponent);
            let one = two(exponent);
            prop_assert!(error < one && error > -one, "{top} * 2^{exponent}");
            prop_assert!(a.is_zero() || top.unsigned_abs().leading_zeros() == 128 - bits);
            prop_assert!(error == BigRational::from_integer(0.into()) || top & 1 == 1, "what is cut shows");
        }

        #[test]
        fn quotients_are_correctly_rounded(a in int::<5>(), den in 1_u128..1 << 72, shift in 0_u32..72, exponent in -200_i32..200) {
            let den = (den >> shift).max(1);
            let found = a.quotient(den, exponent);
            let two = BigRational::from_integer(2.into()).pow(exponent);
            let exact = BigRational::new(big(&a), den.into()) * two;
            let error = |f: f64| {
                let d = BigRational::from_float(f).unwrap() - &exact;
                if d < BigRational::from_integer(0.into()) { -d } else { d }
            };
            for other in [found.next_down(), found.next_up()] {
                prop_assert!(error(found) < error(other) || (error(found) == error(other) && found.to_bits() & 1 == 0));
            }
        }

        #[test]
        fn a_state_reads_back(a in int::<4>()) {
            let mut state = StateWriter::new();
            a.save(&mut state);
            let bytes = state.into_bytes();
            prop_assert_eq!(Int::load(&mut StateReader::new(&bytes)), Ok(a));
            prop_assert_eq!(Int::<4>::load(&mut StateReader::new(&bytes[1..])), Err(RestoreError::Truncated));
        }
    }

    #[test]
    fn edges() {
        assert_eq!(Int::<4>::ZERO.quotient(7, 0).to_bits(), 0.0_f64.to_bits());
        assert_eq!(Int::<4>::from(-3_i64).quotient(0, 2), -12.0);
        // A tie goes to even; anything below it, however far, decides.
        let tie = Int::<4>::from((1_i128 << 54) + 6).shifted(190);
        let one = Int::from(1_i64);
        let float = |below: i64| (1_i64 << 54).saturating_add(below) as f64;
        assert_eq!(tie.quotient(1, -190), float(8));
        assert_eq!(tie.minus(&one).quotient(1, -190), float(4));
        assert_eq!(tie.plus(&one).negated().quotient(1, -190), -float(8));
        assert_eq!(Int::<4>::from(5_i64).sign(), Ordering::Greater);
    }
}
