//! The crate `vector-ta`: whole arrays. On stable Rust it has scalar kernels only; its AVX kernels need nightly.
//!
//! It has no rolling maximum or minimum and no median of its own; its VWAP is anchored, the one here is its VWMA
//! of the typical price.

use vector_ta::indicators::atr::{AtrInput, AtrParams, atr_into};
use vector_ta::indicators::bollinger_bands::{
    BollingerBandsInput, BollingerBandsParams, bollinger_bands_into_slices,
};
use vector_ta::indicators::correl_hl::{CorrelHlInput, CorrelHlParams, correl_hl_into_slice};
use vector_ta::indicators::linearreg_slope::{
    LinearRegSlopeInput, LinearRegSlopeParams, linearreg_slope_into_slice,
};
use vector_ta::indicators::macd::{MacdInput, MacdParams, macd_into};
use vector_ta::indicators::moving_averages::ema::{EmaInput, EmaParams, ema_into_slice};
use vector_ta::indicators::moving_averages::sma::{SmaInput, SmaParams, sma_into_slice};
use vector_ta::indicators::moving_averages::vwma::{VwmaInput, VwmaParams, vwma_into_slice};
use vector_ta::indicators::rsi::{RsiInput, RsiParams, rsi_into_slice};
use vector_ta::indicators::stddev::{StdDevInput, StdDevParams, stddev_into_slice};
use vector_ta::indicators::stoch::{StochInput, StochParams, stoch_into_slices};
use vector_ta::utilities::enums::Kernel;

use crate::contender::Contender;
use crate::operators::{Column, Operator};

/// What the crate has of the table.
pub fn contenders() -> Vec<Contender> {
    macro_rules! of {
        ($operator:ident, |$bars:ident, [$($value:ident),+], [$($scratch:ident),*]| $call:expr) => {
            Contender::new(Operator::$operator, Column::VectorTa, |$bars, out| {
                let ([$($value),+], [$($scratch,)* ..]) = (out.values.as_mut_slice(), &mut out.scratch) else {
                    return;
                };
                let computed = $call;
                out.begin(if computed.is_ok() { 0 } else { usize::MAX });
            })
        };
    }
    vec![
        of!(Sma, |bars, [out], []| {
            let input = SmaInput::from_slice(&bars.close.real, SmaParams { period: Some(20) });
            sma_into_slice(out, &input, Kernel::Auto)
        }),
        of!(StdDev, |bars, [out], []| {
            let params = StdDevParams { period: Some(20), nbdev: Some(1.0) };
            stddev_into_slice(out, &StdDevInput::from_slice(&bars.close.real, params), Kernel::Auto)
        }),
        of!(Bbands, |bars, [upper, middle, lower], []| {
            let params = BollingerBandsParams {
                period: Some(20),
                devup: Some(2.0),
                devdn: Some(2.0),
                ..BollingerBandsParams::default()
            };
            let input = BollingerBandsInput::from_slice(&bars.close.real, params);
            bollinger_bands_into_slices(upper, middle, lower, &input, Kernel::Auto)
        }),
        of!(Ema, |bars, [out], []| {
            let input = EmaInput::from_slice(&bars.close.real, EmaParams { period: Some(20) });
            ema_into_slice(out, &input, Kernel::Auto)
        }),
        of!(Rsi, |bars, [out], []| {
            let input = RsiInput::from_slice(&bars.close.real, RsiParams { period: Some(14) });
            rsi_into_slice(out, &input, Kernel::Auto)
        }),
        of!(Macd, |bars, [line, signal], [histogram]| {
            let input = MacdInput::from_slice(&bars.close.real, MacdParams::default());
            macd_into(&input, line, signal, histogram)
        }),
        of!(Atr, |bars, [out], []| {
            let params = AtrParams { length: Some(14) };
            let input = AtrInput::from_slices(&bars.high.real, &bars.low.real, &bars.close.real, params);
            atr_into(&input, out)
        }),
        of!(Stoch, |bars, [k, d], []| {
            let params = StochParams {
                fastk_period: Some(14),
                slowk_period: Some(3),
                slowd_period: Some(3),
                ..Default::default()
            };
            let input = StochInput::from_slices(&bars.high.real, &bars.low.real, &bars.close.real, params);
            stoch_into_slices(k, d, &input, Kernel::Auto)
        }),
        of!(Vwap, |bars, [out], [typical]| {
            let prices = bars.high.real.iter().zip(&bars.low.real).zip(&bars.close.real);
            for (typical, ((high, low), close)) in typical.iter_mut().zip(prices) {
                *typical = (high + low + close) / 3.0;
            }
            let input = VwmaInput::from_slice(typical, &bars.volume.real, VwmaParams { period: Some(14) });
            vwma_into_slice(out, &input, Kernel::Auto)
        }),
        of!(Correl, |bars, [out], []| {
            let params = CorrelHlParams { period: Some(20) };
            let input = CorrelHlInput::from_slices(&bars.close.real, &bars.volume.real, params);
            correl_hl_into_slice(out, &input, Kernel::Auto)
        }),
        of!(Slope, |bars, [out], []| {
            let params = LinearRegSlopeParams { period: Some(50) };
            let input = LinearRegSlopeInput::from_slice(&bars.close.real, params);
            linearreg_slope_into_slice(out, &input, Kernel::Auto)
        }),
    ]
}
