//! What the table of `entry` is written over: the operators' values at one bar, and small formulas on them.

use super::super::bar_set::View;
use super::super::formula::{Candle, change, engulfs, share};
use super::super::table::flag;
use crate::arithmetic::ratio;
use crate::operators::{Line, MacdLines, MeanDeviation, NearestLevel, Pair, Profile, VolumeProfile};

/// Values of the operators at one bar; `None` where one is not warm.
pub(super) struct Inputs<'a> {
    pub(super) bar: &'a View,
    pub(super) close: f64,
    pub(super) candle: Candle,
    pub(super) recent: Recent,
    pub(super) volume: f64,
    pub(super) volume_mean: Option<f64>,
    pub(super) rsi: Option<f64>,
    pub(super) rsi_peak: Option<f64>,
    pub(super) macd: Option<MacdLines>,
    pub(super) bands: Option<MeanDeviation>,
    pub(super) support: Option<NearestLevel>,
    pub(super) resistance: Option<NearestLevel>,
    pub(super) upper: Option<Line>,
    pub(super) lower: Option<Line>,
    pub(super) structure: Structure,
    pub(super) correlation: Option<f64>,
    pub(super) ma_long: Option<f64>,
    pub(super) ema_long: Option<f64>,
    pub(super) rsi_long: Option<f64>,
    pub(super) atr_long: Option<f64>,
    pub(super) atr: Option<f64>,
    pub(super) profile: Option<ProfilePrices>,
    pub(super) vwap: Option<f64>,
    pub(super) vwap_above: Option<f64>,
    pub(super) vwap_before: Option<f64>,
    pub(super) vwap_above_1: Option<f64>,
    pub(super) vwap_deviation: Option<f64>,
}

/// What came just before.
pub(super) struct Recent {
    pub(super) open_1: Option<i64>,
    pub(super) close_1: Option<i64>,
    pub(super) volume_1: Option<i64>,
    pub(super) short: Option<i64>,
    pub(super) long: Option<i64>,
    pub(super) momentum: Option<i64>,
    pub(super) high: Option<i64>,
    pub(super) red_volume: Option<f64>,
    pub(super) red_run: Option<f64>,
    pub(super) green_run: Option<f64>,
}

/// Pairs of swing points; the inner `None` says that there are no two.
pub(super) struct Structure {
    pub(super) rsi_lows: Option<Option<Pair>>,
    pub(super) rsi_highs: Option<Option<Pair>>,
    pub(super) macd_lows: Option<Option<Pair>>,
    pub(super) macd_highs: Option<Option<Pair>>,
    pub(super) double_lows: Option<Option<Pair>>,
    pub(super) double_highs: Option<Option<Pair>>,
    pub(super) lows: Option<Option<Pair>>,
    pub(super) highs: Option<Option<Pair>>,
}

/// The volume profile of the bars before, as prices.
#[derive(Clone, Copy)]
pub(super) struct ProfilePrices {
    pub(super) profile: Profile,
    pub(super) poc: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) middle: f64,
    pub(super) poc_before: Option<f64>,
    pub(super) middle_before: Option<f64>,
    pub(super) was_not_above: Option<f64>,
    pub(super) was_not_below: Option<f64>,
}

/// `new / old − 1`, 0 where the old value is 0.
#[inline]
pub(super) fn growth(new: f64, old: f64) -> f64 {
    share(new - old, old)
}

/// `x` within 0 to 1.
#[inline]
fn clip(x: f64) -> f64 {
    if x < 0.0 {
        0.0
    } else if x > 1.0 {
        1.0
    } else {
        x
    }
}

/// Whether the later of two lows is lower while its indicator is higher.
pub(super) fn bullish_divergence(pair: Option<Pair>) -> f64 {
    flag(pair.is_some_and(|p| p.later.price < p.earlier.price && p.later.value > p.earlier.value))
}

/// Whether the later of two highs is higher while its indicator is lower.
pub(super) fn bearish_divergence(pair: Option<Pair>) -> f64 {
    flag(pair.is_some_and(|p| p.later.price > p.earlier.price && p.later.value < p.earlier.value))
}

/// Whether two swing points lie within 1 % of the earlier.
pub(super) fn double(pair: Option<Pair>) -> f64 {
    flag(pair.is_some_and(|p| {
        100 * (p.later.price - p.earlier.price).unsigned_abs() <= p.earlier.price.unsigned_abs()
    }))
}

