//! Bars of time.

use feature_api::{RestoreError, StateReader, StateWriter};

use super::{BarRule, BarSums, ClosedBar};
use crate::market::Print;

/// A bar for every interval in which something was traded; intervals begin at UTC multiples of their length.
///
/// It closes when the first trade at or past its end arrives, or the venue's clock says so. An interval without a trade
/// makes no bar; the next bar says how many were skipped.
#[derive(Debug, Clone)]
pub struct TimeBars {
    interval: i64,
    /// End of the last closed bar.
    last_end: Option<i64>,
    bar: Option<BarSums>,
}

impl TimeBars {
    /// Bars of `interval` nanoseconds; below 1 counts as 1.
    #[must_use]
    pub const fn new(interval: i64) -> Self {
        Self { interval: if interval < 1 { 1 } else { interval }, last_end: None, bar: None }
    }
}

impl BarRule for TimeBars {
    fn update(&mut self, print: &Print) -> Option<ClosedBar> {
        let closed = self.clock(print.ts);
        match &mut self.bar {
            Some(bar) => bar.push(print),
            None => self.bar = Some(BarSums::of(print)),
        }
        closed
    }

    fn clock(&mut self, ts: i64) -> Option<ClosedBar> {
        let sums = self.bar?;
        let ts_open = sums.ts_first - sums.ts_first.rem_euclid(self.interval);
        let ts_close = ts_open.saturating_add(self.interval);
        if ts < ts_close {
            return None;
        }
        let gap = self.last_end.map_or(0, |end| ts_open.saturating_sub(end) / self.interval);
        self.bar = None;
        self.last_end = Some(ts_close);
        Some(ClosedBar { ts_open, ts_close, skipped: gap.unsigned_abs(), sums })
    }

    fn volume(&self) -> i64 {
        self.bar.map_or(0, |bar| bar.volume)
    }

    fn reset(&mut self) {
        self.last_end = None;
        self.bar = None;
    }

    fn save(&self, state: &mut StateWriter) {
        let _ = state;
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let _ = state;
        Ok(())
    }
}
