//! One column of a Parquet file, cell by cell.

use std::path::Path;

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, Int96};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

use crate::MarketDataError;
use crate::time::Unit;

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Nothing.
    Null,
    /// A truth value.
    Boolean(bool),
    /// An integer.
    Integer(i128),
    /// An integer over a power of ten.
    Decimal(i128, i32),
    /// A DOUBLE.
    Double(f64),
    /// A FLOAT.
    Single(f32),
    /// Text.
    Text(ByteArray),
    /// Nanoseconds since 1970.
    Nanos(i128),
}

/// What the values of a column mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Boolean,
    Signed,
    Unsigned,
    Decimal(i32),
    Float,
    Text,
    Time(Unit),
    /// Days since 1970.
    Date,
    /// The timestamps of old Spark and Hive: 96 bits.
    Julian,
}

impl Meaning {
    /// What a column means; `None` where it is of no use for bars.
    pub(crate) fn of(column: &ColumnDescriptor) -> Option<Self> {
        let converted = column.converted_type();
        let logical = column.logical_type_ref();
        let decimal = match logical {
            Some(LogicalType::Decimal(decimal)) => Some(decimal.scale),
            _ if converted == ConvertedType::DECIMAL => Some(column.type_scale()),
            _ => None,
        };
        if column.max_rep_level() > 0 || column.max_def_level() > 1 {
            return None;
        }
        match (column.physical_type(), decimal) {
            (PhysicalType::BOOLEAN, _) => Some(Self::Boolean),
            (PhysicalType::INT96, _) => Some(Self::Julian),
            (PhysicalType::FLOAT | PhysicalType::DOUBLE, _) => Some(Self::Float),
            (_, Some(scale)) => Some(Self::Decimal(scale)),
            (PhysicalType::FIXED_LEN_BYTE_ARRAY, None) => None,
            (PhysicalType::BYTE_ARRAY, None) => Some(Self::Text),
            (PhysicalType::INT32 | PhysicalType::INT64, None) => match (logical, converted) {
                (Some(LogicalType::Timestamp(timestamp)), _) => Some(Self::Time(match timestamp.unit {
                    TimeUnit::MILLIS => Unit::Millis,
                    TimeUnit::MICROS => Unit::Micros,
                    TimeUnit::NANOS => Unit::Nanos,
                })),
                (_, ConvertedType::TIMESTAMP_MILLIS) => Some(Self::Time(Unit::Millis)),
                (_, ConvertedType::TIMESTAMP_MICROS) => Some(Self::Time(Unit::Micros)),
                (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => Some(Self::Date),
                (Some(LogicalType::Time(_)), _)
                | (_, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS | ConvertedType::INTERVAL) => {
                    None
                }
                (
                    _,
                    ConvertedType::UINT_8
                    | ConvertedType::UINT_16
                    | ConvertedType::UINT_32
                    | ConvertedType::UINT_64,
                ) => Some(Self::Unsigned),
                _ => Some(Self::Signed),
            },
        }
    }

    fn int32(self, value: i32) -> Cell {
        match self {
            Self::Unsigned => Cell::Integer(i128::from(value.cast_unsigned())),
            Self::Boolean
            | Self::Signed
            | Self::Decimal(_)
            | Self::Float
            | Self::Text
            | Self::Time(_)
            | Self::Date
            | Self::Julian => self.int64(i64::from(value)),
        }
    }

    fn int64(self, value: i64) -> Cell {
        const NANOS_PER_DAY: i128 = 86_400_000_000_000;
        match self {
            Self::Unsigned => Cell::Integer(i128::from(value.cast_unsigned())),
            Self::Decimal(scale) => Cell::Decimal(i128::from(value), scale),
            Self::Time(unit) => Cell::Nanos(unit.nanos(i128::from(value))),
            Self::Date => Cell::Nanos(i128::from(value) * NANOS_PER_DAY),
            Self::Boolean | Self::Signed | Self::Float | Self::Text | Self::Julian => {
                Cell::Integer(i128::from(value))
            }
        }
    }

    fn bytes(self, value: ByteArray) -> Cell {
        let Self::Decimal(scale) = self else { return Cell::Text(value) };
        let bytes = value.data();
        // Big-endian two's complement. What is wider than 16 bytes is beyond every grid.
        match bytes {
            [] => Cell::Null,
            [first, ..] if bytes.len() <= 16 => {
                let fill = if *first >= 0x80 { -1 } else { 0 };
                Cell::Decimal(
                    bytes.iter().fold(fill, |value: i128, byte| value << 8 | i128::from(*byte)),
                    scale,
                )
            }
            _ => Cell::Decimal(i128::MAX, scale),
        }
    }
}

/// The cells of a column in a row group.
pub(crate) struct ColumnCells {
    reader: ColumnReader,
    meaning: Meaning,
    max_def_level: i16,
}

impl ColumnCells {
    /// The cells that `reader` gives.
    pub(crate) fn new(reader: ColumnReader, column: &ColumnDescriptor, meaning: Meaning) -> Self {
        Self { reader, meaning, max_def_level: column.max_def_level() }
    }

