//! Market data files: bars and events in, bars and events out, tables of features out.
//!
//! [`read_bars`] takes exchange kline files, any CSV with open, high, low, close and volume, and Parquet;
//! it finds out the layout, the time format, the decimal grid and the interval, and says so in
//! [`BarSeries::notes`]. What it cannot find out for certain it asks for ([`BarFileOptions`]); what is wrong
//! in a file it lists, row by row ([`Problem`]), and refuses. Prices and quantities are taken as decimals,
//! never through a rounded float. [`write_bars`] writes a series, [`table::TableWriter`] a table of features,
//! which [`table::read_table`] reads back; [`synth::bars`] makes bars up.
//!
//! [`open_events`] takes trades, quotes and order books of one instrument from files of many formats and merges them
//! into one stream of [`MarketEvent`]s; [`OrderBook`] is the book they make.
//!
//! **Invariant: nothing is repaired.** Rows are not sorted, gaps are not filled, duplicates are not dropped,
//! values are not rounded. A row is taken as it stands or it is a [`Problem`]. The one exception has to be asked
//! for and is counted in a note: [`NoisePolicy::Round`].

mod bar;
mod book;
mod csv_bars;
mod decimal;
mod error;
mod events;
pub mod file;
mod finish;
mod layout;
mod lines;
mod number;
mod options;
mod parquet_bars;
mod parquet_column;
mod parquet_file;
mod positions;
mod problem;
mod row;
mod row_checks;
mod scan;
mod series;
mod stream;
pub mod synth;
pub mod table;
mod table_read;
mod time;
mod time_text;
mod write;

use std::io::BufRead;
use std::path::Path;

pub use book::{BookCounters, BookError, BookState, Change, OrderBook};
pub use decimal::decimal_text;
pub use error::MarketDataError;
pub use events::{
    Delta, EventCounts, EventFile, EventFormat, EventOptions, EventOrder, EventStream, MarketEvent, Quote,
    Select, Snapshot, WRITTEN_LEVELS_MAX, open_events, write_capture, write_quotes, write_snapshots,
    write_trades,
};
pub use options::{
    BarFileOptions, NoisePolicy, ProblemPolicy, RowOrder, TimeFormat, TimestampOf, VolumePolicy,
};
pub use positions::{PositionEvent, read_positions, read_positions_from};
pub use problem::{PROBLEMS_LISTED_MAX, Problem, ProblemKind};
pub use series::{BarSeries, Gap};
pub use stream::BarStream;
pub use write::write_bars;

/// Reads a file of bars: `.csv` or `.txt`, either also with `.gz` or `.zst` behind, or `.parquet`.
///
/// # Errors
/// [`MarketDataError::Problems`] where rows are not as they must be and `options.problems` is
/// [`ProblemPolicy::Refuse`]; the other variants where the file as a whole cannot be read.
pub fn read_bars(path: &Path, options: &BarFileOptions) -> Result<BarSeries, MarketDataError> {
    match file::Format::of(path)? {
        file::Format::Csv(packing) => csv_bars::read(&mut *file::open_text(path, packing)?, path, options),
        file::Format::Parquet => parquet_bars::read(path, options),
    }
}

/// Reads bars from CSV text that is not packed; `name` stands for it in messages.
///
/// # Errors
/// As [`read_bars`].
pub fn read_bars_from(
    source: &mut dyn BufRead,
    name: &Path,
    options: &BarFileOptions,
) -> Result<BarSeries, MarketDataError> {
    csv_bars::read(source, name, options)
}

/// Reads a file of bars to look at it: as [`read_bars`] with [`ProblemPolicy::Skip`], whatever `options` says,
/// so rows that are problems are left out and listed.
///
/// # Errors
/// Only where the file as a whole cannot be read: its layout, its time format, its grid or its interval.
pub fn inspect_bars(path: &Path, options: &BarFileOptions) -> Result<BarSeries, MarketDataError> {
    read_bars(path, &BarFileOptions { problems: ProblemPolicy::Skip, ..options.clone() })
}
