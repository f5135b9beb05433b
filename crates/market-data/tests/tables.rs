//! A table is read back with the bits it was written with; what was not written so is refused, and no bytes make the
//! reader panic.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use feature_api::{Columns, Row, UnixNanos};
use market_data::table::{Table, TableReader, TableWriter, read_table};
use market_data::{MarketDataError, synth, write_bars};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

fn columns(width: usize, rows: &[(i64, Vec<Option<f64>>)]) -> Columns {
    let mut columns = Columns::new(width);
    for (ts, cells) in rows {
        let mut row = Row::new(width);
        row.ts_event = UnixNanos(*ts);
        row.ts_available = UnixNanos(ts.wrapping_add(1));
        cells.iter().enumerate().for_each(|(index, cell)| row.set(index, *cell));
        columns.push(&row);
    }
    columns
}

fn write(path: &Path, names: &[&str], rows: &Columns) {
    let mut table = TableWriter::create(path, names).unwrap();
    table.write(rows).unwrap();
    table.finish().unwrap();
}

/// Everything of a table, as integers that compare as bits.
fn bits(rows: &Columns) -> Vec<(i64, i64, Vec<Option<u64>>)> {
    (0..rows.len())
        .map(|row| {
            let cells = (0..rows.width()).map(|column| rows.get(row, column).map(f64::to_bits));
            (rows.ts_event[row].0, rows.ts_available[row].0, cells.collect())
        })
        .collect()
}

proptest! {
    // Each case syncs a file.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_table_is_read_back_with_its_bits(
        width in 0..70_usize,
        seeds in proptest::collection::vec((any::<i64>(), any::<u64>()), 0..200),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let cell = |seed: u64, column: usize| {
            let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(column as u32);
            (!mixed.is_multiple_of(5)).then_some(f64::from_bits(mixed))
        };
        let rows: Vec<_> = seeds
            .iter()
            .map(|(ts, seed)| (*ts, (0..width).map(|column| cell(*seed, column)).collect()))
            .collect();
        let written = columns(width, &rows);
        let names: Vec<String> = (0..width).map(|column| format!("f{column}")).collect();
        write(&path, &names.iter().map(String::as_str).collect::<Vec<_>>(), &written);
        let Table { names: found, rows } = read_table(&path).unwrap();
        prop_assert_eq!(found, names);
        prop_assert_eq!(bits(&rows), bits(&written));
    }
}

#[test]
fn many_row_groups_are_read_some_rows_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let rows: Vec<_> = (0..150_000_i64)
        .map(|ts| (ts, vec![(ts % 7 != 0).then_some(ts as f64 / 3.0), None, Some(-0.0)]))
        .collect();
    let written = columns(3, &rows);
    write(&path, &["a.b", "never", "zero"], &written);
    assert_eq!(bits(&read_table(&path).unwrap().rows), bits(&written));

    let mut reader = TableReader::open(&path).unwrap();
    assert_eq!(reader.names(), ["a.b", "never", "zero"]);
    let (mut chunk, mut read, mut chunks) = (Columns::new(3), 0, 0);
    while reader.read(&mut chunk).unwrap() {
        assert!((1..=8192).contains(&chunk.len()), "{}", chunk.len());
        assert_eq!(chunk.ts_event.first(), Some(&UnixNanos(read)));
        (read, chunks) = (read + chunk.len() as i64, chunks + 1);
        chunk.clear();
    }
    assert_eq!((read, chunks), (150_000, 8 + 8 + 3));
    let mut narrow = Columns::new(2);
    assert!(matches!(reader.read(&mut narrow), Err(MarketDataError::Table { .. })));
}

