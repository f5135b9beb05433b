//! The backtest over events makes the decisions that the program makes, byte for byte, and its books are those.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use backtest::Metrics;
use model::Loaders;
use runtime::{Bot, EventConfig, EventCore, EventRecord, Stepper as _};
use support::{Lab, VERSION};

#[test]
fn the_backtest_takes_the_decisions_of_the_program() {
    let lab = Lab::new(1000);
    let expected = lab.decide(&lab.read("events.txt"));
    let config = EventConfig::read(&lab.path("scalper.toml")).unwrap();
    let mut bot = Bot::<EventCore>::open_events(&config, &VERSION, Loaders(&[])).unwrap();
    let market = bot.core.market().clone();
    let (mut events, mut found) = (lab.events.iter().cloned(), Vec::new());
    let run = backtest::run_events(&mut bot.core, &mut || Ok(events.next()), &mut |step| {
        found.push(serde_json::to_string(&EventRecord::of(step, &market)).unwrap());
    })
    .unwrap();
    assert_eq!(found, expected);
    assert_eq!(run.points.len(), expected.len());
    assert!(run.fills.len() > 4 && !run.trades.is_empty(), "{} fills", run.fills.len());
    let equity = run.points.last().unwrap().equity;
    let metric = Metrics::of(&run).get("final_equity").unwrap();
    assert_eq!(metric.to_bits(), equity.to_string().parse::<f64>().unwrap().to_bits());
    // Equity is the cash it began with, what the fills moved, and the position at its mark.
    let mut books = execution::Account::new(run.start).unwrap();
    run.fills.iter().for_each(|fill| books.apply(&market, fill).map(drop).unwrap());
    assert_eq!(books.equity(&market, run.points.last().unwrap().close).unwrap(), equity);
    assert_eq!(books.fees(), run.fees);
}
