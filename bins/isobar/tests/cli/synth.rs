use super::lab::{Lab, redact};

#[test]
fn every_format_holds_the_same_bars() {
    let lab = Lab::new();
    let done = lab.must("synth --kind bars --rows 300 --seed 7 --interval 5m --out a.csv");
    assert_eq!(redact(&done.stderr), "wrote a.csv: 300 bars of 5m from seed 7 in [time]\n");
    assert_eq!(done.stdout, "");
    for out in ["a.csv.gz", "a.csv.zst", "a.parquet"] {
        lab.must(&format!("synth --kind bars --rows 300 --seed 7 --interval 5m --out {out}"));
    }
    let read = |name: &str| market_data::read_bars(&lab.path(name), &Default::default()).unwrap();
    let bars = read("a.csv").bars;
    assert_eq!(bars.len(), 300);
    assert_eq!(bars[0].ts_close().0 - bars[0].ts_open().0, 300_000_000_000);
    for name in ["a.csv.gz", "a.csv.zst", "a.parquet"] {
        assert_eq!(read(name).bars, bars, "{name}");
    }
}

#[test]
fn a_seed_is_a_series() {
    let lab = Lab::new();
    for (out, seed) in [("a.csv", 1), ("b.csv", 1), ("c.csv", 2)] {
        lab.must(&format!("synth --kind bars --rows 300 --seed {seed} --out {out}"));
    }
    assert_eq!(lab.read("a.csv"), lab.read("b.csv"));
    assert_ne!(lab.read("a.csv"), lab.read("c.csv"));
}

#[test]
fn an_existing_file_is_replaced_whole() {
    let lab = Lab::new();
    lab.write("a.csv", "old");
    lab.synth(10, "a.csv");
    assert!(lab.text("a.csv").starts_with("ts_open,"));
    assert_eq!(lab.names(), ["a.csv"]);
}
