//! Least-squares line.

use feature_api::{Bits, Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{Divisor, Scale};
use crate::window::{Ring, Window, read_raw};

/// What [`Regression`] gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Change per input.
    pub slope: f64,
    /// The line's value one input after the newest.
    pub next: f64,
}

impl Bits for Line {
    fn bits(&self, to: &mut Vec<u64>) {
        [self.slope, self.next].bits(to);
    }
}

/// Least-squares line through the last `n` inputs at 0 … n − 1, and its value at n.
///
/// - **Formula**: `slope = (n·Σk·x − Σk·Σx) / (n·Σk² − (Σk)²)`, `next = Σx/n + slope·(n + 1)/2`; each an exact
///   integer quotient with one correct rounding.
/// - **Parameters**: window `n`; the scale of the raw inputs.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: slope 0 and next = x for n = 1.
/// - **Source**: TA-Lib LINEARREG_SLOPE, TSF.
#[derive(Debug, Clone)]
pub struct Regression {
    window: Window,
    slope: Divisor,
    next: Divisor,
    ring: Ring<i64>,
    sum: i64,
    /// Σ k·x with k = 0 for the oldest.
    moment: i128,
}

impl Regression {
    /// A line through `window` raw inputs of that scale.
    #[must_use]
    pub fn new(window: Window, scale: Scale) -> Self {
        let n = u128::from(window.get());
        // n·Σk² − (Σk)² = n²(n² − 1)/12, and Σk = n(n − 1)/2: with both divided by n, the slope is
        // 6·(2·Σkx − (n − 1)·Σx) / (n(n² − 1)), and next = (Σx·(n − 1) + 3·(2·Σkx − (n − 1)·Σx)) / (n(n − 1)).
        Self {
            window,
            slope: scale.divisor_times(n * (n * n - 1)),
            next: scale.divisor_times(if n == 1 { 1 } else { n * (n - 1) }),
            ring: Ring::new(window.len()),
            sum: 0,
            moment: 0,
        }
    }
}

impl Operator for Regression {
    type Input = i64;
    type Output = Line;

    #[inline]
    fn update(&mut self, raw: i64) -> Option<Line> {
        let n = i128::from(self.window.get());
        if let Some(old) = self.ring.push(raw) {
            // Every input left moves one place towards the oldest.
            self.sum -= old;
            self.moment -= i128::from(self.sum);
            self.moment += (n - 1) * i128::from(raw);
            self.sum += raw;
        } else {
            self.moment += (self.ring.len() as i128 - 1) * i128::from(raw);
            self.sum += raw;
            if !self.ring.is_full() {
                return None;
            }
        }
        let sum = i128::from(self.sum);
        let tilt = 2 * self.moment - (n - 1) * sum;
        Some(if n == 1 {
            Line { slope: 0.0, next: self.next.divide(sum) }
        } else {
            Line { slope: self.slope.divide(6 * tilt), next: self.next.divide(sum * (n - 1) + 3 * tilt) }
        })
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
        self.moment = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, read_raw)?;
        self.sum = self.ring.iter().sum();
        self.moment = self.ring.iter().zip(0_i128..).map(|(raw, k)| k * i128::from(raw)).sum();
        Ok(())
    }
}
