//! What a run came to.

use std::time::Duration;

use execution::Money;
use feature_api::UnixNanos;
use hdrhistogram::Histogram;
use runtime::{Core, Step};
use serde::Serialize;

use crate::exit_code as ending;
use crate::failure::Failure;
use crate::watch::Watch;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Bars decided on in this run.
    pub bars: u64,
    /// Bars left out at its beginning, for the restored state had seen them.
    pub skipped: u64,
    /// Bars decided on since the bot began, those before a restart among them.
    pub bars_total: u64,
    /// Bars of this run that open after the close of the bar before, one of before a restart included.
    pub gaps: u64,
    /// Time without bars between these, in nanoseconds.
    pub missing_ns: u64,
    /// Why nothing is opened any more, as far as this run has seen it limit a decision: `drawdown` or `bankrupt`.
    pub halted: Option<&'static str>,
    /// Round trips completed in this run.
    pub trades: u64,
    /// Fills in this run.
    pub fills: u64,
    /// Lots held, signed.
    pub lots: i64,
    /// Equity at the close of the last bar decided on, one of before a restart included; an exact decimal. The cash it
    /// began with before the first.
    pub equity: String,
    /// Equity against the cash at the very beginning, as a fraction of it.
    #[serde(rename = "return")]
    pub total_return: f64,
    /// Fees paid since the bot began, an exact decimal.
    pub fees: String,
    /// Largest fall of equity from its highest in this run, that before its first bar included, as a fraction of it.
    pub max_drawdown: f64,
    /// Time to decide on a bar: from the bar to the text of its decision.
    pub latency_us: Option<Latency>,
    /// Bars a second, the time in which none came included.
    pub bars_per_second: f64,
}

/// Percentiles of a latency, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// Half of them are shorter.
    pub p50: f64,
    /// 99 % are shorter.
    pub p99: f64,
    /// 99.9 % are shorter.
    #[serde(rename = "p99.9")]
    pub p99_9: f64,
    /// The longest.
    pub max: f64,
}

/// Adds a run up, in memory that does not grow.
pub(crate) struct Tally {
    pub(crate) bars: u64,
    pub(crate) skipped: u64,
    trades: u64,
    fills: u64,
    peak: Money,
    max_drawdown: f64,
    watch: Watch,
    /// In nanoseconds.
    latency: Histogram<u64>,
}

impl Tally {
    /// A run that goes on from there.
    pub(crate) fn new(core: &Core) -> Result<Self, Failure> {
        // Up to a minute, to three digits: 150 kB.
        let latency = Histogram::new_with_bounds(1, 60_000_000_000, 3)
            .map_err(|error| Failure::new(ending::INTERNAL, format!("latencies: {error}")))?;
        Ok(Self {
            bars: 0,
            skipped: 0,
            trades: 0,
            fills: 0,
            peak: core.equity(),
            max_drawdown: 0.0,
            watch: Watch::default(),
            latency,
        })
    }

    /// Takes a step, and the close of the bar before it.
    pub(crate) fn step(&mut self, step: &Step<'_>, last_close: Option<UnixNanos>) {
        self.bars += 1;
        self.trades += step.trades.len() as u64;
        self.fills += step.fills.len() as u64;
        self.peak = self.peak.max(step.equity);
        let drawdown = fraction(self.peak, step.equity, self.peak);
        if drawdown > self.max_drawdown {
            self.max_drawdown = drawdown;
        }
        self.watch.see(step, last_close);
    }

    /// Takes what a decision took.
    pub(crate) fn latency(&mut self, took: Duration) {
        self.latency.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// The sum, at the end of a run that took so long.
    pub(crate) fn summary(&self, core: &Core, took: Duration) -> Summary {
        let (account, equity) = (core.account(), core.equity());
        let at = |quantile| self.latency.value_at_quantile(quantile) as f64 / 1e3;
        let latency =
            Latency { p50: at(0.5), p99: at(0.99), p99_9: at(0.999), max: self.latency.max() as f64 / 1e3 };
        let seconds = took.as_secs_f64();
        Summary {
            bars: self.bars,
            skipped: self.skipped,
            bars_total: core.bars(),
            gaps: self.watch.gaps,
            missing_ns: self.watch.missing_ns,
            halted: self.watch.halted,
            trades: self.trades,
            fills: self.fills,
            lots: account.lots(),
            equity: equity.to_string(),
            total_return: fraction(equity, account.start(), account.start()),
            fees: account.fees().to_string(),
            max_drawdown: self.max_drawdown,
            latency_us: (self.bars > 0).then_some(latency),
            bars_per_second: if seconds > 0.0 { self.bars as f64 / seconds } else { 0.0 },
        }
    }
}

/// `(a − b) / of`; 0 where `of` is not above 0.
fn fraction(a: Money, b: Money, of: Money) -> f64 {
    let difference = a.checked_sub(b).map_or_else(|| a.to_f64() - b.to_f64(), Money::to_f64);
    if of > Money::ZERO { difference / of.to_f64() } else { 0.0 }
}
