//! Book synchronisation: changes of a book are of use only behind a snapshot.

use std::collections::VecDeque;

use crate::book::{BookError, Change, OrderBook};
use crate::{Delta, MarketEvent, Snapshot};

/// How much is held back for a snapshot: levels, and ten for each delta itself. About 32 MB, or minutes of a busy book.
const HELD_MAX: usize = 2_000_000;
const DELTA: usize = 10;

/// Puts the book events of one feed in an order in which they can be used.
///
/// A snapshot is fetched while deltas keep coming, so it is older than those received before it. Deltas that come
/// while there is no book, before the first snapshot or after a gap, are held back; behind the next snapshot follow
/// those that it does not contain, with the snapshot's receive time, for only then could they be used. The delta that
/// shows a gap is given too: who keeps a book must see it.
#[derive(Debug)]
pub(crate) struct Synchroniser {
    book: OrderBook,
    held: VecDeque<Delta>,
    /// Of what is held.
    weight: usize,
    weight_max: usize,
    /// Deltas before the first snapshot are given as they come, and held all the same.
    continues: bool,
    pub(crate) counts: SyncCounts,
}

/// What a synchroniser has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SyncCounts {
    pub(crate) held_back: u64,
    pub(crate) dropped: u64,
    pub(crate) in_snapshot: u64,
    pub(crate) old_snapshots: u64,
}

impl Synchroniser {
    /// A synchroniser that knows of no book; where `continues`, one whose receiver already has one.
    pub(crate) fn new(continues: bool) -> Self {
        Self {
            book: OrderBook::new(),
            held: VecDeque::new(),
            weight: 0,
            weight_max: HELD_MAX,
            continues,
            counts: SyncCounts::default(),
        }
    }

    /// The book behind the last event given.
    pub(crate) const fn book(&self) -> &OrderBook {
        &self.book
    }

    /// Takes a snapshot, and gives it with the deltas that follow it.
    ///
    /// One that is older than the book says nothing new and is left out.
    pub(crate) fn snapshot(
        &mut self,
        snapshot: Snapshot,
        out: &mut impl Extend<MarketEvent>,
    ) -> Result<(), BookError> {
        if self.book.is_usable() && snapshot.update_id != 0 && snapshot.update_id < self.book.last_update_id()
        {
            self.counts.old_snapshots += 1;
            return Ok(());
        }
        self.book.snapshot(&snapshot.view())?;
        let ts_recv = snapshot.ts_recv;
        out.extend([MarketEvent::Snapshot(snapshot)]);
        self.weight = 0;
        for mut delta in std::mem::take(&mut self.held) {
            delta.ts_recv = delta.ts_recv.max(ts_recv);
            if self.book.is_usable() && delta.last_update_id <= self.book.last_update_id() {
                self.counts.in_snapshot += 1;
            } else {
                self.follow(delta, out)?;
            }
        }
        Ok(())
    }

    /// Takes a delta, and gives it if there is a book that it is of use to.
    pub(crate) fn delta(
        &mut self,
        delta: Delta,
        out: &mut impl Extend<MarketEvent>,
    ) -> Result<(), BookError> {
        self.counts.held_back += u64::from(self.follow(delta, out)?);
        Ok(())
    }

    /// Gives a delta or holds it back, or both; whether it is held back.
    fn follow(&mut self, delta: Delta, out: &mut impl Extend<MarketEvent>) -> Result<bool, BookError> {
        let (is_given, is_held) = match self.book.delta(&delta.view())? {
            Change::Updated | Change::Old | Change::Replaced | Change::None => (true, false),
            Change::Gap | Change::Crossed => (true, true),
            Change::Dropped => (self.continues && self.book.counters().snapshots == 0, true),
        };
        if is_given && is_held {
            out.extend([MarketEvent::Delta(delta.clone())]);
        }
        if is_held {
            self.hold(delta);
        } else {
            out.extend([MarketEvent::Delta(delta)]);
        }
        Ok(is_held)
    }

    /// Keeps a delta for the next snapshot, and drops the oldest where there are too many.
    fn hold(&mut self, delta: Delta) {
        self.weight += weight(&delta);
        self.held.push_back(delta);
        while self.weight > self.weight_max
            && let Some(oldest) = self.held.pop_front()
        {
            self.weight -= weight(&oldest);
            self.counts.dropped += 1;
        }
    }
}

fn weight(delta: &Delta) -> usize {
    DELTA + delta.bids.len() + delta.asks.len()
}

#[cfg(test)]
mod tests {
    use feature_api::{Grid, Level, Price, Qty, UnixNanos};

    use super::*;

    fn level(price: i64, quantity: i64) -> Level {
        Level { price: Price::from_raw(price).unwrap(), quantity: Qty::from_raw(quantity).unwrap() }
    }

    fn snapshot(update_id: u64, time: i64) -> Snapshot {
        Snapshot {
            grid: Grid::default(),
            ts_event: UnixNanos(time),
            ts_recv: UnixNanos(time),
            update_id,
            bids: vec![level(100, 1)],
            asks: vec![level(101, 1)],
        }
    }

    fn delta(first: u64, last: u64, time: i64) -> Delta {
        Delta {
            grid: Grid::default(),
            ts_event: UnixNanos(time),
            ts_recv: UnixNanos(time),
            first_update_id: first,
            last_update_id: last,
            previous_update_id: None,
            bids: vec![level(99, last.try_into().unwrap())],
            asks: vec![],
        }
    }

