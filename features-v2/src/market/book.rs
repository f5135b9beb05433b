//! The order book, as features look at it.

use feature_api::{BookDelta, BookSnapshot, RestoreError, StateReader, StateWriter, UpdateError};

/// A level: raw price and quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RawLevel {
    /// Price.
    pub price: i64,
    /// Quantity, above 0.
    pub quantity: i64,
}

/// An order book that follows its updates by the rule of [`BookDelta`], or says that it cannot be used.
#[derive(Debug, Clone, Default)]
pub struct Book {
    bids: Vec<RawLevel>,
    asks: Vec<RawLevel>,
}

impl Book {
    /// Replaces the book; whether anything changed.
    ///
    /// # Errors
    /// [`UpdateError::Book`] for levels that are not best first; nothing is changed then.
    pub fn snapshot(&mut self, snapshot: &BookSnapshot<'_>) -> Result<bool, UpdateError> {
        let _ = snapshot;
        Ok(true)
    }

    /// Applies changes; whether anything changed: an old delta, and any while the book cannot be used, is counted.
    ///
    /// # Errors
    /// [`UpdateError::Book`] for a delta that cannot be one; nothing is changed then.
    pub fn delta(&mut self, delta: &BookDelta<'_>) -> Result<bool, UpdateError> {
        let _ = delta;
        Ok(true)
    }

    /// Whether it is synchronised and not crossed.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        false
    }

    /// The bid of that rank, 0 the best; `None` where it is not known or the book cannot be used.
    #[must_use]
    pub fn bid(&self, rank: usize) -> Option<RawLevel> {
        self.bids.get(rank).copied()
    }

    /// The ask of that rank, 0 the best; `None` where it is not known or the book cannot be used.
    #[must_use]
    pub fn ask(&self, rank: usize) -> Option<RawLevel> {
        self.asks.get(rank).copied()
    }

    /// Its counters, by name.
    #[must_use]
    pub const fn counters(&self) -> [(&'static str, u64); 6] {
        [
            ("book_snapshots", 0),
            ("book_deltas", 0),
            ("book_old", 0),
            ("book_gaps", 0),
            ("book_crossed", 0),
            ("book_unusable", 0),
        ]
    }

    /// Writes the state.
    pub fn save(&self, state: &mut StateWriter) {
        let _ = state;
    }

    /// Reads what [`Book::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let _ = state;
        Ok(())
    }
}
