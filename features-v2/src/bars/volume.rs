//! Bars of volume.

use feature_api::Grid;

use super::BarSums;
use super::limited::{Limit, Limited};

/// A bar for every so many units of quantity.
///
/// - **Closes** with the trade that brings Σ quantity to the threshold or above it. That trade belongs to the bar whole, and
///   the next bar starts at 0.
/// - **Degenerate**: trades of nothing close no bar.
/// - **Source**: M. López de Prado, Advances in Financial Machine Learning (2018), 2.3.1.3.
pub type VolumeBars = Limited<Volume>;

/// A quantity, in steps of the grid.
#[derive(Debug, Clone, Copy)]
pub struct Volume(i128);

impl VolumeBars {
    /// Bars of `units` of quantity, whatever the grid; 0 counts as 1.
    #[must_use]
    pub fn new(units: u32, grid: Grid) -> Self {
        Self::with(Volume(steps(units, grid.qty_scale())))
    }
}

impl Limit for Volume {
    #[inline]
    fn is_reached(&self, sums: &BarSums) -> bool {
        i128::from(sums.volume) >= self.0
    }
}

/// `units · 10^decimals`, units at least 1; the largest integer, which no sum of a bar comes to, where it has no room.
pub(super) fn steps(units: u32, decimals: u8) -> i128 {
    let factor = 10_i128.checked_pow(u32::from(decimals));
    factor.and_then(|factor| factor.checked_mul(i128::from(units.max(1)))).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_steps_of_the_grid() {
        assert_eq!(steps(7, 3), 7_000);
        assert_eq!(steps(0, 0), 1);
        assert_eq!(steps(2, 32), 2 * 10_i128.pow(32));
        // 2^106 is the most that a bar comes to: 2^53 steps of quantity at 2^53 steps of price.
        assert_eq!(steps(u32::MAX, 32), i128::MAX);
    }
}
