//! What a preprocessing refuses to be made from, and to be bound to.

#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "shared by tests that use parts of it")]
mod common;

use std::num::NonZeroU32;

use common::{parts, schema, schema_of};
use feature_api::Schema;
use preprocess::{Bounds, Nulls, Parts, Preprocess, PreprocessError, Scale, Scaler, ScalerKind};

/// Four features of which three are kept; every step has numbers.
fn full() -> Parts {
    Parts {
        nulls: vec![Nulls::Median(Some(0.5)), Nulls::Refuse, Nulls::Missing],
        clip: Some(vec![Bounds { low: -1.0, high: 1.0 }; 3]),
        scaler: Some(Scaler {
            kind: ScalerKind::Standard,
            scales: vec![Scale { center: 0.0, scale: 2.0 }; 3],
        }),
        ..parts(4, &[0, 2, 3], Nulls::Refuse, 5)
    }
}

/// The error of parts that were changed, and its text.
fn refused(change: impl FnOnce(&mut Parts)) -> (PreprocessError, String) {
    let mut parts = full();
    change(&mut parts);
    let error = Preprocess::new(parts).unwrap_err();
    let text = error.to_string();
    (error, text)
}

fn scales(parts: &mut Parts) -> &mut Vec<Scale> {
    &mut parts.scaler.as_mut().unwrap().scales
}

#[test]
fn whole_parts_are_kept_as_they_are() {
    let preprocess = Preprocess::new(full()).unwrap();
    assert_eq!(preprocess.parts(), &full());
    assert_eq!(preprocess.width(), 15);
    assert!(preprocess.gives_missing());
    let one = Preprocess::new(parts(1, &[0], Nulls::Refuse, 1)).unwrap();
    assert_eq!((one.width(), one.gives_missing()), (1, false));
    assert_eq!(one.bind(&schema(1)).unwrap().width(), 1);
}

#[test]
fn a_missing_scaler_is_not_a_scaler_that_does_nothing() {
    assert_eq!(refused(|p| p.scaler = None).0, PreprocessError::MissingScaler);
    let none = |scales| move |p: &mut Parts| p.scaler = Some(Scaler { kind: ScalerKind::None, scales });
    assert_eq!(
        refused(none(vec![Scale { center: 0.0, scale: 1.0 }])).0,
        PreprocessError::UnexpectedScales { found: 1 }
    );
    let mut stated = full();
    none(Vec::new())(&mut stated);
    assert!(Preprocess::new(stated).is_ok());
    for kind in [ScalerKind::Standard, ScalerKind::MinMax, ScalerKind::Robust] {
        let (error, text) = refused(|p| p.scaler = Some(Scaler { kind, scales: Vec::new() }));
        assert_eq!(error, PreprocessError::NoScales { kind, expected: 3 });
        assert!(text.contains(&kind.to_string()), "{text}");
    }
}

#[test]
fn an_imputer_that_was_never_fitted_is_refused() {
    let (error, text) = refused(|p| p.nulls[1] = Nulls::Median(None));
    assert_eq!(error, PreprocessError::NotFitted { feature: "c".to_owned() });
    assert!(text.contains("\"c\"") && text.contains("fit"), "{text}");
}

#[test]
fn each_step_has_an_entry_for_each_kept_feature() {
    let count = |step, found| PreprocessError::Count { step, expected: 3, found };
    assert_eq!(refused(|p| p.nulls.truncate(2)).0, count("imputer", 2));
    assert_eq!(refused(|p| p.nulls.push(Nulls::Refuse)).0, count("imputer", 4));
    assert_eq!(refused(|p| p.nulls.clear()).0, count("imputer", 0));
    assert_eq!(refused(|p| p.clip = Some(Vec::new())).0, count("clip", 0));
    assert_eq!(refused(|p| p.clip.as_mut().unwrap().truncate(2)).0, count("clip", 2));
    assert_eq!(refused(|p| scales(p).truncate(2)).0, count("scaler", 2));
    assert_eq!(refused(|p| scales(p).push(Scale { center: 0.0, scale: 1.0 })).0, count("scaler", 4));
}

#[test]
fn every_number_is_finite() {
    type Change = fn(&mut Parts, f64);
    let numbers: [(&str, &str, &str, Change); 5] = [
        ("imputer", "a", "median", |p, x| p.nulls[0] = Nulls::Median(Some(x))),
        ("clip", "c", "low", |p, x| p.clip.as_mut().unwrap()[1].low = x),
        ("clip", "d", "high", |p, x| p.clip.as_mut().unwrap()[2].high = x),
        ("scaler", "a", "center", |p, x| scales(p)[0].center = x),
        ("scaler", "d", "scale", |p, x| scales(p)[2].scale = x),
    ];
    for (step, feature, value, change) in numbers {
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let (error, text) = refused(|p| change(p, x));
            let PreprocessError::NotFinite { step: s, feature: f, value: v, found } = error else {
                panic!("{step} {value} {x}: {error}")
            };
            assert_eq!((s, f.as_str(), v, found.to_bits()), (step, feature, value, x.to_bits()));
            assert!(text.contains(step) && text.contains(value), "{text}");
        }
    }
}

