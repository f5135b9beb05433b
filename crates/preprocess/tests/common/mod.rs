//! Preprocessings and schemas to test with.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::num::NonZeroU32;

use feature_api::{FeatureSpec, Memory, Range, Row, Schema};
use preprocess::{Nulls, Parts, Scaler, ScalerKind};

/// Names that live as long as a schema wants them to.
const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A schema of the first `width` names.
pub fn schema(width: usize) -> Schema {
    schema_of(&NAMES[..width])
}

pub fn schema_of(names: &[&'static str]) -> Schema {
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
    Schema::new("test", Vec::new(), names.iter().map(spec).collect())
}

/// `kept` of the first `width` names, each with what `nulls` says; nothing is clipped or scaled.
pub fn parts(width: usize, kept: &[usize], nulls: Nulls, sequence: u32) -> Parts {
    let name = |index: usize| NAMES[index].to_owned();
    Parts {
        features: (0..width).map(name).collect(),
        kept: kept.iter().map(|index| name(*index)).collect(),
        nulls: vec![nulls; kept.len()],
        clip: None,
        scaler: Some(Scaler { kind: ScalerKind::None, scales: Vec::new() }),
        sequence: NonZeroU32::new(sequence).unwrap(),
    }
}

pub fn row(cells: &[Option<f64>]) -> Row {
    let mut row = Row::new(cells.len());
    cells.iter().enumerate().for_each(|(index, cell)| row.set(index, *cell));
    row
}
