//! Standard deviation of returns and distances.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{REAL_LIMIT, RealSums, to_real};
use crate::window::{Ring, Window};

/// Standard deviation of the last `n` inputs that are no market numbers.
///
/// - **Formula**: `√((n·Σx² − (Σx)²) / (n·(n − ddof)))` over inputs rounded once to 2^-64; exact sums, one
///   correct rounding, then the square root.
/// - **Parameters**: window `n`; `ddof`, 0 for the population, 1 for a sample.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: 0 where n ≤ ddof; inputs beyond ±2^53 count as ±2^53.
/// - **Source**: TA-Lib STDDEV (ddof 0); the unbiased estimator (ddof 1).
#[derive(Debug, Clone)]
pub struct RealDeviation {
    window: Window,
    ddof: u32,
    ring: Ring<i128>,
    sums: RealSums,
}

impl RealDeviation {
    /// A standard deviation over `window` inputs.
    #[must_use]
    pub fn new(window: Window, ddof: u32) -> Self {
        Self { window, ddof, ring: Ring::new(window.len()), sums: RealSums::default() }
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

impl Operator for RealDeviation {
    type Input = f64;
    type Output = f64;

    #[inline]
    fn update(&mut self, x: f64) -> Option<f64> {
        let real = to_real(x);
        self.sums.add(real);
        if let Some(old) = self.ring.push(real) {
            self.sums.remove(old);
        } else if !self.ring.is_full() {
            return None;
        }
        Some(self.sums.variance(self.window.get(), self.ddof).sqrt())
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.ring.clear();
        self.sums = RealSums::default();
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_i128);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, read_real)?;
        self.ring.iter().for_each(|real| self.sums.add(real));
        Ok(())
    }
}
