//! TA-Lib twice: the C library and its Rust port, behind one trait, so that both are called the same way.

mod c;
mod core;
mod find;
mod port;

pub use c::LibraryC;
pub use find::{ADVICE, python};
pub use port::Port;

use std::rc::Rc;

use crate::bars::{Bars, Series};
use crate::contender::{Contender, stream};
use crate::operators::{Column, Operator};

/// Bars a stream is opened with; at least the longest lookback and one more.
pub const HISTORY: usize = 64;

/// The functions used, over whole arrays. Each gives back the bar of its first value.
pub trait Talib {
    /// SMA.
    fn sma(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize;
    /// STDDEV of `deviations` deviations, ddof 0.
    fn stddev(&self, x: &[f64], n: i32, deviations: f64, out: &mut [f64]) -> usize;
    /// BBANDS of two deviations around an SMA: upper, middle, lower.
    fn bbands(&self, x: &[f64], n: i32, out: [&mut [f64]; 3]) -> usize;
    /// EMA.
    fn ema(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize;
    /// RSI.
    fn rsi(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize;
    /// MACD(12, 26, 9): line, signal, histogram.
    fn macd(&self, x: &[f64], out: [&mut [f64]; 3]) -> usize;
    /// ATR of high, low, close.
    fn atr(&self, bars: [&[f64]; 3], n: i32, out: &mut [f64]) -> usize;
    /// STOCH(14, 3, 3) of high, low, close with SMA: %K, %D.
    fn stoch(&self, bars: [&[f64]; 3], out: [&mut [f64]; 2]) -> usize;
    /// MAX.
    fn max(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize;
    /// MIN.
    fn min(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize;
    /// TYPPRICE of high, low, close.
    fn typprice(&self, bars: [&[f64]; 3], out: &mut [f64]) -> usize;
    /// VWMA of a price and a volume.
    fn vwma(&self, x: &[f64], volume: &[f64], n: i32, out: &mut [f64]) -> usize;
    /// CORREL.
    fn correl(&self, x: &[f64], y: &[f64], n: i32, out: &mut [f64]) -> usize;
    /// LINEARREG_SLOPE.
    fn slope(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize;
    /// PERCENTILE(50): the lower of the two in the middle.
    fn median(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize;
    /// ROCR(1): the ratio to the value before.
    fn rocr(&self, x: &[f64], out: &mut [f64]) -> usize;
    /// LN.
    fn ln(&self, x: &[f64], out: &mut [f64]) -> usize;
}

/// The same, bar by bar: each takes a history and gives the function of the next bar. NaN where it refuses.
pub trait TalibStream {
    /// SMA.
    fn sma(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1];
    /// STDDEV.
    fn stddev(&self, x: &[f64], n: i32, deviations: f64) -> impl FnMut(f64) -> [f64; 1];
    /// BBANDS.
    fn bbands(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 3];
    /// EMA.
    fn ema(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1];
    /// RSI.
    fn rsi(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1];
    /// MACD(12, 26, 9): line, signal.
    fn macd(&self, x: &[f64]) -> impl FnMut(f64) -> [f64; 2];
    /// ATR of high, low, close.
    fn atr(&self, bars: [&[f64]; 3], n: i32) -> impl FnMut(f64, f64, f64) -> [f64; 1];
    /// STOCH(14, 3, 3) of high, low, close.
    fn stoch(&self, bars: [&[f64]; 3]) -> impl FnMut(f64, f64, f64) -> [f64; 2];
    /// MAX.
    fn max(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1];
    /// MIN.
    fn min(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1];
    /// VWMA.
    fn vwma(&self, x: &[f64], volume: &[f64], n: i32) -> impl FnMut(f64, f64) -> [f64; 1];
    /// CORREL.
    fn correl(&self, x: &[f64], y: &[f64], n: i32) -> impl FnMut(f64, f64) -> [f64; 1];
    /// LINEARREG_SLOPE.
    fn slope(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1];
    /// PERCENTILE(50).
    fn median(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1];
}

/// Every operator over whole arrays.
pub fn batch<T: Talib + 'static>(talib: &Rc<T>, column: Column) -> Vec<Contender> {
    macro_rules! of {
        ($operator:ident, |$t:ident, $bars:ident, $out:ident| $body:expr) => {{
            let $t = Rc::clone(talib);
            Contender::new(Operator::$operator, column, move |$bars, $out| {
                let first = $body;
                $out.begin(first);
            })
        }};
    }
    vec![
        of!(Sma, |t, bars, out| t.sma(&bars.close.real, 20, out.one().0)),
        of!(StdDev, |t, bars, out| t.stddev(&bars.close.real, 20, 1.0, out.one().0)),
        of!(Bbands, |t, bars, out| t.bbands(&bars.close.real, 20, out.columns())),
        of!(Ema, |t, bars, out| t.ema(&bars.close.real, 20, out.one().0)),
        of!(Rsi, |t, bars, out| t.rsi(&bars.close.real, 14, out.one().0)),
        of!(Macd, |t, bars, out| {
            let [histogram, ..] = &mut out.scratch;
            let [line, signal] = out.values.as_mut_slice() else { return };
            t.macd(&bars.close.real, [line, signal, histogram])
        }),
        of!(Atr, |t, bars, out| t.atr(high_low_close(bars), 14, out.one().0)),
        of!(Stoch, |t, bars, out| t.stoch(high_low_close(bars), out.columns())),
        of!(Max, |t, bars, out| t.max(&bars.close.real, 14, out.one().0)),
        of!(Min, |t, bars, out| t.min(&bars.close.real, 14, out.one().0)),
        of!(Vwap, |t, bars, out| {
            let [typical, ..] = &mut out.scratch;
            t.typprice(high_low_close(bars), typical);
            t.vwma(typical, &bars.volume.real, 14, &mut out.values[0])
        }),
        of!(Correl, |t, bars, out| t.correl(&bars.close.real, &bars.volume.real, 20, out.one().0)),
        of!(Slope, |t, bars, out| t.slope(&bars.close.real, 50, out.one().0)),
        of!(Median, |t, bars, out| t.median(&bars.close.real, 50, out.one().0)),
        core::batch(Rc::clone(talib), column),
    ]
}

/// Every operator bar by bar.
pub fn streams<T: TalibStream + 'static>(talib: &Rc<T>, column: Column) -> Vec<Contender> {
    macro_rules! of {
        ($operator:ident, |$t:ident, $bars:ident| $open:expr, |$next:ident, $i:ident| $values:expr) => {{
            let $t = Rc::clone(talib);
            Contender::new(Operator::$operator, column, move |$bars, out| {
                let mut $next = $open;
                out.begin(0);
                stream(out, HISTORY, $bars.len(), |$i| Some($values));
            })
        }};
    }
    vec![
        of!(Sma, |t, bars| t.sma(past(&bars.close), 20), |next, i| next(bars.close.real[i])),
        of!(StdDev, |t, bars| t.stddev(past(&bars.close), 20, 1.0), |next, i| next(bars.close.real[i])),
        of!(Bbands, |t, bars| t.bbands(past(&bars.close), 20), |next, i| next(bars.close.real[i])),
        of!(Ema, |t, bars| t.ema(past(&bars.close), 20), |next, i| next(bars.close.real[i])),
        of!(Rsi, |t, bars| t.rsi(past(&bars.close), 14), |next, i| next(bars.close.real[i])),
        of!(Macd, |t, bars| t.macd(past(&bars.close)), |next, i| next(bars.close.real[i])),
        of!(Atr, |t, bars| t.atr(high_low_close(bars).map(head), 14), |next, i| {
            next(bars.high.real[i], bars.low.real[i], bars.close.real[i])
        }),
        of!(Stoch, |t, bars| t.stoch(high_low_close(bars).map(head)), |next, i| {
            next(bars.high.real[i], bars.low.real[i], bars.close.real[i])
        }),
        of!(Max, |t, bars| t.max(past(&bars.close), 14), |next, i| next(bars.close.real[i])),
        of!(Min, |t, bars| t.min(past(&bars.close), 14), |next, i| next(bars.close.real[i])),
        of!(Correl, |t, bars| t.correl(past(&bars.close), past(&bars.volume), 20), |next, i| {
            next(bars.close.real[i], bars.volume.real[i])
        }),
        of!(Slope, |t, bars| t.slope(past(&bars.close), 50), |next, i| next(bars.close.real[i])),
        of!(Median, |t, bars| t.median(past(&bars.close), 50), |next, i| next(bars.close.real[i])),
        vwap(Rc::clone(talib), column),
        core::streaming(Rc::clone(talib), column),
    ]
}

/// VWMA of the typical price, bar by bar.
fn vwap<T: TalibStream + 'static>(talib: Rc<T>, column: Column) -> Contender {
    Contender::new(Operator::Vwap, column, move |bars, out| {
        let history = typical_history(bars);
        let mut next = talib.vwma(&history, past(&bars.volume), 14);
        out.begin(0);
        stream(out, HISTORY, bars.len(), |i| Some(next(typical(bars, i), bars.volume.real[i])));
    })
}

/// High, low and close as whole arrays.
fn high_low_close(bars: &Bars) -> [&[f64]; 3] {
    [&bars.high.real, &bars.low.real, &bars.close.real]
}

/// What a stream is opened with.
fn head(series: &[f64]) -> &[f64] {
    &series[..HISTORY.min(series.len())]
}

/// The same, of a series of the bars.
fn past(series: &Series) -> &[f64] {
    head(&series.real)
}

/// TYPPRICE of one bar.
fn typical(bars: &Bars, bar: usize) -> f64 {
    (bars.high.real[bar] + bars.low.real[bar] + bars.close.real[bar]) / 3.0
}

/// TYPPRICE of the bars a stream is opened with.
fn typical_history(bars: &Bars) -> Vec<f64> {
    (0..HISTORY).map(|bar| typical(bars, bar)).collect()
}
