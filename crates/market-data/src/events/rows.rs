//! Rows of a file of events, text or Parquet: cell by cell, and what is wrong in them.

use std::io::BufRead;
use std::path::PathBuf;

use super::header::{Column, Header};
use super::rows_parquet::{ParquetInput, ParquetRows};
use crate::decimal::Decimal;
use crate::lines::Lines;
use crate::number::{self, CellError, NumberRule, shown};
use crate::parquet_bars::{number_of, time_of, word};
use crate::parquet_column::Cell;
use crate::problem::Problems;
use crate::time::Clock;
use crate::{MarketDataError, ProblemKind};

/// What rows are read from.
pub(crate) enum Input {
    /// CSV text, from its first line, and whether that is a header.
    Text(Box<dyn BufRead + Send>, bool),
    Parquet(ParquetInput),
}

/// A cell of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(&'a [u8]),
    Cell(&'a Cell),
}

impl Value<'_> {
    /// Whether there is nothing in it.
    pub(crate) fn is_empty(self) -> bool {
        match self {
            Self::Text(text) => text.trim_ascii().is_empty(),
            Self::Cell(cell) => matches!(cell, Cell::Null),
        }
    }

    /// Calls with its text, without spaces around it.
    pub(crate) fn with_text<T>(self, read: impl FnOnce(&[u8]) -> T) -> T {
        match self {
            Self::Text(text) => read(text.trim_ascii()),
            Self::Cell(cell) => read(word(Some(cell)).trim_ascii()),
        }
    }

    fn number(self, what: &'static str) -> Result<Decimal, CellError> {
        // Any number that some grid holds: which grid is not known yet. Nobody could ask for noise to be rounded.
        let rule = NumberRule { what, option: "", scale: None, noise: None };
        let number = match self {
            Self::Text(text) => number::from_text(text, &rule),
            Self::Cell(cell) => number_of(cell, &rule),
        };
        number.map(|number| number.value)
    }
}

/// A price: any number.
pub(crate) fn price(value: Value<'_>) -> Result<Decimal, CellError> {
    value.number("price")
}

/// A quantity that may be nothing.
pub(crate) fn quantity(value: Value<'_>) -> Result<Decimal, CellError> {
    let quantity = value.number("quantity")?;
    if quantity.mantissa() >= 0 {
        return Ok(quantity);
    }
    Err(CellError {
        kind: ProblemKind::NegativeVolume,
        message: format!("{} is below zero; expected a quantity, which is not", quantity.text()),
    })
}

/// A quantity that is something.
pub(crate) fn quantity_above_zero(value: Value<'_>) -> Result<Decimal, CellError> {
    let quantity = quantity(value)?;
    if quantity.mantissa() > 0 {
        return Ok(quantity);
    }
    Err(CellError {
        kind: ProblemKind::Unparsable,
        message: "the quantity is 0; expected one above 0: what says that nothing is there is left out"
            .to_owned(),
    })
}

/// A number of a trade or an update.
pub(crate) fn id(value: Value<'_>) -> Result<u64, CellError> {
    value.with_text(|text| {
        if text.is_empty() {
            return Err(empty("a number"));
        }
        digits(text).ok_or_else(|| CellError {
            kind: ProblemKind::Unparsable,
            message: format!("{:?} is no id; expected an integer from 0 to 2^64 - 1", shown(text)),
        })
    })
}

/// The integer that this text of digits is.
pub(crate) fn digits(text: &[u8]) -> Option<u64> {
    // A plus sign, which the parser of std takes, is no digit.
    let text =
        std::str::from_utf8(text).ok().filter(|text| text.starts_with(|c: char| c.is_ascii_digit()))?;
    text.parse().ok()
}

/// Why a cell with nothing in it is a problem.
pub(crate) fn empty(expected: &str) -> CellError {
    CellError { kind: ProblemKind::MissingCell, message: format!("the cell is empty; expected {expected}") }
}

/// The rows of a file, one after the other.
pub(crate) struct Rows {
    path: PathBuf,
    names: Vec<String>,
    source: Source,
    problems: Problems,
}

enum Source {
    Text { lines: Box<Lines<Box<dyn BufRead + Send>>>, is_waiting_for_header: bool },
    Parquet(ParquetRows),
}

