//! Two toy versions, compared: what differs is known, so every count is.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use feature_api::identity::Hash;
use feature_api::{
    Bar, BarFields, Canonical, Event, FeatureSet, FeatureSpec, FeatureVersion, Grid, Memory, Output, Param,
    ParamError, Position, Price, Qty, Range, RestoreError, Row, Schema, Side, UnixNanos, UpdateError,
};
use feature_registry::compare::{Bars, Comparison, FeatureComparison, Refused, compare};

const HASH: Hash = Hash([1; 32]);

/// Takes positions. `gone` and `left` are in no other version.
const OLD: FeatureVersion = FeatureVersion {
    name: "features-v1",
    version: "1.0.0",
    source_hash: HASH,
    output_hash: HASH,
    sets: &["one", "left"],
    by_name: |_, _| {
        Ok(Toy::boxed(&["same", "ulp", "moved", "gone", "valid"], true, |bar| {
            let x = bar as f64;
            vec![Some(x), Some(0.1 * x), Some(-x), Some(7.0), (bar >= 1).then_some(x)]
        }))
    },
    self_test: || HASH,
    canonical: Canonical { events: |take| tapes(take, 3), output, golden: "" },
};

/// Refuses positions; `ulp` is one unit higher in the row 1, `valid` begins a row later, `moved` stands first.
const NEW: FeatureVersion = FeatureVersion {
    name: "features-v2",
    sets: &["right", "one"],
    by_name: |_, _| {
        Ok(Toy::boxed(&["moved", "same", "ulp", "valid", "fresh"], false, |bar| {
            let x = bar as f64;
            let ulp = if bar == 1 { 0.1_f64.next_up() } else { 0.1 * x };
            vec![Some(-x), Some(x), Some(ulp), (bar >= 2).then_some(x), Some(1.0)]
        }))
    },
    canonical: Canonical { events: |take| tapes(take, 4), output, golden: "" },
    ..OLD
};

fn output() -> Output {
    Output { hash: HASH, features: Vec::new() }
}