    /// Replaces `cells` by the next ones, at most `count`; fewer only at the end of the row group.
    pub(crate) fn next(&mut self, count: usize, cells: &mut Vec<Cell>) -> Result<(), ParquetError> {
        cells.clear();
        let (meaning, max) = (self.meaning, self.max_def_level);
        match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => fill(reader, count, max, cells, Cell::Boolean),
            ColumnReader::Int32ColumnReader(reader) => fill(reader, count, max, cells, |v| meaning.int32(v)),
            ColumnReader::Int64ColumnReader(reader) => fill(reader, count, max, cells, |v| meaning.int64(v)),
            ColumnReader::Int96ColumnReader(reader) => fill(reader, count, max, cells, |v| julian(&v)),
            ColumnReader::FloatColumnReader(reader) => fill(reader, count, max, cells, Cell::Single),
            ColumnReader::DoubleColumnReader(reader) => fill(reader, count, max, cells, Cell::Double),
            ColumnReader::ByteArrayColumnReader(reader) => {
                fill(reader, count, max, cells, |v| meaning.bytes(v))
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                fill(reader, count, max, cells, |v| meaning.bytes(v.into()))
            }
        }
    }
}

fn fill<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    count: usize,
    max_def_level: i16,
    cells: &mut Vec<Cell>,
    cell: impl Fn(T::T) -> Cell,
) -> Result<(), ParquetError> {
    let mut values = Vec::new();
    let mut levels = Vec::new();
    let mut rows = 0;
    while rows < count {
        let (read, ..) = reader.read_records(count - rows, Some(&mut levels), None, &mut values)?;
        if read == 0 {
            break;
        }
        rows += read;
    }
    if max_def_level == 0 {
        cells.extend(values.into_iter().map(cell));
    } else {
        let mut values = values.into_iter();
        for level in levels {
            let value = if level == max_def_level { values.next() } else { None };
            cells.push(value.map_or(Cell::Null, &cell));
        }
    }
    Ok(())
}

/// Nanoseconds of the day, then the Julian day number.
fn julian(value: &Int96) -> Cell {
    const JULIAN_DAY_OF_1970: i128 = 2_440_588;
    match value.data() {
        [low, high, day] => {
            let nanos = i128::from(u64::from(*high) << 32 | u64::from(*low));
            Cell::Nanos((i128::from(day.cast_signed()) - JULIAN_DAY_OF_1970) * 86_400_000_000_000 + nanos)
        }
        _ => Cell::Null,
    }
}

/// An error for a column that is of no use.
pub(crate) fn wrong_type(path: &Path, column: &ColumnDescriptor, expected: &'static str) -> MarketDataError {
    MarketDataError::ColumnType {
        path: path.to_owned(),
        column: column.name().to_owned(),
        found: format!(
            "{}{}{}",
            column.physical_type(),
            column.logical_type_ref().map(|logical| format!(" ({logical:?})")).unwrap_or_default(),
            if column.max_rep_level() > 0 || column.max_def_level() > 1 { ", nested" } else { "" }
        ),
        expected,
    }
}
