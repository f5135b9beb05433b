//! Decimals of a price or a quantity.

use super::Divisor;

/// Number of decimals of the integers an operator takes: the value is `raw / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale(u8);

impl Scale {
    /// Whole numbers.
    pub const UNIT: Self = Self(0);

    /// A scale of at most 16 decimals; more count as 16, which no grid exceeds.
    #[must_use]
    pub const fn new(decimals: u8) -> Self {
        Self(if decimals > 16 { 16 } else { decimals })
    }

    /// `10^scale`: steps of the grid in one unit.
    #[must_use]
    pub const fn steps(self) -> u128 {
        10_u128.pow(self.0 as u32)
    }

    /// Turns raw integers into values, correctly rounded.
    #[must_use]
    pub const fn divisor(self) -> Divisor {
        Divisor::new(self.steps())
    }

    /// Turns raw integers times `times` into values, correctly rounded. `10^scale * times` is at
    /// most 2^127: enough for `10^scale * n^2`.
    #[must_use]
    pub const fn divisor_times(self, times: u128) -> Divisor {
        Divisor::new(self.steps() * times)
    }
}
