//! Exact arithmetic that several types share: decimal texts, fractions, the nearest float.

use core::fmt;

/// The decimal `text` in units of `10^-scale`; `None` where it is no decimal, is finer than a unit or does not fit.
///
/// A decimal is digits, with a `-` before them or none, and a point between them or none: no exponent, no `+`.
pub(crate) fn parse(text: &str, scale: u8) -> Option<i128> {
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (digits, ""),
    };
    if whole.is_empty() {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let zeros = usize::from(scale).checked_sub(fraction.len())?;
    let mut negated = 0_i128;
    for digit in whole.bytes().chain(fraction.bytes()).chain(core::iter::repeat_n(b'0', zeros)) {
        if !digit.is_ascii_digit() {
            return None;
        }
        // Below 0, where there is room for one unit more.
        negated = negated.checked_mul(10)?.checked_sub(i128::from(digit - b'0'))?;
    }
    if is_negative { Some(negated) } else { negated.checked_neg() }
}

/// Writes `units / 10^scale`, exactly, without zeros at its end; `scale` is at most 38.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, units: i128, scale: u8) -> fmt::Result {
    let one = 10_u128.pow(u32::from(scale));
    let magnitude = units.unsigned_abs();
    let sign = if units < 0 { "-" } else { "" };
    let whole = magnitude / one;
    let mut fraction = magnitude % one;
    if fraction == 0 {
        return f.pad(&format!("{sign}{whole}"));
    }
    let mut width = usize::from(scale);
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        width -= 1;
    }
    f.pad(&format!("{sign}{whole}.{fraction:0>width$}"))
}

/// `amount × numerator / denominator` toward 0, exactly. `0 <= numerator <= denominator`, `0 < denominator`, so that it
/// always fits.
pub(crate) fn fraction(amount: i128, numerator: i64, denominator: i64) -> i128 {
    let (numerator, denominator) = (i128::from(numerator), i128::from(denominator));
    // In two parts, for amount × numerator may not fit. Both have the sign of the amount, so the sum is truncated once.
    (amount / denominator) * numerator + (amount % denominator) * numerator / denominator
}

/// As [`fraction`], but away from 0.
pub(crate) fn fraction_up(amount: i128, numerator: i64, denominator: i64) -> i128 {
    let (numerator, denominator) = (i128::from(numerator), i128::from(denominator));
    let rest = (amount % denominator) * numerator;
    let part = if rest % denominator == 0 { 0 } else { rest.signum() };
    (amount / denominator) * numerator + rest / denominator + part
}

/// The float nearest to `numerator / denominator`, half to even. `denominator` is above 0.
pub(crate) fn nearest_f64(numerator: i128, denominator: u64) -> f64 {
    let magnitude = numerator.unsigned_abs();
    if magnitude == 0 {
        return 0.0;
    }
    let shift = magnitude.leading_zeros();
    let (shifted, divisor) = (magnitude << shift, u128::from(denominator));
    // 64 bits or more, and whether anything is cut off: all that rounding to 53 bits needs. The power of two is exact.
    let quotient = (shifted / divisor) | u128::from(!shifted.is_multiple_of(divisor));
    let nearest = quotient as f64 / (1_u128 << shift) as f64;
    if numerator < 0 { -nearest } else { nearest }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fractions_are_exact_at_the_limits() {
        let one = 1_000_000_000;
        for (amount, numerator, down, up) in [
            (0, 1, 0, 0),
            (1, 1, 0, 1),
            (-1, 1, 0, -1),
            (one.into(), 1, 1, 1),
            (999_999_999, one, 999_999_999, 999_999_999),
            (i128::MAX, one, i128::MAX, i128::MAX),
            (i128::MIN, one, i128::MIN, i128::MIN),
            (i128::MAX, 0, 0, 0),
        ] {
            assert_eq!(fraction(amount, numerator, one), down, "{amount} × {numerator}");
            assert_eq!(fraction_up(amount, numerator, one), up, "{amount} × {numerator}");
        }
        assert_eq!(fraction(i128::MAX, i64::MAX - 1, i64::MAX), i128::MAX - (1 << 64) - 3);
    }

    proptest! {
        #[test]
        fn fractions_are_those_of_one_division(
            amount in -(1_i128 << 62)..1 << 62,
            (numerator, denominator) in (1..=i64::MAX).prop_flat_map(|of| (0..=of, Just(of))),
        ) {
            let (product, of) = (amount * i128::from(numerator), i128::from(denominator));
            prop_assert_eq!(fraction(amount, numerator, denominator), product / of);
            let up = product / of + if product % of == 0 { 0 } else { product.signum() };
            prop_assert_eq!(fraction_up(amount, numerator, denominator), up);
        }

        /// The standard library reads a decimal to the nearest float: another way to the same bits.
        #[test]
        fn the_nearest_float_is_that_of_the_decimal(units: i128, shift in 0..127_u32, scale in 0..=18_u32) {
            let units = units >> shift;
            let magnitude = units.unsigned_abs();
            let one = 10_u128.pow(scale);
            let sign = if units < 0 { "-" } else { "" };
            let text = format!("{sign}{}.{:0>18}", magnitude / one, magnitude % one * 10_u128.pow(18 - scale));
            let expected: f64 = text.parse().unwrap();
            let found = nearest_f64(units, 10_u64.pow(scale));
            prop_assert!(found == expected, "{found} for {text}");
        }

        #[test]
        fn a_decimal_reads_back(units: i128, shift in 0..127_u32, scale in 0..=38_u8) {
            struct Shown(i128, u8);
            impl fmt::Display for Shown {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write(f, self.0, self.1)
                }
            }
            let text = Shown(units >> shift, scale).to_string();
            prop_assert_eq!(parse(&text, scale), Some(units >> shift));
            prop_assert!(!text.contains('.') || !text.ends_with('0'), "{}", text);
        }
    }
}
