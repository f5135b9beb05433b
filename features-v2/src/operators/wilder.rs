//! Wilder's smoothing.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::ema::Seeded;
use crate::window::Window;

/// Wilder's moving average of period `n`.
///
/// - **Formula**: `y ← y + (x − y)/n`, seeded with the mean of the first n inputs, which are added in order.
/// - **Parameters**: period `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: a state that decays below the smallest normal float is 0.
/// - **Convergence**: measured, two histories whose prices differ tenfold give the same bits after 39·n inputs as
///   a rule and 48·n at worst (2,000 walks, recorded bars); 72·n + 20 is declared. Each further factor of 10
///   between the histories takes 2.3·n more. Over inputs that stand still two histories may rest some units in
///   the last place apart.
/// - **Source**: J. W. Wilder, New Concepts in Technical Trading Systems (1978); TA-Lib, unstable period 0.
#[derive(Debug, Clone)]
pub struct Wilder {
    average: Seeded,
}

impl Wilder {
    /// An average of that period.
    #[must_use]
    pub fn new(period: Window) -> Self {
        Self { average: Seeded::new(period, 1.0 / f64::from(period.get())) }
    }

    /// Inputs after which two histories give the same bits.
    #[must_use]
    pub const fn convergence(period: Window) -> u32 {
        72 * period.get() + 20
    }

    /// The average, once it is seeded.
    pub(super) const fn current(&self) -> Option<f64> {
        self.average.current()
    }
}

impl Operator for Wilder {
    type Input = f64;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, x: f64) -> Option<f64> {
        self.average.update(x)
    }

    fn warm_up(&self) -> usize {
        self.average.period.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Recursive { convergence: Self::convergence(self.average.period) }
    }

    fn reset(&mut self) {
        self.average.reset();
    }

    fn save(&self, state: &mut StateWriter) {
        self.average.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.average.load(state)
    }
}
