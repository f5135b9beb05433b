//! Snapshots: at every event, of other sets, and forged.

use feature_api::identity::sha256;
use feature_api::{
    AggressorSide, Columns, Event, FeatureSet as _, RestoreError, Row, Trade, UnixNanos, UpdateError,
};
use features_v2::Multires;

use crate::reference::{bits, fresh, rows_of};
use crate::trades::{Sizes, trade, walk};

/// Small bars of which every clock closes some.
fn sizes() -> Sizes {
    Sizes { short_quote: 60_000, medium_shorts: 2, long_mediums: 3, seconds: [60, 300, 1_800] }
}

/// The rows of trades with a tick of the clock before every fifth; `between` is called after each event.
fn run(set: &mut Multires, trades: &[Trade], mut between: impl FnMut(&mut Multires)) -> Columns {
    let (mut row, mut rows) = (Row::new(set.schema().width()), Columns::new(set.schema().width()));
    for trade in trades {
        if trade.trade_id.is_multiple_of(5) {
            assert_eq!(set.update(Event::Clock(trade.ts_event), &mut row), Ok(false));
            between(set);
        }
        if set.update(Event::Trade(trade), &mut row).unwrap() {
            rows.push(&row);
        }
        between(set);
    }
    rows
}

#[test]
fn a_restart_after_every_event_changes_nothing() {
    let trades = walk(1_500, 1, 21);
    let expected = run(&mut fresh(&sizes()), &trades, |_| ());
    assert!(expected.len() > 500);
    let found = run(&mut fresh(&sizes()), &trades, |set| {
        let snapshot = set.snapshot();
        *set = fresh(&sizes());
        set.restore(&snapshot).unwrap();
        assert!(set.snapshot() == snapshot, "a restored set writes the snapshot it was made from");
    });
    assert_eq!(found.len(), expected.len());
    for row in 0..expected.len() {
        assert_eq!(bits(&found, row), bits(&expected, row), "row {row}");
        assert_eq!(found.ts_available[row], expected.ts_available[row]);
    }
}

#[test]
fn a_reset_set_is_new() {
    let trades = walk(600, 1, 22);
    let mut set = fresh(&sizes());
    let new = set.snapshot();
    let expected = rows_of(&mut set, &trades);
    set.reset();
    assert!(set.snapshot() == new);
    assert_eq!(rows_of(&mut set, &trades).len(), expected.len());
}

#[test]
fn snapshots_of_other_parameters_and_damaged_ones_are_refused() {
    let trades = walk(600, 1, 23);
    let mut set = fresh(&sizes());
    rows_of(&mut set, &trades);
    let snapshot = set.snapshot();
    let mut other = fresh(&Sizes { medium_shorts: 3, ..sizes() });
    assert!(matches!(other.restore(&snapshot), Err(RestoreError::Mismatch { .. })));
    for end in (0..snapshot.len()).step_by(61) {
        assert!(set.restore(&snapshot[..end]).is_err());
    }
    for index in (0..snapshot.len()).step_by(61) {
        let mut damaged = snapshot.clone();
        damaged[index] ^= 1;
        assert!(set.restore(&damaged).is_err(), "byte {index}");
    }
    assert_eq!(set.restore(&snapshot), Ok(()));
}

/// Magic, source hash, schema hash: what is compared, not parsed.
const HEAD: usize = 8 + 32 + 32;

/// Numbers that a state cannot hold or hardly holds, and such near those it does.
fn patterns(word: u64) -> [u64; 8] {
    [
        0,
        u64::MAX,
        1 << 53,
        i64::MAX as u64,
        0x7fef_ffff_ffff_ffff,
        1,
        word.wrapping_add(400),
        word.wrapping_sub(7_000),
    ]
}

#[test]
fn an_altered_and_resealed_state_is_refused_or_harmless() {
    let trades = walk(1_600, 1, 24);
    let (history, future) = trades.split_at(1_590);
    let mut set = fresh(&sizes());
    rows_of(&mut set, history);
    let snapshot = set.snapshot();
    let body = &snapshot[..snapshot.len() - 32];
    let (mut accepted, mut refused) = (0, 0);
    let mut row = Row::new(set.schema().width());
    // The ids of the trades are at the beginning: they are the tape's affair.
    for offset in (HEAD + 8 * 1_590..body.len() - 8).step_by(11) {
        let word: [u8; 8] = body[offset..offset + 8].try_into().unwrap();
        for pattern in patterns(u64::from_le_bytes(word)) {
            let mut altered = body.to_vec();
            altered[offset..offset + 8].copy_from_slice(&pattern.to_le_bytes());
            let seal = sha256(&altered);
            altered.extend_from_slice(&seal.0);
            if set.restore(&altered).is_err() {
                refused += 1;
                continue;
            }
            accepted += 1;
            for trade in future {
                if set.update(Event::Trade(trade), &mut row).is_err() {
                    break;
                }
                let infinite = row.iter().flatten().find(|cell| !cell.is_finite());
                assert_eq!(infinite, None, "after {pattern:#x} at byte {offset}");
            }
        }
    }
    assert!(accepted > 1_000 && refused > 1_000, "{accepted} accepted, {refused} refused");
}

#[test]
fn nothing_is_allocated_once_warm() {
    let trades = walk(30_000, 4, 25);
    let (history, rest) = trades.split_at(15_000);
    let mut set = fresh(&sizes());
    rows_of(&mut set, history);
    let mut row = Row::new(set.schema().width());
    let counted = allocation_counter::measure(|| {
        for trade in rest {
            let _ = std::hint::black_box(set.update(Event::Trade(trade), &mut row));
        }
    });
    assert!(row.is_complete(), "every feature was computed");
    assert_eq!(counted.count_total, 0);
}

#[test]
fn quantity_that_does_not_fit_the_coarsest_bar_is_refused_and_changes_nothing() {
    // At a price of 0 no short bar ever closes; the four hours hold what the minutes held.
    let of = |id: u64, minute: i64| {
        trade(id, minute * 60_000_000_000, 0, feature_api::MAX_RAW / 4, AggressorSide::Buy)
    };
    let mut set = fresh(&Sizes::of(1_000));
    let mut row = Row::new(set.schema().width());
    for id in 1..=4 {
        assert_eq!(set.update(Event::Trade(&of(id, id.cast_signed())), &mut row), Ok(false));
    }
    let before = set.snapshot();
    assert_eq!(set.update(Event::Trade(&of(5, 5)), &mut row), Err(UpdateError::Volume));
    assert!(set.snapshot() == before);
    let nothing = trade(6, 7 * 60_000_000_000, 0, 0, AggressorSide::Sell);
    assert_eq!(set.update(Event::Trade(&nothing), &mut row), Ok(false));
    assert_eq!(set.update(Event::Clock(UnixNanos(i64::MAX)), &mut row), Ok(false));
}
