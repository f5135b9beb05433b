//! A bot trained on bars that are made up, from bars to a core, in memory but for the dataset.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking; not every test uses each"
)]

use std::num::NonZeroU32;

use artifact::{Artifact, Check, Manifest, Pipeline, Reference, Trust, Verified, seal, verify};
use dataset::{BuildOptions, Dataset, LabelSpec, SplitSpec, build};
use execution::{Account, Costs, Decimal, Instrument, Market, Money, PaperExchange, Rate};
use feature_api::{Bar, BarFields, BarKind, BarSpec, FeatureVersion, Grid, Price, Qty, Row, UnixNanos};
use features_v1::FEATURES;
use market_data::BarSeries;
use model::{AnyModel, Ensemble, Loaders, Member};
use observation::{ActionMapper, Limit, RewardCalculator, RewardOptions, RiskLimits, Sizing};
use preprocess::Recipe;
use runtime::{Core, Setup};
use strategy::{ModelDrivenOptions, ModelDrivenStrategy, Sides, Strategy};
use testkit::inputs::SplitMix;
use training::{Objective, TrainExamples, TreeOptions};

/// The features, without a self-test that takes longer than all else here; it has a test of its own.
const UNTESTED: FeatureVersion = FeatureVersion { self_test: || features_v1::OUTPUT_HASH, ..FEATURES };

pub const MINUTE: i64 = 60_000_000_000;
pub const SPEC: BarSpec = BarSpec { kind: BarKind::Time { interval: MINUTE }, volume: true };

/// Prices have 2 decimals, volumes 3.
pub fn grid() -> Grid {
    Grid::new(2, 3).unwrap()
}

/// Minute bars of a random walk around 10,000.00: sixteen steps a bar, each of 2.50 up or down, whichever comes is as
/// likely as the other and knows nothing of what came before. A bar opens where the last one closed. So nothing that is
/// decided on bars up to one can expect to gain or to lose from its close on, but what it costs.
pub fn random_walk(seed: u64, count: i64) -> BarSeries {
    let mut words = SplitMix::new(seed);
    let mut close = 1_000_000;
    let mut next = |index: i64| {
        let open = close;
        let (mut high, mut low) = (open, open);
        let mut flips = words.next_u64();
        for _ in 0..16 {
            close += if flips & 1 == 1 { 250 } else { -250 };
            flips >>= 1;
            (high, low) = (high.max(close), low.min(close));
        }
        let price = |raw| Price::from_raw(raw).unwrap();
        let ts_close = UnixNanos((index + 1) * MINUTE);
        Bar::new(BarFields {
            grid: grid(),
            ts_open: UnixNanos(index * MINUTE),
            ts_close,
            ts_available: ts_close,
            open: price(open),
            high: price(high),
            low: price(low),
            close: price(close),
            volume: Qty::from_raw(words.between(10_000_000, 99_000_000)).unwrap(),
            taker: None,
        })
        .unwrap()
    };
    let bars: Vec<Bar> = (0..count).map(&mut next).collect();
    let rows_read = bars.len() as u64;
    BarSeries {
        bars,
        grid: grid(),
        interval: MINUTE,
        gaps: vec![],
        problems: vec![],
        notes: vec![],
        rows_read,
    }
}

/// A sealed and verified model, and the first bar behind those it was trained on and its labels look into.
pub struct Trained {
    pub model: Verified,
    pub unseen_from: usize,
}

/// Trees on the core features of the first 60 % of the bars that tell whether the close is higher five bars on.
pub fn train(series: &BarSeries, trees: u32) -> Trained {
    let folder = tempfile::tempdir().unwrap();
    let options = BuildOptions {
        version: &UNTESTED,
        set: "core",
        params: &[],
        volume: true,
        label: LabelSpec::Direction { horizon: NonZeroU32::new(5).unwrap(), above: 0.0 },
        finer: None,
        positions: None,
        split: SplitSpec { train: 0.6, validation: 0.2, test: 0.2, embargo: 0 },
        cache: None,
        profile: false,
        time_shares: &[],
    };
    build(folder.path(), series, &options).unwrap();
    let dataset = Dataset::open(folder.path()).unwrap();
    let split = dataset.split().unwrap();
    let preprocess = training::fit(&split.train, &Recipe::default()).unwrap();
    let examples = TrainExamples::of(&split.train, &preprocess).unwrap();
    let options = TreeOptions { trees, depth: 4, min_leaf_weight: 5.0, ..TreeOptions::default() };
    let fitted = training::train_trees(&examples, Objective::Logistic, &options).unwrap();
    let member = Member { model: AnyModel::Trees(fitted), weight: 1.0, horizon: 5 };
    let ensemble = Ensemble::new(vec![member]).unwrap();

    let set = UNTESTED.open("core", &[]).unwrap();
    let pipeline = Pipeline::new(&preprocess, &ensemble, &[], set.schema()).unwrap();
    let probe = |row: &usize| {
        let mut cells = Row::new(dataset.features().width());
        assert!(dataset.features().copy_row(*row, &mut cells));
        pipeline.probe(&[cells]).unwrap()
    };
    let probes = examples.examples().rows().iter().step_by(100).map(probe).collect();
    let reference = training::distributions(&split.train).into_iter().map(|d| Reference {
        feature: d.feature,
        valid: d.valid,
        null: d.null,
        quantiles: d.quantiles,
    });
    let reference = reference.collect();
    let manifest = manifest(&dataset, &ensemble, examples.examples().len());
    let artifact = Artifact { manifest, preprocess, ensemble, filters: vec![], reference, probes };
    let bytes = seal(&artifact, &UNTESTED, Loaders::default(), None).unwrap();
    let check = Check {
        version: &UNTESTED,
        trust: Trust::Unsigned,
        set: Some("core"),
        params: None,
        bars: Some(SPEC),
        loaders: Loaders::default(),
    };
    Trained { model: verify(&bytes, &check).unwrap(), unseen_from: split.validation.rows().start }
}

