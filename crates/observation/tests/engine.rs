//! Bar by bar, over many and from a saved state on: the same bits, and nothing allocated once warm.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::num::NonZeroU32;

use common::{MINUTE, START, price};
use feature_api::{
    Bar, BarKind, BarSpec, Event, FeatureSet, Position, RestoreError, Row, Side, StateReader, StateWriter,
    UnixNanos, UpdateError,
};
use features_v1::FEATURES;
use market_data::synth::{self, SynthOptions};
use observation::{ObservationEngine, ObservationError};
use preprocess::{Bounds, Nulls, Parts, Preprocess, PreprocessError, Scale, Scaler, ScalerKind, Unready};
use proptest::prelude::*;

const SETS: [&str; 3] = ["core", "entry", "exit"];
const SPEC: BarSpec = BarSpec { kind: BarKind::Time { interval: MINUTE }, volume: true };
/// Enough bars for every window of every set.
const BARS: usize = 900;

fn set(name: &str) -> Box<dyn FeatureSet> {
    FEATURES.open(name, &[]).unwrap()
}

/// A preprocessing of that set: all features as they are, or every third one clipped, scaled and in sequences of 4.
fn preprocess(name: &str, is_sequence: bool) -> Preprocess {
    let set = set(name);
    let features: Vec<_> = set.schema().features().iter().map(|feature| feature.name.to_owned()).collect();
    let whole = Parts {
        features: features.clone(),
        kept: features.clone(),
        nulls: vec![Nulls::Missing; features.len()],
        clip: None,
        scaler: Some(Scaler { kind: ScalerKind::None, scales: vec![] }),
        sequence: NonZeroU32::MIN,
    };
    if !is_sequence {
        return Preprocess::new(whole).unwrap();
    }
    let kept: Vec<_> = features.into_iter().step_by(3).collect();
    let scale = |index: usize| Scale { center: 0.1 * index as f64, scale: 1.5 + index as f64 };
    let parts = Parts {
        nulls: (0..kept.len())
            .map(|index| if index == 0 { Nulls::Median(Some(0.3)) } else { Nulls::Refuse })
            .collect(),
        clip: Some(vec![Bounds { low: -1e6, high: 1e6 }; kept.len()]),
        scaler: Some(Scaler { kind: ScalerKind::Standard, scales: (0..kept.len()).map(scale).collect() }),
        sequence: NonZeroU32::new(4).unwrap(),
        kept,
        ..whole
    };
    Preprocess::new(parts).unwrap()
}

fn engine(name: &str, is_sequence: bool) -> ObservationEngine {
    ObservationEngine::new(set(name), &preprocess(name, is_sequence), SPEC).unwrap()
}

fn bars(seed: u64) -> Vec<Bar> {
    synth::bars(&SynthOptions { rows: BARS as u64, seed, ..SynthOptions::default() }).bars
}

/// The position told before each bar: entered at the opens of some bars, closed at those of others.
fn positions(bars: &[Bar], turns: &[usize]) -> Vec<Option<Position>> {
    let mut open = None;
    let position = |(index, bar): (usize, &Bar)| {
        if turns.contains(&index) {
            open = match open {
                None => {
                    let side = if index % 2 == 0 { Side::Long } else { Side::Short };
                    Some(Position { side, entry_price: bar.open(), ts_entry: bar.ts_open() })
                }
                Some(_) => None,
            };
        }
        open
    };
    bars.iter().enumerate().map(position).collect()
}

