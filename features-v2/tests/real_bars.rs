//! Every real bar file, and a million synthetic bars: batch is stream, bit for bit; every value in its range; no
//! feature constant, none equal to another.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use feature_api::{Bar, Columns, Event, Range, Row};
use features_v2::{SETS, by_name};
use market_data::synth::{SynthOptions, bars};
use market_data::{BarFileOptions, NoisePolicy, ProblemPolicy, read_bars};
use testkit::bar_files::readable;
use testkit::data::data_dir;
use testkit::inputs::walk_positions;

/// A month of minutes; a few of its volumes are sums made in floating point.
const BTC_MINUTES: &str = "bars-crypto-1m/btc-perp-20211231-20220201_1m.csv.gz";

/// Drives one set both ways, the batch in chunks that end anywhere; holds every cell against the other.
fn batch_is_stream(name: &str, set_name: &str, bars: &[Bar]) -> Columns {
    let mut stream = by_name(set_name, &[]).unwrap();
    let mut batch = by_name(set_name, &[]).unwrap();
    let (width, takes_position) = (stream.schema().width(), stream.schema().takes_position());
    let positions = if takes_position { walk_positions(bars, 1) } else { Vec::new() };
    let mut row = Row::new(width);
    let mut columns = Columns::new(width);
    let mut ahead = positions.iter().peekable();
    let mut done = 0;
    for index in 0..bars.len() {
        while let Some((_, position)) = ahead.next_if(|(at, _)| *at == index) {
            batch.update_bars(&bars[done..index], &mut columns).unwrap();
            done = index;
            batch.update(Event::Position(*position), &mut row).unwrap();
        }
        if index - done == 777 || index + 1 == bars.len() {
            batch.update_bars(&bars[done..=index], &mut columns).unwrap();
            done = index + 1;
        }
    }
    assert_eq!(columns.len(), bars.len(), "{name} {set_name}");
    let ranges: Vec<Range> = stream.schema().features().iter().map(|feature| feature.range).collect();
    let mut ahead = positions.iter().peekable();
    for (index, bar) in bars.iter().enumerate() {
        while let Some((_, position)) = ahead.next_if(|(at, _)| *at == index) {
            stream.update(Event::Position(*position), &mut row).unwrap();
        }
        assert_eq!(stream.update(Event::Bar(bar), &mut row), Ok(true));
        for (column, range) in ranges.iter().enumerate() {
            let (one, other) = (row.get(column), columns.get(index, column));
            assert_eq!(
                one.map(f64::to_bits),
                other.map(f64::to_bits),
                "{name} {set_name} row {index} column {column}: stream {one:?}, batch {other:?}"
            );
            assert!(
                one.is_none_or(|value| range.contains(value)),
                "{name} {set_name} row {index} column {column}: {one:?} is not in {range}"
            );
        }
    }
    columns
}

#[test]
fn batch_is_stream_on_every_real_file() {
    let Some(data) = data_dir("batch = stream on every real bar file") else { return };
    // Two more are read with what is wrong in them rounded or left out, because asked to.
    let rounded = BarFileOptions { noise: NoisePolicy::Round, ..BarFileOptions::default() };
    let skipped = BarFileOptions { problems: ProblemPolicy::Skip, ..BarFileOptions::default() };
    let mut files: Vec<_> = readable().into_iter().map(|(file, options, ..)| (file, options)).collect();
    files.push((BTC_MINUTES, rounded));
    files.push(("mplfinance/yahoofinance-SPY-20080101-20180101.csv", skipped));
    assert_eq!(files.len(), 42);
    for (file, options) in files {
        let bars = read_bars(&data.join(file), &options).unwrap().bars;
        for set in SETS {
            batch_is_stream(file, set, &bars);
        }
    }
}

#[test]
fn batch_is_stream_on_a_million_synthetic_bars() {
    let series = bars(&SynthOptions { rows: 1_000_000, seed: 1, ..SynthOptions::default() });
    std::thread::scope(|scope| {
        for set in SETS {
            let bars = &series.bars;
            scope.spawn(move || batch_is_stream("synthetic", set, bars));
        }
    });
}

/// The columns of a set on real bars of three markets: a month of minutes, and years of days and of hours.
fn real_columns(set: &str) -> Option<Vec<Columns>> {
    let data = data_dir("features that are constant or equal to another")?;
    let noisy = BarFileOptions { noise: NoisePolicy::Round, ..BarFileOptions::default() };
    let mut series = vec![(BTC_MINUTES, noisy)];
    let wanted = ["lean-equity/hour_spy.csv.gz", "lean-crypto/binance_minute_btcbusd_20221213_trade.csv.gz"];
    for (file, options, ..) in readable() {
        if wanted.contains(&file) {
            series.push((file, options));
        }
    }
    assert_eq!(series.len(), 3);
    Some(
        series
            .into_iter()
            .map(|(file, options)| {
                batch_is_stream(file, set, &read_bars(&data.join(file), &options).unwrap().bars)
            })
            .collect(),
    )
}

#[test]
fn no_feature_is_constant_or_equal_to_another_on_real_bars() {
    for set in SETS {
        let Some(columns) = real_columns(set) else { return };
        let schema = by_name(set, &[]).unwrap().schema().clone();
        let names: Vec<_> = schema.features().iter().map(|feature| feature.name).collect();
        let values = |column: usize| -> Vec<Option<u64>> {
            let of =
                |file: &Columns| (0..file.len()).map(|row| file.get(row, column).map(f64::to_bits)).collect();
            columns.iter().flat_map(|file| -> Vec<_> { of(file) }).collect()
        };
        let all: Vec<_> = (0..names.len()).map(values).collect();
        let mut wrong = Vec::new();
        for (index, (name, column)) in names.iter().zip(&all).enumerate() {
            let mut valid = column.iter().flatten();
            let first = valid.next();
            if valid.all(|value| Some(value) == first) {
                wrong.push(format!("{name} is constant"));
            }
            for (other, twin) in names.iter().zip(&all).take(index) {
                if twin == column {
                    wrong.push(format!("{name} equals {other}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{set}: {}", wrong.join(", "));
    }
}
