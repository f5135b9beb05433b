//! Each option of a bar file: the same bars written another way give the same table.

use market_data::decimal_text;
use market_data::synth::{self, SynthOptions};

use super::lab::Lab;

const ROWS: u32 = 300;

/// The bars as rows of text with another time.
fn rows(time: impl Fn(i64, i64) -> String) -> Vec<String> {
    let bars = synth::bars(&SynthOptions { rows: ROWS.into(), seed: 7, ..SynthOptions::default() }).bars;
    let row = |bar: &feature_api::Bar| {
        let price = |price: feature_api::Price| decimal_text(price.raw(), 2);
        format!(
            "{},{},{},{},{},{}",
            time(bar.ts_open().0, bar.ts_close().0),
            price(bar.open()),
            price(bar.high()),
            price(bar.low()),
            price(bar.close()),
            decimal_text(bar.volume().raw(), 5),
        )
    };
    bars.iter().map(row).collect()
}

const HEADER: &str = "time,open,high,low,close,volume";

/// Month, day, hour and minute of January 2024.
fn american(nanos: i64) -> String {
    let minutes = (nanos - 1_704_067_200_000_000_000) / 60_000_000_000;
    format!("01/{:02}/2024 {:02}:{:02}", 1 + minutes / 1440, minutes / 60 % 24, minutes % 60)
}

#[test]
fn the_same_bars_give_the_same_table() {
    let lab = Lab::with_bars(ROWS);
    let core = ["features", "--features", "1", "--set", "core", "--bars"];
    let table = |file: &str, options: &[&str]| {
        let args = [&core[..], &[file, "--out", "out.csv"], options].concat();
        let done = lab.run_args(&args);
        assert_eq!(done.code, 0, "{options:?}\n{}", done.stderr);
        lab.text("out.csv")
    };
    let expected = table("bars.csv", &[]);
    let check = |lines: &[String], options: &[&str]| {
        lab.write("other.csv", &(lines.join("\n") + "\n"));
        assert!(table("other.csv", options) == expected, "{options:?}");
    };
    let with_header = |rows: Vec<String>| [vec![HEADER.to_owned()], rows].concat();

    for (unit, size) in [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1)] {
        let lines = with_header(rows(|open, _| (open / size).to_string()));
        check(&lines, &["--time", unit]);
        check(&lines, &["--time", "auto"]);
    }
    check(&with_header(rows(|open, _| american(open))), &["--time-format", "%m/%d/%Y %H:%M"]);
    check(&with_header(rows(|_, close| close.to_string())), &["--timestamp", "close"]);
    let open = |open: i64, _| open.to_string();
    check(&rows(open), &["--columns", HEADER]);
    check(&with_header(rows(open)), &["--interval", "1m", "--price-decimals", "2", "--volume-decimals", "5"]);
    let mut newest_first = rows(open);
    newest_first.reverse();
    check(&with_header(newest_first), &["--order", "newest-first"]);
    let mut damaged = with_header(rows(open));
    damaged.insert(7, "no,row,at,all,is,this".to_owned());
    check(&damaged, &["--skip-problems"]);
}

#[test]
fn without_volume_every_volume_is_zero() {
    let lab = Lab::new();
    let lines: Vec<String> = rows(|open, _| open.to_string())
        .iter()
        .map(|row| row.rsplit_once(',').unwrap().0.to_owned())
        .collect();
    lab.write("bars.csv", &format!("time,open,high,low,close\n{}\n", lines.join("\n")));
    lab.must("features --features 1 --set core --bars bars.csv --volume none --out out.csv");
    assert!(lab.text("out.csv").lines().skip(1).all(|line| line.ends_with(",0")));
}
