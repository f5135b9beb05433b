//! `exit`: 25 features, 20 of the market and 5 of the open position.

use feature_api::Range::{Any, AtLeast, AtMost, Between, Count, Flag};
use feature_api::{FeatureSpec, Grid, Operator, Position, Wiring};

use super::bar_set::{Engine, Update, View};
use super::formula::{change, share};
use super::table::{Look, SINCE_ENTRY, features, finite, flag, operators, params, recursive};
use crate::arithmetic::{Divisor, Scale};
use crate::operators::{
    Atr, ClosePosition, Deviations, Ema, Lag, Macd, MacdLines, Mean, MeanDeviation, Median, Moments,
    OpenPosition, PositionState, RealDeviation, RealLag, Rsi,
};
use crate::window::Window;

params! {
    /// Windows of `exit`, in bars.
    ExitParams of "exit" {
        /// Period of the RSI.
        rsi = 14,
        /// Fast period of the MACD.
        macd_fast = 12,
        /// Slow period of the MACD.
        macd_slow = 26,
        /// Period of the MACD's signal.
        macd_signal = 9,
        /// Period of the ATR.
        atr = 14,
        /// Period of the fast EMA.
        ema_fast = 12,
        /// Period of the slow EMA of the trend strength.
        ema_slow = 26,
        /// Window of the mean volume.
        volume = 20,
        /// Window of the mean price.
        ma = 50,
        /// Window of the volatility.
        volatility = 20,
        /// Window of the median of the volatility.
        regime = 100,
        /// Bars over which slopes are taken.
        slope = 3,
        /// Window of the bands.
        bands = 20,
    }
    "macd_fast must be below macd_slow, and ema_fast below ema_slow": |p| p.macd_fast < p.macd_slow && p.ema_fast < p.ema_slow
}

/// Values of the operators at one bar.
pub(super) struct Inputs {
    close: f64,
    /// Bars over which slopes are taken.
    slope: f64,
    rsi: Option<f64>,
    rsi_before: Option<f64>,
    macd: Option<MacdLines>,
    histogram_before: Option<f64>,
    histogram_last: Option<f64>,
    atr: Option<f64>,
    ema_fast: Option<f64>,
    ema_slow: Option<f64>,
    volume: f64,
    volume_mean: Option<f64>,
    acceleration: Option<f64>,
    price_mean: Option<f64>,
    volatility: Option<f64>,
    typical_volatility: Option<f64>,
    higher_high: Option<bool>,
    lower_low: Option<bool>,
    bands: Option<MeanDeviation>,
    position: Option<PositionState>,
}

impl Inputs {
    fn histogram(&self) -> Option<f64> {
        Some(self.macd?.macd - self.macd?.signal)
    }

    fn volume_ratio(&self) -> Option<f64> {
        let mean = self.volume_mean?;
        Some(if mean > 0.0 { self.volume / mean } else { 0.0 })
    }

    fn bb_position(&self) -> Option<f64> {
        let MeanDeviation { mean, deviation, .. } = self.bands?;
        let (low, high) = (mean - 2.0 * deviation, mean + 2.0 * deviation);
        Some(if high > low { (self.close - low) / (high - low) } else { 0.5 })
    }
}

