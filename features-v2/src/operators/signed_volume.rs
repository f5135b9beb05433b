//! Imbalance of what takers bought and sold.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::ratio;
use crate::window::{Ring, Window, read_raw};

/// Quantities that takers bought and sold in a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BuySell {
    /// Raw quantity bought.
    pub buy: i64,
    /// Raw quantity sold; both together are at most 2^53.
    pub sell: i64,
}

/// Signed volume of the last `n` bars over their volume, −1 to 1.
///
/// - **Formula**: `Σ (B − S) / Σ (B + S)`, exact sums, one correct rounding.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: 0 where nothing was traded.
/// - **Source**: definition.
#[derive(Debug, Clone)]
pub struct SignedVolume {
    window: Window,
    bars: Ring<BuySell>,
    signed: i64,
    total: i64,
}

impl SignedVolume {
    /// An imbalance over `window` bars.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, bars: Ring::new(window.len()), signed: 0, total: 0 }
    }

    fn add(&mut self, bar: BuySell) {
        self.signed += bar.buy - bar.sell;
        self.total += bar.buy + bar.sell;
        if let Some(old) = self.bars.push(bar) {
            self.signed -= old.buy - old.sell;
            self.total -= old.buy + old.sell;
        }
    }
}

impl Operator for SignedVolume {
    type Input = BuySell;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: BuySell) -> Option<f64> {
        self.add(bar);
        self.bars.is_full().then(|| ratio(i128::from(self.signed), self.total).unwrap_or(0.0))
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.bars.clear();
        self.signed = 0;
        self.total = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        self.bars.save(state, |state, bar| {
            state.write_i64(bar.buy);
            state.write_i64(bar.sell);
        });
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let mut bars = Ring::new(self.window.len());
        bars.load(state, |state| {
            let bar = BuySell { buy: read_raw(state)?, sell: read_raw(state)? };
            if bar.buy >= 0 && bar.sell >= 0 && bar.buy + bar.sell <= feature_api::MAX_RAW {
                Ok(bar)
            } else {
                Err(RestoreError::Invalid { what: "quantities bought and sold of 2^53 steps at most" })
            }
        })?;
        bars.iter().for_each(|bar| self.add(bar));
        Ok(())
    }
}
