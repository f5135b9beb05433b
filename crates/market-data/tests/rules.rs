//! Each rule of the reader, on a few lines of text.

#![allow(clippy::panic, reason = "a helper of tests fails by panicking")]

use std::path::Path;

use feature_api::{Bar, Grid, UnixNanos};
use market_data::{
    BarFileOptions, BarSeries, Gap, MarketDataError, NoisePolicy, ProblemKind, ProblemPolicy, RowOrder,
    TimeFormat, TimestampOf, VolumePolicy, read_bars, read_bars_from,
};

const MINUTE: i64 = 60_000_000_000;
const START: i64 = 1_704_067_200_000_000_000;

fn read(text: &str, options: &BarFileOptions) -> Result<BarSeries, MarketDataError> {
    read_bars_from(&mut text.as_bytes(), Path::new("bars.csv"), options)
}

/// Rows under a header; the first cell is minutes since [`START`].
fn rows(rows: &[(i64, &str)]) -> String {
    let mut text = "timestamp,open,high,low,close,volume\n".to_owned();
    for (minute, numbers) in rows {
        text.push_str(&format!("{},{numbers}\n", START / 1_000_000 + minute * 60_000));
    }
    text
}

fn problems(text: &str, options: &BarFileOptions) -> Vec<(u64, ProblemKind)> {
    match read(text, options) {
        Err(MarketDataError::Problems { problems, total, .. }) => {
            assert_eq!(total, problems.len() as u64);
            problems.iter().map(|problem| (problem.line, problem.kind)).collect()
        }
        other => panic!("expected problems, found {other:?}"),
    }
}

fn default() -> BarFileOptions {
    BarFileOptions::default()
}

const FINE: &str = "10,12,9.5,11,3.25";

#[test]
fn a_kline_is_a_bar_that_ends_where_the_next_begins() {
    let text = "1637971200000,0.00002853,0.00002854,0.00002851,0.00002854,36304.20000000,1637971259999,1.03,79,\
                19523.00000000,0.55,0\n\
                1637971260000,0.00002854,0.00002860,0.00002854,0.00002859,89196.60000000,1637971319999,2.54,98,\
                59004.20000000,1.68,0\n";
    let headed = format!(
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n{text}"
    );
    let micros = text.replace("00000,0", "00000000,0").replace("60000,0", "60000000,0");
    let bare = read(text, &default()).unwrap();
    let bar = bare.bars[0];
    assert_eq!(bare.grid, Grid::new(8, 1).unwrap());
    assert_eq!(bar.ts_open(), UnixNanos(1_637_971_200_000_000_000));
    assert_eq!(bar.ts_close(), UnixNanos(1_637_971_260_000_000_000));
    assert_eq!(bar.ts_available(), bar.ts_close());
    assert_eq!(
        [bar.open(), bar.high(), bar.low(), bar.close()].map(|price| price.raw()),
        [2853, 2854, 2851, 2854]
    );
    let taker = bar.taker().unwrap();
    assert_eq!([bar.volume(), taker.buy, taker.sell].map(|qty| qty.raw()), [363_042, 195_230, 167_812]);
    assert_eq!(read(&headed, &default()).unwrap().bars, bare.bars);
    assert_eq!(read(&micros, &default()).unwrap().bars, bare.bars);
}

#[test]
fn taker_volumes_may_be_given_whole_or_by_half() {
    let head = "time,open,high,low,close,volume,";
    let row = |buy: &str| format!("1704067200,1,1,1,1,5,{buy}\n1704067260,1,1,1,1,5,{buy}\n");
    let taker = |text: String| {
        let taker = read(&text, &default()).unwrap().bars[0].taker().unwrap();
        [taker.buy.raw(), taker.sell.raw()]
    };
    assert_eq!(taker(format!("{head}taker_buy_volume,taker_sell_volume\n{}", row("2,1"))), [2, 1]);
    assert_eq!(taker(format!("{head}taker_buy_volume\n{}", row("2"))), [2, 3]);
    assert_eq!(taker(format!("{head}taker_sell_volume\n{}", row("2"))), [3, 2]);
    assert_eq!(
        problems(&format!("{head}taker_buy_volume\n{}", row("5.5")), &default()),
        [(2, ProblemKind::TakerVolume), (3, ProblemKind::TakerVolume)]
    );
}

