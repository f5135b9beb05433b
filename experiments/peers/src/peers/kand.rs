//! The crate `kand`: whole arrays, default features (`check` on).
//!
//! Its VWAP is cumulative, and version 0.2.2 has no CORREL, LINEARREG_SLOPE or median.

use kand::ohlcv::{atr, bbands, ema, macd, rsi, sma, stoch};
use kand::stats::{max, min, stddev};

use crate::contender::Contender;
use crate::operators::{Column, Operator};

/// What the crate has of the table.
pub fn contenders() -> Vec<Contender> {
    macro_rules! of {
        ($operator:ident, |$bars:ident, [$($value:ident),+], [$($scratch:ident),*]| $call:expr) => {
            Contender::new(Operator::$operator, Column::Kand, |$bars, out| {
                let ([$($value),+], [$($scratch,)* ..]) = (out.values.as_mut_slice(), &mut out.scratch) else {
                    return;
                };
                let computed = $call;
                out.begin(if computed.is_ok() { 0 } else { usize::MAX });
            })
        };
    }
    vec![
        of!(Sma, |bars, [mean], []| sma::sma(&bars.close.real, 20, mean)),
        of!(StdDev, |bars, [deviation], [sum, squares]| {
            stddev::stddev(&bars.close.real, 20, deviation, sum, squares)
        }),
        of!(Bbands, |bars, [upper, middle, lower], [mean, variance, sum, squares]| {
            bbands::bbands(&bars.close.real, 20, 2.0, 2.0, upper, middle, lower, mean, variance, sum, squares)
        }),
        of!(Ema, |bars, [mean], []| ema::ema(&bars.close.real, 20, None, mean)),
        of!(Rsi, |bars, [value], [gain, loss]| rsi::rsi(&bars.close.real, 14, value, gain, loss)),
        of!(Macd, |bars, [line, signal], [histogram, fast, slow]| {
            macd::macd(&bars.close.real, 12, 26, 9, line, signal, histogram, fast, slow)
        }),
        of!(Atr, |bars, [value], []| {
            atr::atr(&bars.high.real, &bars.low.real, &bars.close.real, 14, value)
        }),
        of!(Stoch, |bars, [k, d], [fast]| {
            // It sums the first 13 places of this array before it has written them.
            fast[..13].fill(0.0);
            stoch::stoch(&bars.high.real, &bars.low.real, &bars.close.real, 14, 3, 3, fast, k, d)
        }),
        of!(Max, |bars, [value], []| max::max(&bars.close.real, 14, value)),
        of!(Min, |bars, [value], []| min::min(&bars.close.real, 14, value)),
    ]
}
