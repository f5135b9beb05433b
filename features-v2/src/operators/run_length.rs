//! Length of a run.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

/// How many inputs in a row, up to the newest, were true.
///
/// - **Formula**: 0 after a false, one more after each true.
/// - **Parameters**: none.
/// - **Warm-up**: 0.
/// - **Degenerate**: none.
/// - **Memory**: back to the last false. Two histories agree from the first false on that both have seen.
/// - **Source**: definition.
#[derive(Debug, Clone, Default)]
pub struct RunLength {
    length: u64,
}

impl RunLength {
    /// The longest run of bars of one colour taken for possible when a convergence is stated.
    pub const LONGEST: u32 = 100;

    /// No run so far.
    #[must_use]
    pub const fn new() -> Self {
        Self { length: 0 }
    }
}

impl Operator for RunLength {
    type Input = bool;
    type Output = f64;

    #[inline]
    fn update(&mut self, holds: bool) -> Option<f64> {
        self.length = if holds { self.length + 1 } else { 0 };
        Some(self.length as f64)
    }

    fn warm_up(&self) -> usize {
        0
    }

    fn memory(&self) -> Memory {
        Memory::Recursive { convergence: Self::LONGEST }
    }

    fn reset(&mut self) {
        self.length = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.length);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.length = super::read_count(state)?;
        Ok(())
    }
}
