//! A backtest on events: trades and the order book.

use std::process::ExitCode;
use std::time::Instant;

use backtest::{BootstrapOptions, Metrics};
use execution::FillKind;
use market_data::{EventFile, EventOptions, Select, open_events};
use model::Loaders;
use runtime::{Bot, EventConfig, EventCore, EventRecord, Stepper as _};

use super::outputs::{self, Outputs};
use super::{Options, text, version_of};
use crate::{event_options, out_file, print};

/// Verifies, reads, runs, tells.
pub fn run(options: &Options, outputs: &Outputs<'_>) -> anyhow::Result<ExitCode> {
    options.inputs().try_for_each(out_file::check_input)?;
    let began = Instant::now();
    let config = EventConfig::parse(&text(&options.config)?, &options.config, &options.settings)?;
    outputs.spare(config.bot.artifacts.as_ref())?;
    let version = config
        .bot
        .artifacts
        .as_ref()
        .map_or_else(feature_registry::newest, |artifacts| version_of(&artifacts.entry));
    let mut bot = Bot::<EventCore>::open_events(&config, version, Loaders::default())?;
    let market = bot.core.market().clone();
    let mut stream = open_events(
        &files(options),
        &EventOptions {
            grid: Some(config.events.grid),
            symbol: Some(config.bot.instrument.symbol().to_owned()),
            ..EventOptions::default()
        },
    )?;
    let mut lines = outputs.decisions()?;
    let mut failed = None;
    let run = backtest::run_events(&mut bot.core, &mut || stream.next_event(), &mut |step| {
        if let Some(lines) = &mut lines
            && let Err(error) = lines.write(&EventRecord::of(step, &market))
        {
            failed.get_or_insert(error);
        }
    })?;
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
    print::result(&outputs::table(&metrics, intervals.as_ref()))?;
    if let Some(path) = &options.trades {
        outputs::put(path, &outputs::trades(&run))?;
    }
    if let (Some(path), Some(lines)) = (&options.decisions, lines) {
        lines.file.commit()?;
        outputs::wrote(path);
    }
    print::status(&format!("{}: {version}, {}", options.config.display(), config.events.spec));
    event_options::summarize(&stream, &bot.core.counters());
    let of_kind = |kind| run.fills.iter().filter(|fill| fill.kind == kind).count() as u64;
    print::status(&format!(
        "  fills      {} at the market, {} of stops, {} of take-profits; {} refused",
        print::count(of_kind(FillKind::Market)),
        print::count(of_kind(FillKind::Stop)),
        print::count(of_kind(FillKind::Take)),
        print::plural(bot.core.refused(), "event"),
    ));
    print::status(&format!(
        "  {}, {}, in {}; figures that say bars count rows",
        print::plural(run.points.len() as u64, "row"),
        print::plural(run.trades.len() as u64, "trade"),
        print::seconds(began.elapsed())
    ));
    Ok(ExitCode::SUCCESS)
}

/// The files, in the order of the feeds.
fn files(options: &Options) -> Vec<EventFile> {
    let both = Select { trades: true, quotes: false, book: true };
    let feeds = [
        (&options.events, both),
        (&options.event_trades, Select { book: false, ..both }),
        (&options.event_book, Select { trades: false, ..both }),
    ];
    let feeds = feeds.into_iter().enumerate();
    feeds
        .flat_map(|(part, (paths, select))| {
            paths.iter().map(move |path| EventFile { path: path.clone(), part, select: Some(select) })
        })
        .collect()
}
