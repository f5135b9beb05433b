//! Duplicates, late trades, trades of one millisecond, empty intervals, one side, crossed and gapped books: each with
//! its stated outcome and counter.

use feature_api::AggressorSide::{Buy, Sell};
use feature_api::{Row, UnixNanos};
use market_data::MarketEvent;

use crate::support::{counter, event_sets, run, small, tapes, trade};

#[test]
fn a_trade_that_comes_twice_is_dropped_and_counted() {
    for name in event_sets() {
        let once: Vec<_> =
            (0..900).map(|n| trade(n * 40, 100 + n as u64, 5_000 + n % 7, 9_000, Buy)).collect();
        let mut twice = Vec::new();
        for (index, event) in once.iter().enumerate() {
            twice.push(event.clone());
            if index % 3 == 0 {
                twice.push(once[index.saturating_sub(index % 50)].clone());
            }
        }
        let (mut a, mut b) = (small(name), small(name));
        let cells = |rows: Vec<crate::support::Bits>| -> Vec<_> {
            rows.into_iter().map(|row| (row.ts_event, row.ts_available, row.cells)).collect()
        };
        let expected = cells(run(a.as_mut(), &once));
        assert!(expected.len() > 10, "{name}");
        assert_eq!(cells(run(b.as_mut(), &twice)), expected, "{name}");
        assert_eq!(
            (counter(a.as_ref(), "duplicates"), counter(b.as_ref(), "duplicates")),
            (0, 300),
            "{name}"
        );
        assert_eq!(counter(b.as_ref(), "trades"), 900, "{name}");
    }
}

#[test]
fn a_late_trade_is_refused_and_counted() {
    for name in event_sets() {
        let mut set = small(name);
        let mut row = Row::new(set.schema().width());
        for event in [trade(1_000, 5, 100, 1, Buy), trade(1_000, 3, 101, 1, Sell)] {
            set.update(event.view(), &mut row).unwrap();
        }
        assert_eq!(counter(set.as_ref(), "trades"), 2, "{name}: an id below another is no duplicate");
        let before = set.counters();
        let late = trade(999, 6, 500, 7, Buy);
        assert_eq!(set.update(late.view(), &mut row), Ok(false), "{name}");
        assert_eq!(counter(set.as_ref(), "late"), 1, "{name}");
        assert_eq!(before.iter().map(|(_, count)| count).sum::<u64>(), 2, "{name}");
        set.update(MarketEvent::Clock(UnixNanos(9_000_000_000)).view(), &mut row).unwrap();
        assert_eq!(set.update(trade(8_999, 7, 100, 1, Buy).view(), &mut row), Ok(false), "{name}");
        assert_eq!(counter(set.as_ref(), "late"), 2, "{name}: before what the clock said");
    }
}

#[test]
fn every_trade_of_a_millisecond_counts() {
    let burst: Vec<_> = (0..40).map(|n| trade(5_000, n, 100 + n.cast_signed() % 3, 10, Buy)).collect();
    let mut set = small("tick");
    assert_eq!(run(set.as_mut(), &burst).len(), 40, "a row for each");
    assert_eq!(counter(set.as_ref(), "trades"), 40);
}

#[test]
fn another_grid_and_events_of_another_kind_are_refused_and_change_nothing() {
    for name in event_sets() {
        let mut set = small(name);
        let mut row = Row::new(set.schema().width());
        set.update(trade(1, 1, 100, 1, Buy).view(), &mut row).unwrap();
        let state = set.snapshot();
        let MarketEvent::Trade(mut other) = trade(2, 2, 100, 1, Buy) else { panic!("a trade") };
        other.grid = feature_api::Grid::new(3, 3).unwrap();
        assert!(matches!(
            set.update(feature_api::Event::Trade(&other), &mut row),
            Err(feature_api::UpdateError::Grid { .. })
        ));
        assert!(set.update(feature_api::Event::Position(None), &mut row).is_err());
        assert!(set.snapshot() == state, "{name}");
    }
}

#[test]
fn the_counters_of_the_tapes_are_what_they_hold() {
    for (index, tape) in tapes().iter().enumerate() {
        let mut set = small("flow");
        run(set.as_mut(), tape);
        for name in ["duplicates", "late", "book_old", "book_gaps", "book_crossed", "book_unusable"] {
            assert!(counter(set.as_ref(), name) > 0, "tape {index}: {name}");
        }
        let trades = tape.iter().filter(|event| matches!(event, MarketEvent::Trade(_))).count() as u64;
        let dropped = counter(set.as_ref(), "duplicates") + counter(set.as_ref(), "late");
        assert_eq!(counter(set.as_ref(), "trades") + dropped, trades, "tape {index}");
    }
}
