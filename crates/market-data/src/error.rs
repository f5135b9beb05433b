//! Why a file cannot be read or written.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use crate::{EventFormat, Problem};

/// Why a file cannot be read or written. Every message says what was found, what was expected and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MarketDataError {
    /// The file cannot be opened.
    #[error("cannot open {}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be read to its end.
    #[error("cannot read {} after line {line}: {source}; the file is damaged or cut off", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The last line that was read.
        line: u64,
        /// What the system or the unpacker says.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file name does not say a format.
    #[error(
        "{}: a file name must end in .csv, .txt, .csv.gz, .csv.zst, .txt.gz, .txt.zst or .parquet",
        path.display()
    )]
    Extension {
        /// The file.
        path: PathBuf,
    },
    /// There are no rows, or none that is no problem.
    #[error("{}: no bars: {rows_read} rows of data, {problems} problems in them", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// Rows of data read.
        rows_read: u64,
        /// Problems found in them.
        problems: u64,
    },
    /// Columns are missing.
    #[error(
        "{}: no column for {}; found {}; name the columns with --columns, such as time,open,high,low,close,volume \
         (_ ignores a column)",
        path.display(), missing.join(", "), quoted(found)
    )]
    MissingColumns {
        /// The file.
        path: PathBuf,
        /// Names of the columns of the file.
        found: Vec<String>,
        /// What no column was found for.
        missing: Vec<&'static str>,
    },
    /// There is no volume column.
    #[error(
        "{}: no column for volume; found {}; where the data has no volume, pass --volume none (every volume is \
         then 0), or name the columns with --columns",
        path.display(), quoted(found)
    )]
    MissingVolume {
        /// The file.
        path: PathBuf,
        /// Names of the columns of the file.
        found: Vec<String>,
    },
    /// More than one column for the same thing.
    #[error(
        "{}: more than one column for {role}: {}; name the columns with --columns, with _ for those to ignore",
        path.display(), quoted(found)
    )]
    AmbiguousColumns {
        /// The file.
        path: PathBuf,
        /// What they would all be.
        role: &'static str,
        /// Their names.
        found: Vec<String>,
    },
    /// No header and no known layout.
    #[error(
        "{}: no header, and {columns} columns are no exchange kline layout (12 columns); the first line is \
         {first:?}; name the columns with --columns, such as time,open,high,low,close,volume (_ ignores a column)",
        path.display()
    )]
    UnknownLayout {
        /// The file.
        path: PathBuf,
        /// Number of columns.
        columns: usize,
        /// The first line, cut where it is long.
        first: String,
    },
    /// A name in [`BarFileOptions::columns`](crate::BarFileOptions::columns) that means nothing.
    #[error(
        "--columns: {name:?} is no column; use time, open, high, low, close, volume, taker_buy_volume, \
         taker_sell_volume, symbol, closed, or _ to ignore one"
    )]
    ColumnName {
        /// The name.
        name: String,
    },
    /// The time was declared to be the close, but the column says that it is the open.
    #[error(
        "{}: column {column} is the open of a bar, but --timestamp close was passed; leave it out",
        path.display()
    )]
    TimestampOption {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// A time that is neither a number nor ISO text.
    #[error("{}, line {line}: time {found:?} {reason}; pass --time-format {suggestion}", path.display())]
    TimeFormat {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The text.
        found: String,
        /// What is the matter with it.
        reason: &'static str,
        /// The formats it may have, quoted.
        suggestion: String,
    },
    /// A strptime format that is none.
    #[error("--time-format {format:?} is no strptime format: {reason}")]
    TimePattern {
        /// The format.
        format: String,
        /// What is the matter with it.
        reason: String,
    },
    /// A line too long to be a row.
    #[error(
        "{}, line {line}: longer than {limit} bytes, so this is no table of rows with line ends; check the file",
        path.display()
    )]
    LineTooLong {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The longest line allowed, in bytes.
        limit: usize,
    },
    /// Rows are not as they must be.
    #[error("{}: {total} problem{}{}", path.display(), if *total == 1 { "" } else { "s" }, listing(*total, problems, *can_skip))]
    Problems {
        /// The file.
        path: PathBuf,
        /// How many there are.
        total: u64,
        /// The first of them, by line; at most [`PROBLEMS_LISTED_MAX`](crate::PROBLEMS_LISTED_MAX).
        problems: Vec<Problem>,
        /// Whether [`ProblemPolicy::Skip`](crate::ProblemPolicy::Skip) would leave these rows out.
        can_skip: bool,
    },
    /// Options that bars cannot be read without as they come.
    #[error(
        "{}: bars that are read as they come need what a whole file would tell: pass {}",
        path.display(), missing.join(" and ")
    )]
    StreamNeeds {
        /// The file.
        path: PathBuf,
        /// What is missing, with its options.
        missing: Vec<&'static str>,
    },
    /// Bars that are to be read as they come, but stand newest first.
    #[error(
        "{}: bars are read as they come, and the oldest comes last with --order newest-first; write the file oldest \
         first, and leave the option out",
        path.display()
    )]
    StreamOrder {
        /// The file.
        path: PathBuf,
    },
    /// A Parquet file that is to be read as it comes.
    #[error(
        "{}: Parquet is not read bar by bar, since its index stands at its end; read it whole (read_bars), or convert \
         it to .csv or .csv.zst",
        path.display()
    )]
    StreamParquet {
        /// The file.
        path: PathBuf,
    },
    /// Bars were asked for after a stream had stopped.
    #[error("{}: reading stopped with an error on line {line}; open the stream again", path.display())]
    StreamStopped {
        /// The file.
        path: PathBuf,
        /// The last line that was read.
        line: u64,
    },
    /// No grid holds every value.
    #[error(
        "{}: no grid holds every {what}: line {finest_line} ({finest}) needs {decimals} decimal{}, and line \
         {largest_line} ({largest}) is then more than 2^53 steps; correct the values, round the finer ones in the \
         file, or split it{}",
        path.display(), if *decimals == 1 { "" } else { "s" }, or_round(*finest_line, rounded.as_deref())
    )]
    NoCommonGrid {
        /// The file.
        path: PathBuf,
        /// Price or quantity.
        what: &'static str,
        /// Line of the value with the most decimals.
        finest_line: u64,
        /// That value.
        finest: Box<str>,
        /// Its decimals.
        decimals: u8,
        /// Line of the largest value.
        largest_line: u64,
        /// That value.
        largest: Box<str>,
        /// What the finest value is with [`NoisePolicy::Round`](crate::NoisePolicy::Round), where that changes it.
        rounded: Option<Box<str>>,
    },
    /// The length of a bar cannot be inferred.
    #[error("{}: one bar does not tell its length; pass --interval", path.display())]
    IntervalUnknown {
        /// The file.
        path: PathBuf,
    },
    /// A length that no bar has.
    #[error("a bar of {found} ns: the interval must be above 0")]
    Interval {
        /// The length asked for, in nanoseconds.
        found: i64,
    },
    /// The file is not Parquet as it must be.
    #[error("{}: not readable as Parquet: {reason}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What is the matter with it.
        reason: String,
    },
    /// A Parquet column of a type that does not fit.
    #[error("{}: column {column:?} is {found}; expected {expected}", path.display())]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// Name of the column.
        column: String,
        /// Its type.
        found: String,
        /// The types that are read.
        expected: &'static str,
    },
    /// A value that a float cannot hold exactly.
    #[error(
        "{}: bar {row}: {field} {value} has more digits than a DOUBLE holds; write .csv, which is exact",
        path.display()
    )]
    NotExact {
        /// The file.
        path: PathBuf,
        /// The bar, from 0.
        row: usize,
        /// The field.
        field: &'static str,
        /// The value.
        value: String,
    },
    /// Bars of a series that do not share its grid, or only some of which have taker volumes.
    #[error("{}: bar {row}: {reason}", path.display())]
    Series {
        /// The file.
        path: PathBuf,
        /// The bar, from 0.
        row: usize,
        /// What is the matter with it.
        reason: &'static str,
    },
    /// There is nothing in a file of events, not even a header.
    #[error(
        "{}: empty; expected events under a header such as timestamp,price,qty,side; a day without events is a header \
         alone",
        path.display()
    )]
    NoEvents {
        /// The file.
        path: PathBuf,
    },
    /// A file of events whose first line tells no format.
    #[error(
        "{}: no format of events begins with {first:?}; expected a recorded capture, a file of the exchange's trades, \
         aggTrades, bookTicker or depth, or a header such as timestamp,price,qty,side or \
         timestamp,bid_price,bid_qty,ask_price,ask_qty; name the columns in a first line, or say the format",
        path.display()
    )]
    UnknownEvents {
        /// The file.
        path: PathBuf,
        /// The first line, cut where it is long.
        first: String,
    },
    /// Columns of a file of events are missing.
    #[error(
        "{}: no column for {}; found {}; a file of {} has columns such as {}; name the columns in the first line{}",
        path.display(), missing.join(", "), quoted(found), format.name(), format.columns(), about_side(missing)
    )]
    EventColumns {
        /// The file.
        path: PathBuf,
        /// What it was read as.
        format: EventFormat,
        /// What no column was found for.
        missing: Vec<&'static str>,
        /// Names of the columns of the file.
        found: Vec<String>,
    },
    /// More than one column of a file of events for the same thing.
    #[error("{}: more than one column for {role}: {}; leave one of them in the file", path.display(), quoted(found))]
    AmbiguousEventColumns {
        /// The file.
        path: PathBuf,
        /// What they would all be.
        role: &'static str,
        /// Their names.
        found: Vec<String>,
    },
    /// Changes of a book that are not numbered.
    #[error(
        "{}: incremental_book_L2 is not read: its updates are not numbered, so one that is missing could not be \
         noticed; use book_snapshot_25, book_snapshot_5 or quotes of the same day",
        path.display()
    )]
    UnnumberedBook {
        /// The file.
        path: PathBuf,
    },
    /// An event that cannot be written beside the others.
    #[error("{}: event {row}: {reason}: expected {expected}, found {found}", path.display())]
    Event {
        /// The file.
        path: PathBuf,
        /// The event, from 0.
        row: u64,
        /// What is the matter with it.
        reason: &'static str,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
    /// Files of events without one that was asked for.
    #[error(
        "{}: no event that was asked for: {skipped} rows or messages without one, {others} events of other \
         instruments; check what is to be taken of the files and --symbol",
        paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NothingAskedFor {
        /// The files.
        paths: Vec<PathBuf>,
        /// Rows or messages of other kinds.
        skipped: u64,
        /// Events of other instruments.
        others: u64,
    },
    /// Events that are read as they come, without a grid.
    #[error(
        "{}: events that are read as they come need the grid of prices and quantities, which whole files would tell: \
         pass --price-decimals and --qty-decimals",
        path.display()
    )]
    EventGrid {
        /// What stands for the source.
        path: PathBuf,
    },
    /// No grid holds every number of the events.
    #[error(
        "no grid holds every {what}: {finest} needs {decimals} decimal{}, and {largest} is then more than 2^53 steps; \
         correct the values, or round the finer ones in the file",
        if *decimals == 1 { "" } else { "s" }
    )]
    NoCommonEventGrid {
        /// Price or quantity.
        what: &'static str,
        /// The value with the most decimals, and where it stands.
        finest: String,
        /// Its decimals.
        decimals: u8,
        /// The largest value, and where it stands.
        largest: String,
    },
    /// Rows of another width than the table's, or names that cannot be a table's.
    #[error("{}: {reason}: expected {expected}, found {found}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is the matter.
        reason: &'static str,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
}

