//! Commodity channel index.

use feature_api::{MAX_RAW, Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::quotient;
use crate::window::{Ring, Window};

/// Distance of the typical price from its mean over the last `n` bars, in units of 0.015 mean absolute deviations.
///
/// - **Formula**: `(TP − mean)/(0.015·Σ|TP − mean|/n)`. With `dᵢ = n·TPᵢ − ΣTP`, an integer, that is
///   `200·n·d/(3·Σ|d|)`: one correct rounding.
/// - **Parameters**: window `n`; the scale cancels. Inputs are high + low + close, raw: three times the typical price.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: 0 where the typical prices are equal, as TA-Lib gives it.
/// - **Cost**: O(n): the deviations are summed anew around each mean.
/// - **Source**: D. R. Lambert (1980); TA-Lib CCI.
#[derive(Debug, Clone)]
pub struct Cci {
    window: Window,
    ring: Ring<i64>,
    sum: i128,
}

impl Cci {
    /// An index over `window` bars.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, ring: Ring::new(window.len()), sum: 0 }
    }

    /// Σ|n·x − Σx|: twice the part above the mean, for both parts are equal.
    #[inline]
    fn deviation(&self) -> i128 {
        let n = i128::from(self.window.get());
        let above = |x: i64| {
            let deviation = n * i128::from(x) - self.sum;
            if deviation > 0 { deviation } else { 0 }
        };
        2 * self.ring.iter().map(above).sum::<i128>()
    }
}

impl Operator for Cci {
    type Input = i64;
    type Output = f64;

    #[inline]
    fn update(&mut self, triple: i64) -> Option<f64> {
        self.sum += i128::from(triple);
        if let Some(old) = self.ring.push(triple) {
            self.sum -= i128::from(old);
        } else if !self.ring.is_full() {
            return None;
        }
        let n = i128::from(self.window.get());
        let distance = n * i128::from(triple) - self.sum;
        Some(quotient(200 * n * distance, 3 * self.deviation().unsigned_abs()))
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
            let triple = state.read_i64()?;
            if triple.unsigned_abs() <= 3 * MAX_RAW.unsigned_abs() {
                Ok(triple)
            } else {
                Err(RestoreError::Invalid { what: "a typical price" })
            }
        })?;
        self.sum = self.ring.iter().map(i128::from).sum();
        Ok(())
    }
}
