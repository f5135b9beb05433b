//! Rate of change.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::Lag;
use crate::arithmetic::ratio;
use crate::window::Window;

/// Change of the price over `n` inputs, in per cent of the price then.
///
/// - **Formula**: `100·(C − C₋ₙ)/C₋ₙ`, an exact difference and one correct rounding.
/// - **Parameters**: period `n`; the scale cancels.
/// - **Warm-up**: n.
/// - **Degenerate**: 0 where the price n inputs before is 0, as TA-Lib gives it.
/// - **Source**: TA-Lib ROC.
#[derive(Debug, Clone)]
pub struct Roc {
    lag: Lag,
}

impl Roc {
    /// A change over `period` raw inputs.
    #[must_use]
    pub fn new(period: Window) -> Self {
        Self { lag: Lag::new(period) }
    }
}

impl Operator for Roc {
    type Input = i64;
    type Output = f64;

    #[inline]
    fn update(&mut self, raw: i64) -> Option<f64> {
        let before = self.lag.update(raw)?;
        Some(ratio(100 * i128::from(raw - before), before).unwrap_or(0.0))
    }

    fn warm_up(&self) -> usize {
        self.lag.warm_up()
    }

    fn memory(&self) -> Memory {
        self.lag.memory()
    }

    fn reset(&mut self) {
        self.lag.reset();
    }

    fn save(&self, state: &mut StateWriter) {
        self.lag.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.lag.load(state)
    }
}
