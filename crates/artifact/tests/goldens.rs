//! Artifacts that were written once: today's program opens them, writes the same bytes, predicts the same bits; and
//! another decoder reads the same values.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fs;
use std::path::PathBuf;

use artifact::{Artifact, Outcome, inspect, seal, verify};
use feature_api::Columns;
use model::AnyModel;
use support::samples::{self, KINDS, LOADERS};
use support::toy::{TOY, rows};
use support::wire::{self, Forged};

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(name)
}

fn bytes(kind: &str) -> Vec<u8> {
    fs::read(golden(&format!("{kind}.iso"))).unwrap()
}

#[test]
fn every_golden_is_tested() {
    let mut found: Vec<_> = fs::read_dir(golden(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    let mut expected: Vec<_> =
        KINDS.iter().flat_map(|kind| [format!("{kind}.iso"), format!("{kind}.predictions")]).collect();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn today_opens_it_and_writes_the_same_bytes() {
    for kind in KINDS {
        let bytes = bytes(kind);
        let verified = verify(&bytes, &samples::check()).unwrap();
        let key = samples::key_of(kind);
        assert_eq!(verified.signer().copied(), key.as_ref().map(|key| key.public()), "{kind}");
        assert_eq!(verified.artifact(), &samples::artifact(kind), "{kind}");
        let again = seal(verified.artifact(), &TOY, LOADERS, key.as_ref()).unwrap();
        assert_eq!(again, bytes, "{kind}");
        let inspected = inspect(&bytes, LOADERS).unwrap();
        assert_eq!(&inspected.artifact, verified.artifact(), "{kind}");
        assert_eq!((inspected.signer, inspected.hash), (verified.signer().copied(), verified.hash()));
    }
}

#[test]
fn today_predicts_the_same_bits() {
    for kind in KINDS {
        let verified = verify(&bytes(kind), &samples::check()).unwrap();
        let recorded = fs::read_to_string(golden(&format!("{kind}.predictions"))).unwrap();
        assert_eq!(samples::predictions(verified.pipeline()), recorded, "{kind}");
        // Each kind predicts something, and one of each outcome is there in all.
        let predicted = recorded.lines().filter(|line| line.starts_with("predicted")).count();
        assert!(predicted > 10, "{kind}: {predicted}");
        let mut columns = Columns::new(4);
        rows("toy", 60).iter().for_each(|row| columns.push(row));
        let mut predictions = artifact::Predictions::default();
        verified.pipeline().extend(&columns, &mut predictions).unwrap();
        assert_eq!(predictions.values.iter().flatten().count(), predicted);
    }
}

#[test]
fn another_decoder_reads_the_same_values() {
    for kind in KINDS {
        let bytes = bytes(kind);
        let forged = Forged::read(&bytes);
        assert_eq!(forged, stored(&inspect(&bytes, LOADERS).unwrap().artifact), "{kind}");
        // And writes the same bytes.
        let key = (kind == "signed").then_some(wire::SECRET);
        assert_eq!(forged.write(key), bytes, "{kind}");
    }
}

#[test]
fn features_and_pipeline_of_an_artifact_belong_together() {
    let verified = verify(&bytes("ensemble"), &samples::check()).unwrap();
    let set = verified.features().unwrap();
    assert_eq!(set.schema().hash(), verified.artifact().manifest.schema_hash);
    assert_eq!(artifact::manifest(&bytes("ensemble")).as_ref(), Ok(&verified.artifact().manifest));
    let (mut one, rows) = (verified.pipeline(), rows("toy", 20));
    for row in &rows {
        one.push(row).unwrap();
    }
    assert!(matches!(one.push(&rows[19]), Ok(Outcome::Predicted { margins, .. }) if margins.len() == 3));
    // Another one begins anew.
    assert_eq!(verified.pipeline().push(&rows[19]), Ok(Outcome::WarmUp { rows: 1, warm_up: 3 }));
}

/// The values of an artifact in the second declaration, field by field.
fn stored(artifact: &Artifact) -> Forged {
    let Artifact { manifest: m, preprocess, ensemble, filters, reference, probes } = artifact;
    let parts = preprocess.parts();
    let (bar_kind, bar_size) = m.bars.kind.parts();
    Forged {
        format: 1,
        manifest: wire::Manifest {
            features: m.features.clone(),
            version: m.version.clone(),
            source_hash: m.source_hash.0,
            output_hash: m.output_hash.0,
            set: m.set.clone(),
            params: m.params.iter().map(|param| (param.name.clone(), param.value)).collect(),
            schema_hash: m.schema_hash.0,
            bar_kind: bar_kind.to_owned(),
            bar_size,
            bar_volume: m.bars.volume,
            label: m.label.clone(),
            data_hash: m.data_hash.0,
            train_span: (m.train_span.0.0, m.train_span.1.0),
            train_rows: m.train_rows,
            model: m.model.clone(),
            metrics: m.metrics.iter().map(|m| (m.part.clone(), m.name.clone(), m.value)).collect(),
            code_commit: m.code_commit.clone(),
            toolchain: m.toolchain.clone(),
            created: m.created.0,
        },
        preprocess: wire::Preprocess {
            features: parts.features.clone(),
            kept: parts.kept.clone(),
            nulls: parts.nulls.iter().map(stored_nulls).collect(),
            clip: parts.clip.as_ref().map(|clip| clip.iter().map(|b| (b.low, b.high)).collect()),
            scaler: parts.scaler.as_ref().map(stored_scaler),
            sequence: parts.sequence.get(),
        },
        model: ensemble.members().iter().map(stored_member).collect(),
        filters: filters.iter().map(stored_filter).collect(),
        reference: reference
            .iter()
            .map(|r| wire::Reference {
                feature: r.feature.clone(),
                valid: r.valid,
                null: r.null,
                quantiles: r.quantiles.clone(),
            })
            .collect(),
        probes: probes
            .iter()
            .map(|p| wire::Probe { rows: p.rows.clone(), margins: p.margins.clone(), value: p.value })
            .collect(),
    }
}

fn stored_nulls(nulls: &preprocess::Nulls) -> wire::Nulls {
    match *nulls {
        preprocess::Nulls::Refuse => wire::Nulls::Refuse,
        preprocess::Nulls::Median(median) => wire::Nulls::Median(median),
        preprocess::Nulls::Missing => wire::Nulls::Missing,
    }
}

fn stored_scaler(scaler: &preprocess::Scaler) -> (wire::Kind, Vec<(f64, f64)>) {
    let kind = match scaler.kind {
        preprocess::ScalerKind::None => wire::Kind::None,
        preprocess::ScalerKind::Standard => wire::Kind::Standard,
        preprocess::ScalerKind::MinMax => wire::Kind::MinMax,
        preprocess::ScalerKind::Robust => wire::Kind::Robust,
    };
    (kind, scaler.scales.iter().map(|scale| (scale.center, scale.scale)).collect())
}

fn stored_link(link: model::Link) -> wire::Link {
    match link {
        model::Link::Identity => wire::Link::Identity,
        model::Link::Logistic { steepness } => wire::Link::Logistic(steepness),
    }
}

fn stored_member(member: &model::Member) -> wire::Member {
    let model = match &member.model {
        AnyModel::Trees(trees) => {
            let parts = trees.parts();
            let node = |node: &model::Node| match *node {
                model::Node::Leaf(value) => wire::Node::Leaf(value),
                model::Node::Split(split) => wire::Node::Split {
                    feature: split.feature,
                    threshold: split.threshold,
                    missing_left: split.missing.left,
                    missing_zero: split.missing.zero,
                    right: split.right,
                },
            };
            wire::Model::Trees(wire::Trees {
                inputs: parts.inputs,
                arithmetic: match parts.arithmetic {
                    model::Arithmetic::F32 => wire::Arithmetic::F32,
                    model::Arithmetic::F64 => wire::Arithmetic::F64,
                },
                inclusive: parts.inclusive,
                base: parts.base,
                link: stored_link(parts.link),
                trees: parts.trees.iter().map(|tree| tree.iter().map(node).collect()).collect(),
            })
        }
        AnyModel::Linear(linear) => wire::Model::Linear(wire::Linear {
            weights: linear.parts().weights.clone(),
            bias: linear.parts().bias,
            link: stored_link(linear.parts().link),
        }),
        AnyModel::External(external) => {
            wire::Model::External(external.format().to_owned(), external.bytes().to_vec())
        }
    };
    wire::Member { weight: member.weight, horizon: member.horizon, model }
}

fn stored_filter(filter: &model::BlockFilter) -> wire::Filter {
    wire::Filter {
        feature: filter.feature.clone(),
        comparison: match filter.comparison {
            model::Comparison::Below => wire::Comparison::Below,
            model::Comparison::AtMost => wire::Comparison::AtMost,
            model::Comparison::Above => wire::Comparison::Above,
            model::Comparison::AtLeast => wire::Comparison::AtLeast,
        },
        threshold: filter.threshold,
    }
}
