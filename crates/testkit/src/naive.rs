//! Naive references: second implementations from the definitions, over whole arrays, in plain floats.
//!
//! Each gives one cell per row: `None` before its warm-up. They recompute every window; that is their point.
//! Conventions are TA-Lib's where there is a choice. For references without rounding see [`crate::exact`].

/// One cell per row.
pub type Series = Vec<Option<f64>>;

/// `f` over each full window of `n` rows.
///
/// # Panics
/// Where `n` is 0.
#[must_use]
pub fn rolling(values: &[f64], n: usize, f: impl Fn(&[f64]) -> f64) -> Series {
    assert!(n > 0, "a window of 0 rows");
    (0..values.len()).map(|row| (row + 1 >= n).then(|| f(&values[row + 1 - n..=row]))).collect()
}

/// The mean over `n` rows.
#[must_use]
pub fn sma(values: &[f64], n: usize) -> Series {
    rolling(values, n, mean)
}

/// The variance over `n` rows, divisor `n − ddof`.
#[must_use]
pub fn variance(values: &[f64], n: usize, ddof: usize) -> Series {
    rolling(values, n, |window| covariance_of(window, window, ddof))
}

/// The standard deviation over `n` rows, divisor `n − ddof`.
#[must_use]
pub fn std(values: &[f64], n: usize, ddof: usize) -> Series {
    variance(values, n, ddof).into_iter().map(|cell| cell.map(f64::sqrt)).collect()
}

/// The smallest value over `n` rows.
#[must_use]
pub fn min(values: &[f64], n: usize) -> Series {
    rolling(values, n, |window| sorted(window)[0])
}

/// The largest value over `n` rows.
#[must_use]
pub fn max(values: &[f64], n: usize) -> Series {
    rolling(values, n, |window| sorted(window)[n - 1])
}

