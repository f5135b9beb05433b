//! Rolling sum.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::window::{Ring, Window, read_raw};

/// Sum of the last `n` raw inputs: an integer in steps of their grid, for shares of sums and for values.
///
/// - **Formula**: `Σ x`, exact.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: none.
/// - **Source**: TA-Lib SUM.
#[derive(Debug, Clone)]
pub struct RollingSum {
    window: Window,
    ring: Ring<i64>,
    sum: i64,
}

impl RollingSum {
    /// A sum over `window` raw inputs.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, ring: Ring::new(window.len()), sum: 0 }
    }
}

impl Operator for RollingSum {
    type Input = i64;
    type Output = i64;

    #[inline(always)]
    fn update(&mut self, raw: i64) -> Option<i64> {
        self.sum += raw;
        if let Some(old) = self.ring.push(raw) {
            self.sum -= old;
        } else if !self.ring.is_full() {
            return None;
        }
        Some(self.sum)
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
