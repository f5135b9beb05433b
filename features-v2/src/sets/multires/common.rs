//! What every clock has: 18 features of its newest bar.

use feature_api::Operator as _;
use feature_api::Range::{Any, AtLeast, AtMost, Between, Count};

use super::clock::{Clock, names, operators};
use crate::arithmetic::{Divisor, Scale, ratio};
use crate::bars::Statistics;
use crate::operators::LogReturn;
use crate::sets::bar_set::View;
use crate::sets::table::{features, finite};

const NOT_POSITIVE: &str = "0 where either price is not positive";
const NO_RANGE: &str = "0 where high = low";
const NO_QUANTITY: &str = "0 where no quantity was traded";
const EQUAL: &str = "0 where all returns are equal";

/// Values of the operators at a bar, and the bar.
pub(super) struct Inputs {
    volume: f64,
    dollar: f64,
    close_return: Option<f64>,
    high_return: Option<f64>,
    low_return: Option<f64>,
    bar: View,
    trades: Statistics,
}

/// `100·(a − b)/b`, 0 where b is 0: correctly rounded.
fn percent(a: i64, b: i64) -> f64 {
    ratio(100 * i128::from(a - b), b).unwrap_or(0.0)
}

impl Inputs {
    /// `part/(H − L)`, 0 where there is no range.
    fn of_range(&self, part: i64) -> f64 {
        ratio(i128::from(part), self.bar.high - self.bar.low).unwrap_or(0.0)
    }

    /// Both shadows together.
    const fn wicks(&self) -> i64 {
        self.bar.high - self.bar.low - (self.bar.close - self.bar.open).abs()
    }
}

/// `ln(1 + x)`, 0 for negative x.
fn log_of(x: f64) -> f64 {
    if x > 0.0 { libm::log1p(x) } else { 0.0 }
}

features! {
    clock: Clock, named by names, x: &Inputs,
    volume_log: Some(log_of(x.volume)) => "ln(1 + V)", finite(1),
        AtLeast(0.0), "", "Logarithm of the quantity.";
    dollar_volume_log: Some(log_of(x.dollar)) => "ln(1 + Σ price·quantity)", finite(1),
        AtLeast(0.0), "0 where the sum is not positive", "Logarithm of the amount of the quote currency, summed trade by trade.";
    log_return_close: x.close_return => "ln(C/C₋₁)", finite(2),
        Any, NOT_POSITIVE, "Logarithmic return of the close against that of the bar before.";
    log_return_high: x.high_return => "ln(H/H₋₁)", finite(2),
        Any, NOT_POSITIVE, "Logarithmic return of the high against that of the bar before.";
    log_return_low: x.low_return => "ln(L/L₋₁)", finite(2),
        Any, NOT_POSITIVE, "Logarithmic return of the low against that of the bar before.";
    price_change_pct: Some(percent(x.bar.close, x.bar.open)) => "100·(C/O − 1)", finite(1),
        AtLeast(-100.0), "0 where the open is 0", "Change of the price within the bar, from its first trade to its last.";
    high_low_pct: Some(percent(x.bar.high, x.bar.low)) => "100·(H/L − 1)", finite(1),
        AtLeast(0.0), "0 where the low is 0", "Range of the bar relative to its low.";
    wick_vs_range: Some(x.of_range(x.wicks())) => "(H − L − |C − O|)/(H − L)", finite(1),
        Between(0.0, 1.0), NO_RANGE, "Both shadows as a share of the range.";
    body_vs_range: Some(x.of_range(x.bar.close - x.bar.open)) => "(C − O)/(H − L)", finite(1),
        Between(-1.0, 1.0), NO_RANGE, "Body as a share of the range, with its sign: positive where the bar rose. Without the sign it would say no more than wick_vs_range.";
    close_vs_high_pct: Some(percent(x.bar.close, x.bar.high)) => "100·(C/H − 1)", finite(1),
        AtMost(0.0), "0 where the high is 0", "Distance of the close from the high.";
    close_vs_low_pct: Some(percent(x.bar.close, x.bar.low)) => "100·(C/L − 1)", finite(1),
        AtLeast(0.0), "0 where the low is 0", "Distance of the close from the low.";
    trade_imbalance: Some(x.trades.trade_imbalance) => "(B − S)/(B + S)", finite(1),
        Between(-1.0, 1.0), NO_QUANTITY, "What takers bought less what they sold, of all they traded.";
    tick_volatility: Some(x.trades.tick_volatility) => "STD of ln(p/p₋₁) from trade to trade", finite(1),
        AtLeast(0.0), "0 with fewer than two trades", "Standard deviation (ddof 0) of the log returns between the bar's trades, each rounded once to 2^-52.";
    taker_ratio: Some(x.trades.taker_ratio) => "B/(B + S)", finite(1),
        Between(0.0, 1.0), "0.5 where no quantity was traded", "Share of the quantity that takers bought.";
    tick_skew: Some(x.trades.tick_skew) => "m₃/m₂^1.5 of those returns", finite(1),
        Any, EQUAL, "Skewness of the population of the log returns between the bar's trades.";
    tick_kurtosis: Some(x.trades.tick_kurtosis) => "m₄/m₂² − 3 of those returns", finite(1),
        AtLeast(-2.0), EQUAL, "Excess kurtosis (Fisher) of the population of the log returns between the bar's trades.";
    price_changes: Some(x.trades.price_changes) => "trades at another price than the trade before", finite(1),
        Count, "", "Price changes between the bar's trades.";
    direction_changes: Some(x.trades.direction_changes) => "price changes against the change before", finite(1),
        Count, "", "Turns of the price between the bar's trades.";
}

operators! {
    /// The operators of every clock.
    Common { quantity: Divisor, dollar: Divisor, }
    close_return: LogReturn,
    high_return: LogReturn,
    low_return: LogReturn,
    => new(grid) {
        let (price, quantity) = (Scale::new(grid.price_scale()), Scale::new(grid.qty_scale()));
        Self {
            quantity: quantity.divisor(),
            dollar: price.divisor_times(quantity.steps()),
            close_return: LogReturn::new(),
            high_return: LogReturn::new(),
            low_return: LogReturn::new(),
        }
    }
    => inputs(this, bar) {
        Inputs {
            volume: this.quantity.divide_i64(bar.view.volume),
            dollar: this.dollar.divide(bar.bar.sums.dollar),
            close_return: this.close_return.update(bar.view.close),
            high_return: this.high_return.update(bar.view.high),
            low_return: this.low_return.update(bar.view.low),
            bar: bar.view,
            trades: Statistics::of(&bar.bar.sums),
        }
    }
}
