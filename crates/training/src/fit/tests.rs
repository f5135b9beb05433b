use std::num::NonZeroU32;
use std::ops::Range;

use feature_api::Row;
use proptest::prelude::*;

use super::*;

type Cells = Vec<Option<f64>>;

fn names(width: usize) -> Vec<String> {
    (0..width).map(|index| format!("feature_{index}")).collect()
}

/// Rows by feature.
fn columns(features: &[Cells]) -> Columns {
    let mut columns = Columns::new(features.len());
    for row in 0..features.first().map_or(0, Vec::len) {
        let mut cells = Row::new(features.len());
        features.iter().enumerate().for_each(|(index, feature)| cells.set(index, feature[row]));
        columns.push(&cells);
    }
    columns
}

/// Fits all rows of features called `feature_0`, `feature_1`, …
fn fit_all(features: &[Cells], recipe: &Recipe) -> Result<Parts, TrainingError> {
    let columns = columns(features);
    fit_range(&columns, 0..columns.len(), recipe)
}

fn fit_range(features: &Columns, rows: Range<usize>, recipe: &Recipe) -> Result<Parts, TrainingError> {
    let names = names(features.width());
    fit_rows("test", &FeatureRows { names: &names, features, rows: rows.collect() }, recipe)
        .map(|fitted| fitted.parts().clone())
}

fn of(values: &[f64]) -> Cells {
    values.iter().copied().map(Some).collect()
}

fn recipe(scaler: ScalerKind) -> Recipe {
    Recipe { scaler, ..Recipe::default() }
}

fn scales(parts: &Parts) -> Vec<(f64, f64)> {
    parts.scaler.as_ref().unwrap().scales.iter().map(|scale| (scale.center, scale.scale)).collect()
}

#[test]
fn the_default_keeps_everything_as_it_is() {
    let parts = fit_all(&[of(&[1.0, 2.0]), vec![None, Some(5.0)]], &Recipe::default()).unwrap();
    assert_eq!(parts.features, names(2));
    assert_eq!(parts.kept, names(2));
    assert_eq!(parts.nulls, [Nulls::Refuse; 2]);
    assert_eq!(parts.clip, None);
    assert_eq!(parts.scaler, Some(Scaler { kind: ScalerKind::None, scales: Vec::new() }));
    assert_eq!(parts.sequence, NonZeroU32::MIN);
}

#[test]
fn medians_are_of_valid_values_and_go_where_the_recipe_says() {
    let recipe = Recipe {
        nulls: NullPolicy::Median,
        nulls_of: [
            ("feature_1".to_owned(), NullPolicy::Missing),
            ("feature_2".to_owned(), NullPolicy::Refuse),
        ]
        .into(),
        drop: vec!["feature_3".to_owned()],
        sequence: NonZeroU32::new(4).unwrap(),
        ..Recipe::default()
    };
    let odd = vec![Some(9.0), None, Some(-1.0), Some(4.0), Some(f64::NAN)];
    let even = vec![Some(9.0), None, Some(-1.0), Some(4.0), Some(5.0)];
    let parts = fit_all(&[odd, of(&[0.0; 5]), of(&[0.0; 5]), vec![None; 5], even], &recipe).unwrap();
    assert_eq!(
        parts.nulls,
        [Nulls::Median(Some(4.0)), Nulls::Missing, Nulls::Refuse, Nulls::Median(Some(4.5))]
    );
    assert_eq!(parts.kept, ["feature_0", "feature_1", "feature_2", "feature_4"]);
    assert_eq!(parts.sequence.get(), 4);
}

#[test]
fn scalers_by_hand() {
    let values = [of(&[1.0, 3.0, 5.0, 11.0]), of(&[-2.0, -2.0, 2.0, 2.0])];
    let fitted = |kind| scales(&fit_all(&values, &recipe(kind)).unwrap());
    // Mean 5, squares 16 + 4 + 0 + 36 = 56, by 4.
    assert_eq!(fitted(ScalerKind::Standard), [(5.0, 14.0_f64.sqrt()), (0.0, 2.0)]);
    assert_eq!(fitted(ScalerKind::MinMax), [(1.0, 10.0), (-2.0, 4.0)]);
    // Quartiles at ranks 0.75 and 2.25: 2.5 and 6.5; −2 and 2.
    assert_eq!(fitted(ScalerKind::Robust), [(4.0, 4.0), (0.0, 4.0)]);
}

