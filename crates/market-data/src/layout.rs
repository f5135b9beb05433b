//! Which column is what: told by names, by the exchange kline layout, or by the caller.

use std::path::Path;

use crate::row::Field;
use crate::{BarFileOptions, MarketDataError, TimestampOf, VolumePolicy, number, scan};

/// Columns of the headerless exchange kline layout: open_time, open, high, low, close, volume, close_time,
/// quote_volume, count, taker_buy_volume, taker_buy_quote_volume, ignore.
const KLINE_COLUMNS: usize = 12;
const KLINE_NAMES: [&str; KLINE_COLUMNS] =
    ["open_time", "open", "high", "low", "close", "volume", "_", "_", "_", "taker_buy_volume", "_", "_"];

/// Names of a time column, best first: where a file has several, the first here is taken.
const TIME_OPEN: [&str; 14] = [
    "ts_open",
    "open_time",
    "opentime",
    "timestamp",
    "datetime",
    "date_time",
    "ts",
    "unix",
    "unix_timestamp",
    "epoch",
    "gmt_time",
    "time",
    "date",
    "__index_level_0__",
];
/// The same where the time denotes the close.
const TIME_CLOSE: [&str; 14] = [
    "ts_close",
    "close_time",
    "closetime",
    "timestamp",
    "datetime",
    "date_time",
    "ts",
    "unix",
    "unix_timestamp",
    "epoch",
    "gmt_time",
    "time",
    "date",
    "__index_level_0__",
];
/// How many of [`TIME_OPEN`] can only be the open of a bar.
const OPEN_ONLY: usize = 3;

/// Names of a column that says which instrument a row is of.
pub(crate) const SYMBOL: [&str; 3] = ["symbol", "instrument", "ticker"];
/// Names of a column that says whether the bar is closed.
const CLOSED: [&str; 3] = ["closed", "is_closed", "is_final"];

/// Which column holds what; indexes from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The time, open or close by option.
    pub(crate) time: usize,
    /// The end of a bar, exclusive, in files of our own.
    pub(crate) ts_close: Option<usize>,
    /// When a bar could be known, in files of our own.
    pub(crate) ts_available: Option<usize>,
    /// The instrument, the same in all rows.
    pub(crate) symbol: Option<usize>,
    /// Whether the bar is closed.
    pub(crate) closed: Option<usize>,
    /// The numbers, in the order of [`Field::ALL`].
    pub(crate) numbers: [Option<usize>; Field::COUNT],
    /// Number of columns.
    pub(crate) width: usize,
    /// What was decided.
    pub(crate) notes: Vec<String>,
}

/// The layout of a CSV, and whether its first line is a header.
pub(crate) fn of_csv(
    first: &[&[u8]],
    path: &Path,
    options: &BarFileOptions,
) -> Result<(Layout, bool), MarketDataError> {
    if let Some(names) = &options.columns {
        if let Some(name) = names.iter().find(|name| name.trim() != "_" && !is_known(&normal(name))) {
            return Err(MarketDataError::ColumnName { name: name.clone() });
        }
        let mut layout = of_names(names, path, options)?;
        let is_header = layout.numbers[..4].iter().flatten().all(|&index| {
            first.get(index).is_some_and(|cell| !is_number(cell) && cell.iter().any(u8::is_ascii_alphabetic))
        });
        if is_header {
            layout.notes.push("line 1 is a header, which the names of --columns replace".to_owned());
        }
        return Ok((layout, is_header));
    }
    let texts: Vec<String> =
        first.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
    let has_letters = |cell: &&[u8]| cell.iter().any(u8::is_ascii_alphabetic) && !is_number(cell);
    if texts.iter().any(|name| is_known(&normal(name))) || first.iter().all(has_letters) {
        return Ok((of_names(&texts, path, options)?, true));
    }
    if first.len() == KLINE_COLUMNS && first.iter().all(|cell| is_number(cell)) {
        let mut layout = of_names(&KLINE_NAMES.map(str::to_owned), path, options)?;
        layout.notes = vec!["no header: read in the exchange kline layout of 12 columns".to_owned()];
        return Ok((layout, false));
    }
    Err(MarketDataError::UnknownLayout {
        path: path.to_owned(),
        columns: first.len(),
        first: texts.iter().map(|cell| number::shown(cell.as_bytes())).take(20).collect::<Vec<_>>().join(","),
    })
}

