//! What the bars of time have beside the common features: 35 features.

use feature_api::Operator as _;
use feature_api::Range::{Any, AtLeast, AtMost, Between, Flag};

use super::clock::{Clock, names, operators};
use super::lines::{
    ADX_DOC, ATR_DOC, EMA_DOC, FLAT, KURTOSIS_DOC, NEVER, NO_CLOSE, RSI_DOC, SKEW_DOC, SMA_DOC, STILL, adx,
    atr, ema, rsi, w,
};
use crate::arithmetic::{Divisor, Scale, quotient, ratio};
use crate::operators::{
    Adx, Atr, BuySell, Cci, Ema, FineVolumeProfile, Lag, Mean, Mfi, Natr, Profile, RangeVolume, ReturnShape,
    Roc, Rsi, Shape, ShapeLines, SignedVolume, Stochastic, StochasticLines,
};
use crate::sets::bar_set::View;
use crate::sets::formula::{Candle, change, engulfs};
use crate::sets::table::{features, finite, flag};

/// Values of the operators at a bar, and the bar.
pub(super) struct Inputs {
    bar: View,
    candle: Candle,
    before: Option<(i64, i64)>,
    signed_volume_ratio: Option<f64>,
    price_shape: Option<ShapeLines>,
    volume_shape: Option<ShapeLines>,
    trade_size: f64,
    sma_20: Option<f64>,
    ema_20: Option<f64>,
    rsi: [Option<f64>; 3],
    adx_14: Option<f64>,
    atr_14: Option<f64>,
    natr_14: Option<f64>,
    cci: [Option<f64>; 2],
    mfi_14: Option<f64>,
    roc: [Option<f64>; 4],
    stochastic: Option<StochasticLines>,
    shape_20: Option<ShapeLines>,
    shape_50: Option<ShapeLines>,
    minute_of_day: Turn,
    day_of_week: Turn,
    profile: Option<Profile>,
}

/// Sine and cosine of a share of a full turn.
struct Turn {
    sin: f64,
    cos: f64,
}

impl Turn {
    fn of(part: i64, whole: u128) -> Self {
        let angle = core::f64::consts::TAU * quotient(i128::from(part), whole);
        Self { sin: libm::sin(angle), cos: libm::cos(angle) }
    }
}

const DAY: i64 = 86_400_000_000_000;

/// How much of its UTC day is over at that time.
fn minute_of_day(ts: i64) -> Turn {
    Turn::of(ts.rem_euclid(DAY), DAY.unsigned_abs().into())
}

/// How much of its UTC week, which begins on Monday, is over at that time.
fn day_of_week(ts: i64) -> Turn {
    // The epoch was a Thursday. Both terms are below a week, so nothing overflows.
    const WEEK: i64 = 7 * DAY;
    Turn::of((ts.rem_euclid(WEEK) + 3 * DAY).rem_euclid(WEEK), WEEK.unsigned_abs().into())
}

impl Inputs {
    /// The close in the profile's fractions of a grid step.
    const fn close_50(&self) -> i64 {
        FineVolumeProfile::BINS * self.bar.close
    }

    fn poc_distance(&self) -> Option<f64> {
        let close = 2 * self.close_50();
        Some(ratio(i128::from(close - self.profile?.poc), close).unwrap_or(0.0))
    }

    fn in_value_area(&self) -> Option<f64> {
        let Profile { value_area_low, value_area_high, .. } = self.profile?;
        Some(flag(value_area_low <= self.close_50() && self.close_50() <= value_area_high))
    }

    fn engulfing(&self, bullish: bool) -> Option<f64> {
        let (open_1, close_1) = self.before?;
        Some(flag(engulfs(&self.bar, open_1, close_1, bullish)))
    }
}

const TURN_DOC: &str = "Time of the bar's close (UTC), as a point on the circle of a day.";
const DAY_DOC: &str = "Time of the bar's close (UTC), as a point on the circle of a week. The fraction of the day counts: by whole days the three clocks, all of which have a bar that ends at midnight, would say the same.";

