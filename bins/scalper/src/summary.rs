//! What a run came to.

use std::collections::BTreeMap;
use std::time::Duration;

use market_data::{BookCounters, EventCounts};
use production::{Failure, Figures, Halt, Latency, Watch};
use runtime::{EventCore, EventStep, Stepper as _};
use serde::Serialize;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Events taken in this run.
    pub events: u64,
    /// Events left out at its beginning, for the restored state had seen them.
    pub skipped: u64,
    /// Rows decided on in this run.
    pub rows: u64,
    /// Rows decided on since the bot began, those before a restart among them.
    pub rows_total: u64,
    /// What was counted, by name: see [`Counted`].
    pub counted: Counted,
    /// Why nothing is opened any more, as far as this run has seen it limit a decision: `drawdown` or `bankrupt`.
    pub halted: Option<&'static str>,
    /// Round trips completed in this run, up to its last decision.
    pub trades: u64,
    /// Fills in this run, up to its last decision.
    pub fills: u64,
    /// Lots held, signed.
    pub lots: i64,
    /// Equity at the last decision, one of before a restart included; an exact decimal. The cash it began with before
    /// the first.
    pub equity: String,
    /// Equity against the cash at the very beginning, as a fraction of it.
    #[serde(rename = "return")]
    pub total_return: f64,
    /// Fees paid since the bot began, an exact decimal.
    pub fees: String,
    /// Largest fall of equity from its highest in this run, that before its first decision included, as a fraction of it.
    pub max_drawdown: f64,
    /// Time that an event took which led to a decision: from the event to the text of the decision.
    pub latency_us: Option<Latency>,
    /// Events a second, the time in which none came included.
    pub events_per_second: f64,
}

/// What was counted, by name: nothing is dropped in silence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Counted {
    /// Of the reader, in this run: what it read, left out and held back.
    pub reader: BTreeMap<&'static str, u64>,
    /// Of the exchange, since the bot began: trades and clocks dropped, orders that waited, kinds of fills; events that
    /// were refused.
    pub exchange: BTreeMap<&'static str, u64>,
    /// Of the exchange's order book, since the bot began.
    pub book: BTreeMap<&'static str, u64>,
    /// Of the entry model's features, since the bot began.
    pub features: BTreeMap<&'static str, u64>,
}

impl Counted {
    pub(crate) fn of(core: &EventCore, counts: &EventCounts) -> Self {
        let EventCounts {
            read,
            skipped,
            other_symbols,
            trades,
            quotes,
            snapshots,
            deltas,
            buffered,
            dropped_before_snapshot,
            in_snapshot,
            old_snapshots,
            gaps,
            crossed,
        } = *counts;
        let reader = [
            ("read", read),
            ("not_asked_for", skipped),
            ("other_symbols", other_symbols),
            ("trades", trades),
            ("quotes", quotes),
            ("snapshots", snapshots),
            ("deltas", deltas),
            ("buffered", buffered),
            ("dropped_before_snapshot", dropped_before_snapshot),
            ("in_snapshot", in_snapshot),
            ("old_snapshots", old_snapshots),
            ("gaps", gaps),
            ("crossed", crossed),
        ];
        let exchange = core.exchange().counters();
        let exchange = [
            ("refused", core.refused()),
            ("trades", exchange.trades),
            ("duplicates", exchange.duplicates),
            ("late", exchange.late),
            ("late_clocks", exchange.late_clocks),
            ("waited", exchange.waited),
            ("rejected", exchange.rejected),
            ("taker_fills", exchange.taker_fills),
            ("maker_fills", exchange.maker_fills),
        ];
        let BookCounters { snapshots, deltas, old, gaps, crossed, unusable } =
            core.exchange().book().counters();
        let book = [
            ("snapshots", snapshots),
            ("deltas", deltas),
            ("old", old),
            ("gaps", gaps),
            ("crossed", crossed),
            ("unusable", unusable),
        ];
        Self {
            reader: reader.into(),
            exchange: exchange.into(),
            book: book.into(),
            features: core.counters().into_iter().collect(),
        }
    }
}

/// Adds a run up, in memory that does not grow.
pub(crate) struct Tally {
    pub(crate) events: u64,
    pub(crate) skipped: u64,
    common: production::Tally,
    watch: Watch,
}

impl Tally {
    /// A run that goes on from there.
    pub(crate) fn new(core: &EventCore) -> Result<Self, Failure> {
        let common = production::Tally::new(core.equity())?;
        Ok(Self { events: 0, skipped: 0, common, watch: Watch::default() })
    }

    /// Takes a step, and what it took.
    pub(crate) fn step(&mut self, step: &EventStep<'_>, took: Duration) {
        self.common.decided(step.fills, step.trades, step.equity);
        self.common.latency(took);
        let ts = step.ts_available;
        let halt = step.mapped.reason.and_then(|reason| self.watch.see(reason, ts));
        if let Some(Halt { code, meaning }) = halt {
            let equity = step.equity.to_string();
            tracing::warn!(code, equity, ts_available = ts.0, "{meaning}");
        }
    }

    /// The sum, at the end of a run that took so long.
    pub(crate) fn summary(&self, core: &EventCore, counts: &EventCounts, took: Duration) -> Summary {
        let Self { events, skipped, common, watch } = self;
        let seconds = took.as_secs_f64();
        let Figures { trades, fills, lots, equity, total_return, fees, max_drawdown, latency_us } =
            common.figures(core);
        Summary {
            events: *events,
            skipped: *skipped,
            rows: common.decisions(),
            rows_total: core.decisions(),
            counted: Counted::of(core, counts),
            halted: watch.halted(),
            trades,
            fills,
            lots,
            equity,
            total_return,
            fees,
            max_drawdown,
            latency_us,
            events_per_second: if seconds > 0.0 { *events as f64 / seconds } else { 0.0 },
        }
    }
}
