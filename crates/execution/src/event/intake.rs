//! Which events are taken, and what time it is at the venue.

use std::collections::VecDeque;

use feature_api::{RestoreError, StateReader, StateWriter, Trade, UnixNanos};

use super::order::Moment;

/// Takes each trade once and in order, and keeps the venue's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Intake {
    /// Of the last trades taken, at most [`Intake::IDS`].
    ids: VecDeque<u64>,
    highest_id: Option<u64>,
    /// No trade before this is to come.
    ts_trade: i64,
    /// The running maxima of when the events taken were known and happened, and how many there were.
    now: Moment,
    pub(super) trades: u64,
    pub(super) duplicates: u64,
    pub(super) late: u64,
    pub(super) late_clocks: u64,
}

impl Intake {
    /// Trades whose ids are remembered: as many as feature sets remember, so that both take the same trades.
    const IDS: usize = 4096;

    pub(super) fn new() -> Self {
        Self {
            ids: VecDeque::with_capacity(Self::IDS),
            highest_id: None,
            ts_trade: i64::MIN,
            now: Moment { ts: i64::MIN, venue: i64::MIN, event: 0 },
            trades: 0,
            duplicates: 0,
            late: 0,
            late_clocks: 0,
        }
    }

    /// The venue's clock.
    pub(super) const fn now(&self) -> Moment {
        self.now
    }

    /// Whether the trade is taken; else it is counted as what it is.
    pub(super) fn take(&mut self, trade: &Trade) -> bool {
        // An id above all before is new, whatever is remembered.
        if self.highest_id.is_some_and(|highest| trade.trade_id <= highest)
            && self.ids.contains(&trade.trade_id)
        {
            self.duplicates += 1;
            return false;
        }
        if trade.ts_event.0 < self.ts_trade {
            self.late += 1;
            return false;
        }
        if self.ids.len() == Self::IDS {
            self.ids.pop_front();
        }
        self.ids.push_back(trade.trade_id);
        self.highest_id = self.highest_id.max(Some(trade.trade_id));
        self.ts_trade = trade.ts_event.0;
        self.trades += 1;
        self.know(trade.ts_event, trade.ts_known());
        true
    }

    /// Whether the venue's clock goes on; where it goes back that is counted.
    pub(super) fn clock(&mut self, ts: UnixNanos) -> bool {
        if ts.0 < self.ts_trade {
            self.late_clocks += 1;
            return false;
        }
        self.ts_trade = ts.0;
        self.know(ts, ts);
        true
    }

    /// An event that happened and was known at these times is taken.
    pub(super) fn know(&mut self, ts_event: UnixNanos, ts_known: UnixNanos) {
        let Moment { ts, venue, event } = self.now;
        self.now = Moment { ts: ts.max(ts_known.0), venue: venue.max(ts_event.0), event: event + 1 };
    }

    pub(super) fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.ids.len() as u64);
        self.ids.iter().for_each(|id| state.write_u64(*id));
        state.write_u64(self.highest_id.unwrap_or_default());
        state.write_i64(self.ts_trade);
        state.write_i64(self.now.ts);
        state.write_i64(self.now.venue);
        for count in [self.now.event, self.trades, self.duplicates, self.late, self.late_clocks] {
            state.write_u64(count);
        }
    }

    pub(super) fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let mut intake = Self::new();
        let count = state.read_u64()?;
        if count > Self::IDS as u64 {
            return Err(RestoreError::Invalid { what: "4096 ids of trades at most" });
        }
        for _ in 0..count {
            intake.ids.push_back(state.read_u64()?);
        }
        let highest = state.read_u64()?;
        intake.highest_id = (count > 0).then_some(highest);
        intake.ts_trade = state.read_i64()?;
        intake.now.ts = state.read_i64()?;
        intake.now.venue = state.read_i64()?;
        let Self { now, trades, duplicates, late, late_clocks, .. } = &mut intake;
        for count in [&mut now.event, trades, duplicates, late, late_clocks] {
            *count = state.read_u64()?;
            if *count >= 1 << 62 {
                return Err(RestoreError::Invalid { what: "a count below 2^62" });
            }
        }
        let is_highest = intake.ids.iter().all(|id| *id <= highest) && (count > 0 || highest == 0);
        let is_known = intake.now.venue <= intake.now.ts;
        if is_known && is_highest && intake.trades <= intake.now.event && count <= intake.trades {
            Ok(intake)
        } else {
            Err(RestoreError::Invalid { what: "ids and counts of trades that fit each other" })
        }
    }
}

#[cfg(test)]
mod tests {
    use feature_api::{AggressorSide, Grid, Price, Qty};

    use super::*;

    fn trade(ts_event: i64, trade_id: u64) -> Trade {
        Trade {
            grid: Grid::default(),
            ts_event: UnixNanos(ts_event),
            ts_recv: UnixNanos(ts_event + 3),
            trade_id,
            price: Price::default(),
            quantity: Qty::default(),
            aggressor: AggressorSide::Buy,
        }
    }

    #[test]
    fn each_trade_is_taken_once_and_in_order() {
        let mut intake = Intake::new();
        let taken = [(10, 1), (10, 2), (10, 2), (12, 3), (11, 4), (12, 1), (12, 9), (12, 8), (12, 9)]
            .map(|(ts, id)| intake.take(&trade(ts, id)));
        assert_eq!(taken, [true, true, false, true, false, false, true, true, false]);
        assert_eq!((intake.trades, intake.duplicates, intake.late), (5, 3, 1));
        assert_eq!(intake.now(), Moment { ts: 15, venue: 12, event: 5 });
        assert!(intake.clock(UnixNanos(14)) && !intake.clock(UnixNanos(13)));
        assert!(!intake.take(&trade(13, 10)) && intake.take(&trade(14, 10)));
        assert_eq!((intake.late, intake.late_clocks), (2, 1));
        // The clock never goes back, though what happened did.
        assert_eq!(intake.now(), Moment { ts: 17, venue: 14, event: 7 });
        intake.know(UnixNanos(9), UnixNanos(16));
        assert_eq!(intake.now(), Moment { ts: 17, venue: 14, event: 8 });
    }

    #[test]
    fn ids_are_forgotten_in_time_and_states_read_back() {
        let mut intake = Intake::new();
        (0..5000_u64).for_each(|id| assert!(intake.take(&trade(id.cast_signed(), id))));
        let mut state = StateWriter::new();
        intake.save(&mut state);
        let bytes = state.into_bytes();
        let mut other = Intake::load(&mut StateReader::new(&bytes)).unwrap();
        assert_eq!(other, intake);
        assert!(!other.take(&trade(5000, 904)), "the oldest remembered");
        assert!(other.take(&trade(5000, 903)), "older than any remembered");
        assert_eq!(Intake::load(&mut StateReader::new(&bytes[..9])), Err(RestoreError::Truncated));
        let mut forged = bytes.clone();
        forged[..8].copy_from_slice(&4097_u64.to_le_bytes());
        assert_eq!(
            Intake::load(&mut StateReader::new(&forged)),
            Err(RestoreError::Invalid { what: "4096 ids of trades at most" })
        );
    }
}
