//! Rules about snapshots.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feature_api::{Columns, FeatureSet, RestoreError};

use super::SetCase;
use super::run::{compare, feed};
use crate::inputs::SplitMix;
use crate::report::{broken, panic_text, spread};

/// Rows that are run on after each restore; after a few, all.
const HORIZON: usize = 48;

fn restore<S: FeatureSet>(
    case: &SetCase<'_>,
    rule: &str,
    at: usize,
    set: &mut S,
    bytes: &[u8],
) -> Result<(), RestoreError> {
    catch_unwind(AssertUnwindSafe(|| set.restore(bytes)))
        .unwrap_or_else(|panic| broken(case.name, rule, at, "no panic from restore", panic_text(&*panic)))
}

/// At every row: a set restored from the snapshot goes on as if nothing had happened.
pub(super) fn continues<S: FeatureSet>(case: &SetCase<'_>, reference: &Columns) {
    const RULE: &str = "snapshot and restore = uninterrupted";
    let rows = case.bars.len();
    let stride = case.stride.max(1);
    let to_the_end = spread(rows, 5, &[1]);
    let mut running = case.fresh::<S>();
    for at in 0..rows {
        let full = to_the_end.contains(&at);
        if full || at.is_multiple_of(stride) {
            let bytes = running.snapshot();
            let check = |set: &mut S, end: usize| {
                if let Err(error) = restore(case, RULE, at, set, &bytes) {
                    broken(case.name, RULE, at, "the snapshot to be restored", error);
                }
                if set.snapshot() != bytes {
                    broken(case.name, RULE, at, "the restored set to give the same snapshot", "another");
                }
                let rule = format!("{RULE} (after {at} bars)");
                compare::<S>(case, &rule, reference, at, &feed(case, set, at..end.min(rows)));
            };
            check(&mut case.fresh::<S>(), at + HORIZON);
            if full {
                let mut used = case.fresh::<S>();
                feed(case, &mut used, 0..rows / 2);
                check(&mut used, rows);
            }
        }
        let found = feed(case, &mut running, at..at + 1);
        compare::<S>(case, "a snapshot changes nothing", reference, at, &found);
    }
}

/// Snapshots cut short, prolonged or flipped are refused, without a panic, and leave the set as new.
pub(super) fn damage_is_refused<S: FeatureSet>(case: &SetCase<'_>) {
    const RULE: &str = "a damaged snapshot is refused";
    let mut random = SplitMix::new(0x5eed);
    let rows = case.bars.len();
    let new = case.fresh::<S>().snapshot();
    for at in [0, rows / 2, rows - 1] {
        let mut running = case.fresh::<S>();
        feed(case, &mut running, 0..at);
        let bytes = running.snapshot();
        // The ends at every byte, the rest spread.
        let ends: Vec<usize> = (0..64).chain(bytes.len().saturating_sub(64)..bytes.len()).collect();
        let looked_at = spread(bytes.len(), 400, &ends);
        let mut refused = |what: String, damaged: &[u8]| {
            if restore(case, RULE, at, &mut running, damaged).is_ok() {
                broken(case.name, RULE, at, format!("an error for a snapshot {what}"), "it restored");
            }
            if running.snapshot() != new {
                broken(
                    case.name,
                    RULE,
                    at,
                    format!("the set as new after a snapshot {what}"),
                    "another state",
                );
            }
            restore(case, RULE, at, &mut running, &bytes)
                .unwrap_or_else(|error| broken(case.name, RULE, at, "the whole snapshot to restore", error));
        };
        for length in looked_at.iter().copied() {
            refused(format!("cut to {length} of {} bytes", bytes.len()), &bytes[..length]);
        }
        for position in looked_at.iter().copied() {
            let mut flipped = bytes.clone();
            flipped[position] ^= 1 << (random.next_u64() % 8);
            refused(format!("with a bit of byte {position} flipped"), &flipped);
        }
        let mut longer = bytes.clone();
        longer.push(0);
        refused("with a byte too many".to_owned(), &longer);
    }
}
