//! Williams %R.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::stochastic::percent;
use super::{HighLowClose, RollingMax, RollingMin};
use crate::window::Window;

/// How far the close lies below the highest high of the last `n` bars, in per cent of their range: −100 to 0.
///
/// - **Formula**: `−100·(max H − C)/(max H − min L)`, exact differences and one correct rounding.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: 0 where the range is zero, as TA-Lib gives it.
/// - **Source**: L. Williams; TA-Lib WILLR.
#[derive(Debug, Clone)]
pub struct WillR {
    highest: RollingMax,
    lowest: RollingMin,
}

impl WillR {
    /// An oscillator over `window` bars.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { highest: RollingMax::new(window), lowest: RollingMin::new(window) }
    }
}

impl Operator for WillR {
    type Input = HighLowClose;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: HighLowClose) -> Option<f64> {
        let (highest, lowest) = (self.highest.update(bar.high), self.lowest.update(bar.low));
        let (highest, lowest) = (highest?, lowest?);
        Some(percent(bar.close - highest, highest - lowest))
    }

    fn warm_up(&self) -> usize {
        self.highest.warm_up()
    }

    fn memory(&self) -> Memory {
        self.highest.memory()
    }

    fn reset(&mut self) {
        self.highest.reset();
        self.lowest.reset();
    }

    fn save(&self, state: &mut StateWriter) {
        self.highest.save(state);
        self.lowest.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let loaded = self.highest.load(state).and_then(|()| self.lowest.load(state));
        if loaded.is_err() {
            self.reset();
        }
        loaded
    }
}
