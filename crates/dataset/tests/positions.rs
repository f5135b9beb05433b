//! Datasets of sets that look at the open position: labels along it, no look-ahead, and what identifies them.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod common;

use std::fs;
use std::num::NonZeroU32;

use common::{MINUTE, bars, first, label, options, refused, synth, text_of};
use dataset::{
    BuildOptions, Cache, Dataset, DatasetError, HoldSides, Labels, PositionFeed, PositionUse, build,
    positions_hash, tile_positions,
};
use feature_api::identity::sha256;
use feature_api::{Bar, Columns, Event, Grid, Position, Price, Row, Side, UnixNanos};
use features_v1::FEATURES;
use market_data::PositionEvent;
use proptest::prelude::*;

fn hold(bars: u32) -> NonZeroU32 {
    NonZeroU32::new(bars).unwrap()
}

/// A change at a time, to a side at a price in steps.
fn change(ts: i64, open: Option<(Side, i64)>) -> PositionEvent {
    let position = open.map(|(side, raw)| Position {
        side,
        entry_price: Price::from_raw(raw).unwrap(),
        ts_entry: UnixNanos(ts),
    });
    PositionEvent { ts: UnixNanos(ts), position }
}

fn exit<'a>(events: &'a [PositionEvent]) -> BuildOptions<'a> {
    BuildOptions { positions: Some(events), ..options(&FEATURES, "exit") }
}

/// Bars that close at these prices.
fn closes(prices: &[i64]) -> Vec<Bar> {
    bars(&prices.iter().map(|price| [*price; 4]).collect::<Vec<_>>())
}

fn values(labels: &Labels) -> Vec<Option<f64>> {
    labels.iter().collect()
}

#[test]
fn tiles_cover_the_series_with_a_flat_bar_between() {
    let series = closes(&[100, 110, 120, 130, 140, 150, 160]);
    let events = tile_positions(&series, hold(2), HoldSides::Both);
    let expected = [
        change(0, Some((Side::Long, 100))),
        change(2 * MINUTE, None),
        change(3 * MINUTE, Some((Side::Short, 130))),
        change(5 * MINUTE, None),
        change(6 * MINUTE, Some((Side::Long, 160))),
    ];
    assert_eq!(events, expected);
    for (sides, side) in [(HoldSides::Long, Side::Long), (HoldSides::Short, Side::Short)] {
        let events = tile_positions(&series, hold(3), sides);
        assert_eq!(
            events,
            [change(0, Some((side, 100))), change(3 * MINUTE, None), change(4 * MINUTE, Some((side, 140)))]
        );
    }
    assert_eq!(tile_positions(&series, hold(u32::MAX), HoldSides::Long), expected[..1]);
    assert_eq!(tile_positions(&[], hold(1), HoldSides::Both), []);
}

#[test]
fn a_label_goes_along_the_position() {
    let series = closes(&[100, 110, 99, 99, 120, 120]);
    let sides = [Some(Side::Long), Some(Side::Short), None, Some(Side::Short), Some(Side::Short), None];
    let along = |text: &str| values(&label(text).label_along(&series, &sides, None));
    // 110 after 100 is a rise; a short from 110 to 99 gains a tenth; 120 after 99 is what a short loses.
    let expected = [Some(0.1), Some(11.0 / 110.0), None, Some(-21.0 / 99.0), Some(0.0), None];
    assert_eq!(along("return:horizon=1"), expected);
    assert_eq!(along("return:horizon=1")[4].map(f64::to_bits), Some(0), "nothing is 0, not -0");
    assert_eq!(
        along("direction:horizon=1,above=0.05"),
        [Some(1.0), Some(1.0), None, Some(0.0), Some(0.0), None]
    );
    // What a short loses is below any cost: −21/99 is not above −0.2, but it is above −0.3.
    assert_eq!(along("direction:horizon=1,above=-0.2")[3], Some(0.0));
    assert_eq!(along("direction:horizon=1,above=-0.3")[3], Some(1.0));
    // Two bars ahead: the last two rows have no full future.
    assert_eq!(along("return:horizon=2"), [Some(-0.01), Some(0.1), None, Some(-21.0 / 99.0), None, None]);
    // Barriers have a side of their own.
    let barriers = |side: &str| along(&format!("barriers:horizon=1,profit=0.05,loss=0.05,side={side}"));
    assert_eq!(barriers("long"), [Some(1.0), None, None, None, None, None]);
    assert_eq!(barriers("short"), [None, Some(1.0), None, Some(-1.0), Some(0.0), None]);
    // Longs throughout are the label of the bars; bars beyond the sides have none.
    let longs = [Some(Side::Long); 6];
    let spec = label("return:horizon=1");
    assert_eq!(values(&spec.label_along(&series, &longs, None)), values(&spec.label(&series, None)));
    assert_eq!(spec.label_along(&series, &longs[..2], None).labelled(), 2);
}