    /// `s5@20` for a snapshot of update 5 received at 20, `d6-8@20` for changes.
    fn shown(events: &[MarketEvent]) -> Vec<String> {
        let text = |event: &MarketEvent| match event {
            MarketEvent::Snapshot(s) => format!("s{}@{}", s.update_id, s.ts_recv.0),
            MarketEvent::Delta(d) => format!("d{}-{}@{}", d.first_update_id, d.last_update_id, d.ts_recv.0),
            MarketEvent::Trade(_) | MarketEvent::Quote(_) | MarketEvent::Bar(_) | MarketEvent::Clock(_) => {
                "not of the book".to_owned()
            }
        };
        events.iter().map(text).collect()
    }

    #[test]
    fn deltas_wait_for_a_snapshot_and_take_its_time() {
        let mut sync = Synchroniser::new(false);
        let mut out = Vec::new();
        for (first, last, time) in [(1, 3, 10), (4, 6, 11), (7, 9, 25)] {
            sync.delta(delta(first, last, time), &mut out).unwrap();
        }
        assert!(out.is_empty());
        sync.snapshot(snapshot(4, 20), &mut out).unwrap();
        sync.delta(delta(10, 12, 30), &mut out).unwrap();
        assert_eq!(shown(&out), ["s4@20", "d4-6@20", "d7-9@25", "d10-12@30"]);
        let counts = SyncCounts { held_back: 3, dropped: 0, in_snapshot: 1, old_snapshots: 0 };
        assert_eq!(sync.counts, counts);
        assert_eq!(sync.book().last_update_id(), 12);
    }

    #[test]
    fn a_gap_is_given_and_waited_out() {
        let mut sync = Synchroniser::new(false);
        let mut out = Vec::new();
        sync.snapshot(snapshot(4, 20), &mut out).unwrap();
        sync.delta(delta(8, 9, 30), &mut out).unwrap();
        sync.delta(delta(10, 12, 31), &mut out).unwrap();
        assert_eq!(shown(&out), ["s4@20", "d8-9@30"], "who keeps a book must see the gap");
        sync.snapshot(snapshot(7, 40), &mut out).unwrap();
        assert_eq!(shown(&out)[2..], ["s7@40", "d8-9@40", "d10-12@40"]);
        // The snapshot is older than what is held: there is a gap behind it too.
        sync.delta(delta(20, 20, 50), &mut out).unwrap();
        sync.snapshot(snapshot(13, 60), &mut out).unwrap();
        assert_eq!(shown(&out)[5..], ["d20-20@50", "s13@60", "d20-20@60"]);
        assert!(!sync.book().is_usable());
        sync.snapshot(snapshot(19, 70), &mut out).unwrap();
        assert_eq!(shown(&out)[8..], ["s19@70", "d20-20@70"]);
        assert!(sync.book().is_usable());
        assert_eq!(sync.counts.held_back, 3, "each once, however long it waits");
        assert_eq!(sync.book().counters().gaps, 3);
    }

    #[test]
    fn a_snapshot_that_is_older_than_the_book_is_left_out() {
        let mut sync = Synchroniser::new(false);
        let mut out = Vec::new();
        sync.snapshot(snapshot(4, 20), &mut out).unwrap();
        sync.delta(delta(5, 9, 30), &mut out).unwrap();
        sync.snapshot(snapshot(8, 40), &mut out).unwrap();
        sync.snapshot(snapshot(9, 41), &mut out).unwrap();
        // Of a venue that does not number its updates every snapshot is new.
        sync.snapshot(snapshot(0, 42), &mut out).unwrap();
        assert_eq!(shown(&out), ["s4@20", "d5-9@30", "s9@41", "s0@42"]);
        assert_eq!(sync.counts.old_snapshots, 1);
    }

    #[test]
    fn a_crossed_book_waits_too() {
        let mut sync = Synchroniser::new(false);
        let mut out = Vec::new();
        sync.snapshot(snapshot(4, 20), &mut out).unwrap();
        let crossing = Delta { bids: vec![level(101, 5)], ..delta(5, 5, 30) };
        sync.delta(crossing, &mut out).unwrap();
        sync.delta(delta(6, 6, 31), &mut out).unwrap();
        sync.snapshot(snapshot(5, 40), &mut out).unwrap();
        assert_eq!(shown(&out), ["s4@20", "d5-5@30", "s5@40", "d6-6@40"]);
        assert!(sync.book().is_usable());
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut sync = Synchroniser::new(false);
        sync.weight_max = 3 * (DELTA + 1);
        let mut out = Vec::new();
        for id in 1..=5 {
            sync.delta(delta(id, id, 10), &mut out).unwrap();
        }
        assert_eq!((sync.counts.held_back, sync.counts.dropped, sync.held.len()), (5, 2, 3));
        sync.snapshot(snapshot(2, 20), &mut out).unwrap();
        assert_eq!(shown(&out), ["s2@20", "d3-3@20", "d4-4@20", "d5-5@20"]);
    }

    #[test]
    fn a_receiver_with_a_book_gets_every_delta() {
        let mut sync = Synchroniser::new(true);
        let mut out = Vec::new();
        sync.delta(delta(5, 5, 10), &mut out).unwrap();
        sync.delta(delta(6, 6, 11), &mut out).unwrap();
        assert_eq!(shown(&out), ["d5-5@10", "d6-6@11"]);
        sync.snapshot(snapshot(5, 20), &mut out).unwrap();
        sync.delta(delta(9, 9, 30), &mut out).unwrap();
        sync.delta(delta(10, 10, 31), &mut out).unwrap();
        assert_eq!(shown(&out)[2..], ["s5@20", "d6-6@20", "d9-9@30"], "from a snapshot on as any other");
    }
}
