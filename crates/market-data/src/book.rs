//! The order book: snapshots and deltas, by the venue's sequence rules.

mod saved;

use std::collections::BTreeMap;

use feature_api::{AggressorSide, BookDelta, BookSnapshot, Grid, Level, Price, Qty};

use crate::{MarketEvent, decimal_text};

/// The order book of one instrument, every level that is known.
///
/// Snapshots replace it, deltas change it if they follow it (the rule is that of [`BookDelta`]). After a gap or once it
/// is crossed it shows no level until the next snapshot: what cannot be right is not to be used by mistake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderBook {
    /// Of the first snapshot.
    grid: Option<Grid>,
    state: BookState,
    /// No delta has followed the snapshot yet.
    is_fresh: bool,
    last_update_id: u64,
    bids: BTreeMap<Price, Qty>,
    asks: BTreeMap<Price, Qty>,
    counters: BookCounters,
}

/// Whether a book can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BookState {
    /// There was no snapshot yet.
    #[default]
    Empty,
    /// It is what the venue has, as far as it was told.
    Usable,
    /// A delta was missing: unknown until the next snapshot.
    Gapped,
    /// The best bid was not below the best ask: unknown until the next snapshot.
    Crossed,
}

/// What an event did to a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// The event is not of the book.
    None,
    /// A snapshot replaced it.
    Replaced,
    /// A delta changed it.
    Updated,
    /// A delta that it already contains.
    Old,
    /// A delta does not follow: the book is not to be used until the next snapshot.
    Gap,
    /// The best bid is not below the best ask: likewise.
    Crossed,
    /// A delta, while the book was not usable: dropped.
    Dropped,
}

/// What a book has counted since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BookCounters {
    /// Snapshots taken.
    pub snapshots: u64,
    /// Deltas that changed the book.
    pub deltas: u64,
    /// Deltas it already contained.
    pub old: u64,
    /// Deltas that did not follow.
    pub gaps: u64,
    /// Snapshots and deltas after which it was crossed.
    pub crossed: u64,
    /// Deltas dropped while it was not usable.
    pub unusable: u64,
}

/// A book update that cannot be one; the book is as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// The update is of another instrument or another grid.
    #[error(
        "the book update has {found}, but this book has {expected}: one book holds one instrument on one grid"
    )]
    Grid {
        /// Grid of the book.
        expected: Grid,
        /// Grid of the update.
        found: Grid,
    },
    /// Levels of a snapshot that are not best first.
    #[error(
        "snapshot {update_id}: the {side} price {} comes after {}; expected the best level first and each price once",
        decimal_text(found.raw(), grid.price_scale()), decimal_text(previous.raw(), grid.price_scale())
    )]
    Order {
        /// Its last update.
        update_id: u64,
        /// `bid` or `ask`.
        side: &'static str,
        /// Its grid.
        grid: Grid,
        /// The price before.
        previous: Price,
        /// The price found.
        found: Price,
    },
    /// A level of a snapshot without a quantity.
    #[error(
        "snapshot {update_id}: the {side} level at {} has quantity 0; expected only levels where something rests",
        decimal_text(price.raw(), grid.price_scale())
    )]
    NoQuantity {
        /// Its last update.
        update_id: u64,
        /// `bid` or `ask`.
        side: &'static str,
        /// Its grid.
        grid: Grid,
        /// The price of the level.
        price: Price,
    },
    /// A delta that ends before it begins.
    #[error("changes of updates {first} to {last}; expected a first that is not after the last")]
    UpdateIds {
        /// Its first update.
        first: u64,
        /// Its last update.
        last: u64,
    },
}

impl OrderBook {
    /// A book of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an event; trades, bars and clocks are not of the book, a quote is a snapshot of one level a side.
    ///
    /// # Errors
    /// [`BookError`]; the book is then as before.
    pub fn apply(&mut self, event: &MarketEvent) -> Result<Change, BookError> {
        match event {
            MarketEvent::Quote(quote) => self.snapshot(&quote.snapshot()),
            MarketEvent::Snapshot(snapshot) => self.snapshot(&snapshot.view()),
            MarketEvent::Delta(delta) => self.delta(&delta.view()),
            MarketEvent::Trade(_) | MarketEvent::Bar(_) | MarketEvent::Clock(_) => Ok(Change::None),
        }
    }

