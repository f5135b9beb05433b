use feature_api::Columns;
use market_data::synth::{self, SynthOptions};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{DoubleType, Int64Type};
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::lab::{Lab, redact};

const SETS: [&str; 3] = ["core", "entry", "exit"];

/// A table as written: names, times, cells.
struct Table {
    names: Vec<String>,
    times: Vec<[i64; 2]>,
    cells: Vec<Vec<Option<u64>>>,
}

fn read_parquet(lab: &Lab, name: &str) -> Table {
    let reader = SerializedFileReader::new(std::fs::File::open(lab.path(name)).unwrap()).unwrap();
    let mut table = Table { names: Vec::new(), times: Vec::new(), cells: Vec::new() };
    let columns = reader.metadata().file_metadata().schema_descr().columns().to_vec();
    table.names = columns.iter().map(|column| column.name().to_owned()).collect();
    // By column: times as they are stored, not as timestamps of the parquet crate.
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).unwrap();
        let rows = usize::try_from(group.metadata().num_rows()).unwrap();
        let first = table.cells.len();
        table.times.resize(first + rows, [0; 2]);
        table.cells.resize(first + rows, Vec::new());
        for index in 0..columns.len() {
            let column = group.get_column_reader(index).unwrap();
            if index < 2 {
                let (mut column, mut times) = (get_typed_column_reader::<Int64Type>(column), Vec::new());
                column.read_records(rows, None, None, &mut times).unwrap();
                for (row, time) in times.into_iter().enumerate() {
                    table.times[first + row][index] = time;
                }
                continue;
            }
            let (mut column, mut levels) = (get_typed_column_reader::<DoubleType>(column), Vec::new());
            let mut values = Vec::new();
            column.read_records(rows, Some(&mut levels), None, &mut values).unwrap();
            let mut values = values.into_iter();
            for (row, level) in levels.iter().enumerate() {
                table.cells[first + row].push((*level == 1).then(|| values.next().unwrap().to_bits()));
            }
        }
    }
    table
}

fn read_csv(lab: &Lab, name: &str) -> Table {
    let mut reader = csv::Reader::from_path(lab.path(name)).unwrap();
    let names = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let mut table = Table { names, times: Vec::new(), cells: Vec::new() };
    for record in reader.records() {
        let record = record.unwrap();
        table.times.push([0, 1].map(|index| record[index].parse().unwrap()));
        let cell = |text: &str| (!text.is_empty()).then(|| text.parse::<f64>().unwrap().to_bits());
        table.cells.push(record.iter().skip(2).map(cell).collect());
    }
    table
}

#[test]
fn batch_and_stream_and_every_input_format_give_the_same_bytes() {
    let lab = Lab::new();
    for name in ["bars.csv", "bars.csv.gz", "bars.csv.zst", "bars.parquet"] {
        lab.synth(5000, name);
    }
    for set in SETS {
        for out in ["parquet", "csv"] {
            let base = format!("base.{out}");
            let options = format!("features --features 1 --set {set}");
            lab.must(&format!("{options} --bars bars.csv --out {base}"));
            for (bars, mode) in [
                ("bars.csv", "stream"),
                ("bars.csv.gz", "batch"),
                ("bars.csv.zst", "batch"),
                ("bars.parquet", "batch"),
                ("bars.parquet", "stream"),
            ] {
                lab.must(&format!("{options} --bars {bars} --mode {mode} --out other.{out}"));
                assert!(lab.read(&base) == lab.read(&format!("other.{out}")), "{set}, {out}: {bars}, {mode}");
            }
        }
    }
}

#[test]
fn a_finer_grid_gives_the_same_bytes() {
    let lab = Lab::with_bars(1000);
    for set in SETS {
        let options = format!("features --features 1 --set {set} --bars bars.csv");
        lab.must(&format!("{options} --out a.csv"));
        lab.must(&format!("{options} --out b.csv --price-decimals 6 --volume-decimals 8"));
        assert!(lab.read("a.csv") == lab.read("b.csv"), "{set}");
    }
}

