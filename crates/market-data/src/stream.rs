//! Bars as they come: one after the other, in memory that does not grow.

use std::fmt;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use feature_api::Bar;

use crate::bar::{BarRule, InclusiveEnd, Overlaps};
use crate::csv_bars::CsvRows;
use crate::file::{self, Format};
use crate::row::Draft;
use crate::{BarFileOptions, MarketDataError, ProblemKind, RowOrder};

/// Reads bars from CSV text line by line: a file of any length, a pipe, or standard input.
///
/// The bars are those of [`read_bars`](crate::read_bars) with the same options. A bar is given as soon as its line
/// has come, before the next one; what is kept does not grow with the number of bars. What `read_bars` learns from
/// the whole file has to be said here: [`BarFileOptions::grid`] and [`BarFileOptions::interval`].
///
/// **The first problem ends the stream**, whatever [`BarFileOptions::problems`] says: a bar left out of what a
/// model sees is not noticed later. Gaps are no problem, as in `read_bars`.
///
/// Where times are closes ([`TimestampOf::Close`](crate::TimestampOf::Close)), the first row tells whether they are the end inclusive
/// (`23:59:59.999`). A later row that is written otherwise is a problem; `read_bars`, which sees all of them,
/// takes such a file as ends exclusive.
///
/// Bars of another length are found out where the file tells when they close, and else where the first eleven lie whole
/// multiples of a longer bar apart.
///
/// A last line without a line end is taken as a whole one, as in `read_bars`.
pub struct BarStream {
    path: PathBuf,
    rows: CsvRows<Box<dyn BufRead + Send>>,
    rule: BarRule,
    overlaps: Overlaps,
    /// How the first row writes its close; `None` before the first row.
    end: Option<Option<InclusiveEnd>>,
    pace: Pace,
    has_bars: bool,
    has_stopped: bool,
}

impl BarStream {
    /// Opens a file: `.csv` or `.txt`, either also with `.gz` or `.zst` behind. `symbol` is the instrument that a
    /// column `symbol`, `instrument` or `ticker` must name in every row, where the file has one; `None` takes the
    /// first row's.
    ///
    /// # Errors
    /// [`MarketDataError::StreamParquet`] for Parquet, and as [`from_reader`](Self::from_reader).
    pub fn open(
        path: &Path,
        options: &BarFileOptions,
        symbol: Option<&str>,
    ) -> Result<Self, MarketDataError> {
        match Format::of(path)? {
            Format::Csv(packing) => {
                check(path, options)?;
                Self::from_reader(file::open_text(path, packing)?, path, options, symbol)
            }
            Format::Parquet => Err(MarketDataError::StreamParquet { path: path.to_owned() }),
        }
    }

    /// Reads from a source of CSV text that is not packed; `name` stands for it in messages. This waits for the
    /// first line, which is the header or tells that there is none.
    ///
    /// # Errors
    /// [`MarketDataError::StreamNeeds`] where the grid or the interval is not said,
    /// [`MarketDataError::StreamOrder`] for [`RowOrder::NewestFirst`], [`MarketDataError::Empty`] where there is
    /// not one line; the other variants where the columns or the options are not as they must be.
    pub fn from_reader(
        source: Box<dyn BufRead + Send>,
        name: &Path,
        options: &BarFileOptions,
        symbol: Option<&str>,
    ) -> Result<Self, MarketDataError> {
        let (grid, interval) = check(name, options)?;
        let rows = CsvRows::open(source, name, options, symbol)?;
        let timestamp = options.timestamp;
        Ok(Self {
            path: name.to_owned(),
            rule: BarRule { grid, interval, timestamp, taker: rows.checks.taker },
            rows,
            overlaps: Overlaps::new(timestamp, interval),
            end: None,
            pace: Pace::new(interval),
            has_bars: false,
            has_stopped: false,
        })
    }

    /// The next bar; `None` at the end of the text. Waits for a line where the source does.
    ///
    /// # Errors
    /// [`MarketDataError::Problems`] with the first problem of the first row that has one,
    /// [`MarketDataError::Empty`] where the text ends before its first bar, [`MarketDataError::Read`],
    /// [`MarketDataError::LineTooLong`], [`MarketDataError::TimeFormat`]; after any of these
    /// [`MarketDataError::StreamStopped`].
    pub fn next_bar(&mut self) -> Result<Option<Bar>, MarketDataError> {
        if self.has_stopped {
            return Err(MarketDataError::StreamStopped { path: self.path.clone(), line: self.rows.line() });
        }
        let next = self.read();
        self.has_stopped = next.is_err();
        next
    }

