//! `tick` in trades per second: a row for every trade, of trades alone and with a book of ten levels around them.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feature_api::{FeatureSet as _, Row};
use features_v2::sets::Tick;
use market_data::MarketEvent;
use market_data::synth::{Market, MarketOptions};

const TRADES: u64 = 100_000;

fn tick(c: &mut Criterion) {
    let mut group = c.benchmark_group("tick");
    // A trade is one element, whatever the book tells between two of them.
    group.throughput(Throughput::Elements(TRADES));
    for (name, book) in [("trades alone", false), ("with a book of ten levels", true)] {
        let options = MarketOptions { trades: TRADES, same_time: 100, book, ..MarketOptions::default() };
        let events: Vec<MarketEvent> = Market::new(options).collect();
        let Ok(mut set) = Tick::new(&[]) else { continue };
        let mut row = Row::new(set.schema().width());
        group.bench_function(name, |b| {
            b.iter(|| {
                set.reset();
                for event in &events {
                    let _ = black_box(set.update(event.view(), &mut row));
                    black_box(&row);
                }
            });
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = tick }
criterion_main!(benches);
