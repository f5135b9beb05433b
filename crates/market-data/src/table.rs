//! Tables of feature rows.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use feature_api::Columns;

use crate::MarketDataError;
use crate::file::{Format, TextFile};
use crate::parquet_file::{Cells, Column, GROUP_ROWS, ParquetFile};

pub use crate::table_read::{Table, TableReader, read_table};

/// Names of the times of a row.
pub(crate) const TIMES: [&str; 2] = ["ts_event", "ts_available"];

/// Writes a table of feature rows: `ts_event`, `ts_available`, then a column for each name.
///
/// `.csv` or `.txt`, also with `.gz` or `.zst` behind: times in nanoseconds since 1970; a cell that is not valid
/// is empty; a whole number below 2^53 is its digits, another value the shortest text that reads back to the same f64
/// (in pandas with `float_precision="round_trip"`).
///
/// `.parquet`: times as INT64 timestamps in nanoseconds, UTC; values as OPTIONAL DOUBLE, null where not valid;
/// row groups of 65,536 rows, packed with zstd, the last one shorter.
///
/// The file appears under its name at [`finish`](TableWriter::finish); without that it never does.
pub struct TableWriter {
    path: PathBuf,
    width: usize,
    sink: Sink,
}

enum Sink {
    Text(Box<TextFile>),
    Parquet(Box<ParquetFile>, Group),
}

/// Rows that wait until a row group is full.
#[derive(Default)]
struct Group {
    times: [Vec<i64>; 2],
    /// The values that are there, by column.
    values: Vec<Vec<f64>>,
    /// Whether there is a value, by column and row: 1 or 0.
    present: Vec<Vec<i16>>,
}

impl TableWriter {
    /// Begins a table that will stand at `path`, with these names of its columns, in order.
    ///
    /// # Errors
    /// [`MarketDataError::Extension`], [`MarketDataError::Write`], and [`MarketDataError::Table`] where a name is
    /// empty, stands twice or is that of a time.
    pub fn create(path: &Path, names: &[&str]) -> Result<Self, MarketDataError> {
        let format = Format::of(path)?;
        let all: Vec<&str> = TIMES.iter().chain(names).copied().collect();
        let mut sorted = all.clone();
        sorted.sort_unstable();
        let twice = sorted.iter().zip(sorted.iter().skip(1)).find(|(name, next)| name == next);
        if let Some(name) =
            twice.map(|(name, _)| *name).or(sorted.first().copied().filter(|name| name.is_empty()))
        {
            return Err(MarketDataError::Table {
                path: path.to_owned(),
                reason: "names of columns",
                expected: "names that are not empty and stand once".to_owned(),
                found: format!("{name:?}"),
            });
        }
        let sink = match format {
            Format::Csv(packing) => {
                let mut file = TextFile::create(path, packing)?;
                let wrap = |source| MarketDataError::Write { path: path.to_owned(), source };
                // The writer of the csv crate quotes names where they need it.
                let mut header = csv::Writer::from_writer(Vec::new());
                header.write_record(&all).map_err(|error| wrap(error.into()))?;
                let header = header.into_inner().map_err(|error| wrap(error.into_error()))?;
                file.write_all(&header).map_err(wrap)?;
                Sink::Text(Box::new(file))
            }
            Format::Parquet => {
                let columns: Vec<Column<'_>> = TIMES
                    .into_iter()
                    .map(Column::Time)
                    .chain(names.iter().copied().map(Column::OptionalDouble))
                    .collect();
                let group = Group {
                    values: vec![Vec::new(); names.len()],
                    present: vec![Vec::new(); names.len()],
                    ..Group::default()
                };
                Sink::Parquet(Box::new(ParquetFile::create(path, &columns)?), group)
            }
        };
        Ok(Self { path: path.to_owned(), width: names.len(), sink })
    }

    /// Appends rows, as many columns wide as the table has names.
    ///
    /// # Errors
    /// [`MarketDataError::Table`] where the width is another; [`MarketDataError::Write`].
    pub fn write(&mut self, rows: &Columns) -> Result<(), MarketDataError> {
        if rows.width() != self.width {
            return Err(MarketDataError::Table {
                path: self.path.clone(),
                reason: "width of the rows",
                expected: format!("{} columns", self.width),
                found: format!("{} columns", rows.width()),
            });
        }
        match &mut self.sink {
            Sink::Text(file) => write_text(file, rows)
                .map_err(|source| MarketDataError::Write { path: self.path.clone(), source }),
            Sink::Parquet(file, group) => {
                let mut begin = 0;
                while begin < rows.len() {
                    let end = rows.len().min(begin + GROUP_ROWS - group.len());
                    group.extend(rows, begin, end);
                    if group.len() == GROUP_ROWS {
                        group.write(&self.path, file)?;
                    }
                    begin = end;
                }
                Ok(())
            }
        }
    }

    /// Completes the table and puts it in its place.
    ///
    /// # Errors
    /// [`MarketDataError::Write`]; what stood there before then still does.
    pub fn finish(self) -> Result<(), MarketDataError> {
        let Self { path, sink, .. } = self;
        match sink {
            Sink::Text(file) => file.commit(&path),
            Sink::Parquet(mut file, mut group) => {
                if group.len() > 0 {
                    group.write(&path, &mut file)?;
                }
                file.commit(&path)
            }
        }
    }
}

