//! The open position, where a feature set looks at one.

use crate::{Price, UnixNanos};

/// Direction of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Profits from a rising price: +1.
    Long,
    /// Profits from a falling price: −1.
    Short,
}

/// An open position of one instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// Direction.
    pub side: Side,
    /// Average entry price, on the grid of the instrument's bars.
    pub entry_price: Price,
    /// When it was entered: within the bar before which the position is told, its entry bar.
    pub ts_entry: UnixNanos,
}
