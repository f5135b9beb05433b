//! `isobar backtest`: what a configured bot would have done on bars, or on trades and the order book.

mod events;
mod history;
mod identity;
mod legs;
mod outputs;
mod sweeping;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use backtest::{Axis, BootstrapOptions, Metrics};
use clap::Args;
use feature_api::{FeatureVersion, Grid};
use model::Loaders;
use runtime::{Bot, Config, Record};

use crate::bar_options::BarOptions;
use crate::error::Usage;
use crate::{artifact_file, out_file, print, trust_options};
use history::History;
use outputs::Outputs;

/// Run a configured bot over a file of bars, or over events, with the code that production runs
///
/// The configuration is that of gatekeeper, or of scalper for --events or --event-trades and --event-book, and so are the decisions,
/// bit for bit. Models are verified first. Prints
/// what it comes to beside buying and holding; --report writes it as a page.
#[derive(Debug, Args)]
pub struct Options {
    /// The bot: a configuration such as bins/gatekeeper/gatekeeper.example.toml
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The bars: .csv or .txt, also with .gz or .zst behind, or .parquet
    #[arg(long, value_name = "FILE", required_unless_present_any = ["events", "event_trades"])]
    bars: Option<PathBuf>,
    /// Begin behind the models' training data and the bars their last labels looked at; features warm up on the bars
    /// before, on which nothing is decided
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
    /// A CSV that is written, with a line for each round trip
    #[arg(long, value_name = "FILE")]
    trades: Option<PathBuf>,
    /// A CSV of when which position was open, as `isobar build --positions` takes it
    #[arg(long, value_name = "FILE")]
    positions: Option<PathBuf>,
    /// Resamples for the confidence intervals; 0 for none
    #[arg(long, value_name = "N", default_value_t = 2000)]
    #[arg(value_parser = parse_resamples)]
    resamples: u32,
    #[command(flatten)]
    bar_options: BarOptions,
    /// Recorded messages that hold trades and the book, for a bot over events; repeated, files are read one after another
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bars", "out_of_sample", "axes", "report", "positions"])]
    events: Vec<PathBuf>,
    /// Trades, for a bot over events, as `isobar features --trades` takes them; merged with --book by the time received
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bars", "out_of_sample", "axes", "report", "positions"])]
    event_trades: Vec<PathBuf>,
    /// The order book, as `isobar features --book` takes it
    #[arg(long, value_name = "FILE", requires = "event_trades")]
    event_book: Vec<PathBuf>,
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

/// Longest configuration.
const CONFIG_BYTES_MAX: u64 = 1 << 20;

fn text(path: &Path) -> anyhow::Result<String> {
    let context = || format!("cannot read {}", path.display());
    let mut text = String::new();
    let file = File::open(path).with_context(context)?;
    file.take(CONFIG_BYTES_MAX + 1).read_to_string(&mut text).with_context(context)?;
    if text.len() as u64 > CONFIG_BYTES_MAX {
        bail!("{}: longer than a configuration is; name one such as gatekeeper.example.toml", path.display());
    }
    Ok(text)
}

fn parse_resamples(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(resamples) if resamples == 0 || resamples >= 100 => Ok(resamples),
        Ok(_) | Err(_) => Err("expected 0, or 100 and more".to_owned()),
    }
}

/// The configuration file, read once: runs of a sweep differ in what is set.
struct Source<'a> {
    text: String,
    options: &'a Options,
    version: &'static FeatureVersion,
}

impl Options {
    /// The file of bars; nothing where events are given instead.
    fn bars(&self) -> &Path {
        self.bars.as_deref().unwrap_or(Path::new(""))
    }

    /// Every file that is read.
    fn inputs(&self) -> impl Iterator<Item = &Path> {
        let events = self.events.iter().chain(&self.event_trades).chain(&self.event_book);
        [Some(&self.config), self.bars.as_ref()].into_iter().flatten().chain(events).map(PathBuf::as_path)
    }
}

