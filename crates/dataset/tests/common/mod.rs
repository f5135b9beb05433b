//! Bars by hand.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers of tests fail by panicking, and not every test uses each"
)]

use dataset::{BuildOptions, DatasetError, LabelSpec, SplitSpec, build};
use feature_api::identity::sha256;
use feature_api::{Bar, BarFields, FeatureVersion, Grid, Price, Qty, UnixNanos};
use features_v1::FEATURES;
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

/// The same bar with a volume of `raw` steps on a grid of `scale` quantity decimals, and no takers.
pub fn with_volume(bar: &Bar, scale: u8, raw: i64) -> Bar {
    let mut fields = *bar.fields();
    fields.grid = Grid::new(fields.grid.price_scale(), scale).unwrap();
    (fields.volume, fields.taker) = (Qty::from_raw(raw).unwrap(), None);
    Bar::new(fields).unwrap()
}

/// Two bars that make up each of these, of half its length: the first goes from its open to the high where it is the
/// one with an even index, else to the low, the second through the rest.
pub fn halves(bars: &[Bar]) -> Vec<Bar> {
    let two = |(index, bar): (usize, &Bar)| {
        let (first, mut second) = (*bar.fields(), *bar.fields());
        let mut first = BarFields { taker: None, ..first };
        let half = UnixNanos(first.ts_open.0 + (first.ts_close.0 - first.ts_open.0) / 2);
        (first.ts_close, first.ts_available, second.ts_open) = (half, half, half);
        if index.is_multiple_of(2) {
            (first.low, first.close) = (first.open, first.high);
        } else {
            (first.high, first.close) = (first.open, first.low);
        }
        second.open = first.close;
        first.volume = Qty::from_raw(first.volume.raw() / 3).unwrap();
        second.volume = Qty::from_raw(second.volume.raw() - first.volume.raw()).unwrap();
        second.taker = None;
        [Bar::new(first).unwrap(), Bar::new(second).unwrap()]
    };
    bars.iter().enumerate().flat_map(two).collect()
}

/// Minute bars in a row.
pub fn bars(prices: &[[i64; 4]]) -> Vec<Bar> {
    prices.iter().zip(0..).map(|(prices, index)| bar(index, *prices)).collect()
}

/// The text of a manifest with the hash of what stands in it, from the documentation alone.
pub fn rehashed(manifest: &str) -> String {
    const FIELD: &str = "\"manifest_hash\": \"";
    let begin = manifest.find(FIELD).unwrap() + FIELD.len();
    let end = begin + manifest[begin..].find('"').unwrap();
    let (before, behind) = (&manifest[..begin], &manifest[end..]);
    let text = format!("{before}{behind}");
    // No string of a manifest has a line feed or begins with a colon.
    let tight: String = text.lines().map(|line| line.trim().replacen("\": ", "\":", 1)).collect();
    format!("{before}{}{behind}", sha256(tight.as_bytes()))
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
        positions: None,
        split: SplitSpec { train: 0.6, validation: 0.2, test: 0.2, embargo: 0 },
        cache: None,
        profile: false,
        time_shares: &[],
    }
}

/// The message of an error.
pub fn text_of<T: std::fmt::Debug>(result: Result<T, DatasetError>) -> String {
    result.unwrap_err().to_string()
}

/// Why a build is refused; nothing is written then.
pub fn refused(series: &BarSeries, options: &BuildOptions<'_>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dataset");
    let text = text_of(build(&path, series, options));
    assert!(!path.exists());
    text
}

/// A label that often hangs on what came first within a minute, and finer bars for it.
pub fn with_finer(finer: &[Bar]) -> BuildOptions<'_> {
    let label = label("barriers:horizon=5,profit=0.0002,loss=0.0002");
    BuildOptions { finer: Some(finer), label, ..options(&FEATURES, "core") }
}
