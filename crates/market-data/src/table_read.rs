//! Tables of feature rows, read back from Parquet.

use std::fs::File;
use std::path::{Path, PathBuf};

use feature_api::{Columns, RowBlock, UnixNanos};
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use crate::MarketDataError;
use crate::file::Format;
use crate::parquet_bars::guarded;
use crate::parquet_column::wrong_type;
use crate::table::TIMES;

/// Rows decoded at a time.
const BATCH: usize = 1 << 13;

/// A table of feature rows in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Names of the columns, in order, without the times.
    pub names: Vec<String>,
    /// The rows: `[names.len()]` columns wide.
    pub rows: Columns,
}

/// Reads a whole table that [`TableWriter`](crate::table::TableWriter) wrote as `.parquet`.
///
/// # Errors
/// As [`TableReader::open`] and [`TableReader::read`].
pub fn read_table(path: &Path) -> Result<Table, MarketDataError> {
    let mut reader = TableReader::open(path)?;
    let mut rows = Columns::new(reader.names().len());
    while reader.read(&mut rows)? {}
    Ok(Table { names: reader.names, rows })
}

/// Reads a table that [`TableWriter`](crate::table::TableWriter) wrote as `.parquet`, some rows at a time.
///
/// Strict: the two times first, then doubles that may be null, each name once; anything else is refused. Values come
/// back with the bits they were written with. Memory grows with the rows that are there, not with those the file
/// claims.
pub struct TableReader {
    path: PathBuf,
    names: Vec<String>,
    file: SerializedFileReader<File>,
    /// Row groups opened so far.
    groups: usize,
    /// What is left of the row group that is open.
    group: Option<Group>,
    block: RowBlock,
}

/// A row group that is being read.
struct Group {
    columns: Vec<ColumnReader>,
    /// Rows the file claims.
    claimed: i64,
    /// Rows read.
    read: i64,
}

/// Some cells of a column.
#[derive(Default)]
struct Cells {
    times: Vec<i64>,
    /// The values that are there.
    values: Vec<f64>,
    /// 1 where there is a value, 0 where not.
    present: Vec<i16>,
}

impl TableReader {
    /// Opens a table and checks names and types of its columns.
    ///
    /// # Errors
    /// [`MarketDataError::Open`], [`MarketDataError::Parquet`] where the file is damaged,
    /// [`MarketDataError::ColumnType`] for a column of another type, and [`MarketDataError::Table`] where the file is
    /// no `.parquet` or its names are not as they must be.
    pub fn open(path: &Path) -> Result<Self, MarketDataError> {
        if Format::of(path)? != Format::Parquet {
            return Err(not_as_written(
                path,
                "format of a table to read",
                "a .parquet file",
                "text".to_owned(),
            ));
        }
        let file =
            File::open(path).map_err(|source| MarketDataError::Open { path: path.to_owned(), source })?;
        let file = guarded(path, || SerializedFileReader::new(file))?;
        let schema = file.metadata().file_metadata().schema_descr_ptr();
        let names = check_columns(path, schema.columns())?;
        Ok(Self {
            path: path.to_owned(),
            block: RowBlock::new(names.len()),
            names,
            file,
            groups: 0,
            group: None,
        })
    }

    /// Names of the columns, in order, without the times.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Appends the next rows, at most 8,192; `false` where there are none left.
    ///
    /// # Errors
    /// [`MarketDataError::Parquet`] where the file is damaged, [`MarketDataError::Table`] where `rows` is of another
    /// width. The reader is of no use after that.
    pub fn read(&mut self, rows: &mut Columns) -> Result<bool, MarketDataError> {
        if rows.width() != self.names.len() {
            return Err(MarketDataError::Table {
                path: self.path.clone(),
                reason: "width of the rows",
                expected: format!("{} columns", self.names.len()),
                found: format!("{} columns", rows.width()),
            });
        }
        loop {
            let Some(mut group) =
                self.group.take().map_or_else(|| self.next_group(), |group| Ok(Some(group)))?
            else {
                return Ok(false);
            };
            let cells = self.next_cells(&mut group)?;
            let count = cells.first().map_or(0, |cells| cells.times.len());
            group.read += count as i64;
            if count == 0 && group.read != group.claimed {
                let (read, claimed) = (group.read, group.claimed);
                return Err(self.damaged(format!("a row group has {read} rows, but claims {claimed}")));
            }
            if count > 0 {
                self.append(&cells, rows);
                self.group = Some(group);
                return Ok(true);
            }
        }
    }

    fn next_group(&mut self) -> Result<Option<Group>, MarketDataError> {
        if self.groups == self.file.num_row_groups() {
            return Ok(None);
        }
        let group = guarded(&self.path, || self.file.get_row_group(self.groups))?;
        self.groups += 1;
        let columns = (0..TIMES.len() + self.names.len())
            .map(|index| guarded(&self.path, || group.get_column_reader(index)))
            .collect::<Result<_, _>>()?;
        Ok(Some(Group { columns, claimed: group.metadata().num_rows(), read: 0 }))
    }

