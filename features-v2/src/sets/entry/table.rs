//! The table of `entry`: 85 features, in the catalogue's order.

use feature_api::Range::{Any, AtLeast, AtMost, Between, Count, Flag, Sign};

use super::super::formula::{share, taker_imbalance};
use super::super::table::{Look, features, finite, flag, recursive};
use super::EntryParams;
use super::inputs::{Inputs, bearish_divergence, bullish_divergence, double, growth};
use crate::operators::{Atr, Ema, Macd, Rsi, RunLength};

const NO_CLOSE: &str = "0 where the close is 0";
const NO_RANGE: &str = "0 where high = low";
const FLAT: &str = "the mean where the close is flat";
const NEVER: &str = "0 where the close never changed";
const NO_ATR: &str = "0 where ATR or close is 0";
const AREA: &str = "see vp_poc";

features! {
    p: EntryParams, x: &Inputs<'_>,
    close_change_1: Some(x.change(x.recent.short?)) => format!("C/C₋{} − 1", p.change_short), finite(p.change_short.get() + 1),
        AtLeast(-1.0), "0 where the close before is 0", "Return over one bar.";
    close_change_3: Some(x.change(x.recent.long?)) => format!("C/C₋{} − 1", p.change_long), finite(p.change_long.get() + 1),
        AtLeast(-1.0), "0 where the close before is 0", "Return over three bars.";
    volume_ma_ratio: x.volume_ratio() => format!("V/SMA{}(V)", p.volume), finite(p.volume.get()),
        AtLeast(0.0), "0 without volume over the window", "Volume relative to its mean.";
    rsi: x.rsi => format!("RSI{} (Wilder)", p.rsi), p.rsi_look(0),
        Between(0.0, 100.0), NEVER, "Relative strength index; TA-Lib RSI.";
    macd: Some(x.macd?.macd) => format!("EMA{} − EMA{}", p.macd_fast, p.macd_slow), p.macd_look(0),
        Any, "", "Moving average convergence/divergence; valid together with its signal, both averages start at the slow one's bar (TA-Lib MACD).";
    macd_signal: Some(x.macd?.signal) => format!("EMA{} of macd", p.macd_signal), p.macd_look(0),
        Any, "", "Signal line of the MACD.";
    macd_diff: x.histogram() => "macd − macd_signal", p.macd_look(0), Any, "", "Histogram of the MACD.";
    bb_high: Some(x.bands?.mean + 2.0 * x.bands?.deviation) => format!("SMA{0} + 2·STD{0}", p.bands), finite(p.bands.get()),
        AtLeast(0.0), FLAT, "Upper Bollinger band, ddof 0 (TA-Lib BBANDS).";
    bb_mid: Some(x.bands?.mean) => format!("SMA{}", p.bands), finite(p.bands.get()), AtLeast(0.0), "", "Middle Bollinger band.";
    bb_low: Some(x.bands?.mean - 2.0 * x.bands?.deviation) => format!("SMA{0} − 2·STD{0}", p.bands), finite(p.bands.get()),
        Any, FLAT, "Lower Bollinger band, ddof 0 (TA-Lib BBANDS).";
    distance_to_support_pct: Some(x.support?.distance_pct) => format!("100·(C − S)/C, S of the prev {}", p.levels), finite(p.levels.get() + 1),
        AtMost(100.0), NO_CLOSE, "S = the highest confirmed swing low strictly below C whose bar and neighbours lie within the window; where there is none, the lowest low of the previous bars (the distance can then be negative).";
    distance_to_resistance_pct: Some(x.resistance?.distance_pct) => format!("100·(R − C)/C, R of the prev {}", p.levels), finite(p.levels.get() + 1),
        AtLeast(-100.0), NO_CLOSE, "R = the lowest confirmed swing high strictly above C; where there is none, the highest high of the previous bars (the distance can then be negative).";
    num_support_touches: Some(f64::from(x.support?.touches)) => "confirmed swing lows within ±0.5 % of S", finite(p.levels.get() + 1),
        Count, "", "How often S was a swing low; 0 is possible where S is no swing low. A swing point is strictly lower (higher) than its neighbours before and not higher (lower) than those after, so the first of equals counts; it and its neighbours lie within the window or at t.";
    num_resistance_touches: Some(f64::from(x.resistance?.touches)) => "confirmed swing highs within ±0.5 % of R", finite(p.levels.get() + 1),
        Count, "", "How often R was a swing high; 0 is possible where R is no swing high. A swing point is strictly lower (higher) than its neighbours before and not higher (lower) than those after, so the first of equals counts; it and its neighbours lie within the window or at t.";
    upper_trendline_slope: Some(x.upper?.slope) => format!("least-squares slope of H, prev {}", p.trendline), finite(p.trendline.get() + 1),
        Any, "0 for a window of 1", "Slope of the line through the highs, in price per bar.";
    lower_trendline_slope: Some(x.lower?.slope) => format!("least-squares slope of L, prev {}", p.trendline), finite(p.trendline.get() + 1),
        Any, "0 for a window of 1", "Slope of the line through the lows, in price per bar.";
    price_vs_upper_trendline_pct: x.line_distance_pct(x.upper) => "100·(C − upper line at t)/C", finite(p.trendline.get() + 1),
        Any, NO_CLOSE, "Distance of the close from the line through the previous highs, drawn on to this bar.";
    price_vs_lower_trendline_pct: x.line_distance_pct(x.lower) => "100·(C − lower line at t)/C", finite(p.trendline.get() + 1),
        Any, NO_CLOSE, "Distance of the close from the line through the previous lows, drawn on to this bar.";
    rsi_bullish_divergence: Some(bullish_divergence(x.structure.rsi_lows?)) => format!("lower swing low, higher rsi, prev {}", p.divergence), p.rsi_look(p.divergence.get()),
        Flag, "0 without two swing lows", "Of the two newest confirmed swing lows of the previous bars, the later has the lower low and the higher RSI. A swing point is strictly lower (higher) than its neighbours before and not higher (lower) than those after, so the first of equals counts; it and its neighbours lie within the window or at t.";
    rsi_bearish_divergence: Some(bearish_divergence(x.structure.rsi_highs?)) => format!("higher swing high, lower rsi, prev {}", p.divergence), p.rsi_look(p.divergence.get()),
        Flag, "0 without two swing highs", "Of the two newest confirmed swing highs of the previous bars, the later has the higher high and the lower RSI. A swing point is strictly lower (higher) than its neighbours before and not higher (lower) than those after, so the first of equals counts; it and its neighbours lie within the window or at t.";
    macd_bullish_divergence: Some(bullish_divergence(x.structure.macd_lows?)) => format!("lower swing low, higher macd, prev {}", p.divergence), p.macd_look(p.divergence.get()),
        Flag, "0 without two swing lows", "As rsi_bullish_divergence, with the MACD. Swing points as there.";
    macd_bearish_divergence: Some(bearish_divergence(x.structure.macd_highs?)) => format!("higher swing high, lower macd, prev {}", p.divergence), p.macd_look(p.divergence.get()),
        Flag, "0 without two swing highs", "As rsi_bearish_divergence, with the MACD. Swing points as there.";
    double_top: Some(double(x.structure.double_highs?)) => format!("last 2 swing highs within 1 %, prev {}", p.double), finite(p.double.get() + 1),
        Flag, "0 without two swing highs", "Whether the two newest confirmed swing highs lie within 1 % of the earlier. A swing point is strictly lower (higher) than its neighbours before and not higher (lower) than those after, so the first of equals counts; it and its neighbours lie within the window or at t.";
    double_bottom: Some(double(x.structure.double_lows?)) => format!("last 2 swing lows within 1 %, prev {}", p.double), finite(p.double.get() + 1),
        Flag, "0 without two swing lows", "Whether the two newest confirmed swing lows lie within 1 % of the earlier. A swing point is strictly lower (higher) than its neighbours before and not higher (lower) than those after, so the first of equals counts; it and its neighbours lie within the window or at t.";
    higher_highs_lows: x.trend(true) => format!("newest swing high and low above the ones before, prev {}", p.structure), finite(p.structure.get() + 1),
        Flag, "0 without two swing highs and two swing lows", "Whether both the newest swing high and the newest swing low are above the one before. A swing point is strictly lower (higher) than its neighbours before and not higher (lower) than those after, so the first of equals counts; it and its neighbours lie within the window or at t.";
    lower_highs_lows: x.trend(false) => format!("newest swing high and low below the ones before, prev {}", p.structure), finite(p.structure.get() + 1),
        Flag, "0 without two swing highs and two swing lows", "Whether both the newest swing high and the newest swing low are below the one before. A swing point is strictly lower (higher) than its neighbours before and not higher (lower) than those after, so the first of equals counts; it and its neighbours lie within the window or at t.";
    taker_imbalance: Some(taker_imbalance(x.bar)) => "(Vbuy − Vsell)/(Vbuy + Vsell), else (2C − H − L)/(H − L)", finite(1),
        Between(-1.0, 1.0), "0 without taker volume, or where high = low", "Imbalance of the takers where the bar carries their volumes, else the close location value.";
    volume_price_correlation: x.correlation => format!("corr{}(V, C)", p.correlation), finite(p.correlation.get()),
        Between(-1.0, 1.0), "0 where volume or close is flat", "Pearson correlation of volume and close (TA-Lib CORREL).";
    price_volume_trend: x.price_volume_trend() => "sign(C − C₋₁) if V > V₋₁ else 0", finite(2), Sign, "", "Direction of the close where volume grew.";
    body_to_range_ratio: Some(x.candle.body) => "|C − O|/(H − L)", finite(1), Between(0.0, 1.0), NO_RANGE, "Body of the bar.";
    upper_shadow_ratio: Some(x.candle.upper) => "(H − max(O, C))/(H − L)", finite(1), Between(0.0, 1.0), NO_RANGE, "Upper shadow of the bar.";
    lower_shadow_ratio: Some(x.candle.lower) => "(min(O, C) − L)/(H − L)", finite(1), Between(0.0, 1.0), NO_RANGE, "Lower shadow of the bar.";
    bullish_engulfing: x.engulfing(true) => "red before, green, O ≤ C₋₁, C ≥ O₋₁, larger body", finite(2), Flag, "", "Bullish engulfing bar.";
    bearish_engulfing: x.engulfing(false) => "green before, red, O ≥ C₋₁, C ≤ O₋₁, larger body", finite(2), Flag, "", "Bearish engulfing bar.";
    hammer: Some(flag(x.candle.is_hammer())) => "body < 0.3 and lower shadow > 0.6", finite(1), Flag, NO_RANGE, "Hammer.";
    shooting_star: Some(flag(x.candle.is_shooting_star())) => "body < 0.3 and upper shadow > 0.6", finite(1), Flag, NO_RANGE, "Shooting star.";
    doji: Some(flag(x.candle.is_doji())) => "body < 0.1", finite(1), Flag, "1 where high = low", "Doji.";
    distance_from_recent_high_pct: Some(100.0 * x.change(x.recent.high?)) => format!("100·(C/maxH − 1), prev {}", p.recent_high), finite(p.recent_high.get() + 1),
        AtLeast(-100.0), "0 where the high is 0", "Distance from the highest high of the previous bars.";
    bearish_candle_count: x.recent.red_run => "run of C < O ending at t", recursive(0, RunLength::LONGEST),
        Count, "", "Length of the run of red bars; known from the first bar on that is not red.";
    red_candle_volume_ratio: x.recent.red_volume => format!("Σ V of red bars/Σ V, prev {}", p.red_volume), finite(p.red_volume.get() + 1),
        Between(0.0, 1.0), "0 without volume over the window", "Share of the volume traded in red bars.";
    strong_selling_pressure: Some(flag(x.candle.upper > 0.5 && x.candle.body < 0.3)) => "upper shadow > 0.5 and body < 0.3", finite(1), Flag, NO_RANGE, "Selling from the high.";
    price_momentum_near_resistance: x.momentum_near_resistance() => format!("C/C₋{} − 1 if 0 ≤ distance_to_resistance_pct < 1 else 0", p.momentum), finite(p.levels.get().max(p.momentum.get()) + 1),
        AtLeast(-1.0), "0 where the close before is 0", "Momentum close below resistance.";
    rsi_from_recent_peak: Some(x.rsi? - x.rsi_peak?) => format!("rsi − max rsi of the prev {}", p.rsi_peak), p.rsi_look(p.rsi_peak.get()),
        Between(-100.0, 100.0), "", "Distance of the RSI from its recent peak.";
    consecutive_up_candles: x.recent.green_run => "run of C > O ending at t", recursive(0, RunLength::LONGEST),
        Count, "", "Length of the run of green bars; known from the first bar on that is not green.";
    ma_200: x.ma_long => format!("SMA{}", p.long), finite(p.long.get()), AtLeast(0.0), "", "Long mean of the close (TA-Lib SMA).";
    ema_200: x.ema_long => format!("EMA{}", p.long), recursive(p.long.get() - 1, Ema::convergence(p.long)), AtLeast(0.0), "", "Long exponential average (TA-Lib EMA).";
    rsi_200: x.rsi_long => format!("RSI{} (Wilder)", p.long), recursive(p.long.get(), Rsi::convergence(p.long)),
        Between(0.0, 100.0), NEVER, "Long relative strength index (TA-Lib RSI).";
    atr_200: x.atr_long => format!("ATR{} (Wilder)", p.long), recursive(p.long.get(), Atr::convergence(p.long)), AtLeast(0.0), "", "Long average true range (TA-Lib ATR).";
    vp_poc: Some(x.profile.as_ref()?.poc) => format!("mid of the fullest of 20 bins, prev {}", p.profile), p.profile_look(0),
        AtLeast(0.0), "without volume every bar weighs the same; with no range, its price", "Point of control: 20 equal bins from the lowest low to the highest high of the previous bars, each bar's volume spread evenly over the bins its range touches (a bin includes its lower edge), the lowest of equal bins.";
    vp_value_area_high: Some(x.profile.as_ref()?.top) => "top edge of the value area (70 %)", p.profile_look(0),
        AtLeast(0.0), AREA, "The value area grows from the fullest bin by the larger neighbour, the lower of equals, until it holds 70 % of the volume.";
    vp_value_area_low: Some(x.profile.as_ref()?.bottom) => "bottom edge of the value area (70 %)", p.profile_look(0), AtLeast(0.0), AREA, "See vp_value_area_high.";
    vp_distance_to_poc_pct: x.poc_distance() => "(C − POC)/C", p.profile_look(0), AtMost(1.0), NO_CLOSE, "Distance from the point of control.";
    vp_in_value_area: Some(flag(x.profile.as_ref()?.profile.value_area_low <= x.close_20() && x.close_20() <= x.profile.as_ref()?.profile.value_area_high)) => "VAL ≤ C ≤ VAH", p.profile_look(0),
        Flag, AREA, "Whether the close lies in the value area.";
    vp_percentile: Some(x.place(x.profile.as_ref()?.profile.lowest, x.profile.as_ref()?.profile.highest)) => format!("(C − minL)/(maxH − minL), prev {}, clipped", p.profile), p.profile_look(0),
        Between(0.0, 1.0), "0.5 where there is no range", "Where the close lies in the range of the profile.";
    vp_volume_imbalance: Some(x.profile.as_ref()?.profile.imbalance) => "(volume at or above the POC bin − below)/total", p.profile_look(0),
        Between(-1.0, 1.0), AREA, "Volume on either side of the point of control.";
    vwap: x.vwap => format!("Σ{0}(TP·V)/Σ{0}(V), TP = (H + L + C)/3", p.vwap), finite(p.vwap.get()),
        AtLeast(0.0), "mean of TP where no volume was traded", "Rolling volume-weighted average price.";
    vwap_distance_pct: x.vwap_distance() => "(C − vwap)/C", finite(p.vwap.get()), Any, NO_CLOSE, "Distance from the volume-weighted price.";
    vwap_above: x.vwap_above => "C > vwap", finite(p.vwap.get()), Flag, "", "Whether the close is above the volume-weighted price.";
    vwap_band_position: x.band_position() => format!("C in vwap ± 2·STD{}(C − vwap), clipped", p.vwap), finite(2 * p.vwap.get() - 1),
        Between(0.0, 1.0), "0.5 where the band has no width", "0 at the lower band, 1 at the upper; ddof 0; C − vwap is rounded once to 2^-64.";
    vp_value_area_width_pct: x.value_area_width() => "(VAH − VAL)/POC", p.profile_look(0), AtLeast(0.0), "0 where there is no range or POC is 0", "Width of the value area.";
    vp_price_in_va_position: x.value_area_place() => "(C − VAL)/(VAH − VAL) inside, 0 below, 1 above", p.profile_look(0),
        Between(0.0, 1.0), "0.5 on an area of no width", "Where the close lies in the value area.";
    vp_poc_momentum: Some(growth(x.profile.as_ref()?.poc, x.profile.as_ref()?.poc_before?)) => format!("POC/POC₋{} − 1", p.momentum), p.profile_look(p.momentum.get()),
        AtLeast(-1.0), "0 where POC was 0", "Move of the point of control.";
    vp_va_midpoint_momentum: Some(growth(x.profile.as_ref()?.middle, x.profile.as_ref()?.middle_before?)) => format!("M/M₋{} − 1, M = (VAH + VAL)/2", p.momentum), p.profile_look(p.momentum.get()),
        AtLeast(-1.0), "0 where M was 0", "Move of the middle of the value area.";
    vp_strong_buy_pressure: Some(flag(x.profile.as_ref()?.profile.imbalance > 0.2)) => "vp_volume_imbalance > 0.2", p.profile_look(0), Flag, AREA, "Much volume above the point of control.";
    vp_strong_sell_pressure: Some(flag(x.profile.as_ref()?.profile.imbalance < -0.2)) => "vp_volume_imbalance < −0.2", p.profile_look(0), Flag, AREA, "Much volume below the point of control.";
    vp_poc_distance_normalized: x.normalized(x.poc_distance()?) => format!("vp_distance_to_poc_pct/(ATR{}/C)", p.atr), p.atr_look(p.profile.get()),
        Any, NO_ATR, "Distance from the point of control in units of ATR.";
    vp_above_va_breakout: Some(flag(x.profile.as_ref()?.was_not_above? > 0.0 && x.close_20() > x.profile.as_ref()?.profile.value_area_high)) => "C₋₁ ≤ VAH₋₁ and C > VAH", p.profile_look(1),
        Flag, AREA, "The close leaves the value area upward.";
    vp_below_va_breakout: Some(flag(x.profile.as_ref()?.was_not_below? > 0.0 && x.close_20() < x.profile.as_ref()?.profile.value_area_low)) => "C₋₁ ≥ VAL₋₁ and C < VAL", p.profile_look(1),
        Flag, AREA, "The close leaves the value area downward.";
    vwap_momentum: Some(growth(x.vwap?, x.vwap_before?)) => format!("vwap/vwap₋{} − 1", p.momentum), finite(p.vwap.get() + p.momentum.get()),
        AtLeast(-1.0), "0 where it was 0", "Move of the volume-weighted price.";
    vwap_vs_ma20: Some(growth(x.vwap?, x.bands?.mean)) => format!("vwap/SMA{} − 1", p.bands), finite(p.vwap.get().max(p.bands.get())),
        AtLeast(-1.0), "0 where the mean is 0", "Volume-weighted price against the mean.";
    vwap_distance_normalized: x.normalized(x.vwap_distance()?) => format!("vwap_distance_pct/(ATR{}/C)", p.atr), p.atr_look(p.vwap.get() - 1),
        Any, NO_ATR, "Distance from the volume-weighted price in units of ATR.";
    vwap_cross_up: Some(flag(x.vwap_above_1? == 0.0 && x.vwap_above? == 1.0)) => "vwap_above from 0 to 1", finite(p.vwap.get() + 1), Flag, "", "The close crosses the volume-weighted price upward.";
    vwap_cross_down: Some(flag(x.vwap_above_1? == 1.0 && x.vwap_above? == 0.0)) => "vwap_above from 1 to 0", finite(p.vwap.get() + 1), Flag, "", "The close crosses the volume-weighted price downward.";
    vwap_overbought: Some(flag(x.band_position()? > 0.8)) => "vwap_band_position > 0.8", finite(2 * p.vwap.get() - 1), Flag, "0 where the band has no width", "High in the band.";
    vwap_oversold: Some(flag(x.band_position()? < 0.2)) => "vwap_band_position < 0.2", finite(2 * p.vwap.get() - 1), Flag, "0 where the band has no width", "Low in the band.";
    vwap_bullish_divergence: x.vwap_divergence(true) => format!("C < C₋{0}, vwap > vwap₋{0}, volume_ma_ratio > 1.2", p.momentum), finite((p.vwap.get() + p.momentum.get()).max(p.volume.get())),
        Flag, "", "The close falls while the volume-weighted price rises on volume.";
    vwap_bearish_divergence: x.vwap_divergence(false) => format!("C > C₋{0}, vwap < vwap₋{0}, volume_ma_ratio > 1.2", p.momentum), finite((p.vwap.get() + p.momentum.get()).max(p.volume.get())),
        Flag, "", "The close rises while the volume-weighted price falls on volume.";
    vp_vwap_bullish_confluence: x.confluence(true) => "C < VAL, C < vwap, vp_volume_imbalance > 0.1", p.both_look(0), Flag, AREA, "Below value on volume that stands above.";
    vp_vwap_bearish_confluence: x.confluence(false) => "C > VAH, C > vwap, vp_volume_imbalance < −0.1", p.both_look(0), Flag, AREA, "Above value on volume that stands below.";
    vp_vwap_alignment: Some(growth(x.vwap?, x.profile.as_ref()?.middle)) => "vwap/((VAH + VAL)/2) − 1", p.both_look(0), AtLeast(-1.0), "0 where the middle is 0", "Volume-weighted price against the value area.";
    vwap_near_vp_support: Some(flag(x.near(x.vwap?, x.profile.as_ref()?.bottom) && x.close > x.vwap?)) => "|vwap − VAL|/C < 0.005 and C > vwap", p.both_look(0), Flag, NO_CLOSE, "Two supports in one place.";
    vwap_near_vp_resistance: Some(flag(x.near(x.vwap?, x.profile.as_ref()?.top) && x.close < x.vwap?)) => "|vwap − VAH|/C < 0.005 and C < vwap", p.both_look(0), Flag, NO_CLOSE, "Two resistances in one place.";
    institutional_activity_zone: Some(flag(x.near(x.profile.as_ref()?.poc, x.vwap?))) => "|POC − vwap|/C < 0.005", p.both_look(0), Flag, NO_CLOSE, "Point of control and volume-weighted price in one place.";
    vp_vwap_trend_alignment: x.trend_alignment() => "sign(vp_poc_momentum) = sign(vwap_momentum) ≠ 0", p.both_look(p.momentum.get()), Flag, "", "Profile and volume-weighted price move together.";
    vp_efficiency: Some(share(1.0, x.value_area_width()? + 0.01)) => "1/(vp_value_area_width_pct + 0.01)", p.profile_look(0), Between(0.0, 100.0), AREA, "High where the value area is narrow.";
}

impl EntryParams {
    const fn rsi_look(&self, bars: u32) -> Look {
        recursive(self.rsi.get() + bars, Rsi::convergence(self.rsi) + bars)
    }

    const fn macd_look(&self, bars: u32) -> Look {
        recursive(
            self.macd_slow.get() + self.macd_signal.get() - 2 + bars,
            Macd::convergence(self.macd_slow, self.macd_signal) + bars,
        )
    }

    /// The profile looks at the bars before; the feature at the bar too.
    const fn profile_look(&self, bars: u32) -> Look {
        finite(self.profile.get() + 1 + bars)
    }

    fn both_look(&self, bars: u32) -> Look {
        finite((self.profile.get() + 1).max(self.vwap.get()) + bars)
    }

    fn atr_look(&self, bars: u32) -> Look {
        recursive(bars.max(self.atr.get()), Atr::convergence(self.atr).max(bars))
    }
}
