//! Simple moving average of prices or quantities.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{Divisor, Scale};
use crate::window::{Ring, Window, read_raw};

/// Arithmetic mean of the last `n` inputs.
///
/// - **Formula**: `Σ x / n`, an exact integer sum and one correct rounding.
/// - **Parameters**: window `n`; the scale of the raw inputs.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: none.
/// - **Source**: TA-Lib SMA.
#[derive(Debug, Clone)]
pub struct Mean {
    window: Window,
    divisor: Divisor,
    ring: Ring<i64>,
    sum: i64,
}

impl Mean {
    /// A mean over `window` raw inputs of that scale.
    #[must_use]
    pub fn new(window: Window, scale: Scale) -> Self {
        let divisor = scale.divisor_times(u128::from(window.get()));
        Self { window, divisor, ring: Ring::new(window.len()), sum: 0 }
    }
}

impl Operator for Mean {
    type Input = i64;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, raw: i64) -> Option<f64> {
        self.sum += raw;
        if let Some(old) = self.ring.push(raw) {
            self.sum -= old;
        } else if !self.ring.is_full() {
            return None;
        }
        Some(self.divisor.divide_i64(self.sum))
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
        self.ring.save(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, read_raw)?;
        self.sum = self.ring.iter().sum();
        Ok(())
    }
}
