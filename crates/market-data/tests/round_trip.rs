//! What is written is read back the same; and no bytes make a reader panic.

#![allow(clippy::unwrap_used, reason = "a strategy of tests fails by panicking")]

use std::path::Path;

use feature_api::{Bar, BarFields, Grid, Price, Qty, TakerVolume, UnixNanos};
use market_data::{
    BarFileOptions, BarSeries, BarStream, MarketDataError, ProblemPolicy, TimestampOf, VolumePolicy,
    inspect_bars, read_bars, read_bars_from, synth, write_bars,
};
use proptest::prelude::*;

const NAMES: [&str; 5] = ["a.csv", "a.csv.gz", "a.csv.zst", "a.txt", "a.parquet"];

/// A price and a quantity of any size that a float keeps.
const SIZE_MAX: i64 = 999_999_999_999_999;

prop_compose! {
    fn any_series()(
        price_scale in 0..=16_u8,
        qty_scale in 0..=16_u8,
        interval in 1..=100_000_000_000_000_i64,
        start in -4_000_000_000_000_000_000..4_000_000_000_000_000_000_i64,
        has_taker in any::<bool>(),
        rows in proptest::collection::vec(
            (0..4_i64, prop::array::uniform4(-SIZE_MAX..=SIZE_MAX), prop::array::uniform2(0..=SIZE_MAX / 2), 0..3_i64),
            1..20,
        ),
    ) -> BarSeries {
        let grid = Grid::new(price_scale, qty_scale).unwrap();
        let mut ts_open = start;
        let mut bars = Vec::new();
        for (skipped, mut prices, [buy, sell], delay) in rows {
            ts_open += interval * (1 + skipped);
            let (open, close) = (prices[0], prices[1]);
            prices.sort_unstable();
            let price = |raw| Price::from_raw(raw).unwrap();
            let qty = |raw| Qty::from_raw(raw).unwrap();
            bars.push(Bar::new(BarFields {
                grid,
                ts_open: UnixNanos(ts_open),
                ts_close: UnixNanos(ts_open + interval),
                ts_available: UnixNanos(ts_open + interval + delay),
                open: price(open),
                high: price(prices[3]),
                low: price(prices[0]),
                close: price(close),
                volume: qty(buy + sell),
                taker: has_taker.then(|| TakerVolume { buy: qty(buy), sell: qty(sell) }),
            }).unwrap());
        }
        BarSeries {
            rows_read: bars.len() as u64, bars, grid, interval,
            gaps: Vec::new(), problems: Vec::new(), notes: Vec::new(),
        }
    }
}

fn nanos(grid: Grid) -> BarFileOptions {
    BarFileOptions { grid: Some(grid), time: market_data::TimeFormat::Nanos, ..BarFileOptions::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bars_survive_every_format(series in any_series()) {
        let folder = tempfile::tempdir().unwrap();
        for name in NAMES {
            let path = folder.path().join(name);
            write_bars(&path, &series).unwrap();
            let read = read_bars(&path, &nanos(series.grid)).unwrap();
            prop_assert_eq!(&read.bars, &series.bars, "{}", name);
            prop_assert_eq!(read.interval, series.interval);
            if name != "a.parquet" {
                let options = BarFileOptions { interval: Some(series.interval), ..nanos(series.grid) };
                let mut stream = BarStream::open(&path, &options, None).unwrap();
                for bar in &series.bars {
                    prop_assert_eq!(stream.next_bar().unwrap(), Some(*bar));
                }
                prop_assert!(stream.next_bar().unwrap().is_none());
            }
            // Without being told, the values are the same on the coarsest grid.
            let path_options = BarFileOptions { grid: None, ..nanos(series.grid) };
            let coarse = read_bars(&path, &path_options).unwrap();
            let factor = 10_i64.pow(u32::from(series.grid.price_scale() - coarse.grid.price_scale()));
            for (bar, written) in coarse.bars.iter().zip(&series.bars) {
                prop_assert_eq!(bar.open().raw() * factor, written.open().raw());
            }
        }
    }

    #[test]
    fn no_bytes_make_the_csv_reader_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        skip in any::<bool>(),
    ) {
        let problems = if skip { ProblemPolicy::Skip } else { ProblemPolicy::Refuse };
        let options = BarFileOptions { problems, ..BarFileOptions::default() };
        let _ = read_bars_from(&mut bytes.as_slice(), Path::new("x.csv"), &options);
    }

    #[test]
    fn no_csv_like_text_makes_the_reader_panic(
        rows in proptest::collection::vec("(-?[0-9]{1,20}(\\.[0-9]{0,20})?|2021-0[0-9]-[0-3][0-9]|\"|e|nan|)(,(-?[0-9]{0,3}(\\.[0-9]{0,17})?|\"|1e[0-9]{1,3})){4,6}", 0..12),
        header in prop_oneof![Just("time,open,high,low,close,volume\n"), Just("")],
        close in any::<bool>(),
        grid in proptest::option::of((0..=16_u8, 0..=16_u8)),
        interval in proptest::option::of(any::<i64>()),
    ) {
        let options = BarFileOptions {
            problems: ProblemPolicy::Skip,
            timestamp: if close { TimestampOf::Close } else { TimestampOf::Open },
            grid: grid.and_then(|(price, qty)| Grid::new(price, qty).ok()),
            columns: header.is_empty().then(|| ["time", "open", "high", "low", "close", "v"].map(str::to_owned).to_vec()),
            interval,
            ..BarFileOptions::default()
        };
        let text = format!("{header}{}", rows.join("\n"));
        if let Ok(series) = read_bars_from(&mut text.as_bytes(), Path::new("x.csv"), &options) {
            prop_assert!(series.bars.len() as u64 <= series.rows_read);
            for (bar, next) in series.bars.iter().zip(series.bars.iter().skip(1)) {
                prop_assert!(bar.ts_close() <= next.ts_open());
            }
        }
    }
}

