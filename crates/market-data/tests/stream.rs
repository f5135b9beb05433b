//! Bars read as they come are those of a file read whole, bar by bar, and the first problem ends them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use std::collections::VecDeque;
use std::io::{BufRead, Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};

use feature_api::{Bar, Grid, UnixNanos};
use market_data::{
    BarFileOptions, BarStream, MarketDataError, NoisePolicy, Problem, ProblemKind, ProblemPolicy, RowOrder,
    TimeFormat, TimestampOf, VolumePolicy, read_bars, read_bars_from, synth, write_bars,
};
use proptest::prelude::*;
use testkit::bar_files::readable;
use testkit::data::data_dir;

const MINUTE: i64 = 60_000_000_000;
const HEAD: &str = "time,open,high,low,close,volume\n";

fn options() -> BarFileOptions {
    BarFileOptions { grid: Grid::new(2, 5).ok(), interval: Some(MINUTE), ..BarFileOptions::default() }
}

fn stream(text: &str, options: &BarFileOptions, symbol: Option<&str>) -> Result<BarStream, MarketDataError> {
    BarStream::from_reader(Box::new(Cursor::new(text.to_owned())), Path::new("a.csv"), options, symbol)
}

/// The bars up to the end or the error.
fn drain(mut stream: BarStream) -> (Vec<Bar>, Option<MarketDataError>) {
    let mut bars = Vec::new();
    loop {
        match stream.next_bar() {
            Ok(Some(bar)) => bars.push(bar),
            Ok(None) => return (bars, None),
            Err(error) => return (bars, Some(error)),
        }
    }
}

/// The bars before the one problem that ends the text.
fn problem(text: &str, options: &BarFileOptions, symbol: Option<&str>) -> (usize, Problem) {
    let (bars, error) = drain(stream(text, options, symbol).unwrap());
    match error {
        Some(MarketDataError::Problems { total: 1, mut problems, can_skip: false, .. })
            if problems.len() == 1 =>
        {
            (bars.len(), problems.remove(0))
        }
        other => panic!("expected one problem, found {other:?}"),
    }
}

#[test]
fn bars_of_another_length_are_found_out_and_gaps_are_none() {
    let rows = |minutes: &mut dyn Iterator<Item = i64>| {
        let row = |minute: i64| format!("{},1,1,1,1,1\n", 1_700_000_000 + 60 * minute);
        HEAD.to_owned() + &minutes.map(row).collect::<String>()
    };
    // Five minutes, with a gap of two bars of theirs.
    let five = rows(&mut (0..30).map(|bar| if bar < 4 { 5 * bar } else { 5 * bar + 10 }));
    let (bars, found) = problem(&five, &options(), None);
    assert_eq!((bars, found.kind), (10, ProblemKind::CloseTime));
    assert!(found.message.contains("multiples of 300000000000 ns"), "{}", found.message);
    // Minutes that are rarely traded: no two of the first follow each other.
    let rare = rows(&mut (0..30).scan(0, |at, bar| {
        *at += 2 + bar % 3;
        Some(*at)
    }));
    assert_eq!(drain(stream(&rare, &options(), None).unwrap()).0.len(), 30);
    // A gap between minutes that do.
    let gap = rows(&mut (0..30).map(|bar| if bar < 1 { bar } else { bar + 100 }));
    assert_eq!(drain(stream(&gap, &options(), None).unwrap()).0.len(), 30);
}

#[test]
fn a_file_of_any_packing_gives_its_bars() {
    let series = synth::bars(&synth::SynthOptions { rows: 3000, ..synth::SynthOptions::default() });
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.csv", "a.csv.gz", "a.csv.zst", "a.txt"] {
        let path = folder.path().join(name);
        write_bars(&path, &series).unwrap();
        let (bars, error) = drain(BarStream::open(&path, &options(), Some("BTCUSDT")).unwrap());
        assert!(error.is_none(), "{name}: {error:?}");
        assert_eq!(bars, series.bars, "{name}");
        assert_eq!(bars, read_bars(&path, &options()).unwrap().bars, "{name}");
    }
}

