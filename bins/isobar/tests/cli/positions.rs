use market_data::synth::{self, SynthOptions};

use super::lab::Lab;

/// More than the command computes at a time (8,192).
const ROWS: usize = 9000;

#[test]
fn features_of_the_position_are_there_exactly_while_one_is_open() {
    let lab = Lab::with_bars(ROWS as u32);
    let bars = synth::bars(&SynthOptions { rows: ROWS as u64, seed: 7, ..SynthOptions::default() }).bars;
    let close = |row: usize| bars[row].ts_close().0;
    let events = [
        // At the close of bar 49, when bar 50 opens: bar 50 is the entry bar.
        (close(49), "long", "45000.5"),
        // Just after the close of bar 99: seen from bar 100 on.
        (close(99) + 1, "flat", ""),
        (close(149), "short", "44000"),
        // Turned round at once, without being flat.
        (close(200) - 1, "long", "44100"),
        // Opened and closed between two bars: no bar sees it.
        (close(249) + 1, "0", ""),
        (close(249) + 2, "1", "45000"),
        (close(249) + 3, "0", ""),
        // Across the end of a batch.
        (close(8190) + 1, "short", "45000"),
        (close(8192) + 1, "flat", "0"),
        // After the last bar.
        (close(ROWS - 1) + 1, "-1", "45000"),
    ];
    let rows: String = events.iter().map(|(ts, side, price)| format!("{ts},{side},{price}\n")).collect();
    lab.write("positions.csv", &format!("ts,side,price\n{rows}"));

    let options = "features --features 1 --set exit --bars bars.csv --positions positions.csv";
    let done = lab.must(&format!("{options} --out batch.csv"));
    assert!(done.stderr.contains("  positions  10 changes, 1 after the last bar\n"), "{}", done.stderr);
    lab.must(&format!("{options} --mode stream --out stream.csv"));
    assert!(lab.read("batch.csv") == lab.read("stream.csv"));
    for (mode, out) in [("batch", "a.parquet"), ("stream", "b.parquet")] {
        lab.must(&format!("{options} --mode {mode} --out {out}"));
    }
    assert!(lab.read("a.parquet") == lab.read("b.parquet"));
    lab.must("features --features 1 --set exit --bars bars.csv --out without.csv");

    let read = |name: &str| {
        let mut reader = csv::Reader::from_path(lab.path(name)).unwrap();
        let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        (names, rows)
    };
    let (names, with) = read("batch.csv");
    let (_, without) = read("without.csv");
    let at = |name: &str| names.iter().position(|found| found == name).unwrap();
    let position = ["time_held", "current_pnl_pct", "pnl_from_peak", "volatility_since_entry"].map(at);
    for (row, (with, without)) in with.iter().zip(&without).enumerate() {
        let entry = match row {
            50..100 => Some((50, 1.0, 45_000.5)),
            150..200 => Some((150, -1.0, 44_000.0)),
            200..250 => Some((200, 1.0, 44_100.0)),
            8191..8193 => Some((8191, -1.0, 45_000.0)),
            _ => None,
        };
        for column in 0..names.len() {
            if position.contains(&column) {
                assert_eq!(!with[column].is_empty(), entry.is_some(), "row {row}, {}", names[column]);
                assert_eq!(&without[column], "", "row {row}, {}", names[column]);
            } else {
                assert_eq!(with[column], without[column], "row {row}, {}", names[column]);
            }
        }
        let Some((entry_row, side, price)) = entry else { continue };
        let number = |column: usize| with[column].parse::<f64>().unwrap();
        assert_eq!(number(position[0]), (row - entry_row) as f64, "row {row}");
        let close = bars[row].close().raw() as f64 / 100.0;
        let expected = 100.0 * side * (close / price - 1.0);
        assert!((number(position[1]) - expected).abs() < 1e-9, "row {row}: {expected}");
        assert!(number(position[2]) <= 0.0, "row {row}");
    }
}

#[test]
fn a_file_without_changes_leaves_the_position_flat() {
    let lab = Lab::with_bars(100);
    lab.write("positions.csv", "ts,side,price\n");
    lab.must("features --features 1 --set exit --bars bars.csv --out a.csv --positions positions.csv");
    lab.must("features --features 1 --set exit --bars bars.csv --out b.csv");
    assert_eq!(lab.text("a.csv"), lab.text("b.csv"));
}

#[test]
fn a_position_from_before_the_bars_is_refused() {
    let lab = Lab::with_bars(100);
    lab.write("positions.csv", "ts,side,price\n2023-12-31T23:00:00Z,long,45000\n");
    let done =
        lab.run("features --features 1 --set exit --bars bars.csv --out a.csv --positions positions.csv");
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("the position was entered at"), "{}", done.stderr);
    assert_eq!(lab.names(), ["bars.csv", "positions.csv"]);
}
