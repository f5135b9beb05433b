//! Average true range.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::{HighLowClose, TrueRange, Wilder};
use crate::arithmetic::Scale;
use crate::window::Window;

/// Wilder's average of the true range, of period `n`.
///
/// - **Formula**: `Wilder(n)` of [`TrueRange`], which begins at the second bar.
/// - **Parameters**: period `n`; the scale of the raw prices.
/// - **Warm-up**: n.
/// - **Degenerate**: none.
/// - **Convergence**: measured, two histories whose ranges differ tenfold give the same bits after 51·n inputs at
///   worst (walks, recorded bars); 82·n + 20 is declared. See [`Wilder`].
/// - **Source**: J. W. Wilder (1978); TA-Lib ATR, unstable period 0.
#[derive(Debug, Clone)]
pub struct Atr {
    period: Window,
    range: TrueRange,
    average: Wilder,
}

impl Atr {
    /// An average of that period over raw prices of that scale.
    #[must_use]
    pub fn new(period: Window, scale: Scale) -> Self {
        Self { period, range: TrueRange::new(scale), average: Wilder::new(period) }
    }

    /// Inputs after which two histories give the same bits.
    #[must_use]
    pub const fn convergence(period: Window) -> u32 {
        82 * period.get() + 20
    }
}

impl Operator for Atr {
    type Input = HighLowClose;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, bar: HighLowClose) -> Option<f64> {
        self.average.update(self.range.update(bar)?)
    }

    fn warm_up(&self) -> usize {
        self.period.len()
    }

    fn memory(&self) -> Memory {
        Memory::Recursive { convergence: Self::convergence(self.period) }
    }

    fn reset(&mut self) {
        self.range.reset();
        self.average.reset();
    }

    fn save(&self, state: &mut StateWriter) {
        self.range.save(state);
        self.average.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let loaded = self.range.load(state).and_then(|()| self.average.load(state));
        if loaded.is_err() {
            self.reset();
        }
        loaded
    }
}
