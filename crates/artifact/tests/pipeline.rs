//! Row by row and over many: the same bits, and nothing allocated once warm.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use artifact::{Outcome, Pipeline, PipelineError, Predictions, ProbeError};
use feature_api::{Columns, Row, Schema, StateReader, StateWriter};
use model::{Ensemble, PredictError};
use preprocess::{NotReady, Nulls, Preprocess};
use proptest::prelude::*;
use support::samples::{KINDS, artifact};
use support::toy::{TOY, rows};

fn schema() -> Schema {
    TOY.open("toy", &[]).unwrap().schema().clone()
}

fn pipeline(kind: &str) -> Pipeline {
    let artifact = artifact(kind);
    Pipeline::new(&artifact.preprocess, &artifact.ensemble, &artifact.filters, &schema()).unwrap()
}

/// The same behind its warm-up: it has taken a row for each of it.
fn warm(mut pipeline: Pipeline) -> Pipeline {
    for row in rows("toy", 3) {
        assert!(matches!(pipeline.push(&row), Ok(Outcome::WarmUp { warm_up: 3, .. })));
    }
    pipeline
}

fn columns(rows: &[Row]) -> Columns {
    let mut columns = Columns::new(rows.first().map_or(4, Row::width));
    rows.iter().for_each(|row| columns.push(row));
    columns
}

fn cell() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        1 => Just(None),
        8 => (-5.0..110.0).prop_map(Some),
        1 => prop_oneof![Just(0.0), Just(-0.0), Just(104.0), Just(99.99), Just(1e300), Just(-1e-300)].prop_map(Some),
    ]
}

fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec(proptest::collection::vec(cell(), 4), 0..80).prop_map(|rows| {
        let row = |cells: &Vec<Option<f64>>| {
            let mut row = Row::new(cells.len());
            cells.iter().enumerate().for_each(|(index, cell)| row.set(index, *cell));
            row
        };
        rows.iter().map(row).collect()
    })
}

