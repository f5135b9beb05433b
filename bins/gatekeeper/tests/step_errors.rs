//! A step that fails halfway leaves a bot that is not whole: its state is not saved.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fs;

use support::{Lab, csv};

/// Positions worth more than money holds: the first order is refused, after the bar has been filled and shown.
fn lab() -> Lab {
    let lab = Lab::new(200);
    lab.set("equity_fraction = 0.5", "lots = 9223372036854775807")
        .set("max_position_notional = 20000", "max_position_notional = \"unlimited\"")
        .set("max_order_notional = 20000", "max_order_notional = \"unlimited\"")
        .set("max_leverage = 1", "max_leverage = \"unlimited\"");
    lab
}

#[test]
fn the_state_of_a_bot_that_is_not_whole_is_not_saved() {
    let lab = lab();
    let run = |name: &str, bars: &str, every: &str| {
        lab.pipe(&format!("--bars - --state ${name}.state --out ${name}.jsonl {every}"), bars)
    };
    let state = |name: &str| fs::read(lab.path(&format!("{name}.state"))).unwrap();
    let all = lab.read("bars.csv");

    let every_bar = run("every", &all, "");
    every_bar.assert_refused("step", &["bar that closes at"]);
    let decided = lab.read("every.jsonl").lines().count();
    assert!(decided > 10, "{decided} decisions before it");
    // As after the bars before alone, which end well.
    assert_eq!(run("before", &csv(&lab.series.bars[..decided]), "").code, Some(0));
    assert_eq!(state("every"), state("before"));
    assert_eq!(lab.read("every.jsonl"), lab.read("before.jsonl"));
    // Again, and again not.
    run("every", &all, "").assert_refused("step", &[]);
    assert_eq!(state("every"), state("before"));

    // Where it was not due, it stays what it was at the beginning.
    run("none", "ts_open,ts_close,ts_available,open,high,low,close,volume\n", "")
        .assert_refused("bars-empty", &[]);
    run("seldom", &all, "--state-every 1000").assert_refused("step", &[]);
    assert_eq!(state("seldom"), state("none"));
    assert_eq!(lab.read("seldom.jsonl"), lab.read("before.jsonl"), "what was decided is out");
}
