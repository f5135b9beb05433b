//! What a run came to, in memory that does not grow.

use std::time::Duration;

use execution::{Fill, Money, Trade};
use hdrhistogram::Histogram;
use runtime::Stepper;
use serde::Serialize;

use crate::exit_code as ending;
use crate::failure::Failure;

/// Adds a run up.
pub struct Tally {
    decisions: u64,
    trades: u64,
    fills: u64,
    peak: Money,
    max_drawdown: f64,
    /// In nanoseconds.
    latency: Histogram<u64>,
}

/// What a run came to, whatever it was fed with.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Round trips completed in this run.
    pub trades: u64,
    /// Fills in this run.
    pub fills: u64,
    /// Lots held, signed.
    pub lots: i64,
    /// Equity at the last decision, one of before a restart included; an exact decimal. The cash it began with before
    /// the first.
    pub equity: String,
    /// Equity against the cash at the very beginning, as a fraction of it.
    pub total_return: f64,
    /// Fees paid since the bot began, an exact decimal.
    pub fees: String,
    /// Largest fall of equity from its highest in this run, that before its first decision included, as a fraction of it.
    pub max_drawdown: f64,
    /// Time that a decision took; none where there was none.
    pub latency_us: Option<Latency>,
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

impl Tally {
    /// A run that goes on from that equity.
    ///
    /// # Errors
    /// [`ending::INTERNAL`], never in fact.
    pub fn new(equity: Money) -> Result<Self, Failure> {
        // Up to a minute, to three digits: 150 kB.
        let latency = Histogram::new_with_bounds(1, 60_000_000_000, 3)
            .map_err(|error| Failure::new(ending::INTERNAL, format!("latencies: {error}")))?;
        Ok(Self { decisions: 0, trades: 0, fills: 0, peak: equity, max_drawdown: 0.0, latency })
    }

    /// Decisions taken.
    #[must_use]
    pub const fn decisions(&self) -> u64 {
        self.decisions
    }

    /// Takes a decision, with what was filled since the one before, and the equity at it.
    pub fn decided(&mut self, fills: &[Fill], trades: &[Trade], equity: Money) {
        self.decisions += 1;
        self.trades += trades.len() as u64;
        self.fills += fills.len() as u64;
        self.peak = self.peak.max(equity);
        let drawdown = fraction(self.peak, equity, self.peak);
        if drawdown > self.max_drawdown {
            self.max_drawdown = drawdown;
        }
    }

    /// Takes what a decision took.
    pub fn latency(&mut self, took: Duration) {
        self.latency.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// The sum, at the end of a run.
    #[must_use]
    pub fn figures(&self, core: &impl Stepper) -> Figures {
        let (account, equity) = (core.account(), core.equity());
        let at = |quantile| self.latency.value_at_quantile(quantile) as f64 / 1e3;
        let latency =
            Latency { p50: at(0.5), p99: at(0.99), p99_9: at(0.999), max: self.latency.max() as f64 / 1e3 };
        Figures {
            trades: self.trades,
            fills: self.fills,
            lots: account.lots(),
            equity: equity.to_string(),
            total_return: fraction(equity, account.start(), account.start()),
            fees: account.fees().to_string(),
            max_drawdown: self.max_drawdown,
            latency_us: (self.decisions > 0).then_some(latency),
        }
    }
}

/// `(a − b) / of`; 0 where `of` is not above 0.
fn fraction(a: Money, b: Money, of: Money) -> f64 {
    let difference = a.checked_sub(b).map_or_else(|| a.to_f64() - b.to_f64(), Money::to_f64);
    if of > Money::ZERO { difference / of.to_f64() } else { 0.0 }
}
