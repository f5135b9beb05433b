//! How far chance alone could have moved a figure.

mod rng;

use crate::metrics::{Curve, Moments, Span, equity, mean};
use crate::sweep::in_order;
use crate::{BacktestError, Run};
use rng::SplitMix64;

/// How it is resampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BootstrapOptions {
    /// Resamples; at least 100.
    pub resamples: u32,
    /// Mean length of a block in bars, above 0; `None` takes the cube root of the number of returns, at least the longest
    /// trade, so that a block holds whole trades, and at most a tenth of the returns, so that there are blocks to mix.
    pub block: Option<u32>,
    /// Confidence, above 0 and below 1.
    pub confidence: f64,
    /// Seed: another seed, other resamples.
    pub seed: u64,
}

impl Default for BootstrapOptions {
    fn default() -> Self {
        Self { resamples: 2000, block: None, confidence: 0.95, seed: 1 }
    }
}

/// An interval of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Name of the figure, as in [`crate::Metrics`].
    pub name: &'static str,
    /// Lower end: a percentile of the resamples.
    pub low: f64,
    /// Upper end: a percentile of the resamples.
    pub high: f64,
}

/// Intervals, and how they were made.
#[derive(Debug, Clone, PartialEq)]
pub struct Intervals {
    /// Of total return, annual return, volatility, Sharpe, Sortino and maximum drawdown, where they are defined.
    pub all: Vec<Interval>,
    /// Mean length of a block that was used.
    pub block: u32,
    /// The options.
    pub options: BootstrapOptions,
}

/// The figures that have an interval.
const NAMES: [&str; 6] = ["total_return", "annual_return", "volatility", "sharpe", "sortino", "max_drawdown"];

/// Resamples the returns per bar in blocks of random length, wrapped around (the stationary bootstrap of Politis and
/// Romano 1994), so that what hangs together stays together. Deterministic, on any number of cores.
///
/// Each resample has as many returns as the run. It begins at a return drawn at random and goes on to the next one, the
/// first behind the last; before each step, one time in `block`, it begins anew elsewhere: the lengths of blocks are
/// geometric with that mean. The figures of each resample are those of [`crate::Metrics`], over the run's span, its
/// equity compounded from the returns; where that falls to 0 or below it stays there. The interval lies between the
/// percentiles (1 − confidence)/2 and (1 + confidence)/2 of the resamples, linear between ranks (type 7 of Hyndman and
/// Fan 1996).
///
/// It says how much the figure could differ had the same kind of returns come in another draw. It does not say that the
/// future is of that kind, knows nothing of what lasts longer than a few blocks, such as regimes, and nothing of how many
/// strategies were tried before this one. Percentiles of a maximum drawdown are biased where runs up and down are longer
/// than a block.
///
/// A figure that is not defined in one of the resamples has no interval; nor has any where equity fell to 0 or below.
///
/// # Errors
/// [`BacktestError::Invalid`] for options that cannot be, and a run of fewer than 2 returns.
pub fn bootstrap(run: &Run, options: &BootstrapOptions) -> Result<Intervals, BacktestError> {
    check(options)?;
    let curve = equity(run);
    let count = curve.values.len().saturating_sub(1);
    if count < 2 {
        return Err(BacktestError::Invalid {
            what: "the number of bars",
            found: curve.values.len().to_string(),
            expected: "3 or more, for 2 returns at least",
        });
    }
    let block = options.block.unwrap_or_else(|| usual_block(run, count));
    let all = intervals(&curve, block, options);
    Ok(Intervals { all, block, options: *options })
}

fn check(options: &BootstrapOptions) -> Result<(), BacktestError> {
    let BootstrapOptions { resamples, block, confidence, seed: _ } = *options;
    let refuse = |what, found: String, expected| Err(BacktestError::Invalid { what, found, expected });
    if resamples < 100 {
        return refuse("the number of resamples", resamples.to_string(), "100 or more");
    }
    if block == Some(0) {
        return refuse("the mean length of a block", "0".to_owned(), "1 bar or more");
    }
    if !(confidence > 0.0 && confidence < 1.0) {
        return refuse(
            "the confidence",
            confidence.to_string(),
            "a number above 0 and below 1, such as 0.95",
        );
    }
    Ok(())
}

