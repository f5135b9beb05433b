//! Exact decimals.

use std::cmp::Ordering;

use feature_api::{MAX_RAW, MAX_SCALE};

/// Powers of ten, 1 to 1e16.
pub(crate) const POW10: [i64; MAX_SCALE as usize + 1] = {
    let mut powers = [1; MAX_SCALE as usize + 1];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// The decimal text of `raw / 10^scale`: exact, without an exponent, the shortest such text. For a scale above
/// 18 too.
#[must_use]
pub fn decimal_text(raw: i64, scale: u8) -> String {
    wide_text(i128::from(raw), scale)
}

/// The same of a product of two numbers.
pub(crate) fn wide_text(raw: i128, scale: u8) -> String {
    let mut digits = raw.unsigned_abs();
    let mut scale = usize::from(scale);
    while scale > 0 && digits.is_multiple_of(10) {
        digits /= 10;
        // 0 / 10^scale is 0 for any scale.
        scale = if digits == 0 { 0 } else { scale - 1 };
    }
    let sign = if raw < 0 { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let text = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = text.split_at(text.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// `mantissa / 10^scale` with |mantissa| up to 2^53 and a scale up to 16, without trailing zeros: a number that
/// some grid holds.
///
/// Packed into one word, since a file of ten million bars holds seventy million of them while it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Decimal(i64);

impl Decimal {
    /// Bits of the scale.
    const SCALE_BITS: u32 = 5;

    /// The number, unless no grid holds it.
    pub(crate) fn new(mut mantissa: i64, mut scale: u8) -> Option<Self> {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale = if mantissa == 0 { 0 } else { scale - 1 };
        }
        let held = mantissa.unsigned_abs() <= MAX_RAW.unsigned_abs() && scale <= MAX_SCALE;
        held.then_some(Self(mantissa << Self::SCALE_BITS | i64::from(scale)))
    }

    /// Its digits, as an integer.
    pub(crate) const fn mantissa(self) -> i64 {
        self.0 >> Self::SCALE_BITS
    }

    /// Its decimals, 0 to 16.
    pub(crate) const fn scale(self) -> u8 {
        // Five bits.
        (self.0 & ((1 << Self::SCALE_BITS) - 1)) as u8
    }

    /// Its steps on a grid of `scale` decimals; `None` where that grid does not hold it exactly.
    pub(crate) fn raw(self, scale: u8) -> Option<i64> {
        let factor = *POW10.get(usize::from(scale.checked_sub(self.scale())?))?;
        self.mantissa().checked_mul(factor).filter(|raw| raw.unsigned_abs() <= MAX_RAW.unsigned_abs())
    }

    /// Its steps on the finest grid; a product of 2^53 and 1e16 at most, so sums of two are exact too.
    pub(crate) fn finest(self) -> i128 {
        let factor = POW10.get(usize::from(MAX_SCALE - self.scale())).copied().unwrap_or(1);
        i128::from(self.mantissa()) * i128::from(factor)
    }

    /// Its exact text.
    pub(crate) fn text(self) -> String {
        decimal_text(self.mantissa(), self.scale())
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale() == other.scale() {
            self.mantissa().cmp(&other.mantissa())
        } else {
            self.finest().cmp(&other.finest())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_exact_and_short() {
        for (raw, scale, text) in [
            (0, 0, "0"),
            (0, 8, "0"),
            (-5, 1, "-0.5"),
            (100, 2, "1"),
            (1, 16, "0.0000000000000001"),
            (4_500_010, 2, "45000.1"),
            (i64::MIN, 0, "-9223372036854775808"),
            (i64::MIN, 19, "-0.9223372036854775808"),
            (7, 255, &format!("0.{}7", "0".repeat(254))),
        ] {
            assert_eq!(decimal_text(raw, scale), text);
        }
    }

    proptest! {
        #[test]
        fn order_is_that_of_the_values(a in -9999_i64..9999, b in -9999_i64..9999, p in 0..5_u8, q in 0..5_u8) {
            let (Some(x), Some(y)) = (Decimal::new(a, p), Decimal::new(b, q)) else { panic!("both fit") };
            let scaled = |value: i64, scale: u8| value * POW10[usize::from(5 - scale)];
            prop_assert_eq!(x.cmp(&y), scaled(a, p).cmp(&scaled(b, q)));
        }
    }
}