    fn read(&mut self) -> Result<Option<Bar>, MarketDataError> {
        if !self.rows.advance()? {
            if self.has_bars {
                return Ok(None);
            }
            return Err(MarketDataError::Empty { path: self.path.clone(), rows_read: 0, problems: 0 });
        }
        let bar = self.rows.read()?.and_then(|draft| self.bar(draft));
        let problems = &mut self.rows.checks.problems;
        if problems.total > 0 {
            return Err(MarketDataError::Problems {
                path: self.path.clone(),
                total: 1,
                problems: problems.listed.drain(..).take(1).collect(),
                can_skip: false,
            });
        }
        self.has_bars |= bar.is_some();
        Ok(bar)
    }

    /// The bar of a row, or `None` and its problem noted.
    fn bar(&mut self, mut draft: Draft) -> Option<Bar> {
        let BarRule { interval, timestamp, .. } = self.rule;
        let tells_close = self.rows.tells_close();
        let problems = &mut self.rows.checks.problems;
        let end = *self.end.get_or_insert_with(|| InclusiveEnd::of(timestamp, interval, draft.time));
        if let Some(end) = end {
            if !end.is(draft.time) {
                problems.add(draft.line, Some("time"), ProblemKind::CloseTime, || {
                    format!(
                        "{} is not the last {name} of a second; expected it to be, as in the rows before: a close \
                         that is the end inclusive is one in every row",
                        crate::time_text::show(draft.time),
                        name = end.name
                    )
                });
                return None;
            }
            draft.time = end.exclusive(draft.time);
        }
        if !self.overlaps.is_clear(&draft, problems) {
            return None;
        }
        // A row that tells its close is measured by itself.
        if !tells_close && let Some(found) = self.pace.is_off(draft.time) {
            problems.add(draft.line, Some("time"), ProblemKind::CloseTime, || {
                format!(
                    "the first {} bars lie multiples of {found} ns apart; expected bars of {interval} ns: feed bars of \
                     that length, or say theirs",
                    Pace::DIFFERENCES + 1
                )
            });
            return None;
        }
        let bar = self.rule.bar(&draft);
        if bar.is_none() {
            // Every rule of a bar has been checked; without this one that was not would end the stream unseen.
            problems.add(draft.line, None, ProblemKind::OutOfRange, || {
                "no bar can be made of this row; correct it".to_owned()
            });
        }
        bar
    }
}

/// Whether bars of another length are fed: the first times lie whole multiples of a longer bar apart.
struct Pace {
    interval: i64,
    before: Option<i64>,
    /// Differences so far and what divides them all; `None` once that is not longer than a bar.
    common: Option<(u32, i64)>,
}

impl Pace {
    /// Differences that are looked at. Every set's windows are longer: nothing is predicted before.
    const DIFFERENCES: u32 = 10;

    const fn new(interval: i64) -> Self {
        Self { interval, before: None, common: Some((0, 0)) }
    }

    /// The longer bar, where enough differences were seen.
    fn is_off(&mut self, time: i64) -> Option<i64> {
        let before = self.before.replace(time)?;
        let (count, common) = self.common?;
        let (count, common) = (count + 1, divisor(common, time.saturating_sub(before)));
        self.common = (common > self.interval).then_some((count, common));
        (count >= Self::DIFFERENCES && common > self.interval).then_some(common)
    }
}

/// The greatest number that divides both; the other where one is 0.
const fn divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl fmt::Debug for BarStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarStream")
            .field("path", &self.path)
            .field("line", &self.rows.line())
            .finish_non_exhaustive()
    }
}

/// Checks that the options say what a stream cannot find out; the grid and the interval.
fn check(path: &Path, options: &BarFileOptions) -> Result<(feature_api::Grid, i64), MarketDataError> {
    if options.order == RowOrder::NewestFirst {
        return Err(MarketDataError::StreamOrder { path: path.to_owned() });
    }
    let needs =
        |missing: Vec<&'static str>| Err(MarketDataError::StreamNeeds { path: path.to_owned(), missing });
    const GRID: &str = "the decimals of prices and volumes (--price-decimals, --volume-decimals)";
    const INTERVAL: &str = "the length of a bar (--interval)";
    match (options.grid, options.interval) {
        (Some(grid), Some(interval)) => Ok((grid, interval)),
        (None, Some(_)) => needs(vec![GRID]),
        (Some(_), None) => needs(vec![INTERVAL]),
        (None, None) => needs(vec![GRID, INTERVAL]),
    }
}
