//! A file holds bars of one instrument, and closed ones only: both readers, CSV and Parquet.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use feature_api::Grid;
use market_data::{
    BarFileOptions, BarStream, MarketDataError, Problem, ProblemKind, ProblemPolicy, read_bars,
    read_bars_from,
};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

fn options() -> BarFileOptions {
    BarFileOptions { grid: Grid::new(2, 2).ok(), interval: Some(60_000_000_000), ..BarFileOptions::default() }
}

/// Three bars with a last column of that name and these values.
fn text(name: &str, values: [&str; 3]) -> String {
    let mut text = format!("time,open,high,low,close,volume,{name}\n");
    for (minute, value) in values.iter().enumerate() {
        text.push_str(&format!("{},1,2,1,2,5,{value}\n", 1_704_067_200 + 60 * minute));
    }
    text
}

/// What the stream and the reader of whole files say; each is the number of bars, or the first problem.
fn both(text: &str, symbol: Option<&str>) -> [Result<usize, Problem>; 2] {
    let first = |error| {
        let MarketDataError::Problems { mut problems, .. } = error else { panic!("{error}") };
        problems.remove(0)
    };
    let source = Box::new(Cursor::new(text.to_owned()));
    let mut stream = BarStream::from_reader(source, Path::new("a.csv"), &options(), symbol).unwrap();
    let mut count = 0;
    let streamed = loop {
        match stream.next_bar() {
            Ok(Some(_)) => count += 1,
            Ok(None) => break Ok(count),
            Err(error) => break Err(first(error)),
        }
    };
    let whole = read_bars_from(&mut text.as_bytes(), Path::new("a.csv"), &options());
    [streamed, whole.map(|series| series.bars.len()).map_err(first)]
}

#[test]
fn two_instruments_in_one_file_are_refused() {
    for name in ["symbol", "Instrument", "TICKER", "<TICKER>"] {
        assert_eq!(both(&text(name, ["BTC", " BTC", "BTC"]), None), [Ok(3), Ok(3)], "{name}");
        for found in both(&text(name, ["BTC", "BTC", "ETH"]), None) {
            let problem = found.unwrap_err();
            assert_eq!(
                (problem.line, problem.field, problem.kind),
                (4, Some("symbol"), ProblemKind::Instrument)
            );
            assert_eq!(
                problem.message,
                "\"ETH\"; expected \"BTC\" as on line 2: bars are of one instrument; split the file"
            );
        }
    }
    // A value that is not there is another one.
    for found in both(&text("symbol", ["BTC", "", "BTC"]), None) {
        assert_eq!(found.unwrap_err().line, 3);
    }
    // Without such a column there is nothing to compare.
    assert_eq!(both(&text("other", ["BTC", "ETH", ""]), Some("BTC"))[0], Ok(3));
}

#[test]
fn the_instrument_may_be_said() {
    let file = text("symbol", ["BTC"; 3]);
    assert_eq!(both(&file, Some("BTC"))[0], Ok(3));
    let problem = both(&file, Some("ETH"))[0].clone().unwrap_err();
    assert_eq!((problem.line, problem.kind), (2, ProblemKind::Instrument));
    assert!(problem.message.starts_with("\"BTC\"; expected \"ETH\": "), "{problem}");
    assert!(both(&file, Some("btc"))[0].is_err(), "names are compared as they are written");
}

#[test]
fn a_bar_that_is_not_closed_is_refused() {
    for name in ["closed", "is_closed", "Is Final", "IS_FINAL"] {
        assert_eq!(both(&text(name, ["true", "1", "TRUE"]), None), [Ok(3), Ok(3)], "{name}");
        for value in ["false", "False", "0"] {
            for found in both(&text(name, ["true", "true", value]), None) {
                let problem = found.unwrap_err();
                assert_eq!(
                    (problem.line, problem.field, problem.kind),
                    (4, Some("closed"), ProblemKind::Unclosed)
                );
                assert!(problem.message.starts_with(&format!("{value}; expected true: ")), "{problem}");
            }
        }
        for value in ["", "yes", "2"] {
            for found in both(&text(name, ["true", value, "true"]), None) {
                let problem = found.unwrap_err();
                assert_eq!((problem.line, problem.kind), (3, ProblemKind::Unparsable));
                assert!(problem.message.contains("expected true, false, 1 or 0"), "{problem}");
            }
        }
    }
}