#[test]
fn every_kind_of_bad_row_is_listed_with_its_line() {
    let text = rows(&[
        (0, FINE),
        (1, "10,9,9.5,9.4,1"),
        (2, "13,12,9,11,1"),
        (3, "10,12,9,8,1"),
        (4, "10,12,9,11,-1"),
        (5, "x,12,9,11,1"),
        (6, "10,,9,11,1"),
        (7, "10,12,nan,11,1"),
        (8, "10,12,9"),
        (9, "10,12,9,11,1,7"),
        (10, "10,1e17,9,11,1"),
        (11, FINE),
        (11, FINE),
        (3, FINE),
        (12, FINE),
        (13, FINE),
    ]);
    assert_eq!(
        problems(&text, &default()),
        [
            (3, ProblemKind::HighBelowLow),
            (4, ProblemKind::OpenOutside),
            (5, ProblemKind::CloseOutside),
            (6, ProblemKind::NegativeVolume),
            (7, ProblemKind::Unparsable),
            (8, ProblemKind::MissingCell),
            (9, ProblemKind::NotFinite),
            (10, ProblemKind::MissingCell),
            (11, ProblemKind::ExtraCell),
            (12, ProblemKind::OutOfRange),
            (14, ProblemKind::DuplicateTime),
            (15, ProblemKind::TimeBackwards),
        ]
    );
    let skipped = read(&text, &BarFileOptions { problems: ProblemPolicy::Skip, ..default() }).unwrap();
    assert_eq!((skipped.bars.len(), skipped.problems.len(), skipped.rows_read), (4, 12, 16));
    // What is left out is a gap, and leaves no trace in the grid.
    assert_eq!(skipped.grid, Grid::new(1, 2).unwrap());
    assert_eq!(
        skipped.gaps,
        [Gap { after: UnixNanos(START + MINUTE), until: UnixNanos(START + 11 * MINUTE), missing: 10 }]
    );
    assert_eq!(
        skipped.problems[1].to_string(),
        "line 4, open: open 13 is outside low 9 to high 12; correct the row"
    );
}

#[test]
fn gaps_are_reported_never_filled() {
    let series = read(&rows(&[(0, FINE), (1, FINE), (2, FINE), (60, FINE)]), &default()).unwrap();
    assert_eq!((series.bars.len(), series.interval), (4, MINUTE));
    assert_eq!(
        series.gaps,
        [Gap { after: UnixNanos(START + 3 * MINUTE), until: UnixNanos(START + 60 * MINUTE), missing: 57 }]
    );
    assert!(series.notes.iter().any(|note| note == "1 gap, 57 bars missing; nothing is filled"));
}

#[test]
fn the_interval_is_the_most_frequent_difference_or_asked_for() {
    let interval = |minutes: &[i64]| {
        let rows: Vec<_> = minutes.iter().map(|minute| (*minute, FINE)).collect();
        let options = BarFileOptions { problems: ProblemPolicy::Skip, ..default() };
        read(&self::rows(&rows), &options).map(|series| series.interval / MINUTE)
    };
    assert_eq!(interval(&[0, 5, 10, 15, 16]).unwrap(), 5);
    assert_eq!(interval(&[0, 5, 10, 13, 16]).unwrap(), 3, "the smaller on a tie");
    assert!(matches!(interval(&[0]), Err(MarketDataError::IntervalUnknown { .. })));
    let one = BarFileOptions { interval: Some(MINUTE), ..default() };
    assert_eq!(read(&rows(&[(0, FINE)]), &one).unwrap().bars[0].ts_close(), UnixNanos(START + MINUTE));
    for found in [0, -1] {
        let none = BarFileOptions { interval: Some(found), ..default() };
        assert!(matches!(read(&rows(&[(0, FINE)]), &none), Err(MarketDataError::Interval { .. })));
    }
}

#[test]
fn bars_do_not_overlap() {
    let text = rows(&[(0, FINE), (5, FINE), (10, FINE), (12, FINE), (15, FINE)]);
    assert_eq!(problems(&text, &default()), [(5, ProblemKind::Overlap)]);
    let minutes = BarFileOptions { interval: Some(MINUTE), ..default() };
    assert_eq!(read(&text, &minutes).unwrap().gaps.len(), 4);
}

#[test]
fn a_time_may_denote_the_close() {
    let text = rows(&[(1, FINE), (2, FINE)]);
    let series = read(&text, &BarFileOptions { timestamp: TimestampOf::Close, ..default() }).unwrap();
    let times: Vec<_> = series.bars.iter().map(|bar| (bar.ts_open().0, bar.ts_close().0)).collect();
    assert_eq!(times, [(START, START + MINUTE), (START + MINUTE, START + 2 * MINUTE)]);
}

