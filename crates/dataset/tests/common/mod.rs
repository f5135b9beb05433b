//! Bars by hand.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers of tests fail by panicking, and not every test uses each"
)]

use dataset::{BuildOptions, LabelSpec, SplitSpec};
use feature_api::{Bar, BarFields, FeatureVersion, Grid, Price, Qty, UnixNanos};
use market_data::BarSeries;
use market_data::synth::{self, SynthOptions};

pub const MINUTE: i64 = 60_000_000_000;

/// A minute bar that opens at minute `index`, with open, high, low and close in steps of 0.01.
pub fn bar(index: i64, prices: [i64; 4]) -> Bar {
    bar_of(index * MINUTE, MINUTE, 2, prices)
}

/// A bar of any length on a grid of `scale` price decimals.
pub fn bar_of(ts_open: i64, length: i64, scale: u8, [open, high, low, close]: [i64; 4]) -> Bar {
    let price = |raw| Price::from_raw(raw).unwrap();
    Bar::new(BarFields {
        grid: Grid::new(scale, 0).unwrap(),
        ts_open: UnixNanos(ts_open),
        ts_close: UnixNanos(ts_open + length),
        ts_available: UnixNanos(ts_open + length),
        open: price(open),
        high: price(high),
        low: price(low),
        close: price(close),
        volume: Qty::from_raw(1).unwrap(),
        taker: None,
    })
    .unwrap()
}

/// Minute bars in a row.
pub fn bars(prices: &[[i64; 4]]) -> Vec<Bar> {
    prices.iter().zip(0..).map(|(prices, index)| bar(index, *prices)).collect()
}

/// Made-up minutes.
pub fn synth(rows: u64) -> BarSeries {
    synth::bars(&SynthOptions { rows, ..SynthOptions::default() })
}

/// The first bars of a series.
pub fn first(series: &BarSeries, count: usize) -> BarSeries {
    BarSeries { bars: series.bars[..count].to_vec(), ..series.clone() }
}

pub fn label(text: &str) -> LabelSpec {
    text.parse().unwrap()
}

/// 0.6, 0.2 and 0.2 of the rows, `return:horizon=5`, no cache, no profile.
pub fn options<'a>(version: &'a FeatureVersion, set: &'a str) -> BuildOptions<'a> {
    BuildOptions {
        version,
        set,
        params: &[],
        volume: true,
        label: label("return:horizon=5"),
        finer: None,
        split: SplitSpec { train: 0.6, validation: 0.2, test: 0.2, embargo: 0 },
        cache: None,
        profile: false,
        time_shares: &[],
    }
}