impl Group {
    fn len(&self) -> usize {
        self.times[0].len()
    }

    fn extend(&mut self, rows: &Columns, begin: usize, end: usize) {
        for (times, from) in self.times.iter_mut().zip([&rows.ts_event, &rows.ts_available]) {
            times.extend(from.iter().skip(begin).take(end - begin).map(|ts| ts.0));
        }
        for (index, (values, present)) in self.values.iter_mut().zip(&mut self.present).enumerate() {
            let (cells, valid) = rows.column(index);
            for (cell, valid) in cells.iter().zip(valid).skip(begin).take(end - begin) {
                if *valid {
                    values.push(*cell);
                }
                present.push(i16::from(*valid));
            }
        }
    }

    fn write(&mut self, path: &Path, file: &mut ParquetFile) -> Result<(), MarketDataError> {
        let cells: Vec<Cells<'_>> = self
            .times
            .iter()
            .map(|times| Cells::Time(times))
            .chain(self.values.iter().zip(&self.present).map(|(v, p)| Cells::OptionalDouble(v, p)))
            .collect();
        file.write(path, &cells)?;
        self.times.iter_mut().for_each(Vec::clear);
        self.values.iter_mut().for_each(Vec::clear);
        self.present.iter_mut().for_each(Vec::clear);
        Ok(())
    }
}

fn write_text(file: &mut TextFile, rows: &Columns) -> std::io::Result<()> {
    let columns: Vec<_> = (0..rows.width()).map(|index| rows.column(index)).collect();
    let mut line = String::new();
    for (row, (event, available)) in rows.ts_event.iter().zip(&rows.ts_available).enumerate() {
        line.clear();
        line.push_str(&format!("{event},{available}"));
        for (values, valid) in &columns {
            line.push(',');
            if let (Some(value), Some(true)) = (values.get(row), valid.get(row)) {
                line.push_str(&shortest_text(*value));
            }
        }
        line.push('\n');
        file.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// The shortest text that reads back to the same float: plain, or with an exponent where that is shorter.
fn shortest_text(value: f64) -> String {
    let plain = value.to_string();
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        return plain;
    }
    // No shorter text has an exponent: a digit, `e` and a digit.
    if plain.len() <= 3 {
        return plain;
    }
    let scientific = format!("{value:e}");
    if scientific.len() < plain.len() { scientific } else { plain }
}

#[cfg(test)]
mod tests {
    use feature_api::{Row, UnixNanos};
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::RowAccessor as _;
    use proptest::prelude::*;

    use super::*;

    fn rows(count: usize) -> Columns {
        let mut columns = Columns::new(2);
        for index in 0..count {
            let mut row = Row::new(2);
            row.ts_event = UnixNanos(index as i64);
            row.ts_available = UnixNanos(index as i64 + 1);
            row.set(0, (index % 3 != 0).then_some(index as f64 / 8.0));
            row.set(1, Some(-0.0));
            columns.push(&row);
        }
        columns
    }

    #[test]
    fn text_has_empty_cells_where_not_valid() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let mut table = TableWriter::create(&path, &["a", "b,c"]).unwrap();
        table.write(&rows(2)).unwrap();
        assert!(!path.exists());
        table.write(&rows(1)).unwrap();
        table.finish().unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "ts_event,ts_available,a,\"b,c\"\n0,1,,-0\n1,2,0.125,-0\n0,1,,-0\n"
        );
    }

    #[test]
    fn parquet_has_nulls_and_full_row_groups() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let mut table = TableWriter::create(&path, &["a", "b"]).unwrap();
        table.write(&rows(50_000)).unwrap();
        table.write(&rows(50_000)).unwrap();
        table.finish().unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
        assert_eq!(groups, [65_536, 34_464]);
        let expected = rows(50_000);
        for (index, row) in reader.get_row_iter(None).unwrap().enumerate() {
            let row = row.unwrap();
            let from = index % 50_000;
            assert_eq!(row.get_double(2).ok(), expected.get(from, 0), "row {index}");
            assert_eq!(row.get_double(3).map(f64::to_bits).ok(), Some((-0.0_f64).to_bits()));
        }
    }

    #[test]
    fn wrong_names_and_widths_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        for names in [&["a", "a"][..], &["ts_event"], &[""]] {
            assert!(matches!(TableWriter::create(&path, names), Err(MarketDataError::Table { .. })));
        }
        let mut table = TableWriter::create(&path, &["a"]).unwrap();
        assert!(matches!(table.write(&rows(1)), Err(MarketDataError::Table { .. })));
        drop(table);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn texts_are_short() {
        for (value, text) in [
            (0.1, "0.1"),
            (1e-7, "1e-7"),
            (1e300, "1e300"),
            (1234.5, "1234.5"),
            (-0.0, "-0"),
            (-100_000.0, "-100000"),
            (1_704_067_200_000.0, "1704067200000"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (1e16, "1e16"),
        ] {
            assert_eq!(shortest_text(value), text);
        }
    }

    proptest! {
        #[test]
        fn texts_read_back(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
            prop_assert_eq!(shortest_text(value).parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
        }
    }
}
