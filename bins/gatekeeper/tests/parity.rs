//! The backtest and the program decide the same, bit for bit, on every bar; and where they did not, it would show.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use feature_api::{Bar, BarFields, Grid, Price, UnixNanos};
use model::Loaders;
use runtime::{Bot, Config, Record};
use support::models::{entry_split_at, rows};
use support::{Lab, altered, csv, decisions};

/// Enough for both warm-ups, and for positions of every end.
const BARS: u64 = 900;

/// The decisions of a backtest, a line each.
fn backtest(lab: &Lab, bars: &[Bar]) -> Vec<String> {
    let config = Config::read(&lab.path("gatekeeper.toml")).unwrap();
    let version = &features_v1::FEATURES;
    let mut bot = Bot::open(&config, version, bars[0].grid(), Loaders(&[])).unwrap();
    let market = bot.core.exchange().market().clone();
    let mut lines = Vec::new();
    let mut on_step = |step: &runtime::Step<'_>| {
        lines.push(serde_json::to_string(&Record::of(step, &market)).unwrap());
    };
    backtest::run(&mut bot.core, bars, &mut on_step).unwrap();
    lines
}

/// How many lines differ.
fn differing(a: &[String], b: &[String]) -> usize {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}

#[test]
fn backtest_and_program_decide_the_same_on_every_bar() {
    let lab = Lab::new(BARS);
    let expected = backtest(&lab, &lab.series.bars);
    assert_eq!(expected.len() as u64, BARS);
    let ended = lab.spawn("--bars $bars.csv");
    assert_eq!((ended.code, ended.stderr.contains("critical")), (Some(0), false), "{}", ended.stderr);
    assert_eq!(decisions(&ended.stdout), expected);
    assert_eq!(lab.decide(&lab.read("bars.csv")), expected, "the library, and standard input");
    market_data::write_bars(&lab.path("bars.parquet"), &lab.series).unwrap();
    assert_eq!(decisions(&lab.spawn("--bars $bars.parquet").stdout), expected, "a whole file");
    // The comparison is of something: every kind of reason and of fill there is.
    for text in [
        "\"why\":\"warm-up\"",
        "\"why\":\"below-threshold\"",
        "\"why\":\"entry\"",
        "\"why\":\"holding\"",
        "\"why\":\"exit-model\"",
        "\"why\":\"exit-time\"",
        "\"action\":\"enter-long\"",
        "\"action\":\"enter-short\"",
        "\"kind\":\"market\"",
        "\"kind\":\"stop\"",
        "\"kind\":\"take\"",
        "\"exit\":-0.",
    ] {
        assert!(expected.iter().any(|line| line.contains(text)), "no decision has {text}");
    }
}

#[test]
fn a_difference_shows() {
    let lab = Lab::new(BARS);
    let expected = backtest(&lab, &lab.series.bars);

    lab.set("taker_fee = 0.0002", "taker_fee = 0.000200001");
    assert!(differing(&expected, &lab.decide(&lab.read("bars.csv"))) > 0, "another cost");
    lab.set("taker_fee = 0.000200001", "taker_fee = 0.0002");

    let mut bars = lab.series.bars.clone();
    bars[500] = altered(&bars[500], 1, 0);
    let found = lab.decide(&csv(&bars));
    assert!(differing(&expected, &found) > 0, "another bar");
    assert_eq!(expected[..500], found[..500]);

    assert_eq!(lab.decide(&lab.read("bars.csv")), expected, "and back again");
}

/// The last bit of a threshold, of the configuration and of a model, where a value lies on it.
#[test]
fn the_last_bit_of_a_threshold_shows() {
    let lab = Lab::new(BARS);
    let probability = |line: &String| {
        serde_json::from_str::<serde_json::Value>(line).unwrap()["entry"].as_f64().filter(|p| *p > 0.55)
    };
    let on_it = backtest(&lab, &lab.series.bars).iter().find_map(probability).unwrap();
    let decide_at = |threshold: f64| {
        let config = lab.read("gatekeeper.toml");
        let line = config.lines().find(|line| line.starts_with("threshold")).unwrap().to_owned();
        lab.set(&format!("\n{line}\n"), &format!("\nthreshold = {threshold}\n"));
        lab.decide(&lab.read("bars.csv"))
    };
    assert!(differing(&decide_at(on_it), &decide_at(on_it.next_up())) > 0, "of the configuration");

    let _ = decide_at(0.55);
    // The first prediction: what was decided before cannot be the difference.
    let lines = backtest(&lab, &lab.series.bars);
    let first = lines.iter().position(|line| !line.contains("\"entry\":\"warm-up\"")).unwrap();
    let rsi = rows("core", &lab.series)[first].get(0).unwrap();
    let decide_split_at = |rsi: f64| {
        lab.write("entry.iso", entry_split_at(rsi).seal(&lab.series));
        lab.decide(&lab.read("bars.csv"))
    };
    let (expected, found) = (decide_split_at(rsi), decide_split_at(rsi.next_up()));
    assert_eq!(expected[..first], found[..first]);
    assert_ne!(expected[first], found[first], "of the model");
}