#[test]
fn an_inclusive_close_is_said_and_made_exclusive() {
    let read_close = |text: &str| {
        let close = BarFileOptions { timestamp: TimestampOf::Close, ..default() };
        let series = read(text, &close).unwrap();
        let moved = series.notes.iter().any(|note| note.contains("the end inclusive"));
        (series.bars[1].ts_close().0 - START, moved)
    };
    let text = |first: &str, second: &str| {
        format!("close_time,open,high,low,close,volume\n{first},{FINE}\n{second},{FINE}\n")
    };
    for (first, second) in [
        ("1704067259999", "1704067319999"),
        ("1704067259999999", "1704067319999999"),
        ("1704067259999999999", "1704067319999999999"),
        ("2024-01-01 00:00:59.999", "2024-01-01 00:01:59.999"),
    ] {
        assert_eq!(read_close(&text(first, second)), (2 * MINUTE, true), "{first}");
    }
    // Not every one, or no whole seconds: as it stands.
    assert_eq!(read_close(&text("1704067260000", "1704067320000")), (2 * MINUTE, false));
    assert_eq!(read_close(&text("1704067259999", "1704067260999.5")), (60_999_500_000, false));
    assert!(!read_close(&text("1704067259998", "1704067319998")).1);
    // Never of an open.
    let open =
        read(&text("1704067259999", "1704067319999").replace("close_time", "time"), &default()).unwrap();
    assert_eq!(open.bars[0].ts_open().0, START + MINUTE - 1_000_000);
}

#[test]
fn the_newest_may_come_first_where_that_is_said() {
    let oldest = rows(&[(0, "1,1,1,1,1"), (1, "2,2,2,2,2"), (3, "3,3,3,3,3")]);
    let newest = rows(&[(3, "3,3,3,3,3"), (1, "2,2,2,2,2"), (0, "1,1,1,1,1")]);
    let reversed = BarFileOptions { order: RowOrder::NewestFirst, ..default() };
    assert_eq!(read(&newest, &reversed).unwrap().bars, read(&oldest, &default()).unwrap().bars);
    assert_eq!(
        problems(&oldest, &reversed),
        [(3, ProblemKind::TimeBackwards), (4, ProblemKind::TimeBackwards)]
    );
}

#[test]
fn volume_is_zero_only_where_that_is_said() {
    let text = "time,open,high,low,close\n2024-01-01,1,1,1,1\n2024-01-02,1,1,1,1\n";
    assert!(matches!(read(text, &default()), Err(MarketDataError::MissingVolume { .. })));
    let none = BarFileOptions { volume: VolumePolicy::None, ..default() };
    let series = read(text, &none).unwrap();
    assert!(series.bars.iter().all(|bar| bar.volume().raw() == 0 && bar.taker().is_none()));
    let with = read(&rows(&[(0, FINE), (1, "1,1,1,1,not read")]), &none).unwrap();
    assert!(with.bars.iter().all(|bar| bar.volume().raw() == 0));
    assert!(with.notes.iter().any(|note| note.contains("not read: volume")));
}

#[test]
fn a_grid_that_was_asked_for_is_kept_or_refused() {
    let text = rows(&[(0, "1.5,1.5,1.5,1.5,1"), (1, "1.25,1.25,1.25,1.25,1")]);
    let on = |price, qty| BarFileOptions { grid: Grid::new(price, qty).ok(), ..default() };
    let opens = |series: BarSeries| series.bars.iter().map(|bar| bar.open().raw()).collect::<Vec<_>>();
    assert_eq!(opens(read(&text, &default()).unwrap()), [150, 125]);
    assert_eq!(opens(read(&text, &on(4, 0)).unwrap()), [15_000, 12_500]);
    let error = read(&text, &on(1, 0)).unwrap_err().to_string();
    assert!(
        error.contains("line 3, open: 1.25: price finer than the grid of 1 decimals; use --price-decimals 2"),
        "{error}"
    );
}

#[test]
fn no_common_grid_names_the_two_rows() {
    let text = rows(&[(0, "1e-10,1e-10,1e-10,1e-10,1"), (1, FINE), (2, "9e8,9e8,9e8,9e8,1")]);
    let error = read(&text, &default()).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "bars.csv: no grid holds every price: line 2 (0.0000000001) needs 10 decimals, and line 4 (900000000) is \
             then more than 2^53 steps"
        ),
        "{error}"
    );
}

