//! Prices and quantities as integers on a decimal grid.

use core::fmt;

/// The largest magnitude of a raw price or quantity: 2^53, about 9.007e15 steps of the grid.
///
/// Up to here an `f64` holds the integer exactly, and the sums of products over any window of up to
/// 1,024 bars fit 128-bit integers: that is what makes finite windows exact.
pub const MAX_RAW: i64 = 1 << 53;

/// The largest number of decimals of a grid: 16, so the finest step is 1e-16.
pub const MAX_SCALE: u8 = 16;

/// The decimal grid of one instrument: `price = raw / 10^price_scale`, `quantity = raw / 10^qty_scale`.
///
/// A grid belongs to an instrument (its tick and lot size), so one pair of scales serves a token at
/// 1e-12 (scale 15: up to 9.0 with 1e-15 steps) with volumes of 1e15 (scale 0), and an index at 40,000.00
/// (scale 2: up to 9.0e13). What one grid cannot hold, more than 2^53 steps between zero and the largest
/// value, is refused, never rounded.
///
/// The grid is a way of writing: the same prices on another grid give the same feature bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Grid {
    price_scale: u8,
    qty_scale: u8,
}

impl Grid {
    /// A grid with these numbers of decimals.
    ///
    /// # Errors
    /// [`GridError::Scale`] where one is above [`MAX_SCALE`].
    pub const fn new(price_scale: u8, qty_scale: u8) -> Result<Self, GridError> {
        if price_scale > MAX_SCALE {
            return Err(GridError::Scale { what: "price", found: price_scale });
        }
        if qty_scale > MAX_SCALE {
            return Err(GridError::Scale { what: "quantity", found: qty_scale });
        }
        Ok(Self { price_scale, qty_scale })
    }

    /// Decimals of a price, 0 to [`MAX_SCALE`].
    #[inline]
    #[must_use]
    pub const fn price_scale(self) -> u8 {
        self.price_scale
    }

    /// Decimals of a quantity, 0 to [`MAX_SCALE`].
    #[inline]
    #[must_use]
    pub const fn qty_scale(self) -> u8 {
        self.qty_scale
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} price decimals, {} quantity decimals", self.price_scale, self.qty_scale)
    }
}

/// A price in steps of its instrument's [`Grid`]; magnitude at most [`MAX_RAW`]. May be zero or negative
/// (spreads, power, oil in April 2020); a feature says what it is then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Price(i64);

/// A quantity in steps of its instrument's [`Grid`]; 0 to [`MAX_RAW`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Qty(i64);

impl Price {
    /// The price of `raw` steps.
    ///
    /// # Errors
    /// [`GridError::Price`] where the magnitude is above [`MAX_RAW`].
    #[inline]
    pub const fn from_raw(raw: i64) -> Result<Self, GridError> {
        if raw > MAX_RAW || raw < -MAX_RAW { Err(GridError::Price { found: raw }) } else { Ok(Self(raw)) }
    }

    /// Steps of the grid.
    #[inline]
    #[must_use]
    pub const fn raw(self) -> i64 {
        self.0
    }
}

impl Qty {
    /// The quantity of `raw` steps.
    ///
    /// # Errors
    /// [`GridError::Qty`] where it is negative or above [`MAX_RAW`].
    #[inline]
    pub const fn from_raw(raw: i64) -> Result<Self, GridError> {
        if raw < 0 || raw > MAX_RAW { Err(GridError::Qty { found: raw }) } else { Ok(Self(raw)) }
    }

    /// Steps of the grid.
    #[inline]
    #[must_use]
    pub const fn raw(self) -> i64 {
        self.0
    }
}

/// A number outside the fixed-point types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GridError {
    /// A grid finer than 1e-16.
    #[error("{what} scale {found} is above the finest grid of {MAX_SCALE} decimals")]
    Scale {
        /// Which scale.
        what: &'static str,
        /// The decimals asked for.
        found: u8,
    },
    /// A price too large for its grid.
    #[error("price of {found} grid steps exceeds 2^53 steps; use a grid with fewer decimals")]
    Price {
        /// The raw price.
        found: i64,
    },
    /// A quantity that is negative or too large for its grid.
    #[error(
        "quantity of {found} grid steps is outside 0 to 2^53 steps; use a grid with fewer decimals where it is too large"
    )]
    Qty {
        /// The raw quantity.
        found: i64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_inclusive_and_refused_beyond() {
        assert_eq!(Price::from_raw(MAX_RAW).map(Price::raw), Ok(MAX_RAW));
        assert_eq!(Price::from_raw(-MAX_RAW).map(Price::raw), Ok(-MAX_RAW));
        assert_eq!(Price::from_raw(MAX_RAW + 1), Err(GridError::Price { found: MAX_RAW + 1 }));
        assert_eq!(Qty::from_raw(-1), Err(GridError::Qty { found: -1 }));
        assert_eq!(Qty::from_raw(MAX_RAW).map(Qty::raw), Ok(MAX_RAW));
        assert_eq!(Grid::new(17, 0), Err(GridError::Scale { what: "price", found: 17 }));
        assert_eq!(Grid::new(0, 17), Err(GridError::Scale { what: "quantity", found: 17 }));
        assert_eq!(Grid::new(16, 16).map(Grid::price_scale), Ok(16));
    }
}
