//! Exponential moving average.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::window::Window;

/// Exponential moving average of period `n`.
///
/// - **Formula**: `y ← y + (x − y)·2/(n + 1)`, seeded with the mean of the first n inputs, which are added in
///   order.
/// - **Parameters**: period `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: a state that decays below the smallest normal float is 0.
/// - **Convergence**: measured, two histories whose prices differ tenfold give the same bits after 20·n inputs as
///   a rule and 25·n at worst (2,000 walks, recorded bars); 38·n + 20 is declared. Each further factor of 10
///   between the histories takes 1.2·n more. Over inputs that stand still two histories may rest some units in
///   the last place apart.
/// - **Source**: TA-Lib EMA, unstable period 0.
#[derive(Debug, Clone)]
pub struct Ema {
    average: Seeded,
}

impl Ema {
    /// An average of that period.
    #[must_use]
    pub fn new(period: Window) -> Self {
        Self { average: Seeded::new(period, 2.0 / (f64::from(period.get()) + 1.0)) }
    }

    /// Inputs after which two histories give the same bits.
    #[must_use]
    pub const fn convergence(period: Window) -> u32 {
        38 * period.get() + 20
    }
}

impl Operator for Ema {
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

/// `y ← y + (x − y)·weight`, seeded with a mean: the recursion of EMA and of Wilder's smoothing.
///
/// In this form a constant input is a fixed point, exactly.
#[derive(Debug, Clone)]
pub(super) struct Seeded {
    pub(super) period: Window,
    weight: f64,
    seen: u32,
    /// The sum of the seed's inputs, then the average.
    value: f64,
}

impl Seeded {
    pub(super) const fn new(period: Window, weight: f64) -> Self {
        Self { period, weight, seen: 0, value: 0.0 }
    }

    #[inline]
    pub(super) fn update(&mut self, x: f64) -> Option<f64> {
        let n = self.period.get();
        if self.seen == n {
            self.value += (x - self.value) * self.weight;
            if self.value.abs() < f64::MIN_POSITIVE {
                self.value = 0.0;
            }
        } else {
            self.seen += 1;
            self.value += x;
            if self.seen < n {
                return None;
            }
            self.value /= f64::from(n);
        }
        Some(self.value)
    }

    /// The average, once it is seeded.
    pub(super) const fn current(&self) -> Option<f64> {
        if self.seen == self.period.get() { Some(self.value) } else { None }
    }

    pub(super) const fn reset(&mut self) {
        self.seen = 0;
        self.value = 0.0;
    }

    pub(super) fn save(&self, state: &mut StateWriter) {
        state.write_u64(u64::from(self.seen));
        state.write_f64(self.value);
    }

    pub(super) fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let seen = state.read_u64()?;
        let value = state.read_f64()?;
        let seen = u32::try_from(seen).ok().filter(|seen| *seen <= self.period.get());
        let seen = seen.ok_or(RestoreError::Invalid { what: "a count within the period" })?;
        // A damaged state must not be able to overflow into an infinity.
        if value.abs() > 1e300 {
            return Err(RestoreError::Invalid { what: "an average of moderate size" });
        }
        self.seen = seen;
        self.value = value;
        Ok(())
    }
}
