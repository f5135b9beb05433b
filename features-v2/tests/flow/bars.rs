//! When a row comes, and what is in it.

use feature_api::AggressorSide::{Buy, Sell};
use feature_api::{Event, FeatureSet as _, UnixNanos};
use features_v2::sets::Flow;

use crate::support::{MILLI, Run, delta, levels, snapshot, trade};

/// ln(1 + x) as a row has it.
fn ln_1p(x: f64) -> Option<f64> {
    Some(libm::log1p(x))
}

#[test]
fn a_bar_of_time_closes_with_the_next_trade_or_the_clock() {
    let mut run = Run::new(&[]);
    assert!(!run.take(Event::Trade(&trade(1_100, 1, 500, 2, Buy))));
    assert!(!run.take(Event::Trade(&trade(1_900, 2, 501, 3, Sell))));
    assert!(!run.take(Event::Clock(UnixNanos(1_999 * MILLI))));
    let mut late = trade(2_000, 3, 502, 10, Buy);
    late.ts_recv = UnixNanos(2_345 * MILLI);
    assert!(run.take(Event::Trade(&late)), "the first trade of the next second closes the bar");
    assert_eq!(run.row.ts_event, UnixNanos(1_900 * MILLI), "of the last trade inside");
    assert_eq!(run.row.ts_available, UnixNanos(2_345 * MILLI));
    assert_eq!(run.get("trade_imbalance"), Some(-0.2));
    assert_eq!(run.get("trade_rate_log"), ln_1p(2.0));
    assert_eq!(run.get("avg_trade_size"), Some(0.0025));
    assert!(run.take(Event::Clock(UnixNanos(3_000 * MILLI))), "or the clock");
    assert_eq!(run.row.ts_event, UnixNanos(2_000 * MILLI));
    assert_eq!(run.row.ts_available, UnixNanos(3_000 * MILLI));
    assert_eq!(run.get("trade_imbalance"), Some(1.0));
    assert!(!run.take(Event::Clock(UnixNanos(9_000 * MILLI))), "no trade, no bar");
    assert!(!run.take(Event::Trade(&trade(9_500, 4, 500, 1, Buy))));
}

/// A trade that completes a bar is in the bar, and in its buckets.
#[test]
fn bars_of_trades_hold_the_trade_that_closes_them() {
    let mut run = Run::new(&[("bar_kind", 2), ("bar_size", 2), ("vpin", 1), ("vpin_bucket", 10)]);
    assert!(!run.take(Event::Trade(&trade(1, 1, 500, 4, Buy))));
    assert!(run.take(Event::Trade(&trade(1, 2, 500, 6, Sell))));
    assert_eq!(run.get("vpin_50"), Some(0.2));
    assert_eq!(run.get("avg_trade_size"), Some(0.005));
    assert!(!run.take(Event::Trade(&trade(99_000, 3, 500, 9, Buy))));
    assert!(run.take(Event::Trade(&trade(99_000, 4, 500, 2, Buy))));
    assert_eq!(run.get("vpin_50"), Some(1.0), "nine and one of two");
}

/// A trade that closes a bar of time is in the next one.
#[test]
fn bars_of_time_do_not_hold_the_trade_that_closes_them() {
    let mut run = Run::new(&[("vpin", 1), ("vpin_bucket", 10)]);
    assert!(!run.take(Event::Trade(&trade(1, 1, 500, 10, Buy))));
    assert!(run.take(Event::Trade(&trade(1_001, 2, 500, 10, Sell))));
    assert_eq!(run.get("vpin_50"), Some(1.0));
    assert_eq!(run.get("trade_imbalance"), Some(1.0));
}

#[test]
fn every_kind_of_bar_makes_rows() {
    for (kind, size) in [(1, 100), (2, 7), (3, 1), (4, 50), (5, 20), (6, 20), (7, 20)] {
        let mut run = Run::new(&[("bar_kind", kind), ("bar_size", size)]);
        let mut rows = 0;
        for index in 0..4_000_u32 {
            let side = if index % 5 < 3 { Buy } else { Sell };
            let price = 10_000 + i64::from(index % 17);
            let print = trade(i64::from(index) * 10, u64::from(index), price, i64::from(index % 90), side);
            rows += u32::from(run.take(Event::Trade(&print)));
        }
        assert!(rows > 20, "kind {kind}: {rows}");
        assert!(run.get("yang_zhang_20").is_some());
    }
}