#[test]
fn a_feature_without_spread_has_scale_one() {
    for kind in [ScalerKind::Standard, ScalerKind::MinMax, ScalerKind::Robust] {
        for value in [0.1, -7.0, 1e300, 0.0, -0.0] {
            let parts = fit_all(&[of(&[value; 7])], &recipe(kind)).unwrap();
            assert_eq!(scales(&parts), [(value, 1.0)], "{kind}");
        }
    }
    // An interquartile range of 0 is no spread either, whatever lies outside.
    let parts = fit_all(&[of(&[1.0, 3.0, 3.0, 3.0, 9.0])], &recipe(ScalerKind::Robust)).unwrap();
    assert_eq!(scales(&parts), [(3.0, 1.0)]);
}

#[test]
fn clip_is_fitted_on_raw_values_and_the_scaler_on_what_is_left() {
    let recipe = Recipe {
        nulls: NullPolicy::Median,
        clip: Some(ClipQuantiles { low: 0.25, high: 0.75 }),
        ..recipe(ScalerKind::MinMax)
    };
    let cells = vec![Some(0.0), Some(100.0), None, Some(10.0), Some(20.0), Some(40.0)];
    let parts = fit_all(std::slice::from_ref(&cells), &recipe).unwrap();
    // Of 0, 10, 20, 40, 100.
    assert_eq!(parts.clip, Some(vec![Bounds { low: 10.0, high: 40.0 }]));
    assert_eq!(parts.nulls, [Nulls::Median(Some(20.0))]);
    assert_eq!(scales(&parts), [(10.0, 30.0)]);
    // Clipped and imputed in the order of the rows: 10, 40, 20, 10, 20, 40.
    let standard = Recipe { scaler: ScalerKind::Standard, ..recipe.clone() };
    let mean = 140.0 / 6.0;
    let squares = [10.0, 40.0, 20.0, 10.0, 20.0, 40.0].map(|x: f64| (x - mean) * (x - mean));
    let [(center, scale)] = scales(&fit_all(std::slice::from_ref(&cells), &standard).unwrap())[..] else {
        panic!()
    };
    assert_eq!(center, mean);
    // Six squares, each rounded twice, and their sum, quotient and root.
    let expected = (squares.iter().sum::<f64>() / 6.0).sqrt();
    assert!((scale - expected).abs() <= 8.0 * f64::EPSILON * expected, "{scale} {expected}");
    // Rows that are refused do not count: 10, 40, 10, 20, 40.
    let refusing = Recipe { nulls: NullPolicy::Refuse, ..standard };
    assert_eq!(scales(&fit_all(&[cells], &refusing).unwrap())[0].0, 24.0);
}

#[test]
fn every_feature_that_is_never_valid_is_named() {
    let never = vec![None, Some(f64::NAN), None];
    let features = [never.clone(), of(&[1.0; 3]), never.clone(), never];
    for nulls in [NullPolicy::Refuse, NullPolicy::Median, NullPolicy::Missing] {
        let mut recipe = Recipe { nulls, drop: vec!["feature_3".to_owned()], ..Recipe::default() };
        let error = fit_all(&features, &recipe).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("\"feature_0\", \"feature_2\"") && text.contains("drop"), "{text}");
        let TrainingError::NeverValid { features: found, rows: 3 } = error else { panic!("{error}") };
        assert_eq!(found, ["feature_0", "feature_2"]);
        recipe.drop = found.into_iter().chain(["feature_3".to_owned()]).collect();
        assert_eq!(fit_all(&features, &recipe).unwrap().kept, ["feature_1"]);
    }
}

#[test]
fn every_name_that_does_not_exist_is_answered_with_near_ones() {
    let recipe = Recipe {
        drop: vec!["feature1".to_owned(), "feature_1".to_owned()],
        nulls_of: [("volume".to_owned(), NullPolicy::Median)].into(),
        ..Recipe::default()
    };
    let error = fit_all(&[of(&[1.0]), of(&[1.0])], &recipe).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("feature1") && text.contains("did you mean \"feature_1\""), "{text}");
    let TrainingError::Unknown { set, features: 2, unknown } = error else { panic!("{error}") };
    assert_eq!(set, "test");
    assert_eq!((unknown[0].option, unknown[0].near[0].as_str()), ("drop", "feature_1"));
    let volume = UnknownName { option: "nulls_of", name: "volume".to_owned(), near: Vec::new() };
    assert_eq!((unknown.len(), &unknown[1]), (2, &volume));
}

