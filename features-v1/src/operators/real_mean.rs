//! Simple moving average of ratios.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{REAL_LIMIT, RealSum, to_real};
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
    ring: Ring<i128>,
    sum: RealSum,
}

impl RealMean {
    /// A mean over `window` inputs.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, ring: Ring::new(window.len()), sum: RealSum::default() }
    }
}

/// Reads a real of [`to_real`].
pub(super) fn read_real(state: &mut StateReader<'_>) -> Result<i128, RestoreError> {
    let real = state.read_i128()?;
    if (-REAL_LIMIT..=REAL_LIMIT).contains(&real) {
        Ok(real)
    } else {
        Err(RestoreError::Invalid { what: "a real within 2^53" })
    }
}

impl Operator for RealMean {
    type Input = f64;
    type Output = f64;

    #[inline]
    fn update(&mut self, x: f64) -> Option<f64> {
        let real = to_real(x);
        self.sum.add(real);
        if let Some(old) = self.ring.push(real) {
            self.sum.remove(old);
        } else if !self.ring.is_full() {
            return None;
        }
        Some(self.sum.mean(self.window.get()))
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.ring.clear();
        self.sum = RealSum::default();
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_i128);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, read_real)?;
        self.ring.iter().for_each(|real| self.sum.add(real));
        Ok(())
    }
}
