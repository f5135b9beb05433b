//! Rolling volume-weighted average price.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{Scale, quotient};
use crate::window::{Ring, Window, read_raw};

/// A bar's typical price and its volume, raw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TypicalVolume {
    /// High + low + close: three times the typical price.
    pub triple: i64,
    /// Volume.
    pub volume: i64,
}

/// Average of the typical price, weighted by volume, over the last `n` bars.
///
/// - **Formula**: `Σ (TP·V) / Σ V`, `TP = (H + L + C)/3`; exact sums of products, one correct rounding.
/// - **Parameters**: window `n`; the scale of the raw prices.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: where no volume was traded over the window, the plain mean of TP.
/// - **Source**: definition; the typical price as in TA-Lib TYPPRICE.
#[derive(Debug, Clone)]
pub struct Vwap {
    window: Window,
    steps: u128,
    ring: Ring<TypicalVolume>,
    sums: Sums,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    weighted: i128,
    volume: i64,
    triple: i128,
}

impl Sums {
    #[inline]
    fn add(&mut self, bar: TypicalVolume) {
        self.weighted += i128::from(bar.triple) * i128::from(bar.volume);
        self.volume += bar.volume;
        self.triple += i128::from(bar.triple);
    }

    #[inline]
    fn remove(&mut self, bar: TypicalVolume) {
        self.weighted -= i128::from(bar.triple) * i128::from(bar.volume);
        self.volume -= bar.volume;
        self.triple -= i128::from(bar.triple);
    }
}

impl Vwap {
    /// A volume-weighted price over `window` bars of raw prices of that scale.
    #[must_use]
    pub fn new(window: Window, scale: Scale) -> Self {
        Self { window, steps: 3 * scale.steps(), ring: Ring::new(window.len()), sums: Sums::default() }
    }
}

impl Operator for Vwap {
    type Input = TypicalVolume;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, bar: TypicalVolume) -> Option<f64> {
        self.sums.add(bar);
        if let Some(old) = self.ring.push(bar) {
            self.sums.remove(old);
        } else if !self.ring.is_full() {
            return None;
        }
        let Sums { weighted, volume, triple } = self.sums;
        Some(if volume > 0 {
            quotient(weighted, self.steps * u128::from(volume.unsigned_abs()))
        } else {
            quotient(triple, self.steps * u128::from(self.window.get()))
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
        self.ring.save(state, |state, bar| {
            state.write_i64(bar.triple);
            state.write_i64(bar.volume);
        });
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, |state| {
            let triple = state.read_i64()?;
            let volume = read_raw(state)?;
            if volume < 0 || triple.unsigned_abs() > 3 * feature_api::MAX_RAW.unsigned_abs() {
                return Err(RestoreError::Invalid { what: "a typical price and a volume" });
            }
            Ok(TypicalVolume { triple, volume })
        })?;
        self.ring.iter().for_each(|bar| self.sums.add(bar));
        Ok(())
    }
}