#[test]
fn scales_are_above_zero_and_bounds_in_order() {
    for found in [0.0, -0.0, -1.0] {
        let (error, _) = refused(|p| scales(p)[1].scale = found);
        assert_eq!(error, PreprocessError::Scale { feature: "c".to_owned(), found });
    }
    let (error, _) = refused(|p| p.clip.as_mut().unwrap()[2] = Bounds { low: 1.0, high: 0.5 });
    assert_eq!(error, PreprocessError::Bounds { feature: "d".to_owned(), low: 1.0, high: 0.5 });
    let mut point = full();
    point.clip.as_mut().unwrap()[2] = Bounds { low: 1.0, high: 1.0 };
    assert!(Preprocess::new(point).is_ok());
}

#[test]
fn names_are_unique_and_kept_in_the_order_of_the_set() {
    assert_eq!(
        refused(|p| p.features[1].clear()).0,
        PreprocessError::EmptyName { list: "features", index: 1 }
    );
    assert_eq!(refused(|p| p.kept[1].clear()).0, PreprocessError::EmptyName { list: "kept", index: 1 });
    let twice = |list, feature: &str, first, second| PreprocessError::Twice {
        list,
        feature: feature.to_owned(),
        first,
        second,
    };
    assert_eq!(refused(|p| p.features[3] = "b".to_owned()).0, twice("features", "b", 1, 3));
    assert_eq!(refused(|p| p.kept[2] = "a".to_owned()).0, twice("kept", "a", 0, 2));
    assert_eq!(
        refused(|p| p.kept[1] = "z".to_owned()).0,
        PreprocessError::Unknown { feature: "z".to_owned(), features: 4 }
    );
    assert_eq!(
        refused(|p| p.kept.swap(1, 2)).0,
        PreprocessError::OutOfOrder { feature: "c".to_owned(), after: "d".to_owned() }
    );
    let (error, text) = refused(|p| p.kept.clear());
    assert_eq!(error, PreprocessError::NothingKept);
    assert!(text.contains("dropped"), "{text}");
    assert_eq!(
        Preprocess::new(parts(0, &[], Nulls::Refuse, 1)).unwrap_err(),
        PreprocessError::NothingKept,
        "a set without features has nothing to keep"
    );
}

#[test]
fn an_input_has_a_longest_length() {
    let of = |sequence| Preprocess::new(parts(4, &[0, 1, 2, 3], Nulls::Refuse, sequence));
    let longest = u32::try_from(Preprocess::WIDTH_MAX / 4).unwrap();
    assert_eq!(of(longest).unwrap().width(), Preprocess::WIDTH_MAX);
    for sequence in [longest + 1, u32::MAX] {
        assert_eq!(
            of(sequence).unwrap_err(),
            PreprocessError::TooLong { kept: 4, sequence, expected: Preprocess::WIDTH_MAX }
        );
    }
    let (error, _) = refused(|p| p.sequence = NonZeroU32::MAX);
    assert!(matches!(error, PreprocessError::TooLong { kept: 3, .. }));
}

#[test]
fn it_is_bound_to_the_features_it_was_fitted_on_alone() {
    let preprocess = Preprocess::new(full()).unwrap();
    assert_eq!(preprocess.bind(&schema(4)).unwrap().width(), 15);
    assert_eq!(preprocess.bind_names("test", &full().features).unwrap().width(), 15);
    let differs = |schema: Schema, index, expected: &str, found: &str| {
        let error = preprocess.bind(&schema).unwrap_err();
        let names: Vec<String> = schema.features().iter().map(|feature| feature.name.to_owned()).collect();
        assert_eq!(preprocess.bind_names("test", &names).unwrap_err(), error);
        let text = error.to_string();
        assert!(text.contains(expected) && text.contains(found), "{text}");
        assert_eq!(
            error,
            PreprocessError::Schema {
                set: "test".to_owned(),
                index,
                expected: expected.to_owned(),
                found: found.to_owned(),
            }
        );
    };
    differs(schema_of(&["a", "c", "b", "d"]), 1, "\"b\"", "\"c\"");
    differs(schema_of(&["a", "b", "c", "D"]), 3, "\"d\"", "\"D\"");
    differs(schema(3), 3, "\"d\"", "no further feature");
    differs(schema(5), 4, "no further feature", "\"e\"");
    differs(schema(0), 0, "\"a\"", "no further feature");
}
