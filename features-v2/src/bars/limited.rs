//! Bars that close with the trade that makes them full.

use feature_api::{RestoreError, StateReader, StateWriter};

use super::rule::{load_bar, save_bar};
use super::{BarRule, BarSums, ClosedBar};
use crate::market::Print;

/// When a bar is full.
pub trait Limit {
    /// Whether a bar of these trades is.
    fn is_reached(&self, sums: &BarSums) -> bool;
}

/// Bars that close with the trade that makes them full, which belongs to them whole: what is over the limit is not carried
/// on, the next bar starts at 0. No clock closes them; their times are those of their first and last trade.
#[derive(Debug, Clone)]
pub struct Limited<L> {
    limit: L,
    bar: Option<BarSums>,
}

impl<L> Limited<L> {
    pub(super) const fn with(limit: L) -> Self {
        Self { limit, bar: None }
    }
}

impl<L: Limit> BarRule for Limited<L> {
    #[inline]
    fn update(&mut self, print: &Print) -> Option<ClosedBar> {
        let bar = match &mut self.bar {
            Some(bar) => {
                bar.push(print);
                bar
            }
            None => self.bar.insert(BarSums::of(print)),
        };
        if !self.limit.is_reached(bar) {
            return None;
        }
        self.bar.take().map(ClosedBar::of_trades)
    }

    fn volume(&self) -> i64 {
        self.bar.as_ref().map_or(0, |bar| bar.volume)
    }

    fn reset(&mut self) {
        self.bar = None;
    }

    fn save(&self, state: &mut StateWriter) {
        save_bar(self.bar.as_ref(), state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let bar = load_bar(state)?;
        if bar.as_ref().is_some_and(|bar| self.limit.is_reached(bar)) {
            return Err(RestoreError::Invalid { what: "a bar in progress" });
        }
        self.bar = bar;
        Ok(())
    }
}
