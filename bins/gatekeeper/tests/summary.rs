//! What the last line and the log say of a run: equity after a restart, bars that are missing, trading that is halted.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use feature_api::Bar;
use serde_json::Value;
use support::{Ended, Lab, altered, csv, decisions, line};

const MINUTE: u64 = 60_000_000_000;
const DAY: i64 = 86_400_000_000_000;

/// The decisions of an output.
fn values(stdout: &str) -> Vec<Value> {
    decisions(stdout).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The warnings of a log.
fn warnings(ended: &Ended) -> Vec<Value> {
    let lines = ended.stderr.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["level"] == "WARN").collect()
}

#[test]
fn equity_after_a_restart_is_that_of_the_last_bar() {
    let lab = Lab::new(450);
    let all = values(&lab.spawn("--bars $bars.csv").stdout);
    let held_after = |is_side: fn(i64) -> bool| {
        1 + all.iter().rposition(|bar| is_side(bar["lots"].as_i64().unwrap())).unwrap()
    };
    for bars in [held_after(|lots| lots < 0), held_after(|lots| lots > 0)] {
        let text = csv(&lab.series.bars[..bars]);
        let arguments = "--bars - --state $bot.state";
        let (first, _) = lab.run(arguments, &text);
        let (first, again) = (first.unwrap(), lab.run(arguments, &text).0.unwrap());
        assert_eq!((again.bars, again.skipped, again.bars_total), (0, bars as u64, bars as u64));
        assert_eq!(all[bars - 1]["equity"], again.equity);
        assert_ne!(all[bars - 1]["cash"], again.equity, "with a position, equity is not cash");
        assert_eq!((&again.equity, again.total_return), (&first.equity, first.total_return));
        // The next bar's fall is one from there.
        let next = csv(&lab.series.bars[..=bars]);
        let equity = |bar: usize| all[bar]["equity"].as_str().unwrap().parse::<f64>().unwrap();
        let fall = (equity(bars - 1) - equity(bars)) / equity(bars - 1);
        let found = lab.run(arguments, &next).0.unwrap().max_drawdown;
        assert!((found - if fall > 0.0 { fall } else { 0.0 }).abs() < 1e-15, "{found} {fall}");
        std::fs::remove_file(lab.path("bot.state")).unwrap();
    }
    assert_eq!(line(&lab.spawn("--bars $bars.csv").stdout, "summary")["skipped"], 0);
}

#[test]
fn missing_bars_are_counted_and_said_once() {
    let lab = Lab::new(450);
    let arguments = "--bars - --state $bot.state";
    let bars = &lab.series.bars;
    let check = |ended: &Ended, gaps: u64, missing: u64| {
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let summary = line(&ended.stdout, "summary");
        assert_eq!((&summary["gaps"], &summary["missing_ns"]), (&gaps.into(), &(missing * MINUTE).into()));
    };
    let whole = lab.pipe("--bars -", &csv(bars));
    check(&whole, 0, 0);
    assert!(warnings(&whole).is_empty(), "{}", whole.stderr);

    let with_gaps = [&bars[..100], &bars[101..150], &bars[157..200]].concat();
    let ended = lab.pipe(arguments, &csv(&with_gaps));
    check(&ended, 2, 8);
    let found = warnings(&ended);
    assert_eq!(found.len(), 1, "{}", ended.stderr);
    assert_eq!(found[0]["code"], "gap");
    assert_eq!(found[0]["ts_open"], bars[101].ts_open().0);
    assert_eq!(found[0]["missing_ns"], MINUTE);
    assert!(found[0]["message"].as_str().unwrap().contains("count bars, not time"), "{}", found[0]);

    // Across a restart: from the last bar of the state to the first that it has not seen.
    let ended = lab.pipe(arguments, &csv(&[&bars[190..200], &bars[205..300]].concat()));
    check(&ended, 1, 5);
    assert_eq!(warnings(&ended).len(), 1, "{}", ended.stderr);
    // Bars that are skipped have no gaps, and none is in front of the first bar there is.
    check(&lab.pipe(arguments, &csv(&[&bars[190..200], &bars[205..300]].concat())), 0, 0);
    check(&lab.pipe("--bars -", &csv(&bars[50..200])), 0, 0);
}