/// What a place in the volume profile is, and of what.
macro_rules! profile_doc {
    ($what:literal) => {
        concat!(
            $what,
            " of the volume profile of the last 50 bars, this one included: 50 equal bins from their lowest low to their highest high, each bar's quantity spread evenly over the bins its range touches."
        )
    };
}

features! {
    clock: Clock, named by names, x: &Inputs,
    signed_volume_ratio: x.signed_volume_ratio => "Σ20(B − S)/Σ20(B + S)", finite(20), Between(-1.0, 1.0), "0 where no quantity was traded", "What takers bought less what they sold over the last 20 bars, of all they traded; trade_imbalance is that of this bar.";
    price_skew: Some(x.price_shape?.skewness) => "m₃/m₂^1.5 of C, 20 bars", finite(20), Any, FLAT, "Skewness of the population of the last 20 closes.";
    volume_skew: Some(x.volume_shape?.skewness) => "m₃/m₂^1.5 of V, 20 bars", finite(20), Any, FLAT, "Skewness of the population of the last 20 quantities.";
    avg_trade_size: Some(x.trade_size) => "V/trades of the bar", finite(1), AtLeast(0.0), "", "Mean quantity of a trade.";
    sma_20: x.sma_20 => "SMA20", finite(20), AtLeast(0.0), "", SMA_DOC;
    ema_20: x.ema_20 => "EMA20", ema(20), AtLeast(0.0), "", EMA_DOC;
    rsi_7: x.rsi[0] => "RSI7 (Wilder)", rsi(7), Between(0.0, 100.0), NEVER, RSI_DOC;
    rsi_14: x.rsi[1] => "RSI14 (Wilder)", rsi(14), Between(0.0, 100.0), NEVER, RSI_DOC;
    rsi_21: x.rsi[2] => "RSI21 (Wilder)", rsi(21), Between(0.0, 100.0), NEVER, RSI_DOC;
    adx_14: x.adx_14 => "ADX14 (Wilder)", adx(14), Between(0.0, 100.0), STILL, ADX_DOC;
    atr_14: x.atr_14 => "ATR14 (Wilder)", atr(14), AtLeast(0.0), "", ATR_DOC;
    natr_14: x.natr_14 => "100·ATR14/C", atr(14), AtLeast(0.0), "0 where the close is not positive", "Average true range relative to the close (TA-Lib NATR).";
    cci_14: x.cci[0] => "(TP − SMA14(TP))/(0.015·mean |TP − SMA14(TP)|)", finite(14), Any, "0 where the price is flat", "Commodity channel index (TA-Lib CCI).";
    cci_20: x.cci[1] => "(TP − SMA20(TP))/(0.015·mean |TP − SMA20(TP)|)", finite(20), Any, "0 where the price is flat", "Commodity channel index (TA-Lib CCI).";
    mfi_14: x.mfi_14 => "100·Σ14⁺(TP·V)/Σ14(TP·V)", finite(15), Between(0.0, 100.0), "0 where no money flowed", "Money flow index (TA-Lib MFI).";
    roc_1: x.roc[0] => "100·(C/C₋₁ − 1)", finite(2), AtLeast(-100.0), NO_CLOSE, "Rate of change (TA-Lib ROC).";
    roc_5: x.roc[1] => "100·(C/C₋₅ − 1)", finite(6), AtLeast(-100.0), NO_CLOSE, "Rate of change (TA-Lib ROC).";
    roc_10: x.roc[2] => "100·(C/C₋₁₀ − 1)", finite(11), AtLeast(-100.0), NO_CLOSE, "Rate of change (TA-Lib ROC).";
    roc_20: x.roc[3] => "100·(C/C₋₂₀ − 1)", finite(21), AtLeast(-100.0), NO_CLOSE, "Rate of change (TA-Lib ROC).";
    stoch_k: Some(x.stochastic?.k) => "SMA3 of 100·(C − minL14)/(maxH14 − minL14)", finite(16), Between(0.0, 100.0), "0 in the mean for a bar whose window has no range", "Slow %K of 14-3-3 (TA-Lib STOCH).";
    stoch_d: x.stochastic?.d => "SMA3 of stoch_k", finite(18), Between(0.0, 100.0), "as stoch_k", "Slow %D of 14-3-3 (TA-Lib STOCH).";
    ret_skew_20: Some(x.shape_20?.skewness) => "m₃/m₂^1.5 of C/C₋₁ − 1, 20 bars", finite(21), Any, FLAT, SKEW_DOC;
    ret_skew_50: Some(x.shape_50?.skewness) => "m₃/m₂^1.5 of C/C₋₁ − 1, 50 bars", finite(51), Any, FLAT, SKEW_DOC;
    ret_kurt_20: Some(x.shape_20?.kurtosis) => "m₄/m₂² − 3 of C/C₋₁ − 1, 20 bars", finite(21), AtLeast(-2.0), FLAT, KURTOSIS_DOC;
    ret_kurt_50: Some(x.shape_50?.kurtosis) => "m₄/m₂² − 3 of C/C₋₁ − 1, 50 bars", finite(51), AtLeast(-2.0), FLAT, KURTOSIS_DOC;
    minute_of_day_sin: Some(x.minute_of_day.sin) => "sin(2π·minutes since midnight/1440)", finite(1), Between(-1.0, 1.0), "", TURN_DOC;
    minute_of_day_cos: Some(x.minute_of_day.cos) => "cos(2π·minutes since midnight/1440)", finite(1), Between(-1.0, 1.0), "", TURN_DOC;
    day_of_week_sin: Some(x.day_of_week.sin) => "sin(2π·days since Monday 00:00/7)", finite(1), Between(-1.0, 1.0), "", DAY_DOC;
    day_of_week_cos: Some(x.day_of_week.cos) => "cos(2π·days since Monday 00:00/7)", finite(1), Between(-1.0, 1.0), "", DAY_DOC;
    bullish_engulfing: x.engulfing(true) => "red before, green, O ≤ C₋₁, C ≥ O₋₁, larger body", finite(2), Flag, "", "Bullish engulfing bar.";
    bearish_engulfing: x.engulfing(false) => "green before, red, O ≥ C₋₁, C ≤ O₋₁, larger body", finite(2), Flag, "", "Bearish engulfing bar.";
    hammer: Some(flag(x.candle.is_hammer())) => "body < 0.3 and lower shadow > 0.6", finite(1), Flag, "0 where high = low", "Hammer.";
    shooting_star: Some(flag(x.candle.is_shooting_star())) => "body < 0.3 and upper shadow > 0.6", finite(1), Flag, "0 where high = low", "Shooting star.";
    doji: Some(flag(x.candle.is_doji())) => "body < 0.1", finite(1), Flag, "1 where high = low", "Doji.";
    vp_poc_distance: x.poc_distance() => "(C − POC)/C", finite(50), AtMost(1.0), "0 where the close is 0", profile_doc!("Distance of the close from the point of control, the middle of the fullest bin (the lowest of equals),");
    vp_in_value_area: x.in_value_area() => "VAL ≤ C ≤ VAH", finite(50), Flag, "1 where the window has no range", profile_doc!("Whether the close lies in the value area, which grows from the fullest bin by the larger neighbour until it holds 70 % of the volume,");
}

