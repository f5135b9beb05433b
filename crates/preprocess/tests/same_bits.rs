//! One row after another, many at once, in chunks, and after a restart: the same bits.

#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "shared by tests that use parts of it")]
mod common;

use common::{parts, row, schema};
use feature_api::{Columns, StateReader, StateWriter};
use preprocess::{Bounds, Inputs, Nulls, Parts, Preprocess, Scale, Scaler, ScalerKind};
use proptest::prelude::*;

type Cells = Vec<Option<f64>>;

fn cell() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        6 => (-4.0..4.0).prop_map(Some),
        1 => Just(Some(-0.0)),
        1 => Just(None),
        1 => prop_oneof![Just(f64::NAN), Just(-f64::NAN), Just(f64::INFINITY), any::<f64>()].prop_map(Some),
    ]
}

fn nulls() -> impl Strategy<Value = Nulls> {
    prop_oneof![
        Just(Nulls::Refuse),
        (-9.0..9.0).prop_map(|median| Nulls::Median(Some(median))),
        Just(Nulls::Missing),
    ]
}

fn preprocessing() -> impl Strategy<Value = Parts> {
    (1_usize..=5, 1_u32..5).prop_flat_map(|(width, sequence)| {
        let all: Vec<usize> = (0..width).collect();
        (proptest::sample::subsequence(all, 1..=width), any::<(bool, bool)>()).prop_flat_map(
            move |(kept, (clip, scale))| {
                let count = kept.len();
                let bounds = (-3.0..0.0, 0.0..3.0).prop_map(|(low, high)| Bounds { low, high });
                let scales = (-2.0..2.0, 1e-3..9.0).prop_map(|(center, scale)| Scale { center, scale });
                (
                    proptest::collection::vec(nulls(), count),
                    proptest::collection::vec(bounds, count),
                    proptest::collection::vec(scales, count),
                )
                    .prop_map(move |(nulls, bounds, scales)| Parts {
                        nulls,
                        clip: clip.then_some(bounds),
                        scaler: Some(if scale {
                            Scaler { kind: ScalerKind::Robust, scales }
                        } else {
                            Scaler { kind: ScalerKind::None, scales: Vec::new() }
                        }),
                        ..parts(width, &kept, Nulls::Refuse, sequence)
                    })
            },
        )
    })
}

fn case() -> impl Strategy<Value = (Parts, Vec<Cells>, Vec<usize>)> {
    preprocessing().prop_flat_map(|parts| {
        let cells = proptest::collection::vec(cell(), parts.features.len());
        (Just(parts), proptest::collection::vec(cells, 0..40), proptest::collection::vec(0_usize..40, 0..4))
    })
}

