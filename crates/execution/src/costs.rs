//! What trading costs.

use core::fmt;

use crate::{ExecutionError, exact};

/// A fraction in billionths, exactly: 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Rate(u32);

impl Rate {
    /// Billionths of 1.
    pub const ONE: u32 = 1_000_000_000;

    /// The rate that a float such as `0.0005` denotes.
    ///
    /// # Errors
    /// [`ExecutionError::Invalid`] where it is not from 0 to 1 (NaN is not) or finer than a billionth; `what` names it.
    pub fn new(what: &'static str, value: f64) -> Result<Self, ExecutionError> {
        let invalid = || ExecutionError::Invalid {
            what,
            found: value.to_string(),
            expected: "a fraction from 0 to 1 in whole billionths, such as 0.0005 for 0.05 %",
        };
        if !(0.0..=1.0).contains(&value) {
            return Err(invalid());
        }
        let rate = Self((value * f64::from(Self::ONE)).round() as u32);
        // The float of that many billionths, or no whole number of them.
        if rate.to_f64() == value { Ok(rate) } else { Err(invalid()) }
    }

    /// Billionths.
    #[must_use]
    pub const fn billionths(self) -> u32 {
        self.0
    }

    /// The nearest float.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        f64::from(self.0) / f64::from(Self::ONE)
    }
}

impl fmt::Display for Rate {
    /// In per cent, such as `0.05 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        exact::write(f, i128::from(self.0), 7)?;
        f.write_str(" %")
    }
}

impl Rate {
    /// That fraction of an amount, away from 0 to a unit.
    pub(crate) fn of(self, amount: i128) -> i128 {
        exact::fraction_up(amount, i64::from(self.0), i64::from(Self::ONE))
    }

    /// That fraction of so many lots, in whole lots, rounded down.
    pub(crate) fn of_lots(self, lots: i64) -> i64 {
        // Between 0 and `lots`.
        exact::fraction(i128::from(lots), i64::from(self.0), i64::from(Self::ONE)) as i64
    }

    /// Half that fraction of an amount, toward 0 to a unit.
    pub(crate) fn half_of(self, amount: i128) -> i128 {
        exact::fraction(amount, i64::from(self.0), 2 * i64::from(Self::ONE))
    }
}

/// What trading costs, and how fills happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// Fee of a fill that takes liquidity (market and stop orders), of its value.
    pub taker_fee: Rate,
    /// Fee of a fill that makes liquidity (take-profit orders), of its value.
    pub maker_fee: Rate,
    /// The whole spread as a fraction of the price; a taker pays half of it.
    pub spread: Rate,
    /// What a taker's fill is worse than the touch, as a fraction of the price. With half the spread, below 1.
    pub slippage: Rate,
    /// Whole bars between the decision and the bar at whose open the order fills, beyond the next that opens once the
    /// decision's bar is known: 0 fills at that open.
    pub latency_bars: u32,
    /// Largest share of a bar's volume that is filled in it, above 0; `None` without a limit.
    pub max_volume_share: Option<Rate>,
    /// Bars that an order which opens a position works; what is not filled then is cancelled. At least 1. An order
    /// that closes works until it is filled.
    pub entry_order_bars: u32,
}

impl Costs {
    /// Checks what one number alone does not tell.
    pub(crate) fn check(&self) -> Result<(), ExecutionError> {
        if self.taker_halves() >= 2 * u64::from(Rate::ONE) {
            return Err(ExecutionError::Invalid {
                what: "half the spread and the slippage together",
                found: (self.taker_halves() as f64 / (2.0 * f64::from(Rate::ONE))).to_string(),
                expected: "a fraction of the price below 1",
            });
        }
        if self.max_volume_share == Some(Rate::default()) {
            return Err(ExecutionError::Invalid {
                what: "max_volume_share",
                found: "0, with which nothing is ever filled".to_owned(),
                expected: "above 0 and at most 1, or \"unlimited\"",
            });
        }
        if self.entry_order_bars == 0 {
            return Err(ExecutionError::Invalid {
                what: "entry_order_bars",
                found: "0".to_owned(),
                expected: "1 or above",
            });
        }
        Ok(())
    }

    /// What a taker's price is worse than the reference, in halves of billionths: spread/2 + slippage.
    pub(crate) fn taker_halves(&self) -> u64 {
        u64::from(self.spread.0) + 2 * u64::from(self.slippage.0)
    }

    /// What a round trip costs at least, as a fraction of its value: in and out as a taker.
    #[must_use]
    pub fn round_trip(&self) -> f64 {
        let one_way =
            u64::from(self.taker_fee.0) + u64::from(self.spread.0).div_ceil(2) + u64::from(self.slippage.0);
        (2 * one_way) as f64 / f64::from(Rate::ONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_whole_billionths() {
        for (value, billionths, text) in [
            (0.0, 0, "0 %"),
            (-0.0, 0, "0 %"),
            (1.0, Rate::ONE, "100 %"),
            (0.0005, 500_000, "0.05 %"),
            (0.000_000_001, 1, "0.0000001 %"),
            (0.123_456_789, 123_456_789, "12.3456789 %"),
            (0.3, 300_000_000, "30 %"),
        ] {
            let rate = Rate::new("fee", value).unwrap();
            assert_eq!((rate.billionths(), rate.to_string().as_str()), (billionths, text));
            assert_eq!(rate.to_f64(), value);
        }
        for value in [
            f64::NAN,
            f64::INFINITY,
            -1e-9,
            1.000_000_001,
            1e-10,
            0.1 + 0.2,
            0.000_500_000_5,
            f64::MIN_POSITIVE,
        ] {
            assert!(Rate::new("fee", value).is_err(), "{value}");
        }
        assert_eq!(
            Rate::new("costs.taker_fee", f64::NAN).unwrap_err().to_string(),
            "costs.taker_fee is NaN; expected a fraction from 0 to 1 in whole billionths, such as 0.0005 for 0.05 %"
        );
    }

    #[test]
    fn every_billionth_is_read_back() {
        for billionths in (0..=Rate::ONE).step_by(9973) {
            assert_eq!(Rate::new("fee", Rate(billionths).to_f64()), Ok(Rate(billionths)));
        }
    }

    #[test]
    fn a_round_trip_pays_everything_twice() {
        let rate = |value| Rate::new("rate", value).unwrap();
        let costs = Costs {
            taker_fee: rate(0.0005),
            maker_fee: rate(0.0002),
            spread: rate(0.0004),
            slippage: rate(0.0001),
            latency_bars: 0,
            max_volume_share: None,
            entry_order_bars: 1,
        };
        // 2 × (0.05 % + 0.02 % + 0.01 %).
        assert_eq!(costs.round_trip(), 0.0016);
    }
}
