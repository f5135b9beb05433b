//! Bars from Parquet.

use std::borrow::Cow;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use feature_api::UnixNanos;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use crate::finish::Drafts;
use crate::layout::{self, Layout};
use crate::number::{self, CellError, Number, NumberRule};
use crate::parquet_column::{Cell, ColumnCells, Meaning, wrong_type};
use crate::row::{Draft, Field, Row};
use crate::row_checks::RowChecks;
use crate::time::{self, Clock};
use crate::{BarFileOptions, BarSeries, MarketDataError, ProblemKind};

/// Rows read at a time.
const BATCH: usize = 1 << 13;

/// Reads the bars of a Parquet file. Memory grows with the rows that are there, not with those the file claims.
pub(crate) fn read(path: &Path, options: &BarFileOptions) -> Result<BarSeries, MarketDataError> {
    let file = File::open(path).map_err(|source| MarketDataError::Open { path: path.to_owned(), source })?;
    let reader = guarded(path, || SerializedFileReader::new(file))?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let names: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
    let layout = match &options.columns {
        None => layout::of_names(&names, path, options)?,
        Some(columns) if columns.len() == names.len() => layout::of_names(columns, path, options)?,
        Some(columns) => {
            return Err(MarketDataError::Parquet {
                path: path.to_owned(),
                reason: format!("--columns names {} columns, the file has {}", columns.len(), names.len()),
            });
        }
    };
    let mut checks = RowChecks::new(options, &layout.numbers, None)?;
    let mut drafts = Drafts::default();
    let mut clock = Clock::new(path, &options.time)?;

    let used = used_columns(&layout);
    let mut meanings = Vec::new();
    for &index in &used {
        let column = schema.column(index);
        let is = |columns: &[Option<usize>]| columns.contains(&Some(index));
        let expected = if is(&[Some(layout.time), layout.ts_close, layout.ts_available]) {
            "a timestamp, an integer or text"
        } else if is(&[layout.closed]) {
            "a boolean, an integer or text"
        } else if is(&[layout.symbol]) {
            "text or an integer"
        } else {
            "a number or text"
        };
        match Meaning::of(&column).filter(|meaning| fits(*meaning, index, &layout)) {
            Some(meaning) => meanings.push(meaning),
            None => return Err(wrong_type(path, &column, expected)),
        }
    }

    let mut cells: Vec<Vec<Cell>> = vec![Vec::new(); used.len()];
    for group in 0..reader.num_row_groups() {
        let group = guarded(path, || reader.get_row_group(group))?;
        let mut columns = Vec::new();
        for (&index, &meaning) in used.iter().zip(&meanings) {
            let cells = guarded(path, || group.get_column_reader(index))?;
            columns.push(ColumnCells::new(cells, &schema.column(index), meaning));
        }
        loop {
            for (column, cells) in columns.iter_mut().zip(&mut cells) {
                guarded(path, || column.next(BATCH, cells))?;
            }
            let count = cells.first().map_or(0, Vec::len);
            if cells.iter().any(|cells| cells.len() != count) {
                return Err(MarketDataError::Parquet {
                    path: path.to_owned(),
                    reason: "its columns are of different lengths".to_owned(),
                });
            }
            for row in 0..count {
                let cell = |index: usize| {
                    let column = used.iter().position(|used| *used == index)?;
                    cells.get(column)?.get(row)
                };
                if let Some(draft) = read_row(&cell, &layout, &mut clock, &mut checks)? {
                    drafts.keep(draft);
                }
            }
            if count < BATCH {
                break;
            }
        }
    }
    let mut notes = layout.notes;
    notes.extend(clock.note());
    drafts.finish(path, checks, notes)
}

/// Calls the Parquet library, and takes a panic of it for the error it is.
///
/// parquet 60.1 panics on some damaged files, for instance where a delta-packed page says a bit width above 64
/// (`util/bit_util.rs`, a shift that overflows); the test that damages every byte of a file finds it. Only calls
/// into the library are guarded, never code of ours, and what panicked is not used again. Where panics abort, as
/// a profile may say, a damaged file aborts.
pub(crate) fn guarded<T>(
    path: &Path,
    call: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, MarketDataError> {
    let reason = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the file is damaged: its decoder panicked".to_owned(),
    };
    Err(MarketDataError::Parquet { path: path.to_owned(), reason })
}

/// The columns that are read, each once.
fn used_columns(layout: &Layout) -> Vec<usize> {
    let others = [Some(layout.time), layout.ts_close, layout.ts_available, layout.symbol, layout.closed];
    others.into_iter().chain(layout.numbers).flatten().collect()
}

