//! A position is told before its entry bar: late, early or before the data it is refused, not guessed at.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use feature_api::{Bar, Event, FeatureSet as _, Position, Row, Side, UnixNanos, UpdateError};
use features_v2::Exit;
use testkit::inputs::walk_bars;

fn entered(bar: &Bar, ts_entry: UnixNanos) -> Position {
    Position { side: Side::Long, entry_price: bar.close(), ts_entry }
}

fn after(bars: &[Bar]) -> (Exit, Row) {
    let mut exit = Exit::new(&[]).unwrap();
    let mut row = Row::new(exit.schema().width());
    for bar in bars {
        exit.update(Event::Bar(bar), &mut row).unwrap();
    }
    (exit, row)
}

fn held(exit: &Exit, row: &Row) -> Option<f64> {
    row.get(exit.schema().index_of("time_held").unwrap())
}

#[test]
fn the_bar_after_the_telling_is_the_entry_bar() {
    let bars = walk_bars(60, 4);
    for offset in [0, 1] {
        let (mut exit, mut row) = after(&bars[..40]);
        let position = entered(&bars[39], UnixNanos(bars[39].ts_close().0 + offset));
        assert_eq!(exit.update(Event::Position(Some(position)), &mut row), Ok(false));
        for (count, bar) in bars[40..50].iter().enumerate() {
            exit.update(Event::Bar(bar), &mut row).unwrap();
            assert_eq!(held(&exit, &row), Some(count as f64));
        }
        // Told again with another average price, it is the same position.
        let more = Position { entry_price: bars[45].close(), ..position };
        exit.update(Event::Position(Some(more)), &mut row).unwrap();
        exit.update(Event::Bar(&bars[50]), &mut row).unwrap();
        assert_eq!(held(&exit, &row), Some(10.0));
        exit.update(Event::Position(None), &mut row).unwrap();
        exit.update(Event::Bar(&bars[51]), &mut row).unwrap();
        assert_eq!(held(&exit, &row), None);
    }
}

#[test]
fn a_position_told_late_is_refused() {
    let bars = walk_bars(60, 4);
    let (mut exit, mut row) = after(&bars[..40]);
    let late = entered(&bars[30], bars[30].ts_close());
    let refused = exit.update(Event::Position(Some(late)), &mut row);
    assert!(matches!(refused, Err(UpdateError::Entry { .. })), "{refused:?}");
    exit.update(Event::Bar(&bars[40]), &mut row).unwrap();
    assert_eq!(held(&exit, &row), None, "a refused position changes nothing");
}

#[test]
fn a_position_of_the_future_or_from_before_the_data_is_refused_at_the_bar() {
    let bars = walk_bars(60, 4);
    let (mut exit, mut row) = after(&bars[..40]);
    exit.update(Event::Position(Some(entered(&bars[50], bars[50].ts_close()))), &mut row).unwrap();
    let refused = exit.update(Event::Bar(&bars[40]), &mut row);
    assert!(matches!(refused, Err(UpdateError::Entry { .. })), "{refused:?}");
    exit.update(Event::Position(None), &mut row).unwrap();
    exit.update(Event::Bar(&bars[40]), &mut row).unwrap();

    let (mut exit, mut row) = after(&[]);
    let before = entered(&bars[0], UnixNanos(bars[0].ts_open().0 - 1));
    exit.update(Event::Position(Some(before)), &mut row).unwrap();
    let refused = exit.update(Event::Bar(&bars[0]), &mut row);
    assert!(matches!(refused, Err(UpdateError::Entry { .. })), "{refused:?}");
}
