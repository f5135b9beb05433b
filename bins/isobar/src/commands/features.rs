//! `isobar features`: features of bars or events, as a table.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use dataset::PositionFeed;
use feature_api::{Bar, Columns, Event, FeatureSet, Row, Schema, UnixNanos};
use market_data::synth::{self, SynthOptions};
use market_data::table::TableWriter;

use super::synth::ROWS_MAX;
use crate::bar_options::BarOptions;
use crate::event_options::{self, EventOptions};
use crate::set_options::SetOptions;
use crate::{out_file, positions, print, summary};

/// Rows computed and written at a time.
const CHUNK: usize = 8192;

/// Compute the features of a file of bars, or of trades and an order book
///
/// Columns: ts_event and ts_available in nanoseconds since 1970, then a feature each; a cell is empty (CSV) or null
/// (Parquet) where the feature is not valid. The bits are those that production computes.
#[derive(Debug, Args)]
pub struct Options {
    /// The bars, for a set over bars: .csv or .txt, also with .gz or .zst behind, or .parquet
    #[arg(long, value_name = "FILE")]
    bars: Option<PathBuf>,
    /// No file, but this many made-up bars of seed 1: the same as `isobar synth` makes
    #[arg(long, value_name = "N", conflicts_with = "bars", value_parser = clap::value_parser!(u64).range(1..=ROWS_MAX))]
    synth: Option<u64>,
    /// The table: .parquet, .csv, .csv.gz or .csv.zst; an existing file is replaced once the new one is complete
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// In batches, or bar by bar as production does; the rows are the same to the bit. Events are always taken one
    /// by one
    #[arg(long, value_enum, default_value_t = Mode::Batch)]
    mode: Mode,
    /// Changes of position for the set exit: a CSV with the columns ts, side (long, short, flat) and price; each is
    /// seen from the first bar on that closes after it
    #[arg(long, value_name = "FILE")]
    positions: Option<PathBuf>,
    #[command(flatten)]
    set: SetOptions,
    #[command(flatten)]
    bar_options: BarOptions,
    #[command(flatten)]
    event_options: EventOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    Batch,
    Stream,
}

/// Reads, computes, writes.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let Options { set, bars, synth, out, mode, positions: position_file, bar_options, event_options } =
        options;
    let mut engine = set.engine()?;
    event_options.check(engine.as_ref(), bars.is_some() || synth.is_some())?;
    if event_options.is_given() {
        return run_events(options, engine.as_mut());
    }
    if position_file.is_some() {
        positions::check("--positions", engine.schema())?;
    }
    let reader = bar_options.to_reader()?;
    let inputs: Vec<&Path> =
        [bars.as_ref(), position_file.as_ref()].into_iter().flatten().map(PathBuf::as_path).collect();
    out_file::check(out, &inputs)?;
    for input in &inputs {
        out_file::check_input(input)?;
    }

    let began = Instant::now();
    let series = match (bars, synth) {
        (Some(path), _) => market_data::read_bars(path, &reader)?,
        (None, rows) => {
            synth::bars(&SynthOptions { rows: rows.unwrap_or_default(), seed: 1, ..SynthOptions::default() })
        }
    };
    let events = match position_file {
        Some(path) => positions::read(path, series.grid)?,
        None => Vec::new(),
    };
    let read = began.elapsed();

    let names: Vec<&str> = engine.schema().features().iter().map(|feature| feature.name).collect();
    let mut table = TableWriter::create(out, &names)?;
    let mut complete = FirstComplete::new(engine.schema(), "bar");
    let mut rows = Columns::new(names.len());
    let row = Row::new(names.len());
    let mut feed = Feed { engine: engine.as_mut(), row, positions: PositionFeed::new(&events), mode: *mode };
    let progress = print::progress(series.bars.len() as u64, "rows");
    for bars in series.bars.chunks(CHUNK) {
        rows.clear();
        feed.take(bars, &mut rows)?;
        complete.look(&rows);
        table.write(&rows)?;
        progress.inc(bars.len() as u64);
    }
    let left = feed.positions.left();
    table.finish()?;
    progress.finish_and_clear();

    print::status(&format!("{}: {}", set.title(), print::plural(names.len() as u64, "feature")));
    summary::bars(&series);
    if position_file.is_some() {
        let count = print::plural(events.len() as u64, "change");
        let late = if left > 0 { format!(", {left} after the last bar") } else { String::new() };
        print::status(&format!("  positions  {count}{late}"));
    }
    print::status(&format!("  complete   {}", complete.text(engine.schema().warm_up())));
    let [read, all] = [read, began.elapsed()].map(print::seconds);
    print::status(&format!("  time       {all}, of which reading {read}"));
    print::status(&format!("wrote {}", out.display()));
    Ok(ExitCode::SUCCESS)
}

