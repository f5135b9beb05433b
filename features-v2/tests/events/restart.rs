//! Stopped after any event and restored elsewhere, a set goes on with the same bits.

use feature_api::Row;
use market_data::MarketEvent;

use crate::support::{Bits, captures, event_sets, run, small, step, tapes};

/// Restarts the set after each of the first `dense` events and after every `stride`-th later, each time into a fresh
/// one; the rows must be those of a run without a stop.
fn restarts(name: &str, events: &[MarketEvent], dense: usize, stride: usize, what: &str) {
    let mut whole = small(name);
    let expected = run(whole.as_mut(), events);
    // The token's trades are worth next to nothing: two bars of value.
    let least = if (name, what) == ("multires", "tape 2") { 2 } else { 20 };
    assert!(expected.len() >= least, "{name} on {what}: {} rows", expected.len());
    let mut set = small(name);
    let mut row = Row::new(set.schema().width());
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if step(set.as_mut(), event, &mut row) {
            found.push(Bits::of(index, &row));
        }
        if index < dense || index % stride == 0 {
            let snapshot = set.snapshot();
            let mut next = small(name);
            next.restore(&snapshot)
                .unwrap_or_else(|error| panic!("{name} on {what}, event {index}: {error}"));
            assert!(next.snapshot() == snapshot, "{name} on {what}, event {index}: another state");
            set = next;
        }
    }
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "{name} on {what}");
    }
    assert_eq!(found.len(), expected.len(), "{name} on {what}");
    assert_eq!(set.counters(), whole.counters(), "{name} on {what}");
    assert!(set.snapshot() == whole.snapshot(), "{name} on {what}: another state in the end");
}

#[test]
fn a_restart_after_any_event_of_the_tapes_changes_nothing() {
    for (index, tape) in tapes().iter().enumerate() {
        for name in event_sets() {
            restarts(name, tape, 700, 13, &format!("tape {index}"));
        }
    }
}

#[test]
fn a_restart_in_the_captures_changes_nothing() {
    for (capture, events) in captures("restarts of sets in recorded events") {
        for name in event_sets() {
            restarts(name, &events, 300, 211, capture);
        }
    }
}

#[test]
fn a_snapshot_of_other_parameters_or_a_damaged_one_is_refused() {
    let tape = &tapes()[0][..600];
    for name in event_sets() {
        let mut set = small(name);
        run(set.as_mut(), tape);
        let snapshot = set.snapshot();
        if name == "multires" {
            let mut other = features_v2::by_name(name, &[]).unwrap();
            assert!(matches!(other.restore(&snapshot), Err(feature_api::RestoreError::Mismatch { .. })));
        }
        for index in (0..snapshot.len()).step_by(7) {
            let mut damaged = snapshot.clone();
            damaged[index] ^= 1;
            let mut next = small(name);
            assert!(next.restore(&damaged).is_err(), "{name}: byte {index}");
            assert!(next.snapshot() == small(name).snapshot(), "{name}: byte {index} left something");
        }
        for length in (0..snapshot.len()).step_by(101) {
            assert!(small(name).restore(&snapshot[..length]).is_err(), "{name}: {length} bytes");
        }
    }
}