/// The layout of columns of these names; `_` is no name.
pub(crate) fn of_names(
    names: &[String],
    path: &Path,
    options: &BarFileOptions,
) -> Result<Layout, MarketDataError> {
    let normals: Vec<String> = names.iter().map(|name| normal(name)).collect();
    let mut notes = Vec::new();
    let find = |role, accepted: &[&str]| -> Result<Option<usize>, MarketDataError> {
        let hits: Vec<usize> =
            (0..normals.len()).filter(|&index| accepted.contains(&normals[index].as_str())).collect();
        match hits.as_slice() {
            [] => Ok(None),
            [index] => Ok(Some(*index)),
            _ => Err(MarketDataError::AmbiguousColumns {
                path: path.to_owned(),
                role,
                found: hits.iter().filter_map(|&index| names.get(index).cloned()).collect(),
            }),
        }
    };
    let is_close = options.timestamp == TimestampOf::Close;
    let accepted = if is_close { &TIME_CLOSE } else { &TIME_OPEN };
    let mut time = None;
    for name in accepted {
        // A date and a time of day in two columns would be read as one of the two.
        let together: &[&str] = if *name == "time" || *name == "date" { &["time", "date"] } else { &[name] };
        if let Some(index) = find("time", together)? {
            time = Some(index);
            break;
        }
    }
    if is_close
        && let Some(&name) = TIME_OPEN[..OPEN_ONLY].iter().find(|name| normals.iter().any(|n| n == **name))
    {
        return Err(MarketDataError::TimestampOption { path: path.to_owned(), column: name.to_owned() });
    }
    let mut numbers = [None; Field::COUNT];
    for (slot, field) in numbers.iter_mut().zip(Field::ALL) {
        *slot = find(field.name(), field.column_names())?;
    }
    let volume = Field::Volume as usize;
    if options.volume == VolumePolicy::None {
        let ignored: Vec<&str> =
            numbers[volume..].iter().flatten().map(|&index| names[index].as_str()).collect();
        if !ignored.is_empty() {
            notes.push(format!("volume is 0 as asked for; not read: {}", ignored.join(", ")));
        }
        numbers[volume..].fill(None);
    }
    let mut missing: Vec<&'static str> = Vec::new();
    if time.is_none() {
        missing.push("time");
    }
    missing.extend(
        Field::ALL[..volume].iter().filter(|field| numbers[**field as usize].is_none()).map(|f| f.name()),
    );
    let lacks_volume = options.volume == VolumePolicy::Required && numbers[volume].is_none();
    if lacks_volume && !missing.is_empty() {
        missing.push("volume");
    }
    let (Some(time), true) = (time, missing.is_empty()) else {
        return Err(MarketDataError::MissingColumns {
            path: path.to_owned(),
            found: names.to_vec(),
            missing,
        });
    };
    if lacks_volume {
        return Err(MarketDataError::MissingVolume { path: path.to_owned(), found: names.to_vec() });
    }
    let (ts_close, ts_available) = if is_close {
        (None, None)
    } else {
        (find("ts_close", &["ts_close"])?, find("ts_available", &["ts_available"])?)
    };
    let (symbol, closed) = (find("symbol", &SYMBOL)?, find("closed", &CLOSED)?);
    let others = [Some(time), ts_close, ts_available, symbol, closed];
    let used = |index: usize| others.contains(&Some(index)) || numbers.contains(&Some(index));
    let unused: Vec<&str> = (0..names.len())
        .filter(|&index| !used(index) && normals[index] != "_" && options.volume == VolumePolicy::Required)
        .map(|index| names[index].as_str())
        .collect();
    if !unused.is_empty() {
        notes.push(format!("columns not used: {}", unused.join(", ")));
    }
    Ok(Layout { time, ts_close, ts_available, symbol, closed, numbers, width: names.len(), notes })
}

/// A name as it is compared: lower case, without `<>` around it, words parted by `_`.
pub(crate) fn normal(name: &str) -> String {
    let name = name.trim().trim_start_matches('<').trim_end_matches('>').trim();
    name.chars().map(|c| if matches!(c, ' ' | '-' | '.') { '_' } else { c.to_ascii_lowercase() }).collect()
}

fn is_known(normal: &str) -> bool {
    TIME_OPEN.contains(&normal)
        || TIME_CLOSE.contains(&normal)
        || normal == "ts_available"
        || SYMBOL.contains(&normal)
        || CLOSED.contains(&normal)
        || Field::ALL.iter().any(|field| field.column_names().contains(&normal))
}