/// How many problems a message shows.
const SHOWN_MAX: usize = 20;

/// The problems a message shows, a line each, and what to do.
fn listing(total: u64, problems: &[Problem], can_skip: bool) -> String {
    let mut text = String::new();
    for problem in problems.iter().take(SHOWN_MAX) {
        let _ = write!(text, "\n  {problem}");
    }
    let shown = problems.len().min(SHOWN_MAX) as u64;
    if total > shown {
        let _ = write!(text, "\n  and {} more", total - shown);
    }
    text.push_str("\ncorrect the file");
    if can_skip {
        text.push_str(", or leave these rows out with --skip-problems");
    }
    text
}

/// What rounding would do for the finest value.
fn or_round(line: u64, rounded: Option<&str>) -> String {
    rounded.map_or_else(String::new, |value| {
        format!(
            "; line {line} has more digits than a float keeps, as results of float arithmetic do: pass --float-noise \
             round to read {value} there"
        )
    })
}

/// Why a side is needed.
fn about_side(missing: &[&str]) -> &'static str {
    if missing.contains(&"side") {
        "; which side took is not to be had from prices, and order flow needs it: a column side says buy or sell, or a \
         column is_buyer_maker true or false"
    } else {
        ""
    }
}

/// Names in quotes, parted by commas.
fn quoted(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}
