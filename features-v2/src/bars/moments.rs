//! Sums of the powers of returns from trade to trade.

use feature_api::{RestoreError, StateReader, StateWriter};

use crate::arithmetic::Int;

/// Exact sums of the first four powers of returns, each rounded once to a multiple of 2^-52.
///
/// Integers add up to the same sums whichever way they are parted into bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReturnMoments {
    /// Returns.
    pub count: u64,
    /// Σ r, in 2^-52.
    pub first: i128,
    /// Σ r², in 2^-104.
    pub second: Int<4>,
    /// Σ r³, in 2^-156.
    pub third: Int<4>,
    /// Σ r⁴, in 2^-208.
    pub fourth: Int<5>,
}

impl ReturnMoments {
    /// Largest magnitude of a return, in 2^-52: 64. A return beyond it counts as that.
    pub const LIMIT: i64 = 64 << 52;

    /// A return in 2^-52, to nearest, ties to even; what is no number counts as 0.
    #[must_use]
    pub fn on_grid(r: f64) -> i64 {
        let _ = r;
        0
    }

    /// Adds a return of [`ReturnMoments::on_grid`].
    #[inline]
    pub fn add(&mut self, r: i64) {
        let _ = r;
        self.count += 1;
    }

    /// Takes back a return that was added.
    pub fn remove(&mut self, r: i64) {
        let _ = r;
        self.count -= 1;
    }

    /// Adds all of another's.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
    }

    /// Standard deviation with `count − ddof` degrees of freedom; 0 where there are none or all returns are equal.
    #[must_use]
    pub fn deviation(&self, ddof: u64) -> f64 {
        let _ = ddof;
        0.0
    }

    /// Skewness m₃/m₂^1.5 of the population; 0 where all returns are equal.
    #[must_use]
    pub fn skewness(&self) -> f64 {
        0.0
    }

    /// Excess kurtosis m₄/m₂² − 3 of the population (Fisher); 0 where all returns are equal.
    #[must_use]
    pub fn kurtosis(&self) -> f64 {
        0.0
    }

    /// Writes the sums.
    pub fn save(&self, state: &mut StateWriter) {
        let _ = state;
    }

    /// Reads what [`ReturnMoments::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where no returns have these sums.
    pub fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let _ = state;
        Ok(Self::default())
    }
}
