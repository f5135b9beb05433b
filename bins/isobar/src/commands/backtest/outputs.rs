//! What a backtest leaves: a table, a page, decisions, trades, positions.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use backtest::report::Report;
use backtest::{Intervals, Metric, Metrics, Run, Unit};
use execution::ExitReason;
use feature_api::{FeatureVersion, Position, Side};
use market_data::file::AtomicFile;
use runtime::{ArtifactsConfig, Bot, Config};
use serde::Serialize;

use super::history::History;
use super::legs::Notes;
use super::{Options, identity, usage};
use crate::out_file;
use crate::print::{self, Align};

/// The files that are written.
pub struct Outputs<'a>(&'a Options);

/// What was run.
pub struct Story<'a> {
    pub options: &'a Options,
    pub version: &'static FeatureVersion,
    pub config: &'a Config,
    pub bot: &'a Bot,
    pub history: &'a History,
    pub run: &'a Run,
}

/// A file of lines of JSON.
pub struct Lines {
    pub file: AtomicFile,
    line: Vec<u8>,
}

impl Lines {
    pub fn write(&mut self, record: &impl Serialize) -> anyhow::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record)?;
        self.line.push(b'\n');
        self.file
            .write_all(&self.line)
            .with_context(|| format!("cannot write {}", self.file.path().display()))
    }
}

impl<'a> Outputs<'a> {
    /// Checks every place before any work is done.
    pub fn of(options: &'a Options) -> anyhow::Result<Self> {
        let outputs = Self(options);
        let places = outputs.places();
        for (index, place) in places.iter().enumerate() {
            let inputs: Vec<&Path> = options.inputs().collect();
            out_file::check_place(place, &inputs)?;
            let same = |other: &&Path| out_file::place(other) == out_file::place(place);
            if places.iter().skip(index + 1).any(same) {
                return usage(format!("{} is named for two outputs", place.display()));
            }
        }
        if options.report.as_ref().is_some_and(|path| path.extension().is_none_or(|ending| ending != "html"))
        {
            return usage("--report: the name of a page ends in .html".to_owned());
        }
        Ok(outputs)
    }

    /// Refuses to replace a model or a key that the configuration names.
    pub fn spare(&self, artifacts: Option<&ArtifactsConfig>) -> anyhow::Result<()> {
        let Some(artifacts) = artifacts else { return Ok(()) };
        let keys = artifacts.trusted_keys.iter().flatten();
        let inputs: Vec<&Path> =
            [&artifacts.entry].into_iter().chain(&artifacts.exit).chain(keys).map(AsRef::as_ref).collect();
        self.places().into_iter().try_for_each(|place| out_file::check_place(place, &inputs))
    }

    fn places(&self) -> Vec<&Path> {
        let Options { report, decisions, trades, positions, .. } = self.0;
        [report, decisions, trades, positions].into_iter().flatten().map(AsRef::as_ref).collect()
    }

    /// The file of decisions, begun.
    pub fn decisions(&self) -> anyhow::Result<Option<Lines>> {
        let begin = |path: &std::path::PathBuf| {
            anyhow::Ok(Lines { file: AtomicFile::create(path)?, line: Vec::with_capacity(1024) })
        };
        self.0.decisions.as_ref().map(begin).transpose()
    }

    /// Writes every file that is asked for, each whole or not at all.
    pub fn write(
        &self,
        story: &Story<'_>,
        metrics: &Metrics,
        intervals: Option<&Intervals>,
        notes: &Notes,
        lines: Option<Lines>,
    ) -> anyhow::Result<()> {
        if let Some(path) = &self.0.report {
            put(path, &page(story, metrics, intervals, notes)?)?;
        }
        if let Some(path) = &self.0.trades {
            put(path, &trades(story.run))?;
        }
        if let Some(path) = &self.0.positions {
            put(path, &positions(story, notes))?;
        }
        if let (Some(path), Some(lines)) = (&self.0.decisions, lines) {
            lines.file.commit()?;
            wrote(path);
        }
        Ok(())
    }
}

pub fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    file.commit()?;
    wrote(path);
    Ok(())
}

pub fn wrote(path: &Path) {
    print::status(&format!("wrote {}", path.display()));
}

