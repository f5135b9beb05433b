//! The order book, as features look at it.

mod side;

use feature_api::{BookDelta, BookSnapshot, Level, RestoreError, StateReader, StateWriter, UpdateError};

use side::{Order, Side};

/// A level: raw price and quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RawLevel {
    /// Price.
    pub price: i64,
    /// Quantity, above 0.
    pub quantity: i64,
}

/// An order book that follows its updates by the rule of [`BookDelta`], or says that it cannot be used.
///
/// - **Usable** from a snapshot on, until a delta is missing (a gap) or the best bid is no longer below the best ask (it
///   is crossed). Then it shows no level until the next snapshot; deltas that come meanwhile are dropped. Each is
///   counted. A book with one side only is usable.
/// - **Depth**: up to [`Book::LEVELS`] levels a side. Where there would be more, the worst eighth of them is forgotten,
///   and from then on, until the next snapshot, whatever is worse than the worst one kept is not taken: a rank that
///   could skip a forgotten level is `None` rather than wrong. Levels beyond the last of a snapshot are unknown until a delta names
///   them, as the exchanges' own rule for a local book has it.
/// - Nothing is allocated but by a snapshot, and by that only once.
#[derive(Debug, Clone, Default)]
pub struct Book {
    bids: Side,
    asks: Side,
    is_usable: bool,
    /// No delta has followed the snapshot yet.
    is_fresh: bool,
    last_update_id: u64,
    counts: Counts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Counts {
    snapshots: u64,
    deltas: u64,
    old: u64,
    gaps: u64,
    crossed: u64,
    unusable: u64,
}

impl Book {
    /// The most levels a side that are kept.
    pub const LEVELS: usize = 8_192;

    /// Replaces the book; whether anything changed, which is always so.
    ///
    /// # Errors
    /// [`UpdateError::Book`] for levels that are not best first, or one without a quantity; nothing is changed then.
    pub fn snapshot(&mut self, snapshot: &BookSnapshot<'_>) -> Result<bool, UpdateError> {
        check(Order::Bids, snapshot.bids)?;
        check(Order::Asks, snapshot.asks)?;
        self.bids.replace(Order::Bids, snapshot.bids);
        self.asks.replace(Order::Asks, snapshot.asks);
        self.is_usable = true;
        self.is_fresh = true;
        self.last_update_id = snapshot.update_id;
        self.counts.snapshots += 1;
        self.check_crossed();
        Ok(true)
    }

    /// Applies changes; whether anything changed: an old delta, and any while the book cannot be used, is counted and
    /// dropped.
    ///
    /// # Errors
    /// [`UpdateError::Book`] for a delta that ends before it begins; nothing is changed then.
    pub fn delta(&mut self, delta: &BookDelta<'_>) -> Result<bool, UpdateError> {
        let (first, last) = (delta.first_update_id, delta.last_update_id);
        if first > last {
            return Err(UpdateError::Book { reason: "the first update of the delta comes after its last" });
        }
        if !self.is_usable {
            self.counts.unusable += 1;
            return Ok(false);
        }
        if last <= self.last_update_id {
            self.counts.old += 1;
            return Ok(false);
        }
        if !self.is_followed_by(first, delta.previous_update_id) {
            self.counts.gaps += 1;
            self.forget();
            return Ok(true);
        }
        delta.bids.iter().for_each(|level| self.bids.set(Order::Bids, level));
        delta.asks.iter().for_each(|level| self.asks.set(Order::Asks, level));
        self.last_update_id = last;
        self.is_fresh = false;
        self.counts.deltas += 1;
        self.check_crossed();
        Ok(true)
    }

    /// Whether a delta that is not old follows.
    fn is_followed_by(&self, first: u64, previous: Option<u64>) -> bool {
        let last = self.last_update_id;
        match previous {
            Some(previous) => previous == last || (self.is_fresh && first <= last),
            None => first <= last.saturating_add(1),
        }
    }