pub(crate) fn is_number(cell: &[u8]) -> bool {
    scan::Scan::of(cell.trim_ascii()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(line: &str, options: &BarFileOptions) -> Result<(Layout, bool), MarketDataError> {
        let cells: Vec<&[u8]> = line.as_bytes().split(|byte| *byte == b',').collect();
        of_csv(&cells, Path::new("a.csv"), options)
    }

    fn message(line: &str, options: &BarFileOptions) -> String {
        csv(line, options).unwrap_err().to_string()
    }

    #[test]
    fn names_are_matched_whatever_their_case_and_order() {
        let default = BarFileOptions::default();
        for line in [
            "Date,Open,High,Low,Close,Volume",
            "timestamp,o,h,l,c,v",
            "<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>",
            " Open Time , Open ,HIGH,low,Close,volume",
        ] {
            let (layout, is_header) = csv(line, &default).unwrap();
            assert!(is_header);
            assert_eq!(
                (layout.time, layout.numbers),
                (0, [Some(1), Some(2), Some(3), Some(4), Some(5), None, None]),
                "{line}"
            );
        }
        let (layout, _) = csv("Date,Open,Close,High,Low,Adj Close,Volume", &default).unwrap();
        assert_eq!(layout.numbers, [Some(1), Some(3), Some(4), Some(2), Some(6), None, None]);
        assert_eq!(layout.notes, ["columns not used: Adj Close"]);
        let (layout, _) = csv("unix,date,open,high,low,close,volume", &default).unwrap();
        assert_eq!(layout.time, 0);
    }

    #[test]
    fn klines_need_no_header() {
        let default = BarFileOptions::default();
        let (bare, is_header) = csv("1637971200000,1,2,1,2,5,1637971259999,1,79,3,0.5,0", &default).unwrap();
        assert!(!is_header);
        let (named, is_header) = csv(
            "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,\
             taker_buy_quote_volume,ignore",
            &default,
        )
        .unwrap();
        assert!(is_header);
        assert_eq!((bare.time, bare.numbers, bare.width), (named.time, named.numbers, named.width));
        assert_eq!(bare.numbers[5], Some(9));
    }

    #[test]
    fn what_is_missing_is_named() {
        let default = BarFileOptions::default();
        assert_eq!(
            message("time,open,high,price", &default),
            "a.csv: no column for low, close, volume; found \"time\", \"open\", \"high\", \"price\"; name the columns \
             with --columns, such as time,open,high,low,close,volume (_ ignores a column)"
        );
        assert!(message("datum,kurs", &default).contains("no column for time, open"));
        assert!(message("time,open,high,low,close", &default).contains("pass --volume none"));
        assert!(message("1,2,3,4,5,6", &default).contains("name the columns with --columns"));
        assert!(message("date,time,open,high,low,close,volume", &default).contains("\"date\", \"time\""));
        assert!(
            message("time,open,o,high,low,close,volume", &default).contains("more than one column for open")
        );
    }

    #[test]
    fn columns_can_be_named_by_the_caller() {
        let named = |names: &str| BarFileOptions {
            columns: Some(names.split(',').map(str::to_owned).collect()),
            ..BarFileOptions::default()
        };
        let (layout, is_header) = csv("1,2,3,4,5,6,7", &named("time,_,open,high,low,close,volume")).unwrap();
        assert!(!is_header);
        assert_eq!(layout.numbers, [Some(2), Some(3), Some(4), Some(5), Some(6), None, None]);
        let (layout, is_header) = csv("t,a,b,c,d,e", &named("time,open,high,low,close,volume")).unwrap();
        assert!(is_header);
        assert_eq!(layout.notes.len(), 1);
        assert!(message("1,2", &named("time,open,high,low,close,volume,prize")).contains("\"prize\""));
    }

    #[test]
    fn volume_can_be_left_out_and_times_can_be_closes() {
        let none = BarFileOptions { volume: VolumePolicy::None, ..BarFileOptions::default() };
        assert!(csv("time,open,high,low,close", &none).is_ok());
        let (layout, _) = csv("time,open,high,low,close,volume", &none).unwrap();
        assert_eq!(layout.numbers[4], None);
        assert_eq!(layout.notes, ["volume is 0 as asked for; not read: volume"]);
        let close = BarFileOptions { timestamp: TimestampOf::Close, ..BarFileOptions::default() };
        assert!(csv("close_time,open,high,low,close,volume", &close).is_ok());
        assert!(
            message("open_time,open,high,low,close,volume,close_time", &close).contains("--timestamp close")
        );
    }
}
