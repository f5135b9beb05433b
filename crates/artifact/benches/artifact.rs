//! What an artifact costs: once at the start, and for each bar.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run fails")]

use std::hint::black_box;
use std::num::NonZeroU32;

use artifact::{Artifact, Check, Manifest, Outcome, Pipeline, Reference, SecretKey, Trust, seal, verify};
use criterion::{Criterion, criterion_group, criterion_main};
use feature_api::identity::sha256;
use feature_api::{
    Bar, BarFields, BarKind, BarSpec, Event, FeatureVersion, Grid, Price, Qty, Row, Schema, UnixNanos,
};
use features_v1::FEATURES;
use model::{AnyModel, Arithmetic, Ensemble, Link, Loaders, Member, Missing, Node, Split, Trees, TreesParts};
use preprocess::{Nulls, Parts, Preprocess, Scale, Scaler, ScalerKind};

const TREES: usize = 200;
const DEPTH: u32 = 6;

/// The version with a self-test that costs nothing, to see what the rest costs.
const UNTESTED: FeatureVersion = FeatureVersion { self_test: || features_v1::OUTPUT_HASH, ..FEATURES };

/// xorshift64: the same numbers on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    /// From −1 to 1.
    fn unit(&mut self) -> f64 {
        self.below(2_000_001) as f64 / 1e6 - 1.0
    }
}

fn bars(count: i64) -> Vec<Bar> {
    let (mut numbers, mut close) = (Numbers(88_172_645_463_325_252), 6_000_000_i64);
    let mut bar = |index: i64| {
        let open = close;
        let mut step = |limit: i64| i64::try_from(numbers.below(limit as u64)).unwrap_or_default();
        close += step(2_001) - 1_000;
        let (high, low) = (open.max(close) + step(500), open.min(close) - step(500));
        let price = |raw| Price::from_raw(raw).unwrap_or_default();
        let ts_close = UnixNanos((index + 1) * 60_000_000_000);
        Bar::new(BarFields {
            grid: Grid::new(2, 3).unwrap_or_default(),
            ts_open: UnixNanos(index * 60_000_000_000),
            ts_close,
            ts_available: ts_close,
            open: price(open),
            high: price(high),
            low: price(low),
            close: price(close),
            volume: Qty::from_raw(1_000 + step(100_000)).unwrap_or_default(),
            taker: None,
        })
        .ok()
    };
    (0..count).filter_map(&mut bar).collect()
}

/// A whole tree of that depth, in preorder.
fn grow(tree: &mut Vec<Node>, depth: u32, inputs: u32, numbers: &mut Numbers) {
    if depth == 0 {
        tree.push(Node::Leaf(numbers.unit() / 10.0));
        return;
    }
    let left = 2_u32.pow(depth) - 1;
    tree.push(Node::Split(Split {
        feature: numbers.below(inputs.into()) as u32,
        threshold: numbers.unit(),
        missing: Missing { left: numbers.below(2) == 0, zero: false },
        right: tree.len() as u32 + 1 + left,
    }));
    grow(tree, depth - 1, inputs, numbers);
    grow(tree, depth - 1, inputs, numbers);
}

fn ensemble(inputs: usize) -> Ensemble {
    let mut numbers = Numbers(7);
    let trees = (0..TREES)
        .map(|_| {
            let mut tree = Vec::new();
            grow(&mut tree, DEPTH, inputs as u32, &mut numbers);
            tree
        })
        .collect();
    let parts = TreesParts {
        inputs: inputs as u32,
        arithmetic: Arithmetic::F64,
        inclusive: true,
        base: 0.0,
        link: Link::Logistic { steepness: 1.0 },
        trees,
    };
    let model = AnyModel::Trees(Trees::new(parts).expect("trees"));
    Ensemble::new(vec![Member { model, weight: 1.0, horizon: 5 }]).expect("an ensemble")
}

/// Scaled by what the rows look like, so that walks go everywhere.
fn preprocess(schema: &Schema, rows: &[Row]) -> Preprocess {
    let names: Vec<_> = schema.features().iter().map(|feature| feature.name.to_owned()).collect();
    let scale = |index| {
        let values: Vec<f64> = rows.iter().filter_map(|row| row.get(index)).collect();
        let center = values.iter().sum::<f64>() / values.len() as f64;
        let spread = values.iter().map(|value| (value - center).abs()).sum::<f64>() / values.len() as f64;
        Scale { center, scale: if spread > 0.0 { spread } else { 1.0 } }
    };
    let scales = (0..names.len()).map(scale).collect();
    Preprocess::new(Parts {
        features: names.clone(),
        nulls: vec![Nulls::Refuse; names.len()],
        kept: names,
        clip: None,
        scaler: Some(Scaler { kind: ScalerKind::Standard, scales }),
        sequence: NonZeroU32::MIN,
    })
    .expect("a preprocessing")
}