/// The median over `n` rows; of an even number the mean of the middle two.
#[must_use]
pub fn median(values: &[f64], n: usize) -> Series {
    rolling(values, n, |window| {
        let sorted = sorted(window);
        (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0
    })
}

/// The exponential mean with α = 2/(n + 1), seeded with the mean of the first `n` rows.
#[must_use]
pub fn ema(values: &[f64], n: usize) -> Series {
    seeded(values, n, 2.0 / (count(n) + 1.0))
}

/// Wilder's mean, α = 1/n, seeded with the mean of the first `n` rows.
#[must_use]
pub fn wilder(values: &[f64], n: usize) -> Series {
    seeded(values, n, 1.0 / count(n))
}

/// Wilder's RSI over `n` changes; `flat` where there was neither a gain nor a loss.
#[must_use]
pub fn rsi(close: &[f64], n: usize, flat: f64) -> Series {
    let changes: Vec<f64> = close.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let gains: Vec<f64> = changes.iter().map(|change| if *change > 0.0 { *change } else { 0.0 }).collect();
    let losses: Vec<f64> = changes.iter().map(|change| if *change < 0.0 { -change } else { 0.0 }).collect();
    let value = |gain: f64, loss: f64| if gain + loss == 0.0 { flat } else { 100.0 * gain / (gain + loss) };
    let cells = wilder(&gains, n).into_iter().zip(wilder(&losses, n));
    delayed(close.len(), 1, cells.map(|(gain, loss)| Some(value(gain?, loss?))))
}

/// MACD line and signal, aligned as TA-Lib does: the fast mean is seeded with the `fast` rows that end where
/// the first slow mean is; both are valid from the first signal on.
#[must_use]
pub fn macd(close: &[f64], fast: usize, slow: usize, signal: usize) -> (Series, Series) {
    let skipped = slow - fast;
    let slow_line = ema(close, slow);
    let fast_line = delayed(close.len(), skipped, ema(close.get(skipped..).unwrap_or(&[]), fast));
    let line: Series = fast_line.iter().zip(&slow_line).map(|(f, s)| Some((*f)? - (*s)?)).collect();
    let values: Vec<f64> = line.iter().flatten().copied().collect();
    let signal_line = delayed(close.len(), slow - 1, ema(&values, signal));
    let line = line.iter().zip(&signal_line).map(|(line, signal)| signal.and(*line)).collect();
    (line, signal_line)
}

/// The true range; not valid in the first row, which has no close before it.
#[must_use]
pub fn true_range(high: &[f64], low: &[f64], close: &[f64]) -> Series {
    let value = |row: usize| {
        let before = close[row.checked_sub(1)?];
        let candidates = [high[row] - low[row], (high[row] - before).abs(), (low[row] - before).abs()];
        Some(sorted(&candidates)[2])
    };
    (0..close.len()).map(value).collect()
}

/// The average true range: Wilder's mean over `n` true ranges.
#[must_use]
pub fn atr(high: &[f64], low: &[f64], close: &[f64], n: usize) -> Series {
    let ranges: Vec<f64> = true_range(high, low, close).into_iter().flatten().collect();
    delayed(close.len(), 1, wilder(&ranges, n))
}

/// The slow stochastic, %K and %D: the place of the close in the range of `n` rows, in percent, averaged over
/// `k` rows, and that over `d` rows. `flat` where the range is zero. %K is valid from its own first row on.
#[must_use]
pub fn stochastic([high, low, close]: [&[f64]; 3], [n, k, d]: [usize; 3], flat: f64) -> (Series, Series) {
    let extremes = min(low, n).into_iter().zip(max(high, n)).zip(close);
    let value = |((low, high), close): ((Option<f64>, Option<f64>), &f64)| {
        let (low, high) = (low?, high?);
        Some(if high == low { flat } else { 100.0 * (close - low) / (high - low) })
    };
    let raw: Vec<f64> = extremes.filter_map(value).collect();
    let fast_k = sma(&raw, k);
    let means: Vec<f64> = fast_k.iter().flatten().copied().collect();
    let slow_d = delayed(close.len(), n + k - 2, sma(&means, d));
    (delayed(close.len(), n - 1, fast_k), slow_d)
}

/// The slope of the least-squares line through `n` rows, per row.
#[must_use]
pub fn linear_slope(values: &[f64], n: usize) -> Series {
    rolling(values, n, |window| line(window).1)
}

/// The least-squares line through `n` rows, read `ahead` rows after the last of them.
#[must_use]
pub fn linear_forecast(values: &[f64], n: usize, ahead: usize) -> Series {
    rolling(values, n, |window| {
        let (intercept, slope) = line(window);
        intercept + slope * count(n - 1 + ahead)
    })
}

/// The correlation of two series over `n` rows; 0 where one of them does not vary.
#[must_use]
pub fn correlation(x: &[f64], y: &[f64], n: usize) -> Series {
    assert!(n > 0 && x.len() == y.len(), "two series of one length");
    let value = |row: usize| {
        let start = (row + 1).checked_sub(n)?;
        let (x, y) = (&x[start..=row], &y[start..=row]);
        let flat = |window: &[f64]| window.iter().all(|value| *value == window[0]);
        if flat(x) || flat(y) {
            return Some(0.0);
        }
        let product = covariance_of(x, x, 0) * covariance_of(y, y, 0);
        Some(covariance_of(x, y, 0) / product.sqrt())
    };
    (0..x.len()).map(value).collect()
}

/// The volume-weighted price over `n` rows; the mean price where there was no volume.
#[must_use]
pub fn rolling_vwap(price: &[f64], volume: &[f64], n: usize) -> Series {
    assert!(n > 0 && price.len() == volume.len(), "two series of one length");
    let value = |row: usize| {
        let start = (row + 1).checked_sub(n)?;
        let (price, volume) = (&price[start..=row], &volume[start..=row]);
        let total: f64 = volume.iter().sum();
        let traded: f64 = price.iter().zip(volume).map(|(price, volume)| price * volume).sum();
        Some(if total == 0.0 { mean(price) } else { traded / total })
    };
    (0..price.len()).map(value).collect()
}

/// The typical price, (high + low + close)/3.
#[must_use]
pub fn typical(high: &[f64], low: &[f64], close: &[f64]) -> Vec<f64> {
    high.iter().zip(low).zip(close).map(|((high, low), close)| (high + low + close) / 3.0).collect()
}

/// ln(C / C₋₁).
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a second implementation, compared within a tolerance")]
pub fn log_return(close: &[f64]) -> Series {
    delayed(close.len(), 1, close.windows(2).map(|pair| Some((pair[1] / pair[0]).ln())))
}

/// C / C₋ₙ − 1.
#[must_use]
pub fn change(close: &[f64], n: usize) -> Series {
    (0..close.len()).map(|row| Some(close[row] / close[row.checked_sub(n)?] - 1.0)).collect()
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).expect("a window fits 32 bits"))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

fn covariance_of(x: &[f64], y: &[f64], ddof: usize) -> f64 {
    let (mean_x, mean_y) = (mean(x), mean(y));
    x.iter().zip(y).map(|(a, b)| (a - mean_x) * (b - mean_y)).sum::<f64>() / count(x.len() - ddof)
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Intercept at the first row, and slope.
fn line(values: &[f64]) -> (f64, f64) {
    let x: Vec<f64> = (0..values.len()).map(count).collect();
    let slope = covariance_of(&x, values, 0) / covariance_of(&x, &x, 0);
    (mean(values) - slope * mean(&x), slope)
}

fn seeded(values: &[f64], n: usize, alpha: f64) -> Series {
    let mut value = None;
    (0..values.len())
        .map(|row| {
            value = match value {
                Some(before) => Some(before + alpha * (values[row] - before)),
                None if row + 1 == n => Some(mean(&values[..n])),
                None => None,
            };
            value
        })
        .collect()
}

/// `cells` from row `by` on, in a series of `rows` rows.
fn delayed(rows: usize, by: usize, cells: impl IntoIterator<Item = Option<f64>>) -> Series {
    let mut series = vec![None; by.min(rows)];
    series.extend(cells);
    series.resize(rows, None);
    series
}
