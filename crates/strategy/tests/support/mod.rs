//! What the tests of strategies share: bars, small models whose predictions are known, and a market that fills.
#![allow(dead_code, clippy::unwrap_used, reason = "tests; none uses all of it")]

use std::num::NonZeroU32;

use artifact::{Artifact, Check, Manifest, Pipeline, Reference, Trust, Verified};
use execution::PositionView;
use feature_api::identity::sha256;
use feature_api::{
    Bar, BarFields, BarKind, BarSpec, Event, FeatureVersion, Grid, Position, Price, Qty, Row, Side,
    StateReader, StateWriter, UnixNanos,
};
use model::{AnyModel, BlockFilter, Ensemble, Linear, LinearParts, Link, Loaders, Member};
use observation::Action;
use preprocess::{Nulls, Parts, Preprocess, Scaler, ScalerKind};
use strategy::{ModelDrivenOptions, ModelDrivenStrategy, Sides, Signal, Strategy, StrategyError};

pub const MINUTE: i64 = 60_000_000_000;

/// The features, with a self-test that costs nothing: they are tested elsewhere.
const VERSION: FeatureVersion =
    FeatureVersion { self_test: || features_v1::OUTPUT_HASH, ..features_v1::FEATURES };

/// Prices are whole hundredths, so sums of them times powers of 2 are exact.
pub fn price(cents: i64) -> Price {
    Price::from_raw(cents).unwrap()
}

/// The bar of a minute: `range` cents on either side of its close.
pub fn bar_of(minute: i64, close: i64, range: i64, volume: i64) -> Bar {
    let [ts_open, ts_close] = [minute, minute + 1].map(|minute| UnixNanos(minute * MINUTE));
    Bar::new(BarFields {
        grid: Grid::new(2, 3).unwrap(),
        ts_open,
        ts_close,
        ts_available: ts_close,
        open: price(close),
        high: price(close + range),
        low: price(close - range),
        close: price(close),
        volume: Qty::from_raw(volume).unwrap(),
        taker: None,
    })
    .unwrap()
}

/// The bar of a minute that closes at so many cents.
pub fn bar(minute: i64, close: i64) -> Bar {
    bar_of(minute, close, 50, 1_000)
}

/// A model that is a weighted sum of features, sealed and verified.
#[derive(Debug, Clone)]
pub struct Toy {
    pub set: &'static str,
    pub label: &'static str,
    pub weights: Vec<(&'static str, f64)>,
    pub bias: f64,
    pub logistic: bool,
    pub filters: Vec<&'static str>,
    pub sequence: u32,
    pub interval: i64,
}

/// `(close − 100)·2⁻⁷`, of the label `return`: a cent more is 2⁻⁷/100 more.
pub fn entry_return() -> Toy {
    let unit = 1.0 / 128.0;
    Toy {
        set: "core",
        label: "return:horizon=5",
        weights: vec![("close", unit)],
        bias: -100.0 * unit,
        logistic: false,
        filters: vec![],
        sequence: 1,
        interval: MINUTE,
    }
}

/// `1/(1 + e^(100 − close))`, of the label `direction`: a half at 100.
pub fn entry_direction() -> Toy {
    Toy {
        label: "direction:horizon=5",
        weights: vec![("close", 1.0)],
        bias: -100.0,
        logistic: true,
        ..entry_return()
    }
}

/// The profit so far in per cent, of the label `return`.
pub fn exit_profit() -> Toy {
    Toy { set: "exit", weights: vec![("current_pnl_pct", 1.0)], bias: 0.0, ..entry_return() }
}

impl Toy {
    pub fn with_filter(mut self, filter: &'static str) -> Self {
        self.filters.push(filter);
        self
    }

    pub fn verified(&self) -> Verified {
        self.verified_in(&VERSION)
    }