impl Rows {
    /// The rows under a header, once it has told which columns are used.
    pub(crate) fn open(input: Input, header: Header) -> Result<Self, MarketDataError> {
        let source = match input {
            Input::Text(source, has_header) => Source::Text {
                lines: Box::new(Lines::new(source, &header.path)),
                is_waiting_for_header: has_header,
            },
            Input::Parquet(input) => Source::Parquet(ParquetRows::new(input, &header)?),
        };
        Ok(Self { path: header.path, names: header.names, source, problems: Problems::default() })
    }

    /// Line of the current row, from 1; in Parquet its row.
    pub(crate) fn line(&self) -> u64 {
        match &self.source {
            Source::Text { lines, .. } => lines.line(),
            Source::Parquet(rows) => rows.row(),
        }
    }

    /// Goes to the next row; `false` at the end.
    ///
    /// # Errors
    /// [`MarketDataError::Problems`] for a row of another length than the header; what the file itself is refused for.
    pub(crate) fn advance(&mut self) -> Result<bool, MarketDataError> {
        let lines = match &mut self.source {
            Source::Parquet(rows) => return rows.advance(),
            Source::Text { lines, is_waiting_for_header } => {
                if std::mem::take(is_waiting_for_header) && !lines.advance()? {
                    return Ok(false);
                }
                if !lines.advance()? {
                    return Ok(false);
                }
                lines
            }
        };
        let (line, found, expected) = (lines.line(), lines.len(), self.names.len());
        if found == expected {
            return Ok(true);
        }
        // Which cell is missing or too many cannot be told, so none is read.
        let (kind, why) = if found < expected {
            (ProblemKind::MissingCell, "where this is the last line, the file was cut off")
        } else {
            (ProblemKind::ExtraCell, "a comma inside a cell needs quotes around the cell")
        };
        self.problems.add(line, None, kind, || {
            format!("{found} cells; expected {expected}, one for each column; {why}")
        });
        Err(self.refusal())
    }

    /// A cell of the current row.
    pub(crate) fn value(&self, column: Column) -> Value<'_> {
        match &self.source {
            Source::Text { lines, .. } => Value::Text(lines.cell(column.index)),
            Source::Parquet(rows) => Value::Cell(rows.cell(column.index)),
        }
    }

    /// Reads a cell of the current row; `None` and a problem where it is not as it must be.
    pub(crate) fn read<T>(
        &mut self,
        column: Column,
        read: impl FnOnce(Value<'_>) -> Result<T, CellError>,
    ) -> Option<T> {
        let cell = read(self.value(column));
        self.take(column, cell)
    }

    /// Reads a time; `None` and a problem where it is none.
    pub(crate) fn time(&mut self, column: Column, clock: &mut Clock) -> Result<Option<i64>, MarketDataError> {
        let line = self.line();
        let cell = match self.value(column) {
            Value::Text(text) => clock.text(line, text)?,
            Value::Cell(cell) => time_of(line, cell, clock)?,
        };
        Ok(self.take(column, cell.map(|time| time.0)))
    }

    /// What a cell came to; its problem is noted under the name that the column has in the file.
    pub(crate) fn take<T>(&mut self, column: Column, cell: Result<T, CellError>) -> Option<T> {
        let error = match cell {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let line = self.line();
        let name = self.names.get(column.index).map_or("", |name| name.trim());
        self.problems.add(line, Some(column.field), error.kind, || {
            if name == column.field { error.message } else { format!("column {name}: {}", error.message) }
        });
        None
    }

    /// Ends the current row: what was made of it, unless it has problems.
    ///
    /// # Errors
    /// [`MarketDataError::Problems`] with all of them.
    pub(crate) fn end_row<T>(&mut self, made: Option<T>) -> Result<T, MarketDataError> {
        match made {
            Some(made) if self.problems.total == 0 => Ok(made),
            Some(_) | None => {
                if self.problems.total == 0 {
                    let line = self.line();
                    self.problems.add(line, None, ProblemKind::Unparsable, || {
                        "no event can be made of this row; correct it".to_owned()
                    });
                }
                Err(self.refusal())
            }
        }
    }

    /// The error for a row that is wrong beside others.
    pub(crate) fn refuse(
        &mut self,
        line: u64,
        column: Column,
        message: impl FnOnce() -> String,
    ) -> MarketDataError {
        self.problems.add(line, Some(column.field), ProblemKind::Unparsable, message);
        self.refusal()
    }

    fn refusal(&mut self) -> MarketDataError {
        let problems = std::mem::take(&mut self.problems);
        MarketDataError::Problems {
            path: self.path.clone(),
            total: problems.total,
            problems: problems.listed,
            can_skip: false,
        }
    }
}