proptest! {
    #[test]
    fn many_rows_are_one_after_another(
        kind in 0..KINDS.len(),
        rows in any_rows(),
        cuts in proptest::collection::vec(0..80_usize, 0..4),
    ) {
        let fresh = pipeline(KINDS[kind]);
        let (mut by_row, mut expected) = (fresh.clone(), Predictions::default());
        let mut refused = None;
        for row in &rows {
            match by_row.push(row) {
                Ok(Outcome::Predicted { value, .. }) => expected.values.push(Some(value)),
                Ok(Outcome::Blocked { .. }) => {
                    expected.values.push(None);
                    expected.blocked += 1;
                }
                Ok(Outcome::NotReady(_) | Outcome::WarmUp { .. }) => {
                    expected.values.push(None);
                    expected.not_ready += 1;
                }
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
        let (mut by_many, mut found) = (fresh, Predictions::default());
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(rows.len())).collect();
        cuts.extend([0, rows.len()]);
        cuts.sort_unstable();
        let mut stopped = None;
        for pair in cuts.windows(2) {
            if let Err(error) = by_many.extend(&columns(&rows[pair[0]..pair[1]]), &mut found) {
                stopped = Some(error);
                break;
            }
        }
        prop_assert_eq!(&stopped, &refused);
        let bits = |predictions: &Predictions| -> Vec<Option<u64>> {
            predictions.values.iter().map(|value| value.map(f64::to_bits)).collect()
        };
        prop_assert_eq!(bits(&found), bits(&expected));
        prop_assert_eq!((found.blocked, found.not_ready), (expected.blocked, expected.not_ready));
        // Both stand at the same row.
        let (mut one, mut other) = (StateWriter::new(), StateWriter::new());
        by_row.save(&mut one);
        by_many.save(&mut other);
        prop_assert_eq!(one.into_bytes(), other.into_bytes());
    }

    #[test]
    fn a_restart_goes_on(kind in 0..KINDS.len(), rows in any_rows(), at in 0..80_usize) {
        let mut one = pipeline(KINDS[kind]);
        let mut other = one.clone();
        let at = at.min(rows.len());
        for row in &rows[..at] {
            let _ = one.push(row);
        }
        let mut state = StateWriter::new();
        one.save(&mut state);
        let state = state.into_bytes();
        let mut reader = StateReader::new(&state);
        prop_assert_eq!(other.load(&mut reader), Ok(()));
        prop_assert_eq!(reader.finish(), Ok(()));
        for row in &rows[at..] {
            let (one, other) = (one.push(row), other.push(row));
            prop_assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
        for length in 0..state.len() {
            prop_assert!(other.load(&mut StateReader::new(&state[..length])).is_err());
        }
    }
}

#[test]
fn nothing_is_allocated_once_warm() {
    for kind in KINDS {
        let (mut pipeline, rows) = (pipeline(kind), rows("toy", 60));
        for row in &rows[..10] {
            pipeline.push(row).unwrap();
        }
        let mut predicted = 0;
        let info = allocation_counter::measure(|| {
            for row in &rows[10..] {
                predicted += u32::from(matches!(pipeline.push(row), Ok(Outcome::Predicted { .. })));
            }
        });
        assert_eq!((info.count_total, predicted > 5), (0, true), "{kind}");
    }
}

#[test]
fn a_blocked_row_does_not_break_a_sequence() {
    let sequence = artifact("sequence");
    let filters = artifact("filters").filters;
    let new = |filters| Pipeline::new(&sequence.preprocess, &sequence.ensemble, filters, &schema()).unwrap();
    let (mut with, mut without) = (new(&filters), new(&[]));
    let (mut blocked, mut after) = (0, 0);
    for row in &rows("toy", 60) {
        let (with, without) = (with.push(row).unwrap(), without.push(row).unwrap());
        match with {
            Outcome::Blocked { filter, value } => {
                assert!(filters.contains(filter));
                assert!(value.is_none_or(|value| filter.comparison.holds(value, filter.threshold)));
                blocked += 1;
            }
            Outcome::Predicted { .. } => {
                assert_eq!(with, without);
                after += u32::from(blocked > 0);
            }
            Outcome::NotReady(_) | Outcome::WarmUp { .. } => assert_eq!(with, without),
        }
    }
    assert!(blocked > 5 && after > 5, "{blocked} blocked, {after} after");
}

#[test]
fn a_filter_without_a_value_blocks_before_the_row_is_no_input() {
    let mut pipeline = warm(pipeline("filters"));
    let none = Row::new(4);
    assert!(matches!(
        pipeline.push(&none),
        Ok(Outcome::Blocked { filter, value: None }) if filter.feature == "direction"
    ));
    let outcome = warm(self::pipeline("linear")).push(&none).map(|outcome| format!("{outcome:?}"));
    assert_eq!(outcome, Ok(format!("{:?}", Outcome::NotReady(NotReady::Null { feature: 0 }))));
}

#[test]
fn a_row_that_is_refused_is_named_and_the_next_goes_on() {
    let mut rows = rows("toy", 10);
    rows[6].set(0, Some(f64::INFINITY));
    let mut pipeline = pipeline("linear");
    let mut predictions = Predictions::default();
    let error = pipeline.extend(&columns(&rows), &mut predictions).unwrap_err();
    let refused =
        PipelineError::Predict { row: 6, error: PredictError::Infinite { index: 0, found: f64::INFINITY } };
    assert_eq!(error, refused);
    assert!(error.to_string().contains("row 6"));
    assert_eq!(predictions.values.len(), 6);
    assert!(matches!(pipeline.push(&rows[7]), Ok(Outcome::Predicted { .. })));
}

#[test]
fn rows_of_another_set_are_refused() {
    let narrow = rows("pair", 3);
    let mut pipeline = pipeline("trees-f32");
    let error = PipelineError::Width { expected: 4, found: 2 };
    assert_eq!(pipeline.push(&narrow[2]).map(|_| ()), Err(error.clone()));
    let mut predictions = Predictions::default();
    assert_eq!(pipeline.extend(&columns(&narrow), &mut predictions), Err(error));
    assert_eq!(predictions, Predictions::default());
}

#[test]
fn parts_that_do_not_belong_together_are_all_told() {
    let (trees, linear) = (artifact("trees-f32"), artifact("linear"));
    let filters = artifact("filters").filters;
    let pair = TOY.open("pair", &[]).unwrap().schema().clone();
    let problems =
        Pipeline::new(&trees.preprocess, &linear.ensemble, &filters, &pair).map(|_| ()).unwrap_err();
    let codes: Vec<_> = problems.iter().map(artifact::Problem::code).collect();
    assert_eq!(codes, ["preprocess", "width", "missing-values", "filters"]);
}

#[test]
fn a_probe_is_what_the_pipeline_comes_to_from_the_start() {
    let rows = rows("toy", 60);
    let mut pipeline = pipeline("sequence");
    let probe = pipeline.probe(&rows[20..23]).unwrap();
    for row in &rows[..23] {
        pipeline.push(row).unwrap();
    }
    // The same sequence after others, and a probe in the middle of a stream.
    assert_eq!(pipeline.probe(&rows[20..23]).unwrap(), probe);
    let mut fresh = warm(self::pipeline("sequence"));
    for row in &rows[20..22] {
        fresh.push(row).unwrap();
    }
    let Ok(Outcome::Predicted { value, margins }) = fresh.push(&rows[22]) else { panic!("no prediction") };
    assert_eq!((probe.value.to_bits(), probe.margins.as_slice()), (value.to_bits(), margins));
    assert_eq!(probe.rows.len(), 3);

    assert_eq!(pipeline.probe(&rows[20..22]), Err(ProbeError::Rows { expected: 3, found: 2 }));
    assert_eq!(pipeline.probe(&[]), Err(ProbeError::Rows { expected: 3, found: 0 }));
    let mut odd = rows[20..23].to_vec();
    odd[1].set(1, Some(f64::NEG_INFINITY));
    let refused = ProbeError::NotFinite { row: 1, feature: 1, found: f64::NEG_INFINITY };
    assert_eq!(pipeline.probe(&odd), Err(refused));
    odd[1].set(0, None);
    odd[1].set(1, Some(0.1));
    assert!(matches!(pipeline.probe(&odd), Err(ProbeError::NoPrediction { .. })));
    let blocked = self::pipeline("filters");
    let mut row = rows[20].clone();
    row.set(3, Some(-1.0));
    let Err(ProbeError::NoPrediction { found }) = blocked.probe(&[row]) else { panic!("a probe") };
    assert!(found.contains("direction"), "{found}");
    assert!(matches!(blocked.probe(&rows[20..22]), Err(ProbeError::Rows { expected: 1, found: 2 })));
}

#[test]
fn a_missing_value_reaches_the_model() {
    let trees = artifact("trees-f32");
    assert!(trees.preprocess.gives_missing());
    let mut row = rows("toy", 20).pop().unwrap();
    let mut pipeline = warm(pipeline("trees-f32"));
    let Ok(Outcome::Predicted { value: with, .. }) = pipeline.push(&row) else { panic!("no prediction") };
    row.set(2, None);
    let Ok(Outcome::Predicted { value: without, .. }) = pipeline.push(&row) else { panic!("no prediction") };
    assert!(with.is_finite() && without.is_finite());
    // Where the imputer refuses, the same row is no input.
    let mut parts = trees.preprocess.parts().clone();
    parts.nulls[2] = Nulls::Refuse;
    let ensemble: &Ensemble = &trees.ensemble;
    let refusing = Preprocess::new(parts).unwrap();
    let mut pipeline = warm(Pipeline::new(&refusing, ensemble, &[], &schema()).unwrap());
    assert_eq!(pipeline.push(&row), Ok(Outcome::NotReady(NotReady::Null { feature: 2 })));
}

#[test]
fn no_model_is_asked_before_the_windows_are_full() {
    // Trees that know missing values would predict the first row.
    let mut pipeline = pipeline("trees-f32");
    for (index, row) in rows("toy", 20).iter().enumerate() {
        let outcome = pipeline.push(row).unwrap();
        let is_warming = matches!(outcome, Outcome::WarmUp { .. });
        assert_eq!(is_warming, index < 3, "row {index}: {outcome:?}");
    }
    pipeline.reset();
    assert!(matches!(pipeline.push(&rows("toy", 20)[19]), Ok(Outcome::WarmUp { rows: 1, warm_up: 3 })));
    // A state holds how many rows there were.
    let mut state = StateWriter::new();
    pipeline.save(&mut state);
    let mut continued = self::pipeline("trees-f32");
    continued.load(&mut StateReader::new(&state.into_bytes())).unwrap();
    assert!(matches!(continued.push(&rows("toy", 20)[19]), Ok(Outcome::WarmUp { rows: 2, warm_up: 3 })));
}
