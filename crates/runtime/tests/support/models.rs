//! Small models whose files a bot opens.

use std::num::NonZeroU32;
use std::path::Path;

use artifact::{Artifact, Manifest, Pipeline, Reference, SecretKey};
use feature_api::identity::sha256;
use feature_api::{BarSpec, Event, FeatureVersion, Position, Row, Side, UnixNanos};
use model::{AnyModel, Ensemble, Linear, LinearParts, Link, Loaders, Member};
use preprocess::{Nulls, Parts, Preprocess, Scaler, ScalerKind};

use super::{MINUTE, SPEC, bars, price};

/// The features, with a self-test that costs nothing: they are tested elsewhere.
pub const VERSION: FeatureVersion =
    FeatureVersion { self_test: || features_v1::OUTPUT_HASH, ..features_v1::FEATURES };

/// A model that is one feature of a set, weighed.
#[derive(Debug, Clone, Copy)]
pub struct Toy {
    pub set: &'static str,
    pub feature: &'static str,
    pub label: &'static str,
    pub weight: f64,
    pub bias: f64,
    pub bars: BarSpec,
}

/// The return over the last five minutes, as if it said what comes.
pub const ENTRY: Toy = Toy {
    set: "core",
    feature: "close",
    label: "return:horizon=5",
    weight: 1.0 / 128.0,
    bias: -1000.0 / 128.0,
    bars: SPEC,
};

/// The profit so far in per cent, as if it said what comes.
pub const EXIT: Toy = Toy {
    set: "exit",
    feature: "current_pnl_pct",
    label: "return:horizon=5",
    weight: 1.0,
    bias: 0.0,
    bars: SPEC,
};

impl Toy {
    /// Seals it and writes the file.
    pub fn write(&self, path: &Path, key: Option<&SecretKey>) {
        std::fs::write(path, self.sealed(key)).unwrap();
    }

    fn sealed(&self, key: Option<&SecretKey>) -> Vec<u8> {
        let mut set = VERSION.open(self.set, &[]).unwrap();
        let schema = set.schema().clone();
        let features: Vec<String> = schema.features().iter().map(|feature| feature.name.to_owned()).collect();
        let preprocess = Preprocess::new(Parts {
            features: features.clone(),
            kept: vec![self.feature.to_owned()],
            nulls: vec![Nulls::Refuse],
            clip: None,
            scaler: Some(Scaler { kind: ScalerKind::None, scales: vec![] }),
            sequence: NonZeroU32::MIN,
        })
        .unwrap();
        let (weights, bias, link) = (vec![self.weight], self.bias, Link::Identity);
        let model = AnyModel::Linear(Linear::new(LinearParts { weights, bias, link }).unwrap());
        let ensemble = Ensemble::new(vec![Member { model, weight: 1.0, horizon: 5 }]).unwrap();
        let pipeline = Pipeline::new(&preprocess, &ensemble, &[], &schema).unwrap();
        let probes = vec![pipeline.probe(&[last_row(set.as_mut())]).unwrap()];
        let manifest = Manifest {
            features: VERSION.name.to_owned(),
            version: VERSION.version.to_owned(),
            source_hash: VERSION.source_hash,
            output_hash: VERSION.output_hash,
            set: self.set.to_owned(),
            params: schema.params().to_vec(),
            schema_hash: schema.hash(),
            bars: self.bars,
            label: self.label.to_owned(),
            data_hash: sha256(b"bars"),
            train_span: (UnixNanos(0), UnixNanos(MINUTE)),
            train_rows: 2,
            model: "a toy".to_owned(),
            metrics: vec![],
            code_commit: "none".to_owned(),
            toolchain: "rustc".to_owned(),
            created: UnixNanos(MINUTE),
        };
        let of = |feature| Reference { feature, valid: 0, null: 1, quantiles: vec![] };
        let reference = features.into_iter().map(of).collect();
        let artifact = Artifact { manifest, preprocess, ensemble, filters: vec![], reference, probes };
        artifact::seal(&artifact, &VERSION, Loaders(&[]), key).unwrap()
    }
}

/// The last row of a set after some bars, under a position where it takes one.
fn last_row(set: &mut dyn feature_api::FeatureSet) -> Row {
    let (mut row, bars) = (Row::new(set.schema().width()), bars(300, 7));
    if set.schema().takes_position() {
        let position = Position { side: Side::Long, entry_price: price(10_000), ts_entry: bars[0].ts_open() };
        set.update(Event::Position(Some(position)), &mut row).unwrap();
    }
    for bar in &bars {
        set.update(Event::Bar(bar), &mut row).unwrap();
    }
    row
}
