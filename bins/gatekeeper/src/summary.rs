//! What a run came to.

use std::time::Duration;

use feature_api::UnixNanos;
use production::{Failure, Figures, Latency};
use runtime::{Core, Step};
use serde::Serialize;

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

/// Adds a run up, in memory that does not grow.
pub(crate) struct Tally {
    pub(crate) skipped: u64,
    common: production::Tally,
    watch: Watch,
}

impl Tally {
    /// A run that goes on from there.
    pub(crate) fn new(core: &Core) -> Result<Self, Failure> {
        let common = production::Tally::new(core.equity())?;
        Ok(Self { skipped: 0, common, watch: Watch::default() })
    }

    /// Bars decided on.
    pub(crate) const fn bars(&self) -> u64 {
        self.common.decisions()
    }

    /// Takes a step, the close of the bar before it, and what it took.
    pub(crate) fn step(&mut self, step: &Step<'_>, last_close: Option<UnixNanos>, took: Duration) {
        self.common.decided(step.fills, step.trades, step.equity);
        self.common.latency(took);
        self.watch.see(step, last_close);
    }

    /// The sum, at the end of a run that took so long.
    pub(crate) fn summary(&self, core: &Core, took: Duration) -> Summary {
        let (bars, seconds) = (self.bars(), took.as_secs_f64());
        let Figures { trades, fills, lots, equity, total_return, fees, max_drawdown, latency_us } =
            self.common.figures(core);
        Summary {
            bars,
            skipped: self.skipped,
            bars_total: core.bars(),
            gaps: self.watch.gaps,
            missing_ns: self.watch.missing_ns,
            halted: self.watch.losses.halted(),
            trades,
            fills,
            lots,
            equity,
            total_return,
            fees,
            max_drawdown,
            latency_us,
            bars_per_second: if seconds > 0.0 { bars as f64 / seconds } else { 0.0 },
        }
    }
}