fn page(
    story: &Story<'_>,
    metrics: &Metrics,
    intervals: Option<&Intervals>,
    notes: &Notes,
) -> anyhow::Result<String> {
    let title = format!("{}, {}", story.config.instrument.symbol(), story.config.strategy.name);
    // No time: the same run gives the same page. The whole commit stands among what identifies the run.
    let commit = env!("ISOBAR_COMMIT");
    let made = format!("by isobar {} at {}", env!("CARGO_PKG_VERSION"), commit.get(..10).unwrap_or(commit));
    Ok(backtest::report::html(&Report {
        title: &title,
        made: &made,
        run: story.run,
        metrics,
        intervals,
        out_of_sample_from: story.history.out_of_sample_from,
        models: notes.sections(story.bot, story.history)?,
        identity: identity::groups(story),
        warnings: story.history.warnings.iter().cloned().chain(notes.halts()).collect(),
    }))
}

/// A line for each round trip. Values are exact decimals.
pub fn trades(run: &Run) -> String {
    let mut text = String::from(
        "side,ts_entry,ts_exit,quantity,entry_price,exit_price,gross,fees,net,spread,slippage,bars_held,exit\n",
    );
    let scale = run.market.grid().price_scale();
    for trade in &run.trades {
        let exit = match trade.exit {
            ExitReason::Signal => "signal",
            ExitReason::Stop => "stop",
            ExitReason::Take => "take",
        };
        let cells = [
            side(trade.side).to_owned(),
            trade.ts_entry.to_string(),
            trade.ts_exit.to_string(),
            quantity(run, trade.lots),
            market_data::decimal_text(trade.entry_price.raw(), scale),
            market_data::decimal_text(trade.exit_price.raw(), scale),
            trade.gross.to_string(),
            trade.fees.to_string(),
            trade.net().to_string(),
            trade.spread.to_string(),
            trade.slippage.to_string(),
            trade.bars_held.to_string(),
            exit.to_owned(),
        ];
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// That many lots, as an exact decimal.
fn quantity(run: &Run, lots: i64) -> String {
    let lot = run.market.instrument().lot();
    lots.checked_mul(lot.raw()).map_or_else(
        || run.market.qty_f64(lots).to_string(),
        |raw| market_data::decimal_text(raw, lot.scale()),
    )
}

const fn side(side: Side) -> &'static str {
    match side {
        Side::Long => "long",
        Side::Short => "short",
    }
}

/// A line for each change of position, as `isobar build --positions` takes it.
fn positions(story: &Story<'_>, notes: &Notes) -> String {
    let mut text = String::from("ts,side,price\n");
    let scale = story.run.market.grid().price_scale();
    let mut before: Option<Position> = None;
    for (bar, position) in story.history.bars().iter().zip(notes.positions()) {
        if *position == before {
            continue;
        }
        match position {
            Some(open) => {
                let ts = if before.is_some_and(|before| before.ts_entry == open.ts_entry) {
                    bar.ts_open()
                } else {
                    open.ts_entry
                };
                let price = market_data::decimal_text(open.entry_price.raw(), scale);
                text.push_str(&format!("{ts},{},{price}\n", side(open.side)));
            }
            None => text.push_str(&format!("{},flat,\n", bar.ts_open())),
        }
        before = *position;
    }
    text
}

/// The figures, beside their intervals and buying and holding.
pub fn table(metrics: &Metrics, intervals: Option<&Intervals>) -> String {
    let interval = |metric: &Metric| {
        let found = intervals?.all.iter().find(|interval| interval.name == metric.name)?;
        Some(format!("{} … {}", show(found.low, metric.unit), show(found.high, metric.unit)))
    };
    let row = |metric: &Metric| {
        let value =
            |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| show(value, metric.unit));
        [
            metric.title.to_owned(),
            value(metric.value),
            interval(metric).unwrap_or_default(),
            metric.buy_and_hold.map_or_else(String::new, |value| show(value, metric.unit)),
        ]
    };
    let confidence = intervals.map_or_else(String::new, |all| {
        format!("{} % interval", print::significant(all.options.confidence * 100.0))
    });
    let rows: Vec<_> = metrics.all.iter().map(row).collect();
    let columns = [
        ("", Align::Left),
        ("strategy", Align::Right),
        (confidence.as_str(), Align::Right),
        ("buy and hold", Align::Right),
    ];
    print::table(columns, &rows)
}

/// A figure in its unit.
pub fn show(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Fraction => format!("{:.2} %", value * 100.0),
        Unit::Ratio => format!("{value:.2}"),
        Unit::Count => format!("{value:.0}"),
        Unit::Bars => format!("{value:.0} bars"),
        Unit::Money => format!("{value:.2}"),
    }
}
