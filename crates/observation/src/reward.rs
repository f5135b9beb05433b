//! What a step is worth.

use execution::{ExecutionError, Money};
use feature_api::{RestoreError, StateReader, StateWriter};

use crate::ObservationError;

/// How a reward is made.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RewardOptions {
    /// What a rise of the drawdown costs, per unit of it; 0 or above.
    pub drawdown_penalty: f64,
    /// What turnover costs beyond fees, per unit of starting cash traded; 0 or above.
    pub turnover_penalty: f64,
}

/// The one definition of a step's reward, for backtest, reinforcement learning and live:
///
/// `(E − E₋₁)/E₀ − drawdown_penalty · max(0, D − D₋₁) − turnover_penalty · T/E₀`
///
/// E is equity at the bar's close, net of fees; E₀ the starting cash; D the drawdown `(P − E)/P` from the highest equity P so
/// far, E₀ among it, above 1 where equity is below 0; T the value traded in the step, whatever its sign. Its unit is
/// starting cash. Differences are exact before they are floats; `D − D₋₁` above 0 is `(E₋₁ − E)/P`.
#[derive(Debug, Clone, PartialEq)]
pub struct RewardCalculator {
    options: RewardOptions,
    start: Money,
    equity: Money,
    peak: Money,
}

impl RewardCalculator {
    /// A calculator for an account that begins with `start`.
    ///
    /// # Errors
    /// [`ObservationError::Invalid`] unless `start` is above 0 and the penalties are finite and not negative.
    pub fn new(options: RewardOptions, start: Money) -> Result<Self, ObservationError> {
        if start <= Money::ZERO {
            return Err(ObservationError::start(start));
        }
        let penalties = [
            ("the drawdown penalty", options.drawdown_penalty),
            ("the turnover penalty", options.turnover_penalty),
        ];
        for (what, penalty) in penalties {
            if !penalty.is_finite() || penalty < 0.0 {
                let expected = "a finite number, 0 or above";
                return Err(ObservationError::Invalid { what, found: penalty.to_string(), expected });
            }
        }
        Ok(Self { options, start, equity: start, peak: start })
    }

    /// The reward of a step that ends with that equity and in which that value was traded.
    ///
    /// # Errors
    /// [`ObservationError::Execution`] for sums that do not fit; the step is not taken then.
    pub fn step(&mut self, equity: Money, traded: Money) -> Result<f64, ObservationError> {
        let change = equity
            .checked_sub(self.equity)
            .ok_or(ExecutionError::Overflow { what: "the change of equity" })?;
        self.equity = equity;
        if equity > self.peak {
            self.peak = equity;
        }
        let start = self.start.to_f64();
        // Below the peak before and after, drawdowns are of the same peak; at a new one there is none.
        let fall = if change < Money::ZERO { -change.to_f64() / self.peak.to_f64() } else { 0.0 };
        Ok(change.to_f64() / start
            - self.options.drawdown_penalty * fall
            - self.options.turnover_penalty * (traded.to_f64().abs() / start))
    }

    /// Writes what it remembers.
    pub fn save(&self, state: &mut StateWriter) {
        state.write_i128(self.equity.units());
        state.write_i128(self.peak.units());
    }

    /// Continues from what [`save`](RewardCalculator::save) wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; nothing is changed then.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let equity = Money::from_units(state.read_i128()?);
        let peak = Money::from_units(state.read_i128()?);
        if peak < equity || peak < self.start {
            return Err(RestoreError::Invalid {
                what: "a highest equity not below equity and starting cash",
            });
        }
        (self.equity, self.peak) = (equity, peak);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(amount: i64) -> Money {
        Money::from_units(i128::from(amount) * 1_000_000_000_000_000_000)
    }

    fn calculator(drawdown_penalty: f64, turnover_penalty: f64) -> RewardCalculator {
        RewardCalculator::new(RewardOptions { drawdown_penalty, turnover_penalty }, money(1000)).unwrap()
    }

    #[test]
    fn without_penalties_it_is_the_change_of_equity() {
        let mut calculator = calculator(0.0, 0.0);
        assert_eq!(calculator.step(money(1250), money(5000)), Ok(0.25));
        assert_eq!(calculator.step(money(1250), Money::ZERO), Ok(0.0));
        assert_eq!(calculator.step(money(750), Money::ZERO), Ok(-0.5));
        assert_eq!(calculator.step(money(-250), Money::ZERO), Ok(-1.0));
    }