fn manifest(dataset: &Dataset, ensemble: &Ensemble, train_rows: usize) -> Manifest {
    let from = dataset.manifest();
    let rows = dataset.split().unwrap().train.rows();
    let times = &dataset.features().ts_available;
    Manifest {
        features: from.features.clone(),
        version: from.version.clone(),
        source_hash: from.source_hash,
        output_hash: from.output_hash,
        set: from.set.clone(),
        params: from.params.clone(),
        schema_hash: from.schema_hash,
        bars: from.bars,
        label: from.label.to_string(),
        data_hash: from.data_hash,
        train_span: (times[rows.start], times[rows.end - 1]),
        train_rows: train_rows as u64,
        model: ensemble.describe(),
        metrics: vec![],
        code_commit: "none".to_owned(),
        toolchain: "none".to_owned(),
        created: UnixNanos(0),
    }
}

/// What trading costs: 6 parts in 10,000 each way.
pub fn costs() -> Costs {
    let rate = |value| Rate::new("a rate", value).unwrap();
    Costs {
        taker_fee: rate(0.0004),
        maker_fee: rate(0.0002),
        spread: rate(0.0002),
        slippage: rate(0.0001),
        latency_bars: 0,
        max_volume_share: Some(rate(0.1)),
        entry_order_bars: 1,
    }
}

/// Enters where the model is for it, whichever way, and closes five bars later. It believes in moves large enough for
/// costs to stop it from nothing: what is tested is what it earns, so it must trade.
pub fn model_driven(model: &Verified) -> Box<dyn Strategy> {
    Box::new(ModelDrivenStrategy::new(model, None, options(), costs().round_trip()).unwrap())
}

/// As [`model_driven`], with levels around each entry.
pub fn with_levels(model: &Verified, distance: f64) -> Box<dyn Strategy> {
    let options = ModelDrivenOptions { stop: Some(distance), take: Some(distance), ..options() };
    let options = ModelDrivenOptions { max_hold_bars: Some(20), ..options };
    Box::new(ModelDrivenStrategy::new(model, None, options, costs().round_trip()).unwrap())
}

fn options() -> ModelDrivenOptions {
    ModelDrivenOptions {
        threshold: Some(0.6),
        min_edge: 0.0,
        expected_move: Some(0.05),
        exit_threshold: None,
        stop: None,
        take: None,
        max_hold_bars: Some(5),
        sides: Sides::Both,
        cooldown_bars: 0,
    }
}

/// A core with that strategy: 10,000 in cash, positions of 1,000, no limits.
pub fn core(strategy: Box<dyn Strategy>) -> Core {
    core_with(strategy, costs())
}

pub fn core_with(strategy: Box<dyn Strategy>, costs: Costs) -> Core {
    core_on(strategy, costs, "0.01")
}

/// As [`core_with`], with orders on that tick.
pub fn core_on(strategy: Box<dyn Strategy>, costs: Costs, tick: &str) -> Core {
    let decimal = |text| Decimal::parse(text).unwrap();
    let start = Money::parse("10000").unwrap();
    let instrument = Instrument::new("TEST", decimal(tick), decimal("0.001"), Money::ZERO).unwrap();
    let market = Market::new(instrument, grid()).unwrap();
    let limits = RiskLimits {
        max_position_notional: Limit::Unlimited,
        max_order_notional: Limit::Unlimited,
        max_leverage: Limit::Unlimited,
        max_drawdown: Limit::Unlimited,
        max_daily_loss: Limit::Unlimited,
        max_entries_per_day: Limit::Unlimited,
    };
    let sizing = Sizing::Notional(Money::parse("1000").unwrap());
    Core::new(Setup {
        bars: SPEC,
        strategy,
        mapper: ActionMapper::new(market.clone(), sizing, limits, start).unwrap(),
        exchange: PaperExchange::new(market, costs, true).unwrap(),
        account: Account::new(start).unwrap(),
        reward: RewardCalculator::new(RewardOptions::default(), start).unwrap(),
    })
}