operators! {
    /// The operators of the bars of time.
    Time { price: Divisor, quantity_steps: u128, }
    open_1: Lag,
    close_1: Lag,
    signed_volume_ratio: SignedVolume,
    price_shape: Shape,
    volume_shape: Shape,
    sma_20: Mean,
    ema_20: Ema,
    rsi_7: Rsi,
    rsi_14: Rsi,
    rsi_21: Rsi,
    adx_14: Adx,
    atr_14: Atr,
    natr_14: Natr,
    cci_14: Cci,
    cci_20: Cci,
    mfi_14: Mfi,
    roc_1: Roc,
    roc_5: Roc,
    roc_10: Roc,
    roc_20: Roc,
    stochastic: Stochastic,
    shape_20: ReturnShape,
    shape_50: ReturnShape,
    profile: FineVolumeProfile,
    => new(grid) {
        let (price, quantity) = (Scale::new(grid.price_scale()), Scale::new(grid.qty_scale()));
        Self {
            price: price.divisor(),
            quantity_steps: quantity.steps(),
            open_1: Lag::new(w(1)),
            close_1: Lag::new(w(1)),
            signed_volume_ratio: SignedVolume::new(w(20)),
            price_shape: Shape::new(w(20)),
            volume_shape: Shape::new(w(20)),
            sma_20: Mean::new(w(20), price),
            ema_20: Ema::new(w(20)),
            rsi_7: Rsi::new(w(7), price),
            rsi_14: Rsi::new(w(14), price),
            rsi_21: Rsi::new(w(21), price),
            adx_14: Adx::new(w(14), price),
            atr_14: Atr::new(w(14), price),
            natr_14: Natr::new(w(14), price),
            cci_14: Cci::new(w(14)),
            cci_20: Cci::new(w(20)),
            mfi_14: Mfi::new(w(14)),
            roc_1: Roc::new(w(1)),
            roc_5: Roc::new(w(5)),
            roc_10: Roc::new(w(10)),
            roc_20: Roc::new(w(20)),
            stochastic: Stochastic::new(w(14), w(3), w(3)),
            shape_20: ReturnShape::new(w(20)),
            shape_50: ReturnShape::new(w(50)),
            profile: FineVolumeProfile::new(w(50)),
        }
    }
    => inputs(this, bar) {
        let (sums, view, range) = (&bar.bar.sums, &bar.view, bar.view.high_low_close());
        let close = this.price.divide_i64(view.close);
        let (open_1, close_1) = (this.open_1.update(view.open), this.close_1.update(view.close));
        let ret = close_1.map(|before| change(view.close, before));
        Inputs {
            bar: *view,
            candle: Candle::of(view),
            before: open_1.zip(close_1),
            signed_volume_ratio: this
                .signed_volume_ratio
                .update(BuySell { buy: sums.buy, sell: sums.sell() }),
            price_shape: this.price_shape.update(view.close),
            volume_shape: this.volume_shape.update(view.volume),
            trade_size: quotient(view.volume.into(), this.quantity_steps * u128::from(sums.trades)),
            sma_20: this.sma_20.update(view.close),
            ema_20: this.ema_20.update(close),
            rsi: [&mut this.rsi_7, &mut this.rsi_14, &mut this.rsi_21].map(|rsi| rsi.update(view.close)),
            adx_14: this.adx_14.update(range).and_then(|lines| lines.adx),
            atr_14: this.atr_14.update(range),
            natr_14: this.natr_14.update(range),
            cci: [&mut this.cci_14, &mut this.cci_20].map(|cci| cci.update(bar.typical().triple)),
            mfi_14: this.mfi_14.update(bar.typical()),
            roc: [&mut this.roc_1, &mut this.roc_5, &mut this.roc_10, &mut this.roc_20]
                .map(|roc| roc.update(view.close)),
            stochastic: this.stochastic.update(range),
            shape_20: ret.and_then(|ret| this.shape_20.update(ret)),
            shape_50: ret.and_then(|ret| this.shape_50.update(ret)),
            minute_of_day: minute_of_day(bar.bar.ts_close),
            day_of_week: day_of_week(bar.bar.ts_close),
            profile: this.profile.update(RangeVolume { high: view.high, low: view.low, volume: view.volume }),
        }
    }
}
