//! `isobar backtest`: what a configured bot would have done on a file of bars.

mod history;
mod identity;
mod legs;
mod outputs;
mod sweeping;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use backtest::{Axis, BootstrapOptions, Metrics, Run};
use clap::Args;
use feature_api::{FeatureVersion, Grid};
use model::Loaders;
use runtime::{Bot, Config, Record};

use crate::bar_options::BarOptions;
use crate::error::Usage;
use crate::set_options::VERSIONS;
use crate::{out_file, print};
use history::History;
use outputs::Outputs;

/// Run a configured bot over a file of bars, with the code that production runs
///
/// The configuration is that of gatekeeper, and so are the decisions, bit for bit. Models are verified first. Prints
/// what it comes to beside buying and holding; --report writes it as a page.
#[derive(Debug, Args)]
pub struct Options {
    /// The bot: a configuration such as bins/gatekeeper/gatekeeper.example.toml
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The bars: .csv or .txt, also with .gz or .zst behind, or .parquet
    #[arg(long, value_name = "FILE")]
    bars: PathBuf,
    /// Begin where the models' training data ends, behind the bars their last labels looked at
    #[arg(long)]
    out_of_sample: bool,
    /// Set a key of the configuration to another value, such as strategy.threshold=0.6; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = parse_setting)]
    settings: Vec<(String, String)>,
    /// Run every combination of these values instead, such as strategy.threshold=0.5,0.55,0.6; may be repeated
    #[arg(long = "sweep", value_name = "KEY=VALUES", value_parser = parse_axis,
        conflicts_with_all = ["report", "decisions", "trades", "positions"])]
    axes: Vec<Axis>,
    /// Threads of a sweep; else as many as there are cores
    #[arg(long, value_name = "N", requires = "axes", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// The page: one .html file that opens offline
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// A line of JSON for each bar, as gatekeeper writes them
    #[arg(long, value_name = "FILE")]
    decisions: Option<PathBuf>,
    /// A CSV with a line for each round trip
    #[arg(long, value_name = "FILE")]
    trades: Option<PathBuf>,
    /// A CSV of when which position was open, as `isobar build --positions` takes it
    #[arg(long, value_name = "FILE")]
    positions: Option<PathBuf>,
    /// Resamples for the confidence intervals; 0 for none
    #[arg(long, value_name = "N", default_value_t = 2000)]
    resamples: u32,
    #[command(flatten)]
    bar_options: BarOptions,
}

fn parse_setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("expected KEY=VALUE, such as strategy.threshold=0.6".to_owned()),
    }
}

fn parse_axis(text: &str) -> Result<Axis, String> {
    let (key, values) = parse_setting(text)?;
    let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
    if values.iter().any(String::is_empty) {
        return Err("expected KEY=VALUE,VALUE,…, such as strategy.threshold=0.5,0.55".to_owned());
    }
    Ok(Axis { key, values })
}

/// The configuration file, read once: runs of a sweep differ in what is set.
struct Source<'a> {
    text: String,
    options: &'a Options,
    version: &'static FeatureVersion,
}

impl Source<'_> {
    fn config(&self, settings: &[(String, String)]) -> anyhow::Result<Config> {
        let all: Vec<_> = self.options.settings.iter().chain(settings).cloned().collect();
        Ok(Config::parse(&self.text, &self.options.config, &all)?)
    }

    fn bot(&self, config: &Config, grid: Grid) -> anyhow::Result<Bot> {
        Ok(Bot::open(config, self.version, grid, Loaders::default())?)
    }
}

/// Verifies, reads, runs, tells.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let outputs = Outputs::of(options)?;
    out_file::check_input(&options.bars)?;
    let began = Instant::now();
    let text = std::fs::read_to_string(&options.config)
        .with_context(|| format!("cannot read {}", options.config.display()))?;
    let [version] = VERSIONS;
    let source = Source { text, options, version };
    let config = source.config(&[])?;
    // Before the bars are read: models that must not be used are said at once.
    let bot = source.bot(&config, history::first_grid(&config)?)?;
    let history = History::read(options, &config, &bot)?;
    if !options.axes.is_empty() {
        return sweeping::run(&source, &history);
    }
    let mut bot = source.bot(&config, history.series.grid)?;
    let mut notes = legs::Notes::new(&bot, &history)?;
    let mut lines = outputs.decisions()?;
    let market = bot.core.exchange().market().clone();
    let progress = print::progress(history.bars().len() as u64, "bars");
    let mut failed = None;
    let run = backtest::run(&mut bot.core, history.bars(), &mut |step| {
        if step.index % 4096 == 0 {
            progress.set_position(step.index);
        }
        let noted = notes.step(step, &market).and_then(|()| match &mut lines {
            Some(lines) => lines.write(&Record::of(step, &market)),
            None => Ok(()),
        });
        if let Err(error) = noted {
            failed.get_or_insert(error);
        }
    })?;
    progress.finish_and_clear();
    if let Some(error) = failed {
        return Err(error);
    }
    let metrics = Metrics::of(&run);
    let intervals = match options.resamples {
        0 => None,
        resamples if run.points.len() > 2 => {
            Some(backtest::bootstrap(&run, &BootstrapOptions { resamples, ..BootstrapOptions::default() })?)
        }
        _ => None,
    };
    let story = outputs::Story { options, config: &config, bot: &bot, history: &history, run: &run };
    print::result(&outputs::table(&metrics, intervals.as_ref()))?;
    outputs.write(&story, &metrics, intervals.as_ref(), &notes, lines)?;
    summary(&story, &notes, began.elapsed());
    Ok(ExitCode::SUCCESS)
}

fn summary(story: &outputs::Story<'_>, notes: &legs::Notes, elapsed: std::time::Duration) {
    let outputs::Story { options, history, run, .. } = story;
    print::status(&format!("{}: {}", options.bars.display(), history.describe()));
    history.warnings.iter().for_each(|warning| print::status(&format!("  note: {warning}")));
    let (bars, trades) = (run.points.len() as u64, run.trades.len() as u64);
    print::status(&format!(
        "  {}, {}, in {}",
        print::plural(bars, "bar"),
        print::plural(trades, "trade"),
        print::seconds(elapsed)
    ));
    print::status(&format!("  {}", notes.limited()));
}

/// Refuses options that only make sense otherwise.
fn usage<T>(problem: String) -> anyhow::Result<T> {
    bail!(Usage(problem))
}

/// The figures of a run, for the sweep.
fn figures(run: &Run) -> Metrics {
    Metrics::of(run)
}
