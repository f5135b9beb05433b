//! The crate `ta`: `next`, bar by bar.
//!
//! Its RSI and ATR smooth with an EMA instead of Wilder's average: an EMA of 2·14 − 1 = 27 has Wilder's weight of
//! 1/14 and converges to the same values. Its slow stochastic smooths with an EMA; the one here is its fast
//! stochastic, smoothed by its own SMA twice.

use ta::indicators::{
    AverageTrueRange, BollingerBands, ExponentialMovingAverage, FastStochastic, Maximum, Minimum,
    MovingAverageConvergenceDivergence, RelativeStrengthIndex, SimpleMovingAverage, StandardDeviation,
};
use ta::{Close, High, Low, Next};

use crate::bars::Bars;
use crate::contender::{Contender, stream};
use crate::operators::{Column, Operator};

/// The bar of one call.
struct Bar {
    high: f64,
    low: f64,
    close: f64,
}

impl Bar {
    fn at(bars: &Bars, index: usize) -> Self {
        Self { high: bars.high.real[index], low: bars.low.real[index], close: bars.close.real[index] }
    }
}

impl High for Bar {
    fn high(&self) -> f64 {
        self.high
    }
}

impl Low for Bar {
    fn low(&self) -> f64 {
        self.low
    }
}

impl Close for Bar {
    fn close(&self) -> f64 {
        self.close
    }
}

/// What the crate has of the table.
pub fn contenders() -> Vec<Contender> {
    macro_rules! of {
        ($operator:ident, $new:expr, |$next:ident, $bars:ident, $i:ident| $values:expr) => {
            Contender::new(Operator::$operator, Column::Ta, |$bars, out| {
                let Ok(mut $next) = $new else { return };
                out.begin(0);
                stream(out, 0, $bars.len(), |$i| Some($values));
            })
        };
    }
    vec![
        of!(Sma, SimpleMovingAverage::new(20), |next, bars, i| [next.next(bars.close.real[i])]),
        of!(StdDev, StandardDeviation::new(20), |next, bars, i| [next.next(bars.close.real[i])]),
        of!(Bbands, BollingerBands::new(20, 2.0), |next, bars, i| {
            let bands = next.next(bars.close.real[i]);
            [bands.upper, bands.average, bands.lower]
        }),
        of!(Ema, ExponentialMovingAverage::new(20), |next, bars, i| [next.next(bars.close.real[i])]),
        of!(Rsi, RelativeStrengthIndex::new(27), |next, bars, i| [next.next(bars.close.real[i])]),
        of!(Macd, MovingAverageConvergenceDivergence::new(12, 26, 9), |next, bars, i| {
            let lines = next.next(bars.close.real[i]);
            [lines.macd, lines.signal]
        }),
        of!(Atr, AverageTrueRange::new(27), |next, bars, i| [next.next(&Bar::at(bars, i))]),
        of!(Stoch, stochastic(), |next, bars, i| {
            let (fast, k, d) = &mut next;
            let k = k.next(fast.next(&Bar::at(bars, i)));
            [k, d.next(k)]
        }),
        of!(Max, Maximum::new(14), |next, bars, i| [next.next(bars.close.real[i])]),
        of!(Min, Minimum::new(14), |next, bars, i| [next.next(bars.close.real[i])]),
    ]
}

/// Fast %K and its two averages.
fn stochastic() -> ta::errors::Result<(FastStochastic, SimpleMovingAverage, SimpleMovingAverage)> {
    Ok((FastStochastic::new(14)?, SimpleMovingAverage::new(3)?, SimpleMovingAverage::new(3)?))
}
