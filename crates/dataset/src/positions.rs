//! Positions along a series of bars: when a set is told of them, made-up ones to train on, and what identifies them.

use std::num::NonZeroU32;

use feature_api::identity::{Hash, Hasher};
use feature_api::{Bar, Event, FeatureSet, Grid, Position, Row, Side, UnixNanos, UpdateError};
use market_data::PositionEvent;

/// Begins what is hashed, so that nothing else has the same hash.
const DOMAIN: &[u8] = b"isobar positions 1\n";

/// Tells a set changes of position as its bars come: each before the first bar that closes after it.
///
/// A bar holds the times from its open on and before its close. So a position that is entered at the open of a bar is
/// first seen by that bar's row, though the bar before closes at the same time: nobody who decided at that close had
/// the position.
#[derive(Debug, Clone)]
pub struct PositionFeed<'a> {
    /// The changes that have not been told yet.
    left: &'a [PositionEvent],
    open: Option<Position>,
}

/// A position that a set refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("position at {ts} ns: {source}")]
pub struct TellError {
    /// When it was changed.
    pub ts: UnixNanos,
    /// Why.
    pub source: UpdateError,
}

impl<'a> PositionFeed<'a> {
    /// A feed of these changes, in order of time.
    #[must_use]
    pub const fn new(events: &'a [PositionEvent]) -> Self {
        Self { left: events, open: None }
    }

    /// Tells `set` what changes before the first of `bars` closes, and parts the bars: those that see the same
    /// position, at least one where there are bars, and the rest.
    ///
    /// # Errors
    /// [`TellError`] where the set refuses a position, such as one entered before the first bar.
    pub fn tell<'b>(
        &mut self,
        set: &mut dyn FeatureSet,
        bars: &'b [Bar],
    ) -> Result<(&'b [Bar], &'b [Bar]), TellError> {
        let Some(first) = bars.first() else { return Ok((bars, bars)) };
        while let Some((event, later)) = self.left.split_first()
            && event.ts < first.ts_close()
        {
            let mut row = Row::new(set.schema().width());
            let told = set.update(Event::Position(event.position), &mut row);
            told.map_err(|source| TellError { ts: event.ts, source })?;
            self.open = event.position;
            self.left = later;
        }
        let until = self.left.first().map(|event| event.ts);
        let count = until.map_or(bars.len(), |ts| bars.partition_point(|bar| bar.ts_close() <= ts));
        Ok(bars.split_at(count))
    }

    /// What was told last.
    #[must_use]
    pub const fn open(&self) -> Option<Position> {
        self.open
    }

    /// Changes that have not been told.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.left.len()
    }
}

/// On which side positions that are made up are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldSides {
    /// Every one is long.
    Long,
    /// Every one is short.
    Short,
    /// Long and short in turn; the first is long.
    Both,
}

/// Positions to train on where there are no real ones: one after another over the whole series, from the first bar
/// on. Each is entered at the open of a bar, at its price, and held so many bars, that one among them; then one bar
/// has none. The last one stays open where the bars end.
#[must_use]
pub fn tile_positions(bars: &[Bar], hold: NonZeroU32, sides: HoldSides) -> Vec<PositionEvent> {
    let hold = usize::try_from(hold.get()).unwrap_or(usize::MAX);
    let mut events = Vec::new();
    for (index, tile) in bars.chunks(hold.saturating_add(1)).enumerate() {
        let Some(first) = tile.first() else { continue };
        let side = match sides {
            HoldSides::Long => Side::Long,
            HoldSides::Short => Side::Short,
            HoldSides::Both if index.is_multiple_of(2) => Side::Long,
            HoldSides::Both => Side::Short,
        };
        let ts = first.ts_open();
        let position = Position { side, entry_price: first.open(), ts_entry: ts };
        events.push(PositionEvent { ts, position: Some(position) });
        if let Some(flat) = tile.get(hold) {
            events.push(PositionEvent { ts: flat.ts_open(), position: None });
        }
    }
    events
}

/// sha256 over changes of position, whose prices are on that grid.
///
/// What is hashed: `isobar positions 1` and a line feed; the decimals of prices, a byte; then 25 bytes for each
/// change: its time as little-endian i64 in nanoseconds since 1970; a byte 0 for none, 1 for long, 2 for short; and
/// as little-endian i64 the entry price in steps of the grid and the time of entry, 0 for none.
#[must_use]
pub fn positions_hash(grid: Grid, events: &[PositionEvent]) -> Hash {
    let mut hasher = Hasher::new();
    hasher.update(DOMAIN);
    hasher.update(&[grid.price_scale()]);
    for PositionEvent { ts, position } in events {
        let (side, price, ts_entry) = match position {
            None => (0, 0, 0),
            Some(Position { side: Side::Long, entry_price, ts_entry }) => (1, entry_price.raw(), ts_entry.0),
            Some(Position { side: Side::Short, entry_price, ts_entry }) => (2, entry_price.raw(), ts_entry.0),
        };
        hasher.update(&ts.0.to_le_bytes());
        hasher.update(&[side]);
        hasher.update(&price.to_le_bytes());
        hasher.update(&ts_entry.to_le_bytes());
    }
    hasher.finish()
}
