//! Between format 1 and what it means. What is read goes through the constructors that everything else goes through.

use std::num::NonZeroU32;

use feature_api::identity::Hash;
use feature_api::{BarKind, BarSpec, Param, UnixNanos};
use model::{AnyModel, BlockFilter, Comparison, Linear, LinearParts, Link, Node, Trees, TreesParts};
use preprocess::{Bounds, Nulls, Parts, Preprocess, Scale, Scaler, ScalerKind};

use super::wire;
use crate::format::External;
use crate::format::codec::{Bytes, Text};
use crate::{Manifest, Metric, Probe, Problem, Reference};

fn text(text: &str) -> Text {
    Text(text.to_owned())
}

fn texts(names: &[String]) -> Vec<Text> {
    names.iter().map(|name| text(name)).collect()
}

fn names(texts: Vec<Text>) -> Vec<String> {
    texts.into_iter().map(|text| text.0).collect()
}

impl From<&Manifest> for wire::Manifest {
    fn from(manifest: &Manifest) -> Self {
        let (kind, size) = manifest.bars.kind.parts();
        let param = |param: &Param| wire::Param { name: text(&param.name), value: param.value };
        let metric = |metric: &Metric| wire::Metric {
            part: text(&metric.part),
            name: text(&metric.name),
            value: metric.value,
        };
        Self {
            features: text(&manifest.features),
            version: text(&manifest.version),
            source_hash: manifest.source_hash.0,
            output_hash: manifest.output_hash.0,
            set: text(&manifest.set),
            params: manifest.params.iter().map(param).collect(),
            schema_hash: manifest.schema_hash.0,
            bars: wire::Bars { kind: text(kind), size, volume: manifest.bars.volume },
            label: text(&manifest.label),
            data_hash: manifest.data_hash.0,
            train_from: manifest.train_span.0.0,
            train_to: manifest.train_span.1.0,
            train_rows: manifest.train_rows,
            model: text(&manifest.model),
            metrics: manifest.metrics.iter().map(metric).collect(),
            code_commit: text(&manifest.code_commit),
            toolchain: text(&manifest.toolchain),
            created: manifest.created.0,
        }
    }
}

pub fn manifest(stored: wire::Manifest) -> Result<Manifest, Vec<Problem>> {
    let wire::Bars { kind, size, volume } = stored.bars;
    let Some(kind) = BarKind::from_parts(&kind.0, size) else {
        return Err(vec![Problem::Manifest {
            field: "bars".to_owned(),
            expected: "bars that this program knows, such as time bars of 1 ns or longer".to_owned(),
            found: format!("{:?} of {size}", kind.0),
        }]);
    };
    let manifest = Manifest {
        features: stored.features.0,
        version: stored.version.0,
        source_hash: Hash(stored.source_hash),
        output_hash: Hash(stored.output_hash),
        set: stored.set.0,
        params: stored.params.into_iter().map(|p| Param { name: p.name.0, value: p.value }).collect(),
        schema_hash: Hash(stored.schema_hash),
        bars: BarSpec { kind, volume },
        label: stored.label.0,
        data_hash: Hash(stored.data_hash),
        train_span: (UnixNanos(stored.train_from), UnixNanos(stored.train_to)),
        train_rows: stored.train_rows,
        model: stored.model.0,
        metrics: stored
            .metrics
            .into_iter()
            .map(|m| Metric { part: m.part.0, name: m.name.0, value: m.value })
            .collect(),
        code_commit: stored.code_commit.0,
        toolchain: stored.toolchain.0,
        created: UnixNanos(stored.created),
    };
    let problems = manifest.problems();
    if problems.is_empty() { Ok(manifest) } else { Err(problems) }
}

impl From<&Preprocess> for wire::Preprocess {
    fn from(preprocess: &Preprocess) -> Self {
        let parts = preprocess.parts();
        let nulls = |nulls: &Nulls| match *nulls {
            Nulls::Refuse => wire::Nulls::Refuse,
            Nulls::Median(median) => wire::Nulls::Median(median),
            Nulls::Missing => wire::Nulls::Missing,
        };
        let bounds = |&Bounds { low, high }: &Bounds| wire::Bounds { low, high };
        let scale = |&Scale { center, scale }: &Scale| wire::Scale { center, scale };
        let scaler = |scaler: &Scaler| wire::Scaler {
            kind: match scaler.kind {
                ScalerKind::None => wire::ScalerKind::None,
                ScalerKind::Standard => wire::ScalerKind::Standard,
                ScalerKind::MinMax => wire::ScalerKind::MinMax,
                ScalerKind::Robust => wire::ScalerKind::Robust,
            },
            scales: scaler.scales.iter().map(scale).collect(),
        };
        Self {
            features: texts(&parts.features),
            kept: texts(&parts.kept),
            nulls: parts.nulls.iter().map(nulls).collect(),
            clip: parts.clip.as_ref().map(|clip| clip.iter().map(bounds).collect()),
            scaler: parts.scaler.as_ref().map(scaler),
            sequence: parts.sequence.get(),
        }
    }
}