    #[test]
    fn a_rise_of_the_drawdown_and_turnover_cost() {
        let mut calculator = calculator(0.5, 0.125);
        // A new peak of 2000: no drawdown. 800 traded of 1000.
        assert_eq!(calculator.step(money(2000), money(800)), Ok(1.0 - 0.125 * 0.8));
        // From 0 to 500 / 2000.
        assert_eq!(calculator.step(money(1500), Money::ZERO), Ok(-0.5 - 0.5 * 0.25));
        // A recovery costs nothing, and pays no bonus.
        assert_eq!(calculator.step(money(1750), Money::ZERO), Ok(0.25));
        // From 250 / 2000 to 750 / 2000, though 500 / 2000 was there before.
        assert_eq!(calculator.step(money(1250), Money::ZERO), Ok(-0.5 - 0.5 * 0.25));
        // Beyond the peak again, and what is sold at a price below 0 is turnover too.
        assert_eq!(calculator.step(money(2250), money(-800)), Ok(1.0 - 0.125 * 0.8));
        // To 2500 / 2250: more than everything.
        assert_eq!(calculator.step(money(-250), Money::ZERO), Ok(-2.5 - 0.5 * (2500.0 / 2250.0)));
    }

    #[test]
    fn a_loss_of_one_unit_is_seen() {
        let mut calculator = calculator(0.0, 0.0);
        let less = money(1000).units() - 1;
        // As floats, 1000 and this are the same.
        assert_eq!(calculator.step(Money::from_units(less), Money::ZERO), Ok(-1e-18 / 1000.0));
    }

    #[test]
    fn options_that_cannot_be_are_refused() {
        let new = |drawdown_penalty, turnover_penalty, start| {
            RewardCalculator::new(RewardOptions { drawdown_penalty, turnover_penalty }, start).is_ok()
        };
        assert!(new(0.0, 0.0, Money::from_units(1)));
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1] {
            assert!(!new(bad, 0.0, money(1)) && !new(0.0, bad, money(1)), "{bad}");
        }
        assert!(!new(0.0, 0.0, Money::ZERO) && !new(0.0, 0.0, money(-1)));
    }

    #[test]
    fn what_does_not_fit_is_an_error_and_changes_nothing() {
        let mut calculator = calculator(1.0, 0.0);
        calculator.step(Money::from_units(i128::MAX), Money::ZERO).unwrap();
        let before = calculator.clone();
        let refused = calculator.step(Money::from_units(i128::MIN), Money::ZERO);
        assert!(matches!(refused, Err(ObservationError::Execution(ExecutionError::Overflow { .. }))));
        assert_eq!(calculator, before);
    }

    #[test]
    fn a_damaged_state_is_refused_and_changes_nothing() {
        let mut calculator = calculator(1.0, 0.0);
        calculator.step(money(900), Money::ZERO).unwrap();
        let before = calculator.clone();
        let state = |equity: Money, peak: Money| {
            let mut state = StateWriter::new();
            state.write_i128(equity.units());
            state.write_i128(peak.units());
            state.into_bytes()
        };
        for bytes in [state(money(1001), money(1000)), state(money(1), money(999)), vec![0; 31], vec![]] {
            assert!(calculator.load(&mut StateReader::new(&bytes)).is_err());
            assert_eq!(calculator, before);
        }
    }

    proptest! {
        #[test]
        fn a_restart_goes_on(
            steps in proptest::collection::vec((-2000_i64..4000, 0_i64..5000), 0..40),
            at in 0..40_usize,
        ) {
            let mut one = calculator(0.7, 0.01);
            let mut other = calculator(0.7, 0.01);
            for (index, (equity, traded)) in steps.iter().enumerate() {
                if index == at {
                    let mut state = StateWriter::new();
                    one.save(&mut state);
                    let state = state.into_bytes();
                    let mut reader = StateReader::new(&state);
                    other = calculator(0.7, 0.01);
                    prop_assert_eq!(other.load(&mut reader), Ok(()));
                    prop_assert_eq!(reader.finish(), Ok(()));
                }
                let bits = |reward: Result<f64, ObservationError>| reward.unwrap().to_bits();
                let (equity, traded) = (money(*equity), money(*traded));
                let step = bits(one.step(equity, traded));
                prop_assert_eq!(step, bits(other.step(equity, traded)));
            }
        }
    }
}
