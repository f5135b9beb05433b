//! How a model-driven strategy decides.

use feature_api::Side;

use crate::StrategyError;

/// How a model-driven strategy decides. Which options must be there depends on what the models predict; see each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelDrivenOptions {
    /// Enter where the entry model's probability is at least this: 0.5 to 1, 1 excluded. Demanded of a model that predicts a
    /// probability, refused for one that predicts a return.
    pub threshold: Option<f64>,
    /// Expected gain beyond the costs of a round trip, as a fraction of the price, that an entry must exceed; 0 or above.
    pub min_edge: f64,
    /// Size of a usual move over the label's horizon, as a fraction of the price, above 0: the edge of a direction is
    /// `(2p − 1) × expected_move`. Demanded of a model of a direction, refused for others, which say it themselves.
    pub expected_move: Option<f64>,
    /// Close where the exit model's prediction is below this. Demanded where there is an exit model, refused without. For
    /// a probability above 0 and at most 1, for a return any finite number; predictions are along the position's side.
    pub exit_threshold: Option<f64>,
    /// Stop, as a fraction of the close at entry; above 0 and below 1.
    pub stop: Option<f64>,
    /// Take-profit, as a fraction of the close at entry; above 0 and below 1.
    pub take: Option<f64>,
    /// Close after this many bars, above 0: at the close of the bar that is the position's `max_hold_bars`th, its entry
    /// bar counted.
    pub max_hold_bars: Option<u32>,
    /// Which way positions may go. Must be what the entry model's label speaks of; see [`crate::EntryMeaning`].
    pub sides: Sides,
    /// Bars after an exit in which nothing is entered; 0 for none. The first of them is the bar in whose fills the
    /// position was closed: nothing is decided at its close, nor at those of the `cooldown_bars − 1` bars after it.
    pub cooldown_bars: u32,
}

/// Which way positions may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Long alone.
    Long,
    /// Short alone.
    Short,
    /// Either.
    Both,
}

impl Sides {
    /// Whether a position may go that way.
    #[must_use]
    pub const fn allow(self, side: Side) -> bool {
        match (self, side) {
            (Self::Both, Side::Long | Side::Short)
            | (Self::Long, Side::Long)
            | (Self::Short, Side::Short) => true,
            (Self::Long, Side::Short) | (Self::Short, Side::Long) => false,
        }
    }

    /// Its name in configurations: `long`, `short` or `both`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Short => "short",
            Self::Both => "both",
        }
    }
}

impl ModelDrivenOptions {
    /// Checks the range of every number, whatever the models. What depends on them is checked where they are known.
    ///
    /// # Errors
    /// [`StrategyError::Option`] for the first that cannot be; NaN cannot.
    pub fn check(&self) -> Result<(), StrategyError> {
        let fraction = |value: f64| value > 0.0 && value < 1.0;
        within("threshold", self.threshold, |value| (0.5..1.0).contains(&value), "0.5 to 1, 1 excluded")?;
        cost("min_edge", self.min_edge)?;
        let above_zero = |value: f64| value > 0.0 && value.is_finite();
        within("expected_move", self.expected_move, above_zero, "a finite number above 0")?;
        within("exit_threshold", self.exit_threshold, f64::is_finite, "a finite number")?;
        within("stop", self.stop, fraction, "a number above 0 and below 1")?;
        within("take", self.take, fraction, "a number above 0 and below 1")?;
        match self.max_hold_bars {
            Some(0) => Err(StrategyError::outside("max_hold_bars", 0, "1 bar or more")),
            Some(_) | None => Ok(()),
        }
    }
}

/// Checks a fraction of the price that is paid or demanded.
pub(crate) fn cost(name: &'static str, value: f64) -> Result<(), StrategyError> {
    within(name, Some(value), |value| value >= 0.0 && value.is_finite(), "a finite number, 0 or above")
}

pub(crate) fn within(
    name: &'static str,
    value: Option<f64>,
    holds: impl Fn(f64) -> bool,
    expected: &str,
) -> Result<(), StrategyError> {
    match value {
        Some(found) if !holds(found) => Err(StrategyError::outside(name, found, expected)),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: ModelDrivenOptions = ModelDrivenOptions {
        threshold: Some(0.6),
        min_edge: 0.0,
        expected_move: Some(0.01),
        exit_threshold: Some(-1.0),
        stop: Some(0.01),
        take: Some(0.02),
        max_hold_bars: Some(5),
        sides: Sides::Long,
        cooldown_bars: 0,
    };

    type Set = fn(&mut ModelDrivenOptions, f64);

    /// Each number: what it is, what it may be at its edges, what it may not.
    const NUMBERS: [(&str, Set, &[f64], &[f64]); 6] = [
        ("threshold", |o, x| o.threshold = Some(x), &[0.5, 0.999], &[0.499, 1.0, -0.6, f64::INFINITY]),
        ("min_edge", |o, x| o.min_edge = x, &[0.0, 3.0], &[-1e-300, f64::INFINITY]),
        ("expected_move", |o, x| o.expected_move = Some(x), &[1e-300, 2.0], &[0.0, -0.1, f64::INFINITY]),
        ("exit_threshold", |o, x| o.exit_threshold = Some(x), &[-9.0, 0.0, 9.0], &[f64::INFINITY]),
        ("stop", |o, x| o.stop = Some(x), &[1e-300, 0.999], &[0.0, 1.0, -0.1]),
        ("take", |o, x| o.take = Some(x), &[1e-300, 0.999], &[0.0, 1.0, -0.1]),
    ];

    #[test]
    fn every_number_has_its_range_and_is_named() {
        assert_eq!(WHOLE.check(), Ok(()));
        for (name, set, good, bad) in NUMBERS {
            let with = |value| {
                let mut options = WHOLE;
                set(&mut options, value);
                options.check()
            };
            for value in good {
                assert_eq!(with(*value), Ok(()), "{name} {value}");
            }
            for value in bad.iter().chain(&[f64::NAN, f64::NEG_INFINITY]) {
                let message = with(*value).unwrap_err().to_string();
                let begin = format!("strategy option {name}: is {value}; expected ");
                assert!(message.starts_with(&begin), "{message}");
            }
        }
    }

    #[test]
    fn a_longest_time_is_a_bar_or_more() {
        let with = |max_hold_bars| ModelDrivenOptions { max_hold_bars, ..WHOLE }.check();
        assert_eq!((with(None), with(Some(1)), with(Some(u32::MAX))), (Ok(()), Ok(()), Ok(())));
        let message = with(Some(0)).unwrap_err().to_string();
        assert_eq!(message, "strategy option max_hold_bars: is 0; expected 1 bar or more");
    }

    #[test]
    fn sides_allow_what_they_say() {
        let allowed = |sides: Sides| [sides.allow(Side::Long), sides.allow(Side::Short)];
        assert_eq!(allowed(Sides::Long), [true, false]);
        assert_eq!(allowed(Sides::Short), [false, true]);
        assert_eq!(allowed(Sides::Both), [true, true]);
        assert_eq!([Sides::Long, Sides::Short, Sides::Both].map(Sides::name), ["long", "short", "both"]);
    }
}
