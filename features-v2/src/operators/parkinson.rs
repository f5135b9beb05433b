//! Parkinson's estimator of the variance.

use core::f64::consts::LN_2;

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::product_sum::{ProductSum, log_units, product};
use crate::window::Window;

/// Raw prices of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ohlc {
    /// Open.
    pub open: i64,
    /// High.
    pub high: i64,
    /// Low.
    pub low: i64,
    /// Close.
    pub close: i64,
}

/// Variance of a bar's return, estimated from the range of the last `n` bars.
///
/// - **Formula**: mean of `ln²(H/L) / (4·ln 2)`; logarithms rounded once to 2^-64, an exact sum, rounded once, over
///   4·ln 2.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: 0 for a bar whose low is not positive.
/// - **Source**: M. Parkinson, The Extreme Value Method for Estimating the Variance of the Rate of Return (1980).
#[derive(Debug, Clone)]
pub struct Parkinson {
    window: Window,
    squares: ProductSum,
}

impl Parkinson {
    /// An estimator over `window` bars.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, squares: ProductSum::new(window) }
    }
}

impl Operator for Parkinson {
    type Input = Ohlc;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: Ohlc) -> Option<f64> {
        let range = log_units(bar.high, bar.low);
        let mean = self.squares.update(product(range, range), self.window.get())?;
        Some(mean / (4.0 * LN_2))
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
