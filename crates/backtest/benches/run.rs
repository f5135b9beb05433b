//! Bars per second of a backtest.
#![allow(clippy::expect_used, reason = "a benchmark that cannot run fails")]

#[path = "../tests/bot/mod.rs"]
mod bot;

use std::hint::black_box;

use backtest::{BootstrapOptions, Metrics, bootstrap, run};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const BARS: i64 = 20_000;

fn backtest(c: &mut Criterion) {
    let series = bot::random_walk(1, BARS);
    let trained = bot::train(&series, 50);
    let go = || {
        let mut core = bot::core(bot::model_driven(&trained.model));
        run(&mut core, black_box(&series.bars), &mut |_| {}).expect("bars that follow each other")
    };
    let made = go();
    assert!(made.trades.len() > 100, "it hardly trades");

    let mut group = c.benchmark_group("backtest");
    group.throughput(Throughput::Elements(BARS.unsigned_abs()));
    group.sample_size(20);
    group.bench_function("run: core features and 50 trees", |b| b.iter(go));
    group.bench_function("metrics", |b| b.iter(|| Metrics::of(black_box(&made))));
    group.bench_function("bootstrap: 2,000 resamples", |b| {
        b.iter(|| bootstrap(black_box(&made), &BootstrapOptions::default()).expect("a run of many bars"));
    });
    group.finish();
}

criterion_group!(benches, backtest);
criterion_main!(benches);
