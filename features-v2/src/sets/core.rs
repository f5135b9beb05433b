//! `core`: 19 features over closed bars.

use feature_api::Range::{Any, AtLeast, Between};
use feature_api::{FeatureSpec, Grid, Operator, Position, Wiring};

use super::bar_set::{Engine, Update, View};
use super::table::{features, finite, operators, params, recursive};
use crate::arithmetic::{Divisor, Scale};
use crate::operators::{
    Atr, Deviations, Ema, LogReturn, Macd, MacdLines, MeanDeviation, Moments, Rsi, Stochastic,
    StochasticLines, TypicalVolume, Vwap,
};

params! {
    /// Windows of `core`, in bars.
    CoreParams of "core" {
        /// Period of the RSI.
        rsi = 14,
        /// Fast period of the MACD.
        macd_fast = 12,
        /// Slow period of the MACD.
        macd_slow = 26,
        /// Period of the MACD's signal.
        macd_signal = 9,
        /// Window of the bands, and of the normalised close and volume.
        bands = 20,
        /// Period of the EMA.
        ema = 20,
        /// Period of the ATR.
        atr = 14,
        /// Window of the stochastic oscillator.
        stochastic = 14,
        /// Smoothing of its %K.
        stochastic_k = 3,
        /// Smoothing of its %D.
        stochastic_d = 3,
        /// Window of the volume-weighted price.
        vwap = 14,
    }
    "macd_fast must be below macd_slow": |p| p.macd_fast < p.macd_slow
}

/// Values of the operators at one bar.
pub(super) struct Inputs {
    rsi: Option<f64>,
    macd: Option<MacdLines>,
    price: Option<MeanDeviation>,
    traded: Option<MeanDeviation>,
    ema: Option<f64>,
    atr: Option<f64>,
    log_return: Option<f64>,
    stochastic: Option<StochasticLines>,
    vwap: Option<f64>,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: f64,
}

/// How many deviations `x` lies from the mean; 0 where there is no deviation.
#[inline]
fn score(x: f64, of: MeanDeviation) -> f64 {
    if of.sample_deviation > 0.0 { (x - of.mean) / of.sample_deviation } else { 0.0 }
}

features! {
    p: CoreParams, x: &Inputs,
    rsi: x.rsi => format!("RSI{} (Wilder)", p.rsi), recursive(p.rsi.get(), Rsi::convergence(p.rsi)),
        Between(0.0, 100.0), "0 where the close never changed", "Relative strength index; TA-Lib RSI.";
    macd: Some(x.macd?.macd) => format!("EMA{} − EMA{}", p.macd_fast, p.macd_slow), p.macd_look(),
        Any, "", "Moving average convergence/divergence; valid together with its signal, both averages start at the slow one's bar (TA-Lib MACD).";
    macd_signal: Some(x.macd?.signal) => format!("EMA{} of macd", p.macd_signal), p.macd_look(),
        Any, "", "Signal line of the MACD.";
    bb_upper: Some(x.price?.mean + 2.0 * x.price?.deviation) => format!("SMA{0} + 2·STD{0}", p.bands), finite(p.bands.get()),
        AtLeast(0.0), "the mean where the close is flat", "Upper Bollinger band, ddof 0 (TA-Lib BBANDS).";
    bb_lower: Some(x.price?.mean - 2.0 * x.price?.deviation) => format!("SMA{0} − 2·STD{0}", p.bands), finite(p.bands.get()),
        Any, "the mean where the close is flat", "Lower Bollinger band, ddof 0 (TA-Lib BBANDS).";
    ema_20: x.ema => format!("EMA{}", p.ema), recursive(p.ema.get() - 1, Ema::convergence(p.ema)),
        AtLeast(0.0), "", "Exponential moving average, seeded with the mean of its first inputs (TA-Lib EMA).";
    atr: x.atr => format!("ATR{} (Wilder)", p.atr), recursive(p.atr.get(), Atr::convergence(p.atr)),
        AtLeast(0.0), "", "Average true range (TA-Lib ATR).";
    log_return: x.log_return => "ln(C / C₋₁)", finite(2),
        Any, "0 where a close is not positive", "Logarithmic return of the close.";
    stoch_k: Some(x.stochastic?.k) => format!("SMA{1} of 100·(C − minL{0})/(maxH{0} − minL{0})", p.stochastic, p.stochastic_k),
        finite(p.stochastic.get() + p.stochastic_k.get() - 1),
        Between(0.0, 100.0), "0 in the mean for a bar whose window has no range", "Slow %K (TA-Lib STOCH).";
    stoch_d: x.stochastic?.d => format!("SMA{} of stoch_k", p.stochastic_d),
        finite(p.stochastic.get() + p.stochastic_k.get() + p.stochastic_d.get() - 2),
        Between(0.0, 100.0), "as stoch_k", "Slow %D (TA-Lib STOCH).";
    vwap: x.vwap => format!("Σ{0}(TP·V)/Σ{0}(V), TP = (H + L + C)/3", p.vwap), finite(p.vwap.get()),
        AtLeast(0.0), "mean of TP where no volume was traded", "Rolling volume-weighted average price.";
    bb_width: if x.close == 0.0 { Some(0.0) } else { Some(4.0 * x.price?.deviation / x.close) } => "(bb_upper − bb_lower)/C", finite(p.bands.get()),
        AtLeast(0.0), "0 where the close is 0", "Width of the Bollinger bands relative to the close, as 4·STD/C.";
    normalized_close: Some(score(x.close, x.price?)) => format!("(C − SMA{0})/STD{0}", p.bands), finite(p.bands.get()),
        Any, "0 where the close is flat", "Score of the close, ddof 1.";
    normalized_volume: Some(score(x.volume, x.traded?)) => format!("(V − SMA{0}(V))/STD{0}(V)", p.bands), finite(p.bands.get()),
        Any, "0 where the volume is flat", "Score of the volume, ddof 1.";
    close: Some(x.close) => "C", finite(1), AtLeast(0.0), "", "Close.";
    open: Some(x.open) => "O", finite(1), AtLeast(0.0), "", "Open.";
    high: Some(x.high) => "H", finite(1), AtLeast(0.0), "", "High.";
    low: Some(x.low) => "L", finite(1), AtLeast(0.0), "", "Low.";
    volume: Some(x.volume) => "V", finite(1), AtLeast(0.0), "", "Volume.";
}