    /// The same of another feature version.
    pub fn verified_in(&self, version: &FeatureVersion) -> Verified {
        let mut set = version.open(self.set, &[]).unwrap();
        let schema = set.schema().clone();
        let features: Vec<String> = schema.features().iter().map(|feature| feature.name.to_owned()).collect();
        let kept: Vec<String> = self.weights.iter().map(|(name, _)| (*name).to_owned()).collect();
        let preprocess = Preprocess::new(Parts {
            features: features.clone(),
            nulls: vec![Nulls::Refuse; kept.len()],
            kept,
            clip: None,
            scaler: Some(Scaler { kind: ScalerKind::None, scales: vec![] }),
            sequence: NonZeroU32::new(self.sequence).unwrap(),
        })
        .unwrap();
        let mut weights: Vec<f64> = self.weights.iter().map(|(_, weight)| *weight).collect();
        // Of a sequence, the newest row alone counts.
        for _ in 1..self.sequence {
            (0..self.weights.len()).for_each(|_| weights.insert(0, 0.0));
        }
        let link = if self.logistic { Link::Logistic { steepness: 1.0 } } else { Link::Identity };
        let model = Linear::new(LinearParts { weights, bias: self.bias, link }).unwrap();
        let ensemble =
            Ensemble::new(vec![Member { model: AnyModel::Linear(model), weight: 1.0, horizon: 5 }]).unwrap();
        let filters: Vec<BlockFilter> = self.filters.iter().map(|filter| filter.parse().unwrap()).collect();
        let pipeline = Pipeline::new(&preprocess, &ensemble, &filters, &schema).unwrap();
        let probes = vec![pipeline.probe(&rows(set.as_mut(), self.sequence as usize)).unwrap()];
        let reference = |feature| Reference { feature, valid: 0, null: 1, quantiles: vec![] };
        let manifest = Manifest {
            features: version.name.to_owned(),
            version: version.version.to_owned(),
            source_hash: version.source_hash,
            output_hash: version.output_hash,
            set: self.set.to_owned(),
            params: schema.params().to_vec(),
            schema_hash: schema.hash(),
            bars: BarSpec { kind: BarKind::Time { interval: self.interval }, volume: true },
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
        let reference = features.into_iter().map(reference).collect();
        let artifact = Artifact { manifest, preprocess, ensemble, filters, reference, probes };
        let bytes = artifact::seal(&artifact, version, Loaders(&[]), None).unwrap();
        let check = Check {
            version,
            trust: Trust::Unsigned,
            set: None,
            params: None,
            bars: None,
            loaders: Loaders(&[]),
        };
        artifact::verify(&bytes, &check).unwrap()
    }
}

/// The last rows of a set after 200 bars near 100, under a position where it takes one.
fn rows(set: &mut dyn feature_api::FeatureSet, count: usize) -> Vec<Row> {
    let mut row = Row::new(set.schema().width());
    if set.schema().takes_position() {
        let position = Position { side: Side::Long, entry_price: price(10_000), ts_entry: UnixNanos(0) };
        set.update(Event::Position(Some(position)), &mut row).unwrap();
    }
    let mut rows = Vec::new();
    for minute in 0..200 {
        set.update(Event::Bar(&bar(minute, 10_000 + minute % 7)), &mut row).unwrap();
        rows.push(row.clone());
    }
    rows.split_off(rows.len() - count)
}

/// Rows of the warm-up of a set.
pub fn warm_up(set: &str) -> i64 {
    VERSION.open(set, &[]).unwrap().schema().warm_up().into()
}

/// Long and short, no costs beyond the round trip, no levels, ten bars at most.
pub fn of_return() -> ModelDrivenOptions {
    ModelDrivenOptions {
        threshold: None,
        min_edge: 0.0,
        expected_move: None,
        exit_threshold: None,
        stop: None,
        take: None,
        max_hold_bars: Some(10),
        sides: Sides::Both,
        cooldown_bars: 0,
    }
}

/// The same of a direction.
pub fn of_direction() -> ModelDrivenOptions {
    ModelDrivenOptions { threshold: Some(0.6), expected_move: Some(0.01), ..of_return() }
}

pub fn make(
    entry: &Verified,
    exit: Option<&Verified>,
    options: ModelDrivenOptions,
) -> Result<ModelDrivenStrategy, StrategyError> {
    ModelDrivenStrategy::new(entry, exit, options, 0.0)
}

/// A position entered at the open of that minute's bar.
pub fn position(side: Side, minute: i64, entry: i64, bars_held: u32) -> PositionView {
    let position = Position { side, entry_price: price(entry), ts_entry: UnixNanos(minute * MINUTE) };
    let lots = match side {
        Side::Long => 1,
        Side::Short => -1,
    };
    PositionView { position, lots, bars_held }
}

/// Feeds `bars` while flat; the last signal.
pub fn feed(strategy: &mut dyn Strategy, bars: impl IntoIterator<Item = Bar>) -> Option<Signal> {
    let mut last = None;
    for bar in bars {
        last = Some(strategy.on_bar(&bar, None, false).unwrap());
    }
    last
}

/// Fills what a strategy wants at the open of the next bar, whole and at that price; no levels.
#[derive(Debug, Default)]
pub struct Fills {
    open: Option<PositionView>,
    wanted: Option<Action>,
}

impl Fills {
    /// The position after the fills of a bar, as the strategy is told it.
    pub fn at(&mut self, bar: &Bar) -> Option<&PositionView> {
        match self.wanted.take() {
            Some(Action::Enter { side, .. }) if self.open.is_none() => {
                let minute = bar.ts_open().0 / MINUTE;
                self.open = Some(position(side, minute, bar.open().raw(), 0));
            }
            Some(Action::Flat) => self.open = None,
            Some(Action::Enter { .. } | Action::Hold | Action::Exposure(_)) | None => {}
        }
        if let Some(open) = &mut self.open {
            open.bars_held += 1;
        }
        self.open.as_ref()
    }

    pub fn want(&mut self, signal: &Signal) {
        self.wanted = Some(signal.action);
    }
}

/// Every signal over these bars.
pub fn run(strategy: &mut dyn Strategy, bars: &[Bar]) -> Vec<Signal> {
    let mut fills = Fills::default();
    let mut step = |bar: &Bar| {
        let signal = strategy.on_bar(bar, fills.at(bar), false).unwrap();
        fills.want(&signal);
        signal
    };
    bars.iter().map(&mut step).collect()
}

/// A signal with its floats by their bits.
pub fn bits(signal: &Signal) -> String {
    let bits = |value: Option<f64>| value.map(f64::to_bits);
    let Signal { action, why, entry, exit, edge } = signal;
    let values = [bits(entry.value()), bits(exit.value()), bits(*edge)];
    format!("{action:?} {why:?} {entry:?} {exit:?} {values:?}")
}

pub fn saved(strategy: &dyn Strategy) -> Vec<u8> {
    let mut state = StateWriter::new();
    strategy.save(&mut state);
    state.into_bytes()
}

/// Restores the whole of `bytes`.
pub fn load(strategy: &mut dyn Strategy, bytes: &[u8]) -> Result<(), feature_api::RestoreError> {
    let mut state = StateReader::new(bytes);
    strategy.load(&mut state)?;
    state.finish()
}