/// The book of a row is the one before the event that closes the bar; its flow is that since the close before.
#[test]
fn order_flow_is_summed_from_close_to_close() {
    let mut run = Run::new(&[]);
    let second = |run: &mut Run, ms: i64| run.take(Event::Trade(&trade(ms, ms.unsigned_abs(), 500, 1, Buy)));
    let (bids, asks) = (levels(&[(499, 10), (498, 5)]), levels(&[(501, 20), (502, 5)]));
    assert!(!second(&mut run, 100));
    run.take(Event::BookSnapshot(snapshot(1, &bids, &asks)));
    assert!(second(&mut run, 1_100));
    assert_eq!(run.get("spread_bps"), Some(40.0));
    assert_eq!(run.get("book_imbalance_1"), Some(-10.0 / 30.0));
    assert_eq!(run.get("book_imbalance_5"), None, "two levels are known");
    assert_eq!(run.get("depth_10_log"), None);
    assert_eq!(run.get("ofi_1"), None, "no change was seen yet");
    let update = |run: &mut Run, id: u64, bids: &[(i64, i64)], asks: &[(i64, i64)]| {
        assert!(!run.take(Event::BookDelta(delta((id, id, None), &levels(bids), &levels(asks)))));
    };
    // A better bid brings all of its 7; the ask at its price loses 4: together 11.
    update(&mut run, 2, &[(500, 7)], &[]);
    update(&mut run, 3, &[], &[(501, 16)]);
    assert!(second(&mut run, 2_100));
    assert_eq!(run.get("ofi_1"), Some(0.011));
    // Mean of (7 + 20)/2 and (7 + 16)/2.
    assert_eq!(run.get("ofi_1_norm"), Some(11.0 / 12.5));
    assert_eq!(run.get("ofi_multi_5"), None);
    // Microprice 500 + 7/23, mid 500.5: −9/46 of 500.5.
    assert_eq!(run.get("microprice_offset_bps"), Some(-90_000.0 / (46.0 * 500.5)));
    assert!(second(&mut run, 3_100));
    assert_eq!((run.get("ofi_1"), run.get("ofi_1_norm")), (Some(0.0), Some(0.0)), "no book event");
    // A change behind the best level is an event without flow at it.
    update(&mut run, 4, &[(498, 9)], &[]);
    assert!(second(&mut run, 4_100));
    assert_eq!(run.get("ofi_1"), Some(0.0));
    // The best bid leaves, taking all of its 7; the next one was there before.
    update(&mut run, 5, &[(500, 0)], &[]);
    assert!(second(&mut run, 5_100));
    assert_eq!(run.get("ofi_1"), Some(-0.007));
    assert_eq!(run.get("ofi_1_norm"), Some(-7.0 / 13.0));
}

/// Five levels by rank: each flow over its own mean depth, in order.
#[test]
fn deeper_order_flow_is_by_rank() {
    let mut run = Run::new(&[]);
    let side = |from: i64, step: i64, quantity: i64| -> Vec<(i64, i64)> {
        (0..5).map(|rank| (from + step * rank, quantity + rank)).collect()
    };
    run.take(Event::BookSnapshot(snapshot(1, &levels(&side(500, -1, 10)), &levels(&side(510, 1, 10)))));
    // The third bid loses 4 of its 12.
    run.take(Event::BookDelta(delta((2, 2, None), &levels(&[(498, 8)]), &[])));
    assert!(!run.take(Event::Trade(&trade(100, 1, 505, 1, Buy))));
    assert!(run.take(Event::Trade(&trade(1_100, 2, 505, 1, Buy))));
    assert_eq!((run.get("ofi_1"), run.get("ofi_1_norm")), (Some(0.0), Some(0.0)));
    // Mean of (12 + 12)/2 and (8 + 12)/2.
    assert_eq!(run.get("ofi_multi_5"), Some(-4.0 / 11.0));
    // A new best bid moves every rank: rank 1 is better, and each below has a better price too.
    run.take(Event::BookDelta(delta((3, 3, None), &levels(&[(501, 20)]), &[])));
    assert!(run.take(Event::Trade(&trade(2_100, 3, 505, 1, Buy))));
    let expected = [(20.0, 10.0), (10.0, 11.0), (11.0, 12.0), (8.0, 13.0), (13.0, 14.0)]
        .iter()
        .fold(0.0, |sum, (bid, ask)| sum + bid / ((bid + ask) / 2.0));
    let found = run.get("ofi_multi_5").unwrap();
    assert!((found - expected).abs() < 1e-14, "{found} {expected}");
}

/// The state of a bar in progress, its book and its flow continue from a snapshot of the set.
#[test]
fn a_restored_set_continues() {
    let mut run = Run::new(&[]);
    run.take(Event::BookSnapshot(snapshot(1, &levels(&[(499, 10)]), &levels(&[(501, 20)]))));
    run.take(Event::Trade(&trade(100, 1, 500, 7, Buy)));
    run.take(Event::BookDelta(delta((2, 2, None), &levels(&[(499, 15)]), &[])));
    let saved = run.set.snapshot();
    let mut other = Run { set: Flow::new(&[]).unwrap(), row: run.row.clone() };
    other.set.restore(&saved).unwrap();
    assert_eq!(other.set.snapshot(), saved);
    for run in [&mut run, &mut other] {
        assert!(run.take(Event::Trade(&trade(1_100, 2, 500, 1, Sell))));
        assert_eq!((run.get("ofi_1"), run.get("trade_imbalance")), (Some(0.005), Some(1.0)));
    }
    let bits = |run: &Run| run.row.iter().map(|cell| cell.map(f64::to_bits)).collect::<Vec<_>>();
    assert_eq!(bits(&run), bits(&other));
}
