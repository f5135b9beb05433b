//! Bars that are refused: the decisions before them stand, the code says why, and the bot goes on from there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use feature_api::{Bar, BarFields, UnixNanos};
use support::{Lab, csv, decisions, row};

/// Rows before the one that is refused.
const GOOD: usize = 60;

/// A market, a header, and a row more than is good.
struct Case {
    lab: Lab,
    header: &'static str,
    rows: Vec<String>,
}

const HEADER: &str = "ts_open,ts_close,ts_available,open,high,low,close,volume\n";

impl Case {
    fn new() -> Self {
        let lab = Lab::new(200);
        let rows = lab.series.bars[..=GOOD].iter().map(row).collect();
        Self { lab, header: HEADER, rows }
    }

    /// Adds a column.
    fn with_column(mut self, header: &'static str, values: impl Fn(usize) -> &'static str) -> Self {
        self.header = header;
        for (index, row) in self.rows.iter_mut().enumerate() {
            *row = format!("{},{}\n", row.trim_end(), values(index));
        }
        self
    }

    fn with_last(mut self, last: impl Into<String>) -> Self {
        self.rows[GOOD] = last.into();
        self
    }

    /// The last row is refused with that code and these texts, from standard input and from a file.
    #[track_caller]
    fn refused(self, name: &str, texts: &[&str]) {
        let text = self.header.to_owned() + &self.rows.concat();
        let good = self.header.to_owned() + &self.rows[..GOOD].concat();
        let expected = self.lab.decide(&good);
        assert_eq!(expected.len(), GOOD);
        let all = csv(&self.lab.series.bars);
        let whole = self.lab.decide(&all);
        self.lab.write("bad.csv", &text);
        for bars in ["-", "$bad.csv"] {
            let arguments = format!("--bars {bars} --state $bot.state --out $decisions.jsonl");
            let ended = self.lab.pipe(&arguments, &text);
            ended.assert_refused(name, texts);
            assert_eq!(self.lab.read("decisions.jsonl").lines().collect::<Vec<_>>(), expected);
            assert_eq!(ended.stdout.lines().count(), 1, "no summary of a run that failed");
            // What was decided is saved: whole bars go on from there.
            let again = self.lab.pipe("--bars - --state $bot.state --out $decisions.jsonl", &all);
            assert_eq!(again.code, Some(0), "{}", again.stderr);
            assert_eq!(self.lab.read("decisions.jsonl").lines().collect::<Vec<_>>(), whole);
            for name in ["bot.state", "decisions.jsonl"] {
                std::fs::remove_file(self.lab.path(name)).unwrap();
            }
        }
        assert_eq!(decisions(&self.lab.pipe("--bars -", &text).stdout), expected, "on standard output");
    }
}

/// The bar after the good ones, at other times.
fn at(ts_open: i64, ts_close: i64) -> String {
    let bar = &Lab::new(200).series.bars[GOOD];
    let ts = UnixNanos(ts_close);
    let fields = BarFields { ts_open: UnixNanos(ts_open), ts_close: ts, ts_available: ts, ..*bar.fields() };
    row(&Bar::new(fields).unwrap())
}

const MINUTE: i64 = 60_000_000_000;

#[test]
fn out_of_order_and_repeated() {
    let case = Case::new();
    let earlier = case.rows[GOOD - 2].clone();
    case.with_last(earlier).refused("bar-order", &["line 62"]);
    let case = Case::new();
    let same = case.rows[GOOD - 1].clone();
    case.with_last(same).refused("bar-order", &["line 62"]);
    let begin = 1_704_067_200_000_000_000 + GOOD as i64 * MINUTE - MINUTE / 2;
    Case::new().with_last(at(begin, begin + MINUTE)).refused("bar-order", &["line 62"]);
}

#[test]
fn of_another_length() {
    let begin = 1_704_067_200_000_000_000 + GOOD as i64 * MINUTE;
    Case::new()
        .with_last(at(begin, begin + 5 * MINUTE))
        .refused("bar-interval", &["line 62", "60000000000 ns"]);
}

/// Every fifth minute alone, in a file that does not say when its bars close.
#[test]
fn of_another_length_throughout() {
    let lab = Lab::new(200);
    let row = |bar: &Bar| format!("{},45000.5,45000.5,45000.5,45000.5,1\n", bar.ts_open().0);
    let rows: String = lab.series.bars.iter().step_by(5).map(row).collect();
    lab.write("five.csv", format!("time,open,high,low,close,volume\n{rows}"));
    for decimals in ["as configured", "as the file tells"] {
        if decimals != "as configured" {
            lab.set("price_decimals = 2\nvolume_decimals = 5\n", "");
        }
        lab.spawn("--bars $five.csv").assert_refused("bar-interval", &["300000000000 ns", "60000000000 ns"]);
    }
}

#[test]
fn not_closed_yet() {
    // In the year 2200: later than any clock that this test will meet.
    let begin = 7_258_118_400_000_000_000;
    Case::new().with_last(at(begin, begin + MINUTE)).refused("bar-unclosed", &["expected a closed bar"]);
    let closed = |index| if index == GOOD { "false" } else { "true" };
    let header = "ts_open,ts_close,ts_available,open,high,low,close,volume,closed\n";
    Case::new().with_column(header, closed).refused("bar-unclosed", &["line 62", "closed"]);
}

