//! Which trades are taken, and what time it is.

use feature_api::{RestoreError, StateReader, StateWriter, Trade, UnixNanos};

use super::Print;
use crate::window::Ring;

/// Takes each trade once and in order, and keeps the time.
///
/// - A trade whose id is among those of the last [`Tape::IDS`] trades taken is a **duplicate**: dropped and counted. An
///   id above every one before is new whatever the ring holds, so venues that number their trades upward, as exchanges
///   do, pay one comparison.
/// - A trade that happened before the last one taken, or before a time the venue's clock has told, is **late**: dropped
///   and counted, never put in order in silence. Trades of the same nanosecond or millisecond are all taken.
/// - What is known when: the running maximum of [`Trade::ts_known`] and its like over all events, so that nothing is
///   available before what came earlier.
#[derive(Debug, Clone)]
pub struct Tape {
    ids: Ring<u64>,
    highest_id: Option<u64>,
    /// No trade before this is to come.
    time: Option<i64>,
    available: i64,
    trades: u64,
    duplicates: u64,
    late: u64,
    late_clocks: u64,
}

impl Default for Tape {
    fn default() -> Self {
        Self {
            ids: Ring::new(Self::IDS),
            highest_id: None,
            time: None,
            available: i64::MIN,
            trades: 0,
            duplicates: 0,
            late: 0,
            late_clocks: 0,
        }
    }
}

impl Tape {
    /// Trades whose ids are remembered.
    pub const IDS: usize = 4096;

    /// The trade's numbers, or `None` where it is dropped.
    #[inline]
    pub fn take(&mut self, trade: &Trade) -> Option<Print> {
        if self.highest_id.is_some_and(|highest| trade.trade_id <= highest) && self.has_seen(trade.trade_id) {
            self.duplicates += 1;
            return None;
        }
        if self.time.is_some_and(|time| trade.ts_event.0 < time) {
            self.late += 1;
            return None;
        }
        self.know(trade.ts_known());
        self.time = Some(trade.ts_event.0);
        self.highest_id = self.highest_id.max(Some(trade.trade_id));
        self.ids.push(trade.trade_id);
        self.trades += 1;
        Some(Print::of(trade))
    }

    /// Hears the venue's clock; `false` where it went back, which is counted.
    pub fn clock(&mut self, time: UnixNanos) -> bool {
        if self.time.is_some_and(|last| time.0 < last) {
            self.late_clocks += 1;
            return false;
        }
        self.know(time);
        self.time = Some(time.0);
        true
    }

    /// Something was known at that time.
    #[inline]
    pub fn know(&mut self, time: UnixNanos) {
        if time.0 > self.available {
            self.available = time.0;
        }
    }

    /// When everything taken so far could be known.
    #[inline]
    #[must_use]
    pub const fn available(&self) -> UnixNanos {
        UnixNanos(self.available)
    }

    /// Its counters, by name.
    #[must_use]
    pub const fn counters(&self) -> [(&'static str, u64); 4] {
        [
            ("trades", self.trades),
            ("duplicates", self.duplicates),
            ("late", self.late),
            ("late_clocks", self.late_clocks),
        ]
    }

    #[cold]
    fn has_seen(&self, id: u64) -> bool {
        self.ids.iter().any(|seen| seen == id)
    }

    /// Writes the state.
    pub fn save(&self, state: &mut StateWriter) {
        self.ids.save(state, StateWriter::write_u64);
        state.write_bool(self.time.is_some());
        state.write_i64(self.time.unwrap_or_default());
        state.write_u64(self.highest_id.unwrap_or_default());
        state.write_i64(self.available);
        for (_, count) in self.counters() {
            state.write_u64(count);
        }
    }

    /// Reads what [`Tape::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let mut tape = Self::default();
        tape.ids.load(state, StateReader::read_u64)?;
        tape.time = state.read_bool()?.then_some(state.read_i64()?);
        let highest = state.read_u64()?;
        let top = tape.ids.iter().max();
        if top.is_some_and(|top| top > highest) {
            return Err(RestoreError::Invalid { what: "the highest id of the trades" });
        }
        tape.highest_id = top.map(|_| highest);
        tape.available = state.read_i64()?;
        for count in [&mut tape.trades, &mut tape.duplicates, &mut tape.late, &mut tape.late_clocks] {
            *count = state.read_u64()?;
            if *count >= 1 << 62 {
                return Err(RestoreError::Invalid { what: "a count below 2^62" });
            }
        }
        *self = tape;
        Ok(())
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
            ts_recv: UnixNanos(ts_event - 5),
            trade_id,
            price: Price::from_raw(7).unwrap(),
            quantity: Qty::from_raw(3).unwrap(),
            aggressor: AggressorSide::Sell,
        }
    }

    #[test]
    fn each_trade_is_taken_once_and_in_order() {
        let mut tape = Tape::default();
        let taken = [(10, 1), (10, 2), (10, 2), (12, 3), (11, 4), (12, 1), (12, 9), (12, 8), (12, 9)]
            .map(|(ts, id)| tape.take(&trade(ts, id)).is_some());
        assert_eq!(taken, [true, true, false, true, false, false, true, true, false]);
        assert_eq!(tape.counters(), [("trades", 5), ("duplicates", 3), ("late", 1), ("late_clocks", 0)]);
        assert_eq!(tape.available(), UnixNanos(12));
    }

    #[test]
    fn the_clock_goes_forward_only_and_makes_trades_late() {
        let mut tape = Tape::default();
        assert!(tape.clock(UnixNanos(20)));
        assert!(tape.take(&trade(19, 1)).is_none());
        assert!(tape.take(&trade(20, 1)).is_some(), "a late trade's id is not remembered");
        assert!(!tape.clock(UnixNanos(19)));
        assert_eq!(tape.counters().map(|(_, count)| count), [1, 0, 1, 1]);
    }

    #[test]
    fn a_state_reads_back_and_a_forged_one_does_not() {
        let mut tape = Tape::default();
        (0..5000_u64).for_each(|id| assert!(tape.take(&trade(id.cast_signed(), id)).is_some()));
        let mut state = StateWriter::new();
        tape.save(&mut state);
        let bytes = state.into_bytes();
        let mut other = Tape::default();
        other.load(&mut StateReader::new(&bytes)).unwrap();
        assert!(other.take(&trade(5000, 904)).is_none(), "the oldest remembered");
        assert!(other.take(&trade(5000, 903)).is_some(), "older than any remembered");
        assert_eq!(tape.available(), UnixNanos(4999));
        assert!(other.load(&mut StateReader::new(&bytes[1..])).is_err());
    }
}
