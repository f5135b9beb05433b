//! Nothing that is fitted knows a row outside its split.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::num::NonZeroU32;
use std::ops::Range;

use common::{HORIZON, dataset, direction, forward_return, series};
use dataset::{Dataset, Split, WalkForward, Window};
use preprocess::{ClipQuantiles, NullPolicy, Recipe, ScalerKind};
use training::{
    LogisticOptions, Metrics, Objective, Scored, TrainExamples, Trainer, TrainingError, distributions,
    eval_examples, evaluate, fit, walk_forward,
};

fn recipe(sequence: u32) -> Recipe {
    Recipe {
        nulls: NullPolicy::Median,
        clip: Some(ClipQuantiles { low: 0.01, high: 0.99 }),
        scaler: ScalerKind::Standard,
        sequence: NonZeroU32::new(sequence).unwrap(),
        ..Recipe::default()
    }
}

fn trainer() -> Trainer {
    Trainer::Logistic(LogisticOptions { l2: 1.0, steps_max: 50 })
}

/// Two datasets with the same bars up to the first row of the validation part, and other bars from there on.
fn same_past() -> (Dataset, Dataset, usize) {
    let (here, other) = (series(700, 1), series(700, 2));
    let mut elsewhere = here.clone();
    let first = 420;
    elsewhere.bars.truncate(first);
    // The second future goes on at its own prices: a jump that every later feature shows.
    elsewhere.bars.extend_from_slice(&other.bars[first..]);
    let (here, elsewhere) = (dataset(&here, direction()), dataset(&elsewhere, direction()));
    assert_eq!(here.split().unwrap().validation.rows().start, first);
    (here, elsewhere, first)
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn another_future_changes_nothing_that_is_fitted() {
    let (here, elsewhere, first) = same_past();
    let closes = |dataset: &Dataset| bits(&dataset.features().column(0).0[first..]);
    assert_ne!(closes(&here), closes(&elsewhere), "the futures differ");
    let (a, b) = (here.split().unwrap(), elsewhere.split().unwrap());
    assert_eq!(distributions(&a.train), distributions(&b.train));
    for sequence in [1, 3] {
        let (fitted, again) =
            (fit(&a.train, &recipe(sequence)).unwrap(), fit(&b.train, &recipe(sequence)).unwrap());
        assert_eq!(fitted, again);
        let examples = |split: &Split<'_>| TrainExamples::of(&split.train, &fitted).unwrap();
        assert_eq!(examples(&a), examples(&b));
        let model = |split: &Split<'_>| trainer().train(&examples(split), Objective::Logistic).unwrap();
        assert_eq!(model(&a), model(&b));
    }
}

#[test]
fn examples_are_the_rows_of_their_split_that_are_ready_and_labelled() {
    let dataset = dataset(&series(700, 1), direction());
    let split = dataset.split().unwrap();
    let mut recipe = recipe(4);
    recipe.nulls = NullPolicy::Refuse;
    let fitted = fit(&split.train, &recipe).unwrap();
    let width = dataset.features().width();
    let ready = |row: usize| (0..width).all(|feature| dataset.features().get(row, feature).is_some());
    let expected = |rows: Range<usize>, from: usize| -> Vec<usize> {
        rows.filter(|row| {
            row + 1 >= from + 4 && (row - 3..=*row).all(ready) && dataset.labels().get(*row).is_some()
        })
        .collect()
    };
    let labelled = |rows: Range<usize>| rows.filter(|row| dataset.labels().get(*row).is_some()).count();

    let train = TrainExamples::of(&split.train, &fitted).unwrap();
    let rows = split.train.rows();
    assert_eq!(train.examples().rows(), expected(rows.clone(), rows.start));
    assert_eq!(train.examples().not_ready(), 3, "the sequence fills; the warm-up is in no part");
    assert_eq!(train.examples().not_ready() + train.examples().len(), labelled(rows));
    let hits = train.examples().labels().iter().sum::<f64>();
    assert_eq!(train.mean_target(Objective::Logistic), hits / train.examples().len() as f64);

    // A sequence reaches back into the rows before: the first row of the part is ready.
    let test = eval_examples(&split.test, &fitted).unwrap();
    let rows = split.test.rows();
    assert_eq!(test.rows(), expected(rows.clone(), 0));
    assert_eq!((test.rows()[0], test.not_ready()), (rows.start, 0));
    assert_eq!(test.len(), rows.len() - HORIZON as usize, "the last rows have no future");
    let input = test.inputs().get(0).unwrap();
    let one = preprocess::Preprocess::new(preprocess::Parts {
        sequence: NonZeroU32::MIN,
        ..fitted.parts().clone()
    })
    .unwrap();
    let mut transform = one.bind_names("core", &dataset.manifest().names).unwrap();
    let mut inputs = preprocess::Inputs::default();
    transform.extend_range(dataset.features(), rows.start - 3..rows.start + 1, &mut inputs).unwrap();
    assert_eq!(bits(input), bits(inputs.values()));
    for (row, label) in test.rows().iter().zip(test.labels()) {
        assert_eq!(dataset.labels().get(*row), Some(*label));
    }
}

#[test]
fn training_sequences_begin_inside_their_split() {
    let dataset = dataset(&series(900, 1), direction());
    let spec = WalkForward { folds: 4, window: Window::Rolling, embargo: 0 };
    let mut later = 0;
    for fold in dataset.walk_forward(&spec).unwrap() {
        let fitted = fit(&fold.train, &recipe(7)).unwrap();
        let rows = fold.train.rows();
        let train = TrainExamples::of(&fold.train, &fitted).unwrap();
        // Imputed, every row is ready.
        assert_eq!(train.examples().rows(), (rows.start + 6..rows.end).collect::<Vec<_>>());
        assert_eq!(train.examples().not_ready(), 6);
        later += usize::from(rows.start > 6);
    }
    assert!(later > 0, "some split begins where rows before it are there to be looked at");
}

#[test]
fn a_part_without_a_ready_row_is_an_error() {
    let dataset = dataset(&series(700, 1), direction());
    let split = dataset.split().unwrap();
    let mut recipe = recipe(1);
    recipe.nulls = NullPolicy::Refuse;
    recipe.sequence = NonZeroU32::new(5000).unwrap();
    let fitted = fit(&split.train, &recipe).unwrap();
    let error = TrainExamples::of(&split.train, &fitted).unwrap_err();
    let TrainingError::NoExamples { start: 33, end, labelled } = error else { panic!("{error}") };
    assert_eq!((end, labelled), (split.train.rows().end, end - 33));
    assert!(matches!(eval_examples(&split.test, &fitted), Err(TrainingError::NoExamples { .. })));
}

#[test]
fn preprocessing_of_other_features_is_refused() {
    let dataset = dataset(&series(700, 1), direction());
    let split = dataset.split().unwrap();
    let mut parts = fit(&split.train, &recipe(1)).unwrap().parts().clone();
    parts.features[0] = "other".to_owned();
    parts.kept[0] = "other".to_owned();
    let other = preprocess::Preprocess::new(parts).unwrap();
    let error = TrainExamples::of(&split.train, &other).unwrap_err();
    assert!(matches!(error, TrainingError::Preprocess(_)), "{error}");
}

#[test]
fn a_name_that_is_near_is_told() {
    let dataset = dataset(&series(700, 1), direction());
    let near = &dataset.manifest().names[2];
    let recipe = Recipe { drop: vec![near.to_uppercase()], ..recipe(1) };
    let error = fit(&dataset.split().unwrap().train, &recipe).unwrap_err();
    assert!(error.to_string().contains(&format!("did you mean {near:?}")), "{error}");
}

#[test]
fn walking_forward_is_each_fold_by_itself() {
    let dataset = dataset(&series(900, 1), direction());
    for window in [Window::Expanding, Window::Rolling] {
        let spec = WalkForward { folds: 4, window, embargo: 2 };
        let mut told = Vec::new();
        let report =
            walk_forward(&dataset, &spec, &recipe(2), &trainer(), &mut |done, of| told.push((done, of)))
                .unwrap();
        assert_eq!(told, [(1, 4), (2, 4), (3, 4), (4, 4)]);
        assert_eq!(report.objective, Objective::Logistic);
        let mut pooled = Vec::new();
        for (fold, found) in dataset.walk_forward(&spec).unwrap().iter().zip(&report.folds) {
            let fitted = fit(&fold.train, &recipe(2)).unwrap();
            let train = TrainExamples::of(&fold.train, &fitted).unwrap();
            let model = trainer().train(&train, Objective::Logistic).unwrap();
            let test = eval_examples(&fold.test, &fitted).unwrap();
            let mean = train.mean_target(Objective::Logistic);
            assert_eq!((found.train_mean, found.train_rows), (mean, train.examples().len()));
            let metrics = evaluate(model.as_model(), &test, Objective::Logistic, mean).unwrap();
            assert_eq!(found.metrics, metrics);
            let times = &dataset.features().ts_available;
            let span = |rows: Range<usize>| (times[rows.start], times[rows.end - 1]);
            assert_eq!(found.train_span, span(fold.train.rows()));
            assert_eq!(found.test_span, span(fold.test.rows()));
            assert!(found.train_span.1 < found.test_span.0);
            for (input, label) in test.inputs().iter().zip(test.labels()) {
                let prediction = model.as_model().predict(input).unwrap().value;
                pooled.push(Scored { prediction, baseline: mean, label: *label });
            }
        }
        assert_eq!(report.pooled, Metrics::of(Objective::Logistic, &pooled).unwrap());
        assert_eq!(report.pooled.rows, report.folds.iter().map(|fold| fold.metrics.rows).sum::<usize>());
    }
}

#[test]
fn a_fold_that_cannot_be_trained_is_named() {
    let dataset = dataset(&series(900, 1), forward_return());
    let spec = WalkForward { folds: 2, window: Window::Expanding, embargo: 0 };
    let error = walk_forward(&dataset, &spec, &recipe(1), &trainer(), &mut |_, _| {}).unwrap_err();
    let TrainingError::Fold { fold: 1, folds: 2, source } = error else { panic!("{error}") };
    assert!(matches!(*source, TrainingError::Objective { found: Objective::Squared, .. }), "{source}");
}
