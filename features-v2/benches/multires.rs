//! `multires` in trades per second: the bars of the six clocks alone, and the whole set.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feature_api::{AggressorSide, Event, FeatureSet as _, Grid, Param, Price, Qty, Row, Trade, UnixNanos};
use features_v2::Multires;
use features_v2::bars::{BarRule as _, Cascade, DollarBars, TimeBars, TimeRollup};
use features_v2::market::Print;

const TRADES: u64 = 400_000;
const SECOND: i64 = 1_000_000_000;

/// Trades around 45,000, half a unit each, 50 ms apart on average; a third of them at another price than the one before.
fn trades() -> Vec<Trade> {
    let grid = Grid::new(2, 3).unwrap_or_default();
    let (mut state, mut ts, mut price) = (1_u64, 1_700_000_000 * SECOND, 4_500_000);
    let mut below = move |n: i64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 11) as i64) % n
    };
    let next = |trade_id| {
        ts += below(100) * 1_000_000;
        if below(3) == 0 {
            price += below(41) - 20;
        }
        Trade {
            grid,
            ts_event: UnixNanos(ts),
            ts_recv: UnixNanos(ts + 2_000_000),
            trade_id,
            price: Price::from_raw(price).unwrap_or_default(),
            quantity: Qty::from_raw(1 + below(999)).unwrap_or_default(),
            aggressor: if below(2) == 0 { AggressorSide::Buy } else { AggressorSide::Sell },
        }
    };
    (1..=TRADES).map(next).collect()
}

/// The bars of the six clocks, and no features.
struct SixClocks {
    short: DollarBars,
    medium: Cascade,
    long: Cascade,
    minute: TimeBars,
    quarter: TimeRollup,
    four_hours: TimeRollup,
}

impl SixClocks {
    fn new(grid: Grid) -> Self {
        Self {
            short: DollarBars::new(2_000_000, grid),
            medium: Cascade::of_bars(10),
            long: Cascade::of_bars(16),
            minute: TimeBars::new(60 * SECOND),
            quarter: TimeRollup::new(900 * SECOND),
            four_hours: TimeRollup::new(14_400 * SECOND),
        }
    }

    fn update(&mut self, print: &Print) {
        if let Some(bar) = self.minute.update(print) {
            self.quarter.push(&bar);
            self.four_hours.push(&bar);
        }
        black_box(self.quarter.clock(print.ts));
        black_box(self.four_hours.clock(print.ts));
        if let Some(bar) = self.short.update(print)
            && let Some(bar) = self.medium.update(&bar)
        {
            black_box(self.long.update(&bar));
        }
    }
}

fn multires(c: &mut Criterion) {
    let trades = trades();
    let mut group = c.benchmark_group("multires");
    group.throughput(Throughput::Elements(TRADES));
    let Some(grid) = trades.first().map(|trade| trade.grid) else { return };
    group.bench_function("bars of the six clocks", |b| {
        b.iter(|| {
            let mut clocks = SixClocks::new(grid);
            trades.iter().for_each(|trade| clocks.update(&Print::of(trade)));
        });
    });
    // A row for every 90 trades, for every 9, and for every trade.
    for short_quote in [2_000_000, 200_000, 1] {
        let params = [Param { name: "short_quote".to_owned(), value: short_quote }];
        let Ok(mut set) = Multires::new(&params) else { continue };
        let mut row = Row::new(set.schema().width());
        group.bench_function(format!("the set, short bars of {short_quote}"), |b| {
            b.iter(|| {
                set.reset();
                for trade in &trades {
                    let _ = black_box(set.update(Event::Trade(trade), &mut row));
                    black_box(&row);
                }
            });
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = multires }
criterion_main!(benches);