pub fn preprocess(stored: wire::Preprocess) -> Result<Preprocess, Problem> {
    let nulls = |nulls| match nulls {
        wire::Nulls::Refuse => Nulls::Refuse,
        wire::Nulls::Median(median) => Nulls::Median(median),
        wire::Nulls::Missing => Nulls::Missing,
    };
    let bounds = |wire::Bounds { low, high }| Bounds { low, high };
    let scale = |wire::Scale { center, scale }| Scale { center, scale };
    let scaler = |scaler: wire::Scaler| Scaler {
        kind: match scaler.kind {
            wire::ScalerKind::None => ScalerKind::None,
            wire::ScalerKind::Standard => ScalerKind::Standard,
            wire::ScalerKind::MinMax => ScalerKind::MinMax,
            wire::ScalerKind::Robust => ScalerKind::Robust,
        },
        scales: scaler.scales.into_iter().map(scale).collect(),
    };
    let Some(sequence) = NonZeroU32::new(stored.sequence) else {
        let reason = "a sequence of 0 rows, where at least 1 must be".to_owned();
        return Err(Problem::Decode { part: "preprocess", reason });
    };
    let parts = Parts {
        features: names(stored.features),
        kept: names(stored.kept),
        nulls: stored.nulls.into_iter().map(nulls).collect(),
        clip: stored.clip.map(|clip| clip.into_iter().map(bounds).collect()),
        scaler: stored.scaler.map(scaler),
        sequence,
    };
    Preprocess::new(parts).map_err(|error| Problem::Preprocess { error })
}

impl From<&model::Ensemble> for wire::Ensemble {
    fn from(ensemble: &model::Ensemble) -> Self {
        let member = |member: &model::Member| wire::Member {
            weight: member.weight,
            horizon: member.horizon,
            model: match &member.model {
                AnyModel::Trees(trees) => wire::Model::Trees(from_trees(trees.parts())),
                AnyModel::Linear(linear) => {
                    let LinearParts { weights, bias, link } = linear.parts();
                    let (weights, link) = (weights.clone(), from_link(*link));
                    wire::Model::Linear(wire::Linear { weights, bias: *bias, link })
                }
                AnyModel::External(external) => wire::Model::External(wire::External {
                    format: text(external.format()),
                    bytes: Bytes(external.bytes().to_vec()),
                }),
            },
        };
        Self { members: ensemble.members().iter().map(member).collect() }
    }
}

fn from_link(link: Link) -> wire::Link {
    match link {
        Link::Identity => wire::Link::Identity,
        Link::Logistic { steepness } => wire::Link::Logistic { steepness },
    }
}

fn to_link(stored: wire::Link) -> Link {
    match stored {
        wire::Link::Identity => Link::Identity,
        wire::Link::Logistic { steepness } => Link::Logistic { steepness },
    }
}

fn from_trees(parts: &TreesParts) -> wire::Trees {
    let node = |node: &Node| match *node {
        Node::Leaf(value) => wire::Node::Leaf(value),
        Node::Split(model::Split { feature, threshold, missing, right }) => wire::Node::Split {
            feature,
            threshold,
            missing_left: missing.left,
            missing_zero: missing.zero,
            right,
        },
    };
    wire::Trees {
        inputs: parts.inputs,
        arithmetic: match parts.arithmetic {
            model::Arithmetic::F32 => wire::Arithmetic::F32,
            model::Arithmetic::F64 => wire::Arithmetic::F64,
        },
        inclusive: parts.inclusive,
        base: parts.base,
        link: from_link(parts.link),
        trees: parts.trees.iter().map(|tree| tree.iter().map(node).collect()).collect(),
    }
}

