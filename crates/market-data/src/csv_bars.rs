//! Bars from CSV text.

use std::io::BufRead;
use std::path::Path;

use crate::assemble::Assembler;
use crate::layout::{self, Layout};
use crate::lines::Lines;
use crate::row::{Field, Row};
use crate::time::Clock;
use crate::{BarFileOptions, BarSeries, MarketDataError, ProblemKind, number};

/// Reads the bars of CSV text that is not packed.
pub(crate) fn read(
    source: &mut dyn BufRead,
    path: &Path,
    options: &BarFileOptions,
) -> Result<BarSeries, MarketDataError> {
    let mut lines = Lines::new(source, path);
    if !lines.advance()? {
        return Err(MarketDataError::Empty { path: path.to_owned(), rows_read: 0, problems: 0 });
    }
    let first: Vec<&[u8]> = (0..lines.len()).map(|index| lines.cell(index)).collect();
    let (mut layout, is_header) = layout::of_csv(&first, path, options)?;
    let mut clock = Clock::new(path, &options.time)?;
    let mut rows = Assembler::new(path, options, &layout.numbers)?;
    rows.notes.append(&mut layout.notes);
    let mut is_row = !is_header;
    loop {
        if is_row {
            read_row(&lines, &layout, &mut clock, &mut rows)?;
        }
        is_row = true;
        if !lines.advance()? {
            break;
        }
    }
    rows.notes.extend(clock.note());
    rows.finish()
}

/// Reads the current line as a row.
fn read_row(
    lines: &Lines<'_>,
    layout: &Layout,
    clock: &mut Clock<'_>,
    rows: &mut Assembler<'_>,
) -> Result<(), MarketDataError> {
    let line = lines.line();
    rows.begin_row();
    if lines.len() != layout.width {
        // Which cell is missing or too many cannot be told, so none is read.
        let (found, expected) = (lines.len(), layout.width);
        let kind = if found < expected { ProblemKind::MissingCell } else { ProblemKind::ExtraCell };
        rows.problem(line, None, kind, || format!("{found} cells; expected {expected}, one for each column"));
        return Ok(());
    }
    let mut row = Row { line, ..Row::default() };
    let time = clock.text(line, lines.cell(layout.time))?;
    row.time = rows.cell(line, "time", time).map(|ts| ts.0);
    if let Some(index) = layout.ts_close {
        let time = clock.text(line, lines.cell(index))?;
        row.ts_close = rows.cell(line, "ts_close", time).map(|ts| ts.0);
    }
    if let Some(index) = layout.ts_available {
        let time = clock.text(line, lines.cell(index))?;
        row.ts_available = rows.cell(line, "ts_available", time).map(|ts| ts.0);
    }
    for ((number, field), index) in row.numbers.iter_mut().zip(Field::ALL).zip(layout.numbers) {
        if let Some(index) = index {
            let rule = field.rule(rows.options);
            *number = rows.number(line, field, number::from_text(lines.cell(index), &rule));
        }
    }
    rows.end_row(&row);
    Ok(())
}
