//! Share of the volume traded in falling bars.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::ratio;
use crate::window::{Ring, Window, read_raw};

/// Volume of the red ones of the last `n` bars over the volume of all of them, 0 to 1.
///
/// - **Formula**: `Σ V·[C < O] / Σ V`, exact sums, one correct rounding. Inputs are the volumes, negative for
///   a red bar.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: 0 where no volume was traded.
/// - **Source**: definition.
#[derive(Debug, Clone)]
pub struct RedVolume {
    window: Window,
    ring: Ring<i64>,
    red: i64,
    total: i64,
}

impl RedVolume {
    /// A share over `window` bars.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, ring: Ring::new(window.len()), red: 0, total: 0 }
    }

    const fn add(&mut self, volume: i64, sign: i64) {
        let size = volume.abs();
        self.total += sign * size;
        if volume < 0 {
            self.red += sign * size;
        }
    }
}

impl Operator for RedVolume {
    type Input = i64;
    type Output = f64;

    #[inline]
    fn update(&mut self, volume: i64) -> Option<f64> {
        self.add(volume, 1);
        if let Some(old) = self.ring.push(volume) {
            self.add(old, -1);
        } else if !self.ring.is_full() {
            return None;
        }
        Some(ratio(i128::from(self.red), self.total).unwrap_or(0.0))
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.ring.clear();
        self.red = 0;
        self.total = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let mut ring = Ring::new(self.window.len());
        ring.load(state, read_raw)?;
        ring.iter().for_each(|volume| self.add(volume, 1));
        self.ring = ring;
        Ok(())
    }
}
