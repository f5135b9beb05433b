//! Logarithmic return.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::ratio;
use crate::window::read_raw;

/// Natural logarithm of the close over the close before.
///
/// - **Formula**: `ln(C/C₋₁)`, as `ln(1 + (C − C₋₁)/C₋₁)`, which loses no digits of a small return; below half
///   of the close before as it stands, which loses none of a large fall. Within 3 units in the last place.
/// - **Parameters**: none; the scale cancels.
/// - **Warm-up**: 1.
/// - **Degenerate**: 0 where either close is not positive.
/// - **Source**: definition.
#[derive(Debug, Clone, Default)]
pub struct LogReturn {
    previous: Option<i64>,
}

impl LogReturn {
    /// A return over one input.
    #[must_use]
    pub const fn new() -> Self {
        Self { previous: None }
    }
}

/// `ln(to/from)` as [`LogReturn`] has it.
#[inline(always)]
#[must_use]
pub fn log_return(from: i64, to: i64) -> f64 {
    if to <= 0 || from <= 0 {
        return 0.0;
    }
    if 2 * to < from {
        ratio(i128::from(to), from).map_or(0.0, libm::log)
    } else {
        ratio(i128::from(to - from), from).map_or(0.0, libm::log1p)
    }
}

impl Operator for LogReturn {
    type Input = i64;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, close: i64) -> Option<f64> {
        Some(log_return(self.previous.replace(close)?, close))
    }

    fn warm_up(&self) -> usize {
        1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: 2 }
    }

    fn reset(&mut self) {
        self.previous = None;
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.previous.is_some());
        state.write_i64(self.previous.unwrap_or_default());
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.previous = state.read_bool()?.then_some(read_raw(state)?);
        Ok(())
    }
}
