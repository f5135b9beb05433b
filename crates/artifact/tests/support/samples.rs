//! One small artifact of each kind.

use std::num::NonZeroU32;
use std::sync::Arc;

use artifact::{Artifact, Check, Manifest, Metric, Outcome, Pipeline, Reference, SecretKey, Trust};
use feature_api::identity::{Hash, sha256};
use feature_api::{BarKind, BarSpec, Row, UnixNanos};
use model::{
    AnyModel, Arithmetic, BlockFilter, Comparison, Ensemble, Linear, LinearParts, Link, Loader, Loaders,
    Member, Missing, Model, ModelError, Node, Output, PredictError, Prediction, Split, Trees, TreesParts,
};
use preprocess::{Bounds, Nulls, Parts, Preprocess, Scale, Scaler, ScalerKind};

use super::toy::{TOY, rows};

pub const KINDS: [&str; 8] =
    ["trees-f64", "trees-f32", "linear", "ensemble", "sequence", "filters", "signed", "external"];

/// A key that everybody knows.
pub fn key() -> SecretKey {
    format!("isobar ed25519 secret {}", "a7".repeat(32)).parse().unwrap()
}

/// Loads `sum`: a model whose bytes are the number of its inputs, and which sums them.
pub struct SumLoader;

pub const LOADERS: Loaders<'static> = Loaders(&[&SumLoader]);

#[derive(Debug)]
struct Sum(usize);

impl Loader for SumLoader {
    fn format(&self) -> &'static str {
        "sum"
    }

    fn load(&self, bytes: &[u8]) -> Result<Arc<dyn Model>, ModelError> {
        match bytes {
            [inputs] if *inputs > 0 => Ok(Arc::new(Sum((*inputs).into()))),
            _ => Err(ModelError::NotCovered { what: format!("{bytes:?}"), instead: "give one byte" }),
        }
    }
}

impl Model for Sum {
    fn describe(&self) -> String {
        "sum".to_owned()
    }

    fn inputs(&self) -> usize {
        self.0
    }

    fn takes_missing(&self) -> bool {
        false
    }

    fn output(&self) -> Output {
        Output::Value
    }

    fn predict(&self, input: &[f64]) -> Result<Prediction, PredictError> {
        let margin = input.iter().sum::<f64>() + 0.0;
        Ok(Prediction { margin, value: margin })
    }

    fn predict_many(&self, inputs: &[f64], predictions: &mut Vec<Prediction>) -> Result<(), PredictError> {
        for input in inputs.chunks(self.0) {
            predictions.push(self.predict(input)?);
        }
        Ok(())
    }
}

/// A check that the samples pass.
pub fn check() -> Check<'static> {
    Check { version: &TOY, trust: Trust::Unsigned, set: None, params: None, bars: None, loaders: LOADERS }
}