impl CoreParams {
    const fn macd_look(&self) -> super::table::Look {
        recursive(
            self.macd_slow.get() + self.macd_signal.get() - 2,
            Macd::convergence(self.macd_slow, self.macd_signal),
        )
    }
}

operators! {
    /// The operators of `core`.
    CoreEngine { price: Divisor, quantity: Divisor, }
    rsi: Rsi,
    macd: Macd,
    close: Moments,
    volume: Moments,
    ema: Ema,
    atr: Atr,
    log_return: LogReturn,
    stochastic: Stochastic,
    vwap: Vwap,
}

impl Engine for CoreEngine {
    const NAME: &'static str = "core";
    const TAKES_POSITION: bool = false;
    type Params = CoreParams;

    fn specs(params: &CoreParams) -> Vec<FeatureSpec> {
        specs(params)
    }

    fn new(p: &CoreParams, grid: Grid) -> Self {
        let (price, quantity) = (Scale::new(grid.price_scale()), Scale::new(grid.qty_scale()));
        Self {
            price: price.divisor(),
            quantity: quantity.divisor(),
            rsi: Rsi::new(p.rsi, price),
            macd: Macd::new(p.macd_fast, p.macd_slow, p.macd_signal),
            close: Moments::new(p.bands, price),
            volume: Moments::with(p.bands, quantity, Deviations::Sample),
            ema: Ema::new(p.ema),
            atr: Atr::new(p.atr, price),
            log_return: LogReturn::new(),
            stochastic: Stochastic::new(p.stochastic, p.stochastic_k, p.stochastic_d),
            vwap: Vwap::new(p.vwap, price),
        }
    }
}

impl<W: Wiring> Update for CoreEngine<W> {
    #[inline]
    fn update(&mut self, bar: &View, _: Option<Position>, put: impl FnMut(Option<f64>)) {
        let close = self.price.divide_i64(bar.close);
        let triple = bar.high + bar.low + bar.close;
        let inputs = Inputs {
            rsi: self.rsi.update(bar.close),
            macd: self.macd.update(close),
            price: self.close.update(bar.close),
            traded: self.volume.update(bar.volume),
            ema: self.ema.update(close),
            atr: self.atr.update(bar.high_low_close()),
            log_return: self.log_return.update(bar.close),
            stochastic: self.stochastic.update(bar.high_low_close()),
            vwap: self.vwap.update(TypicalVolume { triple, volume: bar.volume }),
            open: self.price.divide_i64(bar.open),
            high: self.price.divide_i64(bar.high),
            low: self.price.divide_i64(bar.low),
            close,
            volume: self.quantity.divide_i64(bar.volume),
        };
        evaluate(&inputs, put);
    }
}
