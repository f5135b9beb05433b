//! Books that cannot be used, prices that do not move, bars of one side.

use feature_api::AggressorSide::{Buy, Sell};
use feature_api::{Event, FeatureSet as _, Level};

use crate::support::{Run, delta, levels, snapshot, trade};

const OF_BOOK: usize = 9;

fn ten(from: i64, step: i64) -> Vec<Level> {
    levels(&(0..10).map(|rank| (from + step * rank, 5 + rank)).collect::<Vec<_>>())
}

/// Closes the second before `ms`.
fn close(run: &mut Run, ms: i64) {
    assert!(run.take(Event::Trade(&trade(ms, ms.unsigned_abs(), 10_000, 1, Buy))), "{ms}");
}

/// Which of the features of the book are valid.
fn valid(run: &Run) -> Vec<&'static str> {
    let features = &run.set.schema().features()[..OF_BOOK];
    let is_valid = |index: &usize| run.row.get(*index).is_some();
    (0..OF_BOOK).filter(is_valid).map(|index| features[index].name).collect()
}

const STANDING: [&str; 6] = [
    "spread_bps",
    "book_imbalance_1",
    "book_imbalance_5",
    "book_imbalance_10",
    "microprice_offset_bps",
    "depth_10_log",
];

fn all() -> Vec<&'static str> {
    STANDING.into_iter().chain(["ofi_1", "ofi_1_norm", "ofi_multi_5"]).collect()
}

#[test]
fn without_a_book_its_features_are_not_valid_and_the_others_are() {
    let mut run = Run::new(&[]);
    for second in 0..60_i64 {
        let side = if second % 3 == 0 { Sell } else { Buy };
        run.take(Event::Trade(&trade(
            second * 1_000,
            second.unsigned_abs(),
            10_000 + second % 7,
            1_000,
            side,
        )));
    }
    assert_eq!(valid(&run), [""; 0]);
    assert_eq!((OF_BOOK..24).filter(|index| run.row.get(*index).is_none()).count(), 0);
}

#[test]
fn a_gap_makes_the_book_unusable_until_the_next_snapshot() {
    let mut run = Run::new(&[]);
    let (bids, asks) = (ten(9_999, -1), ten(10_001, 1));
    run.take(Event::Trade(&trade(0, 0, 10_000, 1, Buy)));
    run.take(Event::BookSnapshot(snapshot(10, &bids, &asks)));
    let update = |run: &mut Run, id: u64, quantity: i64| {
        run.take(Event::BookDelta(delta((id, id, None), &levels(&[(9_999, quantity)]), &[])));
    };
    update(&mut run, 11, 8);
    close(&mut run, 1_000);
    assert_eq!(valid(&run), all());
    update(&mut run, 12, 9);
    // Update 13 is missing.
    update(&mut run, 14, 9);
    close(&mut run, 2_000);
    assert_eq!(valid(&run), [""; 0]);
    update(&mut run, 15, 9);
    close(&mut run, 3_000);
    assert_eq!(valid(&run), [""; 0]);
    assert_eq!((run.counter("book_gaps"), run.counter("book_unusable")), (1, 1));
    run.take(Event::BookSnapshot(snapshot(20, &bids, &asks)));
    close(&mut run, 4_000);
    assert_eq!(valid(&run), STANDING, "what changed during the gap is not known");
    update(&mut run, 21, 6);
    close(&mut run, 5_000);
    assert_eq!(valid(&run), all());
    assert_eq!(run.get("ofi_1"), Some(0.001), "from the snapshot on");
    // An old delta is no event.
    update(&mut run, 21, 100);
    close(&mut run, 6_000);
    assert_eq!((run.get("ofi_1"), run.counter("book_old")), (Some(0.0), 1));
}

#[test]
fn a_crossed_book_is_not_used() {
    let mut run = Run::new(&[]);
    let (bids, asks) = (ten(9_999, -1), ten(10_001, 1));
    run.take(Event::Trade(&trade(0, 0, 10_000, 1, Buy)));
    run.take(Event::BookSnapshot(snapshot(10, &bids, &asks)));
    run.take(Event::BookDelta(delta((11, 11, None), &levels(&[(10_001, 1)]), &[])));
    close(&mut run, 1_000);
    assert_eq!((valid(&run), run.counter("book_crossed")), (vec![], 1));
    run.take(Event::BookDelta(delta((12, 12, None), &levels(&[(10_001, 0)]), &[])));
    close(&mut run, 2_000);
    assert_eq!((valid(&run), run.counter("book_unusable")), (vec![], 1));
    run.take(Event::BookSnapshot(snapshot(13, &ten(10_001, -1), &asks)));
    close(&mut run, 3_000);
    assert_eq!((valid(&run), run.counter("book_crossed")), (vec![], 2));
    run.take(Event::BookSnapshot(snapshot(14, &bids, &asks)));
    close(&mut run, 4_000);
    assert_eq!(valid(&run), STANDING);
}

