//! A float as the decimal that it denotes, to compare money with shares of money exactly.

use core::fmt::{self, Write as _};

use execution::Money;

/// Most decimals of a share: 10^19 fits 64 bits.
const DECIMALS: i32 = 19;

/// A factor, 0 or above: the shortest decimal that reads back as a float, so that 0.3 of 10 is 3. Decimals beyond the
/// 19th are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    numerator: u64,
    /// A power of ten.
    denominator: u64,
}

impl Share {
    /// The share that `value` denotes; `None` where it is NaN, infinite or negative. Beyond 2^64 it is 2^64 − 1.
    pub(crate) fn new(value: f64) -> Option<Self> {
        if !value.is_finite() || value < 0.0 {
            return None;
        }
        let mut text = Decimal::default();
        write!(text, "{:e}", value.abs()).ok()?;
        let exponent = if text.is_negative { -text.exponent } else { text.exponent };
        let decimals = text.decimals - exponent;
        let power = |exponent: i32| 10_u64.saturating_pow(exponent.unsigned_abs());
        Some(match decimals {
            ..=0 => Self { numerator: text.digits.saturating_mul(power(decimals)), denominator: 1 },
            1..=DECIMALS => Self { numerator: text.digits, denominator: power(decimals) },
            _ => Self { numerator: text.digits / power(decimals - DECIMALS), denominator: power(DECIMALS) },
        })
    }

    /// That share of an amount, rounded down; nothing of an amount below 0, and the largest amount where it is beyond.
    pub(crate) fn of(self, amount: Money) -> Money {
        let units = self.of_units(u128::try_from(amount.units()).unwrap_or(0));
        Money::from_units(i128::try_from(units).unwrap_or(i128::MAX))
    }

    /// That share of a number of lots, rounded down; none of a number below 0.
    pub(crate) fn of_lots(self, lots: i64) -> i64 {
        let lots = self.of_units(u128::try_from(lots).unwrap_or(0));
        i64::try_from(lots).unwrap_or(i64::MAX)
    }

    /// `amount × numerator / denominator`, rounded down: a product of 192 bits, divided digit by digit of 64 bits.
    fn of_units(self, amount: u128) -> u128 {
        let (numerator, denominator) = (u128::from(self.numerator), u128::from(self.denominator));
        let low = (amount & WORD) * numerator;
        let high = (amount >> 64) * numerator + (low >> 64);
        let divide = |rest: u128, digit: u128| {
            let left = rest << 64 | digit;
            (left / denominator, left % denominator)
        };
        let (beyond, rest) = divide(0, high >> 64);
        let (upper, rest) = divide(rest, high & WORD);
        let (lower, _) = divide(rest, low & WORD);
        if beyond > 0 { u128::MAX } else { upper << 64 | lower }
    }
}

/// The low 64 bits.
const WORD: u128 = u64::MAX as u128;

/// Reads what a float is written as, such as `3.25e-1`, without a text in between.
#[derive(Default)]
struct Decimal {
    /// At most 17 digits.
    digits: u64,
    /// Those after the point.
    decimals: i32,
    exponent: i32,
    is_after_point: bool,
    is_exponent: bool,
    /// Whether the exponent is.
    is_negative: bool,
}

impl fmt::Write for Decimal {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' if self.is_exponent => {
                    self.exponent = self.exponent * 10 + i32::from(byte - b'0')
                }
                b'0'..=b'9' => {
                    self.digits = self.digits * 10 + u64::from(byte - b'0');
                    self.decimals += i32::from(self.is_after_point);
                }
                b'.' => self.is_after_point = true,
                b'e' => self.is_exponent = true,
                b'-' if self.is_exponent => self.is_negative = true,
                _ => return Err(fmt::Error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(value: f64) -> Option<(u64, u64)> {
        Share::new(value).map(|share| (share.numerator, share.denominator))
    }

    #[test]
    fn a_share_is_the_decimal_that_people_wrote() {
        assert_eq!(parts(0.3), Some((3, 10)));
        assert_eq!(parts(1.0), Some((1, 1)));
        assert_eq!(parts(12.75), Some((1275, 100)));
        assert_eq!(parts(1200.0), Some((1200, 1)));
        assert_eq!(parts(-0.0), Some((0, 1)));
        assert_eq!(parts(0.1 + 0.2), Some((30_000_000_000_000_004, 100_000_000_000_000_000)));
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1] {
            assert_eq!(parts(bad), None);
        }
    }

    #[test]
    fn what_is_too_fine_is_cut_off_and_what_is_too_large_stops() {
        let finest = 10_000_000_000_000_000_000;
        assert_eq!(parts(1.25e-18), Some((12, finest)));
        assert_eq!(parts(9e-20), Some((0, finest)));
        assert_eq!(parts(f64::from_bits(1)), Some((0, finest)));
        assert_eq!(parts(1e19), Some((finest, 1)));
        assert_eq!(parts(1.7e308), Some((u64::MAX, 1)));
    }

    #[test]
    fn it_is_rounded_down_and_never_wraps() {
        let of = |value: f64, units| Share::new(value).unwrap().of(Money::from_units(units)).units();
        assert_eq!((of(0.3, 10), of(0.3, 9), of(0.29, 100)), (3, 2, 29));
        assert_eq!((of(0.5, 0), of(0.5, -10)), (0, 0));
        assert_eq!((of(1.0, i128::MAX), of(1.1, i128::MAX)), (i128::MAX, i128::MAX));
        assert_eq!((of(1e19, i128::MAX), of(0.0, i128::MAX)), (i128::MAX, 0));
        let of_lots = |value: f64, lots| Share::new(value).unwrap().of_lots(lots);
        assert_eq!((of_lots(0.29, 100), of_lots(2.0, i64::MAX), of_lots(0.9, -1)), (29, i64::MAX, 0));
    }

    proptest! {
        #[test]
        fn it_is_the_quotient_of_the_whole_product(
            amount in prop_oneof![0..u128::MAX, 0..1_u128 << 70],
            decimal in (0_u64..1_000_000_000, 0_u32..9),
        ) {
            let (digits, decimals) = decimal;
            let share = Share::new(format!("{digits}e-{decimals}").parse().unwrap()).unwrap();
            let found = share.of_units(amount);
            // found <= amount × digits / 10^decimals < found + 1, by splitting the amount at the denominator.
            let denominator = 10_u128.pow(decimals);
            let (whole, rest) = (amount / denominator, amount % denominator);
            let expected = whole
                .checked_mul(u128::from(digits))
                .and_then(|part| part.checked_add(rest * u128::from(digits) / denominator));
            prop_assert_eq!(found, expected.unwrap_or(u128::MAX));
        }

        #[test]
        fn its_decimal_reads_back(value in 1e-3_f64..1e15) {
            let share = Share::new(value).unwrap();
            // Each is a float's decimal of at most 17 digits, which fits 19 decimals here.
            let text = format!("{}e-{}", share.numerator, share.denominator.ilog10());
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }
}
