//! Bars of time.

use feature_api::{RestoreError, StateReader, StateWriter};

use super::rule::{load_bar, save_bar};
use super::{BarRule, BarSums, ClosedBar};
use crate::market::Print;

/// A bar for every interval in which something was traded; intervals begin at UTC multiples of their length.
///
/// - **Closes** when the first trade at or past its end arrives, or the venue's clock says so. That trade is the first of
///   its own bar.
/// - **Skipped**: an interval without a trade makes no bar; the next bar says how many there were.
/// - **Times**: start and end of the interval.
/// - **Source**: M. López de Prado, Advances in Financial Machine Learning (2018), 2.3.1.1.
#[derive(Debug, Clone)]
pub struct TimeBars {
    intervals: Intervals,
    bar: Option<BarSums>,
}

impl TimeBars {
    /// Bars of `interval` nanoseconds; below 1 counts as 1.
    #[must_use]
    pub const fn new(interval: i64) -> Self {
        Self { intervals: Intervals::new(interval), bar: None }
    }
}

impl BarRule for TimeBars {
    #[inline]
    fn update(&mut self, print: &Print) -> Option<ClosedBar> {
        let closed = self.clock(print.ts);
        match &mut self.bar {
            Some(bar) => bar.push(print),
            None => {
                self.intervals.open(print.ts);
                self.bar = Some(BarSums::of(print));
            }
        }
        closed
    }

    #[inline]
    fn clock(&mut self, ts: i64) -> Option<ClosedBar> {
        if !self.intervals.has_ended(ts) {
            return None;
        }
        let sums = self.bar.take()?;
        Some(self.intervals.close(sums))
    }

    fn volume(&self) -> i64 {
        self.bar.as_ref().map_or(0, |bar| bar.volume)
    }

    fn reset(&mut self) {
        self.intervals.reset();
        self.bar = None;
    }

    fn save(&self, state: &mut StateWriter) {
        save_bar(self.bar.as_ref(), state);
        self.intervals.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let bar = load_bar(state)?;
        self.intervals.load(state, bar.as_ref())?;
        self.bar = bar;
        Ok(())
    }
}

/// Bars of time made of finer bars of time, whose length divides theirs: the bars that [`TimeBars`] makes of the
/// trades, closed by the same trade or tick of the clock.
///
/// At each trade and each tick of the clock: what the finer rule closes goes to [`TimeRollup::push`] first, then its time
/// to [`TimeRollup::clock`].
#[derive(Debug, Clone)]
pub struct TimeRollup {
    intervals: Intervals,
    bar: Option<BarSums>,
}

impl TimeRollup {
    /// Bars of `interval` nanoseconds; below 1 counts as 1.
    #[must_use]
    pub const fn new(interval: i64) -> Self {
        Self { intervals: Intervals::new(interval), bar: None }
    }

    /// Adds a finer bar.
    pub fn push(&mut self, finer: &ClosedBar) {
        match &mut self.bar {
            Some(bar) => bar.merge(&finer.sums),
            None => {
                self.intervals.open(finer.ts_open);
                self.bar = Some(finer.sums);
            }
        }
    }

    /// Hears of a trade at `ts`, before which every finer bar that it closes was pushed, or of the venue's clock.
    #[inline]
    pub fn clock(&mut self, ts: i64) -> Option<ClosedBar> {
        if !self.intervals.has_ended(ts) {
            return None;
        }
        let sums = self.bar.take()?;
        Some(self.intervals.close(sums))
    }

    /// Quantity of the finer bars that are in.
    #[must_use]
    pub fn volume(&self) -> i64 {
        self.bar.as_ref().map_or(0, |bar| bar.volume)
    }

    /// Forgets every bar.
    pub fn reset(&mut self) {
        self.intervals.reset();
        self.bar = None;
    }

    /// Writes the bar in progress.
    pub fn save(&self, state: &mut StateWriter) {
        save_bar(self.bar.as_ref(), state);
        self.intervals.save(state);
    }

    /// Reads what [`TimeRollup::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; the bars are then as new.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let bar = load_bar(state)?;
        self.intervals.load(state, bar.as_ref())?;
        self.bar = bar;
        Ok(())
    }
}

/// The intervals of time, and where the bar in progress lies in them.
#[derive(Debug, Clone)]
struct Intervals {
    len: i64,
    /// Of the bar in progress, [`Intervals::NONE`] without one: a single comparison tells whether one closes.
    end: i64,
    /// End of the last closed bar.
    last_end: Option<i64>,
}

impl Intervals {
    /// Also where an interval ends whose end lies beyond what can be told: it never does.
    const NONE: i64 = i64::MAX;

    const fn new(len: i64) -> Self {
        Self { len: if len < 1 { 1 } else { len }, end: Self::NONE, last_end: None }
    }

    const fn start_of(&self, ts: i64) -> i64 {
        ts.saturating_sub(ts.rem_euclid(self.len))
    }

    const fn end_of(&self, ts: i64) -> i64 {
        ts.saturating_add(self.len - ts.rem_euclid(self.len))
    }

    /// A bar opens in the interval of `ts`.
    const fn open(&mut self, ts: i64) {
        self.end = self.end_of(ts);
    }

    /// Whether the bar in progress has come to its end; without one, no.
    #[inline]
    const fn has_ended(&self, ts: i64) -> bool {
        ts >= self.end && self.end != Self::NONE
    }

    /// The bar in progress, closed.
    fn close(&mut self, sums: BarSums) -> ClosedBar {
        let (ts_open, ts_close) = (self.start_of(sums.ts_first), self.end);
        let gap = self.last_end.map_or(0, |end| ts_open.saturating_sub(end) / self.len);
        self.end = Self::NONE;
        self.last_end = Some(ts_close);
        ClosedBar { ts_open, ts_close, skipped: gap.unsigned_abs(), sums }
    }

    const fn reset(&mut self) {
        self.end = Self::NONE;
        self.last_end = None;
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.last_end.is_some());
        state.write_i64(self.last_end.unwrap_or_default());
    }

    /// Beside the bar in progress.
    fn load(&mut self, state: &mut StateReader<'_>, bar: Option<&BarSums>) -> Result<(), RestoreError> {
        let last_end = state.read_bool()?.then_some(state.read_i64()?);
        if last_end.is_some_and(|end| end.rem_euclid(self.len) != 0) {
            return Err(RestoreError::Invalid { what: "the end of an interval" });
        }
        if let Some(bar) = bar {
            let is_one = self.end_of(bar.ts_first) == self.end_of(bar.ts_last);
            if !is_one || last_end.is_some_and(|end| bar.ts_first < end) {
                return Err(RestoreError::Invalid { what: "a bar within one interval, behind the last" });
            }
            self.open(bar.ts_first);
        }
        self.last_end = last_end;
        Ok(())
    }
}
