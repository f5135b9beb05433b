//! What the medium and the long bars have beside the common features: 14 features.

use feature_api::Operator as _;
use feature_api::Range::{Any, AtLeast, Between};

use super::clock::{Clock, names, operators};
use super::lines::{
    ADX_DOC, ATR_DOC, EMA_DOC, FLAT, LAG_DOC, MACD, MACD_DOC, NEVER, NO_CLOSE, OBV_DOC, RSI_DOC, SMA_DOC,
    STD_DOC, STILL, adx, atr, ema, rsi, w,
};
use crate::arithmetic::{Divisor, Scale};
use crate::operators::{Adx, Atr, Ema, Lag, Macd, MacdLines, Mean, ObvDelta, RealDeviation, RealLag, Rsi};
use crate::sets::formula::change;
use crate::sets::table::{features, finite};

/// Values of the operators at a bar.
pub(super) struct Inputs {
    sma_10: Option<f64>,
    sma_20: Option<f64>,
    ema_10: Option<f64>,
    rsi_14: Option<f64>,
    macd: Option<MacdLines>,
    adx_14: Option<f64>,
    atr_14: Option<f64>,
    obv_delta_20: Option<f64>,
    ret_std_20: Option<f64>,
    ret_lags: [Option<f64>; 3],
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
    adx_14: x.adx_14 => "ADX14 (Wilder)", adx(14), Between(0.0, 100.0), STILL, ADX_DOC;
    atr_14: x.atr_14 => "ATR14 (Wilder)", atr(14), AtLeast(0.0), "", ATR_DOC;
    obv_delta_20: x.obv_delta_20 => "OBV − OBV₋₂₀", finite(21), Any, "", OBV_DOC;
    ret_std_20: x.ret_std_20 => "STD20 of C/C₋₁ − 1", finite(21), AtLeast(0.0), FLAT, STD_DOC;
    ret_lag_1: x.ret_lags[0] => "C₋₁/C₋₂ − 1", finite(3), AtLeast(-1.0), NO_CLOSE, LAG_DOC;
    ret_lag_2: x.ret_lags[1] => "C₋₂/C₋₃ − 1", finite(4), AtLeast(-1.0), NO_CLOSE, LAG_DOC;
    ret_lag_3: x.ret_lags[2] => "C₋₃/C₋₄ − 1", finite(5), AtLeast(-1.0), NO_CLOSE, LAG_DOC;
}

operators! {
    /// The operators of the medium and of the long bars.
    Cascade { price: Divisor, }
    sma_10: Mean,
    sma_20: Mean,
    ema_10: Ema,
    rsi_14: Rsi,
    macd: Macd,
    adx_14: Adx,
    atr_14: Atr,
    obv_delta_20: ObvDelta,
    close_1: Lag,
    ret_std_20: RealDeviation,
    ret_lag_1: RealLag,
    ret_lag_2: RealLag,
    ret_lag_3: RealLag,
    => new(grid) {
        let (price, quantity) = (Scale::new(grid.price_scale()), Scale::new(grid.qty_scale()));
        Self {
            price: price.divisor(),
            sma_10: Mean::new(w(10), price),
            sma_20: Mean::new(w(20), price),
            ema_10: Ema::new(w(10)),
            rsi_14: Rsi::new(w(14), price),
            macd: Macd::new(w(12), w(26), w(9)),
            adx_14: Adx::new(w(14), price),
            atr_14: Atr::new(w(14), price),
            obv_delta_20: ObvDelta::new(w(20), quantity),
            close_1: Lag::new(w(1)),
            ret_std_20: RealDeviation::new(w(20), 0),
            ret_lag_1: RealLag::new(w(1)),
            ret_lag_2: RealLag::new(w(2)),
            ret_lag_3: RealLag::new(w(3)),
        }
    }
    => inputs(this, bar) {
        let (view, close) = (&bar.view, this.price.divide_i64(bar.view.close));
        let ret = this.close_1.update(view.close).map(|before| change(view.close, before));
        Inputs {
            sma_10: this.sma_10.update(view.close),
            sma_20: this.sma_20.update(view.close),
            ema_10: this.ema_10.update(close),
            rsi_14: this.rsi_14.update(view.close),
            macd: this.macd.update(close),
            adx_14: this.adx_14.update(view.high_low_close()).and_then(|lines| lines.adx),
            atr_14: this.atr_14.update(view.high_low_close()),
            obv_delta_20: this.obv_delta_20.update(bar.close_volume()),
            ret_std_20: ret.and_then(|ret| this.ret_std_20.update(ret)),
            ret_lags: [&mut this.ret_lag_1, &mut this.ret_lag_2, &mut this.ret_lag_3]
                .map(|lag| ret.and_then(|ret| lag.update(ret))),
        }
    }
}