#[test]
fn what_cannot_be_fitted_is_said() {
    let values = [of(&[1.0, 2.0])];
    for (low, high) in [(0.5, 0.5), (0.9, 0.1), (-0.1, 0.5), (0.5, 1.1), (f64::NAN, 1.0), (0.0, f64::NAN)] {
        let recipe = Recipe { clip: Some(ClipQuantiles { low, high }), ..Recipe::default() };
        let error = fit_all(&values, &recipe).unwrap_err();
        assert!(matches!(error, TrainingError::Option { option: "clip", .. }), "{error}");
    }
    let error = fit_all(&[of(&[1.0, f64::INFINITY])], &Recipe::default()).unwrap_err();
    assert!(matches!(error, TrainingError::Infinite { row: 1, .. }), "{error}");
    let error = fit_all(&[of(&[f64::MAX, -f64::MAX])], &recipe(ScalerKind::MinMax)).unwrap_err();
    assert!(matches!(error, TrainingError::Preprocess(_)), "{error}");
    let drop = Recipe { drop: names(1), ..Recipe::default() };
    assert!(matches!(fit_all(&values, &drop).unwrap_err(), TrainingError::Preprocess(_)));
}

fn cell() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![4 => (-9.0..9.0).prop_map(Some), 1 => Just(None), 1 => Just(Some(f64::NAN))]
}

fn any_recipe() -> impl Strategy<Value = Recipe> {
    let policy = prop_oneof![Just(NullPolicy::Refuse), Just(NullPolicy::Median), Just(NullPolicy::Missing)];
    let scaler = prop_oneof![
        Just(ScalerKind::None),
        Just(ScalerKind::Standard),
        Just(ScalerKind::MinMax),
        Just(ScalerKind::Robust)
    ];
    (policy, scaler, proptest::option::of((0.0..0.5, 0.5001..1.0))).prop_map(|(nulls, scaler, clip)| Recipe {
        nulls,
        scaler,
        clip: clip.map(|(low, high)| ClipQuantiles { low, high }),
        ..Recipe::default()
    })
}

proptest! {
    #[test]
    fn rows_outside_the_split_change_nothing(
        (features, others) in (1_usize..4, 3_usize..40).prop_flat_map(|(width, rows)| {
            let cells = || proptest::collection::vec(proptest::collection::vec(cell(), rows), width);
            (cells(), cells())
        }),
        (from, to) in (0.0..1.0, 0.0..=1.0),
        recipe in any_recipe(),
    ) {
        let rows = features[0].len();
        let start = (from * rows as f64) as usize;
        let end = start + (to * (rows - start) as f64) as usize;
        let mut scrambled = features.clone();
        for (feature, other) in scrambled.iter_mut().zip(&others) {
            for row in (0..start).chain(end..rows) {
                feature[row] = other[row];
            }
        }
        let alone: Vec<Cells> = features.iter().map(|feature| feature[start..end].to_vec()).collect();
        let text = |found: Result<Parts, TrainingError>| format!("{found:?}");
        let expected = text(fit_range(&columns(&features), start..end, &recipe));
        prop_assert_eq!(&text(fit_range(&columns(&scrambled), start..end, &recipe)), &expected);
        prop_assert_eq!(&text(fit_all(&alone, &recipe)), &expected);
    }

    #[test]
    fn scaled_training_values_are_as_the_scaler_says(
        values in proptest::collection::vec(-1e3..1e3, 2..40),
        clip in any::<bool>(),
    ) {
        let clip = clip.then_some(ClipQuantiles { low: 0.1, high: 0.8 });
        let scaled = |kind| {
            let parts = fit_all(&[of(&values)], &Recipe { clip, ..recipe(kind) }).unwrap();
            let bounds = parts.clip.as_ref().map(|clip| clip[0]);
            let Scale { center, scale } = parts.scaler.unwrap().scales[0];
            sorted(values.iter().map(|value| {
                (bounds.map_or(*value, |bounds| bounds.clip(*value)) - center) / scale
            }))
        };
        let min_max = scaled(ScalerKind::MinMax);
        // The range is the same difference as that of the largest value: the quotient is exactly 1.
        prop_assert_eq!(min_max.first(), Some(&0.0));
        prop_assume!(values.iter().any(|value| *value != values[0]));
        prop_assert_eq!(min_max.last(), Some(&1.0));
        let robust = scaled(ScalerKind::Robust);
        let quarters = quantile(&robust, 0.75).unwrap() - quantile(&robust, 0.25).unwrap();
        // Each raw quartile is rounded three times, their difference once; of the scaled ones each value twice and each
        // quartile three times: 17 times by half a unit of the largest raw value, in units of the scale.
        let scale = scales(&fit_all(&[of(&values)], &Recipe { clip, ..recipe(ScalerKind::Robust) }).unwrap())[0].1;
        let largest = values.iter().fold(0.0, |most: f64, value| if value.abs() > most { value.abs() } else { most });
        let bound = 17.0 / 2.0 * f64::EPSILON * largest / scale;
        prop_assert!((quarters - 1.0).abs() <= bound, "{} {}", quarters, bound);
    }
}
