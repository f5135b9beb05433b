//! True range.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{Divisor, Scale};
use crate::window::read_raw;

/// High, low and close of a bar, raw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HighLowClose {
    /// Highest price.
    pub high: i64,
    /// Lowest price.
    pub low: i64,
    /// Last price.
    pub close: i64,
}

/// The largest of high − low, |high − previous close| and |low − previous close|.
///
/// - **Formula**: as said; exact differences, one correct rounding.
/// - **Parameters**: the scale of the raw prices.
/// - **Warm-up**: 1.
/// - **Degenerate**: none.
/// - **Source**: J. W. Wilder (1978); TA-Lib TRANGE.
#[derive(Debug, Clone)]
pub struct TrueRange {
    divisor: Divisor,
    previous: Option<i64>,
}

impl TrueRange {
    /// A true range of raw prices of that scale.
    #[must_use]
    pub const fn new(scale: Scale) -> Self {
        Self { divisor: scale.divisor(), previous: None }
    }
}

impl Operator for TrueRange {
    type Input = HighLowClose;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, bar: HighLowClose) -> Option<f64> {
        let previous = self.previous.replace(bar.close)?;
        // The larger of high and previous close, less the lower of low and previous close: the same number.
        let range = bar.high.max(previous) - bar.low.min(previous);
        Some(self.divisor.divide_i64(range))
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
