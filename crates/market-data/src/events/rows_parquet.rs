//! Rows of a Parquet file of events.

use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::header::{Header, Kind};
use crate::MarketDataError;
use crate::parquet_bars::guarded;
use crate::parquet_column::{Cell, ColumnCells, Meaning, wrong_type};

/// Rows read at a time.
const BATCH: usize = 1 << 12;

/// A Parquet file whose columns are known.
pub(crate) struct ParquetInput {
    reader: SerializedFileReader<File>,
    pub(crate) names: Vec<String>,
}

impl ParquetInput {
    pub(crate) fn open(path: &Path) -> Result<Self, MarketDataError> {
        let file =
            File::open(path).map_err(|source| MarketDataError::Open { path: path.to_owned(), source })?;
        let reader = guarded(path, || SerializedFileReader::new(file))?;
        let columns = reader.metadata().file_metadata().schema_descr_ptr();
        let names = columns.columns().iter().map(|column| column.path().string()).collect();
        Ok(Self { reader, names })
    }
}

/// The rows of a Parquet file. Memory does not grow with them.
pub(crate) struct ParquetRows {
    path: PathBuf,
    reader: SerializedFileReader<File>,
    /// For each column of the file, which of `used` it is.
    slots: Vec<Option<usize>>,
    used: Vec<(usize, Meaning)>,
    /// The row group after the current one.
    next_group: usize,
    columns: Vec<ColumnCells>,
    /// The rows read ahead, by column, and which of them is the current one.
    cells: Vec<Vec<Cell>>,
    at: usize,
    row: u64,
}

impl ParquetRows {
    pub(crate) fn new(input: ParquetInput, header: &Header) -> Result<Self, MarketDataError> {
        let schema = input.reader.metadata().file_metadata().schema_descr_ptr();
        let mut slots = vec![None; input.names.len()];
        let mut used = Vec::new();
        for &(index, kind) in &header.used {
            let column = schema.column(index);
            let Some(meaning) = Meaning::of(&column).filter(|meaning| fits(*meaning, kind)) else {
                return Err(wrong_type(&header.path, &column, expected(kind)));
            };
            if let Some(slot) = slots.get_mut(index) {
                *slot = Some(used.len());
            }
            used.push((index, meaning));
        }
        Ok(Self {
            path: header.path.clone(),
            reader: input.reader,
            slots,
            cells: vec![Vec::new(); used.len()],
            used,
            next_group: 0,
            columns: Vec::new(),
            at: 0,
            row: 0,
        })
    }

    /// Number of the current row, from 1.
    pub(crate) const fn row(&self) -> u64 {
        self.row
    }

    /// A cell of the current row.
    pub(crate) fn cell(&self, index: usize) -> &Cell {
        let slot = self.slots.get(index).copied().flatten();
        slot.and_then(|slot| self.cells.get(slot)?.get(self.at)).unwrap_or(&Cell::Null)
    }

    /// Goes to the next row; `false` at the end.
    pub(crate) fn advance(&mut self) -> Result<bool, MarketDataError> {
        self.at += 1;
        while self.at >= self.cells.first().map_or(0, Vec::len) {
            if !self.fill()? {
                return Ok(false);
            }
        }
        self.row += 1;
        Ok(true)
    }

    /// Reads the next rows, of the next row group where the current one has no more; `false` where there is none.
    fn fill(&mut self) -> Result<bool, MarketDataError> {
        self.at = 0;
        let path = &self.path;
        if !self.columns.is_empty() {
            for (column, cells) in self.columns.iter_mut().zip(&mut self.cells) {
                guarded(path, || column.next(BATCH, cells))?;
            }
            let count = self.cells.first().map_or(0, Vec::len);
            if self.cells.iter().any(|cells| cells.len() != count) {
                return Err(MarketDataError::Parquet {
                    path: path.clone(),
                    reason: "its columns are of different lengths".to_owned(),
                });
            }
            if count < BATCH {
                self.columns.clear();
            }
            return Ok(true);
        }
        self.cells.iter_mut().for_each(Vec::clear);
        if self.next_group >= self.reader.num_row_groups() {
            return Ok(false);
        }
        let group = guarded(path, || self.reader.get_row_group(self.next_group))?;
        let schema = self.reader.metadata().file_metadata().schema_descr_ptr();
        for &(index, meaning) in &self.used {
            let reader = guarded(path, || group.get_column_reader(index))?;
            self.columns.push(ColumnCells::new(reader, &schema.column(index), meaning));
        }
        self.next_group += 1;
        Ok(true)
    }
}

/// Whether values of that meaning can stand in a column of that kind.
const fn fits(meaning: Meaning, kind: Kind) -> bool {
    match meaning {
        Meaning::Time(_) | Meaning::Date | Meaning::Julian => matches!(kind, Kind::Time),
        Meaning::Boolean => matches!(kind, Kind::Word),
        Meaning::Float | Meaning::Decimal(_) => !matches!(kind, Kind::Word),
        Meaning::Signed | Meaning::Unsigned | Meaning::Text => true,
    }
}

const fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Time => "a timestamp, an integer or text",
        Kind::Number => "a number or text",
        Kind::Word => "text, an integer or a boolean",
    }
}