/// What seals a sample: the key of `signed`.
pub fn key_of(kind: &str) -> Option<SecretKey> {
    (kind == "signed").then(key)
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn parts(kind: &str) -> Parts {
    let features = names(&["close", "range", "change", "direction"]);
    let scale = |center, scale| Scale { center, scale };
    let whole = Parts {
        features: features.clone(),
        kept: features,
        nulls: vec![Nulls::Refuse, Nulls::Median(Some(0.2)), Nulls::Median(Some(-0.125)), Nulls::Refuse],
        clip: None,
        scaler: Some(Scaler {
            kind: ScalerKind::Standard,
            scales: vec![scale(101.5, 1.2), scale(0.3, 0.05), scale(0.1, 1.7), scale(0.0, 1.0)],
        }),
        sequence: NonZeroU32::MIN,
    };
    match kind {
        "trees-f32" | "filters" => Parts {
            kept: names(&["close", "range", "change"]),
            nulls: vec![Nulls::Missing; 3],
            clip: Some(vec![
                Bounds { low: 99.9, high: 103.9 },
                Bounds { low: 0.2, high: 0.38 },
                Bounds { low: -3.5, high: 3.5 },
            ]),
            scaler: Some(Scaler {
                kind: ScalerKind::MinMax,
                scales: vec![scale(99.9, 4.0), scale(0.2, 0.18), scale(-3.5, 7.0)],
            }),
            ..whole
        },
        "linear" => Parts {
            scaler: Some(Scaler {
                kind: ScalerKind::Robust,
                scales: vec![scale(101.9, 2.1), scale(0.29, 0.1), scale(0.0, 2.4), scale(0.0, 1.0)],
            }),
            ..whole
        },
        "sequence" => Parts {
            scaler: Some(Scaler { kind: ScalerKind::None, scales: vec![] }),
            sequence: NonZeroU32::new(3).unwrap(),
            ..whole
        },
        _ => whole,
    }
}

fn split(feature: u32, threshold: f64, left: bool, zero: bool, right: u32) -> Node {
    Node::Split(Split { feature, threshold, missing: Missing { left, zero }, right })
}

fn trees(inputs: u32, arithmetic: Arithmetic) -> AnyModel {
    let single = arithmetic == Arithmetic::F32;
    let number = |value: f64| if single { f64::from(value as f32) } else { value };
    let leaf = |value| Node::Leaf(number(value));
    AnyModel::Trees(
        Trees::new(TreesParts {
            inputs,
            arithmetic,
            inclusive: !single,
            base: number(0.1),
            link: Link::Logistic { steepness: 1.0 },
            trees: vec![
                vec![
                    split(0, number(0.3), true, false, 4),
                    split(2, number(0.45), false, !single, 3),
                    leaf(0.7),
                    leaf(-0.2),
                    leaf(-0.9),
                ],
                vec![split(1, number(0.6), false, false, 2), leaf(0.015), leaf(-0.33)],
                vec![leaf(0.001)],
            ],
        })
        .unwrap(),
    )
}

fn linear(inputs: usize) -> AnyModel {
    let weights = (0..inputs).map(|index| 0.3 - 0.17 * index as f64).collect();
    AnyModel::Linear(
        Linear::new(LinearParts { weights, bias: -0.05, link: Link::Logistic { steepness: 0.7 } }).unwrap(),
    )
}

fn ensemble(kind: &str) -> Ensemble {
    let member = |model, weight, horizon| Member { model, weight, horizon };
    let members = match kind {
        "trees-f32" | "filters" => vec![member(trees(3, Arithmetic::F32), 1.0, 5)],
        "linear" => vec![member(linear(4), 1.0, 5)],
        "sequence" => {
            let weights = (0..12).map(|index| 0.01 * f64::from(index) - 0.055).collect();
            let parts = LinearParts { weights, bias: 0.5, link: Link::Identity };
            vec![member(AnyModel::Linear(Linear::new(parts).unwrap()), 1.0, 1)]
        }
        "ensemble" => vec![
            member(trees(4, Arithmetic::F64), 2.0, 5),
            member(linear(4), 1.5, 20),
            member(trees(4, Arithmetic::F32), 0.5, 20),
        ],
        "external" => vec![member(AnyModel::External(LOADERS.load("sum", vec![4]).unwrap()), 1.0, 5)],
        _ => vec![member(trees(4, Arithmetic::F64), 1.0, 5)],
    };
    Ensemble::new(members).unwrap()
}

fn filters(kind: &str) -> Vec<BlockFilter> {
    let filter = |feature: &str, comparison, threshold| BlockFilter {
        feature: feature.to_owned(),
        comparison,
        threshold,
    };
    match kind {
        "filters" => vec![
            filter("direction", Comparison::Below, -0.5),
            filter("close", Comparison::AtMost, 99.99),
            filter("range", Comparison::Above, 0.39),
            filter("close", Comparison::AtLeast, 104.0),
        ],
        _ => vec![],
    }
}

fn reference(features: &[String]) -> Vec<Reference> {
    let reference = |(index, feature): (usize, &String)| Reference {
        feature: feature.clone(),
        valid: 900 + index as u64,
        null: 100 - index as u64,
        quantiles: (0..21).map(|step| f64::from(step) * 0.25 - index as f64).collect(),
    };
    let mut references: Vec<_> = features.iter().enumerate().map(reference).collect();
    if let Some(last) = references.last_mut() {
        (last.valid, last.null, last.quantiles) = (0, 1000, vec![]);
    }
    references
}

pub fn manifest() -> Manifest {
    let set = TOY.open("toy", &[]).unwrap();
    let metric =
        |part: &str, name: &str, value| Metric { part: part.to_owned(), name: name.to_owned(), value };
    Manifest {
        features: TOY.name.to_owned(),
        version: TOY.version.to_owned(),
        source_hash: TOY.source_hash,
        output_hash: TOY.output_hash,
        set: "toy".to_owned(),
        params: set.schema().params().to_vec(),
        schema_hash: set.schema().hash(),
        bars: BarSpec { kind: BarKind::Time { interval: 60_000_000_000 }, volume: true },
        label: "direction horizon=5 — ±0.1 %".to_owned(),
        data_hash: sha256(b"bars"),
        train_span: (UnixNanos(1_700_000_000_000_000_000), UnixNanos(1_710_000_000_000_000_000)),
        train_rows: 1000,
        model: "a toy".to_owned(),
        metrics: vec![metric("train", "log_loss", 0.61), metric("test", "log_loss", 0.69)],
        code_commit: "0123456789abcdef".to_owned(),
        toolchain: "rustc 1.95.0".to_owned(),
        created: UnixNanos(1_720_000_000_000_000_000),
    }
}

/// The artifact of a kind, with three probes.
pub fn artifact(kind: &str) -> Artifact {
    let (preprocess, ensemble, filters) =
        (Preprocess::new(parts(kind)).unwrap(), ensemble(kind), filters(kind));
    let schema = TOY.open("toy", &[]).unwrap();
    let pipeline = Pipeline::new(&preprocess, &ensemble, &filters, schema.schema()).unwrap();
    let (rows, sequence) = (rows("toy", 60), pipeline.sequence() as usize);
    let windows = rows.windows(sequence).skip(4);
    let probes: Vec<_> = windows.filter_map(|rows| pipeline.probe(rows).ok()).step_by(5).take(3).collect();
    assert_eq!(probes.len(), 3, "{kind}");
    let reference = reference(&preprocess.parts().features);
    Artifact { manifest: manifest(), preprocess, ensemble, filters, reference, probes }
}

/// The sealed bytes of a kind.
pub fn sealed(kind: &str) -> Vec<u8> {
    artifact::seal(&artifact(kind), &TOY, LOADERS, key_of(kind).as_ref()).unwrap()
}

/// What each of 60 rows comes to, a line each, floats by their bits.
pub fn predictions(mut pipeline: Pipeline) -> String {
    let bits = |value: f64| format!("{:016x}", value.to_bits());
    let line = |row: &Row| match pipeline.push(row).unwrap() {
        Outcome::Predicted { value, margins } => {
            let margins: Vec<_> = margins.iter().copied().map(bits).collect();
            format!("predicted {} of {}\n", bits(value), margins.join(" "))
        }
        Outcome::Blocked { filter, value } => format!("blocked by {filter}, {:?}\n", value.map(bits)),
        Outcome::NotReady(reason) => format!("not ready, {reason:?}\n"),
        Outcome::WarmUp { rows, warm_up } => format!("warming up, {rows} of {warm_up}\n"),
    };
    rows("toy", 60).iter().map(line).collect()
}

/// The hash that stands where nothing else does.
pub const OTHER: Hash = Hash([0xee; 32]);
