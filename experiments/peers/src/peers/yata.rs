//! The crate `yata`: `next`, bar by bar.
//!
//! Its deviation is of ddof 1, so the bands are of 2·√(19/20) of its deviations and STDDEV is scaled by √(19/20);
//! its RSI and stochastic are from 0 to 1 and scaled by 100. Each costs one multiplication a bar.

use yata::core::{Candle, IndicatorConfig, IndicatorInstance, Method, Source};
use yata::helpers::MA;
use yata::indicators::{BollingerBands, MACD, RelativeStrengthIndex, StochasticOscillator};
use yata::methods::{EMA, Highest, LinReg, Lowest, RMA, SMA, SMM, StDev, TR, VWMA};

use crate::bars::Bars;
use crate::contender::{Contender, stream};
use crate::operators::{Column, Operator};

/// What the crate has of the table.
pub fn contenders() -> Vec<Contender> {
    macro_rules! of {
        ($operator:ident, |$bars:ident| $new:expr, |$next:ident, $i:ident| $values:expr) => {
            Contender::new(Operator::$operator, Column::Yata, |$bars, out| {
                let Ok(mut $next) = $new else { return };
                out.begin(0);
                stream(out, 0, $bars.len(), |$i| Some($values));
            })
        };
    }
    vec![
        of!(Sma, |bars| SMA::new(20, &bars.close.real[0]), |next, i| [next.next(&bars.close.real[i])]),
        of!(StdDev, |bars| StDev::new(20, &bars.close.real[0]), |next, i| {
            [next.next(&bars.close.real[i]) * population()]
        }),
        of!(Bbands, |bars| bands(bars), |next, i| {
            let result = next.next(&candle(bars, i));
            [result.value(0), result.value(1), result.value(2)]
        }),
        of!(Ema, |bars| EMA::new(20, &bars.close.real[0]), |next, i| [next.next(&bars.close.real[i])]),
        of!(Rsi, |bars| rsi(bars), |next, i| [100.0 * next.next(&candle(bars, i)).value(0)]),
        of!(Macd, |bars| macd(bars), |next, i| {
            let result = next.next(&candle(bars, i));
            [result.value(0), result.value(1)]
        }),
        of!(Atr, |bars| average_true_range(bars), |next, i| [next.1.next(&next.0.next(&candle(bars, i)))]),
        of!(Stoch, |bars| stochastic(bars), |next, i| {
            let result = next.next(&candle(bars, i));
            [100.0 * result.value(0), 100.0 * result.value(1)]
        }),
        of!(Max, |bars| Highest::new(14, &bars.close.real[0]), |next, i| [next.next(&bars.close.real[i])]),
        of!(Min, |bars| Lowest::new(14, &bars.close.real[0]), |next, i| [next.next(&bars.close.real[i])]),
        of!(Vwap, |bars| VWMA::new(14, &weighted(bars, 0)), |next, i| [next.next(&weighted(bars, i))]),
        of!(Slope, |bars| LinReg::new(50, &bars.close.real[0]), |next, i| {
            next.next(&bars.close.real[i]);
            [next.tan()]
        }),
        of!(Median, |bars| SMM::new(50, &bars.close.real[0]), |next, i| [next.next(&bars.close.real[i])]),
    ]
}

/// Deviations of ddof 0 in one of ddof 1.
fn population() -> f64 {
    (19.0_f64 / 20.0).sqrt()
}

fn candle(bars: &Bars, index: usize) -> Candle {
    Candle {
        open: bars.open.real[index],
        high: bars.high.real[index],
        low: bars.low.real[index],
        close: bars.close.real[index],
        volume: bars.volume.real[index],
    }
}

/// Typical price and volume.
fn weighted(bars: &Bars, index: usize) -> (f64, f64) {
    let sum = bars.high.real[index] + bars.low.real[index] + bars.close.real[index];
    (sum / 3.0, bars.volume.real[index])
}

type Result<T> = std::result::Result<T, yata::core::Error>;

fn bands(bars: &Bars) -> Result<impl IndicatorInstance + use<>> {
    let config = BollingerBands { avg_size: 20, sigma: 2.0 * population(), source: Source::Close };
    config.init(&candle(bars, 0))
}

fn rsi(bars: &Bars) -> Result<impl IndicatorInstance + use<>> {
    RelativeStrengthIndex { ma: MA::RMA(14), ..Default::default() }.init(&candle(bars, 0))
}

fn macd(bars: &Bars) -> Result<impl IndicatorInstance + use<>> {
    let config = MACD { ma1: MA::EMA(12), ma2: MA::EMA(26), signal: MA::EMA(9), source: Source::Close };
    config.init(&candle(bars, 0))
}

fn stochastic(bars: &Bars) -> Result<impl IndicatorInstance + use<>> {
    let config =
        StochasticOscillator { period: 14, ma: MA::SMA(3), signal: MA::SMA(3), ..Default::default() };
    config.init(&candle(bars, 0))
}

fn average_true_range(bars: &Bars) -> Result<(TR, RMA)> {
    let first = candle(bars, 0);
    Ok((TR::new(&first)?, RMA::new(14, &(first.high - first.low))?))
}