#[test]
fn the_table_holds_the_bits_of_the_engine() {
    let lab = Lab::with_bars(5000);
    let bars = synth::bars(&SynthOptions { rows: 5000, seed: 7, ..SynthOptions::default() }).bars;
    for set in SETS {
        let mut engine = features_v1::by_name(set, &[]).unwrap();
        let mut rows = Columns::new(engine.schema().width());
        engine.update_bars(&bars, &mut rows).unwrap();
        let options = format!("features --features 1 --set {set} --bars bars.csv");
        for out in ["a.parquet", "a.csv"] {
            lab.must(&format!("{options} --out {out}"));
            let table = if out == "a.csv" { read_csv(&lab, out) } else { read_parquet(&lab, out) };
            assert_eq!(table.names[..2], ["ts_event", "ts_available"]);
            let names: Vec<&str> = engine.schema().features().iter().map(|feature| feature.name).collect();
            assert_eq!(table.names[2..], names);
            assert_eq!(table.cells.len(), 5000);
            for (row, cells) in table.cells.iter().enumerate() {
                assert_eq!(table.times[row], [rows.ts_event[row].0, rows.ts_available[row].0]);
                for (column, cell) in cells.iter().enumerate() {
                    let expected = rows.get(row, column).map(f64::to_bits);
                    assert_eq!(*cell, expected, "{set}, {out}: row {row}, {}", names[column]);
                }
            }
        }
    }
}

#[test]
fn parameters_reach_the_engine() {
    let lab = Lab::with_bars(200);
    let options = "features --features 1 --set core --bars bars.csv";
    lab.must(&format!("{options} --out a.csv"));
    lab.must(&format!("{options} --out b.csv --param rsi=7"));
    let [a, b] = ["a.csv", "b.csv"].map(|name| read_csv(&lab, name));
    let first = |table: &Table| table.cells.iter().position(|row| row[0].is_some());
    assert_eq!((first(&a), first(&b)), (Some(14), Some(7)));
    assert!(a.cells.iter().zip(&b.cells).all(|(a, b)| a[1..] == b[1..]));
}

#[test]
fn packed_output_is_the_plain_output() {
    let lab = Lab::with_bars(500);
    for out in ["a.csv", "a.csv.gz", "a.csv.zst"] {
        lab.must(&format!("features --features 1 --set core --bars bars.csv --out {out}"));
    }
    // The table is a CSV that the reader of bars unpacks and reads: closes and volumes are in it.
    let columns = "time,_,_,_,_,_,_,_,_,_,_,_,_,_,_,_,close,open,high,low,volume";
    let read = |name: &str| {
        lab.must(&format!("inspect-data {name} --json --timestamp close --columns {columns}")).stdout
    };
    let plain = read("a.csv");
    for name in ["a.csv.gz", "a.csv.zst"] {
        assert_eq!(read(name).replace(name, "a.csv"), plain);
    }
}

#[test]
fn the_summary_says_what_was_done() {
    let lab = Lab::with_bars(100);
    let lines: Vec<String> = lab.text("bars.csv").lines().map(str::to_owned).collect();
    let kept = |from: usize, to: usize| lines[from..to].join("\n");
    lab.write("gaps.csv", &format!("{}\n{}\n{}\n", kept(0, 50), kept(52, 70), kept(80, 101)));
    lab.write("twice.csv", &format!("{}\n{}\n", kept(0, 50), kept(49, 101)));
    lab.write("short.csv", &kept(0, 11));
    let mut text = String::new();
    for bars in ["bars.csv", "gaps.csv", "short.csv", "twice.csv --skip-problems"] {
        let done = lab.must(&format!("features --features 1 --set core --out a.csv --bars {bars}"));
        assert_eq!(done.stdout, "");
        text += &format!("[{bars}]\n{}\n", redact(&done.stderr));
    }
    super::snapshots::check("features_summary", &text);
}

#[test]
fn made_up_bars_are_those_of_synth() {
    let lab = Lab::new();
    lab.must("synth --kind bars --rows 700 --seed 1 --out bars.csv");
    lab.must("features --features 1 --set core --bars bars.csv --out a.csv");
    lab.must("features --features 1 --set core --synth 700 --out b.csv");
    assert!(lab.read("a.csv") == lab.read("b.csv"));
}