#[test]
fn of_another_instrument() {
    let header = "ts_open,ts_close,ts_available,open,high,low,close,volume,symbol\n";
    let symbol = |index| if index == GOOD { "TOYEUR" } else { "TOYUSD" };
    Case::new().with_column(header, symbol).refused("bar-instrument", &["line 62", "TOYEUR", "TOYUSD"]);
    let case = Case::new();
    let last = case.rows[GOOD].trim_end().to_owned() + "001\n";
    assert!(last.split(',').nth(7).unwrap().contains('.'));
    case.with_last(last).refused("bar-instrument", &["line 62"]);
}

#[test]
fn that_are_no_bars() {
    let with_high = |high: &str| {
        let case = Case::new();
        let mut cells: Vec<&str> = case.rows[GOOD].trim_end().split(',').collect();
        cells[4] = high;
        let last = cells.join(",") + "\n";
        case.with_last(last)
    };
    with_high("nan").refused("bar-invalid", &["line 62", "nan"]);
    with_high("").refused("bar-invalid", &["line 62"]);
    with_high("1").refused("bar-invalid", &["line 62"]);
    Case::new().with_last("garbage\n").refused("bar-invalid", &["line 62", "1 cells"]);
    Case::new().with_last("\u{0}\u{1}\u{ff},,,,,,,\n").refused("bar-invalid", &["line 62"]);
}

/// What a message advises can be done here: options of other programs are not named.
#[test]
fn advice_that_can_be_followed() {
    let message = |lab: &Lab, arguments: &str, text: &str| {
        let ended = lab.pipe(arguments, text);
        ended.critical()[0]["message"].as_str().unwrap().to_owned()
    };
    let lab = Lab::new(200);
    let rows = &lab.series.bars[..2];
    let finer = csv(rows).trim_end().to_owned() + "001\n";
    let found = message(&lab, "--bars -", &finer);
    assert!(found.contains("set [bars] volume_decimals in the configuration to 7"), "{found}");
    let newest_first = csv(&[rows[1], rows[0]]);
    let found = message(&lab, "--bars -", &newest_first);
    assert!(found.contains("sort the file, oldest first") && !found.contains("--order"), "{found}");
    let found = message(&lab, "--bars -", "time,open,high,low,close\n2024-01-01 00:00:00,1,1,1,1\n");
    assert!(found.contains("set [bars] volume = \"none\" in the configuration"), "{found}");
    assert!(found.contains("name the columns with --columns"), "this one there is: {found}");
    lab.write("bad.csv", csv(rows) + "garbage\n");
    lab.set("price_decimals = 2\nvolume_decimals = 5\n", "");
    let found = message(&lab, "--bars $bad.csv", "");
    assert!(found.contains("\ncorrect the file") && !found.contains("--skip-problems"), "{found}");
}

/// Cut off in the middle of a row: on standard input wherever it is cut, for half a number is a number.
#[test]
fn cut_off() {
    let lab = Lab::new(200);
    let whole = csv(&lab.series.bars[..=GOOD]);
    let expected = lab.decide(&csv(&lab.series.bars[..GOOD]));
    let begin = whole.trim_end().rfind('\n').unwrap() + 1;
    for cut in [begin + 1, begin + 30, whole.len() - 3, whole.len() - 1] {
        let ended = lab.pipe("--bars -", &whole[..cut]);
        ended.assert_refused("bars-cut", &["line 61", "expected a line end"]);
        assert_eq!(decisions(&ended.stdout), expected);
    }
    lab.write("cut.csv", &whole[..begin + 30]);
    lab.spawn("--bars $cut.csv").assert_refused("bar-invalid", &["line 62", "cells"]);
}

#[test]
fn no_bars_at_all() {
    let lab = Lab::new(200);
    for (text, name, message) in [
        ("", "bars-empty", "no bars"),
        ("\n\n", "bars-empty", "no bars"),
        (HEADER, "bars-empty", "no bars"),
        ("\u{1b}[2J garbage\n", "bars-unreadable", "no column"),
        ("a,b,c\n1,2,3\n", "bars-unreadable", "no column"),
    ] {
        let ended = lab.pipe("--bars - --state $bot.state --out $decisions.jsonl", text);
        ended.assert_refused(name, &[message]);
        assert_eq!(lab.read("decisions.jsonl"), "");
    }
    lab.spawn("--bars $none.csv").assert_refused("bars-unreadable", &["none.csv"]);
    lab.spawn("--bars $gatekeeper.toml").assert_refused("usage", &[".csv"]);
    lab.spawn("--bars $bars.csv --columns time,oops").assert_refused("usage", &["oops"]);
}

#[test]
fn command_lines_that_cannot_be_meant() {
    let lab = Lab::new(200);
    for arguments in ["", "--bars", "--bars $bars.csv --state-every 5", "--bars $bars.csv --what"] {
        let ended = lab.spawn(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments}");
        assert!(ended.stderr.contains("try '--help'"), "{}", ended.stderr);
    }
    assert_eq!(lab.spawn("--bars $bars.csv --state $bot.state --state-every 0").code, Some(2));
}

/// A configuration without decimals: a file tells them, standard input does not.
#[test]
fn decimals_that_nothing_tells() {
    let lab = Lab::new(200);
    let expected = lab.decide(&lab.read("bars.csv"));
    lab.set("price_decimals = 2\nvolume_decimals = 5\n", "");
    let ended = lab.pipe("--bars -", &lab.read("bars.csv"));
    ended.assert_refused("configuration", &["bars.price_decimals"]);
    assert_eq!(lab.spawn("--dry-run").code, Some(3));
    assert_eq!(decisions(&lab.spawn("--bars $bars.csv").stdout), expected);
    market_data::write_bars(&lab.path("bars.parquet"), &lab.series).unwrap();
    assert_eq!(decisions(&lab.spawn("--bars $bars.parquet").stdout), expected);
}