/// Two tapes, each a position and bars.
fn tapes(take: &mut dyn FnMut(usize, Event<'_>), bars: i64) {
    for tape in 0..2 {
        let entry_price = Price::from_raw(5).unwrap();
        take(tape, Event::Position(Some(Position { side: Side::Long, entry_price, ts_entry: UnixNanos(0) })));
        (0..bars).for_each(|minute| take(tape, Event::Bar(&bar(minute))));
    }
}

fn bar(minute: i64) -> Bar {
    let price = Price::from_raw(5).unwrap();
    Bar::new(BarFields {
        grid: Grid::new(2, 0).unwrap(),
        ts_open: UnixNanos(minute * 60),
        ts_close: UnixNanos((minute + 1) * 60),
        ts_available: UnixNanos((minute + 1) * 60),
        open: price,
        high: price,
        low: price,
        close: price,
        volume: Qty::from_raw(1).unwrap(),
        taker: None,
    })
    .unwrap()
}

type Cells = fn(u64) -> Vec<Option<f64>>;

/// A row for each bar, decided by the bars since the last reset.
struct Toy {
    schema: Schema,
    takes_position: bool,
    cells: Cells,
    bars: u64,
}

impl Toy {
    fn boxed(names: &[&'static str], takes_position: bool, cells: Cells) -> Box<dyn FeatureSet> {
        Box::new(Self::of(names, takes_position, cells))
    }

    fn of(names: &[&'static str], takes_position: bool, cells: Cells) -> Self {
        let spec = |name: &&'static str| FeatureSpec {
            name,
            formula: String::new(),
            doc: "",
            degenerate: "",
            range: Range::Any,
            warm_up: 0,
            memory: Memory::Finite { window: 1 },
            clock: None,
        };
        let schema = Schema::new("toy", Vec::new(), names.iter().map(spec).collect());
        Self { schema, takes_position, cells, bars: 0 }
    }
}

impl FeatureSet for Toy {
    fn new(_: &[Param]) -> Result<Self, ParamError> {
        Err(ParamError::Rule { set: "toy", rule: "opened by name" })
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn update(&mut self, event: Event<'_>, row: &mut Row) -> Result<bool, UpdateError> {
        let Event::Bar(bar) = event else {
            return if self.takes_position {
                Ok(false)
            } else {
                Err(UpdateError::Unsupported { expected: "bars" })
            };
        };
        (row.ts_event, row.ts_available) = (bar.ts_close(), bar.ts_available());
        for (index, cell) in (self.cells)(self.bars).into_iter().enumerate() {
            row.set(index, cell);
        }
        self.bars += 1;
        Ok(true)
    }

    fn snapshot(&self) -> Vec<u8> {
        Vec::new()
    }

    fn restore(&mut self, _: &[u8]) -> Result<(), RestoreError> {
        Ok(())
    }

    fn reset(&mut self) {
        self.bars = 0;
    }
}

fn features(comparison: &Comparison, input: usize) -> &[FeatureComparison] {
    &comparison.inputs[input].sets[0].features
}

/// The reader of this text is `governance::diff`, which links no version: its tests read the same file.
#[test]
fn every_difference_is_told_as_the_reader_expects_it() {
    let bars: Vec<Bar> = (0..2).map(bar).collect();
    let bars = Bars { name: "two.csv", notes: vec!["a note".to_owned()], bars: &bars };
    let comparison = compare(&OLD, &NEW, Some(&bars)).unwrap();
    let found = serde_json::to_string_pretty(&comparison).unwrap() + "\n";
    let expected = include_str!("comparison.json").replace("\r\n", "\n");
    assert_eq!(found, expected);
}

#[test]
fn a_version_does_not_differ_from_itself() {
    let comparison = compare(&OLD, &OLD, None).unwrap();
    let inputs: Vec<&str> = comparison.inputs.iter().map(|input| input.input.as_str()).collect();
    assert_eq!(inputs, ["the canonical events of features-v1"]);
    let sets = &comparison.inputs[0].sets;
    assert_eq!(
        sets.iter().map(|set| (set.set.as_str(), set.rows)).collect::<Vec<_>>(),
        [("one", 6), ("left", 6)]
    );
    let all = sets.iter().flat_map(|set| &set.features);
    assert!(all.clone().all(|feature| (feature.differ, &feature.first) == (0, &None)), "{comparison:?}");
    assert_eq!(all.map(|feature| feature.valid).collect::<Vec<_>>(), [6, 6, 6, 6, 4, 6, 6, 6, 6, 4]);
}

#[test]
fn the_same_canonical_events_are_one_input() {
    let renamed = FeatureVersion { name: "features-v2", ..OLD };
    let comparison = compare(&OLD, &renamed, None).unwrap();
    let [input] = comparison.inputs.as_slice() else { panic!("{comparison:?}") };
    assert_eq!(input.input, "the canonical events of features-v1 and features-v2");
    assert_eq!(input.notes, ["both versions have the same canonical events"]);
    assert_eq!((input.tapes, input.events, input.positions), (2, 8, 2));
}

#[test]
fn rows_of_one_version_alone_and_other_times_are_counted() {
    /// Gives no row for the first bar of a tape, and a time too late for the others.
    struct Late(Toy);
    impl FeatureSet for Late {
        fn new(_: &[Param]) -> Result<Self, ParamError> {
            Err(ParamError::Rule { set: "toy", rule: "opened by name" })
        }
        fn schema(&self) -> &Schema {
            self.0.schema()
        }
        fn update(&mut self, event: Event<'_>, row: &mut Row) -> Result<bool, UpdateError> {
            let is_row = self.0.update(event, row)?;
            row.ts_available.0 += 1;
            Ok(is_row && self.0.bars > 1)
        }
        fn snapshot(&self) -> Vec<u8> {
            Vec::new()
        }
        fn restore(&mut self, _: &[u8]) -> Result<(), RestoreError> {
            Ok(())
        }
        fn reset(&mut self) {
            self.0.reset();
        }
    }
    let late = FeatureVersion {
        name: "features-v2",
        by_name: |_, _| Ok(Box::new(Late(Toy::of(&["same"], true, |bar| vec![Some(bar as f64)])))),
        ..OLD
    };
    for (old, new, alone) in [(&OLD, &late, (2, 0)), (&late, &OLD, (0, 2))] {
        let comparison = compare(old, new, None).unwrap();
        let set = &comparison.inputs[0].sets[0];
        assert_eq!((set.rows_of_old_alone, set.rows_of_new_alone), alone);
        assert_eq!((set.rows, set.times_differ, set.refused_by_one), (4, 4, 0));
        assert_eq!((features(&comparison, 0)[0].differ, features(&comparison, 0)[0].valid), (0, 4));
        assert_eq!(set.refused_by_old, Refused::default());
    }
}