/// See [`BootstrapOptions::block`].
fn usual_block(run: &Run, count: usize) -> u32 {
    let mut block = 1_u32;
    while u128::from(block + 1).pow(3) <= count as u128 {
        block += 1;
    }
    let longest = run.trades.iter().map(|trade| trade.bars_held).max().unwrap_or(0);
    let most = u32::try_from(count / 10).unwrap_or(u32::MAX).max(1);
    block.max(longest).min(most)
}

/// The intervals of the figures that are defined in every resample.
fn intervals(curve: &Curve, block: u32, options: &BootstrapOptions) -> Vec<Interval> {
    let Some(returns) = curve.returns() else { return Vec::new() };
    let mut seeds = SplitMix64::new(options.seed);
    let seeds: Vec<u64> = (0..options.resamples).map(|_| seeds.next()).collect();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let middle = mean(&returns);
    let resamples = in_order(seeds.len(), threads, |index| {
        seeds.get(index).map(|seed| resample(&returns, middle, block, *seed, curve.span))
    });
    let tail = (1.0 - options.confidence) / 2.0;
    let interval = |(index, name): (usize, &'static str)| {
        let of_one = |figures: &Option<[Option<f64>; 6]>| figures.as_ref()?.get(index).copied().flatten();
        let mut values = resamples.iter().map(of_one).collect::<Option<Vec<f64>>>()?;
        values.sort_unstable_by(f64::total_cmp);
        Some(Interval { name, low: quantile(&values, tail)?, high: quantile(&values, 1.0 - tail)? })
    };
    NAMES.into_iter().enumerate().filter_map(interval).collect()
}

/// The figures of one resample, in the order of [`NAMES`]; `middle` is the mean of the returns.
fn resample(returns: &[f64], middle: f64, block: u32, seed: u64, span: Span) -> [Option<f64>; 6] {
    let mut rng = SplitMix64::new(seed);
    // A number below this begins a new block: one in `block`, to a part in 2^64.
    let anew = u64::MAX / u64::from(block.max(1));
    let mut moments = Moments::about(middle);
    let (mut equity, mut peak, mut drawdown) = (1.0, 1.0, 0.0);
    let mut at = rng.below(returns.len());
    for _ in returns {
        let value = returns.get(at).copied().unwrap_or(0.0);
        moments.push(value);
        // Nothing comes back from ruin.
        if equity > 0.0 {
            equity *= 1.0 + value;
        }
        if equity > peak {
            peak = equity;
        } else if peak - equity > drawdown * peak {
            drawdown = (peak - equity) / peak;
        }
        at = if rng.next() <= anew { rng.below(returns.len()) } else { at + 1 };
        if at == returns.len() {
            at = 0;
        }
    }
    let ratios = moments.ratios(span);
    // Equity beyond what a float holds stays beyond it: the drawdown is then none either.
    let (total, drawdown) =
        if equity.is_finite() { (Some(equity - 1.0), Some(drawdown)) } else { (None, None) };
    [total, span.annual(equity), ratios.volatility, ratios.sharpe, ratios.sortino, drawdown]
}

/// The quantile at `share` (0 to 1) of values in order, linear between ranks; `None` without values.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = sorted.len().checked_sub(1)? as f64 * share;
    let below = *sorted.get(rank.floor() as usize)?;
    let above = *sorted.get(rank.ceil() as usize)?;
    let part = rank - rank.floor();
    let value = below * (1.0 - part) + above * part;
    // Rounding must not leave the two it lies between.
    Some(if value < below {
        below
    } else if value > above {
        above
    } else {
        value
    })
}
