//! The trait of a feature set.

use crate::{
    Bar, BookDelta, BookSnapshot, Columns, Grid, Position, RestoreError, Row, Schema, Trade, UnixNanos,
};

/// What drives a feature set. A set refuses what it does not know; nothing is ignored in silence.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A closed bar.
    Bar(&'a Bar),
    /// The position from here on: `None` once it is closed. A position is told before the bar that closes after
    /// its entry, which is its entry bar; told again with another price, it is the same position.
    Position(Option<Position>),
    /// A trade.
    Trade(&'a Trade),
    /// An order book as it stands.
    BookSnapshot(BookSnapshot<'a>),
    /// Changes of an order book.
    BookDelta(BookDelta<'a>),
    /// The venue's clock has come to this time, and no trade before it is still to come: what a quiet market closes
    /// its time bars by. Recorded data has none; who feeds a live set must record them like any other event.
    Clock(UnixNanos),
}

/// Kinds of events, to ask a set which of them it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// [`Event::Bar`].
    Bar,
    /// [`Event::Position`].
    Position,
    /// [`Event::Trade`].
    Trade,
    /// [`Event::BookSnapshot`] and [`Event::BookDelta`].
    Book,
    /// [`Event::Clock`].
    Clock,
}

/// A set of features of one instrument, driven event by event.
///
/// # Invariants
/// - The same events give the same bits, whichever way they arrive: one by one, in batches of any size, or
///   from a restored snapshot on.
/// - A row depends on nothing that was not available at its `ts_available`.
/// - An update costs the same after any history and allocates nothing.
/// - An event that is refused changes nothing.
pub trait FeatureSet: Send {
    /// A set with the catalogue's parameters but for those named in `params`.
    ///
    /// # Errors
    /// [`ParamError`] for a name the set does not have or a value outside its limits.
    fn new(params: &[crate::Param]) -> Result<Self, ParamError>
    where
        Self: Sized;

    /// Names, order, formulas, ranges, warm-up.
    fn schema(&self) -> &Schema;

    /// The events it takes; the others it refuses.
    fn takes(&self) -> &'static [EventKind] {
        if self.schema().takes_position() {
            &[EventKind::Bar, EventKind::Position]
        } else {
            &[EventKind::Bar]
        }
    }

    /// What it has counted since the first event, by name: events taken, and those that were dropped by a stated rule,
    /// such as a trade that came twice. Part of the state.
    fn counters(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// Takes an event; `true` where it completed a row, which then stands in `row`. An event completes one row at most.
    ///
    /// An event that is dropped by a stated rule is no error: it is counted, see [`counters`](FeatureSet::counters).
    ///
    /// # Errors
    /// [`UpdateError`] where the event cannot follow; the set and `row` are then as before.
    fn update(&mut self, event: Event<'_>, row: &mut Row) -> Result<bool, UpdateError>;

    /// Appends a row for each bar: the same bits as one [`update`](FeatureSet::update) after another.
    ///
    /// # Errors
    /// [`UpdateError`] of the first bar that cannot follow; rows of the bars before it are appended.
    fn update_bars(&mut self, bars: &[Bar], rows: &mut Columns) -> Result<(), UpdateError> {
        let mut row = Row::new(self.schema().width());
        rows.reserve(bars.len());
        for bar in bars {
            if self.update(Event::Bar(bar), &mut row)? {
                rows.push(&row);
            }
        }
        Ok(())
    }

    /// The share of the computing time that each feature takes over these bars, in order: none negative, their sum
    /// 1; an attribution, see [`crate::Meter`]. Empty where nothing was measured: there are no bars, the clock
    /// stands still, or the set does not measure itself.
    ///
    /// A fresh set of the same parameters is driven by bars from the first on; one that takes positions is told
    /// one that is open throughout. `clock` gives the time in any fixed unit, such as nanoseconds since the call.
    fn time_shares(&self, bars: &[Bar], clock: &dyn Fn() -> u64) -> Vec<(&'static str, f64)> {
        let _ = (bars, clock);
        Vec::new()
    }

    /// The whole state, with the identity of version, set and parameters, and a checksum.
    fn snapshot(&self) -> Vec<u8>;

    /// Continues from a snapshot of the same version, set and parameters.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such snapshot; the set is then as new.
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), RestoreError>;

    /// Forgets every event.
    fn reset(&mut self);
}

/// A parameter that a set does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamError {
    /// No such parameter.
    #[error("set {set} has no parameter {name:?}; it has: {known}")]
    Unknown {
        /// The set.
        set: &'static str,
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A value outside the limits.
    #[error("parameter {name} of set {set} is {found}; expected {min} to {max}")]
    OutOfRange {
        /// The set.
        set: &'static str,
        /// The parameter.
        name: &'static str,
        /// Smallest value accepted.
        min: u32,
        /// Largest value accepted.
        max: u32,
        /// The value given.
        found: u32,
    },
    /// Two parameters that exclude each other.
    #[error("parameters of set {set}: {rule}")]
    Rule {
        /// The set.
        set: &'static str,
        /// What must hold.
        rule: &'static str,
    },
}

/// An event that cannot follow those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The event is of another instrument or another grid.
    #[error(
        "the bar has {found}, but this instrument has {expected}: one engine holds one instrument on one grid"
    )]
    Grid {
        /// Grid of the events so far.
        expected: Grid,
        /// Grid of this one.
        found: Grid,
    },
    /// The event does not lie after the one before.
    #[error(
        "the bar closes at {found}, not after the bar before it at {previous}: bars come in order, each once"
    )]
    Order {
        /// Close of the bar before.
        previous: UnixNanos,
        /// Close of this bar.
        found: UnixNanos,
    },
    /// A position that is told too late or too early to know its entry bar.
    #[error(
        "the position was entered at {ts_entry}, not between {from} and {until}: tell a position before the first \
         bar that closes after its entry"
    )]
    Entry {
        /// Time of entry given.
        ts_entry: UnixNanos,
        /// The close of the last bar, or the open of the first.
        from: UnixNanos,
        /// The close of the bar it is told before.
        until: UnixNanos,
    },
    /// A kind of event the set is not made for.
    #[error("this set takes {expected} only")]
    Unsupported {
        /// What it takes.
        expected: &'static str,
    },
    /// More quantity in a bar than its numbers hold.
    #[error(
        "the bar in progress would hold more than 2^53 steps of quantity; write the quantities with fewer decimals"
    )]
    Volume,
    /// A book update that cannot be one.
    #[error("the book update is not as it must be: {reason}")]
    Book {
        /// What is the matter with it.
        reason: &'static str,
    },
}
