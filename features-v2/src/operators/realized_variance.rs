//! Realized variance.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::product_sum::{ProductSum, return_units};
use crate::arithmetic::U256;
use crate::window::Window;

/// Sum of the squares of the last `n` returns; its root is the realized volatility.
///
/// - **Formula**: `Σ r²` over returns rounded once to 2^-64; an exact sum, one correct rounding.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1 returns.
/// - **Degenerate**: returns of −0.0 and NaN are 0; beyond ±37 they count as ±37.
/// - **Source**: T. Andersen and T. Bollerslev, Answering the Skeptics (1998).
#[derive(Debug, Clone)]
pub struct RealizedVariance {
    window: Window,
    squares: ProductSum,
}

impl RealizedVariance {
    /// A realized variance over `window` returns.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, squares: ProductSum::new(window) }
    }
}

impl Operator for RealizedVariance {
    type Input = f64;
    type Output = f64;

    #[inline]
    fn update(&mut self, log_return: f64) -> Option<f64> {
        let units = return_units(log_return);
        self.squares.update(U256::product(units, units), 1)
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.squares.clear();
    }

    fn save(&self, state: &mut StateWriter) {
        self.squares.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.squares.load(state)
    }
}
