//! Two small models, sealed for the bars of a series.

use std::num::NonZeroU32;

use artifact::{Artifact, Manifest, Pipeline, Reference, SecretKey};
use feature_api::identity::{Hash, sha256};
use feature_api::{BarKind, BarSpec, Event, FeatureVersion, Position, Row, Side, UnixNanos};
use market_data::BarSeries;
use model::{
    AnyModel, Arithmetic, Ensemble, Linear, LinearParts, Link, Loaders, Member, Missing, Node, Split, Trees,
    TreesParts,
};
use preprocess::{Nulls, Parts, Preprocess, Scaler, ScalerKind};

/// The features; their self-test, which the program runs each time, is not run to seal.
pub const VERSION: FeatureVersion =
    FeatureVersion { self_test: || features_v1::OUTPUT_HASH, ..features_v1::FEATURES };

/// The key that signs.
pub const SECRET: &str =
    "isobar ed25519 secret a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7";
/// A key that nobody trusts.
pub const STRANGER: &str =
    "isobar ed25519 secret 1313131313131313131313131313131313131313131313131313131313131313";

/// What is sealed.
#[derive(Debug, Clone)]
pub struct Draft {
    pub set: &'static str,
    pub kept: Vec<&'static str>,
    pub model: AnyModel,
    pub label: &'static str,
    /// The version that it says it is of.
    pub version: FeatureVersion,
    pub interval: i64,
    /// The key it is signed with.
    pub key: Option<&'static str>,
}

/// Trees over three features of `core`: the probability that the price rises.
pub fn entry() -> Draft {
    entry_split_at(50.0)
}

/// The same with another threshold of its first split, which asks for the RSI.
pub fn entry_split_at(rsi: f64) -> Draft {
    Draft {
        set: "core",
        kept: vec!["rsi", "bb_width", "normalized_close"],
        model: AnyModel::Trees(trees(rsi)),
        label: "direction:horizon=5",
        version: VERSION,
        interval: 60_000_000_000,
        key: None,
    }
}

/// A sum over two features of `exit`: the return still to come.
pub fn exit() -> Draft {
    let link = Link::Identity;
    let parts = LinearParts { weights: vec![-0.05, 0.5], bias: 0.0, link };
    Draft {
        set: "exit",
        kept: vec!["rsi_slope", "pnl_from_peak"],
        model: AnyModel::Linear(Linear::new(parts).unwrap()),
        label: "return:horizon=5",
        ..entry()
    }
}

fn trees(rsi: f64) -> Trees {
    let split = |feature, threshold, right| {
        Node::Split(Split { feature, threshold, missing: Missing { left: true, zero: false }, right })
    };
    let leaf = Node::Leaf;
    Trees::new(TreesParts {
        inputs: 3,
        arithmetic: Arithmetic::F64,
        inclusive: false,
        base: 0.01,
        link: Link::Logistic { steepness: 1.0 },
        trees: vec![
            vec![
                split(0, rsi, 4),
                split(2, -0.7, 3),
                leaf(0.9),
                leaf(0.15),
                split(2, 1.1, 6),
                leaf(-0.1),
                leaf(-0.7),
            ],
            vec![split(1, 0.003, 2), leaf(0.12), leaf(-0.06)],
        ],
    })
    .unwrap()
}

impl Draft {
    /// The sealed bytes. Its probes are rows of these bars.
    pub fn seal(&self, series: &BarSeries) -> Vec<u8> {
        let set = VERSION.open(self.set, &[]).unwrap();
        let schema = set.schema();
        let features: Vec<String> = schema.features().iter().map(|spec| spec.name.to_owned()).collect();
        let kept: Vec<String> = self.kept.iter().map(|name| (*name).to_owned()).collect();
        let preprocess = Preprocess::new(Parts {
            features: features.clone(),
            nulls: vec![Nulls::Refuse; kept.len()],
            kept,
            clip: None,
            scaler: Some(Scaler { kind: ScalerKind::None, scales: vec![] }),
            sequence: NonZeroU32::MIN,
        })
        .unwrap();
        let member = Member { model: self.model.clone(), weight: 1.0, horizon: 5 };
        let ensemble = Ensemble::new(vec![member]).unwrap();
        let pipeline = Pipeline::new(&preprocess, &ensemble, &[], schema).unwrap();
        let rows = rows(self.set, series);
        let probes: Vec<_> = rows
            .iter()
            .skip(schema.warm_up() as usize)
            .step_by(10)
            .filter_map(|row| pipeline.probe(std::slice::from_ref(row)).ok())
            .take(4)
            .collect();
        assert_eq!(probes.len(), 4, "bars for {} and its warm-up of {}", self.set, schema.warm_up());
        let reference = |feature| Reference { feature, valid: 0, null: 1, quantiles: vec![] };
        let manifest = Manifest {
            features: self.version.name.to_owned(),
            version: self.version.version.to_owned(),
            source_hash: self.version.source_hash,
            output_hash: self.version.output_hash,
            set: self.set.to_owned(),
            params: schema.params().to_vec(),
            schema_hash: schema.hash(),
            bars: BarSpec { kind: BarKind::Time { interval: self.interval }, volume: true },
            label: self.label.to_owned(),
            data_hash: sha256(b"made up"),
            train_span: (UnixNanos(0), UnixNanos(1)),
            train_rows: 2,
            model: "a toy".to_owned(),
            metrics: vec![],
            code_commit: "none".to_owned(),
            toolchain: "rustc".to_owned(),
            created: UnixNanos(1),
        };
        let reference = features.into_iter().map(reference).collect();
        let artifact = Artifact { manifest, preprocess, ensemble, filters: vec![], reference, probes };
        let key: Option<SecretKey> = self.key.map(|key| key.parse().unwrap());
        artifact::seal(&artifact, &self.version, Loaders(&[]), key.as_ref()).unwrap()
    }
}

/// Every row of a set over the bars; a position is open from the first on where the set looks at positions.
pub fn rows(set: &str, series: &BarSeries) -> Vec<Row> {
    let mut set = VERSION.open(set, &[]).unwrap();
    let mut row = Row::new(set.schema().width());
    if let (true, Some(first)) = (set.schema().takes_position(), series.bars.first()) {
        let position = Position { side: Side::Long, entry_price: first.open(), ts_entry: first.ts_open() };
        set.update(Event::Position(Some(position)), &mut row).unwrap();
    }
    let mut next = |bar| {
        set.update(Event::Bar(bar), &mut row).unwrap();
        row.clone()
    };
    series.bars.iter().map(&mut next).collect()
}

/// A hash of nothing that there is.
pub const OTHER: Hash = Hash([0xee; 32]);
