//! Mean, variance and standard deviation of prices or quantities.

use feature_api::{Bits, Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{Divisor, Scale};
use crate::window::{Ring, Window, read_raw};

/// Which deviations [`Moments`] computes; one that is not is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deviations {
    /// With n degrees of freedom.
    Population,
    /// With n − 1 degrees of freedom.
    Sample,
    /// Both.
    Both,
}

/// What [`Moments`] gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanDeviation {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation with n degrees of freedom (population).
    pub deviation: f64,
    /// Standard deviation with n − 1 degrees of freedom (sample); 0 for n = 1.
    pub sample_deviation: f64,
}

impl Bits for MeanDeviation {
    fn bits(&self, to: &mut Vec<u64>) {
        [self.mean, self.deviation, self.sample_deviation].bits(to);
    }
}

/// Mean and standard deviation of the last `n` inputs.
///
/// - **Formula**: `var = (n·Σx² − (Σx)²) / (n·(n − ddof))` with an exact integer numerator and one correct
///   rounding; the deviation is its square root, within one unit in the last place of the exact one.
/// - **Parameters**: window `n`; the scale of the raw inputs.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: equal inputs have a deviation of exactly 0.
/// - **Source**: TA-Lib STDDEV (ddof 0); the unbiased estimator (ddof 1).
#[derive(Debug, Clone)]
pub struct Moments {
    window: Window,
    mean: Divisor,
    population: Divisor,
    sample: Divisor,
    deviations: Deviations,
    ring: Ring<i64>,
    sum: i64,
    squares: i128,
}

impl Moments {
    /// Mean and both deviations over `window` raw inputs of that scale.
    #[must_use]
    pub fn new(window: Window, scale: Scale) -> Self {
        Self::with(window, scale, Deviations::Both)
    }

    /// Mean and those deviations over `window` raw inputs of that scale.
    #[must_use]
    pub fn with(window: Window, scale: Scale, deviations: Deviations) -> Self {
        let n = u128::from(window.get());
        Self {
            window,
            mean: scale.divisor_times(n),
            population: scale.divisor_times(scale.steps() * n * n),
            sample: scale.divisor_times(scale.steps() * n * (n - 1)),
            deviations,
            ring: Ring::new(window.len()),
            sum: 0,
            squares: 0,
        }
    }

    /// n·Σx² − (Σx)²: at most 2^126.
    #[inline]
    fn scatter(&self) -> i128 {
        self.squares * i128::from(self.window.get()) - i128::from(self.sum) * i128::from(self.sum)
    }
}

impl Operator for Moments {
    type Input = i64;
    type Output = MeanDeviation;

    #[inline(always)]
    fn update(&mut self, raw: i64) -> Option<MeanDeviation> {
        if let Some(old) = self.ring.push(raw) {
            self.sum += raw - old;
            // x² − y² with one product.
            self.squares += i128::from(raw - old) * i128::from(raw + old);
        } else {
            self.sum += raw;
            self.squares += i128::from(raw) * i128::from(raw);
            if !self.ring.is_full() {
                return None;
            }
        }
        let scatter = self.scatter();
        Some(MeanDeviation {
            mean: self.mean.divide_i64(self.sum),
            deviation: match self.deviations {
                Deviations::Population | Deviations::Both => self.population.divide(scatter).sqrt(),
                Deviations::Sample => 0.0,
            },
            sample_deviation: match self.deviations {
                Deviations::Sample | Deviations::Both => self.sample.divide(scatter).sqrt(),
                Deviations::Population => 0.0,
            },
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
        self.squares = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, read_raw)?;
        self.sum = self.ring.iter().sum();
        self.squares = self.ring.iter().map(|raw| i128::from(raw) * i128::from(raw)).sum();
        Ok(())
    }
}
