//! What the short bars have beside the common features: 36 features.

use feature_api::Operator as _;
use feature_api::Range::{Any, AtLeast, Between};

use super::clock::{Clock, names, operators};
use super::lines::{
    ADX_DOC, ATR_DOC, EMA_DOC, FLAT, KURTOSIS_DOC, LAG_DOC, MACD, MACD_DOC, NEVER, NO_CLOSE, NO_RANGE,
    OBV_DOC, RSI_DOC, SKEW_DOC, SMA_DOC, STD_DOC, STILL, adx, atr, di, ema, rsi, w,
};
use crate::arithmetic::{Divisor, Scale, ratio};
use crate::operators::{
    Adx, Atr, BandLines, Bands, Cci, DirectionalLines, Ema, Lag, Macd, MacdLines, Mean, Mfi, ObvDelta,
    RealDeviation, RealLag, RealMean, ReturnShape, Roc, Rsi, ShapeLines, Stochastic, StochasticLines, UltOsc,
    WillR,
};
use crate::sets::formula::change;
use crate::sets::table::{features, finite};

/// Values of the operators at a bar.
pub(super) struct Inputs {
    sma_10: Option<f64>,
    sma_20: Option<f64>,
    ema_10: Option<f64>,
    rsi_14: Option<f64>,
    macd: Option<MacdLines>,
    direction: Option<DirectionalLines>,
    stochastic: Option<StochasticLines>,
    obv_delta_20: Option<f64>,
    atr_14: Option<f64>,
    bands: Option<BandLines>,
    cci_14: Option<f64>,
    mfi_14: Option<f64>,
    roc_10: Option<f64>,
    ultosc: Option<f64>,
    willr_14: Option<f64>,
    volume_sma_20: Option<f64>,
    ret_std_20: Option<f64>,
    hl_ret_std_20: Option<f64>,
    ret_lags: [Option<f64>; 4],
    volume_lags: [Option<f64>; 3],
    ret_mean_10: Option<f64>,
    ret_std_10: Option<f64>,
    shape: Option<ShapeLines>,
}

macro_rules! band_doc {
    ($band:literal) => {
        concat!(
            $band,
            " Bollinger band of the typical price, two standard deviations (ddof 0) to each side (TA-Lib BBANDS of TYPPRICE). Over the close the middle band would be sma_20 again."
        )
    };
}

