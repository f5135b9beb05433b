//! Small formulas on one bar and on prices.

use super::bar_set::View;
use crate::arithmetic::ratio;

/// Body and shadows of a bar as shares of its range; all 0 where the range is zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candle {
    /// |C − O| / (H − L).
    pub(super) body: f64,
    /// (H − max(O, C)) / (H − L).
    pub(super) upper: f64,
    /// (min(O, C) − L) / (H − L).
    pub(super) lower: f64,
    /// Close above open.
    pub(super) green: bool,
    /// Close below open.
    pub(super) red: bool,
}

impl Candle {
    #[inline]
    pub(super) fn of(bar: &View) -> Self {
        let range = bar.high - bar.low;
        let share = |part: i64| ratio(i128::from(part), range).unwrap_or(0.0);
        Self {
            body: share((bar.close - bar.open).abs()),
            upper: share(bar.high - bar.open.max(bar.close)),
            lower: share(bar.open.min(bar.close) - bar.low),
            green: bar.close > bar.open,
            red: bar.close < bar.open,
        }
    }

    /// Small body at the top of a long lower shadow.
    #[inline]
    pub(super) fn is_hammer(&self) -> bool {
        self.body < 0.3 && self.lower > 0.6
    }

    /// Small body at the bottom of a long upper shadow.
    #[inline]
    pub(super) fn is_shooting_star(&self) -> bool {
        self.body < 0.3 && self.upper > 0.6
    }

    /// Hardly any body.
    #[inline]
    pub(super) fn is_doji(&self) -> bool {
        self.body < 0.1
    }
}

/// Whether a bar turns on the bar before it, whose open and close are given, and engulfs its body.
#[inline]
pub(super) const fn engulfs(bar: &View, open_1: i64, close_1: i64, bullish: bool) -> bool {
    let View { open, close, .. } = *bar;
    let turns = if bullish {
        close_1 < open_1 && close > open && open <= close_1 && close >= open_1
    } else {
        close_1 > open_1 && close < open && open >= close_1 && close <= open_1
    };
    turns && (close - open).abs() > (close_1 - open_1).abs()
}

/// `part / whole`, 0 where the whole is 0. Prices are 0 or at least 1e-16, so only a forged state can make the
/// quotient overflow; it is 0 then too, for no value is ever infinite.
#[inline]
pub(super) fn share(part: f64, whole: f64) -> f64 {
    let share = part / whole;
    if share.is_finite() { share } else { 0.0 }
}

/// C/C₋ₙ − 1; 0 where the close before is 0.
#[inline]
pub(super) fn change(close: i64, before: i64) -> f64 {
    ratio(i128::from(close - before), before).unwrap_or(0.0)
}

/// (Vbuy − Vsell)/(Vbuy + Vsell) where the bar says it, else (2C − H − L)/(H − L); 0 where that has no value.
#[inline]
pub(super) fn taker_imbalance(bar: &View) -> f64 {
    match bar.taker {
        Some((buy, sell)) => ratio(i128::from(buy - sell), buy + sell),
        None => ratio(i128::from(2 * bar.close - bar.high - bar.low), bar.high - bar.low),
    }
    .unwrap_or(0.0)
}