/// Rows whose orders that limit made other ones.
fn limited_by<'a>(all: &'a [Value], code: &str) -> Vec<&'a Value> {
    all.iter().filter(|bar| bar["limited_by"] == code).collect()
}

/// Warnings of that code are of these rows, with their equity and time.
#[track_caller]
fn assert_warned(ended: &Ended, code: &str, rows: &[&Value]) {
    let found: Vec<_> = warnings(ended).into_iter().filter(|warning| warning["code"] == code).collect();
    assert_eq!(found.len(), rows.len(), "{}", ended.stderr);
    for (warning, row) in found.iter().zip(rows) {
        assert_eq!((&warning["equity"], &warning["ts_close"]), (&row["equity"], &row["ts_event"]));
    }
}

#[test]
fn a_drawdown_that_halts_is_said_once_and_summed_up() {
    let lab = Lab::new(900);
    let ended = lab.spawn("--bars $bars.csv");
    assert_eq!(line(&ended.stdout, "summary")["halted"], Value::Null);
    lab.set("max_drawdown = 0.5", "max_drawdown = 0.004");
    let ended = lab.spawn("--bars $bars.csv --state $bot.state");
    let all = values(&ended.stdout);
    let halted = limited_by(&all, "drawdown");
    assert!(halted.len() > 1);
    assert_warned(&ended, "drawdown", &halted[..1]);
    assert_eq!(warnings(&ended).len(), 1, "{}", ended.stderr);
    assert_eq!(line(&ended.stdout, "summary")["halted"], "drawdown");
}

#[test]
fn bankruptcy_is_said_once_and_summed_up() {
    let lab = Lab::new(900);
    lab.set("equity_fraction = 0.5", "equity_fraction = 200")
        .set("max_position_notional = 20000", "max_position_notional = \"unlimited\"")
        .set("max_order_notional = 20000", "max_order_notional = \"unlimited\"")
        .set("max_volume_share = 0.1", "max_volume_share = \"unlimited\"")
        .set("max_leverage = 1", "max_leverage = \"unlimited\"")
        .set("max_drawdown = 0.5", "max_drawdown = \"unlimited\"")
        .set("max_daily_loss = 0.2", "max_daily_loss = \"unlimited\"");
    // A quarter is lost overnight, in the middle of the first position.
    let calm = values(&lab.spawn("--bars $bars.csv").stdout);
    let held = 1 + calm.iter().position(|bar| bar["lots"].as_i64().unwrap() > 0).unwrap();
    let fallen = |bar: &Bar| altered(bar, -bar.close().raw() / 4, 0);
    let bars: Vec<Bar> = lab.series.bars[held..].iter().map(fallen).collect();
    let ended = lab.pipe("--bars -", &csv(&[&lab.series.bars[..held], &bars].concat()));
    let all = values(&ended.stdout);
    let halted = limited_by(&all, "bankrupt");
    assert!(halted.len() > 1);
    assert_warned(&ended, "bankrupt", &halted[..1]);
    assert_eq!(warnings(&ended).len(), 1, "{}", ended.stderr);
    assert_eq!(line(&ended.stdout, "summary")["halted"], "bankrupt");
}

#[test]
fn a_daily_loss_is_said_once_a_day() {
    let lab = Lab::new(4400);
    lab.set("max_daily_loss = 0.2", "max_daily_loss = 0.002");
    let ended = lab.spawn("--bars $bars.csv");
    let all = values(&ended.stdout);
    let mut halted = limited_by(&all, "daily-loss");
    let rows = halted.len();
    // A close at midnight ends the day before.
    halted.dedup_by_key(|bar| (bar["ts_event"].as_i64().unwrap() - 1).div_euclid(DAY));
    assert!(halted.len() > 1 && rows > 10, "{} days, {rows} rows", halted.len());
    assert_warned(&ended, "daily-loss", &halted);
    assert_eq!(warnings(&ended).len(), halted.len(), "{}", ended.stderr);
    assert_eq!(line(&ended.stdout, "summary")["halted"], Value::Null, "it ends with the day");
}