fn manifest(schema: &Schema) -> Manifest {
    Manifest {
        features: FEATURES.name.to_owned(),
        version: FEATURES.version.to_owned(),
        source_hash: FEATURES.source_hash,
        output_hash: FEATURES.output_hash,
        set: schema.set().to_owned(),
        params: schema.params().to_vec(),
        schema_hash: schema.hash(),
        bars: BarSpec { kind: BarKind::Time { interval: 60_000_000_000 }, volume: true },
        label: "none".to_owned(),
        data_hash: sha256(b""),
        train_span: (UnixNanos(0), UnixNanos(1)),
        train_rows: 1,
        model: "random trees".to_owned(),
        metrics: vec![],
        code_commit: "none".to_owned(),
        toolchain: "none".to_owned(),
        created: UnixNanos(0),
    }
}

fn rows(set: &str, bars: &[Bar]) -> (Schema, Vec<Row>) {
    let mut set = FEATURES.open(set, &[]).expect("a set of the version");
    let mut row = Row::new(set.schema().width());
    let mut rows = Vec::new();
    for bar in bars {
        set.update(Event::Bar(bar), &mut row).expect("bars in order");
        if row.is_complete() {
            rows.push(row.clone());
        }
    }
    (set.schema().clone(), rows)
}

fn artifact(set: &str, bars: &[Bar]) -> Artifact {
    let (schema, rows) = rows(set, bars);
    let (preprocess, ensemble) = (preprocess(&schema, &rows), ensemble(schema.width()));
    let pipeline = Pipeline::new(&preprocess, &ensemble, &[], &schema).expect("parts that fit");
    let probes = rows.chunks(1).take(20).map(|rows| pipeline.probe(rows).expect("a probe")).collect();
    let reference = preprocess.parts().features.iter().map(|feature| Reference {
        feature: feature.clone(),
        valid: 1,
        null: 0,
        quantiles: vec![0.0; 21],
    });
    let reference = reference.collect();
    Artifact { manifest: manifest(&schema), preprocess, ensemble, filters: vec![], reference, probes }
}

fn load(c: &mut Criterion) {
    let artifact = artifact("entry", &bars(2_000));
    let key = SecretKey::generate().expect("random numbers");
    let trusted = [key.public()];
    let bytes = seal(&artifact, &FEATURES, Loaders::default(), Some(&key)).expect("a whole artifact");
    let mut group = c.benchmark_group(format!("verify {} trees, {} bytes", TREES, bytes.len()));
    let trust = Trust::Keys(&trusted);
    for (name, version) in [("with self-test", &FEATURES), ("without self-test", &UNTESTED)] {
        let check =
            Check { version, trust, set: None, params: None, bars: None, loaders: Loaders::default() };
        group.bench_function(name, |b| b.iter(|| verify(black_box(&bytes), &check).is_ok()));
    }
    group.finish();
    c.bench_function("self-test", |b| b.iter(FEATURES.self_test));
}

fn one_bar(c: &mut Criterion) {
    let bars = bars(20_000);
    let mut group = c.benchmark_group("one bar");
    for set in ["core", "entry"] {
        let artifact = artifact(set, &bars);
        let (schema, ready) = rows(set, &bars);
        let mut pipeline =
            Pipeline::new(&artifact.preprocess, &artifact.ensemble, &[], &schema).expect("parts that fit");
        // Behind the warm-up, every row is predicted: what is measured is not an early return.
        let is_predicted = |row| matches!(pipeline.push(row), Ok(Outcome::Predicted { .. }));
        let predicted = ready.iter().map(is_predicted).skip(schema.warm_up() as usize).all(|is| is);
        assert!(predicted, "{set}");
        let mut next = ready.iter().cycle();
        group.bench_function(format!("{set}: preprocess and {TREES} trees"), |b| {
            b.iter(|| {
                let row = next.next().expect("rows without end");
                matches!(pipeline.push(black_box(row)), Ok(Outcome::Predicted { .. }))
            });
        });
        let mut features = FEATURES.open(set, &[]).expect("a set of the version");
        let mut row = Row::new(schema.width());
        let mut index = 0;
        group.bench_function(format!("{set}: features, preprocess and {TREES} trees"), |b| {
            b.iter(|| {
                if index == bars.len() {
                    // One warm-up in 20,000 bars.
                    features.reset();
                    index = 0;
                }
                features.update(Event::Bar(black_box(&bars[index])), &mut row).expect("bars in order");
                index += 1;
                matches!(pipeline.push(&row), Ok(Outcome::Predicted { .. }))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, load, one_bar);
criterion_main!(benches);
