//! Bars of traded value.

use feature_api::Grid;

use super::BarSums;
use super::limited::{Limit, Limited};
use super::volume::steps;

/// A bar for every so many quote units traded.
///
/// - **Closes** with the trade that brings Σ price·quantity to the threshold or above it, compared as integers. That trade
///   belongs to the bar whole: the overshoot stays in it, and the next bar starts at 0.
/// - **Degenerate**: a trade at 0 adds nothing, one at a negative price takes away.
/// - **Source**: M. López de Prado, Advances in Financial Machine Learning (2018), 2.3.1.4.
pub type DollarBars = Limited<Dollar>;

/// A value, in steps of both grids.
#[derive(Debug, Clone, Copy)]
pub struct Dollar(i128);

impl DollarBars {
    /// Bars of `quote` units of the quote currency, whatever the grid; 0 counts as 1.
    #[must_use]
    pub fn new(quote: u32, grid: Grid) -> Self {
        Self::with(Dollar::new(quote, grid))
    }
}

impl Dollar {
    pub(super) fn new(quote: u32, grid: Grid) -> Self {
        Self(steps(quote, grid.price_scale() + grid.qty_scale()))
    }
}

impl Limit for Dollar {
    #[inline]
    fn is_reached(&self, sums: &BarSums) -> bool {
        sums.dollar >= self.0
    }
}
