//! What the estimators of volatility share: rolling sums of products of logarithms.

use feature_api::{RestoreError, StateReader, StateWriter};

use super::log_return;
use crate::arithmetic::{U256, to_real};
use crate::window::{Ring, Window};

/// The sum of the last `n` products of two logarithms of ratios of prices, in units of 2^-128.
///
/// A logarithm of two prices is below 37, so a product, or the sum of two, is below 2^139 units.
#[derive(Debug, Clone)]
pub(super) struct ProductSum {
    ring: Ring<U256>,
    sum: U256,
}

impl ProductSum {
    pub(super) fn new(window: Window) -> Self {
        Self { ring: Ring::new(window.len()), sum: U256::ZERO }
    }

    /// Adds a product; the sum of the last `n` once there are so many, as a float times `1/divisor`, correctly rounded.
    #[inline]
    pub(super) fn update(&mut self, product: U256, divisor: u32) -> Option<f64> {
        self.sum = self.sum.plus(product);
        if let Some(old) = self.ring.push(product) {
            self.sum = self.sum.minus(old);
        } else if !self.ring.is_full() {
            return None;
        }
        Some(self.sum.quotient(u64::from(divisor), -128))
    }

    /// Number of products held.
    pub(super) const fn len(&self) -> usize {
        self.ring.len()
    }

    pub(super) fn clear(&mut self) {
        self.ring.clear();
        self.sum = U256::ZERO;
    }

    pub(super) fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, |state, product| product.save(state));
    }

    pub(super) fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        const LIMIT: U256 = U256::product(1 << 70, 1 << 69);
        self.clear();
        self.ring.load(state, |state| {
            let product = U256::load(state)?;
            if product <= LIMIT {
                Ok(product)
            } else {
                Err(RestoreError::Invalid { what: "a product of logarithms of prices" })
            }
        })?;
        self.sum = self.ring.iter().fold(U256::ZERO, U256::plus);
        Ok(())
    }
}

/// ln(to/from) in units of 2^-64, to nearest; 0 where a price is not positive.
#[inline]
pub(super) fn log_units(to: i64, from: i64) -> i128 {
    if to == from { 0 } else { to_real(log_return(from, to)) }
}

/// The product of two logarithms of one sign.
#[inline]
pub(super) const fn product(x: i128, y: i128) -> U256 {
    U256::product(x.unsigned_abs(), y.unsigned_abs())
}

/// A return as its logarithm in units of 2^-64, beyond what two prices can make counting as the most they can.
#[inline]
pub(super) fn return_units(log_return: f64) -> u128 {
    const MOST: u128 = 37 << 64;
    let units = to_real(log_return).unsigned_abs();
    if units < MOST { units } else { MOST }
}
