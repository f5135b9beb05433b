//! Normalised average true range.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::{Atr, HighLowClose};
use crate::arithmetic::{Divisor, Scale};
use crate::window::Window;

/// Average true range of period `n` in per cent of the close.
///
/// - **Formula**: `100·ATR(n)/C`.
/// - **Parameters**: period `n`; the scale of the raw prices.
/// - **Warm-up**: n.
/// - **Degenerate**: 0 where the close is not positive. TA-Lib gives a negative number below zero, and for n = 1 the
///   true range itself; here it is the percentage for every n.
/// - **Convergence**: that of [`Atr`].
/// - **Source**: TA-Lib NATR, unstable period 0.
#[derive(Debug, Clone)]
pub struct Natr {
    average: Atr,
    divisor: Divisor,
}

impl Natr {
    /// An average of that period over raw prices of that scale.
    #[must_use]
    pub fn new(period: Window, scale: Scale) -> Self {
        Self { average: Atr::new(period, scale), divisor: scale.divisor() }
    }

    /// Inputs after which two histories give the same bits.
    #[must_use]
    pub const fn convergence(period: Window) -> u32 {
        Atr::convergence(period)
    }
}

impl Operator for Natr {
    type Input = HighLowClose;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: HighLowClose) -> Option<f64> {
        let average = self.average.update(bar)?;
        Some(if bar.close > 0 { 100.0 * (average / self.divisor.divide_i64(bar.close)) } else { 0.0 })
    }

    fn warm_up(&self) -> usize {
        self.average.warm_up()
    }

    fn memory(&self) -> Memory {
        self.average.memory()
    }

    fn reset(&mut self) {
        self.average.reset();
    }

    fn save(&self, state: &mut StateWriter) {
        self.average.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.average.load(state)
    }
}
