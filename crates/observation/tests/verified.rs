//! The engine of a verified artifact sees what the artifact's own pipeline is fed.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::num::NonZeroU32;

use artifact::{Artifact, Check, Manifest, Outcome, Pipeline, Reference, Trust, Verified};
use common::MINUTE;
use feature_api::identity::sha256;
use feature_api::{Bar, BarKind, BarSpec, Event, Row, UnixNanos};
use features_v1::FEATURES;
use market_data::synth::{self, SynthOptions};
use model::{AnyModel, Ensemble, Linear, LinearParts, Link, Loaders, Member};
use observation::ObservationEngine;
use preprocess::{Nulls, Parts, Preprocess, Scaler, ScalerKind};

const SPEC: BarSpec = BarSpec { kind: BarKind::Time { interval: MINUTE }, volume: true };
const LOADERS: Loaders<'static> = Loaders(&[]);

fn bars() -> Vec<Bar> {
    synth::bars(&SynthOptions { rows: 400, seed: 9, ..SynthOptions::default() }).bars
}

fn rows(bars: &[Bar]) -> Vec<Row> {
    let mut set = FEATURES.open("core", &[]).unwrap();
    let row = |bar| {
        let mut row = Row::new(set.schema().width());
        assert!(set.update(Event::Bar(bar), &mut row).unwrap());
        row
    };
    bars.iter().map(row).collect()
}

fn verified() -> Verified {
    let set = FEATURES.open("core", &[]).unwrap();
    let schema = set.schema();
    let features: Vec<_> = schema.features().iter().map(|feature| feature.name.to_owned()).collect();
    let count = features.len();
    let preprocess = Preprocess::new(Parts {
        features: features.clone(),
        kept: features.clone(),
        nulls: vec![Nulls::Refuse; count],
        clip: None,
        scaler: Some(Scaler { kind: ScalerKind::None, scales: vec![] }),
        sequence: NonZeroU32::new(2).unwrap(),
    })
    .unwrap();
    let weights = (0..2 * count).map(|index| 0.01 - 0.001 * index as f64).collect();
    let linear = Linear::new(LinearParts { weights, bias: 0.1, link: Link::Logistic { steepness: 1e-3 } });
    let model = AnyModel::Linear(linear.unwrap());
    let ensemble = Ensemble::new(vec![Member { model, weight: 1.0, horizon: 5 }]).unwrap();
    let pipeline = Pipeline::new(&preprocess, &ensemble, &[], schema).unwrap();
    let probes = vec![pipeline.probe(&rows(&bars())[300..302]).unwrap()];
    let reference =
        |feature: &String| Reference { feature: feature.clone(), valid: 0, null: 100, quantiles: vec![] };
    let manifest = Manifest {
        features: FEATURES.name.to_owned(),
        version: FEATURES.version.to_owned(),
        source_hash: FEATURES.source_hash,
        output_hash: FEATURES.output_hash,
        set: "core".to_owned(),
        params: schema.params().to_vec(),
        schema_hash: schema.hash(),
        bars: SPEC,
        label: "direction horizon=5".to_owned(),
        data_hash: sha256(b"bars"),
        train_span: (UnixNanos(0), UnixNanos(1)),
        train_rows: 100,
        model: "linear".to_owned(),
        metrics: vec![],
        code_commit: "none".to_owned(),
        toolchain: "none".to_owned(),
        created: UnixNanos(2),
    };
    let reference = features.iter().map(reference).collect();
    let artifact = Artifact { manifest, preprocess, ensemble, filters: vec![], reference, probes };
    let bytes = artifact::seal(&artifact, &FEATURES, LOADERS, None).unwrap();
    let check = Check {
        version: &FEATURES,
        trust: Trust::Unsigned,
        set: None,
        params: None,
        bars: None,
        loaders: LOADERS,
    };
    artifact::verify(&bytes, &check).unwrap()
}

#[test]
fn its_rows_and_inputs_are_those_of_the_pipeline() {
    let verified = verified();
    let mut engine = ObservationEngine::of(&verified).unwrap();
    assert_eq!((engine.bars(), engine.schema().set()), (SPEC, "core"));
    let mut pipeline = verified.pipeline();
    let (_, mut predictor) = verified.pipeline().into_parts();
    let bars = bars();
    let mut predicted = 0;
    for (bar, row) in bars.iter().zip(rows(&bars)) {
        let seen = engine.observe(bar).unwrap();
        let (found, expected) =
            (predictor.predict(seen.index, seen.row, seen.input).unwrap(), pipeline.push(&row).unwrap());
        if let (Outcome::Predicted { value: found, .. }, Outcome::Predicted { value: expected, .. }) =
            (found, expected)
        {
            assert_eq!(found.to_bits(), expected.to_bits());
            predicted += 1;
        } else {
            assert_eq!(found, expected);
        }
    }
    assert!(predicted > 100, "{predicted}");
}
