//! Writing Parquet: times, numbers that may be missing, no dictionaries.

use std::path::Path;
use std::sync::Arc;

use parquet::basic::{
    Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as PhysicalType, ZstdLevel,
};
use parquet::data_type::{BoolType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type};

use crate::MarketDataError;
use crate::file::AtomicFile;

/// Rows of a row group.
pub(crate) const GROUP_ROWS: usize = 1 << 16;

/// Digits of a decimal: as many as 64 bits hold.
const DECIMAL_DIGITS: i32 = 18;

/// A column that a file has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Column<'a> {
    /// Nanoseconds since 1970, UTC; never missing.
    Time(&'a str),
    /// A double; never missing.
    Double(&'a str),
    /// A double or nothing.
    OptionalDouble(&'a str),
    /// An integer without a sign, in 64 bits; never missing.
    Integer(&'a str),
    /// True or false, never missing.
    Boolean(&'a str),
    /// A decimal of so many places, or nothing.
    OptionalDecimal(&'a str, u8),
}

/// The cells of a column in a row group.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cells<'a> {
    Time(&'a [i64]),
    Double(&'a [f64]),
    /// The values that are there, and for each row 1 where there is one and 0 where not.
    OptionalDouble(&'a [f64], &'a [i16]),
    Integer(&'a [i64]),
    Boolean(&'a [bool]),
    /// As [`Cells::OptionalDouble`], in steps of the column's last place.
    OptionalDecimal(&'a [i64], &'a [i16]),
}

/// A Parquet file that appears once it is complete.
pub(crate) struct ParquetFile {
    writer: SerializedFileWriter<AtomicFile>,
}

impl ParquetFile {
    /// Begins a file with these columns that will stand at `path`.
    pub(crate) fn create(path: &Path, columns: &[Column<'_>]) -> Result<Self, MarketDataError> {
        let wrap = |error: ParquetError| failed(path, &error);
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(wrap)?))
            // Numbers of a feature hardly repeat; their bytes do, each place for itself.
            .set_dictionary_enabled(false)
            .set_encoding(Encoding::BYTE_STREAM_SPLIT);
        let mut fields = Vec::new();
        for column in columns {
            let field = match column {
                Column::Time(name) => {
                    let path = ColumnPath::new(vec![(*name).to_owned()]);
                    properties = properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
                    Type::primitive_type_builder(name, PhysicalType::INT64)
                        .with_repetition(Repetition::REQUIRED)
                        .with_logical_type(Some(LogicalType::timestamp(true, TimeUnit::NANOS)))
                }
                Column::Double(name) => Type::primitive_type_builder(name, PhysicalType::DOUBLE)
                    .with_repetition(Repetition::REQUIRED),
                Column::OptionalDouble(name) => Type::primitive_type_builder(name, PhysicalType::DOUBLE)
                    .with_repetition(Repetition::OPTIONAL),
                Column::Integer(name) => {
                    let path = ColumnPath::new(vec![(*name).to_owned()]);
                    properties = properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
                    Type::primitive_type_builder(name, PhysicalType::INT64)
                        .with_repetition(Repetition::REQUIRED)
                        .with_logical_type(Some(LogicalType::integer(64, false)))
                }
                Column::Boolean(name) => {
                    let path = ColumnPath::new(vec![(*name).to_owned()]);
                    properties = properties.set_column_encoding(path, Encoding::PLAIN);
                    Type::primitive_type_builder(name, PhysicalType::BOOLEAN)
                        .with_repetition(Repetition::REQUIRED)
                }
                Column::OptionalDecimal(name, places) => {
                    let places = i32::from(*places);
                    Type::primitive_type_builder(name, PhysicalType::INT64)
                        .with_repetition(Repetition::OPTIONAL)
                        .with_precision(DECIMAL_DIGITS)
                        .with_scale(places)
                        .with_logical_type(Some(LogicalType::decimal(places, DECIMAL_DIGITS)))
                }
            };
            fields.push(Arc::new(field.build().map_err(wrap)?));
        }
        let schema = Type::group_type_builder("schema").with_fields(fields).build().map_err(wrap)?;
        let file = AtomicFile::create(path)?;
        let writer =
            SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties.build())).map_err(wrap)?;
        Ok(Self { writer })
    }

    /// Writes a row group: the cells of every column, in order, the same number of rows for each.
    pub(crate) fn write(&mut self, path: &Path, columns: &[Cells<'_>]) -> Result<(), MarketDataError> {
        self.write_group(columns).map_err(|error| failed(path, &error))
    }

    fn write_group(&mut self, columns: &[Cells<'_>]) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for cells in columns {
            let Some(mut column) = group.next_column()? else {
                return Err(ParquetError::General("more columns than the schema has".to_owned()));
            };
            match cells {
                Cells::Time(values) => column.typed::<Int64Type>().write_batch(values, None, None)?,
                Cells::Double(values) => column.typed::<DoubleType>().write_batch(values, None, None)?,
                Cells::OptionalDouble(values, present) => {
                    column.typed::<DoubleType>().write_batch(values, Some(present), None)?
                }
                Cells::Integer(values) => column.typed::<Int64Type>().write_batch(values, None, None)?,
                Cells::Boolean(values) => column.typed::<BoolType>().write_batch(values, None, None)?,
                Cells::OptionalDecimal(values, present) => {
                    column.typed::<Int64Type>().write_batch(values, Some(present), None)?
                }
            };
            column.close()?;
        }
        group.close().map(drop)
    }

    /// Puts the file in its place.
    pub(crate) fn commit(self, path: &Path) -> Result<(), MarketDataError> {
        self.writer.into_inner().map_err(|error| failed(path, &error))?.commit()
    }
}

fn failed(path: &Path, error: &ParquetError) -> MarketDataError {
    MarketDataError::Write { path: path.to_owned(), source: std::io::Error::other(error.to_string()) }
}
