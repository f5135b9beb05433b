//! Indicators over bars that both libraries have.

use std::hint::black_box;

use feature_api::Operator as _;
use features_v2::arithmetic::Scale;
use features_v2::bars::{BarSums, ClosedBar};
use features_v2::operators::{
    Atr, Cci, Deviations, Ema, HighLowClose, Macd, Mean, Moments, Regression, Roc, RollingMax, RollingMin,
    Rsi, Stochastic,
};
use features_v2::window::Window;

use super::PRICE_SCALE;

const PRICE: Scale = Scale::new(PRICE_SCALE);

/// Over all bars; the values of each where they are kept, NaN where there are none.
type Run = Box<dyn Fn(&[ClosedBar], bool) -> Vec<f64>>;

/// An indicator as ours computes it.
pub struct Indicator {
    /// What the peer's script knows it by.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// From a fresh state.
    pub run: Run,
}

/// Every indicator.
pub fn all() -> Vec<Indicator> {
    let mut all = Vec::new();
    macro_rules! of {
        ($name:literal, $what:literal, $new:expr, |$op:ident, $bar:ident| $values:expr) => {
            let run = |bars: &[ClosedBar], keep| {
                let mut $op = $new;
                stream(bars, keep, |$bar| $values)
            };
            all.push(Indicator { name: $name, what: $what, run: Box::new(run) });
        };
    }
    of!("SMA", "20", Mean::new(window(20), PRICE), |op, bar| op.update(bar.close).map(|mean| [mean]));
    of!("EMA", "20", Ema::new(window(20)), |op, bar| op.update(real(bar.close)).map(|mean| [mean]));
    of!("RSI", "14", Rsi::new(window(14), PRICE), |op, bar| op.update(bar.close).map(|rsi| [rsi]));
    of!("MACD", "12, 26", Macd::new(window(12), window(26), window(1)), |op, bar| {
        op.update(real(bar.close)).map(|lines| [lines.macd])
    });
    of!("ATR", "14", Atr::new(window(14), PRICE), |op, bar| op.update(high_low_close(bar)).map(|atr| [atr]));
    of!("BBANDS", "20, 2, typical", Moments::with(window(20), PRICE, Deviations::Population), |op, bar| {
        op.update(triple(bar)).map(|m| [2.0, 0.0, -2.0].map(|width| (m.mean + width * m.deviation) / 3.0))
    });
    of!("STOCH %K", "14", Stochastic::new(window(14), window(1), window(1)), |op, bar| {
        op.update(high_low_close(bar)).map(|lines| [lines.k])
    });
    of!("CCI", "20", Cci::new(window(20)), |op, bar| op.update(triple(bar)).map(|cci| [cci]));
    of!("ROC", "10", Roc::new(window(10)), |op, bar| op.update(bar.close).map(|roc| [roc]));
    of!("DONCHIAN", "14", (RollingMax::new(window(14)), RollingMin::new(window(14))), |op, bar| {
        op.0.update(bar.high).zip(op.1.update(bar.low)).map(|(high, low)| [real(high), real(low)])
    });
    of!("SLOPE", "50", Regression::new(window(50), PRICE), |op, bar| {
        op.update(bar.close).map(|line| [line.slope])
    });
    all
}

/// Bar by bar as a live program does: the compiler sees neither the bar before nor the next.
fn stream<const N: usize>(
    bars: &[ClosedBar],
    keep: bool,
    mut step: impl FnMut(&BarSums) -> Option<[f64; N]>,
) -> Vec<f64> {
    let mut kept = Vec::new();
    for bar in bars {
        let values = black_box(step(black_box(&bar.sums)));
        if keep {
            kept.extend(values.unwrap_or([f64::NAN; N]));
        }
    }
    kept
}

const fn window(len: u32) -> Window {
    Window::clamped(len)
}

fn real(raw: i64) -> f64 {
    PRICE.divisor().divide_i64(raw)
}

/// Three times the typical price.
const fn triple(bar: &BarSums) -> i64 {
    bar.high + bar.low + bar.close
}

const fn high_low_close(bar: &BarSums) -> HighLowClose {
    HighLowClose { high: bar.high, low: bar.low, close: bar.close }
}