features! {
    clock: Clock, named by names, x: &Inputs,
    sma_10: x.sma_10 => "SMA10", finite(10), AtLeast(0.0), "", SMA_DOC;
    sma_20: x.sma_20 => "SMA20", finite(20), AtLeast(0.0), "", SMA_DOC;
    ema_10: x.ema_10 => "EMA10", ema(10), AtLeast(0.0), "", EMA_DOC;
    rsi_14: x.rsi_14 => "RSI14 (Wilder)", rsi(14), Between(0.0, 100.0), NEVER, RSI_DOC;
    macd: Some(x.macd?.macd) => "EMA12 − EMA26", MACD, Any, "", MACD_DOC;
    macd_signal: Some(x.macd?.signal) => "EMA9 of macd", MACD, Any, "", "Signal line of the MACD.";
    macd_hist: Some(x.macd?.macd - x.macd?.signal) => "macd − macd_signal", MACD, Any, "", "Histogram of the MACD.";
    adx_14: x.direction?.adx => "ADX14 (Wilder)", adx(14), Between(0.0, 100.0), STILL, ADX_DOC;
    plus_di_14: Some(x.direction?.plus_di) => "+DI14 (Wilder)", di(14), Between(0.0, 100.0), "0 without a range", "Upward movement in per cent of the true range (TA-Lib PLUS_DI).";
    minus_di_14: Some(x.direction?.minus_di) => "−DI14 (Wilder)", di(14), Between(0.0, 100.0), "0 without a range", "Downward movement in per cent of the true range (TA-Lib MINUS_DI).";
    stoch_k: Some(x.stochastic?.k) => "SMA3 of 100·(C − minL5)/(maxH5 − minL5)", finite(7), Between(0.0, 100.0), "0 in the mean for a bar whose window has no range", "Slow %K of 5-3-3 (TA-Lib STOCH).";
    stoch_d: x.stochastic?.d => "SMA3 of stoch_k", finite(9), Between(0.0, 100.0), "as stoch_k", "Slow %D of 5-3-3 (TA-Lib STOCH).";
    obv_delta_20: x.obv_delta_20 => "OBV − OBV₋₂₀", finite(21), Any, "", OBV_DOC;
    atr_14: x.atr_14 => "ATR14 (Wilder)", atr(14), AtLeast(0.0), "", ATR_DOC;
    bb_upper: Some(x.bands?.upper()) => "SMA20(TP) + 2·STD20(TP), TP = (H + L + C)/3", finite(20), AtLeast(0.0), "the mean where the price is flat", band_doc!("Upper");
    bb_middle: Some(x.bands?.middle) => "SMA20(TP)", finite(20), AtLeast(0.0), "", band_doc!("Middle");
    bb_lower: Some(x.bands?.lower()) => "SMA20(TP) − 2·STD20(TP)", finite(20), Any, "the mean where the price is flat", band_doc!("Lower");
    cci_14: x.cci_14 => "(TP − SMA14(TP))/(0.015·mean |TP − SMA14(TP)|)", finite(14), Any, "0 where the price is flat", "Commodity channel index (TA-Lib CCI).";
    mfi_14: x.mfi_14 => "100·Σ14⁺(TP·V)/Σ14(TP·V)", finite(15), Between(0.0, 100.0), "0 where no money flowed", "Money flow index (TA-Lib MFI).";
    roc_10: x.roc_10 => "100·(C/C₋₁₀ − 1)", finite(11), AtLeast(-100.0), NO_CLOSE, "Rate of change (TA-Lib ROC).";
    ultosc_7_14_28: x.ultosc => "100·(4·A7 + 2·A14 + A28)/7, An = Σn(C − min(L, C₋₁))/Σn(TR)", finite(29), Between(0.0, 100.0), "0 in place of a share without a range", "Ultimate oscillator (TA-Lib ULTOSC).";
    willr_14: x.willr_14 => "−100·(maxH14 − C)/(maxH14 − minL14)", finite(14), Between(-100.0, 0.0), NO_RANGE, "Williams %R (TA-Lib WILLR).";
    volume_sma_20: x.volume_sma_20 => "SMA20(V)", finite(20), AtLeast(0.0), "", "Mean quantity of a bar.";
    ret_std_20: x.ret_std_20 => "STD20 of C/C₋₁ − 1", finite(21), AtLeast(0.0), FLAT, STD_DOC;
    hl_ret_std_20: x.hl_ret_std_20 => "STD20 of H/L − 1", finite(20), AtLeast(0.0), "0 where all are equal; a range over a low of 0 counts as 0", "Standard deviation (ddof 0) of the bars' ranges, each rounded once to 2^-64 (TA-Lib STDDEV).";
    ret_lag_1: x.ret_lags[0] => "C₋₁/C₋₂ − 1", finite(3), AtLeast(-1.0), NO_CLOSE, LAG_DOC;
    ret_lag_2: x.ret_lags[1] => "C₋₂/C₋₃ − 1", finite(4), AtLeast(-1.0), NO_CLOSE, LAG_DOC;
    ret_lag_3: x.ret_lags[2] => "C₋₃/C₋₄ − 1", finite(5), AtLeast(-1.0), NO_CLOSE, LAG_DOC;
    ret_lag_5: x.ret_lags[3] => "C₋₅/C₋₆ − 1", finite(7), AtLeast(-1.0), NO_CLOSE, LAG_DOC;
    volume_lag_1: x.volume_lags[0] => "V₋₁", finite(2), AtLeast(0.0), "", "Quantity of an earlier bar.";
    volume_lag_2: x.volume_lags[1] => "V₋₂", finite(3), AtLeast(0.0), "", "Quantity of an earlier bar.";
    volume_lag_3: x.volume_lags[2] => "V₋₃", finite(4), AtLeast(0.0), "", "Quantity of an earlier bar.";
    ret_mean_10: x.ret_mean_10 => "mean10 of C/C₋₁ − 1", finite(11), AtLeast(-1.0), NO_CLOSE, "Mean of the simple returns, each rounded once to 2^-64.";
    ret_std_10: x.ret_std_10 => "STD10 of C/C₋₁ − 1", finite(11), AtLeast(0.0), FLAT, STD_DOC;
    ret_skew_20: Some(x.shape?.skewness) => "m₃/m₂^1.5 of C/C₋₁ − 1, 20 bars", finite(21), Any, FLAT, SKEW_DOC;
    ret_kurt_20: Some(x.shape?.kurtosis) => "m₄/m₂² − 3 of C/C₋₁ − 1, 20 bars", finite(21), AtLeast(-2.0), FLAT, KURTOSIS_DOC;
}

