//! `flow` and the order book, in events per second: a book of ten levels, and one as deep as an exchange tells it.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feature_api::{FeatureSet as _, Row};
use features_v2::market::Book;
use features_v2::sets::Flow;
use market_data::synth::{Market, MarketOptions};
use market_data::{EventFile, EventOptions, MarketEvent, open_events};
use testkit::data::data_dir;

const TRADES: u64 = 50_000;

/// Trades at 50 ms around a book of ten levels.
fn ten_levels() -> Vec<MarketEvent> {
    Market::new(MarketOptions { trades: TRADES, ..MarketOptions::default() }).collect()
}

/// A recorded stream: the exchange's own snapshot and every change since.
fn recorded() -> Option<Vec<MarketEvent>> {
    let path = data_dir("flow on a capture")?.join("binance-ws-raw/usdm_btcusdt_20240808.gz");
    let mut stream =
        open_events(&[EventFile { path, part: 0, select: None }], &EventOptions::default()).ok()?;
    let mut events = Vec::new();
    while let Ok(Some(event)) = stream.next_event() {
        events.push(event);
    }
    Some(events)
}

/// Levels that an event changes; 1 for a trade.
fn changes(event: &MarketEvent) -> u64 {
    match event {
        MarketEvent::Snapshot(snapshot) => (snapshot.bids.len() + snapshot.asks.len()) as u64,
        MarketEvent::Delta(delta) => (delta.bids.len() + delta.asks.len()) as u64,
        MarketEvent::Trade(_) | MarketEvent::Quote(_) | MarketEvent::Bar(_) | MarketEvent::Clock(_) => 1,
    }
}

fn measure(c: &mut Criterion, name: &str, events: &[MarketEvent]) {
    let Ok(mut set) = Flow::new(&[]) else { return };
    let mut row = Row::new(set.schema().width());
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("flow, events", |b| {
        b.iter(|| {
            set.reset();
            for event in events {
                let _ = black_box(set.update(event.view(), &mut row));
            }
            black_box(&row);
        });
    });
    group.throughput(Throughput::Elements(events.iter().map(changes).sum()));
    group.bench_function("book, levels changed", |b| {
        b.iter(|| {
            let mut book = Book::default();
            for event in events {
                let _ = match event {
                    MarketEvent::Snapshot(snapshot) => book.snapshot(&snapshot.view()),
                    MarketEvent::Delta(delta) => book.delta(&delta.view()),
                    MarketEvent::Trade(_)
                    | MarketEvent::Quote(_)
                    | MarketEvent::Bar(_)
                    | MarketEvent::Clock(_) => Ok(false),
                };
            }
            black_box(&book);
        });
    });
    group.finish();
}

fn flow(c: &mut Criterion) {
    measure(c, "ten levels", &ten_levels());
    if let Some(events) = recorded() {
        measure(c, "recorded", &events);
    }
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = flow }
criterion_main!(benches);
