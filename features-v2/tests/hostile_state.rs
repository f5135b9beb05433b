//! A snapshot that somebody altered and sealed again: refused, or run on without a panic and without a value that
//! is not finite. The seal is made anew, so that the state behind it is really read.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use feature_api::identity::sha256;
use feature_api::{Bar, Event, FeatureSet, Position, Row, Side};
use features_v2::{SETS, by_name};
use testkit::inputs::walk_bars;

/// Magic, source hash, schema hash: what is compared, not parsed.
const HEAD: usize = 8 + 32 + 32;

const PATTERNS: [u64; 11] = [
    0,
    u64::MAX,
    1 << 53,
    (1 << 62) - 1,
    i64::MAX as u64,
    (-(1_i64 << 53)) as u64,
    // 5e-324, 1e-310, the largest float, its negative, 1e300.
    1,
    20_240_225_330_731,
    0x7fef_ffff_ffff_ffff,
    0xffef_ffff_ffff_ffff,
    0x7e37_e43c_8800_759c,
];

const SMALL: [i64; 4] = [-7_000, -400, 400, 7_000];

fn sealed(mut body: Vec<u8>) -> Vec<u8> {
    let seal = sha256(&body);
    body.extend_from_slice(&seal.0);
    body
}

fn warm(set: &mut dyn FeatureSet, bars: &[Bar]) {
    let mut row = Row::new(set.schema().width());
    if set.schema().takes_position() {
        let entered =
            Position { side: Side::Short, entry_price: bars[0].close(), ts_entry: bars[0].ts_open() };
        set.update(Event::Position(Some(entered)), &mut row).unwrap();
    }
    for bar in bars {
        set.update(Event::Bar(bar), &mut row).unwrap();
    }
}

/// Restores an altered state and runs on; whether it was accepted.
fn survives(name: &str, set: &mut dyn FeatureSet, snapshot: &[u8], bars: &[Bar], what: &str) -> bool {
    if set.restore(snapshot).is_err() {
        return false;
    }
    let mut row = Row::new(set.schema().width());
    for bar in bars {
        if set.update(Event::Bar(bar), &mut row).is_err() {
            break;
        }
        for (feature, cell) in set.schema().features().iter().zip(row.iter()) {
            assert!(cell.is_none_or(f64::is_finite), "{name}.{} is {cell:?} after {what}", feature.name);
        }
    }
    true
}

#[test]
fn an_altered_and_resealed_state_is_refused_or_harmless() {
    let bars = walk_bars(900, 21);
    let (history, future) = bars.split_at(880);
    for name in SETS {
        let mut set = by_name(name, &[]).unwrap();
        warm(set.as_mut(), history);
        let snapshot = set.snapshot();
        let body = &snapshot[..snapshot.len() - 32];
        let (mut accepted, mut refused) = (0, 0);
        // Every third offset meets every alignment. A small change at every offset meets every number of the
        // state, and makes one that is possible by itself but does not fit the others.
        for offset in HEAD..body.len() - 8 {
            let word: [u8; 8] = body[offset..offset + 8].try_into().unwrap();
            let near = SMALL.map(|change| u64::from_le_bytes(word).wrapping_add_signed(change));
            let far = if offset % 3 == 0 { PATTERNS.as_slice() } else { &[] };
            for pattern in near.iter().chain(far) {
                let mut altered = body.to_vec();
                altered[offset..offset + 8].copy_from_slice(&pattern.to_le_bytes());
                let what = format!("{pattern:#x} at byte {offset}");
                if survives(name, set.as_mut(), &sealed(altered), &future[..4], &what) {
                    accepted += 1;
                } else {
                    refused += 1;
                }
            }
        }
        assert!(accepted > 100 && refused > 100, "{name}: {accepted} accepted, {refused} refused");
        // The seal this test makes is the right one: the state as it was goes on.
        assert!(survives(name, set.as_mut(), &sealed(body.to_vec()), future, "nothing"));
    }
}

#[test]
fn a_broken_seal_is_refused_before_anything_is_read() {
    let bars = walk_bars(100, 22);
    for name in SETS {
        let mut set = by_name(name, &[]).unwrap();
        warm(set.as_mut(), &bars);
        let mut snapshot = set.snapshot();
        let last = snapshot.len() - 1;
        snapshot[last] ^= 1;
        assert!(set.restore(&snapshot).is_err_and(|error| error.to_string().contains("checksum")), "{name}");
    }
}
