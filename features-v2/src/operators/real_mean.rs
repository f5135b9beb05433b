//! Simple moving average of returns and ratios.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::real_deviation::read_real;
use crate::arithmetic::{Divisor, to_real};
use crate::window::{Ring, Window};

/// Arithmetic mean of the last `n` inputs that are no market numbers.
///
/// - **Formula**: `Σ x / n` over inputs rounded once to 2^-64; an exact sum and one correct rounding.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: inputs beyond ±2^53 count as ±2^53.
/// - **Source**: TA-Lib SMA.
#[derive(Debug, Clone)]
pub struct RealMean {
    window: Window,
    divisor: Divisor,
    ring: Ring<i128>,
    sum: i128,
}

impl RealMean {
    /// A mean over `window` inputs.
    #[must_use]
    pub fn new(window: Window) -> Self {
        let divisor = Divisor::new(u128::from(window.get()) << 64);
        Self { window, divisor, ring: Ring::new(window.len()), sum: 0 }
    }
}

impl Operator for RealMean {
    type Input = f64;
    type Output = f64;

    #[inline]
    fn update(&mut self, x: f64) -> Option<f64> {
        let real = to_real(x);
        let old = self.ring.push(real);
        if old.is_none() && !self.ring.is_full() {
            self.sum += real;
            return None;
        }
        // First out, then in: 1,000 reals are below 2^127, one more is not.
        self.sum = self.sum - old.unwrap_or_default() + real;
        Some(self.divisor.divide(self.sum))
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.ring.clear();
        self.sum = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_i128);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, read_real)?;
        self.sum = self.ring.iter().sum();
        Ok(())
    }
}
