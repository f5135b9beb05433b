//! Slow stochastic oscillator.

use feature_api::{Bits, Memory, Operator, RestoreError, StateReader, StateWriter};

use super::{HighLowClose, PercentMean, RollingMax, RollingMin};
use crate::window::Window;

/// What [`Stochastic`] gives, from 0 to 100. `d` follows `k` by its own warm-up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StochasticLines {
    /// Slow %K.
    pub k: f64,
    /// %D, the mean of slow %K.
    pub d: Option<f64>,
}

impl Bits for StochasticLines {
    fn bits(&self, to: &mut Vec<u64>) {
        self.k.bits(to);
        self.d.bits(to);
    }
}

/// Where the close lies within the range of the last `n` bars, smoothed twice.
///
/// - **Formula**: `%K = SMA(100·(C − min L)/(max H − min L))`, `%D = SMA(%K)`.
/// - **Parameters**: window `n`, smoothing of %K, smoothing of %D.
/// - **Warm-up**: n + smooth_k − 2 for %K, smooth_d − 1 more for %D.
/// - **Degenerate**: 0 where the range is zero, as TA-Lib gives it.
/// - **Source**: G. C. Lane; TA-Lib STOCH with simple averages.
#[derive(Debug, Clone)]
pub struct Stochastic {
    windows: [Window; 3],
    highest: RollingMax,
    lowest: RollingMin,
    k: PercentMean,
    d: PercentMean,
}

impl Stochastic {
    /// An oscillator over `window` bars.
    #[must_use]
    pub fn new(window: Window, smooth_k: Window, smooth_d: Window) -> Self {
        Self {
            windows: [window, smooth_k, smooth_d],
            highest: RollingMax::new(window),
            lowest: RollingMin::new(window),
            k: PercentMean::new(smooth_k),
            d: PercentMean::new(smooth_d),
        }
    }
}

impl Operator for Stochastic {
    type Input = HighLowClose;
    type Output = StochasticLines;

    #[inline(always)]
    fn update(&mut self, bar: HighLowClose) -> Option<StochasticLines> {
        let (highest, lowest) = (self.highest.update(bar.high), self.lowest.update(bar.low));
        let (highest, lowest) = (highest?, lowest?);
        let k = self.k.update(percent(bar.close - lowest, highest - lowest))?;
        Some(StochasticLines { k, d: self.d.update(k) })
    }

    fn warm_up(&self) -> usize {
        self.windows[0].len() + self.windows[1].len() - 2
    }

    fn memory(&self) -> Memory {
        let [window, smooth_k, smooth_d] = self.windows;
        Memory::Finite { window: window.get() + smooth_k.get() + smooth_d.get() - 2 }
    }

    fn reset(&mut self) {
        self.highest.reset();
        self.lowest.reset();
        self.k.reset();
        self.d.reset();
    }

    fn save(&self, state: &mut StateWriter) {
        self.highest.save(state);
        self.lowest.save(state);
        self.k.save(state);
        self.d.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let loaded = self
            .highest
            .load(state)
            .and_then(|()| self.lowest.load(state))
            .and_then(|()| self.k.load(state))
            .and_then(|()| self.d.load(state));
        if loaded.is_err() {
            self.reset();
        }
        loaded
    }
}

/// `100·part/whole`, 0 where the whole is zero.
#[inline]
pub(super) fn percent(part: i64, whole: i64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    // Both are differences of prices, below 2^54; what a float cannot hold takes the exact way.
    if whole.unsigned_abs() <= 1 << 46 && part.unsigned_abs() <= 1 << 46 {
        (100 * part) as f64 / whole as f64
    } else {
        let whole = i128::from(whole);
        crate::arithmetic::quotient(100 * i128::from(part) * whole.signum(), whole.unsigned_abs())
    }
}