operators! {
    /// The operators of the short bars.
    Short { price: Divisor, quantity: Divisor, }
    sma_10: Mean,
    sma_20: Mean,
    ema_10: Ema,
    rsi_14: Rsi,
    macd: Macd,
    direction: Adx,
    stochastic: Stochastic,
    obv_delta_20: ObvDelta,
    atr_14: Atr,
    bands: Bands,
    cci_14: Cci,
    mfi_14: Mfi,
    roc_10: Roc,
    ultosc: UltOsc,
    willr_14: WillR,
    volume_sma_20: Mean,
    close_1: Lag,
    ret_std_20: RealDeviation,
    hl_ret_std_20: RealDeviation,
    ret_lag_1: RealLag,
    ret_lag_2: RealLag,
    ret_lag_3: RealLag,
    ret_lag_5: RealLag,
    volume_lag_1: Lag,
    volume_lag_2: Lag,
    volume_lag_3: Lag,
    ret_mean_10: RealMean,
    ret_std_10: RealDeviation,
    shape: ReturnShape,
    => new(grid) {
        let (price, quantity) = (Scale::new(grid.price_scale()), Scale::new(grid.qty_scale()));
        Self {
            price: price.divisor(),
            quantity: quantity.divisor(),
            sma_10: Mean::new(w(10), price),
            sma_20: Mean::new(w(20), price),
            ema_10: Ema::new(w(10)),
            rsi_14: Rsi::new(w(14), price),
            macd: Macd::new(w(12), w(26), w(9)),
            direction: Adx::new(w(14), price),
            stochastic: Stochastic::new(w(5), w(3), w(3)),
            obv_delta_20: ObvDelta::new(w(20), quantity),
            atr_14: Atr::new(w(14), price),
            bands: Bands::new(w(20), price),
            cci_14: Cci::new(w(14)),
            mfi_14: Mfi::new(w(14)),
            roc_10: Roc::new(w(10)),
            ultosc: UltOsc::new([w(7), w(14), w(28)]),
            willr_14: WillR::new(w(14)),
            volume_sma_20: Mean::new(w(20), quantity),
            close_1: Lag::new(w(1)),
            ret_std_20: RealDeviation::new(w(20), 0),
            hl_ret_std_20: RealDeviation::new(w(20), 0),
            ret_lag_1: RealLag::new(w(1)),
            ret_lag_2: RealLag::new(w(2)),
            ret_lag_3: RealLag::new(w(3)),
            ret_lag_5: RealLag::new(w(5)),
            volume_lag_1: Lag::new(w(1)),
            volume_lag_2: Lag::new(w(2)),
            volume_lag_3: Lag::new(w(3)),
            ret_mean_10: RealMean::new(w(10)),
            ret_std_10: RealDeviation::new(w(10), 0),
            shape: ReturnShape::new(w(20)),
        }
    }
    => inputs(this, bar) {
        let (view, close) = (&bar.view, this.price.divide_i64(bar.view.close));
        let ret = this.close_1.update(view.close).map(|before| change(view.close, before));
        let range = ratio(i128::from(view.high - view.low), view.low).unwrap_or(0.0);
        let quantity = this.quantity;
        Inputs {
            sma_10: this.sma_10.update(view.close),
            sma_20: this.sma_20.update(view.close),
            ema_10: this.ema_10.update(close),
            rsi_14: this.rsi_14.update(view.close),
            macd: this.macd.update(close),
            direction: this.direction.update(view.high_low_close()),
            stochastic: this.stochastic.update(view.high_low_close()),
            obv_delta_20: this.obv_delta_20.update(bar.close_volume()),
            atr_14: this.atr_14.update(view.high_low_close()),
            bands: this.bands.update(bar.typical().triple),
            cci_14: this.cci_14.update(bar.typical().triple),
            mfi_14: this.mfi_14.update(bar.typical()),
            roc_10: this.roc_10.update(view.close),
            ultosc: this.ultosc.update(view.high_low_close()),
            willr_14: this.willr_14.update(view.high_low_close()),
            volume_sma_20: this.volume_sma_20.update(view.volume),
            ret_std_20: ret.and_then(|ret| this.ret_std_20.update(ret)),
            hl_ret_std_20: this.hl_ret_std_20.update(range),
            ret_lags: [&mut this.ret_lag_1, &mut this.ret_lag_2, &mut this.ret_lag_3, &mut this.ret_lag_5]
                .map(|lag| ret.and_then(|ret| lag.update(ret))),
            volume_lags: [&mut this.volume_lag_1, &mut this.volume_lag_2, &mut this.volume_lag_3]
                .map(|lag| lag.update(view.volume).map(|volume| quantity.divide_i64(volume))),
            ret_mean_10: ret.and_then(|ret| this.ret_mean_10.update(ret)),
            ret_std_10: ret.and_then(|ret| this.ret_std_10.update(ret)),
            shape: ret.and_then(|ret| this.shape.update(ret)),
        }
    }
}
