//! What may be risked.

use execution::Money;

use crate::ObservationError;

/// A limit, or the statement that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit<T> {
    /// Up to here, inclusive.
    At(T),
    /// No limit, in so many words.
    Unlimited,
}

/// What may be risked. There is no default: each limit is stated, or stated to be absent.
///
/// A limit binds what opens; what closes is never refused. A loss limit that is exceeded closes what is open. Fractions
/// are the decimals that the floats denote, and compared exactly: 30 lost of 100 is within 0.3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskLimits {
    /// Largest value of a position when it is opened or added to, at the bar's close, in quote currency; above 0.
    pub max_position_notional: Limit<Money>,
    /// Largest value of one order that opens or adds; above 0.
    pub max_order_notional: Limit<Money>,
    /// Largest value of a position when it is opened or added to, as a multiple of equity; above 0.
    pub max_leverage: Limit<f64>,
    /// Largest loss from the highest equity so far, as a fraction of it, above 0 and below 1. Beyond it the position is
    /// closed and nothing is opened any more.
    pub max_drawdown: Limit<f64>,
    /// Largest loss in a UTC day, from the last close before it, as a fraction of the equity then, above 0 and below 1. Beyond
    /// it the position is closed and nothing is opened before the next day. A close at midnight belongs to the day that
    /// it ends.
    pub max_daily_loss: Limit<f64>,
    /// Most positions opened in a UTC day, counted when they are ordered; at least 1.
    pub max_entries_per_day: Limit<u32>,
}

impl<T> Limit<T> {
    /// The limit; `None` where there is none.
    pub(crate) fn at(self) -> Option<T> {
        match self {
            Self::At(limit) => Some(limit),
            Self::Unlimited => None,
        }
    }
}

impl RiskLimits {
    /// Checks every number.
    ///
    /// # Errors
    /// [`ObservationError::Invalid`] for the first that cannot be; NaN cannot.
    pub fn check(&self) -> Result<(), ObservationError> {
        let is_amount = |limit: Money| limit > Money::ZERO;
        let is_fraction = |limit: f64| limit > 0.0 && limit < 1.0;
        check("max_position_notional", self.max_position_notional, "an amount above 0", is_amount)?;
        check("max_order_notional", self.max_order_notional, "an amount above 0", is_amount)?;
        let is_multiple = |limit: f64| limit > 0.0 && limit.is_finite();
        check("max_leverage", self.max_leverage, "a number above 0", is_multiple)?;
        check("max_drawdown", self.max_drawdown, "a fraction above 0 and below 1", is_fraction)?;
        check("max_daily_loss", self.max_daily_loss, "a fraction above 0 and below 1", is_fraction)?;
        check("max_entries_per_day", self.max_entries_per_day, "1 or more", |limit| limit > 0)
    }
}

/// Refuses a limit that cannot be.
pub(crate) fn check<T: ToString + Copy>(
    what: &'static str,
    limit: Limit<T>,
    expected: &'static str,
    holds: impl Fn(T) -> bool,
) -> Result<(), ObservationError> {
    match limit.at() {
        Some(limit) if !holds(limit) => {
            Err(ObservationError::Invalid { what, found: limit.to_string(), expected })
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> RiskLimits {
        RiskLimits {
            max_position_notional: Limit::At(Money::from_units(1)),
            max_order_notional: Limit::At(Money::from_units(1)),
            max_leverage: Limit::At(3.0),
            max_drawdown: Limit::At(0.2),
            max_daily_loss: Limit::At(0.05),
            max_entries_per_day: Limit::At(1),
        }
    }

    /// The name in the refusal; `None` where there is none.
    fn refused(change: impl FnOnce(&mut RiskLimits)) -> Option<&'static str> {
        let mut limits = limits();
        change(&mut limits);
        match limits.check() {
            Err(ObservationError::Invalid { what, .. }) => Some(what),
            Ok(()) => None,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn limits_that_make_sense_pass() {
        assert_eq!(refused(|_| {}), None);
        let unlimited = RiskLimits {
            max_position_notional: Limit::Unlimited,
            max_order_notional: Limit::Unlimited,
            max_leverage: Limit::Unlimited,
            max_drawdown: Limit::Unlimited,
            max_daily_loss: Limit::Unlimited,
            max_entries_per_day: Limit::Unlimited,
        };
        assert_eq!(unlimited.check(), Ok(()));
        assert_eq!(refused(|limits| limits.max_leverage = Limit::At(125.0)), None);
        assert_eq!(refused(|limits| limits.max_drawdown = Limit::At(1.0 - f64::EPSILON)), None);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, -0.1] {
            assert_eq!(refused(|limits| limits.max_leverage = Limit::At(bad)), Some("max_leverage"));
            assert_eq!(refused(|limits| limits.max_drawdown = Limit::At(bad)), Some("max_drawdown"));
            assert_eq!(refused(|limits| limits.max_daily_loss = Limit::At(bad)), Some("max_daily_loss"));
        }
        for bad in [1.0, 1.5] {
            assert_eq!(refused(|limits| limits.max_drawdown = Limit::At(bad)), Some("max_drawdown"));
            assert_eq!(refused(|limits| limits.max_daily_loss = Limit::At(bad)), Some("max_daily_loss"));
        }
        for bad in [Money::ZERO, Money::from_units(-1)] {
            let position = refused(|limits| limits.max_position_notional = Limit::At(bad));
            assert_eq!(position, Some("max_position_notional"));
            assert_eq!(
                refused(|limits| limits.max_order_notional = Limit::At(bad)),
                Some("max_order_notional")
            );
        }
        let entries = refused(|limits| limits.max_entries_per_day = Limit::At(0));
        assert_eq!(entries, Some("max_entries_per_day"));
        let mut nan = limits();
        nan.max_drawdown = Limit::At(f64::NAN);
        let message = nan.check().unwrap_err().to_string();
        assert_eq!(message, "max_drawdown is NaN; expected a fraction above 0 and below 1");
    }
}
