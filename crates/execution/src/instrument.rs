//! What is traded, and in which steps.

use core::fmt;

use feature_api::{MAX_RAW, MAX_SCALE};

use crate::{ExecutionError, Money, exact};

/// An exact decimal above 0, `raw / 10^scale`, without zeros at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    raw: i64,
    scale: u8,
}

impl Decimal {
    /// Reads a decimal such as `0.01` or `25`; `None` where it is none, is not above 0, is finer than 1e-16 or above
    /// 2^53 steps.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut raw = exact::parse(text, MAX_SCALE).filter(|raw| *raw > 0)?;
        let mut scale = MAX_SCALE;
        while scale > 0 && raw % 10 == 0 {
            raw /= 10;
            scale -= 1;
        }
        let raw = i64::try_from(raw).ok().filter(|raw| *raw <= MAX_RAW)?;
        Some(Self { raw, scale })
    }

    /// The integer.
    #[must_use]
    pub const fn raw(self) -> i64 {
        self.raw
    }

    /// Decimals of the integer.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// The nearest float.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        exact::nearest_f64(i128::from(self.raw), 10_u64.pow(u32::from(self.scale)))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        exact::write(f, i128::from(self.raw), self.scale)
    }
}

/// What is traded: one instrument, priced in one quote currency, without a multiplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    symbol: String,
    tick: Decimal,
    lot: Decimal,
    min_notional: Money,
}

impl Instrument {
    /// An instrument. `min_notional` is the least value of an order that opens a position; what closes one is exempt,
    /// so that no position is too small to be closed.
    ///
    /// # Errors
    /// [`ExecutionError::Invalid`] for an empty symbol, one with invisible letters, or a negative `min_notional`.
    pub fn new(
        symbol: &str,
        tick: Decimal,
        lot: Decimal,
        min_notional: Money,
    ) -> Result<Self, ExecutionError> {
        if symbol.is_empty() || symbol.chars().any(is_invisible) {
            return Err(ExecutionError::Invalid {
                what: "symbol",
                found: format!("{symbol:?}"),
                expected: "a name of letters that can be seen, such as \"BTCUSDT\"",
            });
        }
        if min_notional < Money::ZERO {
            return Err(ExecutionError::Invalid {
                what: "min_notional",
                found: min_notional.to_string(),
                expected: "0 or above",
            });
        }
        Ok(Self { symbol: symbol.to_owned(), tick, lot, min_notional })
    }

    /// Its name.
    #[must_use]
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// Step of an order's price.
    #[must_use]
    pub const fn tick(&self) -> Decimal {
        self.tick
    }

    /// Step of an order's quantity.
    #[must_use]
    pub const fn lot(&self) -> Decimal {
        self.lot
    }

    /// Least value of an order that opens a position.
    #[must_use]
    pub const fn min_notional(&self) -> Money {
        self.min_notional
    }
}

/// Control characters, and those that break lines, change direction or take no space of their own.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || (letter.is_whitespace() && letter != ' ')
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_without_zeros_at_their_end() {
        for (text, raw, scale, written) in [
            ("0.01", 1, 2, "0.01"),
            ("0.010", 1, 2, "0.01"),
            ("25", 25, 0, "25"),
            ("100", 100, 0, "100"),
            ("100.0", 100, 0, "100"),
            ("12.50", 125, 1, "12.5"),
            ("0.0000000000000001", 1, 16, "0.0000000000000001"),
            ("9007199254740992", MAX_RAW, 0, "9007199254740992"),
            ("0.9007199254740992", MAX_RAW, 16, "0.9007199254740992"),
        ] {
            let decimal = Decimal::parse(text);
            assert_eq!(decimal, Some(Decimal { raw, scale }), "{text}");
            assert_eq!(decimal.map(|decimal| decimal.to_string()).as_deref(), Some(written));
            assert_eq!(decimal.map(Decimal::to_f64), text.parse().ok());
        }
        for text in [
            "",
            "0",
            "0.0",
            "-1",
            "1e-2",
            "0.00000000000000001",
            "9007199254740993",
            "90071992547409.929",
            "tick",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn names_that_cannot_be_read_and_negative_amounts_are_refused() {
        let one = Decimal { raw: 1, scale: 0 };
        let new = |symbol, min_notional| Instrument::new(symbol, one, one, Money::from_units(min_notional));
        for symbol in ["", "A\n", "A\u{202e}B", "\u{feff}A", "A\tB", "A\u{a0}B", "\u{200b}"] {
            assert!(new(symbol, 0).is_err(), "{symbol:?}");
        }
        assert_eq!(
            new("", 0).unwrap_err().to_string(),
            "symbol is \"\"; expected a name of letters that can be seen, such as \"BTCUSDT\""
        );
        assert_eq!(
            new("A", -1).unwrap_err().to_string(),
            "min_notional is -0.000000000000000001; expected 0 or above"
        );
        assert_eq!(new("ES Dec 2026", 0).unwrap().symbol(), "ES Dec 2026");
    }
}
