//! An artifact as JSON.

use std::collections::BTreeMap;

use artifact::{Artifact, Inspected, Metric, Reference};
use preprocess::Nulls;
use serde::Serialize;

use super::scaler;
use crate::print;

/// What is in an artifact.
#[derive(Serialize)]
pub struct Document<'a> {
    content: String,
    signer: Option<String>,
    created: String,
    commit: &'a str,
    toolchain: &'a str,
    features: Features<'a>,
    bars: Bars,
    data_hash: String,
    label: &'a str,
    train: Train,
    preprocess: Preprocessing<'a>,
    model: &'a str,
    members: Vec<Member>,
    filters: Vec<String>,
    metrics: Vec<MetricOf<'a>>,
    reference: Vec<ReferenceOf<'a>>,
    probes: usize,
}

#[derive(Serialize)]
struct Features<'a> {
    name: &'a str,
    version: &'a str,
    set: &'a str,
    params: BTreeMap<&'a str, u32>,
    source_hash: String,
    output_hash: String,
    schema_hash: String,
}

#[derive(Serialize)]
struct Bars {
    kind: &'static str,
    size: i64,
    volume: bool,
}

#[derive(Serialize)]
struct Train {
    rows: u64,
    from: String,
    until: String,
}

#[derive(Serialize)]
struct Preprocessing<'a> {
    sequence: u32,
    scaler: &'static str,
    inputs: Vec<Input<'a>>,
    dropped: Vec<&'a str>,
}

#[derive(Serialize)]
struct Input<'a> {
    feature: &'a str,
    nulls: &'static str,
    median: Option<f64>,
    clip: Option<[f64; 2]>,
    center: Option<f64>,
    scale: Option<f64>,
}

#[derive(Serialize)]
struct Member {
    model: String,
    weight: f64,
    horizon: u32,
}

#[derive(Serialize)]
struct MetricOf<'a> {
    rows: &'a str,
    metric: &'a str,
    value: f64,
}

#[derive(Serialize)]
struct ReferenceOf<'a> {
    feature: &'a str,
    valid: u64,
    null: u64,
    quantiles: &'a [f64],
}

impl<'a> Document<'a> {
    /// The same, as JSON has it.
    pub fn of(Inspected { artifact, signer, hash }: &'a Inspected) -> Self {
        let manifest = &artifact.manifest;
        let (kind, size) = manifest.bars.kind.parts();
        let (from, until) = manifest.train_span;
        Self {
            content: hash.to_string(),
            signer: signer.as_ref().map(ToString::to_string),
            created: print::time(manifest.created),
            commit: &manifest.code_commit,
            toolchain: &manifest.toolchain,
            features: Features {
                name: &manifest.features,
                version: &manifest.version,
                set: &manifest.set,
                params: manifest.params.iter().map(|param| (param.name.as_str(), param.value)).collect(),
                source_hash: manifest.source_hash.to_string(),
                output_hash: manifest.output_hash.to_string(),
                schema_hash: manifest.schema_hash.to_string(),
            },
            bars: Bars { kind, size, volume: manifest.bars.volume },
            data_hash: manifest.data_hash.to_string(),
            label: &manifest.label,
            train: Train { rows: manifest.train_rows, from: print::time(from), until: print::time(until) },
            preprocess: Preprocessing::of(artifact),
            model: &manifest.model,
            members: members(artifact),
            filters: artifact.filters.iter().map(ToString::to_string).collect(),
            metrics: manifest.metrics.iter().map(metric_of).collect(),
            reference: artifact.reference.iter().map(reference_of).collect(),
            probes: artifact.probes.len(),
        }
    }
}

fn members(artifact: &Artifact) -> Vec<Member> {
    let member = |member: &model::Member| Member {
        model: member.model.as_model().describe(),
        weight: member.weight,
        horizon: member.horizon,
    };
    artifact.ensemble.members().iter().map(member).collect()
}

fn metric_of(metric: &Metric) -> MetricOf<'_> {
    MetricOf { rows: &metric.part, metric: &metric.name, value: metric.value }
}

fn reference_of(reference: &Reference) -> ReferenceOf<'_> {
    ReferenceOf {
        feature: &reference.feature,
        valid: reference.valid,
        null: reference.null,
        quantiles: &reference.quantiles,
    }
}

impl<'a> Preprocessing<'a> {
    fn of(artifact: &'a Artifact) -> Self {
        let parts = artifact.preprocess.parts();
        let scales = parts.scaler.as_ref().map(|scaler| scaler.scales.as_slice()).unwrap_or_default();
        let input = |(index, (feature, nulls)): (usize, (&'a String, &Nulls))| {
            let (nulls, median) = match nulls {
                Nulls::Refuse => ("refuse", None),
                Nulls::Median(median) => ("median", *median),
                Nulls::Missing => ("missing", None),
            };
            Input {
                feature,
                nulls,
                median,
                clip: parts.clip.as_ref().and_then(|clip| clip.get(index)).map(|b| [b.low, b.high]),
                center: scales.get(index).map(|scale| scale.center),
                scale: scales.get(index).map(|scale| scale.scale),
            }
        };
        Self {
            sequence: parts.sequence.get(),
            scaler: scaler(artifact),
            inputs: parts.kept.iter().zip(&parts.nulls).enumerate().map(input).collect(),
            dropped: parts.features.iter().filter(|f| !parts.kept.contains(f)).map(String::as_str).collect(),
        }
    }
}
