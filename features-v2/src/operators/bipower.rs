//! Bipower variation.

use core::f64::consts::FRAC_PI_2;

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::product_sum::{ProductSum, return_units};
use crate::arithmetic::U256;
use crate::window::Window;

/// The variance that is left when jumps are not counted: a single large return meets small neighbours only.
///
/// - **Formula**: `(π/2)·Σ |r|·|r₋₁|` over `n` products of returns rounded once to 2^-64; an exact sum, rounded once,
///   times π/2. Within 2 units in the last place.
/// - **Parameters**: window `n`, in products.
/// - **Warm-up**: n returns.
/// - **Degenerate**: as [`RealizedVariance`](super::RealizedVariance).
/// - **Source**: O. Barndorff-Nielsen and N. Shephard, Power and Bipower Variation with Stochastic Volatility and Jumps
///   (2004).
#[derive(Debug, Clone)]
pub struct Bipower {
    window: Window,
    previous: Option<u128>,
    products: ProductSum,
}

impl Bipower {
    /// A bipower variation over `window` products.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, previous: None, products: ProductSum::new(window) }
    }
}

impl Operator for Bipower {
    type Input = f64;
    type Output = f64;

    #[inline]
    fn update(&mut self, log_return: f64) -> Option<f64> {
        let units = return_units(log_return);
        let previous = self.previous.replace(units)?;
        let sum = self.products.update(U256::product(units, previous), 1)?;
        Some(FRAC_PI_2 * sum)
    }

    fn warm_up(&self) -> usize {
        self.window.len()
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() + 1 }
    }

    fn reset(&mut self) {
        self.previous = None;
        self.products.clear();
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.previous.is_some());
        state.write_i128(self.previous.unwrap_or_default().cast_signed());
        self.products.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let (has_previous, units) = (state.read_bool()?, state.read_i128()?);
        self.products.load(state)?;
        if !(0..=37 << 64).contains(&units) || (!has_previous && (units != 0 || self.products.len() > 0)) {
            self.reset();
            return Err(RestoreError::Invalid { what: "the return before" });
        }
        self.previous = has_previous.then_some(units.unsigned_abs());
        Ok(())
    }
}