features! {
    p: ExitParams, x: &Inputs,
    rsi: x.rsi => format!("RSI{} (Wilder)", p.rsi), p.rsi_look(),
        Between(0.0, 100.0), "0 where the close never changed", "Relative strength index; TA-Lib RSI.";
    macd: Some(x.macd?.macd) => format!("EMA{} − EMA{}", p.macd_fast, p.macd_slow), p.macd_look(0),
        Any, "", "Moving average convergence/divergence; valid together with its signal (TA-Lib MACD).";
    macd_signal: Some(x.macd?.signal) => format!("EMA{} of macd", p.macd_signal), p.macd_look(0),
        Any, "", "Signal line of the MACD.";
    atr: x.atr => format!("ATR{} (Wilder)", p.atr), recursive(p.atr.get(), Atr::convergence(p.atr)),
        AtLeast(0.0), "", "Average true range (TA-Lib ATR).";
    ema_12: x.ema_fast => format!("EMA{}", p.ema_fast), recursive(p.ema_fast.get() - 1, Ema::convergence(p.ema_fast)),
        AtLeast(0.0), "", "Exponential moving average, seeded with the mean of its first inputs (TA-Lib EMA).";
    trend_strength: Some(share(x.ema_fast? - x.ema_slow?, x.close)) => format!("(EMA{} − EMA{})/C", p.ema_fast, p.ema_slow),
        recursive(p.ema_slow.get() - 1, Ema::convergence(p.ema_slow)),
        Any, "0 where the close is 0", "Distance of two averages, each seeded with its own first inputs (the fast one is ema_12, not the MACD's).";
    volatility_regime: Some(flag(x.volatility? > x.typical_volatility?)) => format!("volatility_20 > median{}(volatility_20)", p.regime),
        finite(p.volatility.get() + p.regime.get()),
        Flag, "0 where they are equal", "Whether volatility is above its median, the newest value included.";
    volume_surge: Some(flag(x.volume > 1.5 * x.volume_mean?)) => format!("V > 1.5·SMA{}(V)", p.volume), finite(p.volume.get()),
        Flag, "0 without volume", "Whether volume is half as much again as its mean.";
    price_acceleration: x.acceleration => "C − 2·C₋₁ + C₋₂", finite(3),
        Any, "", "Second difference of the close.";
    volume_ratio: x.volume_ratio() => format!("V/SMA{}(V)", p.volume), finite(p.volume.get()),
        AtLeast(0.0), "0 without volume over the window", "Volume relative to its mean.";
    price_vs_ma50: Some(share(x.close - x.price_mean?, x.price_mean?)) => format!("C/SMA{} − 1", p.ma), finite(p.ma.get()),
        AtLeast(-1.0), "0 where the mean is 0", "Close relative to its mean.";
    volatility_20: x.volatility => format!("STD{} of C/C₋₁ − 1", p.volatility), finite(p.volatility.get() + 1),
        AtLeast(0.0), "0 where the close is flat; a return after a close of 0 counts as 0", "Standard deviation of returns, ddof 1; returns are rounded once to 2^-64.";
    rsi_slope: Some((x.rsi? - x.rsi_before?) / x.slope) => format!("(rsi − rsi₋{0})/{0}", p.slope), p.rsi_look().delayed(p.slope),
        Any, "", "Change of the RSI per bar.";
    rsi_overbought: Some(flag(x.rsi? > 70.0)) => "rsi > 70", p.rsi_look(), Flag, "as rsi", "Whether the RSI is above 70.";
    rsi_oversold: Some(flag(x.rsi? < 30.0)) => "rsi < 30", p.rsi_look(), Flag, "as rsi", "Whether the RSI is below 30.";
    macd_histogram_slope: Some((x.histogram()? - x.histogram_before?) / x.slope) => format!("(h − h₋{0})/{0}, h = macd − macd_signal", p.slope), p.macd_look(p.slope.get()),
        Any, "", "Change of the MACD histogram per bar.";
    macd_crossover: Some(flag(x.histogram_last? <= 0.0 && x.histogram()? > 0.0)) => "h₋₁ ≤ 0 and h > 0", p.macd_look(1),
        Flag, "", "Whether the MACD crosses its signal upward.";
    macd_crossunder: Some(flag(x.histogram_last? >= 0.0 && x.histogram()? < 0.0)) => "h₋₁ ≥ 0 and h < 0", p.macd_look(1),
        Flag, "", "Whether the MACD crosses its signal downward.";
    higher_high: Some(flag(x.higher_high?)) => "H > H₋₁", finite(2), Flag, "", "Whether the high is above the one before.";
    lower_low: Some(flag(x.lower_low?)) => "L < L₋₁", finite(2), Flag, "", "Whether the low is below the one before.";
    bb_position: x.bb_position() => "(C − bb_low)/(bb_high − bb_low)", finite(p.bands.get()),
        Any, "0.5 where the bands have no width", "Where the close lies within the Bollinger bands (±2·STD, ddof 0); 0 at the lower, 1 at the upper.";
    time_held: Some(x.position?.time_held) => "bars since entry", SINCE_ENTRY,
        Count, "", "Bars after the entry bar, which is the bar the position was told before; not valid without a position.";
    current_pnl_pct: Some(x.position?.pnl_pct) => "100·side·(C/entry − 1)", SINCE_ENTRY,
        Any, "0 where the entry price is 0", "Profit in per cent of the entry price; not valid without a position.";
    pnl_from_peak: Some(x.position?.pnl_from_peak) => "current_pnl_pct − max since entry, from 0", SINCE_ENTRY,
        AtMost(0.0), "", "Profit less its running maximum since entry, which starts at 0; not valid without a position.";
    volatility_since_entry: Some(x.position?.volatility) => "STD of C/C₋₁ − 1 since entry", SINCE_ENTRY,
        AtLeast(0.0), "0 with fewer than two bars since entry", "Standard deviation of returns since entry, ddof 0; not valid without a position.";
}

