//! Rolling correlation.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{Divisor, Scale};
use crate::window::{Ring, Window, read_raw};

/// Pearson correlation of two raw inputs over the last `n` pairs, −1 to 1.
///
/// - **Formula**: `cov(x, y) / (σx·σy)`; each from an exact integer numerator with one correct rounding.
/// - **Parameters**: window `n`; the scales of the raw inputs.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: 0 where either is constant.
/// - **Source**: K. Pearson; TA-Lib CORREL.
#[derive(Debug, Clone)]
pub struct Correlation {
    window: Window,
    divisors: [Divisor; 3],
    ring: Ring<(i64, i64)>,
    sums: Sums,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    x: i64,
    y: i64,
    xx: i128,
    yy: i128,
    xy: i128,
}

impl Sums {
    #[inline]
    fn add(&mut self, (x, y): (i64, i64)) {
        self.x += x;
        self.y += y;
        self.xx += i128::from(x) * i128::from(x);
        self.yy += i128::from(y) * i128::from(y);
        self.xy += i128::from(x) * i128::from(y);
    }

    /// Adds the first pair and takes back the second.
    #[inline]
    fn exchange(&mut self, (x, y): (i64, i64), (old_x, old_y): (i64, i64)) {
        self.x += x - old_x;
        self.y += y - old_y;
        // x² − y² with one product.
        self.xx += i128::from(x - old_x) * i128::from(x + old_x);
        self.yy += i128::from(y - old_y) * i128::from(y + old_y);
        self.xy += i128::from(x) * i128::from(y) - i128::from(old_x) * i128::from(old_y);
    }
}

impl Correlation {
    /// A correlation over `window` pairs.
    #[must_use]
    pub fn new(window: Window, x: Scale, y: Scale) -> Self {
        let n = u128::from(window.get());
        let divisors = [
            x.divisor_times(x.steps() * n * n),
            y.divisor_times(y.steps() * n * n),
            x.divisor_times(y.steps() * n * n),
        ];
        Self { window, divisors, ring: Ring::new(window.len()), sums: Sums::default() }
    }
}

impl Operator for Correlation {
    type Input = (i64, i64);
    type Output = f64;

    #[inline]
    fn update(&mut self, pair: (i64, i64)) -> Option<f64> {
        if let Some(old) = self.ring.push(pair) {
            self.sums.exchange(pair, old);
        } else {
            self.sums.add(pair);
            if !self.ring.is_full() {
                return None;
            }
        }
        let n = i128::from(self.window.get());
        let (x, y) = (i128::from(self.sums.x), i128::from(self.sums.y));
        let scatter_x = n * self.sums.xx - x * x;
        let scatter_y = n * self.sums.yy - y * y;
        if scatter_x == 0 || scatter_y == 0 {
            return Some(0.0);
        }
        let covariance = self.divisors[2].divide(n * self.sums.xy - x * y);
        let deviation_x = self.divisors[0].divide(scatter_x).sqrt();
        let deviation_y = self.divisors[1].divide(scatter_y).sqrt();
        let correlation = covariance / (deviation_x * deviation_y);
        Some(if correlation > 1.0 {
            1.0
        } else if correlation < -1.0 {
            -1.0
        } else {
            correlation
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
        self.sums = Sums::default();
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, |state, (x, y)| {
            state.write_i64(x);
            state.write_i64(y);
        });
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, |state| Ok((read_raw(state)?, read_raw(state)?)))?;
        self.ring.iter().for_each(|pair| self.sums.add(pair));
        Ok(())
    }
}
