//! Every set, in time per bar: rows one by one, and columns.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feature_api::{Columns, Event, Row};
use features_v2::{SETS, by_name};
use market_data::synth::{SynthOptions, bars};

const BARS: u64 = 100_000;
const CHUNK: usize = 1_024;

fn sets(c: &mut Criterion) {
    let series = bars(&SynthOptions { rows: BARS, seed: 1, ..SynthOptions::default() });
    for name in SETS {
        let Ok(mut set) = by_name(name, &[]) else { continue };
        let width = set.schema().width();
        let (mut row, mut columns) = (Row::new(width), Columns::new(width));
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Elements(BARS));
        group.bench_function("stream", |b| {
            b.iter(|| {
                set.reset();
                for bar in &series.bars {
                    let _ = black_box(set.update(Event::Bar(bar), &mut row));
                    black_box(&row);
                }
            });
        });
        group.bench_function("batch", |b| {
            b.iter(|| {
                set.reset();
                for chunk in series.bars.chunks(CHUNK) {
                    columns.clear();
                    let _ = black_box(set.update_bars(chunk, &mut columns));
                    black_box(&columns);
                }
            });
        });
        group.finish();
    }
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = sets }
criterion_main!(benches);