/// Writes a file with that schema: 3 rows of 7 in each column of INT64 or DOUBLE.
fn write_schema(path: &Path, fields: &str) {
    let schema = Arc::new(parse_message_type(&format!("message schema {{ {fields} }}")).unwrap());
    let file = std::fs::File::create(path).unwrap();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    while let Some(mut column) = group.next_column().unwrap() {
        let levels = [1, 1, 1];
        if matches!(column.untyped(), ColumnWriter::Int64ColumnWriter(_)) {
            column.typed::<Int64Type>().write_batch(&[7, 7, 7], Some(&levels), None).unwrap();
        } else {
            column.typed::<DoubleType>().write_batch(&[7.0, 7.0, 7.0], Some(&levels), None).unwrap();
        }
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn what_was_not_written_so_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let event = "required int64 ts_event (TIMESTAMP(NANOS,true));";
    let times = format!("{event} required int64 ts_available (TIMESTAMP(NANOS,true));");

    write_schema(&path, &format!("{times} optional double a;"));
    assert_eq!(read_table(&path).unwrap().rows.get(2, 0), Some(7.0), "the test writes what is read");

    for (fields, expected) in [
        (String::new(), "ts_event, ts_available"),
        (event.to_owned(), "ts_event, ts_available"),
        (format!("optional double a; {times}"), "ts_event, ts_available"),
        (format!("{times} optional double a; optional double a;"), "stand once, found \"a\""),
        (format!("{times} optional double ts_event;"), "stand once, found \"ts_event\""),
        (format!("{times} required double a;"), "optional DOUBLE"),
        (format!("{times} repeated double a;"), "optional DOUBLE"),
        (format!("{times} optional int64 a;"), "optional DOUBLE"),
        (format!("{times} optional group g {{ optional double a; }}"), "optional DOUBLE"),
        (times.replacen("required", "optional", 1), "required INT64 timestamp"),
        (times.replacen("true", "false", 1), "required INT64 timestamp"),
        (times.replacen("NANOS", "MICROS", 1), "required INT64 timestamp"),
        (times.replacen("(TIMESTAMP(NANOS,true))", "", 1), "required INT64 timestamp"),
    ] {
        if fields.contains("repeated") || fields.contains("group") || fields.is_empty() {
            // Only the schema matters: no rows.
            let schema = Arc::new(parse_message_type(&format!("message schema {{ {fields} }}")).unwrap());
            let file = std::fs::File::create(&path).unwrap();
            SerializedFileWriter::new(file, schema, Arc::default()).unwrap().close().unwrap();
        } else {
            write_schema(&path, &fields);
        }
        let error = read_table(&path).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(expected), "{fields:?}: {error:?} should say {expected:?}");
    }

    let series = synth::bars(&synth::SynthOptions { rows: 5, ..Default::default() });
    write_bars(&path, &series).unwrap();
    assert!(matches!(read_table(&path), Err(MarketDataError::Table { .. })), "bars are no table");
    let text = folder.path().join("t.csv");
    write(&text, &["a"], &columns(1, &[(0, vec![None])]));
    assert!(matches!(read_table(&text), Err(MarketDataError::Table { .. })));
    let missing = folder.path().join("no.parquet");
    assert!(matches!(read_table(&missing), Err(MarketDataError::Open { .. })));
}

#[test]
fn no_damage_makes_the_reader_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let rows: Vec<_> =
        (0..40_i64).map(|ts| (ts * ts, vec![(ts % 3 != 0).then_some(ts as f64 / 7.0)])).collect();
    let written = columns(1, &rows);
    write(&path, &["a"], &written);
    let whole = std::fs::read(&path).unwrap();

    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(read_table(&path).is_err(), "{length} of {} bytes", whole.len());
    }
    let mut refused = 0;
    for index in 0..whole.len() {
        for flip in [0x01, 0xff] {
            let mut damaged = whole.clone();
            damaged[index] ^= flip;
            std::fs::write(&path, &damaged).unwrap();
            match read_table(&path) {
                // A value or a time that was damaged is one still: hashes are there to find that.
                Ok(table) => assert_eq!(table.rows.width(), table.names.len()),
                Err(error) => {
                    refused += 1;
                    assert!(error.to_string().contains("t.parquet"), "{error}");
                }
            }
        }
    }
    assert!(refused > whole.len() / 2, "{refused} of {} damaged files are refused", 2 * whole.len());
}