fn to_trees(stored: wire::Trees) -> TreesParts {
    let node = |node| match node {
        wire::Node::Leaf(value) => Node::Leaf(value),
        wire::Node::Split { feature, threshold, missing_left: left, missing_zero: zero, right } => {
            Node::Split(model::Split { feature, threshold, missing: model::Missing { left, zero }, right })
        }
    };
    TreesParts {
        inputs: stored.inputs,
        arithmetic: match stored.arithmetic {
            wire::Arithmetic::F32 => model::Arithmetic::F32,
            wire::Arithmetic::F64 => model::Arithmetic::F64,
        },
        inclusive: stored.inclusive,
        base: stored.base,
        link: to_link(stored.link),
        trees: stored.trees.into_iter().map(|tree| tree.into_iter().map(node).collect()).collect(),
    }
}

pub fn ensemble(stored: wire::Ensemble, external: External<'_>) -> Result<model::Ensemble, Problem> {
    let refuse = |error| Problem::Model { error };
    let mut members = Vec::with_capacity(stored.members.len());
    for wire::Member { weight, horizon, model } in stored.members {
        let model = match model {
            wire::Model::Trees(trees) => AnyModel::Trees(Trees::new(to_trees(trees)).map_err(refuse)?),
            wire::Model::Linear(wire::Linear { weights, bias, link }) => {
                let parts = LinearParts { weights, bias, link: to_link(link) };
                AnyModel::Linear(Linear::new(parts).map_err(refuse)?)
            }
            wire::Model::External(wire::External { format, bytes }) => match external {
                External::Load(loaders) => {
                    AnyModel::External(loaders.load(&format.0, bytes.0).map_err(refuse)?)
                }
                External::Refuse(because) => {
                    return Err(Problem::Unchecked { what: "model".to_owned(), because });
                }
            },
        };
        members.push(model::Member { model, weight, horizon });
    }
    model::Ensemble::new(members).map_err(refuse)
}

pub fn filters(filters: &[BlockFilter]) -> Vec<wire::Filter> {
    let filter = |filter: &BlockFilter| wire::Filter {
        feature: text(&filter.feature),
        comparison: match filter.comparison {
            Comparison::Below => wire::Comparison::Below,
            Comparison::AtMost => wire::Comparison::AtMost,
            Comparison::Above => wire::Comparison::Above,
            Comparison::AtLeast => wire::Comparison::AtLeast,
        },
        threshold: filter.threshold,
    };
    filters.iter().map(filter).collect()
}

#[allow(clippy::unnecessary_wraps, reason = "as the other sections are read")]
pub fn to_filters(stored: Vec<wire::Filter>) -> Result<Vec<BlockFilter>, Problem> {
    let filter = |filter: wire::Filter| BlockFilter {
        feature: filter.feature.0,
        comparison: match filter.comparison {
            wire::Comparison::Below => Comparison::Below,
            wire::Comparison::AtMost => Comparison::AtMost,
            wire::Comparison::Above => Comparison::Above,
            wire::Comparison::AtLeast => Comparison::AtLeast,
        },
        threshold: filter.threshold,
    };
    Ok(stored.into_iter().map(filter).collect())
}

pub fn reference(references: &[Reference]) -> Vec<wire::Reference> {
    let reference = |reference: &Reference| wire::Reference {
        feature: text(&reference.feature),
        valid: reference.valid,
        null: reference.null,
        quantiles: reference.quantiles.clone(),
    };
    references.iter().map(reference).collect()
}

#[allow(clippy::unnecessary_wraps, reason = "as the other sections are read")]
pub fn to_reference(stored: Vec<wire::Reference>) -> Result<Vec<Reference>, Problem> {
    let reference = |reference: wire::Reference| Reference {
        feature: reference.feature.0,
        valid: reference.valid,
        null: reference.null,
        quantiles: reference.quantiles,
    };
    Ok(stored.into_iter().map(reference).collect())
}

pub fn probes(probes: &[Probe]) -> Vec<wire::Probe> {
    let probe = |probe: &Probe| wire::Probe {
        rows: probe.rows.clone(),
        margins: probe.margins.clone(),
        value: probe.value,
    };
    probes.iter().map(probe).collect()
}

#[allow(clippy::unnecessary_wraps, reason = "as the other sections are read")]
pub fn to_probes(stored: Vec<wire::Probe>) -> Result<Vec<Probe>, Problem> {
    let probe = |wire::Probe { rows, margins, value }: wire::Probe| Probe { rows, margins, value };
    Ok(stored.into_iter().map(probe).collect())
}
