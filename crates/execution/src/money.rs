//! Money, exactly.

use core::fmt;

use crate::exact;

/// An amount of the quote currency in units of 1e-18, positive or negative; up to 1.7e20 of the currency.
///
/// The scale is fixed, so an amount is the same number whichever grid the bars are written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i128);

impl Money {
    /// Decimals of the unit.
    pub const SCALE: u8 = 18;
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of that many units.
    #[must_use]
    pub const fn from_units(units: i128) -> Self {
        Self(units)
    }

    /// Units of 1e-18.
    #[must_use]
    pub const fn units(self) -> i128 {
        self.0
    }

    /// The sum; `None` where it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference; `None` where it does not fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Reads a decimal such as `10000` or `-0.25`, exactly; `None` where it is none, is finer than 1e-18 or does not
    /// fit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        exact::parse(text, Self::SCALE).map(Self)
    }

    /// The nearest float, for ratios and for people: of the currency, not of the unit.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        exact::nearest_f64(self.0, 10_u64.pow(u32::from(Self::SCALE)))
    }
}

impl fmt::Display for Money {
    /// The exact decimal, without zeros at its end: `-0.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        exact::write(f, self.0, Self::SCALE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_and_written_exactly() {
        for (text, units, written) in [
            ("0", 0, "0"),
            ("-0", 0, "0"),
            ("0.0", 0, "0"),
            ("10000", 10_000 * 10_i128.pow(18), "10000"),
            ("-0.25", -25 * 10_i128.pow(16), "-0.25"),
            ("007.50", 75 * 10_i128.pow(17), "7.5"),
            ("0.000000000000000001", 1, "0.000000000000000001"),
            ("1.00000000000000000000000", 10_i128.pow(18), "1"),
            (
                "170141183460469231731.687303715884105727",
                i128::MAX,
                "170141183460469231731.687303715884105727",
            ),
            (
                "-170141183460469231731.687303715884105728",
                i128::MIN,
                "-170141183460469231731.687303715884105728",
            ),
        ] {
            assert_eq!(Money::parse(text), Some(Money::from_units(units)), "{text}");
            assert_eq!(Money::from_units(units).to_string(), written);
        }
        assert_eq!(
            format!("{:>6}|{:<3}|", Money::from_units(-25 * 10_i128.pow(16)), Money::ZERO),
            " -0.25|0  |"
        );
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "-.5",
            "+1",
            "--1",
            "1e3",
            "1_000",
            "1,5",
            " 1",
            "1 ",
            "NaN",
            "inf",
            "1.5.0",
            "0x1",
            "١",
            "0.0000000000000000001",
            "170141183460469231731.687303715884105728",
            "-170141183460469231731.687303715884105729",
            "99999999999999999999999999999999999999999999",
        ] {
            assert_eq!(Money::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn sums_that_do_not_fit_are_none() {
        let (least, most, one) =
            (Money::from_units(i128::MIN), Money::from_units(i128::MAX), Money::from_units(1));
        assert_eq!(most.checked_add(one), None);
        assert_eq!(least.checked_sub(one), None);
        assert_eq!(Money::ZERO.checked_sub(least), None);
        assert_eq!(most.checked_sub(one).and_then(|sum| sum.checked_add(one)), Some(most));
    }

    #[test]
    fn a_float_is_the_nearest_one() {
        for (text, float) in [
            ("0", 0.0_f64),
            ("-0.1", -0.1),
            ("0.3", 0.3),
            ("1000.05", 1000.05),
            ("9007199254740993", 9_007_199_254_740_992.0),
        ] {
            assert_eq!(
                Money::parse(text).map(|money| money.to_f64().to_bits()),
                Some(float.to_bits()),
                "{text}"
            );
        }
        assert_eq!(Money::from_units(i128::MIN).to_f64(), -170141183460469231731.687303715884105728);
    }
}