impl<'a> Source<'a> {
    /// Reads it. No run of a sweep has another feature version, as the models are the same for all.
    fn open(options: &'a Options) -> anyhow::Result<(Self, Config)> {
        let mut source = Self { text: text(&options.config)?, options, version: feature_registry::newest() };
        let config = source.config(&[])?;
        if let Some(artifacts) = &config.artifacts {
            source.version = version_of(&artifacts.entry);
        }
        Ok((source, config))
    }

    fn config(&self, settings: &[(String, String)]) -> anyhow::Result<Config> {
        let all: Vec<_> = self.options.settings.iter().chain(settings).cloned().collect();
        Ok(Config::parse(&self.text, &self.options.config, &all)?)
    }

    fn bot(&self, config: &Config, grid: Grid) -> anyhow::Result<Bot> {
        Ok(Bot::open(config, self.version, grid, Loaders::default())?)
    }
}

/// The feature version that a model names. One that cannot be read is refused where it is verified, and so is an exit
/// model of another version than the entry model's.
fn version_of(entry: &Path) -> &'static FeatureVersion {
    artifact_file::read(entry)
        .map_or_else(|_| feature_registry::newest(), |bytes| trust_options::version_of(&bytes))
}

/// Verifies, reads, runs, tells.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let outputs = Outputs::of(options)?;
    let Some(bars) = &options.bars else { return events::run(options, &outputs) };
    out_file::check_input(bars)?;
    let began = Instant::now();
    check_settings(options)?;
    let (source, config) = Source::open(options)?;
    outputs.spare(config.artifacts.as_ref())?;
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
    let run =
        backtest::run_after(&mut bot.core, &history.series.bars, history.parts().0.len(), &mut |step| {
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
    let story = outputs::Story {
        options,
        version: source.version,
        config: &config,
        bot: &bot,
        history: &history,
        run: &run,
    };
    print::result(&outputs::table(&metrics, intervals.as_ref()))?;
    outputs.write(&story, &metrics, intervals.as_ref(), &notes, lines)?;
    summary(&story, &notes, began.elapsed());
    Ok(ExitCode::SUCCESS)
}

fn summary(story: &outputs::Story<'_>, notes: &legs::Notes, elapsed: std::time::Duration) {
    let outputs::Story { options, history, run, .. } = story;
    print::status(&format!("{}: {}", options.bars().display(), history.describe()));
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

/// Most combinations of a sweep.
const COMBINATIONS_MAX: usize = 100_000;

/// Refuses keys that are set twice, and sweeps of what is read once or of more runs than anybody reads.
fn check_settings(options: &Options) -> anyhow::Result<()> {
    let axes = options.axes.iter().map(|axis| &axis.key);
    let keys: Vec<&String> = options.settings.iter().map(|(key, _)| key).chain(axes).collect();
    for (index, key) in keys.iter().enumerate() {
        if keys.iter().skip(index + 1).any(|other| other == key) {
            return usage(format!("{key} is set more than once: name it once"));
        }
    }
    let read_once = |axis: &&Axis| ["artifacts.", "bars."].iter().any(|table| axis.key.starts_with(table));
    if let Some(axis) = options.axes.iter().find(read_once) {
        return usage(format!(
            "--sweep {}: models and bars are read once for all runs; compare them by a run each, with --set",
            axis.key
        ));
    }
    let combinations = options.axes.iter().try_fold(1_usize, |all, axis| all.checked_mul(axis.values.len()));
    match combinations {
        Some(combinations) if combinations <= COMBINATIONS_MAX => Ok(()),
        Some(_) | None => usage(format!(
            "--sweep: more than {} combinations; sweep fewer values",
            print::count(COMBINATIONS_MAX as u64)
        )),
    }
}

/// Refuses options that only make sense otherwise.
fn usage<T>(problem: String) -> anyhow::Result<T> {
    bail!(Usage(problem))
}
