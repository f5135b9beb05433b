//! What a run must not pass over in silence: trading that losses have halted.

use feature_api::UnixNanos;
use observation::Reason;

/// A UTC day in nanoseconds.
const DAY: i64 = 86_400_000_000_000;

/// Watches the reasons of a run, and says each halt once: the decisions have the rest.
#[derive(Debug, Default)]
pub struct Watch {
    /// What losses have halted for good, if they have.
    halted: Option<&'static str>,
    /// The UTC day, counted from 1970, whose daily loss was said last.
    said_day: Option<i64>,
}

/// What is to be said, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halt {
    /// Its name in logs.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

impl Watch {
    /// What losses have halted for good, as far as they limited a decision: `drawdown` or `bankrupt`.
    #[must_use]
    pub const fn halted(&self) -> Option<&'static str> {
        self.halted
    }

    /// Takes why a decision at `ts` is not what was wanted; gives what was not said before.
    pub fn see(&mut self, reason: Reason, ts: UnixNanos) -> Option<Halt> {
        let (is_new, meaning) = match reason {
            Reason::Drawdown => (self.halt(reason), "max_drawdown is exceeded: flat for good"),
            Reason::Bankrupt => (self.halt(reason), "equity is not above 0: flat for good"),
            Reason::DailyLoss => {
                // What ends at midnight is of the day before.
                let day = ts.0.saturating_sub(1).div_euclid(DAY);
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
            | Reason::NotANumber => return None,
        };
        is_new.then_some(Halt { code: reason.name(), meaning })
    }

    /// Notes a halt for good; whether it is a new one. There is one in the life of a bot.
    fn halt(&mut self, reason: Reason) -> bool {
        self.halted.replace(reason.name()) != Some(reason.name())
    }
}