/// What each row should give, from the definition: each input from scratch.
fn naive(parts: &Parts, rows: &[Cells]) -> Vec<Option<Vec<u64>>> {
    let ready: Vec<Option<Vec<f64>>> = rows
        .iter()
        .map(|cells| {
            let mut values = Vec::new();
            for (index, name) in parts.kept.iter().enumerate() {
                let at = parts.features.iter().position(|feature| feature == name).unwrap();
                let value = match (cells[at].filter(|value| !value.is_nan()), parts.nulls[index]) {
                    (Some(value), _) | (None, Nulls::Median(Some(value))) => value,
                    (None, Nulls::Missing) => f64::NAN,
                    (None, Nulls::Refuse | Nulls::Median(None)) => return None,
                };
                let value = match parts.clip.as_ref().map(|clip| clip[index]) {
                    Some(Bounds { low, .. }) if value < low => low,
                    Some(Bounds { high, .. }) if value > high => high,
                    Some(_) | None => value,
                };
                let scale = parts.scaler.as_ref().unwrap().scales.get(index);
                values.push(scale.map_or(value, |scale| (value - scale.center) / scale.scale));
            }
            Some(values)
        })
        .collect();
    let sequence = parts.sequence.get() as usize;
    let canonical = |value: &f64| if value.is_nan() { 0x7ff8_0000_0000_0000 } else { value.to_bits() };
    (1..=rows.len())
        .map(|end| {
            let window = &ready[end.checked_sub(sequence)?..end];
            let rows: Option<Vec<&Vec<f64>>> = window.iter().map(Option::as_ref).collect();
            Some(rows?.into_iter().flatten().map(canonical).collect())
        })
        .collect()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #[test]
    fn every_way_gives_the_bits_of_the_definition((parts, rows, mut cuts) in case()) {
        let expected = naive(&parts, &rows);
        let width = parts.features.len();
        let preprocess = Preprocess::new(parts).unwrap();
        let fresh = preprocess.bind(&schema(width)).unwrap();

        // One by one, and with a restart before every row.
        let (mut one, mut restarted) = (fresh.clone(), fresh.clone());
        for (cells, expected) in rows.iter().zip(&expected) {
            let mut state = StateWriter::new();
            restarted.save(&mut state);
            restarted = fresh.clone();
            let bytes = state.into_bytes();
            let mut reader = StateReader::new(&bytes);
            prop_assert_eq!(restarted.load(&mut reader), Ok(()));
            prop_assert_eq!(reader.finish(), Ok(()));

            let found = one.push(&row(cells)).map(bits);
            prop_assert_eq!(&found.clone().ok(), expected);
            prop_assert_eq!(restarted.push(&row(cells)).map(bits), found);
        }

        // In chunks.
        cuts.iter_mut().for_each(|cut| *cut = (*cut).min(rows.len()));
        cuts.push(rows.len());
        cuts.sort_unstable();
        let (mut many, mut inputs, mut from) = (fresh.clone(), Inputs::new(preprocess.width()), 0);
        for cut in cuts {
            let mut columns = Columns::new(width);
            rows[from..cut].iter().for_each(|cells| columns.push(&row(cells)));
            many.extend(&columns, &mut inputs).unwrap();
            from = cut;
        }
        let ready: Vec<usize> = (0..rows.len()).filter(|index| expected[*index].is_some()).collect();
        prop_assert_eq!(inputs.rows(), ready.as_slice());
        prop_assert_eq!(inputs.rows_seen(), rows.len());
        prop_assert_eq!(bits(inputs.values()), expected.into_iter().flatten().flatten().collect::<Vec<_>>());

        // A range that begins as many rows before as a sequence reaches back gives what all rows give.
        let mut all = Columns::new(width);
        rows.iter().for_each(|cells| all.push(&row(cells)));
        let (from, back) = (rows.len() / 2, preprocess.parts().sequence.get() as usize - 1);
        let start = from.saturating_sub(back);
        let (mut part, mut later) = (fresh.clone(), Inputs::default());
        part.extend_range(&all, start..rows.len(), &mut later).unwrap();
        later.retain(|row| start + row >= from);
        inputs.retain(|row| row >= from);
        prop_assert_eq!(bits(later.values()), bits(inputs.values()));
    }

    #[test]
    fn bytes_never_do_more_than_be_refused(
        parts in preprocessing(),
        count in 0_u64..6,
        noise in proptest::collection::vec(any::<u64>(), 0..20),
    ) {
        let width = parts.features.len();
        let fresh = Preprocess::new(parts.clone()).unwrap().bind(&schema(width)).unwrap();
        let mut words = vec![parts.kept.len() as u64, u64::from(parts.sequence.get()), count];
        words.extend(noise);
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let mut loaded = fresh.clone();
        let mut reader = StateReader::new(&bytes);
        let result = loaded.load(&mut reader);
        let mut state = StateWriter::new();
        loaded.save(&mut state);
        let state = state.into_bytes();
        if result.is_ok() {
            // What is accepted is a state that is written back as it was read.
            prop_assert_eq!(state.as_slice(), &bytes[..state.len()]);
            prop_assert_eq!(reader.finish().is_ok(), state.len() == bytes.len());
        } else {
            let mut empty = StateWriter::new();
            fresh.save(&mut empty);
            prop_assert_eq!(state, empty.into_bytes());
        }
    }
}

#[test]
fn two_hundred_features_in_a_long_sequence() {
    let names: Vec<String> = (0..200).map(|index| format!("feature_{index}")).collect();
    let parts = Parts {
        features: names.clone(),
        kept: names.clone(),
        nulls: vec![Nulls::Refuse; 200],
        clip: None,
        scaler: Some(Scaler { kind: ScalerKind::None, scales: Vec::new() }),
        sequence: std::num::NonZeroU32::new(64).unwrap(),
    };
    let preprocess = Preprocess::new(parts).unwrap();
    let names: Vec<&'static str> = names.into_iter().map(|name| &*name.leak()).collect();
    let mut transform = preprocess.bind(&common::schema_of(&names)).unwrap();
    for index in 0..300_u32 {
        let cells: Vec<Option<f64>> = (0..200).map(|cell| Some(f64::from(index * 200 + cell))).collect();
        let input = transform.push(&row(&cells));
        if index < 63 {
            assert!(input.is_err());
            continue;
        }
        let first = f64::from((index - 63) * 200);
        let input = input.unwrap();
        assert_eq!(input.len(), 64 * 200);
        assert!(input.iter().enumerate().all(|(at, value)| *value == first + at as f64));
    }
}
