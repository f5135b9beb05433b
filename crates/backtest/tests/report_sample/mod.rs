//! A run made by hand, for tests of the page and for looking at it.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use backtest::report::{ModelSection, Report, calibration, feature_shift};
use backtest::{BootstrapOptions, Intervals, Metrics, Point, Run, bootstrap};
use execution::{Decimal, ExitReason, Fill, FillKind, Instrument, Market, Money, Trade};
use feature_api::{Grid, Price, Side, UnixNanos};

pub const MINUTE: i64 = 60_000_000_000;
pub const HOUR: i64 = 60 * MINUTE;
/// 2024-03-01 00:00 UTC.
pub const MARCH: i64 = 1_709_251_200_000_000_000;

/// SplitMix64: the same numbers on every machine.
pub struct Numbers(u64);

impl Numbers {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % end
    }

    /// 0 to 1.
    pub fn unit(&mut self) -> f64 {
        self.below(1 << 53) as f64 / (1_u64 << 53) as f64
    }

    /// About normal, deviation 1: a sum of twelve.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

pub fn market() -> Market {
    let decimal = |text| Decimal::parse(text).unwrap();
    let instrument = Instrument::new("BTCUSDT", decimal("0.1"), decimal("0.001"), Money::ZERO).unwrap();
    Market::new(instrument, Grid::new(1, 3).unwrap()).unwrap()
}

pub fn price(raw: i64) -> Price {
    Price::from_raw(raw).unwrap()
}

pub fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

/// A run without fills: closes and equities, a bar each of that length.
pub fn quiet(bar: i64, points: &[(i64, &str)]) -> Run {
    let point = |(index, (close, equity)): (usize, &(i64, &str))| Point {
        ts_close: UnixNanos(MARCH + (index as i64 + 1) * bar),
        close: price(*close),
        lots: 0,
        equity: money(equity),
        prediction: None,
        reward: 0.0,
    };
    Run {
        market: market(),
        start: money("10000"),
        points: points.iter().enumerate().map(point).collect(),
        fills: Vec::new(),
        trades: Vec::new(),
        fees: Money::ZERO,
    }
}

/// An open position of the walk.
struct Open {
    side: Side,
    entry: usize,
    until: usize,
    fill: Fill,
}

/// A random walk of that many bars, with a trade about every 130 bars.
pub fn walk(bar: i64, bars: usize) -> Run {
    let (mut numbers, market) = (Numbers::new(7), market());
    let mut raw = 612_345.0;
    let step = 4.0e-4 * ((bar / MINUTE) as f64).sqrt();
    let mut run = Run { market, start: money("10000"), ..quiet(bar, &[]) };
    let (mut cash, mut open): (Money, Option<Open>) = (run.start, None);
    for index in 0..bars {
        raw *= 1.0 + step * numbers.normal();
        let close = price(raw as i64);
        let ts = UnixNanos(MARCH + (index as i64 + 1) * bar);
        match open.take() {
            Some(position) if index >= position.until || index + 1 == bars => {
                let kinds = [FillKind::Market, FillKind::Stop, FillKind::Take];
                let kind = kinds[numbers.below(3) as usize];
                let fill = fill(&run.market, ts, close, -position.fill.lots, kind);
                cash = book(&run.market, cash, &fill);
                run.trades.push(trade(&run.market, &position, &fill, index));
                run.fills.push(fill);
            }
            Some(position) => open = Some(position),
            None if index > 300 && numbers.below(75) == 0 => {
                let side = if numbers.below(5) < 3 { Side::Long } else { Side::Short };
                let lots = if side == Side::Long { 80 } else { -80 };
                let fill = fill(&run.market, ts, close, lots, FillKind::Market);
                cash = book(&run.market, cash, &fill);
                run.fills.push(fill);
                let until = index + 15 + numbers.below(90) as usize;
                open = Some(Open { side, entry: index, until, fill });
            }
            None => {}
        }
        let lots = open.as_ref().map_or(0, |open| open.fill.lots);
        let equity = cash.checked_add(run.market.value(close, lots).unwrap()).unwrap();
        run.points.push(Point { ts_close: ts, close, lots, equity, prediction: None, reward: 0.0 });
    }
    run.fees = run.fills.iter().fold(Money::ZERO, |sum, fill| sum.checked_add(fill.fee).unwrap());
    run
}

/// A fill at a price that is worse than the close, with its fee.
fn fill(market: &Market, ts: UnixNanos, close: Price, lots: i64, kind: FillKind) -> Fill {
    let worse = lots.signum() * 12;
    let price = price(close.raw() + worse);
    let cost = |steps: i64| market.value(self::price(steps), lots.abs()).unwrap();
    let value = market.value(price, lots.abs()).unwrap();
    let fee = Money::from_units(value.units() / 10_000 * 3);
    Fill { order: 1, kind, ts, lots, price, fee, spread: cost(5), slippage: cost(7) }
}

fn book(market: &Market, cash: Money, fill: &Fill) -> Money {
    let paid = market.value(fill.price, fill.lots).unwrap().checked_add(fill.fee).unwrap();
    cash.checked_sub(paid).unwrap()
}

