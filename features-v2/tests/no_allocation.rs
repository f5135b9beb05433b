//! Once warm, no set allocates: counted, not believed.

use feature_api::{Columns, Event, Position, Row, Side};
use features_v2::{SETS, by_name};
use testkit::inputs::walk_bars;

#[test]
fn no_set_allocates_once_warm() {
    let bars = walk_bars(6_000, 11);
    let (warm_up, rest) = bars.split_at(1_000);
    for name in SETS {
        let mut set = by_name(name, &[]).unwrap();
        let mut row = Row::new(set.schema().width());
        for bar in warm_up {
            set.update(Event::Bar(bar), &mut row).unwrap();
        }
        if set.schema().takes_position() {
            let entered =
                Position { side: Side::Long, entry_price: rest[0].open(), ts_entry: rest[0].ts_open() };
            assert_eq!(set.update(Event::Position(Some(entered)), &mut row), Ok(false));
        }
        let counted = allocation_counter::measure(|| {
            for bar in rest {
                assert_eq!(set.update(Event::Bar(bar), &mut row), Ok(true));
            }
        });
        assert!(row.is_complete(), "{name}: every feature was computed");
        assert_eq!(counted.count_total, 0, "{name} allocates in stream");
    }
}

#[test]
fn batch_allocates_its_columns_alone() {
    let bars = walk_bars(6_000, 11);
    for name in SETS {
        let mut set = by_name(name, &[]).unwrap();
        let mut columns = Columns::new(set.schema().width());
        set.update_bars(&bars[..3_000], &mut columns).unwrap();
        columns.clear();
        let counted = allocation_counter::measure(|| set.update_bars(&bars[3_000..], &mut columns).unwrap());
        assert_eq!(counted.count_total, 0, "{name} allocates in batch, though the columns have room");
    }
}

/// The counter counts: without this, the tests above could not fail.
#[test]
fn the_counter_sees_an_allocation() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![0_u8; 100])));
    assert_eq!(counted.count_total, 1);
}