/// Orders on a finer tick than the prices of the file, and a configuration that leaves the decimals to it.
#[test]
fn a_tick_finer_than_the_prices_of_the_file() {
    let lab = Lab::new(BARS);
    lab.set("tick_size = 0.01", "tick_size = 0.001").set("price_decimals = 2\nvolume_decimals = 5\n", "");
    let finer = Grid::new(3, lab.series.grid.qty_scale()).unwrap();
    let price = |price: Price| Price::from_raw(price.raw() * 10).unwrap();
    let on_finer = |bar: &Bar| {
        let fields = *bar.fields();
        let (open, high) = (price(fields.open), price(fields.high));
        let (low, close) = (price(fields.low), price(fields.close));
        Bar::new(BarFields { grid: finer, open, high, low, close, ..fields }).unwrap()
    };
    let bars: Vec<Bar> = lab.series.bars.iter().map(on_finer).collect();
    let expected = backtest(&lab, &bars);
    let is_finer = |line: &String| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let price = line["fills"][0]["price"].as_f64().unwrap_or(0.0);
        (price * 100.0 - (price * 100.0).round()).abs() > 0.05
    };
    assert!(expected.iter().any(is_finer), "some fill is between the prices of the file");
    let ended = lab.spawn("--bars $bars.csv");
    assert_eq!((ended.code, decisions(&ended.stdout)), (Some(0), expected.clone()), "{}", ended.stderr);
    market_data::write_bars(&lab.path("bars.parquet"), &lab.series).unwrap();
    let ended = lab.spawn("--bars $bars.parquet --state $bot.state");
    assert_eq!((ended.code, decisions(&ended.stdout)), (Some(0), expected), "{}", ended.stderr);
    // The same grid again, so the state is of this bot.
    assert_eq!(lab.spawn("--bars $bars.parquet --state $bot.state").code, Some(0));
}

/// A feed that comes late: what is decided on it fills at the first open that it could be sent before.
#[test]
fn bars_that_are_known_late_fill_no_earlier() {
    const LATE: i64 = 5 * 60_000_000_000;
    let lab = Lab::new(BARS);
    let late = |bar: &Bar| {
        let ts_available = UnixNanos(bar.ts_close().0 + LATE);
        Bar::new(BarFields { ts_available, ..*bar.fields() }).unwrap()
    };
    let bars: Vec<Bar> = lab.series.bars.iter().map(late).collect();
    let found = lab.decide(&csv(&bars));
    assert_eq!(found, backtest(&lab, &bars));
    assert!(differing(&found, &backtest(&lab, &lab.series.bars)) > 0, "being late is not free");
    let rows: Vec<serde_json::Value> = found.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut filled = 0;
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| row["order"].is_object()) {
        let sent = row["ts_available"].as_i64().unwrap();
        assert_eq!(sent, bars[index].ts_close().0 + LATE);
        let fills = |row: &serde_json::Value| {
            let fills = row["fills"].as_array().unwrap().clone();
            fills.iter().any(|fill| fill["order"] == rows[index]["order"]["id"] && fill["kind"] == "market")
        };
        let Some(first) = rows.iter().position(fills) else { continue };
        filled += 1;
        let can_fill = bars.iter().position(|bar| bar.ts_open().0 >= sent).unwrap();
        assert!(first >= can_fill, "sent at {sent}, filled in bar {first}, not before {can_fill}");
        assert!(bars[first].ts_open().0 >= sent);
    }
    assert!(filled > 10, "{filled} orders were filled");
}
