//! What a run must not pass over in silence: bars that are missing, and trading that losses have halted.

use execution::Money;
use feature_api::{Bar, UnixNanos};
use observation::Reason;
use runtime::Step;

/// A UTC day in nanoseconds.
const DAY: i64 = 86_400_000_000_000;

/// Watches a run, and says each thing once: the decisions have the rest.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Stepped bars that open after the close of the one before.
    pub(crate) gaps: u64,
    /// Time between the two, of all of them, in nanoseconds.
    pub(crate) missing_ns: u64,
    /// What losses have halted for good, if they have.
    pub(crate) halted: Option<&'static str>,
    /// The UTC day, counted from 1970, whose daily loss was said last.
    said_day: Option<i64>,
}

impl Watch {
    /// Takes a step, and the close of the bar before, which may be one of before a restart.
    pub(crate) fn see(&mut self, step: &Step<'_>, last_close: Option<UnixNanos>) {
        self.see_time(step.bar, last_close);
        if let Some(reason) = step.mapped.reason {
            self.see_reason(reason, step.equity, step.bar.ts_close());
        }
    }

    fn see_time(&mut self, bar: &Bar, last_close: Option<UnixNanos>) {
        let (Some(last), open) = (last_close, bar.ts_open()) else { return };
        let missing = u64::try_from(i128::from(open.0) - i128::from(last.0)).unwrap_or(0);
        if missing == 0 {
            return;
        }
        if self.gaps == 0 {
            tracing::warn!(
                code = "gap",
                last_close = last.0,
                ts_open = open.0,
                missing_ns = missing,
                "bars are missing: windows, max_hold_bars and cooldown_bars count bars, not time; further gaps are in the \
                 summary alone"
            );
        }
        self.gaps += 1;
        self.missing_ns = self.missing_ns.saturating_add(missing);
    }

    fn see_reason(&mut self, reason: Reason, equity: Money, ts_close: UnixNanos) {
        let (is_new, meaning) = match reason {
            Reason::Drawdown => (self.halt(reason), "max_drawdown is exceeded: flat for good"),
            Reason::Bankrupt => (self.halt(reason), "equity is not above 0: flat for good"),
            Reason::DailyLoss => {
                // A close at midnight ends the day before.
                let day = ts_close.0.saturating_sub(1).div_euclid(DAY);
                let is_new = self.said_day.replace(day) != Some(day);
                (is_new, "max_daily_loss is exceeded: flat until the next UTC day")
            }
            Reason::Clipped
            | Reason::BelowLot
            | Reason::BelowMinNotional
            | Reason::OrderAtWork
            | Reason::PositionOpen
            | Reason::Price
            | Reason::Bracket
            | Reason::EntriesPerDay
            | Reason::NotANumber => return,
        };
        if is_new {
            let (code, equity) = (reason.name(), equity.to_string());
            tracing::warn!(code, equity, ts_close = ts_close.0, "{meaning}");
        }
    }

    /// Notes a halt for good; whether it is a new one. There is one in the life of a bot.
    fn halt(&mut self, reason: Reason) -> bool {
        self.halted.replace(reason.name()) != Some(reason.name())
    }
}
