//! The queue model: where in the line of its price an order stands.

use feature_api::{RestoreError, StateReader, StateWriter};

use super::CancelModel;

/// The place of an order in the queue of its price. Volumes are in the unit of [`Volumes`](super::volume::Volumes).
///
/// A trade and the book update that shows it come in either order. So what a book update has taken out of the queue is
/// not taken again by a trade that happened no later than the update, and what a trade has taken explains as much of a
/// reduction in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Queue {
    /// In front of the order; below 0 by what has reached it and was not a whole lot yet.
    ahead: i128,
    /// What the book showed last at the price.
    displayed: i128,
    /// Traded at the price and not yet missing in the book.
    traded: i128,
    traded_ts: i64,
    /// What book updates took out of the queue in front; a trade to come may tell of it.
    removed: i128,
    removed_ts: i64,
}

impl Queue {
    /// Behind everything that is displayed.
    pub(super) const fn join(displayed: i128) -> Self {
        Self { ahead: displayed, displayed, traded: 0, traded_ts: i64::MIN, removed: 0, removed_ts: i64::MIN }
    }

    /// A trade at the price, by an aggressor of the other side: what of it has reached the order, with what had before.
    pub(super) fn trade(&mut self, volume: i128, ts_event: i64) -> i128 {
        if ts_event > self.removed_ts {
            // Trades come in order: none that these updates have shown is to come.
            self.removed = 0;
        }
        let known = volume.min(self.removed);
        self.removed -= known;
        self.traded = self.traded.saturating_add(volume - known);
        self.traded_ts = ts_event;
        self.ahead = self.ahead.saturating_sub(volume - known);
        self.reached()
    }

    /// What has reached the order.
    const fn reached(&self) -> i128 {
        if self.ahead < 0 { -self.ahead } else { 0 }
    }

    /// Fills so much of what has reached the order.
    pub(super) const fn fill(&mut self, volume: i128) {
        self.ahead = self.ahead.saturating_add(volume);
    }

    /// A trade beyond the price: nobody is in front any more.
    pub(super) fn pass(&mut self) {
        self.ahead = self.ahead.min(0);
    }

    /// A book update that shows the price.
    pub(super) fn show(&mut self, displayed: i128, ts_event: i64, cancels: CancelModel) {
        let gone = (self.displayed - displayed).max(0);
        let explained = gone.min(self.traded);
        let before = self.ahead;
        if self.ahead > 0 {
            let in_front = match cancels {
                CancelModel::Behind => 0,
                CancelModel::Proportional => {
                    share(self.ahead, gone - explained, self.displayed - self.traded)
                }
            };
            self.ahead = (self.ahead - in_front).min(displayed);
        }
        if self.ahead < before {
            self.removed = self.removed.saturating_add(before - self.ahead);
            self.removed_ts = self.removed_ts.max(ts_event);
        }
        self.traded = if ts_event >= self.traded_ts { 0 } else { self.traded - explained };
        self.displayed = displayed;
    }

    pub(super) fn save(&self, state: &mut StateWriter) {
        for volume in [self.ahead, self.displayed, self.traded, self.removed] {
            state.write_i128(volume);
        }
        state.write_i64(self.traded_ts);
        state.write_i64(self.removed_ts);
    }

    pub(super) fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let mut volume = || state.read_i128();
        let (ahead, displayed, traded, removed) = (volume()?, volume()?, volume()?, volume()?);
        let (traded_ts, removed_ts) = (state.read_i64()?, state.read_i64()?);
        // No sum of these overflows.
        const MOST: i128 = i128::MAX / 4;
        let is_volume = |volume| (0..=MOST).contains(&volume);
        if is_volume(displayed) && is_volume(traded) && is_volume(removed) && (-MOST..=MOST).contains(&ahead)
        {
            Ok(Self { ahead, displayed, traded, traded_ts, removed, removed_ts })
        } else {
            Err(RestoreError::Invalid { what: "a place in a queue" })
        }
    }
}

/// `ahead × cancelled / level`, rounded down and at most `ahead`; 0 where that cannot be computed.
fn share(ahead: i128, cancelled: i128, level: i128) -> i128 {
    if level <= 0 {
        return 0;
    }
    ahead.checked_mul(cancelled).map_or(0, |product| (product / level).min(ahead))
}