/// A row and its input, by their bits.
#[derive(Debug, PartialEq)]
struct Seen {
    index: u64,
    ts: [i64; 2],
    row: Vec<Option<u64>>,
    input: Result<Vec<u64>, Unready>,
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn row_bits(row: &Row) -> Vec<Option<u64>> {
    row.iter().map(|cell| cell.map(f64::to_bits)).collect()
}

fn observe(engine: &mut ObservationEngine, bar: &Bar) -> Seen {
    let seen = engine.observe(bar).unwrap();
    Seen {
        index: seen.index,
        ts: [seen.row.ts_event.0, seen.row.ts_available.0],
        row: row_bits(seen.row),
        input: seen.input.map(bits),
    }
}

fn one_by_one(engine: &mut ObservationEngine, bars: &[Bar], told: &[Option<Position>]) -> Vec<Seen> {
    let mut last = None;
    if let Some(first) = told.first() {
        engine.tell(*first).unwrap();
        last = *first;
    }
    let mut step = |(bar, position): (&Bar, &Option<Position>)| {
        // Now and then told again, which changes nothing.
        if *position != last || bar.close().raw() % 2 == 0 {
            engine.tell(*position).unwrap();
            last = *position;
        }
        observe(engine, bar)
    };
    bars.iter().zip(told).map(&mut step).collect()
}

/// In pieces, which end where the position changes and at the cuts: bits of rows, and of inputs with their bars.
type Pieces = (Vec<Vec<Option<u64>>>, Vec<(usize, Vec<u64>)>);

fn in_pieces(
    engine: &mut ObservationEngine,
    bars: &[Bar],
    told: &[Option<Position>],
    cuts: &[usize],
) -> Pieces {
    let (mut rows, mut inputs) = (Vec::new(), Vec::new());
    let mut observations = engine.observations();
    let mut row = Row::new(engine.schema().width());
    let mut from = 0;
    while from < bars.len() {
        let ends = |&at: &usize| cuts.contains(&at) || told[at] != told[from];
        let until = (from + 1..bars.len()).find(ends).unwrap_or(bars.len());
        engine.tell(told[from]).unwrap();
        engine.observe_many(&bars[from..until], &mut observations).unwrap();
        assert_eq!(observations.rows.len(), until - from);
        assert_eq!(observations.inputs.rows_seen(), until - from);
        for index in 0..until - from {
            assert!(observations.rows.copy_row(index, &mut row));
            rows.push(row_bits(&row));
        }
        let found = observations.inputs.rows().iter().zip(observations.inputs.iter());
        inputs.extend(found.map(|(at, input)| (from + at, bits(input))));
        from = until;
    }
    (rows, inputs)
}

fn save(engine: &ObservationEngine) -> Vec<u8> {
    let mut state = StateWriter::new();
    engine.save(&mut state);
    state.into_bytes()
}

/// What a set and a transform give by themselves.
fn by_hand(name: &str, is_sequence: bool, bars: &[Bar], told: &[Option<Position>]) -> Vec<Seen> {
    let mut set = set(name);
    let (warm_up, takes_position) = (set.schema().warm_up() as usize, set.schema().takes_position());
    let mut transform = preprocess(name, is_sequence).bind(set.schema()).unwrap();
    let mut row = Row::new(set.schema().width());
    let mut seen = Vec::new();
    for (index, (bar, position)) in bars.iter().zip(told).enumerate() {
        if takes_position {
            assert_eq!(set.update(Event::Position(*position), &mut row), Ok(false));
        }
        assert_eq!(set.update(Event::Bar(bar), &mut row), Ok(true));
        let input = if index < warm_up {
            Err(Unready::WarmUp { rows: index as u64 + 1, warm_up: warm_up as u64 })
        } else {
            transform.push(&row).map(bits).map_err(Unready::NotReady)
        };
        let ts = [bar.ts_close().0, bar.ts_available().0];
        seen.push(Seen { index: index as u64, ts, row: row_bits(&row), input });
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_same_bits_whichever_way(
        name in prop::sample::select(SETS.to_vec()),
        is_sequence: bool,
        seed in 1..1000_u64,
        turns in proptest::collection::vec(1..BARS, 0..12),
        cuts in proptest::collection::vec(1..BARS, 0..5),
        pause in 0..BARS,
    ) {
        let bars = bars(seed);
        let told = positions(&bars, &turns);
        let mut engine = engine(name, is_sequence);
        let seen = one_by_one(&mut engine, &bars, &told);
        prop_assert_eq!(&seen, &by_hand(name, is_sequence, &bars, &told));
        // Of the exit set nothing is complete without a position.
        let some_input = seen.iter().any(|seen| seen.input.is_ok());
        prop_assert!(some_input || name == "exit");

        let mut many = self::engine(name, is_sequence);
        let (rows, inputs) = in_pieces(&mut many, &bars, &told, &cuts);
        prop_assert!(rows.iter().eq(seen.iter().map(|seen| &seen.row)));
        let expected = seen.iter().enumerate();
        let expected = expected.filter_map(|(at, seen)| Some((at, seen.input.as_ref().ok()?.clone())));
        prop_assert!(inputs.into_iter().eq(expected));
        prop_assert_eq!(save(&many), save(&engine));

        let mut before = self::engine(name, is_sequence);
        one_by_one(&mut before, &bars[..pause], &told[..pause]);
        let state = save(&before);
        let mut restored = self::engine(name, is_sequence);
        // A state replaces whatever was there.
        one_by_one(&mut restored, &bars[pause / 2..pause], &told[pause / 2..pause].iter().map(|_| None).collect::<Vec<_>>());
        let mut reader = StateReader::new(&state);
        prop_assert_eq!(restored.load(&mut reader), Ok(()));
        prop_assert_eq!(reader.finish(), Ok(()));
        prop_assert_eq!(save(&restored), state);
        let continued = one_by_one(&mut restored, &bars[pause..], &told[pause..]);
        prop_assert_eq!(continued.as_slice(), &seen[pause..]);
        prop_assert_eq!(save(&restored), save(&engine));
    }
}

#[test]
fn a_restart_at_any_bar_goes_on_without_being_told_again() {
    let bars = bars(3);
    let told = positions(&bars, &[250, 300, 305, 400, 720, 880]);
    for (name, is_sequence) in SETS.into_iter().flat_map(|name| [(name, false), (name, true)]) {
        let mut engine = engine(name, is_sequence);
        let mut restored = self::engine(name, is_sequence);
        let (mut last, mut inputs) = (None, 0);
        for (bar, position) in bars.iter().zip(&told) {
            if *position != last {
                engine.tell(*position).unwrap();
                last = *position;
            }
            let state = save(&engine);
            restored.load(&mut StateReader::new(&state)).unwrap();
            let seen = observe(&mut engine, bar);
            assert_eq!(observe(&mut restored, bar), seen, "{name}");
            inputs += usize::from(seen.input.is_ok());
        }
        assert!(inputs > 100, "{name}: {inputs} inputs");
    }
}

#[test]
fn nothing_is_allocated_once_warm() {
    let bars = bars(5);
    let told = positions(&bars, &[750, 780, 790]);
    for (name, is_sequence) in SETS.into_iter().flat_map(|name| [(name, false), (name, true)]) {
        let mut engine = engine(name, is_sequence);
        one_by_one(&mut engine, &bars[..700], &told[..700]);
        let mut inputs = 0;
        let info = allocation_counter::measure(|| {
            for (bar, position) in bars[700..].iter().zip(&told[700..]) {
                engine.tell(*position).unwrap();
                inputs += usize::from(engine.observe(bar).unwrap().input.is_ok());
            }
        });
        assert!(engine.schema().warm_up() < 700, "{}", engine.schema().warm_up());
        assert_eq!((info.count_total, inputs > 10), (0, true), "{name}: {inputs} inputs");
    }
}

#[test]
fn a_bar_of_another_length_is_refused_before_anything_is_taken() {
    let bars = bars(1);
    let odd = |bar: &Bar| {
        let mut fields = *bar.fields();
        fields.ts_open = UnixNanos(fields.ts_open.0 + 1);
        Bar::new(fields).unwrap()
    };
    let mut engine = engine("core", true);
    one_by_one(&mut engine, &bars[..100], &[None; 100]);
    let before = save(&engine);
    let refused = Err(ObservationError::Interval { expected: SPEC, found_ns: MINUTE - 1 });
    assert_eq!(engine.observe(&odd(&bars[100])).map(|_| ()), refused);
    assert_eq!(save(&engine), before);
    // From the first bar on, where nothing says yet which bars come.
    assert_eq!(self::engine("core", true).observe(&odd(&bars[0])).map(|_| ()), refused);
    // Over many, those before it are taken.
    let mut some = bars[100..110].to_vec();
    some[4] = odd(&some[4]);
    let mut observations = engine.observations();
    assert_eq!(engine.observe_many(&some, &mut observations), refused);
    assert_eq!((observations.rows.len(), observations.inputs.rows_seen()), (4, 4));
    let mut expected = self::engine("core", true);
    one_by_one(&mut expected, &bars[..104], &[None; 104]);
    assert_eq!(save(&engine), save(&expected));
    // The longest bar there is.
    let mut fields = *bars[0].fields();
    fields.ts_open = UnixNanos(i64::MIN);
    let refused = Err(ObservationError::Interval { expected: SPEC, found_ns: i64::MAX });
    assert_eq!(engine.observe(&Bar::new(fields).unwrap()).map(|_| ()), refused);
}

#[test]
fn a_bar_out_of_order_is_refused_and_those_before_it_are_taken() {
    let bars = bars(1);
    let mut engine = engine("core", false);
    one_by_one(&mut engine, &bars[..100], &[None; 100]);
    let before = save(&engine);
    let refused = |previous: &Bar, found: &Bar| UpdateError::Order {
        previous: previous.ts_close(),
        found: found.ts_close(),
    };
    let error = engine.observe(&bars[99]).map(|_| ()).unwrap_err();
    assert_eq!(error, refused(&bars[99], &bars[99]).into());
    assert_eq!(save(&engine), before);
    let mut some = bars[100..110].to_vec();
    some[6] = some[2];
    // Not reached: the bar before it is refused first.
    let mut fields = *some[8].fields();
    fields.ts_open = UnixNanos(fields.ts_open.0 - 1);
    some[8] = Bar::new(fields).unwrap();
    let mut observations = engine.observations();
    let error = engine.observe_many(&some, &mut observations).unwrap_err();
    assert_eq!(error, refused(&some[5], &some[2]).into());
    assert_eq!((observations.rows.len(), observations.inputs.rows_seen()), (6, 6));
    // And the right ones go on.
    assert_eq!(observe(&mut engine, &bars[106]).index, 106);
}

#[test]
fn room_of_another_engine_is_made_to_fit() {
    let bars = bars(2);
    let mut observations = engine("entry", true).observations();
    let mut engine = engine("core", false);
    engine.observe_many(&bars, &mut observations).unwrap();
    let mut expected = engine.observations();
    engine.reset();
    engine.observe_many(&bars, &mut expected).unwrap();
    assert_eq!(observations.rows.width(), engine.schema().width());
    assert_eq!(bits(observations.inputs.values()), bits(expected.inputs.values()));
    assert!(!expected.inputs.is_empty());
    engine.observe_many(&[], &mut observations).unwrap();
    assert!(observations.rows.is_empty() && observations.inputs.rows_seen() == 0);
}

#[test]
fn a_position_is_told_to_those_that_look_at_one() {
    let bars = bars(1);
    let late = Position { side: Side::Long, entry_price: price(1), ts_entry: UnixNanos(START - 1) };
    for (name, is_refused) in [("core", false), ("entry", false), ("exit", true)] {
        let mut engine = engine(name, false);
        engine.observe(&bars[0]).unwrap();
        let told = engine.tell(Some(late));
        let refused = matches!(told, Err(ObservationError::Update(UpdateError::Entry { .. })));
        assert_eq!((refused, told.is_ok()), (is_refused, !is_refused), "{name}");
    }
    let mut engine = engine("exit", false);
    one_by_one(&mut engine, &bars[..300], &[None; 300]);
    assert!(observe(&mut engine, &bars[300]).row.contains(&None));
    let told = Position { ts_entry: bars[301].ts_open(), ..late };
    engine.tell(Some(told)).unwrap();
    assert!(!observe(&mut engine, &bars[301]).row.contains(&None));
    // It stands until another is told, or a reset.
    assert!(!observe(&mut engine, &bars[302]).row.contains(&None));
    engine.tell(None).unwrap();
    assert!(observe(&mut engine, &bars[303]).row.contains(&None));
    engine.tell(Some(Position { ts_entry: bars[304].ts_open(), ..told })).unwrap();
    engine.reset();
    let mut fresh = self::engine("exit", false);
    for bar in &bars {
        assert_eq!(observe(&mut engine, bar), observe(&mut fresh, bar));
    }
}

#[test]
fn a_state_of_something_else_is_refused_and_leaves_it_as_new() {
    let bars = bars(1);
    let mut engine = engine("core", true);
    one_by_one(&mut engine, &bars[..300], &[None; 300]);
    let (state, fresh) = (save(&engine), save(&self::engine("core", true)));
    let mut other = self::engine("core", true);
    for length in (0..state.len()).step_by(7).chain([state.len() - 1]) {
        other.observe(&bars[0]).unwrap();
        assert!(other.load(&mut StateReader::new(&state[..length])).is_err());
        assert_eq!(save(&other), fresh, "{length}");
    }
    // A length beyond all memory is refused before anything is read.
    let mut damaged = state.clone();
    damaged[..8].fill(0xff);
    assert_eq!(other.load(&mut StateReader::new(&damaged)), Err(RestoreError::Truncated));
    for (name, is_sequence) in [("entry", true), ("core", false)] {
        let mut other = self::engine(name, is_sequence);
        let refused = other.load(&mut StateReader::new(&state));
        assert!(matches!(refused, Err(RestoreError::Mismatch { .. })), "{name}: {refused:?}");
    }
    // It is read up to its end, and not beyond it.
    let mut longer = state;
    longer.extend_from_slice(b"next");
    let mut reader = StateReader::new(&longer);
    other.load(&mut reader).unwrap();
    assert_eq!(reader.read_bytes(4), Ok(b"next".as_slice()));
}

#[test]
fn a_preprocessing_of_another_set_is_refused() {
    let refused = ObservationEngine::new(set("core"), &preprocess("entry", false), SPEC).map(|_| ());
    assert!(matches!(refused, Err(ObservationError::Preprocess(PreprocessError::Schema { .. }))));
    assert_eq!(engine("core", true).bars(), SPEC);
}
