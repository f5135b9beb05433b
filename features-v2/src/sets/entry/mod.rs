//! `entry`: 85 features over closed bars. The features stand in [`table`]; here are the operators under them.

mod inputs;
mod table;

use feature_api::{FeatureSpec, Grid, Operator, Position, Wiring};

use super::bar_set::{Engine, Update, View};
use super::formula::Candle;
use super::table::{operators, params};
use crate::arithmetic::{Divisor, Scale};
use crate::operators::{
    Atr, Correlation, Deviations, EdgeClose, Ema, Lag, Macd, Mean, Moments, Point, Previous, Profile,
    RangeVolume, RealDeviation, RealLag, RealMax, RedVolume, Regression, Resistance, RollingMax, Rsi,
    RunLength, Support, SwingHighs, SwingLows, TypicalVolume, VolumeProfile, Vwap,
};
use crate::window::Window;

use inputs::{Inputs, ProfilePrices, Recent, Structure};

params! {
    /// Windows of `entry`, in bars.
    EntryParams of "entry" {
        /// Lag of close_change_1.
        change_short = 1,
        /// Lag of close_change_3.
        change_long = 3,
        /// Window of the mean volume.
        volume = 20,
        /// Period of the RSI.
        rsi = 14,
        /// Fast period of the MACD.
        macd_fast = 12,
        /// Slow period of the MACD.
        macd_slow = 26,
        /// Period of the MACD's signal.
        macd_signal = 9,
        /// Window of the bands, and of the mean that vwap_vs_ma20 looks at.
        bands = 20,
        /// Window of support and resistance.
        levels = 200,
        /// Reach of their swing points.
        levels_swing = 5,
        /// Window of the trend lines.
        trendline = 50,
        /// Window of the divergences.
        divergence = 30,
        /// Window of double tops and bottoms.
        double = 20,
        /// Window of higher and lower highs and lows.
        structure = 30,
        /// Reach of the swing points of divergences, doubles and structure.
        swing = 3,
        /// Window of the correlation of volume and price.
        correlation = 20,
        /// Window of the recent high.
        recent_high = 20,
        /// Window of the volume of red bars.
        red_volume = 10,
        /// Window of the peak of the RSI.
        rsi_peak = 20,
        /// Lag of every momentum.
        momentum = 5,
        /// Period of ma_200, ema_200, rsi_200 and atr_200.
        long = 200,
        /// Window of the volume profile.
        profile = 100,
        /// Window of the volume-weighted price and of its bands.
        vwap = 288,
        /// Period of the ATR that normalises distances.
        atr = 14,
    }
    "macd_fast must be below macd_slow": |p| p.macd_fast < p.macd_slow
}

operators! {
    /// The operators of `entry`.
    EntryEngine { price: Divisor, quantity: Divisor, twentieth: Divisor, fortieth: Divisor, }
    change_short: Lag,
    change_long: Lag,
    momentum: Lag,
    open_1: Lag,
    close_1: Lag,
    volume_1: Lag,
    volume_mean: Mean,
    rsi: Rsi,
    macd: Macd,
    bands: Moments,
    support: Support,
    resistance: Resistance,
    upper: Previous<Regression>,
    lower: Previous<Regression>,
    rsi_lows: SwingLows,
    rsi_highs: SwingHighs,
    macd_lows: SwingLows,
    macd_highs: SwingHighs,
    double_lows: SwingLows,
    double_highs: SwingHighs,
    structure_lows: SwingLows,
    structure_highs: SwingHighs,
    correlation: Correlation,
    recent_high: Previous<RollingMax>,
    red_volume: Previous<RedVolume>,
    rsi_peak: RealMax,
    rsi_1: RealLag,
    red_run: RunLength,
    green_run: RunLength,
    ma_long: Mean,
    ema_long: Ema,
    rsi_long: Rsi,
    atr_long: Atr,
    atr: Atr,
    profile: VolumeProfile,
    high_1: Lag,
    low_1: Lag,
    poc_before: RealLag,
    middle_before: RealLag,
    not_above_area: RealLag,
    not_below_area: RealLag,
    vwap: Vwap,
    vwap_before: RealLag,
    vwap_above_1: RealLag,
    vwap_deviation: RealDeviation,
}