impl Look {
    const fn delayed(self, by: Window) -> Self {
        Self { warm_up: self.warm_up + by.get(), memory: self.memory.delayed(by.get()), ..self }
    }
}

impl ExitParams {
    const fn rsi_look(&self) -> Look {
        recursive(self.rsi.get(), Rsi::convergence(self.rsi))
    }

    const fn macd_look(&self, bars: u32) -> Look {
        recursive(
            self.macd_slow.get() + self.macd_signal.get() - 2 + bars,
            Macd::convergence(self.macd_slow, self.macd_signal) + bars,
        )
    }
}

operators! {
    /// The operators of `exit`.
    ExitEngine { price: Divisor, quantity: Divisor, slope: f64, }
    rsi: Rsi,
    rsi_before: RealLag,
    macd: Macd,
    histogram_before: RealLag,
    histogram_last: RealLag,
    atr: Atr,
    ema_fast: Ema,
    ema_slow: Ema,
    volume_mean: Mean,
    close_1: Lag,
    close_2: Lag,
    high_1: Lag,
    low_1: Lag,
    price_mean: Mean,
    volatility: RealDeviation,
    regime: Median,
    bands: Moments,
    position: OpenPosition,
}

const ONE: Window = Window::clamped(1);
const TWO: Window = Window::clamped(2);

impl Engine for ExitEngine {
    const NAME: &'static str = "exit";
    const TAKES_POSITION: bool = true;
    type Params = ExitParams;

    fn specs(params: &ExitParams) -> Vec<FeatureSpec> {
        specs(params)
    }

    fn new(p: &ExitParams, grid: Grid) -> Self {
        let (price, quantity) = (Scale::new(grid.price_scale()), Scale::new(grid.qty_scale()));
        Self {
            price: price.divisor(),
            quantity: quantity.divisor(),
            slope: f64::from(p.slope.get()),
            rsi: Rsi::new(p.rsi, price),
            rsi_before: RealLag::new(p.slope),
            macd: Macd::new(p.macd_fast, p.macd_slow, p.macd_signal),
            histogram_before: RealLag::new(p.slope),
            histogram_last: RealLag::new(ONE),
            atr: Atr::new(p.atr, price),
            ema_fast: Ema::new(p.ema_fast),
            ema_slow: Ema::new(p.ema_slow),
            volume_mean: Mean::new(p.volume, quantity),
            close_1: Lag::new(ONE),
            close_2: Lag::new(TWO),
            high_1: Lag::new(ONE),
            low_1: Lag::new(ONE),
            price_mean: Mean::new(p.ma, price),
            volatility: RealDeviation::new(p.volatility, 1),
            regime: Median::new(p.regime),
            bands: Moments::with(p.bands, price, Deviations::Population),
            position: OpenPosition::new(),
        }
    }
}

impl<W: Wiring> Update for ExitEngine<W> {
    fn update(&mut self, bar: &View, position: Option<Position>, put: impl FnMut(Option<f64>)) {
        let close = self.price.divide_i64(bar.close);
        let rsi = self.rsi.update(bar.close);
        let macd = self.macd.update(close);
        let histogram = macd.map(|lines| lines.macd - lines.signal);
        let (close_1, close_2) = (self.close_1.update(bar.close), self.close_2.update(bar.close));
        let volatility = close_1.and_then(|before| self.volatility.update(change(bar.close, before)));
        let inputs = Inputs {
            close,
            slope: self.slope,
            rsi,
            rsi_before: rsi.and_then(|rsi| self.rsi_before.update(rsi)),
            macd,
            histogram_before: histogram.and_then(|h| self.histogram_before.update(h)),
            histogram_last: histogram.and_then(|h| self.histogram_last.update(h)),
            atr: self.atr.update(bar.high_low_close()),
            ema_fast: self.ema_fast.update(close),
            ema_slow: self.ema_slow.update(close),
            volume: self.quantity.divide_i64(bar.volume),
            volume_mean: self.volume_mean.update(bar.volume),
            acceleration: close_1
                .zip(close_2)
                .map(|(one, two)| self.price.divide_i64(bar.close - 2 * one + two)),
            price_mean: self.price_mean.update(bar.close),
            volatility,
            typical_volatility: volatility.and_then(|volatility| self.regime.update(volatility)),
            higher_high: self.high_1.update(bar.high).map(|before| bar.high > before),
            lower_low: self.low_1.update(bar.low).map(|before| bar.low < before),
            bands: self.bands.update(bar.close),
            position: self.position.update(ClosePosition { close: bar.close, position }).flatten(),
        };
        evaluate(&inputs, put);
    }
}
