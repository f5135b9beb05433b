//! Simple moving average of percentages.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::Divisor;
use crate::window::{Ring, Window};

/// Arithmetic mean of the last `n` percentages.
///
/// - **Formula**: `Σ x / n` over inputs rounded once to a multiple of 2^-43 (about 1.1e-13), ties upward; an
///   exact sum and one correct rounding.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: what lies outside 0 to 128 counts as the nearer of the two.
/// - **Source**: TA-Lib SMA.
#[derive(Debug, Clone)]
pub struct PercentMean {
    window: Window,
    divisor: Divisor,
    ring: Ring<i64>,
    sum: i64,
}

/// Steps of the grid in one per cent: few enough that the sum over a short window is exact in a float.
const STEPS: f64 = (1_u64 << 43) as f64;

/// The largest input, in steps.
const MOST: i64 = 1 << 50;

impl PercentMean {
    /// A mean over `window` inputs.
    #[must_use]
    pub fn new(window: Window) -> Self {
        let divisor = Divisor::new(u128::from(window.get()) << 43);
        Self { window, divisor, ring: Ring::new(window.len()), sum: 0 }
    }

    /// What the operator takes `x` for: the nearest multiple of 2^-43 within 0 to 128.
    #[inline]
    #[must_use]
    pub fn on_grid(x: f64) -> i64 {
        // The cast saturates, and takes NaN for 0.
        let steps = (x * STEPS + 0.5) as i64;
        steps.clamp(0, MOST)
    }
}

impl Operator for PercentMean {
    type Input = f64;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, x: f64) -> Option<f64> {
        let steps = Self::on_grid(x);
        self.sum += steps;
        if let Some(old) = self.ring.push(steps) {
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
        self.ring.load(state, |state| {
            let steps = state.read_i64()?;
            if (0..=MOST).contains(&steps) {
                Ok(steps)
            } else {
                Err(RestoreError::Invalid { what: "a percentage from 0 to 128" })
            }
        })?;
        self.sum = self.ring.iter().sum();
        Ok(())
    }
}
