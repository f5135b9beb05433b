//! Many runs of a backtest at once.

use std::process::ExitCode;

use anyhow::bail;
use backtest::{Metrics, Swept};

use super::Source;
use super::history::History;
use super::outputs::show;
use crate::print;

/// The figures of the table.
const SHOWN: [(&str, &str); 7] = [
    ("total_return", "return"),
    ("sharpe", "Sharpe"),
    ("max_drawdown", "drawdown"),
    ("trades", "trades"),
    ("hit_rate", "hit rate"),
    ("profit_factor", "profit factor"),
    ("fees", "fees"),
];

/// Runs every combination and prints a table of them.
pub fn run(source: &Source<'_>, history: &History) -> anyhow::Result<ExitCode> {
    let settings = backtest::grid(&source.options.axes);
    let threads = source.options.threads.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
        usize::from,
    );
    let progress = print::progress(settings.len() as u64, "runs");
    let done = backtest::sweep(
        settings,
        threads,
        |settings| one(source, history, settings).map_err(|error| format!("{error:#}")),
        |done| progress.set_position(done as u64),
    );
    progress.finish_and_clear();
    print::result(&table(&done))?;
    let failed: Vec<&Swept> = done.iter().filter(|swept| swept.outcome.is_err()).collect();
    let Some(first) = failed.first() else {
        print::status(&format!("{}: {}", source.options.bars().display(), history.describe()));
        history.warnings.iter().for_each(|warning| print::status(&format!("  note: {warning}")));
        print::status(
            "  note: the best of many runs is partly the luckiest; measure what you choose on bars it has not seen",
        );
        return Ok(ExitCode::SUCCESS);
    };
    let settings: Vec<String> = first.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let reason = first.outcome.as_ref().err().map_or("", String::as_str);
    bail!("{} of {} runs failed; the first, {}: {reason}", failed.len(), done.len(), settings.join(" "))
}

fn one(source: &Source<'_>, history: &History, settings: &[(String, String)]) -> anyhow::Result<Metrics> {
    let config = source.config(settings)?;
    let mut bot = source.bot(&config, history.series.grid)?;
    let warm = history.parts().0.len();
    Ok(Metrics::of(&backtest::run_after(&mut bot.core, &history.series.bars, warm, &mut |_| {})?))
}

/// A line for each run.
fn table(done: &[Swept]) -> String {
    let keys = done.first().map_or(&[][..], |swept| &swept.settings);
    let mut head: Vec<String> = keys.iter().map(|(key, _)| key.clone()).collect();
    head.extend(SHOWN.map(|(_, title)| title.to_owned()));
    let mut rows = vec![head];
    for swept in done {
        let mut row: Vec<String> = swept.settings.iter().map(|(_, value)| value.clone()).collect();
        let figure = |name: &str| {
            let metrics = swept.outcome.as_ref().ok()?;
            let metric = metrics.all.iter().find(|metric| metric.name == name)?;
            metric.value.map(|value| show(value, metric.unit))
        };
        row.extend(SHOWN.map(|(name, _)| figure(name).unwrap_or_else(|| "-".to_owned())));
        rows.push(row);
    }
    aligned(&rows)
}

/// Columns to the right, as wide as they must be.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
        cells.collect::<Vec<_>>().join("  ") + "\n"
    };
    rows.iter().map(line).collect()
}
