//! Bars from trades, in trades per second: short bars alone, with the coarser ones made of them, bars of time, all kinds.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use feature_api::Grid;
use features_v2::bars::{AnyBars, BarRule, Cascade, DollarBars, Statistics, TimeBars, TimeRollup};
use features_v2::market::Print;

const TRADES: usize = 200_000;
const SECOND: i64 = 1_000_000_000;

/// Trades around 45,000, 50 ms apart on average; of every hundred `moving` at another price than the one before.
fn trades(moving: i64) -> Vec<Print> {
    let (mut state, mut ts, mut price) = (1_u64, 1_700_000_000 * SECOND, 4_500_000);
    let mut below = move |n: i64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 11) as i64) % n
    };
    let mut next = || {
        ts += below(100) * 1_000_000;
        if below(100) < moving {
            price += 1 + below(20);
            price -= 2 * below(11);
        }
        Print { ts, price, quantity: 1 + below(900), is_buy: below(2) == 0 }
    };
    (0..TRADES).map(|_| next()).collect()
}

/// Trades one after another into what `fresh` makes, from the first trade on in each run.
fn run<F: FnMut(&Print) -> B, B>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    prints: &[Print],
    fresh: impl Fn() -> F,
) {
    group.bench_function(name, |b| {
        b.iter(|| {
            let mut update = fresh();
            for print in prints {
                black_box(update(print));
            }
        });
    });
}

fn bars(c: &mut Criterion) {
    let grid = Grid::new(2, 3).unwrap_or_default();
    for moving in [30, 100] {
        let prints = trades(moving);
        let mut group = c.benchmark_group(format!("{moving} of 100 trades at another price"));
        group.throughput(Throughput::Elements(TRADES as u64));
        run(&mut group, "dollar", &prints, || {
            let mut short = DollarBars::new(2_000_000, grid);
            move |print| short.update(print)
        });
        run(&mut group, "dollar short, medium, long", &prints, || {
            let mut short = DollarBars::new(2_000_000, grid);
            let (mut medium, mut long) = (Cascade::of_bars(10), Cascade::of_bars(16));
            move |print| {
                let bar = short.update(print)?;
                let bar = medium.update(&bar)?;
                long.update(&bar)
            }
        });
        run(&mut group, "time 1 s", &prints, || {
            let mut second = TimeBars::new(SECOND);
            move |print| second.update(print)
        });
        run(&mut group, "time 1 s with statistics", &prints, || {
            let mut second = TimeBars::new(SECOND);
            move |print| second.update(print).map(|bar| Statistics::of(&bar.sums))
        });
        run(&mut group, "time 1 min, 15 min, 4 h", &prints, || {
            let mut minute = TimeBars::new(60 * SECOND);
            let mut coarse = [900, 14_400].map(|seconds| TimeRollup::new(seconds * SECOND));
            move |print| {
                let bar = minute.update(print);
                for coarse in &mut coarse {
                    bar.iter().for_each(|bar| coarse.push(bar));
                    black_box(coarse.clock(print.ts));
                }
            }
        });
        let kinds = (1..).zip([1_000, 100, 50, 2_000_000, 100, 100, 100]);
        let kinds: Vec<_> = kinds.filter_map(|(kind, size)| AnyBars::by_kind(kind, size, grid)).collect();
        for (name, bars) in AnyBars::KINDS.iter().zip(&kinds) {
            run(&mut group, &format!("by kind: {name}"), &prints, || {
                let mut bars = bars.clone();
                move |print| bars.update(print)
            });
        }
        run(&mut group, "all seven kinds", &prints, || {
            let mut all = kinds.clone();
            move |print| all.iter_mut().filter_map(|bars| bars.update(print)).count()
        });
        group.finish();
    }
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = bars }
criterion_main!(benches);
