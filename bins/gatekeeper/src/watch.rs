//! What a run must not pass over in silence: bars that are missing, and trading that losses have halted.

use feature_api::{Bar, UnixNanos};
use production::Halt;
use runtime::Step;

/// Watches a run, and says each thing once: the decisions have the rest.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Stepped bars that open after the close of the one before.
    pub(crate) gaps: u64,
    /// Time between the two, of all of them, in nanoseconds.
    pub(crate) missing_ns: u64,
    pub(crate) losses: production::Watch,
}

impl Watch {
    /// Takes a step, and the close of the bar before, which may be one of before a restart.
    pub(crate) fn see(&mut self, step: &Step<'_>, last_close: Option<UnixNanos>) {
        self.see_time(step.bar, last_close);
        let ts_close = step.bar.ts_close();
        let halt = step.mapped.reason.and_then(|reason| self.losses.see(reason, ts_close));
        if let Some(Halt { code, meaning }) = halt {
            let equity = step.equity.to_string();
            tracing::warn!(code, equity, ts_close = ts_close.0, "{meaning}");
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
}
