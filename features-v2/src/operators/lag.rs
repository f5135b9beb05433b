//! The input some bars ago.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::window::{Ring, Window, read_raw};

/// The raw input `n` bars earlier.
///
/// - **Formula**: `x₋ₙ`.
/// - **Parameters**: lag `n`.
/// - **Warm-up**: n.
/// - **Degenerate**: none.
/// - **Source**: definition.
#[derive(Debug, Clone)]
pub struct Lag {
    lag: Window,
    ring: Ring<i64>,
}

impl Lag {
    /// A lag of that many inputs.
    #[must_use]
    pub fn new(lag: Window) -> Self {
        Self { lag, ring: Ring::new(lag.len()) }
    }
}

impl Operator for Lag {
    type Input = i64;
    type Output = i64;

    #[inline]
    fn update(&mut self, raw: i64) -> Option<i64> {
        self.ring.push(raw)
    }

    fn warm_up(&self) -> usize {
        self.lag.len()
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.lag.get() + 1 }
    }

    fn reset(&mut self) {
        self.ring.clear();
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.ring.load(state, read_raw)
    }
}

/// The float `n` inputs earlier; otherwise as [`Lag`].
#[derive(Debug, Clone)]
pub struct RealLag {
    lag: Window,
    ring: Ring<f64>,
}

impl RealLag {
    /// A lag of that many inputs.
    #[must_use]
    pub fn new(lag: Window) -> Self {
        Self { lag, ring: Ring::new(lag.len()) }
    }
}

impl Operator for RealLag {
    type Input = f64;
    type Output = f64;

    #[inline]
    fn update(&mut self, x: f64) -> Option<f64> {
        self.ring.push(x)
    }

    fn warm_up(&self) -> usize {
        self.lag.len()
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.lag.get() + 1 }
    }

    fn reset(&mut self) {
        self.ring.clear();
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_f64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.ring.load(state, StateReader::read_f64)
    }
}