    /// Replaces the book.
    ///
    /// # Errors
    /// [`BookError`] where the grid is another, levels are not best first or one has no quantity; the book is then as
    /// before.
    pub fn snapshot(&mut self, snapshot: &BookSnapshot<'_>) -> Result<Change, BookError> {
        let BookSnapshot { grid, ts_event: _, ts_recv: _, update_id, bids, asks } = *snapshot;
        self.check_grid(grid)?;
        check_levels(snapshot, "bid", bids, |previous, price| price < previous)?;
        check_levels(snapshot, "ask", asks, |previous, price| price > previous)?;
        self.grid = Some(grid);
        self.last_update_id = update_id;
        self.is_fresh = true;
        self.state = BookState::Usable;
        self.bids = bids.iter().map(|level| (level.price, level.quantity)).collect();
        self.asks = asks.iter().map(|level| (level.price, level.quantity)).collect();
        self.counters.snapshots += 1;
        Ok(if self.is_crossed() { self.cross() } else { Change::Replaced })
    }

    /// Changes the book, if the delta follows it.
    ///
    /// # Errors
    /// [`BookError`] where the grid is another or the delta ends before it begins; the book is then as before.
    pub fn delta(&mut self, delta: &BookDelta<'_>) -> Result<Change, BookError> {
        let (first, last) = (delta.first_update_id, delta.last_update_id);
        self.check_grid(delta.grid)?;
        if first > last {
            return Err(BookError::UpdateIds { first, last });
        }
        if !self.is_usable() {
            self.counters.unusable += 1;
            return Ok(Change::Dropped);
        }
        if last <= self.last_update_id {
            self.counters.old += 1;
            return Ok(Change::Old);
        }
        if !self.is_followed_by(first, delta.previous_update_id) {
            self.counters.gaps += 1;
            self.forget(BookState::Gapped);
            return Ok(Change::Gap);
        }
        set(&mut self.bids, delta.bids);
        set(&mut self.asks, delta.asks);
        self.last_update_id = last;
        self.is_fresh = false;
        self.counters.deltas += 1;
        Ok(if self.is_crossed() { self.cross() } else { Change::Updated })
    }

    /// Whether a delta that is not old follows.
    const fn is_followed_by(&self, first: u64, previous: Option<u64>) -> bool {
        match previous {
            Some(previous) => {
                previous == self.last_update_id || (self.is_fresh && first <= self.last_update_id)
            }
            None => first <= self.last_update_id.saturating_add(1),
        }
    }

    fn check_grid(&self, found: Grid) -> Result<(), BookError> {
        match self.grid {
            Some(expected) if expected != found => Err(BookError::Grid { expected, found }),
            Some(_) | None => Ok(()),
        }
    }

    fn is_crossed(&self) -> bool {
        matches!((self.best_bid(), self.best_ask()), (Some(bid), Some(ask)) if bid.price >= ask.price)
    }

    fn cross(&mut self) -> Change {
        self.counters.crossed += 1;
        self.forget(BookState::Crossed);
        Change::Crossed
    }

    fn forget(&mut self, state: BookState) {
        self.state = state;
        self.is_fresh = false;
        self.bids.clear();
        self.asks.clear();
    }

    /// Whether it can be used: it follows a snapshot without a gap and is not crossed. It may have one side only.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.state == BookState::Usable
    }

    /// Whether it can be used, and why not.
    #[must_use]
    pub const fn state(&self) -> BookState {
        self.state
    }

    /// The highest bid.
    #[must_use]
    pub fn best_bid(&self) -> Option<Level> {
        self.bids().next()
    }

    /// The lowest ask.
    #[must_use]
    pub fn best_ask(&self) -> Option<Level> {
        self.asks().next()
    }

    /// Bids, best first.
    pub fn bids(&self) -> impl Iterator<Item = Level> {
        self.bids.iter().rev().map(level)
    }

    /// Asks, best first.
    pub fn asks(&self) -> impl Iterator<Item = Level> {
        self.asks.iter().map(level)
    }

    /// What rests at a price on the side of the buyers or the sellers; 0 where nothing is known to.
    #[must_use]
    pub fn quantity_at(&self, side: AggressorSide, price: Price) -> Qty {
        let levels = match side {
            AggressorSide::Buy => &self.bids,
            AggressorSide::Sell => &self.asks,
        };
        levels.get(&price).copied().unwrap_or_default()
    }

    /// The last update it contains; while it is not usable, the last it contained.
    #[must_use]
    pub const fn last_update_id(&self) -> u64 {
        self.last_update_id
    }

    /// What it has counted since it was made.
    #[must_use]
    pub const fn counters(&self) -> BookCounters {
        self.counters
    }
}