#[test]
fn a_position_is_seen_from_the_first_bar_that_closes_after_it() {
    let series = synth(8).bars;
    let open = |row: usize| series[row].ts_open().0;
    for (ts, first_row) in [(open(3), 3), (open(3) + 1, 3), (open(4) - 1, 3), (open(4), 4)] {
        let events = [change(ts, Some((Side::Long, 4_500_000)))];
        let mut set = FEATURES.open("exit", &[]).unwrap();
        let mut feed = PositionFeed::new(&events);
        let (before, rest) = feed.tell(set.as_mut(), &series).unwrap();
        assert_eq!((before.len(), feed.open(), feed.left()), (first_row, None, 1), "{ts}");
        let (now, rest) = feed.tell(set.as_mut(), rest).unwrap();
        assert_eq!((now.len(), rest.len(), feed.left()), (8 - first_row, 0, 0), "{ts}");
        assert_eq!(feed.open(), events[0].position);
        assert_eq!(feed.tell(set.as_mut(), &[]).unwrap(), (&[][..], &[][..]));
    }
}

/// The rows of the set told event by event.
fn told(series: &[Bar], events: &[PositionEvent]) -> Columns {
    let mut set = FEATURES.open("exit", &[]).unwrap();
    let mut row = Row::new(set.schema().width());
    let mut rows = Columns::new(row.width());
    let mut left = events.iter().peekable();
    for bar in series {
        while let Some(event) = left.next_if(|event| event.ts < bar.ts_close()) {
            set.update(Event::Position(event.position), &mut row).unwrap();
        }
        assert!(set.update(Event::Bar(bar), &mut row).unwrap());
        rows.push(&row);
    }
    rows
}

fn bits(rows: &Columns, row: usize) -> Vec<Option<u64>> {
    (0..rows.width()).map(|column| rows.get(row, column).map(f64::to_bits)).collect()
}

#[test]
fn what_was_built_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let series = synth(1000);
    let events = tile_positions(&series.bars, hold(20), HoldSides::Both);
    let direction = BuildOptions { label: label("direction:horizon=5,above=0.0001"), ..exit(&events) };
    let built = build(folder.path(), &series, &direction).unwrap();
    assert_eq!(built.positions, Some(PositionUse { changes: 95, late: 0, rows: 1000 - 47 }));
    let dataset = Dataset::open(folder.path()).unwrap();
    assert_eq!(*dataset.manifest(), built.manifest);
    assert_eq!(built.manifest.positions_hash, Some(positions_hash(series.grid, &events)));

    let expected = told(&series.bars, &events);
    assert_eq!(dataset.features().len(), 1000);
    let names = &built.manifest.names;
    let held = names.iter().position(|name| name == "time_held").unwrap();
    let returns = label("return:horizon=5").label(&series.bars, None);
    for row in 0..1000 {
        assert_eq!(bits(dataset.features(), row), bits(&expected, row), "row {row}");
        let (tile, within) = (row / 21, row % 21);
        let is_open = within < 20;
        let held = dataset.features().get(row, held);
        assert_eq!(held, is_open.then_some(within as f64), "row {row}");
        let side = if tile % 2 == 0 { 1.0 } else { -1.0 };
        let expected = returns.get(row).filter(|_| is_open).map(|r| f64::from(u8::from(side * r > 0.0001)));
        assert_eq!(dataset.labels().get(row), expected, "row {row}");
    }
    // 953 rows have a position, and the last five no full future: rows 995 to 999, all in the last tile.
    assert_eq!(built.manifest.labelled, 948);
}