    fn is_crossed(&self) -> bool {
        matches!((self.bid(0), self.ask(0)), (Some(bid), Some(ask)) if bid.price >= ask.price)
    }

    fn check_crossed(&mut self) {
        if self.is_crossed() {
            self.counts.crossed += 1;
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.bids.clear();
        self.asks.clear();
        self.is_usable = false;
        self.is_fresh = false;
    }

    /// Whether it is synchronised and not crossed.
    #[inline]
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        self.is_usable
    }

    /// The bid of that rank, 0 the best; `None` where it is not known or the book cannot be used.
    #[inline]
    #[must_use]
    pub fn bid(&self, rank: usize) -> Option<RawLevel> {
        self.bids.at(Order::Bids, rank)
    }

    /// The ask of that rank, 0 the best; `None` where it is not known or the book cannot be used.
    #[inline]
    #[must_use]
    pub fn ask(&self, rank: usize) -> Option<RawLevel> {
        self.asks.at(Order::Asks, rank)
    }

    /// Its counters, by name.
    #[must_use]
    pub const fn counters(&self) -> [(&'static str, u64); 6] {
        let Counts { snapshots, deltas, old, gaps, crossed, unusable } = self.counts;
        [
            ("book_snapshots", snapshots),
            ("book_deltas", deltas),
            ("book_old", old),
            ("book_gaps", gaps),
            ("book_crossed", crossed),
            ("book_unusable", unusable),
        ]
    }

    /// Writes the state.
    pub fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.is_usable);
        state.write_bool(self.is_fresh);
        state.write_u64(self.last_update_id);
        for (_, count) in self.counters() {
            state.write_u64(count);
        }
        self.bids.save(state);
        self.asks.save(state);
    }

    /// Reads what [`Book::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; the book is then as before.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let (is_usable, is_fresh) = (state.read_bool()?, state.read_bool()?);
        let last_update_id = state.read_u64()?;
        let mut counts = [0; 6];
        for count in &mut counts {
            *count = state.read_u64()?;
            if *count >= 1 << 61 {
                return Err(RestoreError::Invalid { what: "a count below 2^61" });
            }
        }
        let [snapshots, deltas, old, gaps, crossed, unusable] = counts;
        let book = Self {
            bids: Side::load(state)?,
            asks: Side::load(state)?,
            is_usable,
            is_fresh,
            last_update_id,
            counts: Counts { snapshots, deltas, old, gaps, crossed, unusable },
        };
        if book.is_possible() {
            *self = book;
            Ok(())
        } else {
            Err(RestoreError::Invalid { what: "an order book whose levels and counts go with its state" })
        }
    }

    fn is_possible(&self) -> bool {
        let Counts { snapshots, deltas, old, gaps, crossed, unusable: _ } = self.counts;
        // It is lost at most once a snapshot.
        let lost = gaps + crossed;
        if self.is_usable {
            return lost < snapshots && !self.is_crossed();
        }
        let is_new = deltas + old + lost == 0 && self.last_update_id == 0;
        let is_lost = lost > 0 && lost <= snapshots;
        let has_nothing = self.bids.is_new() && self.asks.is_new() && !self.is_fresh;
        has_nothing && (is_lost || (snapshots == 0 && is_new))
    }
}

/// The levels of a side of a snapshot are each better than the next, and none is empty.
fn check(order: Order, levels: &[Level]) -> Result<(), UpdateError> {
    let keys = || levels.iter().map(|level| order.key(level.price.raw()));
    if keys().zip(keys().skip(1)).any(|(better, worse)| better <= worse) {
        return Err(UpdateError::Book {
            reason: "the levels of a snapshot must stand best first, each price once",
        });
    }
    if levels.iter().any(|level| level.quantity.raw() == 0) {
        return Err(UpdateError::Book { reason: "a level of a snapshot has quantity 0" });
    }
    Ok(())
}