    /// The next cells of every column, as many of each.
    fn next_cells(&self, group: &mut Group) -> Result<Vec<Cells>, MarketDataError> {
        let mut all = Vec::with_capacity(group.columns.len());
        for column in &mut group.columns {
            all.push(guarded(&self.path, || Cells::next(column))?);
        }
        let count = all.first().map_or(0, |cells| cells.times.len());
        let (times, values) = all.split_at_checked(TIMES.len()).unwrap_or_default();
        let is_whole = times.iter().all(|cells| cells.times.len() == count)
            && values.iter().all(|cells| {
                cells.present.len() == count
                    && cells.values.len() == cells.present.iter().filter(|level| **level == 1).count()
            });
        if is_whole { Ok(all) } else { Err(self.damaged("its columns are of different lengths".to_owned())) }
    }

    /// Appends cells of every column to `rows`.
    fn append(&mut self, cells: &[Cells], rows: &mut Columns) {
        let [event, available, columns @ ..] = cells else { return };
        let mut values: Vec<_> = columns.iter().map(|cells| cells.values.iter().copied()).collect();
        for (row, (event, available)) in event.times.iter().zip(&available.times).enumerate() {
            let mut writer = self.block.begin(UnixNanos(*event), UnixNanos(*available));
            for (cells, values) in columns.iter().zip(&mut values) {
                writer.put(if cells.present.get(row) == Some(&1) { values.next() } else { None });
            }
            writer.finish();
            if self.block.is_full() {
                rows.extend(&self.block);
                self.block.clear();
            }
        }
        rows.extend(&self.block);
        self.block.clear();
    }

    fn damaged(&self, reason: String) -> MarketDataError {
        MarketDataError::Parquet { path: self.path.clone(), reason }
    }
}

impl Cells {
    /// The next cells of a column.
    fn next(column: &mut ColumnReader) -> Result<Self, ParquetError> {
        let mut cells = Self::default();
        if let ColumnReader::Int64ColumnReader(reader) = column {
            fill(reader, &mut cells.present, &mut cells.times)?;
        } else if let ColumnReader::DoubleColumnReader(reader) = column {
            fill(reader, &mut cells.present, &mut cells.values)?;
        } else {
            return Err(ParquetError::General("a column of another type than the schema says".to_owned()));
        }
        Ok(cells)
    }
}

/// Reads up to [`BATCH`] cells; fewer only at the end of the row group.
fn fill<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    present: &mut Vec<i16>,
    values: &mut Vec<T::T>,
) -> Result<(), ParquetError> {
    let mut rows = 0;
    while rows < BATCH {
        let (read, ..) = reader.read_records(BATCH - rows, Some(present), None, values)?;
        if read == 0 {
            break;
        }
        rows += read;
    }
    Ok(())
}

/// Checks every column; the names of those behind the times.
fn check_columns(
    path: &Path,
    columns: &[parquet::schema::types::ColumnDescPtr],
) -> Result<Vec<String>, MarketDataError> {
    let names: Vec<String> = columns.iter().map(|column| column.path().string()).collect();
    let (times, names) = names.split_at_checked(TIMES.len()).unwrap_or((&names, &[]));
    if times != TIMES {
        return Err(not_as_written(path, "first columns", "ts_event, ts_available", times.join(", ")));
    }
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    let twice = sorted.iter().zip(sorted.iter().skip(1)).find(|(name, next)| name == next);
    let wrong = twice
        .map(|(name, _)| *name)
        .or(names.iter().find(|name| name.is_empty() || TIMES.contains(&name.as_str())));
    if let Some(name) = wrong {
        let expected = "names that are not empty and stand once";
        return Err(not_as_written(path, "names of columns", expected, format!("{name:?}")));
    }
    for (index, column) in columns.iter().enumerate() {
        let is_time = index < TIMES.len();
        if is_time && !is_written_time(column) {
            return Err(wrong_type(path, column, "a required INT64 timestamp in nanoseconds, UTC"));
        }
        if !is_time && !is_written_value(column) {
            return Err(wrong_type(path, column, "an optional DOUBLE"));
        }
    }
    Ok(names.to_vec())
}

fn is_written_time(column: &ColumnDescriptor) -> bool {
    let is_utc_nanos = matches!(
        column.logical_type_ref(),
        Some(LogicalType::Timestamp(stamp)) if stamp.is_adjusted_to_u_t_c && stamp.unit == TimeUnit::NANOS
    );
    is_flat(column, Repetition::REQUIRED) && column.physical_type() == PhysicalType::INT64 && is_utc_nanos
}

fn is_written_value(column: &ColumnDescriptor) -> bool {
    is_flat(column, Repetition::OPTIONAL)
        && column.physical_type() == PhysicalType::DOUBLE
        && column.logical_type_ref().is_none()
}

/// Whether a column stands at the top of the schema, with that repetition.
fn is_flat(column: &ColumnDescriptor, repetition: Repetition) -> bool {
    column.path().parts().len() == 1 && column.self_type().get_basic_info().repetition() == repetition
}

fn not_as_written(path: &Path, reason: &'static str, expected: &str, found: String) -> MarketDataError {
    MarketDataError::Table { path: path.to_owned(), reason, expected: expected.to_owned(), found }
}
