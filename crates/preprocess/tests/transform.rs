//! What becomes of values, by hand.

#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "shared by tests that use parts of it")]
mod common;

use common::{parts, row, schema};
use feature_api::{Columns, RestoreError, StateReader, StateWriter};
use preprocess::{
    Bounds, Inputs, NotReady, Nulls, Parts, Preprocess, PreprocessError, Scale, Scaler, ScalerKind, Transform,
};

fn transform(parts: Parts) -> Transform {
    let width = parts.features.len();
    Preprocess::new(parts).unwrap().bind(&schema(width)).unwrap()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn state(transform: &Transform) -> Vec<u8> {
    let mut writer = StateWriter::new();
    transform.save(&mut writer);
    writer.into_bytes()
}

#[test]
fn values_are_imputed_then_clipped_then_scaled() {
    let mut steps = parts(2, &[0, 1], Nulls::Median(Some(9.0)), 1);
    steps.clip = Some(vec![Bounds { low: -1.0, high: 4.0 }; 2]);
    steps.scaler = Some(Scaler {
        kind: ScalerKind::Standard,
        scales: vec![Scale { center: 1.0, scale: 2.0 }, Scale { center: 0.0, scale: 0.5 }],
    });
    let mut t = transform(steps);
    assert_eq!(t.push(&row(&[Some(2.0), Some(3.0)])), Ok([0.5, 6.0].as_slice()));
    assert_eq!(t.push(&row(&[Some(-7.0), Some(-1.0)])), Ok([-1.0, -2.0].as_slice()));
    // The median lies outside the bounds: it is cut off like any other value.
    assert_eq!(t.push(&row(&[None, Some(f64::NAN)])), Ok([1.5, 8.0].as_slice()));
    assert_eq!(t.push(&row(&[Some(f64::INFINITY), Some(f64::NEG_INFINITY)])), Ok([1.5, -2.0].as_slice()));
}

#[test]
fn a_value_that_is_not_valid_never_becomes_a_number_of_its_own() {
    for cell in [None, Some(f64::NAN), Some(-f64::NAN)] {
        let mut refuse = transform(parts(3, &[0, 2], Nulls::Refuse, 1));
        assert_eq!(refuse.push(&row(&[Some(1.0), Some(1.0), cell])), Err(NotReady::Null { feature: 2 }));
        assert_eq!(refuse.push(&row(&[Some(1.0), cell, Some(2.0)])), Ok([1.0, 2.0].as_slice()));

        let mut missing = parts(1, &[0], Nulls::Missing, 1);
        missing.clip = Some(vec![Bounds { low: 0.0, high: 1.0 }]);
        missing.scaler =
            Some(Scaler { kind: ScalerKind::MinMax, scales: vec![Scale { center: -3.0, scale: 7.0 }] });
        let mut missing = transform(missing);
        assert_eq!(missing.push(&row(&[cell])).map(bits), Ok(vec![0x7ff8_0000_0000_0000]));
    }
}

#[test]
fn zeros_keep_their_sign_and_overflow_stays_infinite() {
    let mut plain = transform(parts(1, &[0], Nulls::Refuse, 1));
    for value in [-0.0, 0.0, f64::MIN_POSITIVE / 2.0, f64::MAX] {
        assert_eq!(plain.push(&row(&[Some(value)])).map(bits), Ok(vec![value.to_bits()]));
    }
    let mut wide = parts(1, &[0], Nulls::Refuse, 1);
    wide.scaler = Some(Scaler {
        kind: ScalerKind::Robust,
        scales: vec![Scale { center: f64::MAX, scale: f64::MIN_POSITIVE }],
    });
    let mut wide = transform(wide);
    assert_eq!(wide.push(&row(&[Some(-1.0)])), Ok([f64::NEG_INFINITY].as_slice()));
    assert_eq!(wide.push(&row(&[Some(f64::MAX)])).map(bits), Ok(vec![0]));
}

#[test]
fn a_sequence_is_the_newest_rows_in_a_run() {
    let mut t = transform(parts(2, &[1], Nulls::Refuse, 3));
    let mut push = |value: Option<f64>| t.push(&row(&[None, value])).map(<[f64]>::to_vec);
    let filling = |rows| Err(NotReady::Filling { rows, sequence: 3 });
    assert_eq!(push(Some(1.0)), filling(1));
    assert_eq!(push(Some(2.0)), filling(2));
    assert_eq!(push(Some(3.0)), Ok(vec![1.0, 2.0, 3.0]));
    assert_eq!(push(Some(4.0)), Ok(vec![2.0, 3.0, 4.0]));
    assert_eq!(push(None), Err(NotReady::Null { feature: 1 }));
    assert_eq!(push(Some(5.0)), filling(1));
    assert_eq!(push(Some(6.0)), filling(2));
    assert_eq!(push(Some(7.0)), Ok(vec![5.0, 6.0, 7.0]));
    t.reset();
    assert_eq!(t.push(&row(&[None, Some(8.0)])), filling(1).map(|_: Vec<f64>| [].as_slice()));
}

#[test]
fn rows_of_another_width_are_refused() {
    let mut t = transform(parts(3, &[0], Nulls::Median(Some(0.0)), 2));
    assert!(t.push(&row(&[Some(1.0); 3])).is_err());
    for width in [0, 2, 4] {
        assert_eq!(
            t.push(&row(&vec![Some(1.0); width])),
            Err(NotReady::Width { expected: 3, found: width }),
            "nothing is imputed"
        );
    }
    assert_eq!(t.push(&row(&[Some(1.0); 3])), Err(NotReady::Filling { rows: 1, sequence: 2 }));

    let mut inputs = Inputs::new(2);
    assert_eq!(
        t.extend(&Columns::new(4), &mut inputs),
        Err(PreprocessError::RowWidth { expected: 3, found: 4 })
    );
    let mut rows = Columns::new(3);
    rows.push(&row(&[Some(2.0); 3]));
    let reversed = std::ops::Range { start: 1, end: 0 };
    for range in [0..2, 2..2, reversed] {
        assert_eq!(
            t.extend_range(&rows, range.clone(), &mut inputs),
            Err(PreprocessError::RowRange { start: range.start, end: range.end, rows: 1 })
        );
    }
    assert_eq!(
        t.extend(&rows, &mut Inputs::new(3)),
        Err(PreprocessError::InputWidth { expected: 2, found: 3 })
    );
    // What was refused changed nothing: the row pushed above is still the first of the sequence.
    assert_eq!(t.extend(&rows, &mut inputs), Ok(()));
    assert_eq!((inputs.values(), inputs.rows_seen()), ([1.0, 2.0].as_slice(), 1));
    let mut unset = Inputs::default();
    assert_eq!(t.extend(&rows, &mut unset), Ok(()));
    assert_eq!((unset.width(), unset.values()), (2, [2.0, 2.0].as_slice()));
}

#[test]
fn damaged_states_are_refused_and_leave_a_fresh_transform() {
    let mut clipped = parts(2, &[0, 1], Nulls::Refuse, 3);
    clipped.nulls[1] = Nulls::Missing;
    clipped.clip = Some(vec![Bounds { low: 0.0, high: 1.0 }; 2]);
    let fresh = transform(clipped);
    let mut t = fresh.clone();
    for value in [0.25, 0.5] {
        assert!(t.push(&row(&[Some(value), None])).is_err());
    }
    let good = state(&t);
    let refused = |bytes: &[u8]| {
        let mut t = t.clone();
        let error = t.load(&mut StateReader::new(bytes)).unwrap_err();
        assert_eq!(state(&t), state(&fresh));
        error
    };
    for end in 0..good.len() {
        assert_eq!(refused(&good[..end]), RestoreError::Truncated, "{end} bytes");
    }
    let with = |word: usize, value: u64| {
        let mut bytes = good.clone();
        bytes[word * 8..word * 8 + 8].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    let mismatch = |what, expected: &str, found: &str| RestoreError::Mismatch {
        what,
        expected: expected.to_owned(),
        found: found.to_owned(),
    };
    assert_eq!(refused(&with(0, 3)), mismatch("number of kept features", "2", "3"));
    assert_eq!(refused(&with(1, 2)), mismatch("sequence length", "3", "2"));
    for rows in [3, 1 << 32, u64::MAX] {
        assert_eq!(
            refused(&with(2, rows)),
            RestoreError::Invalid { what: "fewer rows than a sequence holds" }
        );
    }
    let impossible = RestoreError::Invalid { what: "a value that the preprocessing can give" };
    for value in [f64::NAN, -0.5, 1.5, f64::INFINITY] {
        assert_eq!(refused(&with(5, value.to_bits())), impossible);
    }
    assert_eq!(refused(&with(4, 0x7ff8_0000_0000_0001)), impossible, "a NaN that no run gives");
    let mut restored = fresh.clone();
    restored.load(&mut StateReader::new(&good)).unwrap();
    assert_eq!(state(&restored), good);
}