#[test]
fn such_a_row_is_one_problem_and_can_be_left_out() {
    // A second instrument at the same times, with numbers of its own: each of its rows is one problem.
    let mut file = text("symbol", ["BTC"; 3]);
    file.push_str("1704067200,9,1,9,1,-5,ETH\nx,1,1,1,1,1,ETH\n");
    let error = read_bars_from(&mut file.as_bytes(), Path::new("a.csv"), &options()).unwrap_err();
    let MarketDataError::Problems { problems, .. } = error else { panic!("{error}") };
    let found: Vec<_> = problems.iter().map(|problem| (problem.line, problem.kind)).collect();
    assert_eq!(found, [(5, ProblemKind::Instrument), (6, ProblemKind::Instrument)]);
    let skip = BarFileOptions { problems: ProblemPolicy::Skip, ..options() };
    assert_eq!(read_bars_from(&mut file.as_bytes(), Path::new("a.csv"), &skip).unwrap().bars.len(), 3);
}

#[test]
fn columns_may_be_named_or_ignored() {
    let named = |names: &str| BarFileOptions {
        columns: Some(names.split(',').map(str::to_owned).collect()),
        ..options()
    };
    let file = text("symbol", ["BTC", "ETH", "BTC"]);
    let read = |names: &str| read_bars_from(&mut file.as_bytes(), Path::new("a.csv"), &named(names));
    assert_eq!(read("time,open,high,low,close,volume,_").unwrap().bars.len(), 3);
    assert!(matches!(read("time,open,high,low,close,volume,symbol"), Err(MarketDataError::Problems { .. })));
    let both = "time,open,high,low,close,volume,symbol,ticker\n1704067200,1,1,1,1,1,BTC,B\n";
    let error = read_bars_from(&mut both.as_bytes(), Path::new("a.csv"), &options()).unwrap_err();
    assert!(matches!(error, MarketDataError::AmbiguousColumns { role: "symbol", .. }), "{error}");
}

#[test]
fn parquet_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let write = |symbols: [&str; 3], closed: [bool; 3]| {
        let schema = "message bars { required int64 time; required double open; required double high; required \
                      double low; required double close; required double volume; required binary symbol (UTF8); \
                      required boolean is_closed; }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = SerializedFileWriter::new(file, schema, Arc::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        for index in 0..8 {
            let mut column = group.next_column().unwrap().unwrap();
            match index {
                0 => column.typed::<Int64Type>().write_batch(
                    &[1_704_067_200, 1_704_067_260, 1_704_067_320],
                    None,
                    None,
                ),
                1..6 => column.typed::<DoubleType>().write_batch(&[1.5; 3], None, None),
                6 => column.typed::<ByteArrayType>().write_batch(&symbols.map(ByteArray::from), None, None),
                _ => column.typed::<BoolType>().write_batch(&closed, None, None),
            }
            .unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        writer.close().unwrap();
        match read_bars(&path, &BarFileOptions::default()) {
            Ok(series) => Ok(series.bars.len()),
            Err(MarketDataError::Problems { problems, .. }) => Err((problems[0].line, problems[0].kind)),
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(write(["BTC"; 3], [true; 3]), Ok(3));
    assert_eq!(write(["BTC", "BTC", "ETH"], [true; 3]), Err((3, ProblemKind::Instrument)));
    assert_eq!(write(["BTC"; 3], [true, true, false]), Err((3, ProblemKind::Unclosed)));
}