impl Inputs<'_> {
    pub(super) fn change(&self, before: i64) -> f64 {
        change(self.bar.close, before)
    }

    pub(super) fn volume_ratio(&self) -> Option<f64> {
        Some(share(self.volume, self.volume_mean?))
    }

    pub(super) fn histogram(&self) -> Option<f64> {
        Some(self.macd?.macd - self.macd?.signal)
    }

    pub(super) fn line_distance_pct(&self, line: Option<Line>) -> Option<f64> {
        Some(100.0 * share(self.close - line?.next, self.close))
    }

    /// Whether both pairs are there and both rose (`up`) or both fell.
    pub(super) fn trend(&self, up: bool) -> Option<f64> {
        let rose = |pair: Option<Pair>| pair.is_some_and(|p| p.later.price > p.earlier.price);
        let fell = |pair: Option<Pair>| pair.is_some_and(|p| p.later.price < p.earlier.price);
        let (highs, lows) = (self.structure.highs?, self.structure.lows?);
        Some(flag(if up { rose(highs) && rose(lows) } else { fell(highs) && fell(lows) }))
    }

    pub(super) fn price_volume_trend(&self) -> Option<f64> {
        let (close_1, volume_1) = (self.recent.close_1?, self.recent.volume_1?);
        let more = self.bar.volume > volume_1;
        Some(if more { (self.bar.close - close_1).signum() as f64 } else { 0.0 })
    }

    pub(super) fn engulfing(&self, bullish: bool) -> Option<f64> {
        Some(flag(engulfs(self.bar, self.recent.open_1?, self.recent.close_1?, bullish)))
    }

    /// Where the close lies between `low` and `high`, clipped to 0 to 1; 0.5 where they are equal.
    pub(super) fn place(&self, low: i64, high: i64) -> f64 {
        ratio(i128::from(self.bar.close - low), high - low).map_or(0.5, clip)
    }

    pub(super) fn poc_distance(&self) -> Option<f64> {
        let close_40 = 2 * self.close_20();
        Some(ratio(i128::from(close_40 - self.profile.as_ref()?.profile.poc), close_40).unwrap_or(0.0))
    }

    pub(super) const fn close_20(&self) -> i64 {
        VolumeProfile::BINS * self.bar.close
    }

    pub(super) fn value_area_width(&self) -> Option<f64> {
        let Profile { poc, value_area_high, value_area_low, .. } = self.profile.as_ref()?.profile;
        Some(ratio(2 * i128::from(value_area_high - value_area_low), poc).unwrap_or(0.0))
    }

    pub(super) fn value_area_place(&self) -> Option<f64> {
        let Profile { value_area_high: top, value_area_low: bottom, .. } = self.profile.as_ref()?.profile;
        let part = self.close_20() - bottom;
        Some(ratio(i128::from(part), top - bottom).map_or_else(
            // An area of no width: below, at or above its price.
            || {
                if part < 0 {
                    0.0
                } else if part > 0 {
                    1.0
                } else {
                    0.5
                }
            },
            clip,
        ))
    }

    /// A relative distance in units of the relative ATR; 0 where either has no value.
    pub(super) fn normalized(&self, distance: f64) -> Option<f64> {
        Some(share(distance, share(self.atr?, self.close)))
    }

    pub(super) fn vwap_distance(&self) -> Option<f64> {
        Some(share(self.close - self.vwap?, self.close))
    }

    pub(super) fn band_position(&self) -> Option<f64> {
        let (distance, deviation) = (self.close - self.vwap?, self.vwap_deviation?);
        Some(if deviation > 0.0 { clip(distance / (4.0 * deviation) + 0.5) } else { 0.5 })
    }

    pub(super) fn vwap_divergence(&self, bullish: bool) -> Option<f64> {
        let (close_before, vwap, vwap_before) = (self.recent.momentum?, self.vwap?, self.vwap_before?);
        let parts = if bullish {
            self.bar.close < close_before && vwap > vwap_before
        } else {
            self.bar.close > close_before && vwap < vwap_before
        };
        let volume_ratio = self.volume_ratio()?;
        Some(flag(parts && volume_ratio > 1.2))
    }

    /// Momentum close below resistance, 0 elsewhere.
    pub(super) fn momentum_near_resistance(&self) -> Option<f64> {
        let (distance, before) = (self.resistance?.distance_pct, self.recent.momentum?);
        Some(if (0.0..1.0).contains(&distance) { self.change(before) } else { 0.0 })
    }

    /// Whether the close lies beyond the value area and beyond the volume-weighted price, below (`bullish`) or
    /// above, while volume stands on the other side.
    pub(super) fn confluence(&self, bullish: bool) -> Option<f64> {
        let (profile, vwap) = (self.profile.as_ref()?.profile, self.vwap?);
        Some(flag(if bullish {
            self.close_20() < profile.value_area_low && self.close < vwap && profile.imbalance > 0.1
        } else {
            self.close_20() > profile.value_area_high && self.close > vwap && profile.imbalance < -0.1
        }))
    }

    /// Whether two prices lie within 0.5 % of the close of each other.
    pub(super) fn near(&self, a: f64, b: f64) -> bool {
        self.close != 0.0 && ((a - b) / self.close).abs() < 0.005
    }

    pub(super) fn trend_alignment(&self) -> Option<f64> {
        let poc = growth(self.profile.as_ref()?.poc, self.profile.as_ref()?.poc_before?);
        let vwap = growth(self.vwap?, self.vwap_before?);
        Some(flag((poc > 0.0 && vwap > 0.0) || (poc < 0.0 && vwap < 0.0)))
    }
}
