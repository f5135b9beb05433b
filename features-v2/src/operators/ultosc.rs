//! Ultimate oscillator.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::HighLowClose;
use crate::arithmetic::quotient;
use crate::window::{Ring, Window, read_raw};

/// Buying pressure as a share of the true range, over three windows: 0 to 100.
///
/// - **Formula**: `100·(4·A₁ + 2·A₂ + A₃)/7`, `A = Σ(C − min(L, C₋₁))/ΣTR` over the shortest, the middle and the
///   longest window; exact integer sums, each quotient rounded once.
/// - **Parameters**: three windows in any order.
/// - **Warm-up**: the longest window.
/// - **Degenerate**: a window without any range has a share of 0, as in TA-Lib.
/// - **Source**: L. Williams (1985); TA-Lib ULTOSC.
#[derive(Debug, Clone)]
pub struct UltOsc {
    windows: [Window; 3],
    previous: Option<i64>,
    ring: Ring<(i64, i64)>,
    sums: [Sums; 3],
}

/// Buying pressure and true range over a window.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    pressure: i128,
    range: i128,
}

impl Sums {
    #[inline]
    fn add(&mut self, (pressure, range): (i64, i64)) {
        self.pressure += i128::from(pressure);
        self.range += i128::from(range);
    }

    #[inline]
    fn remove(&mut self, (pressure, range): (i64, i64)) {
        self.pressure -= i128::from(pressure);
        self.range -= i128::from(range);
    }

    #[inline]
    fn share(&self) -> f64 {
        quotient(self.pressure, self.range.unsigned_abs())
    }
}

impl UltOsc {
    /// An oscillator over these windows.
    #[must_use]
    pub fn new(windows: [Window; 3]) -> Self {
        let mut windows = windows;
        windows.sort_unstable();
        let ring = Ring::new(windows[2].len());
        Self { windows, previous: None, ring, sums: [Sums::default(); 3] }
    }

    /// Takes a bar's pressure and range into the windows, whose oldest leave them.
    #[inline]
    fn push(&mut self, bar: (i64, i64)) {
        for (window, sums) in self.windows.into_iter().zip(&mut self.sums) {
            sums.add(bar);
            if let Some(old) = self.ring.back(window.len() - 1) {
                sums.remove(old);
            }
        }
        self.ring.push(bar);
    }
}

impl Operator for UltOsc {
    type Input = HighLowClose;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: HighLowClose) -> Option<f64> {
        let previous = self.previous.replace(bar.close)?;
        let low = bar.low.min(previous);
        self.push((bar.close - low, bar.high.max(previous) - low));
        if !self.ring.is_full() {
            return None;
        }
        let [short, middle, long] = self.sums.map(|sums| sums.share());
        Some(100.0 * (4.0 * short + 2.0 * middle + long) / 7.0)
    }

    fn warm_up(&self) -> usize {
        self.windows[2].len()
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.windows[2].get() + 1 }
    }

    fn reset(&mut self) {
        self.previous = None;
        self.ring.clear();
        self.sums = [Sums::default(); 3];
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.previous.is_some());
        state.write_i64(self.previous.unwrap_or_default());
        self.ring.save(state, |state, (pressure, range)| {
            state.write_i64(pressure);
            state.write_i64(range);
        });
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let previous = state.read_bool()?.then_some(read_raw(state)?);
        let mut ring = Ring::new(self.windows[2].len());
        ring.load(state, |state| {
            let (pressure, range) = (state.read_i64()?, state.read_i64()?);
            if 0 <= pressure && pressure <= range && range <= 2 * feature_api::MAX_RAW {
                Ok((pressure, range))
            } else {
                Err(RestoreError::Invalid { what: "a buying pressure within its range" })
            }
        })?;
        ring.iter().for_each(|bar| self.push(bar));
        self.previous = previous;
        Ok(())
    }
}