/// The same for a set over events.
fn run_events(options: &Options, engine: &mut dyn FeatureSet) -> anyhow::Result<ExitCode> {
    let Options { set, out, event_options, bar_options, positions: position_file, .. } = options;
    if position_file.is_some() {
        positions::check("--positions", engine.schema())?;
    }
    let grid = bar_options.to_reader()?.grid;
    let inputs: Vec<&Path> = event_options.paths().collect();
    out_file::check(out, &inputs)?;
    let began = Instant::now();
    let mut stream = event_options.open(Some(engine), grid)?;
    let names: Vec<&str> = engine.schema().features().iter().map(|feature| feature.name).collect();
    let mut table = TableWriter::create(out, &names)?;
    let mut complete = FirstComplete::new(engine.schema(), "row");
    let (mut rows, mut row) = (Columns::new(names.len()), Row::new(names.len()));
    let mut count = 0_u64;
    while let Some(event) = stream.next_event()? {
        let is_row =
            engine.takes().contains(&dataset::kind_of(&event)) && engine.update(event.view(), &mut row)?;
        if is_row {
            count += 1;
            rows.push(&row);
        }
        if rows.len() == CHUNK {
            complete.look(&rows);
            table.write(&rows)?;
            rows.clear();
        }
    }
    complete.look(&rows);
    table.write(&rows)?;
    table.finish()?;
    print::status(&format!("{}: {}", set.title(), print::plural(names.len() as u64, "feature")));
    event_options::summarize(&stream, &engine.counters());
    print::status(&format!("  rows       {}", print::count(count)));
    print::status(&format!("  complete   {}", complete.text(engine.schema().warm_up())));
    print::status(&format!("  time       {}", print::seconds(began.elapsed())));
    print::status(&format!("wrote {}", out.display()));
    Ok(ExitCode::SUCCESS)
}

/// Hands bars and changes of position to an engine, in order of time.
struct Feed<'a> {
    engine: &'a mut dyn FeatureSet,
    row: Row,
    positions: PositionFeed<'a>,
    mode: Mode,
}

impl Feed<'_> {
    /// Appends a row for each bar.
    fn take(&mut self, bars: &[Bar], rows: &mut Columns) -> anyhow::Result<()> {
        let mut left = bars;
        while !left.is_empty() {
            let (now, later) = positions::tell(&mut self.positions, self.engine, left)?;
            self.update(now, rows).with_context(|| positions::bars_from(now))?;
            left = later;
        }
        Ok(())
    }

    fn update(&mut self, bars: &[Bar], rows: &mut Columns) -> anyhow::Result<()> {
        match self.mode {
            Mode::Batch => self.engine.update_bars(bars, rows)?,
            Mode::Stream => {
                for bar in bars {
                    if self.engine.update(Event::Bar(bar), &mut self.row)? {
                        rows.push(&self.row);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Looks for the first row in which every feature of the market is valid.
struct FirstComplete {
    market: Vec<usize>,
    /// What a row is made of.
    what: &'static str,
    /// What the warm-up waits for beside rows.
    and: &'static str,
    rows: u64,
    found: Option<(u64, UnixNanos)>,
}

impl FirstComplete {
    fn new(schema: &Schema, what: &'static str) -> Self {
        let features = schema.features().iter().enumerate();
        let market = features.filter(|(_, feature)| !feature.is_of_position()).map(|(index, _)| index);
        let and =
            if schema.clocked().next().is_some() { ", and until every other clock has a value" } else { "" };
        Self { market: market.collect(), what, and, rows: 0, found: None }
    }

    fn look(&mut self, rows: &Columns) {
        if self.found.is_none() {
            let is_complete =
                |row: &usize| self.market.iter().all(|&column| rows.get(*row, column).is_some());
            let first = (0..rows.len()).find(is_complete);
            self.found = first.and_then(|row| Some((self.rows + row as u64, *rows.ts_event.get(row)?)));
        }
        self.rows += rows.len() as u64;
    }

    fn text(&self, warm_up: u32) -> String {
        match self.found {
            Some((row, ts)) => {
                format!("from row {} (the first is 0), {}", print::count(row), print::time(ts))
            }
            None => {
                format!("no row: the warm-up is {}{}", print::plural(warm_up.into(), self.what), self.and)
            }
        }
    }
}
