//! Amihud's illiquidity.

use feature_api::{MAX_RAW, Memory, Operator, RestoreError, StateReader, StateWriter};

use super::log_return;
use crate::arithmetic::{Divisor, Int, Scale};
use crate::window::{Ring, Window, read_raw};

/// Close of a bar, and what was paid in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseDollar {
    /// Raw close.
    pub close: i64,
    /// Σ price·quantity, in steps of both grids.
    pub dollar: i128,
}

/// What a unit of money moves the price by, as a ratio: mean over the last `n` bars.
///
/// - **Formula**: mean of `|ln(C/C₋₁)| / D`, D the dollar volume; each quotient rounded as a float, their sum exact, the
///   mean rounded once.
/// - **Parameters**: window `n`; the scales of price and quantity.
/// - **Warm-up**: n.
/// - **Degenerate**: 0 for a bar whose dollar volume is not above 0; a close that is not positive makes no return.
/// - **Source**: Y. Amihud, Illiquidity and Stock Returns (2002).
#[derive(Debug, Clone)]
pub struct Amihud {
    window: Window,
    dollar: Divisor,
    close: Option<i64>,
    ratios: Ring<f64>,
    sum: Int<6>,
}

/// Ratios are summed in units of 2^-216: a return other than 0 is at least 2^-53 and a dollar volume at most 2^106, so
/// that the last bit of a ratio is 2^-212 or above.
const UNIT: i32 = -216;
/// A ratio is at most 37·10^32: with a return below 37 over the least dollar volume there is.
const MOST: f64 = 37e32;

/// A ratio in units of 2^[`UNIT`].
fn units(ratio: f64) -> Int<6> {
    let bits = ratio.to_bits();
    let exponent = (bits >> 52) as i32;
    let mantissa = u128::from((bits & ((1 << 52) - 1)) | (1 << 52));
    // ratio = mantissa · 2^(exponent − 1075); 0 has an exponent of 0, far below.
    match u32::try_from(exponent - 1075 - UNIT) {
        Ok(shift) => Int::from(mantissa).shifted(shift),
        Err(_) => Int::ZERO,
    }
}

impl Amihud {
    /// A mean over `window` bars of raw prices and quantities of those scales.
    #[must_use]
    pub fn new(window: Window, price: Scale, quantity: Scale) -> Self {
        Self {
            window,
            dollar: price.divisor_times(quantity.steps()),
            close: None,
            ratios: Ring::new(window.len()),
            sum: Int::ZERO,
        }
    }

    fn add(&mut self, ratio: f64) {
        self.sum = self.sum.plus(&units(ratio));
        if let Some(old) = self.ratios.push(ratio) {
            self.sum = self.sum.minus(&units(old));
        }
    }
}

impl Operator for Amihud {
    type Input = CloseDollar;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: CloseDollar) -> Option<f64> {
        let before = self.close.replace(bar.close)?;
        let change = log_return(before, bar.close).abs();
        // No more is paid than 2^53 steps at 2^53 steps.
        let is_dollar = bar.dollar > 0 && bar.dollar <= i128::from(MAX_RAW) * i128::from(MAX_RAW);
        self.add(if is_dollar { change / self.dollar.divide(bar.dollar) } else { 0.0 });
        self.ratios.is_full().then(|| self.sum.quotient(u128::from(self.window.get()), UNIT))
    }

    fn warm_up(&self) -> usize {
        self.window.len()
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() + 1 }
    }

    fn reset(&mut self) {
        self.close = None;
        self.ratios.clear();
        self.sum = Int::ZERO;
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.close.is_some());
        state.write_i64(self.close.unwrap_or_default());
        self.ratios.save(state, StateWriter::write_f64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let close = state.read_bool()?.then_some(read_raw(state)?);
        let mut ratios = Ring::new(self.window.len());
        ratios.load(state, |state| {
            let ratio = state.read_f64()?;
            if ratio.is_sign_positive() && ratio <= MOST {
                Ok(ratio)
            } else {
                Err(RestoreError::Invalid { what: "a ratio of a return and a dollar volume" })
            }
        })?;
        if close.is_none() && !ratios.is_empty() {
            return Err(RestoreError::Invalid { what: "the close before" });
        }
        ratios.iter().for_each(|ratio| self.add(ratio));
        self.close = close;
        Ok(())
    }
}