#[test]
fn a_series_that_was_made_up_survives_every_format_unasked() {
    let series = synth::bars(&synth::SynthOptions { rows: 70_000, ..synth::SynthOptions::default() });
    let folder = tempfile::tempdir().unwrap();
    for name in NAMES {
        let path = folder.path().join(name);
        write_bars(&path, &series).unwrap();
        let read = read_bars(&path, &BarFileOptions::default()).unwrap();
        assert_eq!((read.grid, read.interval), (series.grid, series.interval), "{name}");
        assert_eq!(read.bars, series.bars, "{name}");
    }
}

#[test]
fn what_a_double_does_not_hold_is_not_written_as_one() {
    let mut series = synth::bars(&synth::SynthOptions { rows: 1, ..synth::SynthOptions::default() });
    let mut fields = *series.bars[0].fields();
    fields.high = Price::from_raw((1 << 53) - 1).unwrap();
    series.bars = vec![Bar::new(fields).unwrap()];
    let folder = tempfile::tempdir().unwrap();
    let error = write_bars(&folder.path().join("a.parquet"), &series).unwrap_err();
    assert!(matches!(error, MarketDataError::NotExact { row: 0, field: "high", .. }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    let path = folder.path().join("a.csv");
    write_bars(&path, &series).unwrap();
    let options = BarFileOptions { grid: Some(series.grid), ..BarFileOptions::default() };
    assert_eq!(read_bars(&path, &options).unwrap().bars, series.bars);
}

#[test]
fn a_series_of_two_kinds_is_not_written() {
    let series = synth::bars(&synth::SynthOptions { rows: 2, ..synth::SynthOptions::default() });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let change = |change: &dyn Fn(&mut BarFields)| {
        let mut fields = *series.bars[1].fields();
        change(&mut fields);
        let bars = vec![series.bars[0], Bar::new(fields).unwrap()];
        write_bars(&path, &BarSeries { bars, ..series.clone() }).unwrap_err()
    };
    for error in [
        change(&|fields| fields.taker = None),
        change(&|fields| fields.grid = Grid::new(3, 5).unwrap()),
        change(&|fields| {
            fields.ts_close = UnixNanos(fields.ts_close.0 + 1);
            fields.ts_available = fields.ts_close;
        }),
    ] {
        assert!(matches!(error, MarketDataError::Series { row: 1, .. }), "{error}");
    }
}

#[test]
fn no_damage_to_a_parquet_file_makes_the_reader_panic() {
    let series = synth::bars(&synth::SynthOptions { rows: 20, ..synth::SynthOptions::default() });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    write_bars(&path, &series).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let options = BarFileOptions { volume: VolumePolicy::Required, ..BarFileOptions::default() };
    // Every byte, two ways: nothing is believed, whatever it says.
    for at in 0..whole.len() {
        for mask in [0x01, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= mask;
            std::fs::write(&path, &bytes).unwrap();
            let _ = inspect_bars(&path, &options);
        }
    }
}
