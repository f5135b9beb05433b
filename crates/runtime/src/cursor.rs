//! Where in a stream of events a bot is.

use feature_api::{Event, RestoreError, StateReader, StateWriter, UnixNanos};

/// Where in a stream of events a bot is: the running maximum of when the events were known, and how many have come since
/// it became that. Events have no numbers of their own, and many share a millisecond; told so, the same place is found
/// again in any stream that begins no later.
///
/// A place is less than another where it comes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cursor {
    /// `None` before the first event.
    known: Option<UnixNanos>,
    /// That which made it so counted.
    events: u64,
}

impl Cursor {
    /// Moves beyond an event.
    pub fn pass(&mut self, event: &Event<'_>) {
        let known = known(event);
        if self.known.is_none_or(|before| known.is_some_and(|known| known > before)) {
            *self = Self { known: Some(known.unwrap_or_default()), events: 1 };
        } else {
            self.events += 1;
        }
    }

    /// When everything before it was known; `None` at the beginning.
    #[must_use]
    pub const fn known(&self) -> Option<UnixNanos> {
        self.known
    }

    pub(crate) fn save(self, state: &mut StateWriter) {
        state.write_bool(self.known.is_some());
        state.write_i64(self.known.unwrap_or_default().0);
        state.write_u64(self.events);
    }

    pub(crate) fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let (is_there, known, events) = (state.read_bool()?, state.read_i64()?, state.read_u64()?);
        // Beyond 2^62 events a count would not be one.
        let is_count = (1..1 << 62).contains(&events);
        if if is_there { is_count } else { known == 0 && events == 0 } {
            return Ok(Self { known: is_there.then_some(UnixNanos(known)), events });
        }
        Err(RestoreError::Invalid { what: "a place in a stream of events" })
    }
}

/// When an event was known; `None` of what is no event of a market.
fn known(event: &Event<'_>) -> Option<UnixNanos> {
    match event {
        Event::Trade(trade) => Some(trade.ts_known()),
        Event::BookSnapshot(snapshot) => Some(snapshot.ts_event.max(snapshot.ts_recv)),
        Event::BookDelta(delta) => Some(delta.ts_event.max(delta.ts_recv)),
        Event::Clock(time) => Some(*time),
        Event::Bar(bar) => Some(bar.ts_available()),
        Event::Position(_) | _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When events were known: several at a time, and a receiver whose clock goes back.
    const KNOWN: [i64; 12] = [-7, -7, 3, 5, 5, 4, 5, 9, 8, 9, 9, 12];

    fn places(known: &[i64]) -> Vec<Cursor> {
        let mut cursor = Cursor::default();
        let mut place = |known: &i64| {
            cursor.pass(&Event::Clock(UnixNanos(*known)));
            cursor
        };
        known.iter().map(&mut place).collect()
    }

    #[test]
    fn a_stream_that_begins_no_later_finds_the_place_again() {
        let places = places(&KNOWN);
        assert!(places.is_sorted_by(|a, b| a < b) && Cursor::default() < places[0]);
        for (at, place) in places.iter().enumerate() {
            // It may begin with any event that is known no later, and before those of the same time.
            let latest = places.iter().position(|other| other.known == place.known).unwrap();
            for from in 0..=latest {
                let again = self::places(&KNOWN[from..]);
                let skipped = again.iter().filter(|other| *other <= place).count();
                assert_eq!(from + skipped, at + 1, "{at} from {from}");
            }
        }
    }

    #[test]
    fn it_is_read_back_and_nothing_else_is() {
        for place in places(&KNOWN).into_iter().chain([Cursor::default()]) {
            let mut state = StateWriter::new();
            place.save(&mut state);
            assert_eq!(Cursor::load(&mut StateReader::new(&state.into_bytes())), Ok(place));
        }
        for (is_there, known, events) in [(false, 1, 0), (false, 0, 1), (true, 5, 0), (true, 5, u64::MAX)] {
            let mut state = StateWriter::new();
            state.write_bool(is_there);
            state.write_i64(known);
            state.write_u64(events);
            let bytes = state.into_bytes();
            assert!(Cursor::load(&mut StateReader::new(&bytes)).is_err(), "{is_there} {known} {events}");
        }
    }
}