#[test]
fn float_noise_is_refused_or_rounded_and_counted() {
    let text = rows(&[
        (0, "10,12.000000000000002,9.5,11,3.25"),
        (1, "10,12,9.5,11.100000000000001,0.30000000000000004"),
        (2, "10,12,9.5,11,0.7999999999999999"),
    ]);
    let read_with = |noise, grid| read(&text, &BarFileOptions { noise, grid, ..default() });
    let error = read_with(NoisePolicy::Refuse, None).unwrap_err().to_string();
    assert!(error.contains("line 2, high: 12.000000000000002: no grid holds this price"), "{error}");
    assert!(error.contains("pass --float-noise round to read 12\n"), "{error}");
    assert!(error.contains("pass --float-noise round to read 0.3\n"), "{error}");
    for grid in [None, Grid::new(2, 3).ok()] {
        let series = read_with(NoisePolicy::Round, grid).unwrap();
        assert_eq!(series.grid, grid.unwrap_or(Grid::new(1, 2).unwrap()));
        let volumes: Vec<_> = series.bars.iter().map(|bar| bar.volume().raw()).collect();
        assert_eq!(volumes, if grid.is_some() { [3250, 300, 800] } else { [325, 30, 80] });
        assert!(
            series.notes.iter().any(|note| note
                == "2 prices and 2 volumes of more than 15 digits were rounded to 15, as asked for; the first is on \
                    line 2, high: 12.000000000000002 to 12"),
            "{:?}",
            series.notes
        );
    }
    let clean =
        read(&rows(&[(0, FINE), (1, FINE)]), &BarFileOptions { noise: NoisePolicy::Round, ..default() });
    assert!(clean.unwrap().notes.iter().all(|note| !note.contains("rounded")));
    // One volume of sixteen digits that a grid holds, and one that this grid does not.
    let text = rows(&[(0, "1,1,1,1,0.7999999999999999"), (1, "1,1,1,1,1234567")]);
    let error = read(&text, &default()).unwrap_err().to_string();
    assert!(error.contains("line 2 (0.7999999999999999) needs 16 decimals"), "{error}");
    assert!(error.ends_with("pass --float-noise round to read 0.8 there"), "{error}");
    let round = BarFileOptions { noise: NoisePolicy::Round, ..default() };
    assert_eq!(read(&text, &round).unwrap().bars[0].volume().raw(), 8);
}

#[test]
fn the_option_of_volumes_is_named() {
    let text = rows(&[(0, FINE), (1, FINE)]);
    let error =
        read(&text, &BarFileOptions { grid: Grid::new(2, 1).ok(), ..default() }).unwrap_err().to_string();
    assert!(error.contains("use --volume-decimals 2"), "{error}");
}

#[test]
fn notes_say_what_was_decided() {
    let text = rows(&[(0, "-37.63,1,-40.32,-37.63,0.10000000000000001"), (1, "-1,1,-1,1,1")]);
    let notes = read(&text, &default()).unwrap().notes;
    assert_eq!(
        notes,
        [
            "times are milliseconds since 1970, told by their size",
            "bars are 1 min long, the most frequent difference",
            "1 number printed from a float; the shortest decimal of each was taken",
            "2 bars with a price below zero",
        ]
    );
}

#[test]
fn problems_are_listed_up_to_a_thousand_and_all_counted() {
    let bad: Vec<_> =
        (0..1500).map(|minute| (minute, "1,0,2,1,1")).chain([(1500, FINE), (1501, FINE)]).collect();
    let Err(MarketDataError::Problems { total: 1500, problems, .. }) = read(&rows(&bad), &default()) else {
        panic!("expected 1500 problems")
    };
    assert_eq!(problems.len(), 1000);
    let skipped = read(&rows(&bad), &BarFileOptions { problems: ProblemPolicy::Skip, ..default() }).unwrap();
    assert_eq!((skipped.bars.len(), skipped.problems.len()), (2, 1000));
    assert!(skipped.notes.iter().any(|note| note == "1500 problems, of which the first 1000 are listed"));
}

#[test]
fn files_that_are_no_bars_are_refused_whole() {
    for (text, what) in
        [("", "Empty"), ("\n\n", "Empty"), ("timestamp,open,high,low,close,volume\n", "Empty")]
    {
        let error = read(text, &default()).unwrap_err();
        assert!(format!("{error:?}").starts_with(what), "{error:?}");
    }
    let pattern = BarFileOptions { time: TimeFormat::Text("%!".to_owned()), ..default() };
    assert!(matches!(read(&rows(&[(0, FINE)]), &pattern), Err(MarketDataError::TimePattern { .. })));
    let path = Path::new("no/such/file.csv");
    assert!(matches!(read_bars(path, &default()), Err(MarketDataError::Open { .. })));
    assert!(matches!(read_bars(Path::new("a.xlsx"), &default()), Err(MarketDataError::Extension { .. })));
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let series = market_data::synth::bars(&market_data::synth::SynthOptions::default());
    for name in ["a.csv.gz", "a.csv.zst", "a.parquet"] {
        let path = folder.path().join(name);
        market_data::write_bars(&path, &series).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() * 2 / 3]).unwrap();
        let error = read_bars(&path, &default()).unwrap_err();
        assert!(
            matches!(error, MarketDataError::Read { .. } | MarketDataError::Parquet { .. }),
            "{name}: {error:?}"
        );
    }
}

#[test]
fn every_bar_is_on_the_grid_of_its_series() {
    let series = read(&rows(&[(0, FINE), (1, "10.125,12,9,11,0")]), &default()).unwrap();
    assert!(series.bars.iter().all(|bar: &Bar| bar.grid() == series.grid));
}
