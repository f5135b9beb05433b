//! Change of the on-balance volume.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{Divisor, Scale};
use crate::window::{Ring, Window, read_raw};

/// Close and volume of a bar, raw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CloseVolume {
    /// Last price.
    pub close: i64,
    /// Volume.
    pub volume: i64,
}

/// On-balance volume less what it was `n` bars before: the volume of rising bars less that of falling ones.
///
/// - **Formula**: `Σₙ V·sign(C − C₋₁)`, which is `OBV − OBV₋ₙ`; an exact integer sum and one correct rounding.
/// - **Parameters**: window `n`; the scale of the raw volumes.
/// - **Warm-up**: n.
/// - **Degenerate**: none.
/// - **Source**: J. E. Granville (1963); TA-Lib OBV, whose first value cancels.
#[derive(Debug, Clone)]
pub struct ObvDelta {
    window: Window,
    divisor: Divisor,
    previous: Option<i64>,
    /// Volumes with the sign of the move.
    ring: Ring<i64>,
    sum: i64,
}

impl ObvDelta {
    /// A change over `window` bars of raw volumes of that scale.
    #[must_use]
    pub fn new(window: Window, volume: Scale) -> Self {
        let ring = Ring::new(window.len());
        Self { window, divisor: volume.divisor(), previous: None, ring, sum: 0 }
    }
}

impl Operator for ObvDelta {
    type Input = CloseVolume;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: CloseVolume) -> Option<f64> {
        let previous = self.previous.replace(bar.close)?;
        let signed = bar.volume * (bar.close - previous).signum();
        self.sum += signed;
        if let Some(old) = self.ring.push(signed) {
            self.sum -= old;
        } else if !self.ring.is_full() {
            return None;
        }
        Some(self.divisor.divide_i64(self.sum))
    }

    fn warm_up(&self) -> usize {
        self.window.len()
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() + 1 }
    }

    fn reset(&mut self) {
        self.previous = None;
        self.ring.clear();
        self.sum = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.previous.is_some());
        state.write_i64(self.previous.unwrap_or_default());
        self.ring.save(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let previous = state.read_bool()?.then_some(read_raw(state)?);
        self.ring.load(state, read_raw)?;
        self.previous = previous;
        self.sum = self.ring.iter().sum();
        Ok(())
    }
}
