//! Any bytes as a snapshot of a feature set: `restore` takes them or refuses them, never with a panic, and a set
//! that took them goes on: 700 bars give rows whose valid cells are finite, and its own snapshot restores to itself.
//!
//! Bytes: set and start, stream of the bars that follow, then the snapshot (start 0) or the changes to a valid
//! one, whose checksum is made right again so that the state itself is read.
#![no_main]

use std::sync::LazyLock;

use feature_api::identity::sha256;
use feature_api::{Bar, BarFields, Event, FeatureSet, Position, Row, UnixNanos, UpdateError};
use features_v1::{SETS, by_name};
use libfuzzer_sys::fuzz_target;
use testkit::inputs::{Stream, Takers, bars, walk_positions};

/// Bars that follow a restore: more than the longest window.
const FOLLOWING: usize = 700;
/// Bars before the snapshots: not warm, warm, warm and then without any move.
const STARTS: [(Stream, usize); 3] = [(Stream::Walk, 7), (Stream::Walk, 330), (Stream::Settling, 700)];
/// Magic, source hash and schema hash: any change there is refused before the state is read.
const IDENTITY: usize = 8 + 32 + 32;

/// Bars, and positions told before the bars of those indexes.
struct Events {
    bars: Vec<Bar>,
    positions: Vec<(usize, Option<Position>)>,
}

impl Events {
    fn of(stream: Stream, rows: usize) -> Self {
        let bars = bars(stream, rows, 1, Takers::Mixed);
        Self { positions: walk_positions(&bars, 2), bars }
    }
}

static STREAMS: LazyLock<Vec<Events>> =
    LazyLock::new(|| Stream::ALL.map(|stream| Events::of(stream, FOLLOWING)).into());

/// Snapshots of every set after every start, without the checksum.
static SNAPSHOTS: LazyLock<Vec<[Vec<u8>; STARTS.len()]>> = LazyLock::new(|| {
    let warm = |name: &str, (stream, rows)| {
        let mut set = by_name(name, &[]).expect("a set of the version");
        follow(&mut *set, &Events::of(stream, rows));
        let mut bytes = set.snapshot();
        bytes.truncate(bytes.len() - 32);
        bytes
    };
    SETS.iter().map(|name| STARTS.map(|start| warm(name, start))).collect()
});

/// The bar on another grid and at another time; `None` where that time is out of range.
fn moved(bar: &Bar, grid: feature_api::Grid, shift: i64) -> Option<Bar> {
    let fields = *bar.fields();
    let later = |ts: UnixNanos| ts.0.checked_add(shift).map(UnixNanos);
    Bar::new(BarFields {
        grid,
        ts_open: later(fields.ts_open)?,
        ts_close: later(fields.ts_close)?,
        ts_available: later(fields.ts_available)?,
        ..fields
    })
    .ok()
}

/// Runs events through the set, on the grid and after the time that it has.
fn follow(set: &mut dyn FeatureSet, events: &Events) {
    let mut row = Row::new(set.schema().width());
    let mut positions = events.positions.iter().peekable();
    let (mut grid, mut shift) = (events.bars[0].grid(), 0);
    for (index, bar) in events.bars.iter().enumerate() {
        while let Some((_, position)) = positions.next_if(|(at, _)| *at <= index) {
            // Core and entry take none.
            let _ = set.update(Event::Position(*position), &mut row);
        }
        loop {
            let Some(bar) = moved(bar, grid, shift) else { return };
            match set.update(Event::Bar(&bar), &mut row) {
                Ok(done) => {
                    assert!(done);
                    break;
                }
                Err(UpdateError::Grid { expected, .. }) if expected != grid => grid = expected,
                Err(UpdateError::Order { previous, .. }) if previous >= bar.ts_close() => {
                    let Some(by) = previous.0.checked_sub(bar.ts_open().0) else { return };
                    let Some(by) = shift.checked_add(by) else { return };
                    shift = by;
                }
                // A forged time makes the position one of another time than the bars: it is closed, once.
                Err(UpdateError::Entry { .. }) => {
                    assert_eq!(set.update(Event::Position(None), &mut row), Ok(false));
                }
                Err(error) => panic!("{error}"),
            }
        }
        for (cell, feature) in row.iter().zip(set.schema().features()) {
            assert!(cell.is_none_or(f64::is_finite), "bar {index}: {} is {cell:?}", feature.name);
        }
    }
}

/// Numbers at the limits of what a state may hold.
const LIMITS: [i128; 14] = [
    0,
    1,
    -1,
    1 << 26,
    1 << 53,
    -(1 << 53),
    (1 << 53) + 1,
    (1 << 62) - 1,
    i64::MAX as i128,
    i64::MIN as i128,
    1 << 96,
    -(1 << 116),
    i128::MAX,
    i128::MIN,
];
const FLOATS: [f64; 10] = [0.0, -0.0, 5e-324, 1e-300, 1.0, 1e15, 1e300, f64::MAX, f64::MIN, f64::NAN];

/// Changes a state: offset, kind, what to write.
fn change(state: &mut Vec<u8>, mut edits: &[u8]) {
    while let [high, low, kind, value, rest @ ..] = edits {
        edits = rest;
        let offset =
            IDENTITY + usize::from(u16::from_be_bytes([*high, *low])) % (state.len() - IDENTITY).max(1);
        let index = usize::from(*value);
        let bytes: Vec<u8> = match kind % 8 {
            0 => vec![*value],
            1 | 2 => {
                let count = (8 * usize::from(kind % 8)).min(edits.len());
                let (bytes, rest) = edits.split_at(count);
                edits = rest;
                bytes.to_vec()
            }
            3 => (LIMITS[index % LIMITS.len()] as i64).to_le_bytes().to_vec(),
            4 => LIMITS[index % LIMITS.len()].to_le_bytes().to_vec(),
            5 => FLOATS[index % FLOATS.len()].to_le_bytes().to_vec(),
            6 => match state.get(offset..).and_then(|left| left.first_chunk()) {
                // A little more or less.
                Some(word) => {
                    let by = i64::from(value.cast_signed());
                    i64::from_le_bytes(*word).wrapping_add(by).to_le_bytes().to_vec()
                }
                None => continue,
            },
            _ => {
                // Shorter by a little.
                state.truncate((state.len() - index % 16).max(IDENTITY + 1));
                continue;
            }
        };
        for (old, new) in state.iter_mut().skip(offset).zip(bytes) {
            *old = new;
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let [start, stream, rest @ ..] = bytes else { return };
    let (name, start) = (usize::from(*start) % SETS.len(), usize::from(*start) / SETS.len());
    let mut set = by_name(SETS[name], &[]).expect("a set of the version");
    let snapshot = match (start % (STARTS.len() + 1)).checked_sub(1) {
        None => rest.to_vec(),
        Some(start) => {
            let mut state = SNAPSHOTS[name][start].clone();
            change(&mut state, rest);
            let checksum = sha256(&state);
            state.extend_from_slice(&checksum.0);
            state
        }
    };
    if set.restore(&snapshot).is_ok() {
        // Not the bytes it was given: what no run writes, such as a value where a flag says there is none, may be
        // read as the state it stands for.
        let taken = set.snapshot();
        set.restore(&taken).expect("a set's own snapshot");
        assert!(set.snapshot() == taken, "a set's own snapshot is not restored to itself");
        follow(&mut *set, &STREAMS[usize::from(*stream) % STREAMS.len()]);
    }
});