fn trade(market: &Market, position: &Open, out: &Fill, index: usize) -> Trade {
    let sum = |a: Money, b: Money| a.checked_add(b).unwrap();
    let value = |fill: &Fill| market.value(fill.price, fill.lots).unwrap();
    let entry = &position.fill;
    Trade {
        side: position.side,
        ts_entry: entry.ts,
        ts_exit: out.ts,
        lots: entry.lots.abs(),
        entry_price: entry.price,
        exit_price: out.price,
        entry_value: market.value(entry.price, entry.lots.abs()).unwrap(),
        gross: Money::ZERO.checked_sub(sum(value(entry), value(out))).unwrap(),
        fees: sum(entry.fee, out.fee),
        spread: sum(entry.spread, out.spread),
        slippage: sum(entry.slippage, out.slippage),
        bars_held: (index - position.entry) as u32,
        exit: match out.kind {
            FillKind::Market => ExitReason::Signal,
            FillKind::Stop => ExitReason::Stop,
            FillKind::Take => ExitReason::Take,
        },
    }
}

/// What a report borrows.
pub struct Sample {
    pub run: Run,
    pub metrics: Metrics,
    pub intervals: Option<Intervals>,
}

impl Sample {
    pub fn new(run: Run) -> Self {
        let options = BootstrapOptions { resamples: 200, ..BootstrapOptions::default() };
        Self { metrics: Metrics::of(&run), intervals: bootstrap(&run, &options).ok(), run }
    }

    /// A report with nothing but the run.
    pub fn bare<'a>(&'a self, title: &'a str) -> Report<'a> {
        Report {
            title,
            made: "",
            run: &self.run,
            metrics: &self.metrics,
            intervals: self.intervals.as_ref(),
            out_of_sample_from: None,
            models: Vec::new(),
            identity: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// A report with everything.
    pub fn full<'a>(&'a self, title: &'a str) -> Report<'a> {
        Report {
            made: "2024-03-20 08:00 UTC",
            out_of_sample_from: Some(self.run.points.len() / 2),
            models: vec![model("entry", 85, true), model("exit", 25, false)],
            identity: identity(),
            warnings: vec![
                "The entry model was trained on bars up to 2024-03-07 20:40 UTC, which this run begins with."
                    .into(),
                "The artifacts are not signed.".into(),
            ],
            ..self.bare(title)
        }
    }
}

fn names(count: usize) -> impl Iterator<Item = String> {
    let families =
        ["rsi", "ema_distance", "atr_share", "volume_z", "taker_imbalance", "return", "range_position"];
    (0..count).map(move |index| {
        format!("{}_{}", families[index % families.len()], [5, 14, 20, 50, 100, 200][index / 7 % 6])
            + if index >= 42 { "_slope" } else { "" }
    })
}

fn model(leg: &'static str, count: usize, is_probability: bool) -> ModelSection<'static> {
    let mut numbers = Numbers::new(count as u64);
    let weights: Vec<f64> = (0..count).map(|index| 1.0 / (2.0 + index as f64)).collect();
    let sum: f64 = weights.iter().sum();
    let importance = names(count).zip(&weights).map(|(name, weight)| (name, weight / sum)).collect();
    let scored: Vec<(f64, bool)> = (0..19_000)
        .map(|_| {
            let predicted = 0.5 + numbers.normal() * 0.13;
            (predicted, numbers.unit() < 0.5 + (predicted - 0.5) * 0.45)
        })
        .collect();
    let features = names(count)
        .enumerate()
        .map(|(index, name)| {
            let shift = if index % 9 == 4 { 0.9 } else { 0.1 * (index % 3) as f64 };
            let mut train: Vec<f64> = (0..2000).map(|_| numbers.normal()).collect();
            let mut run: Vec<f64> = (0..2000).map(|_| numbers.normal() * 1.05 + shift).collect();
            train.sort_by(f64::total_cmp);
            let quantiles: Vec<f64> = (0..=20).map(|place| train[place * 1999 / 20]).collect();
            feature_shift(&name, &quantiles, 0.001, &mut run, 2004)
        })
        .collect();
    let metric = |part: &str, name: &str, value| (part.to_owned(), name.to_owned(), value);
    ModelSection {
        leg,
        model: "gradient-boosted trees, 120 rounds".to_owned(),
        label: "direction(horizon=30,above=0)".to_owned(),
        importance,
        calibration: if is_probability { calibration(scored.into_iter()) } else { Vec::new() },
        features,
        metrics: vec![
            metric("train", "log_loss", 0.6734),
            metric("train", "auc", 0.6021),
            metric("walk-forward", "log_loss", 0.6929),
            metric("walk-forward", "auc", 0.5188),
            metric("walk-forward", "brier", 0.249_87),
        ],
    }
}

fn identity() -> Vec<(&'static str, Vec<(String, String)>)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    vec![
        (
            "Features",
            vec![pair("version", "features-v1 1.0.0"), pair("source hash", hash), pair("output hash", hash)],
        ),
        (
            "Data",
            vec![pair("file", "btcusdt-1m.parquet"), pair("sha256", hash), pair("bars", "20,000 of 1m")],
        ),
        (
            "Entry model",
            vec![pair("artifact", "entry.isobar"), pair("sha256", hash), pair("signature", "none")],
        ),
        (
            "Parameters",
            vec![
                pair("strategy", "model-driven"),
                pair("strategy.threshold", "0.55"),
                pair("costs.taker_fee", "0.0003"),
            ],
        ),
    ]
}