#[test]
fn real_files_give_the_bars_that_reading_them_whole_does() {
    let Some(data) = data_dir("streams of real files") else { return };
    let mut count = 0;
    for (file, options, interval, (price, qty), _) in readable() {
        if options.order == RowOrder::NewestFirst {
            continue;
        }
        let path = data.join(file);
        let options =
            BarFileOptions { grid: Grid::new(price, qty).ok(), interval: Some(interval), ..options };
        let (bars, error) = drain(BarStream::open(&path, &options, None).unwrap());
        assert!(error.is_none(), "{file}: {error:?}");
        assert!(bars == read_bars(&path, &options).unwrap().bars, "{file}");
        count += 1;
    }
    assert!(count > 20, "{count} files only");

    // Numbers of too many digits end it at their row, and are rounded where that is asked for.
    let perp = data.join("bars-crypto-1m/btc-perp-20211231-20220201_1m.csv.gz");
    let refuse = BarFileOptions { grid: Grid::new(3, 7).ok(), ..options() };
    let (bars, error) = drain(BarStream::open(&perp, &refuse, None).unwrap());
    let Some(MarketDataError::Problems { problems, .. }) = error else { panic!("{error:?}") };
    assert_eq!(
        (bars.len(), problems[0].line, problems[0].field, problems[0].kind),
        (247, 249, Some("volume"), ProblemKind::FinerThanGrid)
    );
    let round = BarFileOptions { noise: NoisePolicy::Round, ..refuse };
    let (bars, error) = drain(BarStream::open(&perp, &round, None).unwrap());
    assert!(error.is_none() && bars == read_bars(&perp, &round).unwrap().bars, "{error:?}");
}

/// A pipe that fails where it is asked for more than was sent: a reader that reads ahead of a line is noticed.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<VecDeque<u8>>>, Vec<u8>);

