//! TA-Lib's Rust port, the crate `ta-lib`.

use ta_lib::{Core, MAType, OutRange, RetCode};

use super::{Talib, TalibStream};

/// The port.
pub struct Port(Core);

impl Port {
    /// With TA-Lib's default settings.
    #[must_use]
    pub fn new() -> Self {
        Self(Core::new())
    }
}

/// The bar of the first value; where the port refused, beyond every bar.
fn first(range: Result<OutRange, RetCode>) -> usize {
    range.map_or(usize::MAX, |range| range.beg_idx)
}

impl Talib for Port {
    fn sma(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        first(self.0.sma(0, x.len() - 1, x, n, out))
    }

    fn stddev(&self, x: &[f64], n: i32, deviations: f64, out: &mut [f64]) -> usize {
        first(self.0.stddev(0, x.len() - 1, x, n, deviations, out))
    }

    fn bbands(&self, x: &[f64], n: i32, [upper, middle, lower]: [&mut [f64]; 3]) -> usize {
        first(self.0.bbands(0, x.len() - 1, x, n, 2.0, 2.0, MAType::SMA, upper, middle, lower))
    }

    fn ema(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        first(self.0.ema(0, x.len() - 1, x, n, out))
    }

    fn rsi(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        first(self.0.rsi(0, x.len() - 1, x, n, out))
    }

    fn macd(&self, x: &[f64], [line, signal, histogram]: [&mut [f64]; 3]) -> usize {
        first(self.0.macd(0, x.len() - 1, x, 12, 26, 9, line, signal, histogram))
    }

    fn atr(&self, [high, low, close]: [&[f64]; 3], n: i32, out: &mut [f64]) -> usize {
        first(self.0.atr(0, close.len() - 1, high, low, close, n, out))
    }

    fn stoch(&self, [high, low, close]: [&[f64]; 3], [k, d]: [&mut [f64]; 2]) -> usize {
        let end = close.len() - 1;
        first(self.0.stoch(0, end, high, low, close, 14, 3, MAType::SMA, 3, MAType::SMA, k, d))
    }

    fn max(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        first(self.0.max(0, x.len() - 1, x, n, out))
    }

    fn min(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        first(self.0.min(0, x.len() - 1, x, n, out))
    }

    fn typprice(&self, [high, low, close]: [&[f64]; 3], out: &mut [f64]) -> usize {
        first(self.0.typprice(0, close.len() - 1, high, low, close, out))
    }

    fn vwma(&self, x: &[f64], volume: &[f64], n: i32, out: &mut [f64]) -> usize {
        first(self.0.vwma(0, x.len() - 1, x, volume, n, out))
    }

    fn correl(&self, x: &[f64], y: &[f64], n: i32, out: &mut [f64]) -> usize {
        first(self.0.correl(0, x.len() - 1, x, y, n, out))
    }

    fn slope(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        first(self.0.linearreg_slope(0, x.len() - 1, x, n, out))
    }

    fn median(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        first(self.0.percentile(0, x.len() - 1, x, n, 50.0, out))
    }

    fn rocr(&self, x: &[f64], out: &mut [f64]) -> usize {
        first(self.0.rocr(0, x.len() - 1, x, 1, out))
    }

    fn ln(&self, x: &[f64], out: &mut [f64]) -> usize {
        first(self.0.ln(0, x.len() - 1, x, out))
    }
}

/// The function of the next bar of an opened stream.
macro_rules! next {
    ($open:expr, |$($x:ident),+|, $pattern:pat => $values:expr) => {{
        let mut stream = $open.ok().map(|(stream, ..)| stream);
        move |$($x: f64),+| match stream.as_mut().map(|stream| stream.update($($x),+)) {
            Some(Ok($pattern)) => $values,
            _ => [f64::NAN; _],
        }
    }};
}

impl TalibStream for Port {
    fn sma(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        next!(self.0.sma_open(x, n), |x|, value => [value])
    }

    fn stddev(&self, x: &[f64], n: i32, deviations: f64) -> impl FnMut(f64) -> [f64; 1] {
        next!(self.0.stddev_open(x, n, deviations), |x|, value => [value])
    }

    fn bbands(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 3] {
        let open = self.0.bbands_open(x, n, 2.0, 2.0, MAType::SMA);
        next!(open, |x|, (upper, middle, lower) => [upper, middle, lower])
    }

    fn ema(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        next!(self.0.ema_open(x, n), |x|, value => [value])
    }

    fn rsi(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        next!(self.0.rsi_open(x, n), |x|, value => [value])
    }

    fn macd(&self, x: &[f64]) -> impl FnMut(f64) -> [f64; 2] {
        next!(self.0.macd_open(x, 12, 26, 9), |x|, (line, signal, _) => [line, signal])
    }

    fn atr(&self, [high, low, close]: [&[f64]; 3], n: i32) -> impl FnMut(f64, f64, f64) -> [f64; 1] {
        next!(self.0.atr_open(high, low, close, n), |high, low, close|, value => [value])
    }

    fn stoch(&self, [high, low, close]: [&[f64]; 3]) -> impl FnMut(f64, f64, f64) -> [f64; 2] {
        let open = self.0.stoch_open(high, low, close, 14, 3, MAType::SMA, 3, MAType::SMA);
        next!(open, |high, low, close|, (k, d) => [k, d])
    }

    fn max(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        next!(self.0.max_open(x, n), |x|, value => [value])
    }

    fn min(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        next!(self.0.min_open(x, n), |x|, value => [value])
    }

    fn vwma(&self, x: &[f64], volume: &[f64], n: i32) -> impl FnMut(f64, f64) -> [f64; 1] {
        next!(self.0.vwma_open(x, volume, n), |x, volume|, value => [value])
    }

    fn correl(&self, x: &[f64], y: &[f64], n: i32) -> impl FnMut(f64, f64) -> [f64; 1] {
        next!(self.0.correl_open(x, y, n), |x, y|, value => [value])
    }

    fn slope(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        next!(self.0.linearreg_slope_open(x, n), |x|, value => [value])
    }

    fn median(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        next!(self.0.percentile_open(x, n, 50.0), |x|, value => [value])
    }
}
