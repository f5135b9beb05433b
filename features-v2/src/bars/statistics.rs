//! The intra-bar statistics.

use super::BarSums;
use crate::arithmetic::ratio;

/// What the trades of a bar say beyond its prices. Quotients are correctly rounded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    /// (B − S)/(B + S), −1 to 1; 0 where nothing was traded.
    pub trade_imbalance: f64,
    /// Standard deviation (ddof 0) of the log returns from trade to trade; 0 with none.
    pub tick_volatility: f64,
    /// B/(B + S), 0 to 1; 0.5 where nothing was traded.
    pub taker_ratio: f64,
    /// Skewness of those returns; 0 where all are equal.
    pub tick_skew: f64,
    /// Excess kurtosis (Fisher) of those returns; 0 where all are equal.
    pub tick_kurtosis: f64,
    /// Trades at another price than the trade before.
    pub price_changes: f64,
    /// Price changes against the change before.
    pub direction_changes: f64,
}

impl Statistics {
    /// Of the trades of a bar.
    #[must_use]
    pub fn of(sums: &BarSums) -> Self {
        let of_volume = |part: i64| ratio(i128::from(part), sums.volume);
        Self {
            trade_imbalance: of_volume(sums.buy - sums.sell()).unwrap_or(0.0),
            tick_volatility: sums.returns.deviation(0),
            taker_ratio: of_volume(sums.buy).unwrap_or(0.5),
            tick_skew: sums.returns.skewness(),
            tick_kurtosis: sums.returns.kurtosis(),
            price_changes: sums.price_changes as f64,
            direction_changes: sums.direction_changes as f64,
        }
    }
}
