//! Watches losses, and counts what happens in a day.

use execution::Money;
use feature_api::{RestoreError, StateReader, StateWriter, UnixNanos};

use crate::share::Share;
use crate::{Reason, RiskLimits};

/// A UTC day in nanoseconds.
const DAY: i64 = 86_400_000_000_000;

/// Highest equity, equity when the day began, entries of the day, and whether losses have stopped the trading.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Losses {
    max_drawdown: Option<Share>,
    max_daily_loss: Option<Share>,
    /// Cash it began with, above 0.
    start: Money,
    /// At the last close.
    equity: Money,
    /// Highest equity so far.
    peak: Money,
    /// The UTC day, counted from 1970; `None` before the first close.
    day: Option<i64>,
    /// Equity at the last close before the day.
    day_equity: Money,
    day_entries: u32,
    is_halted_today: bool,
    /// Set for good: [`Reason::Drawdown`] or [`Reason::Bankrupt`].
    halted: Option<Reason>,
}

impl Losses {
    pub(crate) fn new(limits: &RiskLimits, start: Money) -> Self {
        Self {
            max_drawdown: limits.max_drawdown.at().and_then(Share::new),
            max_daily_loss: limits.max_daily_loss.at().and_then(Share::new),
            start,
            equity: start,
            peak: start,
            day: None,
            day_equity: start,
            day_entries: 0,
            is_halted_today: false,
            halted: None,
        }
    }

    /// Takes the equity at a close; why nothing may be open, if so.
    pub(crate) fn see(&mut self, ts_close: UnixNanos, equity: Money) -> Option<Reason> {
        // A close at midnight ends the day before.
        let day = ts_close.0.saturating_sub(1).div_euclid(DAY);
        if self.day != Some(day) {
            self.day = Some(day);
            self.day_equity = self.equity;
            self.day_entries = 0;
            self.is_halted_today = false;
        }
        self.equity = equity;
        if equity > self.peak {
            self.peak = equity;
        }
        if self.halted.is_none() {
            if equity <= Money::ZERO {
                self.halted = Some(Reason::Bankrupt);
            } else if is_beyond(self.max_drawdown, self.peak, equity) {
                self.halted = Some(Reason::Drawdown);
            }
        }
        if is_beyond(self.max_daily_loss, self.day_equity, equity) {
            self.is_halted_today = true;
        }
        self.halted.or(self.is_halted_today.then_some(Reason::DailyLoss))
    }

    /// Positions opened today.
    pub(crate) const fn entries(&self) -> u32 {
        self.day_entries
    }

    /// Counts a position that is opened.
    pub(crate) const fn count_entry(&mut self) {
        self.day_entries = self.day_entries.saturating_add(1);
    }

    pub(crate) fn save(&self, state: &mut StateWriter) {
        state.write_i128(self.equity.units());
        state.write_i128(self.peak.units());
        state.write_bool(self.day.is_some());
        state.write_i64(self.day.unwrap_or_default());
        state.write_i128(self.day_equity.units());
        state.write_u64(self.day_entries.into());
        state.write_bool(self.is_halted_today);
        state.write_bool(self.halted.is_some());
        state.write_bool(self.halted == Some(Reason::Bankrupt));
    }

    /// Reads what [`save`](Losses::save) wrote; changes nothing where it cannot be.
    pub(crate) fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let mut read = self.clone();
        read.equity = Money::from_units(state.read_i128()?);
        read.peak = Money::from_units(state.read_i128()?);
        if read.peak < read.equity || read.peak < self.start {
            return Err(RestoreError::Invalid {
                what: "a highest equity not below equity and starting cash",
            });
        }
        let (is_day, day) = (state.read_bool()?, state.read_i64()?);
        read.day = is_day.then_some(day);
        read.day_equity = Money::from_units(state.read_i128()?);
        if read.day_equity > read.peak {
            return Err(RestoreError::Invalid { what: "equity of the day not above the highest" });
        }
        read.day_entries = u32::try_from(state.read_u64()?)
            .map_err(|_| RestoreError::Invalid { what: "a count of positions opened in a day" })?;
        read.is_halted_today = state.read_bool()?;
        read.halted = match (state.read_bool()?, state.read_bool()?) {
            (false, false) => None,
            (true, false) => Some(Reason::Drawdown),
            (true, true) => Some(Reason::Bankrupt),
            (false, true) => return Err(RestoreError::Invalid { what: "bankruptcy only where halted" }),
        };
        *self = read;
        Ok(())
    }
}

/// Whether the loss from `before` is more than that share of it. A loss that does not fit is.
fn is_beyond(limit: Option<Share>, before: Money, equity: Money) -> bool {
    limit.is_some_and(|limit| before.checked_sub(equity).is_none_or(|loss| loss > limit.of(before)))
}
