//! Format 1 as it is stored. **Frozen**: a field, a variant or an order that changes is format 2.
//!
//! Fields stand in the order of the bytes, variants in the order of their tags. No type holds itself, so the depth
//! is that of these declarations.

use serde::{Deserialize, Serialize};

use crate::format::codec::{Bytes, Text};

/// The header.
#[derive(Debug, Serialize, Deserialize)]
pub struct Header {
    pub manifest: Manifest,
    pub sections: Vec<Section>,
}

/// A section of the body.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub kind: u32,
    pub length: u64,
    pub hash: [u8; 32],
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub features: Text,
    pub version: Text,
    pub source_hash: [u8; 32],
    pub output_hash: [u8; 32],
    pub set: Text,
    pub params: Vec<Param>,
    pub schema_hash: [u8; 32],
    pub bars: Bars,
    pub label: Text,
    pub data_hash: [u8; 32],
    pub train_from: i64,
    pub train_to: i64,
    pub train_rows: u64,
    pub model: Text,
    pub metrics: Vec<Metric>,
    pub code_commit: Text,
    pub toolchain: Text,
    pub created: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Param {
    pub name: Text,
    pub value: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Bars {
    pub kind: Text,
    pub size: i64,
    pub volume: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Metric {
    pub part: Text,
    pub name: Text,
    pub value: f64,
}

/// Section 1.
#[derive(Debug, Serialize, Deserialize)]
pub struct Preprocess {
    pub features: Vec<Text>,
    pub kept: Vec<Text>,
    pub nulls: Vec<Nulls>,
    pub clip: Option<Vec<Bounds>>,
    pub scaler: Option<Scaler>,
    pub sequence: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Nulls {
    Refuse,
    Median(Option<f64>),
    Missing,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Bounds {
    pub low: f64,
    pub high: f64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Scaler {
    pub kind: ScalerKind,
    pub scales: Vec<Scale>,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum ScalerKind {
    None,
    Standard,
    MinMax,
    Robust,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Scale {
    pub center: f64,
    pub scale: f64,
}

/// Section 2.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ensemble {
    pub members: Vec<Member>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Member {
    pub weight: f64,
    pub horizon: u32,
    pub model: Model,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Model {
    Trees(Trees),
    Linear(Linear),
    External(External),
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Trees {
    pub inputs: u32,
    pub arithmetic: Arithmetic,
    pub inclusive: bool,
    pub base: f64,
    pub link: Link,
    pub trees: Vec<Vec<Node>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Arithmetic {
    F32,
    F64,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Link {
    Identity,
    Logistic { steepness: f64 },
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Node {
    Split { feature: u32, threshold: f64, missing_left: bool, missing_zero: bool, right: u32 },
    Leaf(f64),
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Linear {
    pub weights: Vec<f64>,
    pub bias: f64,
    pub link: Link,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct External {
    pub format: Text,
    pub bytes: Bytes,
}

/// Section 3 is a list of these.
#[derive(Debug, Serialize, Deserialize)]
pub struct Filter {
    pub feature: Text,
    pub comparison: Comparison,
    pub threshold: f64,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Comparison {
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// Section 4 is a list of these.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reference {
    pub feature: Text,
    pub valid: u64,
    pub null: u64,
    pub quantiles: Vec<f64>,
}

/// Section 5 is a list of these.
#[derive(Debug, Serialize, Deserialize)]
pub struct Probe {
    pub rows: Vec<Vec<Option<f64>>>,
    pub margins: Vec<f64>,
    pub value: f64,
}