const ONE: Window = Window::clamped(1);

impl Engine for EntryEngine {
    const NAME: &'static str = "entry";
    const TAKES_POSITION: bool = false;
    type Params = EntryParams;

    fn specs(params: &EntryParams) -> Vec<FeatureSpec> {
        table::specs(params)
    }

    fn new(p: &EntryParams, grid: Grid) -> Self {
        let (price, quantity) = (Scale::new(grid.price_scale()), Scale::new(grid.qty_scale()));
        Self {
            price: price.divisor(),
            quantity: quantity.divisor(),
            twentieth: price.divisor_times(VolumeProfile::BINS as u128),
            fortieth: price.divisor_times(2 * VolumeProfile::BINS as u128),
            change_short: Lag::new(p.change_short),
            change_long: Lag::new(p.change_long),
            momentum: Lag::new(p.momentum),
            open_1: Lag::new(ONE),
            close_1: Lag::new(ONE),
            volume_1: Lag::new(ONE),
            volume_mean: Mean::new(p.volume, quantity),
            rsi: Rsi::new(p.rsi, price),
            macd: Macd::new(p.macd_fast, p.macd_slow, p.macd_signal),
            bands: Moments::with(p.bands, price, Deviations::Population),
            support: Support::new(p.levels, p.levels_swing),
            resistance: Resistance::new(p.levels, p.levels_swing),
            upper: Previous::new(Regression::new(p.trendline, price)),
            lower: Previous::new(Regression::new(p.trendline, price)),
            rsi_lows: SwingLows::new(p.divergence, p.swing),
            rsi_highs: SwingHighs::new(p.divergence, p.swing),
            macd_lows: SwingLows::new(p.divergence, p.swing),
            macd_highs: SwingHighs::new(p.divergence, p.swing),
            double_lows: SwingLows::new(p.double, p.swing),
            double_highs: SwingHighs::new(p.double, p.swing),
            structure_lows: SwingLows::new(p.structure, p.swing),
            structure_highs: SwingHighs::new(p.structure, p.swing),
            correlation: Correlation::new(p.correlation, quantity, price),
            recent_high: Previous::new(RollingMax::new(p.recent_high)),
            red_volume: Previous::new(RedVolume::new(p.red_volume)),
            rsi_peak: RealMax::new(p.rsi_peak),
            rsi_1: RealLag::new(ONE),
            red_run: RunLength::new(),
            green_run: RunLength::new(),
            ma_long: Mean::new(p.long, price),
            ema_long: Ema::new(p.long),
            rsi_long: Rsi::new(p.long, price),
            atr_long: Atr::new(p.long, price),
            atr: Atr::new(p.atr, price),
            profile: VolumeProfile::new(p.profile),
            high_1: Lag::new(ONE),
            low_1: Lag::new(ONE),
            poc_before: RealLag::new(p.momentum),
            middle_before: RealLag::new(p.momentum),
            not_above_area: RealLag::new(ONE),
            not_below_area: RealLag::new(ONE),
            vwap: Vwap::new(p.vwap, price),
            vwap_before: RealLag::new(p.momentum),
            vwap_above_1: RealLag::new(ONE),
            vwap_deviation: RealDeviation::new(p.vwap, 0),
        }
    }
}

