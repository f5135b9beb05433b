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
    /// Σ (2k − (n − 1))·x, with k = 0 for the oldest: the inputs weighed by their distance from the middle.
    tilt: i128,
}

impl Regression {
    /// A line through `window` raw inputs of that scale.
    #[must_use]
    pub fn new(window: Window, scale: Scale) -> Self {
        let n = u128::from(window.get());
        // With Σk = n(n − 1)/2 and n·Σk² − (Σk)² = n²(n² − 1)/12, slope = tilt / (n(n² − 1)/6), a whole number,
        // and next = (Σx·(n − 1) + 3·tilt) / (n(n − 1)).
        Self {
            window,
            slope: scale.divisor_times(n * (n * n - 1) / 6),
            // One input is its own line.
            next: scale.divisor_times(if n == 1 { 1 } else { n * (n - 1) }),
            ring: Ring::new(window.len()),
            sum: 0,
            tilt: 0,
        }
    }
}

impl Operator for Regression {
    type Input = i64;
    type Output = Line;

    #[inline]
    fn update(&mut self, raw: i64) -> Option<Line> {
        // n − 1 is below 2^10 and a raw number at most 2^53, so their product fits 64 bits.
        let reach = i64::from(self.window.get()) - 1;
        if let Some(old) = self.ring.push(raw) {
            // The oldest leaves, every other input moves one place down, the new one comes on top.
            self.sum -= old;
            self.tilt += i128::from(reach * old) + i128::from(reach * raw) - 2 * i128::from(self.sum);
            self.sum += raw;
        } else {
            let place = 2 * (self.ring.len() as i64 - 1) - reach;
            self.tilt += i128::from(place * raw);
            self.sum += raw;
            if !self.ring.is_full() {
                return None;
            }
        }
        Some(if reach == 0 {
            Line { slope: 0.0, next: self.next.divide_i64(raw) }
        } else {
            let above = i128::from(self.sum) * i128::from(reach) + 3 * self.tilt;
            Line { slope: self.slope.divide(self.tilt), next: self.next.divide(above) }
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
        self.tilt = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, read_raw)?;
        self.sum = self.ring.iter().sum();
        // Places as they are in a full ring of that many inputs.
        let reach = i64::from(self.window.get()) - 1;
        self.tilt = self.ring.iter().zip(0_i64..).map(|(raw, k)| i128::from((2 * k - reach) * raw)).sum();
        Ok(())
    }
}
