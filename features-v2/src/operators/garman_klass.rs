//! Garman and Klass's estimator of the variance.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::Ohlc;
use super::product_sum::{ProductSum, log_units, product};
use crate::window::Window;

/// 2·ln 2 − 1.
const OF_BODY: f64 = 0.386_294_361_119_890_62;

/// Variance of a bar's return, estimated from range and body of the last `n` bars.
///
/// - **Formula**: mean of `½·ln²(H/L) − (2·ln 2 − 1)·ln²(C/O)`; logarithms rounded once to 2^-64, two exact sums,
///   each rounded once.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: 0 for a bar whose low is not positive.
/// - **Source**: M. Garman and M. Klass, On the Estimation of Security Price Volatilities from Historical Data (1980).
#[derive(Debug, Clone)]
pub struct GarmanKlass {
    window: Window,
    ranges: ProductSum,
    bodies: ProductSum,
}

impl GarmanKlass {
    /// An estimator over `window` bars.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, ranges: ProductSum::new(window), bodies: ProductSum::new(window) }
    }
}

impl Operator for GarmanKlass {
    type Input = Ohlc;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: Ohlc) -> Option<f64> {
        let range = log_units(bar.high, bar.low);
        let body = if bar.low > 0 { log_units(bar.close, bar.open) } else { 0 };
        let ranges = self.ranges.update(product(range, range), self.window.get());
        let bodies = self.bodies.update(product(body, body), self.window.get());
        Some(0.5 * ranges? - OF_BODY * bodies?)
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.ranges.clear();
        self.bodies.clear();
    }

    fn save(&self, state: &mut StateWriter) {
        self.ranges.save(state);
        self.bodies.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let loaded = self.ranges.load(state).and_then(|()| self.bodies.load(state));
        if loaded.is_err() || self.ranges.len() != self.bodies.len() {
            self.reset();
            return loaded.and(Err(RestoreError::Invalid { what: "as many bodies as ranges" }));
        }
        Ok(())
    }
}
