//! Updates of an order book.

use crate::{Grid, Price, Qty, UnixNanos};

/// A price level of an order book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Level {
    /// Price.
    pub price: Price,
    /// Quantity that rests there, in all; in a [`BookDelta`] 0 removes the level.
    pub quantity: Qty,
}

/// An order book as it stands: it replaces whatever was known.
///
/// Levels are best first: bids by falling, asks by rising price, each price once, none of quantity 0. Levels beyond
/// the last are unknown, not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookSnapshot<'a> {
    /// Grid of prices and quantities.
    pub grid: Grid,
    /// When the book stood so, by the venue's clock; where the venue does not say, when it was received.
    pub ts_event: UnixNanos,
    /// When it was received, by the receiver's clock; `ts_event` where nobody wrote it down.
    pub ts_recv: UnixNanos,
    /// The last update it contains; 0 where updates are not numbered.
    pub update_id: u64,
    /// Bids, best first.
    pub bids: &'a [Level],
    /// Asks, best first.
    pub asks: &'a [Level],
}

/// Changes of an order book: for each level named, the quantity that rests there now.
///
/// It follows a book whose last update is `b` where `previous_update_id`, if the venue tells it, is `b`, or, where it
/// does not, `first_update_id <= b + 1`; right after a snapshot also where `first_update_id <= b`. One with
/// `last_update_id <= b` is old. Anything else is a gap, and the book is not to be used until the next snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookDelta<'a> {
    /// Grid of prices and quantities.
    pub grid: Grid,
    /// When the changes were made, by the venue's clock; where the venue does not say, when they were received.
    pub ts_event: UnixNanos,
    /// When they were received, by the receiver's clock; `ts_event` where nobody wrote it down.
    pub ts_recv: UnixNanos,
    /// The first update it contains.
    pub first_update_id: u64,
    /// The last update it contains.
    pub last_update_id: u64,
    /// The last update of the delta before, where the venue tells it.
    pub previous_update_id: Option<u64>,
    /// Levels on the bid side, in any order.
    pub bids: &'a [Level],
    /// Levels on the ask side, in any order.
    pub asks: &'a [Level],
}
