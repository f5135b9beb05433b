//! Every operator by its definition, as slowly and plainly as it can be written: what contenders are checked
//! against before they are timed.

use crate::bars::Bars;
use crate::operators::Operator;

/// The values of `operator`, by column; NaN before the first.
#[must_use]
pub fn compute(operator: Operator, bars: &Bars) -> Vec<Vec<f64>> {
    let close = &bars.close.real;
    match operator {
        Operator::Sma => vec![rolling(close, 20, mean)],
        Operator::StdDev => vec![rolling(close, 20, |w| deviation(w, 0.0))],
        Operator::Bbands => bands(close),
        Operator::Ema => vec![ema(close, 20, 0)],
        Operator::Rsi => vec![rsi(close)],
        Operator::Macd => macd(close),
        Operator::Atr => vec![wilder(&true_range(bars), 14, 1)],
        Operator::Stoch => stochastic(bars),
        Operator::Max => vec![rolling(close, 14, max)],
        Operator::Min => vec![rolling(close, 14, min)],
        Operator::Vwap => vec![vwap(bars)],
        Operator::Correl => vec![correlation(close, &bars.volume.real)],
        Operator::Slope => vec![rolling(close, 50, slope)],
        Operator::Median => vec![rolling(close, 50, median)],
        Operator::Core => core(bars),
    }
}

/// The 19 features of `core`, in the order of the catalogue.
fn core(bars: &Bars) -> Vec<Vec<f64>> {
    let (close, volume) = (&bars.close.real, &bars.volume.real);
    let lines = macd(close);
    let bands = bands(close);
    let stochastic = stochastic(bars);
    let returns = (0..close.len()).map(|t| if t < 1 { f64::NAN } else { (close[t] / close[t - 1]).ln() });
    let width = (0..close.len()).map(|t| (bands[0][t] - bands[2][t]) / close[t]);
    let score = |x: &[f64]| rolling(x, 20, |w| (w[w.len() - 1] - mean(w)) / deviation(w, 1.0));
    vec![
        rsi(close),
        lines[0].clone(),
        lines[1].clone(),
        bands[0].clone(),
        bands[2].clone(),
        ema(close, 20, 0),
        wilder(&true_range(bars), 14, 1),
        returns.collect(),
        stochastic[0].clone(),
        stochastic[1].clone(),
        vwap(bars),
        width.collect(),
        score(close),
        score(volume),
        close.clone(),
        bars.open.real.clone(),
        bars.high.real.clone(),
        bars.low.real.clone(),
        volume.clone(),
    ]
}

/// `f` of the last `n` values.
fn rolling(x: &[f64], n: usize, f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    (0..x.len()).map(|t| if t + 1 < n { f64::NAN } else { f(&x[t + 1 - n..=t]) }).collect()
}

fn mean(w: &[f64]) -> f64 {
    w.iter().sum::<f64>() / w.len() as f64
}

fn deviation(w: &[f64], ddof: f64) -> f64 {
    let mean = mean(w);
    (w.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (w.len() as f64 - ddof)).sqrt()
}

fn max(w: &[f64]) -> f64 {
    w.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b))
}

fn min(w: &[f64]) -> f64 {
    w.iter().fold(f64::INFINITY, |a, b| a.min(*b))
}

fn median(w: &[f64]) -> f64 {
    let mut sorted = w.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    (sorted[half - 1] + sorted[half]) / 2.0
}

fn slope(w: &[f64]) -> f64 {
    let center = (w.len() as f64 - 1.0) / 2.0;
    let mean = mean(w);
    let terms = w.iter().enumerate().map(|(i, y)| (i as f64 - center, y - mean));
    let (xy, xx) = terms.fold((0.0, 0.0), |(xy, xx), (x, y)| (xy + x * y, xx + x * x));
    xy / xx
}

fn correlation(x: &[f64], y: &[f64]) -> Vec<f64> {
    let at = |t: usize| {
        let (x, y) = (&x[t - 19..=t], &y[t - 19..=t]);
        let (mean_x, mean_y) = (mean(x), mean(y));
        let products = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>();
        products / 20.0 / (deviation(x, 0.0) * deviation(y, 0.0))
    };
    (0..x.len()).map(|t| if t < 19 { f64::NAN } else { at(t) }).collect()
}