#[test]
fn a_book_of_one_side_has_no_features_of_two() {
    let mut run = Run::new(&[]);
    run.take(Event::Trade(&trade(0, 0, 10_000, 1, Buy)));
    run.take(Event::BookSnapshot(snapshot(10, &ten(9_999, -1), &[])));
    close(&mut run, 1_000);
    assert_eq!(valid(&run), [""; 0]);
    // Asks come, one level first: what needs more of them is still not valid.
    run.take(Event::BookDelta(delta((11, 11, None), &[], &levels(&[(10_001, 4)]))));
    close(&mut run, 2_000);
    assert_eq!(valid(&run), ["spread_bps", "book_imbalance_1", "microprice_offset_bps"]);
    run.take(Event::BookDelta(delta((12, 12, None), &[], &levels(&[(10_001, 6)]))));
    close(&mut run, 3_000);
    assert_eq!(
        valid(&run),
        ["spread_bps", "book_imbalance_1", "microprice_offset_bps", "ofi_1", "ofi_1_norm"]
    );
    assert_eq!(run.get("ofi_1"), Some(-0.002));
    // The side leaves and comes back: that is no change of a level that stood.
    run.take(Event::BookDelta(delta((13, 13, None), &[], &levels(&[(10_001, 0)]))));
    run.take(Event::BookDelta(delta((14, 14, None), &[], &levels(&[(10_001, 6)]))));
    close(&mut run, 4_000);
    assert_eq!(valid(&run), ["spread_bps", "book_imbalance_1", "microprice_offset_bps"]);
}

/// Where nothing moves every measure of movement is 0, and none is missing.
#[test]
fn flat_prices_have_no_volatility_and_no_impact() {
    let mut run = Run::new(&[]);
    for second in 0..70_i64 {
        let side = if second % 3 == 0 { Sell } else { Buy };
        run.take(Event::Trade(&trade(second * 1_000, second.unsigned_abs(), 10_000, 1_000 + second, side)));
    }
    for name in [
        "kyle_lambda_50",
        "amihud_50",
        "roll_spread_50",
        "realized_vol_20",
        "bipower_20",
        "jump_20",
        "parkinson_20",
        "garman_klass_20",
        "rogers_satchell_20",
        "yang_zhang_20",
    ] {
        assert_eq!(run.get(name).map(f64::to_bits), Some(0), "{name}");
    }
}

#[test]
fn bars_of_one_side_are_at_the_ends() {
    for (side, sign) in [(Buy, 1.0), (Sell, -1.0)] {
        let mut run = Run::new(&[]);
        for second in 0..80_i64 {
            run.take(Event::Trade(&trade(
                second * 1_000,
                second.unsigned_abs(),
                10_000 + second % 5,
                1_000,
                side,
            )));
        }
        assert_eq!(run.get("trade_imbalance"), Some(sign));
        assert_eq!(run.get("signed_volume_20"), Some(sign));
        assert_eq!(run.get("vpin_50"), Some(1.0));
        assert_eq!(run.get("kyle_lambda_50"), Some(0.0), "signed volumes are all equal");
    }
}

/// Trades of nothing, and prices at and below zero.
#[test]
fn nothing_traded_and_prices_below_zero_have_declared_values() {
    let mut run = Run::new(&[]);
    for second in 0..80_i64 {
        let price = if second % 2 == 0 { 3 } else { -4 };
        run.take(Event::Trade(&trade(second * 1_000, second.unsigned_abs(), price, 0, Buy)));
    }
    run.take(Event::BookSnapshot(snapshot(1, &levels(&[(-3, 5)]), &levels(&[(2, 5)]))));
    assert!(run.take(Event::Trade(&trade(80_000, 80, 3, 0, Buy))));
    for (name, value) in [
        ("spread_bps", Some(0.0)),
        ("microprice_offset_bps", Some(0.0)),
        ("book_imbalance_1", Some(0.0)),
        ("trade_imbalance", Some(0.0)),
        ("signed_volume_20", Some(0.0)),
        ("vpin_50", None),
        ("kyle_lambda_50", Some(0.0)),
        ("amihud_50", Some(0.0)),
        ("realized_vol_20", Some(0.0)),
        ("parkinson_20", Some(0.0)),
        ("garman_klass_20", Some(0.0)),
        ("rogers_satchell_20", Some(0.0)),
        ("yang_zhang_20", Some(0.0)),
        ("avg_trade_size", Some(0.0)),
    ] {
        assert_eq!(run.get(name), value, "{name}");
    }
    // Closes bounce by 7 cents: the covariance of their changes is −0.07².
    let roll = run.get("roll_spread_50").unwrap();
    assert!((roll - 0.14).abs() < 1e-15, "{roll}");
}