impl<W: Wiring> Update for EntryEngine<W> {
    fn update(&mut self, bar: &View, _: Option<Position>, put: impl FnMut(Option<f64>)) {
        let close = self.price.divide_i64(bar.close);
        let candle = Candle::of(bar);
        let volume_1 = self.volume_1.update(bar.volume);
        let profile = self.update_profile(bar, volume_1);
        let rsi = self.rsi.update(bar.close);
        let macd = self.macd.update(close);
        let rsi_1 = rsi.and_then(|rsi| self.rsi_1.update(rsi));
        let vwap =
            self.vwap.update(TypicalVolume { triple: bar.high + bar.low + bar.close, volume: bar.volume });
        let vwap_above = vwap.map(|vwap| super::table::flag(close > vwap));
        let inputs = Inputs {
            bar,
            close,
            candle,
            recent: Recent {
                open_1: self.open_1.update(bar.open),
                close_1: self.close_1.update(bar.close),
                volume_1,
                short: self.change_short.update(bar.close),
                long: self.change_long.update(bar.close),
                momentum: self.momentum.update(bar.close),
                high: self.recent_high.update(bar.high),
                red_volume: self.red_volume.update(if candle.red { -bar.volume } else { bar.volume }),
                red_run: self.red_run.update(candle.red),
                green_run: self.green_run.update(candle.green),
            },
            volume: self.quantity.divide_i64(bar.volume),
            volume_mean: self.volume_mean.update(bar.volume),
            rsi,
            rsi_peak: rsi_1.and_then(|rsi_1| self.rsi_peak.update(rsi_1)),
            macd,
            bands: self.bands.update(bar.close),
            support: self.support.update(EdgeClose { edge: bar.low, close: bar.close }),
            resistance: self.resistance.update(EdgeClose { edge: bar.high, close: bar.close }),
            upper: self.upper.update(bar.high),
            lower: self.lower.update(bar.low),
            structure: self.update_structure(bar, rsi, macd.map(|lines| lines.macd)),
            correlation: self.correlation.update((bar.volume, bar.close)),
            ma_long: self.ma_long.update(bar.close),
            ema_long: self.ema_long.update(close),
            rsi_long: self.rsi_long.update(bar.close),
            atr_long: self.atr_long.update(bar.high_low_close()),
            atr: self.atr.update(bar.high_low_close()),
            profile,
            vwap,
            vwap_above,
            vwap_before: vwap.and_then(|vwap| self.vwap_before.update(vwap)),
            vwap_above_1: vwap_above.and_then(|above| self.vwap_above_1.update(above)),
            vwap_deviation: vwap.and_then(|vwap| self.vwap_deviation.update(close - vwap)),
        };
        table::evaluate(&inputs, put);
    }
}

impl<W: Wiring> EntryEngine<W> {
    /// The profile of the bars before this one, and where this close lies in it.
    fn update_profile(&mut self, bar: &View, volume_1: Option<i64>) -> Option<ProfilePrices> {
        let before = self.high_1.update(bar.high).zip(self.low_1.update(bar.low)).zip(volume_1);
        let ((high, low), volume) = before?;
        let profile = self.profile.update(RangeVolume { high, low, volume })?;
        let Profile { poc, value_area_high: top, value_area_low: bottom, .. } = profile;
        let poc = self.fortieth.divide_i64(poc);
        let middle = self.fortieth.divide_i64(top + bottom);
        let close_20 = VolumeProfile::BINS * bar.close;
        let flag = super::table::flag;
        Some(ProfilePrices {
            profile,
            poc,
            top: self.twentieth.divide_i64(top),
            bottom: self.twentieth.divide_i64(bottom),
            middle,
            poc_before: self.poc_before.update(poc),
            middle_before: self.middle_before.update(middle),
            was_not_above: self.not_above_area.update(flag(close_20 <= top)),
            was_not_below: self.not_below_area.update(flag(close_20 >= bottom)),
        })
    }

    fn update_structure(&mut self, bar: &View, rsi: Option<f64>, macd: Option<f64>) -> Structure {
        let low = |value| Point { price: bar.low, value };
        let high = |value| Point { price: bar.high, value };
        Structure {
            rsi_lows: rsi.and_then(|rsi| self.rsi_lows.update(low(rsi))),
            rsi_highs: rsi.and_then(|rsi| self.rsi_highs.update(high(rsi))),
            macd_lows: macd.and_then(|macd| self.macd_lows.update(low(macd))),
            macd_highs: macd.and_then(|macd| self.macd_highs.update(high(macd))),
            double_lows: self.double_lows.update(low(0.0)),
            double_highs: self.double_highs.update(high(0.0)),
            lows: self.structure_lows.update(low(0.0)),
            highs: self.structure_highs.update(high(0.0)),
        }
    }
}