fn level((price, quantity): (&Price, &Qty)) -> Level {
    Level { price: *price, quantity: *quantity }
}

/// Sets levels; 0 removes one. Where a price comes twice the later one holds.
fn set(side: &mut BTreeMap<Price, Qty>, levels: &[Level]) {
    for level in levels {
        if level.quantity.raw() == 0 {
            side.remove(&level.price);
        } else {
            side.insert(level.price, level.quantity);
        }
    }
}

/// The levels of a side of a snapshot are each better than the next, and none is empty.
fn check_levels(
    &BookSnapshot { grid, update_id, .. }: &BookSnapshot<'_>,
    side: &'static str,
    levels: &[Level],
    is_after: fn(Price, Price) -> bool,
) -> Result<(), BookError> {
    let mut before: Option<Price> = None;
    for &Level { price, quantity } in levels {
        if let Some(previous) = before
            && !is_after(previous, price)
        {
            return Err(BookError::Order { update_id, side, grid, previous, found: price });
        }
        if quantity.raw() == 0 {
            return Err(BookError::NoQuantity { update_id, side, grid, price });
        }
        before = Some(price);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use feature_api::UnixNanos;

    use super::*;

    pub(super) fn level(price: i64, quantity: i64) -> Level {
        Level { price: Price::from_raw(price).unwrap(), quantity: Qty::from_raw(quantity).unwrap() }
    }

    fn levels(pairs: &[(i64, i64)]) -> Vec<Level> {
        pairs.iter().map(|(price, quantity)| level(*price, *quantity)).collect()
    }

    fn grid() -> Grid {
        Grid::new(2, 0).unwrap()
    }

    fn snapshot<'a>(update_id: u64, bids: &'a [Level], asks: &'a [Level]) -> BookSnapshot<'a> {
        let (ts_event, ts_recv) = (UnixNanos(0), UnixNanos(0));
        BookSnapshot { grid: grid(), ts_event, ts_recv, update_id, bids, asks }
    }

    pub(super) fn delta(first: u64, last: u64, previous: Option<u64>) -> BookDelta<'static> {
        BookDelta {
            grid: grid(),
            ts_event: UnixNanos(0),
            ts_recv: UnixNanos(0),
            first_update_id: first,
            last_update_id: last,
            previous_update_id: previous,
            bids: &[],
            asks: &[],
        }
    }

    /// A book of 100 x 1, 99 x 2 | 101 x 3, 103 x 4 at update 10.
    pub(super) fn book() -> OrderBook {
        let mut book = OrderBook::new();
        let (bids, asks) = (levels(&[(100, 1), (99, 2)]), levels(&[(101, 3), (103, 4)]));
        assert_eq!(book.snapshot(&snapshot(10, &bids, &asks)), Ok(Change::Replaced));
        book
    }

    #[test]
    fn levels_are_set_and_removed() {
        let mut book = book();
        let (bids, asks) = (levels(&[(98, 5), (100, 0), (97, 0)]), levels(&[(101, 7), (102, 8)]));
        assert_eq!(
            book.delta(&BookDelta { bids: &bids, asks: &asks, ..delta(11, 12, None) }),
            Ok(Change::Updated)
        );
        assert_eq!(book.bids().collect::<Vec<_>>(), levels(&[(99, 2), (98, 5)]));
        assert_eq!(book.asks().collect::<Vec<_>>(), levels(&[(101, 7), (102, 8), (103, 4)]));
        assert_eq!((book.best_bid(), book.best_ask()), (Some(level(99, 2)), Some(level(101, 7))));
        assert_eq!(book.quantity_at(AggressorSide::Buy, level(98, 0).price), level(0, 5).quantity);
        assert_eq!(book.quantity_at(AggressorSide::Sell, level(98, 0).price), level(0, 0).quantity);
        assert_eq!(book.last_update_id(), 12);
    }

    #[test]
    fn spot_changes_follow_without_a_gap_between_them() {
        for (first, last, change) in [
            (11, 11, Change::Updated),
            (5, 12, Change::Updated),
            (10, 11, Change::Updated),
            (8, 10, Change::Old),
            (12, 12, Change::Gap),
        ] {
            // Right after the snapshot and later the rule is the same.
            assert_eq!(book().delta(&delta(first, last, None)), Ok(change), "{first} to {last}");
            let mut later = book();
            later.delta(&delta(11, 12, None)).unwrap();
            assert_eq!(later.delta(&delta(first + 2, last + 2, None)), Ok(change), "{first} to {last}");
        }
    }

    #[test]
    fn futures_changes_name_the_ones_before() {
        for (first, last, previous, fresh, later) in [
            (30, 40, 10, Change::Updated, Change::Updated),
            (9, 12, 8, Change::Updated, Change::Gap),
            (10, 12, 8, Change::Updated, Change::Gap),
            (11, 12, 9, Change::Gap, Change::Gap),
            (9, 10, 8, Change::Old, Change::Old),
        ] {
            assert_eq!(book().delta(&delta(first, last, Some(previous))), Ok(fresh), "{first} to {last}");
            let mut book = book();
            book.delta(&delta(20, 30, Some(10))).unwrap();
            let next = delta(first + 20, last + 20, Some(previous + 20));
            assert_eq!(book.delta(&next), Ok(later), "{first} to {last}");
        }
    }

    #[test]
    fn a_book_that_cannot_be_right_shows_nothing_until_a_snapshot() {
        let crossing = levels(&[(101, 1)]);
        for (update, change, state) in [
            (delta(12, 12, None), Change::Gap, BookState::Gapped),
            (BookDelta { bids: &crossing, ..delta(11, 11, None) }, Change::Crossed, BookState::Crossed),
        ] {
            let mut book = book();
            assert_eq!(book.delta(&update), Ok(change));
            assert_eq!((book.state(), book.is_usable()), (state, false));
            assert_eq!((book.best_bid(), book.best_ask()), (None, None));
            assert_eq!(book.delta(&delta(11, 13, None)), Ok(Change::Dropped));
            let bids = levels(&[(90, 1)]);
            assert_eq!(book.snapshot(&snapshot(20, &bids, &[])), Ok(Change::Replaced));
            assert!(book.is_usable(), "one side is enough");
            assert_eq!((book.best_bid(), book.best_ask()), (Some(level(90, 1)), None));
            let counters = book.counters();
            assert_eq!(
                (counters.snapshots, counters.deltas, counters.unusable),
                (2, u64::from(change == Change::Crossed), 1)
            );
            assert_eq!(counters.gaps + counters.crossed, 1);
        }
        let mut book = OrderBook::new();
        assert_eq!(book.delta(&delta(1, 1, None)), Ok(Change::Dropped));
        assert_eq!(book.snapshot(&snapshot(1, &crossing, &crossing)), Ok(Change::Crossed));
        assert_eq!(book.state(), BookState::Crossed);
    }

    #[test]
    fn what_is_no_update_changes_nothing() {
        let other = Grid::new(3, 0).unwrap();
        let falling = levels(&[(100, 1), (100, 1)]);
        let rising = levels(&[(101, 1), (100, 1)]);
        let nothing = levels(&[(100, 1), (99, 0)]);
        let before = book();
        for (update, message) in [
            (
                BookSnapshot { grid: other, ..snapshot(11, &[], &[]) },
                "the book update has 3 price decimals, 0 quantity decimals, but this book has 2 price decimals, 0 \
                 quantity decimals: one book holds one instrument on one grid",
            ),
            (
                snapshot(11, &falling, &[]),
                "snapshot 11: the bid price 1 comes after 1; expected the best level first and each price once",
            ),
            (
                snapshot(11, &[], &rising),
                "snapshot 11: the ask price 1 comes after 1.01; expected the best level first and each price once",
            ),
            (
                snapshot(11, &nothing, &[]),
                "snapshot 11: the bid level at 0.99 has quantity 0; expected only levels where something rests",
            ),
        ] {
            let mut book = before.clone();
            assert_eq!(book.snapshot(&update).unwrap_err().to_string(), message);
            assert_eq!(book, before);
        }
        let mut book = before.clone();
        assert_eq!(
            book.delta(&delta(12, 11, None)).unwrap_err().to_string(),
            "changes of updates 12 to 11; expected a first that is not after the last"
        );
        let expected = BookError::Grid { expected: grid(), found: other };
        assert_eq!(book.delta(&BookDelta { grid: other, ..delta(11, 11, None) }), Err(expected));
        assert_eq!(book, before);
    }
}
