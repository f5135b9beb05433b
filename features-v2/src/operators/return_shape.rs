//! Skewness and kurtosis of returns.

use feature_api::{Bits, Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::bars::ReturnMoments;
use crate::window::{Ring, Window};

/// Form of a distribution: what [`ReturnShape`] and [`Shape`](super::Shape) give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShapeLines {
    /// Skewness of the population.
    pub skewness: f64,
    /// Excess kurtosis of the population (Fisher): 0 for a normal distribution, −2 at least.
    pub kurtosis: f64,
}

impl Bits for ShapeLines {
    fn bits(&self, to: &mut Vec<u64>) {
        [self.skewness, self.kurtosis].bits(to);
    }
}

/// Skewness and excess kurtosis of the last `n` inputs that are no market numbers.
///
/// - **Formula**: `m₃/m₂^1.5` and `m₄/m₂² − 3` with the central moments `m` of the n inputs, each rounded once to 2^-52;
///   exact sums of powers, see [`ReturnMoments`].
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: both are 0 where all inputs are equal; inputs beyond ±64 count as ±64.
/// - **Source**: R. A. Fisher's g₁ and g₂, biased. pandas' `skew` is `g₁·√(n(n − 1))/(n − 2)`, its `kurt`
///   `(n − 1)·((n + 1)·g₂ + 6)/((n − 2)(n − 3))`.
#[derive(Debug, Clone)]
pub struct ReturnShape {
    window: Window,
    ring: Ring<i64>,
    sums: ReturnMoments,
}

impl ReturnShape {
    /// The form over `window` inputs.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, ring: Ring::new(window.len()), sums: ReturnMoments::default() }
    }
}

impl Operator for ReturnShape {
    type Input = f64;
    type Output = ShapeLines;

    #[inline]
    fn update(&mut self, x: f64) -> Option<ShapeLines> {
        let real = ReturnMoments::on_grid(x);
        self.sums.add(real);
        if let Some(old) = self.ring.push(real) {
            self.sums.remove(old);
        } else if !self.ring.is_full() {
            return None;
        }
        Some(ShapeLines { skewness: self.sums.skewness(), kurtosis: self.sums.kurtosis() })
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.ring.clear();
        self.sums = ReturnMoments::default();
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, |state| {
            let real = state.read_i64()?;
            if (-ReturnMoments::LIMIT..=ReturnMoments::LIMIT).contains(&real) {
                Ok(real)
            } else {
                Err(RestoreError::Invalid { what: "a return within 64" })
            }
        })?;
        self.ring.iter().for_each(|real| self.sums.add(real));
        Ok(())
    }
}