#[test]
fn a_cache_is_left_alone_and_says_so() {
    let (folder, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let series = synth(300);
    let events = tile_positions(&series.bars, hold(20), HoldSides::Long);
    let cache = Cache::new(kept.path());
    let built =
        build(folder.path(), &series, &BuildOptions { cache: Some(&cache), ..exit(&events) }).unwrap();
    assert_eq!((built.cache.read, built.cache.computed), (0, 300));
    assert!(built.cache.notes[0].contains("nothing is kept"), "{:?}", built.cache.notes);
    assert_eq!(fs::read_dir(kept.path()).unwrap().count(), 0);
}

#[test]
fn positions_that_do_not_fit_are_refused() {
    let series = synth(300);
    let open = |row: usize| series.bars[row].ts_open().0;
    let long = |row: usize| change(open(row), Some((Side::Long, 4_500_000)));
    let text = refused(&series, &options(&FEATURES, "exit"));
    assert!(text.contains("looks at the open position") && text.contains("--positions FILE"), "{text}");
    let text = refused(&series, &BuildOptions { positions: Some(&[]), ..options(&FEATURES, "core") });
    assert!(text.contains("set core of features-v1") && text.contains("leave the positions out"), "{text}");
    let shorts = tile_positions(&series.bars, hold(20), HoldSides::Short);
    let barriers = label("barriers:horizon=5,profit=0.01,loss=0.01,side=long");
    for (options, expected) in [
        (exit(&[]), "no row has a label: at no close that has a full future is one open;"),
        (exit(&[long(299)]), "no row has a label"),
        (exit(&[long(50), change(open(50), None)]), "change 1 is at"),
        (exit(&[long(50), change(open(40), None)]), "not after the one before"),
        (exit(&[change(open(0) - 1, Some((Side::Long, 1)))]), "bar 0: the position was entered at"),
        (
            BuildOptions { label: barriers, ..exit(&shorts) },
            "no row has a label: at no close that has a full future is one open on the side of the barriers",
        ),
    ] {
        let text = refused(&series, &options);
        assert!(text.contains(expected), "{text:?} should say {expected:?}");
    }
    // A position whose time of entry is not that of the change is refused by the set.
    let mut late = long(60);
    late.position = long(50).position;
    let text = refused(&series, &exit(&[late]));
    assert!(text.contains("position at") && text.contains("the position was entered at"), "{text}");
}

#[test]
fn the_hash_tells_positions_apart() {
    let grid = Grid::new(2, 5).unwrap();
    let events = [change(7, Some((Side::Long, 450))), change(8, Some((Side::Short, 451))), change(9, None)];
    // From the documentation alone.
    let mut bytes = b"isobar positions 1\n\x02".to_vec();
    for (ts, side, price, entry) in [(7_i64, 1_u8, 450_i64, 7_i64), (8, 2, 451, 8), (9, 0, 0, 0)] {
        bytes.extend(ts.to_le_bytes());
        bytes.push(side);
        bytes.extend(price.to_le_bytes());
        bytes.extend(entry.to_le_bytes());
    }
    assert_eq!(positions_hash(grid, &events), sha256(&bytes));
    let mut moved = events;
    moved[1].position.as_mut().unwrap().ts_entry = UnixNanos(7);
    let others = [
        positions_hash(Grid::new(3, 5).unwrap(), &events),
        positions_hash(grid, &events[..2]),
        positions_hash(grid, &[]),
        positions_hash(grid, &moved),
    ];
    assert!(others.iter().all(|other| *other != sha256(&bytes)));
}

#[test]
fn an_edited_hash_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let series = synth(300);
    let events = tile_positions(&series.bars, hold(20), HoldSides::Long);
    build(folder.path(), &series, &exit(&events)).unwrap();
    let path = folder.path().join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let hash = positions_hash(series.grid, &events).to_string();
    assert!(text.contains(&format!("\"positions_hash\": \"{hash}\",")), "{text}");
    assert_eq!(common::rehashed(&text), text);
    let line = format!("  \"positions_hash\": \"{hash}\",\n");
    for (edited, expected) in [
        (text.replace(&hash, &sha256(b"").to_string()), "manifest_hash: expected"),
        (text.replace(&line, ""), "manifest_hash: expected"),
        (text.replace(&format!("\"{hash}\""), "null"), "invalid type: null"),
        (common::rehashed(&text.replace(&hash, "no hash")), "positions_hash: expected 64 hexadecimal digits"),
    ] {
        assert_ne!(edited, text);
        fs::write(&path, edited).unwrap();
        let found = text_of(Dataset::open(folder.path()));
        assert!(found.contains(expected), "{found:?} should say {expected:?}");
    }
    // One without positions has no such field, and may not be given one.
    build(folder.path(), &series, &options(&FEATURES, "core")).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("positions_hash"));
    for value in ["null", &format!("\"{hash}\"")] {
        let edited = text.replace("  \"rows\":", &format!("  \"positions_hash\": {value},\n  \"rows\":"));
        assert_ne!(edited, text);
        fs::write(&path, edited).unwrap();
        assert!(matches!(
            Dataset::open(folder.path()),
            Err(DatasetError::Json { .. } | DatasetError::Mismatch { .. })
        ));
    }
}