/// Whether values of that meaning can stand in the column of that index.
fn fits(meaning: Meaning, index: usize, layout: &Layout) -> bool {
    let is_time = [Some(layout.time), layout.ts_close, layout.ts_available].contains(&Some(index));
    match meaning {
        Meaning::Time(_) | Meaning::Date | Meaning::Julian => is_time,
        Meaning::Boolean => layout.closed == Some(index),
        Meaning::Float | Meaning::Decimal(_) => ![layout.symbol, layout.closed].contains(&Some(index)),
        Meaning::Signed | Meaning::Unsigned | Meaning::Text => true,
    }
}

/// Takes one row.
fn read_row<'c>(
    cell: &dyn Fn(usize) -> Option<&'c Cell>,
    layout: &Layout,
    clock: &mut Clock,
    checks: &mut RowChecks,
) -> Result<Option<Draft>, MarketDataError> {
    checks.begin_row();
    let line = checks.rows_read;
    if layout.symbol.is_some_and(|index| !checks.is_of_instrument(line, &word(cell(index))))
        || layout.closed.is_some_and(|index| !checks.is_closed(line, &word(cell(index))))
    {
        return Ok(None);
    }
    let mut row = Row { line, ..Row::default() };
    let times = [
        ("time", Some(layout.time), &mut row.time),
        ("ts_close", layout.ts_close, &mut row.ts_close),
        ("ts_available", layout.ts_available, &mut row.ts_available),
    ];
    for (name, index, slot) in times {
        if let Some(index) = index {
            let time = time_of(line, cell(index).unwrap_or(&Cell::Null), clock)?;
            *slot = checks.cell(line, name, time).map(|ts| ts.0);
        }
    }
    for ((number, field), index) in row.numbers.iter_mut().zip(Field::ALL).zip(layout.numbers) {
        if let Some(index) = index {
            let rule = field.rule(&checks.options);
            *number = checks.number(line, field, number_of(cell(index).unwrap_or(&Cell::Null), &rule));
        }
    }
    Ok(checks.end_row(&row))
}

/// A cell as the text that a CSV would have; nothing where the cell is null.
pub(crate) fn word(cell: Option<&Cell>) -> Cow<'_, [u8]> {
    match cell {
        None | Some(Cell::Null) => Cow::Borrowed(b""),
        Some(Cell::Text(text)) => Cow::Borrowed(text.data()),
        Some(Cell::Boolean(value)) => Cow::Borrowed(if *value { b"true" } else { b"false" }),
        Some(Cell::Integer(value) | Cell::Nanos(value)) => Cow::Owned(value.to_string().into_bytes()),
        // No column of these is read as a word.
        Some(Cell::Decimal(..) | Cell::Double(_) | Cell::Single(_)) => Cow::Borrowed(b""),
    }
}

fn missing(expected: &str) -> CellError {
    CellError { kind: ProblemKind::MissingCell, message: format!("the cell is null; expected {expected}") }
}

pub(crate) fn number_of(cell: &Cell, rule: &NumberRule) -> Result<Number, CellError> {
    match cell {
        Cell::Null => Err(missing("a number")),
        Cell::Integer(value) => number::from_integer(*value, 0, rule),
        Cell::Decimal(value, scale) => number::from_integer(*value, *scale, rule),
        Cell::Double(value) => number::from_float(*value, rule),
        Cell::Single(value) => number::from_single(*value, rule),
        Cell::Text(text) => number::from_text(text.data(), rule),
        // The columns of times and booleans were told from those of numbers before.
        Cell::Boolean(value) => number::from_integer(i128::from(*value), 0, rule),
        Cell::Nanos(value) => number::from_integer(*value, 0, rule),
    }
}

pub(crate) fn time_of(
    line: u64,
    cell: &Cell,
    clock: &mut Clock,
) -> Result<Result<UnixNanos, CellError>, MarketDataError> {
    match cell {
        Cell::Null => Ok(Err(missing("a time"))),
        Cell::Nanos(nanos) => Ok(time::in_range(*nanos, format!("{nanos} ns").as_bytes())),
        Cell::Boolean(value) => clock.text(line, value.to_string().as_bytes()),
        Cell::Integer(value) => clock.text(line, value.to_string().as_bytes()),
        Cell::Decimal(value, scale) => {
            clock.text(line, format!("{value}e{}", scale.saturating_neg()).as_bytes())
        }
        Cell::Double(value) => clock.text(line, format!("{value:e}").as_bytes()),
        Cell::Single(value) => clock.text(line, format!("{value:e}").as_bytes()),
        Cell::Text(text) => clock.text(line, text.data()),
    }
}
