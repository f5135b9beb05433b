//! A snapshot that somebody altered and sealed again: refused, or run on without a panic and without a value that is
//! not finite. The seal is made anew, so that the state behind it is really read.

use feature_api::identity::sha256;
use feature_api::{FeatureSet, Row};
use market_data::MarketEvent;

use crate::support::{event_sets, run, small, takes, tapes};

/// Magic, source hash, schema hash: what is compared, not parsed.
const HEAD: usize = 8 + 32 + 32;

const PATTERNS: [u64; 9] = [
    0,
    u64::MAX,
    1 << 53,
    (1 << 62) - 1,
    i64::MAX as u64,
    (-(1_i64 << 53)) as u64,
    1,
    0x7fef_ffff_ffff_ffff,
    0x7e37_e43c_8800_759c,
];

const SMALL: [i64; 2] = [-400, 400];

fn sealed(mut body: Vec<u8>) -> Vec<u8> {
    let seal = sha256(&body);
    body.extend_from_slice(&seal.0);
    body
}

/// Restores an altered state and runs on; whether it was accepted.
fn survives(
    name: &str,
    set: &mut dyn FeatureSet,
    snapshot: &[u8],
    future: &[MarketEvent],
    what: &str,
) -> bool {
    if set.restore(snapshot).is_err() {
        return false;
    }
    let mut row = Row::new(set.schema().width());
    for event in future {
        if !takes(set, event) {
            continue;
        }
        match set.update(event.view(), &mut row) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(_) => break,
        }
        for (feature, cell) in set.schema().features().iter().zip(row.iter()) {
            assert!(cell.is_none_or(f64::is_finite), "{name}.{} is {cell:?} after {what}", feature.name);
        }
    }
    true
}

#[test]
fn an_altered_and_resealed_state_is_refused_or_harmless() {
    let tape = &tapes()[0];
    let (history, future) = (&tape[..900], &tape[900..912]);
    for name in event_sets() {
        let mut set = small(name);
        run(set.as_mut(), history);
        let snapshot = set.snapshot();
        let body = &snapshot[..snapshot.len() - 32];
        let (mut accepted, mut refused) = (0, 0);
        // Every 3rd offset meets every alignment; of the long lists of ids and levels a part is enough.
        for offset in (HEAD..body.len() - 8).step_by(1 + body.len() / 9_000 * 2 + 2) {
            let word: [u8; 8] = body[offset..offset + 8].try_into().unwrap();
            let near = SMALL.map(|change| u64::from_le_bytes(word).wrapping_add_signed(change));
            for pattern in near.iter().chain(&PATTERNS) {
                let mut altered = body.to_vec();
                altered[offset..offset + 8].copy_from_slice(&pattern.to_le_bytes());
                let what = format!("{pattern:#x} at byte {offset}");
                if survives(name, set.as_mut(), &sealed(altered), future, &what) {
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
