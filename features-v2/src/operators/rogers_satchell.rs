//! Rogers and Satchell's estimator of the variance.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::Ohlc;
use super::product_sum::{ProductSum, log_units, product};
use crate::arithmetic::U256;
use crate::window::Window;

/// Variance of a bar's return, estimated from the last `n` bars whatever their drift.
///
/// - **Formula**: mean of `ln(H/C)·ln(H/O) + ln(L/C)·ln(L/O)`; logarithms rounded once to 2^-64, an exact sum, one
///   correct rounding.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: 0 for a bar whose low is not positive.
/// - **Source**: L. Rogers and S. Satchell, Estimating Variance from High, Low and Closing Prices (1991).
#[derive(Debug, Clone)]
pub struct RogersSatchell {
    window: Window,
    terms: ProductSum,
}

impl RogersSatchell {
    /// An estimator over `window` bars.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, terms: ProductSum::new(window) }
    }

    /// What a bar adds; both products are of logarithms of one sign.
    pub(super) fn term(bar: &Ohlc) -> U256 {
        if bar.low <= 0 {
            return U256::ZERO;
        }
        let above = product(log_units(bar.high, bar.close), log_units(bar.high, bar.open));
        let below = product(log_units(bar.low, bar.close), log_units(bar.low, bar.open));
        above.plus(below)
    }
}

impl Operator for RogersSatchell {
    type Input = Ohlc;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: Ohlc) -> Option<f64> {
        self.terms.update(Self::term(&bar), self.window.get())
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.terms.clear();
    }

    fn save(&self, state: &mut StateWriter) {
        self.terms.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.terms.load(state)
    }
}