prop_compose! {
    /// Changes of position at any times from the open of the first bar on.
    fn any_events(rows: i64)(steps in proptest::collection::vec((1..5 * MINUTE, 0..3_u8, -50_000..50_000_i64), 1..120))
        -> Vec<PositionEvent> {
        let mut ts = synth(1).bars[0].ts_open().0 - 1;
        let mut events = Vec::new();
        for (step, side, price) in steps {
            ts += step;
            let side = [None, Some(Side::Long), Some(Side::Short)][usize::from(side)];
            events.push(change(ts, side.map(|side| (side, 4_500_000 + price))));
        }
        events.retain(|event| event.ts.0 < synth(1).bars[0].ts_open().0 + rows * MINUTE);
        events
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn later_bars_and_later_changes_change_no_earlier_row(
        events in any_events(240),
        cut in 150..239_usize,
        seed in 0..2_u64,
    ) {
        let horizon = 5;
        let spec = [label("return:horizon=5"), label("direction:horizon=5,above=0.0002")][seed as usize % 2];
        let series = synth(240);
        let read = |series: &market_data::BarSeries, events: &[PositionEvent]| {
            let folder = tempfile::tempdir().unwrap();
            let options = BuildOptions { label: spec, ..exit(events) };
            build(folder.path(), series, &options).ok()?;
            Some(Dataset::open(folder.path()).unwrap())
        };
        let Some(whole) = read(&series, &events) else { return Ok(()) };

        // Changes that are made at or after the close of the row, others in their place.
        let close = series.bars[cut].ts_close();
        let mut changed: Vec<PositionEvent> = events.iter().copied().filter(|event| event.ts < close).collect();
        changed.push(change(close.0, Some((Side::Short, 4_400_000))));
        changed.push(change(close.0 + MINUTE, None));
        // Fewer bars, and others behind them.
        let mut other = series.clone();
        for bar in &mut other.bars[cut + 1..] {
            let mut fields = *bar.fields();
            for price in [&mut fields.open, &mut fields.high, &mut fields.low, &mut fields.close] {
                *price = Price::from_raw(price.raw() * 2).unwrap();
            }
            *bar = Bar::new(fields).unwrap();
        }
        for (series, events) in
            [(&series, &changed), (&first(&series, cut + 1), &events), (&other, &events), (&other, &changed)]
        {
            let Some(found) = read(series, events) else { continue };
            for row in 0..=cut {
                prop_assert_eq!(bits(found.features(), row), bits(whole.features(), row), "row {}", row);
                // A label looks at its horizon, and at no later change of position.
                if row + horizon <= cut {
                    prop_assert_eq!(found.labels().get(row), whole.labels().get(row), "label {}", row);
                }
            }
        }
    }
}
