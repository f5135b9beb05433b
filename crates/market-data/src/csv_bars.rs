//! Bars from CSV text.

use std::io::BufRead;
use std::path::Path;

use crate::finish::Drafts;
use crate::layout::{self, Layout};
use crate::lines::Lines;
use crate::row::{Draft, Field, Row};
use crate::row_checks::RowChecks;
use crate::time::Clock;
use crate::{BarFileOptions, BarSeries, MarketDataError, ProblemKind, number};

/// Reads the bars of CSV text that is not packed.
pub(crate) fn read(
    source: &mut dyn BufRead,
    path: &Path,
    options: &BarFileOptions,
) -> Result<BarSeries, MarketDataError> {
    let mut rows = CsvRows::open(source, path, options, None)?;
    let mut drafts = Drafts::default();
    while rows.advance()? {
        if let Some(draft) = rows.read()? {
            drafts.keep(draft);
        }
    }
    let mut notes = rows.layout.notes;
    notes.extend(rows.clock.note());
    drafts.finish(path, rows.checks, notes)
}

/// The rows of CSV text, one after the other.
pub(crate) struct CsvRows<S> {
    lines: Lines<S>,
    layout: Layout,
    clock: Clock,
    pub(crate) checks: RowChecks,
    /// Whether the current line is a row that [`advance`](CsvRows::advance) has not come to yet: the first line of
    /// text without a header.
    is_waiting: bool,
}

impl<S: BufRead> CsvRows<S> {
    /// Reads the first line, which tells the layout; `symbol` is the instrument that a column of the text must name.
    pub(crate) fn open(
        source: S,
        path: &Path,
        options: &BarFileOptions,
        symbol: Option<&str>,
    ) -> Result<Self, MarketDataError> {
        let mut lines = Lines::new(source, path);
        if !lines.advance()? {
            return Err(MarketDataError::Empty { path: path.to_owned(), rows_read: 0, problems: 0 });
        }
        let first: Vec<&[u8]> = (0..lines.len()).map(|index| lines.cell(index)).collect();
        let (layout, is_header) = layout::of_csv(&first, path, options)?;
        let clock = Clock::new(path, &options.time)?;
        let checks = RowChecks::new(options, &layout.numbers, symbol)?;
        Ok(Self { lines, layout, clock, checks, is_waiting: !is_header })
    }

    /// Whether rows tell when their bars close.
    pub(crate) const fn tells_close(&self) -> bool {
        self.layout.ts_close.is_some()
    }

    /// Line of the current row, from 1.
    pub(crate) const fn line(&self) -> u64 {
        self.lines.line()
    }

    /// Goes to the next row; `false` at the end.
    pub(crate) fn advance(&mut self) -> Result<bool, MarketDataError> {
        Ok(std::mem::take(&mut self.is_waiting) || self.lines.advance()?)
    }

    /// The current row, or `None` and its problems noted.
    pub(crate) fn read(&mut self) -> Result<Option<Draft>, MarketDataError> {
        let Self { lines, layout, clock, checks, .. } = self;
        let line = lines.line();
        checks.begin_row();
        if lines.len() != layout.width {
            // Which cell is missing or too many cannot be told, so none is read.
            let (found, expected) = (lines.len(), layout.width);
            let kind = if found < expected { ProblemKind::MissingCell } else { ProblemKind::ExtraCell };
            checks.problem(line, None, kind, || {
                format!("{found} cells; expected {expected}, one for each column")
            });
            return Ok(None);
        }
        if layout.symbol.is_some_and(|index| !checks.is_of_instrument(line, lines.cell(index)))
            || layout.closed.is_some_and(|index| !checks.is_closed(line, lines.cell(index)))
        {
            return Ok(None);
        }
        let mut row = Row { line, ..Row::default() };
        let time = clock.text(line, lines.cell(layout.time))?;
        row.time = checks.cell(line, "time", time).map(|ts| ts.0);
        if let Some(index) = layout.ts_close {
            let time = clock.text(line, lines.cell(index))?;
            row.ts_close = checks.cell(line, "ts_close", time).map(|ts| ts.0);
        }
        if let Some(index) = layout.ts_available {
            let time = clock.text(line, lines.cell(index))?;
            row.ts_available = checks.cell(line, "ts_available", time).map(|ts| ts.0);
        }
        for ((number, field), index) in row.numbers.iter_mut().zip(Field::ALL).zip(layout.numbers) {
            if let Some(index) = index {
                let rule = field.rule(&checks.options);
                *number = checks.number(line, field, number::from_text(lines.cell(index), &rule));
            }
        }
        Ok(checks.end_row(&row))
    }
}