/// Exponential average, seeded at bar `from + n - 1` with the mean of the `n` values up to there.
fn ema(x: &[f64], n: usize, from: usize) -> Vec<f64> {
    smooth(x, n, from, 2.0 / (n as f64 + 1.0))
}

/// Wilder's average: weight 1/n.
fn wilder(x: &[f64], n: usize, from: usize) -> Vec<f64> {
    smooth(x, n, from, 1.0 / n as f64)
}

fn smooth(x: &[f64], n: usize, from: usize, weight: f64) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    let seed = from + n - 1;
    let mut last = mean(&x[from..=seed]);
    out[seed] = last;
    for t in seed + 1..x.len() {
        last += weight * (x[t] - last);
        out[t] = last;
    }
    out
}

fn bands(close: &[f64]) -> Vec<Vec<f64>> {
    let band = |k: f64| rolling(close, 20, |w| mean(w) + k * deviation(w, 0.0));
    vec![band(2.0), band(0.0), band(-2.0)]
}

fn rsi(close: &[f64]) -> Vec<f64> {
    let change = |t: usize| if t < 1 { 0.0 } else { close[t] - close[t - 1] };
    let gains: Vec<f64> = (0..close.len()).map(|t| change(t).max(0.0)).collect();
    let losses: Vec<f64> = (0..close.len()).map(|t| (-change(t)).max(0.0)).collect();
    let pairs = wilder(&gains, 14, 1).into_iter().zip(wilder(&losses, 14, 1));
    pairs.map(|(gain, loss)| 100.0 * gain / (gain + loss)).collect()
}

fn macd(close: &[f64]) -> Vec<Vec<f64>> {
    let pairs = ema(close, 12, 14).into_iter().zip(ema(close, 26, 0));
    let line: Vec<f64> = pairs.map(|(fast, slow)| fast - slow).collect();
    let signal = ema(&line, 9, 25);
    vec![line, signal]
}

fn true_range(bars: &Bars) -> Vec<f64> {
    let (high, low, close) = (&bars.high.real, &bars.low.real, &bars.close.real);
    let at = |t: usize| {
        let range = high[t] - low[t];
        range.max((high[t] - close[t - 1]).abs()).max((low[t] - close[t - 1]).abs())
    };
    (0..close.len()).map(|t| if t < 1 { f64::NAN } else { at(t) }).collect()
}

fn stochastic(bars: &Bars) -> Vec<Vec<f64>> {
    let highest = rolling(&bars.high.real, 14, max);
    let lowest = rolling(&bars.low.real, 14, min);
    let fast = bars.close.real.iter().zip(highest.iter().zip(&lowest));
    let fast: Vec<f64> = fast.map(|(c, (h, l))| 100.0 * (c - l) / (h - l)).collect();
    let k = rolling(&fast, 3, mean);
    let d = rolling(&k, 3, mean);
    vec![k, d]
}

fn vwap(bars: &Bars) -> Vec<f64> {
    let (high, low, close) = (&bars.high.real, &bars.low.real, &bars.close.real);
    let volume = &bars.volume.real;
    let at = |t: usize| {
        let window = t - 13..=t;
        let weighted = window.clone().map(|i| (high[i] + low[i] + close[i]) / 3.0 * volume[i]).sum::<f64>();
        weighted / window.map(|i| volume[i]).sum::<f64>()
    };
    (0..close.len()).map(|t| if t < 13 { f64::NAN } else { at(t) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(deviation(&[1.0, 3.0], 0.0), 1.0);
        assert_eq!(deviation(&[1.0, 3.0], 1.0), 2.0_f64.sqrt());
        assert_eq!(slope(&[5.0, 7.0, 9.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(ema(&[1.0, 3.0, 4.0], 2, 0)[1..], [2.0, 2.0 + 2.0 / 3.0 * 2.0]);
        assert_eq!(rolling(&[1.0, 3.0, 2.0], 2, max)[1..], [3.0, 3.0]);
    }
}
