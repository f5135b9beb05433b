//! Every operator, in time per bar. `batch` fills a column from a slice, the operator free to keep its state in
//! registers; `stream` hands every output out before the next input comes in.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feature_api::{Bar, Operator};
use features_v2::arithmetic::Scale;
use features_v2::operators::{
    Atr, ClosePosition, Correlation, Deviations, EdgeClose, Ema, HighLowClose, Lag, LogReturn, Macd, Mean,
    Median, Moments, OpenPosition, PercentMean, Point, RangeVolume, RealDeviation, RealMax, RedVolume,
    Regression, RollingMax, RollingMin, Rsi, RunLength, Stochastic, Support, SwingLow, SwingLows, TrueRange,
    TypicalVolume, VolumeProfile, Vwap, Wilder,
};
use features_v2::window::Window;
use market_data::synth::{SynthOptions, bars};

const BARS: u64 = 100_000;

fn measure<O: Operator>(c: &mut Criterion, name: &str, make: impl Fn() -> O, inputs: &[O::Input]) {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(inputs.len() as u64));
    group.bench_function("batch", |b| {
        let mut column = vec![None; inputs.len()];
        b.iter(|| {
            let mut operator = make();
            for (cell, input) in column.iter_mut().zip(inputs) {
                *cell = operator.update(*input);
            }
            black_box(&mut column);
        });
    });
    group.bench_function("stream", |b| {
        b.iter(|| {
            let mut operator = make();
            for input in inputs {
                black_box(operator.update(black_box(*input)));
            }
        });
    });
    group.finish();
}

fn of<T>(bars: &[Bar], map: impl Fn(&Bar) -> T) -> Vec<T> {
    bars.iter().map(map).collect()
}

fn operators(c: &mut Criterion) {
    let series = bars(&SynthOptions { rows: BARS, seed: 1, ..SynthOptions::default() });
    let (price, quantity) = (Scale::new(series.grid.price_scale()), Scale::new(series.grid.qty_scale()));
    let bars = &series.bars;
    let n = Window::clamped;
    let close = of(bars, |bar| bar.close().raw());
    let volume = of(bars, |bar| bar.volume().raw());
    let value: Vec<f64> = close.iter().map(|raw| price.divisor().divide_i64(*raw)).collect();
    let percent: Vec<f64> = value.iter().map(|value| value % 100.0).collect();
    let change: Vec<f64> = value.windows(2).map(|pair| (pair[1] - pair[0]) / pair[0]).collect();
    let range = of(bars, |bar| HighLowClose {
        high: bar.high().raw(),
        low: bar.low().raw(),
        close: bar.close().raw(),
    });
    let typical = of(bars, |bar| TypicalVolume {
        triple: bar.high().raw() + bar.low().raw() + bar.close().raw(),
        volume: bar.volume().raw(),
    });
    let pairs = of(bars, |bar| (bar.volume().raw(), bar.close().raw()));
    let edges = of(bars, |bar| EdgeClose { edge: bar.low().raw(), close: bar.close().raw() });
    let points = of(bars, |bar| Point { price: bar.low().raw(), value: 0.0 });
    let held = of(bars, |bar| ClosePosition { close: bar.close().raw(), position: None });
    let rising = of(bars, |bar| bar.close() > bar.open());
    let profile = of(bars, |bar| RangeVolume {
        high: bar.high().raw(),
        low: bar.low().raw(),
        volume: bar.volume().raw(),
    });

    measure(c, "mean 20", || Mean::new(n(20), price), &close);
    measure(c, "deviation 20", || Moments::with(n(20), price, Deviations::Population), &close);
    measure(c, "both deviations 20", || Moments::new(n(20), price), &close);
    measure(c, "deviation 20 of volume", || Moments::with(n(20), quantity, Deviations::Sample), &volume);
    measure(c, "percent mean 3", || PercentMean::new(n(3)), &percent);
    measure(c, "real deviation 20", || RealDeviation::new(n(20), 1), &change);
    measure(c, "ema 20", || Ema::new(n(20)), &value);
    measure(c, "wilder 14", || Wilder::new(n(14)), &value);
    measure(c, "rsi 14", || Rsi::new(n(14), price), &close);
    measure(c, "macd 12 26 9", || Macd::new(n(12), n(26), n(9)), &value);
    measure(c, "true range", || TrueRange::new(price), &range);
    measure(c, "atr 14", || Atr::new(n(14), price), &range);
    measure(c, "stochastic 14 3 3", || Stochastic::new(n(14), n(3), n(3)), &range);
    measure(c, "max 14", || RollingMax::new(n(14)), &close);
    measure(c, "min 14", || RollingMin::new(n(14)), &close);
    measure(c, "real max 20", || RealMax::new(n(20)), &value);
    measure(c, "lag 5", || Lag::new(n(5)), &close);
    measure(c, "log return", LogReturn::new, &close);
    measure(c, "vwap 14", || Vwap::new(n(14), price), &typical);
    measure(c, "vwap 288", || Vwap::new(n(288), price), &typical);
    measure(c, "correlation 20", || Correlation::new(n(20), quantity, price), &pairs);
    measure(c, "regression 50", || Regression::new(n(50), price), &close);
    measure(c, "median 50", || Median::new(n(50)), &value);
    measure(c, "median 100", || Median::new(n(100)), &value);
    measure(c, "red volume 10", || RedVolume::new(n(10)), &volume);
    measure(c, "run length", RunLength::new, &rising);
    measure(c, "swing 5", || SwingLow::new(n(5)), &close);
    measure(c, "swing pair 30 3", || SwingLows::new(n(30), n(3)), &points);
    measure(c, "support 200 5", || Support::new(n(200), n(5)), &edges);
    measure(c, "volume profile 100", || VolumeProfile::new(n(100)), &profile);
    measure(c, "position", OpenPosition::new, &held);
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = operators
}
criterion_main!(benches);
