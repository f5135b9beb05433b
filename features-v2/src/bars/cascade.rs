//! Bars made of finer bars.

use feature_api::{Grid, RestoreError, StateReader, StateWriter};

use super::dollar::Dollar;
use super::limited::Limit as _;
use super::{BarSums, ClosedBar};

/// A bar for every N bars of a finer rule, or for so many quote units traded in them.
///
/// - **Closes** with a finer bar: the Nth, or the one that brings Σ price·quantity to the threshold or above it. The finer
///   bar belongs to it whole, and the next starts at 0.
/// - **Made** by [`BarSums::merge`] from the trades' own sums: the bar that its trades would have made, bit for bit.
/// - **Times**: start of its first finer bar, end of its last; skipped as its first finer bar says.
///
/// Bars of time are made of finer ones by [`TimeRollup`](super::TimeRollup), which knows where intervals end.
#[derive(Debug, Clone)]
pub struct Cascade {
    limit: Finer,
    bar: Option<ClosedBar>,
    /// Finer bars in it.
    finer: u32,
}

#[derive(Debug, Clone, Copy)]
enum Finer {
    Bars(u32),
    Dollar(Dollar),
}

impl Finer {
    fn is_reached(self, finer: u32, sums: &BarSums) -> bool {
        match self {
            Self::Bars(bars) => finer >= bars,
            Self::Dollar(dollar) => dollar.is_reached(sums),
        }
    }
}

impl Cascade {
    /// Of `bars` finer bars; 0 counts as 1.
    #[must_use]
    pub fn of_bars(bars: u32) -> Self {
        Self { limit: Finer::Bars(bars.max(1)), bar: None, finer: 0 }
    }

    /// Of finer bars in which `quote` units of the quote currency were traded; 0 counts as 1.
    #[must_use]
    pub fn of_dollar(quote: u32, grid: Grid) -> Self {
        Self { limit: Finer::Dollar(Dollar::new(quote, grid)), bar: None, finer: 0 }
    }

    /// Takes the next finer bar.
    pub fn update(&mut self, finer: &ClosedBar) -> Option<ClosedBar> {
        let bar = match &mut self.bar {
            Some(bar) => {
                bar.sums.merge(&finer.sums);
                bar.ts_close = finer.ts_close;
                bar
            }
            None => self.bar.insert(*finer),
        };
        self.finer = self.finer.saturating_add(1);
        if !self.limit.is_reached(self.finer, &bar.sums) {
            return None;
        }
        self.finer = 0;
        self.bar.take()
    }

    /// Quantity of the finer bars that are in: with that of those still to come it must not exceed 2^53 steps.
    #[must_use]
    pub fn volume(&self) -> i64 {
        self.bar.as_ref().map_or(0, |bar| bar.sums.volume)
    }

    /// Forgets every bar.
    pub fn reset(&mut self) {
        self.bar = None;
        self.finer = 0;
    }

    /// Writes the bar in progress.
    pub fn save(&self, state: &mut StateWriter) {
        state.write_u64(u64::from(self.finer));
        if let Some(bar) = &self.bar {
            state.write_i64(bar.ts_open);
            state.write_i64(bar.ts_close);
            state.write_u64(bar.skipped);
            bar.sums.save(state);
        }
    }

    /// Reads what [`Cascade::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; the cascade is then as new.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        const IN_PROGRESS: RestoreError = RestoreError::Invalid { what: "a bar of finer bars in progress" };
        self.reset();
        let finer = u32::try_from(state.read_u64()?).map_err(|_| IN_PROGRESS)?;
        if finer == 0 {
            return Ok(());
        }
        let bar = ClosedBar {
            ts_open: state.read_i64()?,
            ts_close: state.read_i64()?,
            skipped: state.read_u64()?,
            sums: BarSums::load(state)?,
        };
        let (sums, interval) = (&bar.sums, bar.ts_open..=bar.ts_close);
        let is_possible = interval.contains(&sums.ts_first)
            && interval.contains(&sums.ts_last)
            && sums.trades >= u64::from(finer)
            && !self.limit.is_reached(finer, sums);
        if !is_possible {
            return Err(IN_PROGRESS);
        }
        self.bar = Some(bar);
        self.finer = finer;
        Ok(())
    }
}