impl Pipe {
    fn send(&self, text: &str) {
        self.0.lock().unwrap().extend(text.bytes());
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Pipe {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.1.is_empty() {
            self.1.extend(self.0.lock().unwrap().drain(..));
        }
        if self.1.is_empty() { Err(std::io::Error::other("read ahead of the line")) } else { Ok(&self.1) }
    }

    fn consume(&mut self, count: usize) {
        self.1.drain(..count);
    }
}

#[test]
fn a_bar_is_given_before_the_next_line_arrives() {
    let pipe = Pipe::default();
    let start = |text: &str| {
        pipe.send(text);
        BarStream::from_reader(Box::new(pipe.clone()), Path::new("pipe"), &options(), None).unwrap()
    };
    let row = |minute: i64| format!("{},1,1,1,1,1\n", 1_704_067_200 + minute * 60);
    let mut stream = start(HEAD);
    for minute in 0..50 {
        // In two halves, as a pipe may.
        let text = row(minute);
        pipe.send(&text[..7]);
        pipe.send(&text[7..]);
        let bar = stream.next_bar().unwrap().unwrap();
        assert_eq!(bar.ts_open(), UnixNanos((1_704_067_200 + minute * 60) * 1_000_000_000));
    }
    // The source has no more: that is its error here, and the stream says where it was.
    let error = stream.next_bar().unwrap_err();
    assert!(matches!(error, MarketDataError::Read { line: 51, .. }), "{error}");
    let error = stream.next_bar().unwrap_err();
    assert!(matches!(error, MarketDataError::StreamStopped { line: 51, .. }), "{error}");
    // Klines have no header: the first line is a bar.
    let kline = "1637971200000,1,2,1,2,5,1637971259999,1,79,3,0.5,0\n";
    let bar = start(kline).next_bar().unwrap().unwrap();
    assert_eq!(bar.taker().unwrap().buy.raw(), 300_000);
}

#[test]
fn what_a_stream_cannot_find_out_is_asked_for() {
    let text = format!("{HEAD}1704067200,1,1,1,1,1\n");
    let message = |options: &BarFileOptions| stream(&text, options, None).unwrap_err().to_string();
    assert_eq!(
        message(&BarFileOptions::default()),
        "a.csv: bars that are read as they come need what a whole file would tell: pass the decimals of prices and \
         volumes (--price-decimals, --volume-decimals) and the length of a bar (--interval)"
    );
    assert!(message(&BarFileOptions { grid: None, ..options() }).ends_with("--volume-decimals)"));
    assert!(
        message(&BarFileOptions { interval: None, ..options() })
            .ends_with("pass the length of a bar (--interval)")
    );
    let newest = BarFileOptions { order: RowOrder::NewestFirst, ..options() };
    assert!(message(&newest).contains("oldest first, and leave the option out"));
    let below = BarFileOptions { interval: Some(0), ..options() };
    assert!(matches!(stream(&text, &below, None), Err(MarketDataError::Interval { found: 0 })));
    let open = |name: &str| BarStream::open(Path::new(name), &options(), None).unwrap_err();
    assert!(open("no/a.parquet").to_string().contains("read it whole (read_bars), or convert it to .csv"));
    assert!(matches!(open("no/a.csv"), MarketDataError::Open { .. }));
    assert!(matches!(open("no/a.json"), MarketDataError::Extension { .. }));
    assert!(matches!(stream("", &options(), None), Err(MarketDataError::Empty { .. })));
    assert!(matches!(stream("time,open\n", &options(), None), Err(MarketDataError::MissingColumns { .. })));
    let (bars, error) = drain(stream(HEAD, &options(), None).unwrap());
    assert!(
        bars.is_empty() && matches!(error, Some(MarketDataError::Empty { rows_read: 0, .. })),
        "{error:?}"
    );
}

#[test]
fn the_first_problem_ends_it_whatever_the_policy() {
    let fine = "1704067200,1,2,1,2,1\n1704067260,1,2,1,2,1\n";
    for (row, field, kind) in [
        ("1704067260,1,2,1,2,1", Some("time"), ProblemKind::DuplicateTime),
        ("1704067200,1,2,1,2,1", Some("time"), ProblemKind::TimeBackwards),
        ("1704067290,1,2,1,2,1", Some("time"), ProblemKind::Overlap),
        ("1704067320000,1,2,1,2,1", Some("time"), ProblemKind::TimeUnit),
        ("1704067320,1,2,1,2.001,1", Some("close"), ProblemKind::FinerThanGrid),
        ("1704067320,3,2,1,2,-1", Some("open"), ProblemKind::OpenOutside),
        ("1704067320,1,2,1,2", None, ProblemKind::MissingCell),
        ("1704067320,1,2,1,2,1,1", None, ProblemKind::ExtraCell),
    ] {
        let text = format!("{HEAD}{fine}{row}\nx\n");
        for problems in [ProblemPolicy::Refuse, ProblemPolicy::Skip] {
            let (bars, problem) = problem(&text, &BarFileOptions { problems, ..options() }, None);
            assert_eq!((bars, problem.line, problem.field, problem.kind), (2, 4, field, kind), "{row}");
        }
    }
    let (_, error) = drain(stream(&format!("{HEAD}{fine}x"), &options(), None).unwrap());
    assert!(error.unwrap().to_string().ends_with("one for each column\ncorrect the file"));
    // A gap is none.
    let text = format!("{HEAD}{fine}1704070000,1,2,1,2,1");
    assert_eq!(drain(stream(&text, &options(), None).unwrap()).0.len(), 3);
}

#[test]
fn closes_are_read_as_the_first_row_writes_them() {
    let closes = BarFileOptions { timestamp: TimestampOf::Close, ..options() };
    let fine = "1704067259.999,1,2,1,2,1\n1704067319.999,1,2,1,2,1\n";
    for text in [format!("{HEAD}{fine}"), format!("{HEAD}{}", fine.replace("9.999", "0"))] {
        let (bars, error) = drain(stream(&text, &closes, None).unwrap());
        assert!(error.is_none(), "{error:?}");
        assert_eq!(bars, read_bars_from(&mut text.as_bytes(), Path::new("a.csv"), &closes).unwrap().bars);
    }
    let (bars, problem) = problem(&format!("{HEAD}{fine}1704067380,1,2,1,2,1\n"), &closes, None);
    assert_eq!((bars, problem.line, problem.kind), (2, 4, ProblemKind::CloseTime));
    assert!(problem.message.contains("is not the last millisecond of a second"), "{problem}");
}

proptest! {
    #[test]
    fn any_text_is_read_as_it_is_read_whole(
        rows in proptest::collection::vec(
            (
                prop_oneof![12 => Just(60), 2 => Just(150), 1 => 0..60_i64, 1 => Just(-60)],
                prop_oneof![30 => Just(None), 1 => ".999|x|000".prop_map(Some)],
                prop_oneof![
                    8 => Just("2,3,1,2,5".to_owned()),
                    4 => Just("2.5,3,-1,2.25,0.2".to_owned()),
                    1 => "(-?[1-3](\\.[0-9]{1,3})?,){4}[0-9](\\.[0-9]{1,8})?",
                    1 => "(-?[1-3]?(\\.[0-9]{0,3})?,){3,5}[0-9]?(\\.[0-9]{0,18})?",
                ],
            ),
            0..8,
        ),
        fraction in prop_oneof![Just(""), Just(".999"), Just(".999999")],
        close in any::<bool>(),
        round in any::<bool>(),
        interval in prop_oneof![6 => Just(MINUTE), 1 => Just(MINUTE * 2), 1 => Just(MINUTE / 3), 1 => Just(1)],
        scales in (1..=3_u8, 1..=8_u8),
        no_volume in any::<bool>(),
    ) {
        let mut text = HEAD.to_owned();
        let mut time = 1_704_067_200;
        for (step, odd, numbers) in rows {
            time += step;
            text.push_str(&format!("{time}{},{numbers}\n", odd.as_deref().unwrap_or(fraction)));
        }
        let options = BarFileOptions {
            timestamp: if close { TimestampOf::Close } else { TimestampOf::Open },
            noise: if round { NoisePolicy::Round } else { NoisePolicy::Refuse },
            volume: if no_volume { VolumePolicy::None } else { VolumePolicy::Required },
            grid: Grid::new(scales.0, scales.1).ok(),
            interval: Some(interval),
            ..BarFileOptions::default()
        };
        let (bars, error) = drain(stream(&text, &options, None).unwrap());
        let whole = read_bars_from(&mut text.as_bytes(), Path::new("a.csv"), &options);
        match (whole, error) {
            (Ok(series), None) => prop_assert_eq!(bars, series.bars),
            // Closes of two kinds.
            (_, Some(MarketDataError::Problems { problems, .. }))
                if close && problems[0].kind == ProblemKind::CloseTime => {}
            (Err(MarketDataError::Problems { problems: all, .. }),
             Some(MarketDataError::Problems { problems, .. })) => {
                prop_assert_eq!(problems.len(), 1);
                prop_assert_eq!(&problems[0], &all[0]);
                prop_assert_eq!(bars.len() as u64, all[0].line - 2);
            }
            (Err(MarketDataError::Empty { .. }), Some(MarketDataError::Empty { .. })) => {}
            // A time that has no format, behind a problem of a row.
            (Err(MarketDataError::TimeFormat { line, .. }), Some(MarketDataError::Problems { problems, .. })) => {
                prop_assert!(problems[0].line <= line);
            }
            (Err(MarketDataError::TimeFormat { line, .. }), Some(MarketDataError::TimeFormat { line: found, .. })) => {
                prop_assert_eq!(line, found);
            }
            (whole, error) => prop_assert!(false, "{whole:?} against {error:?}"),
        }
    }

    #[test]
    fn no_bytes_make_a_stream_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let source = Box::new(Cursor::new(bytes));
        if let Ok(stream) = BarStream::from_reader(source, Path::new("a.csv"), &options(), None) {
            drain(stream);
        }
    }
}

#[test]
fn times_as_text_are_read_by_their_format() {
    let text = format!("{HEAD}01/02/2024 00:00,1,1,1,1,1\n01/02/2024 00:01,1,1,1,1,1\n");
    let named = BarFileOptions { time: TimeFormat::Text("%m/%d/%Y %H:%M".to_owned()), ..options() };
    assert_eq!(drain(stream(&text, &named, None).unwrap()).0.len(), 2);
    let (_, error) = drain(stream(&text, &options(), None).unwrap());
    assert!(matches!(error, Some(MarketDataError::TimeFormat { line: 2, .. })), "{error:?}");
}
