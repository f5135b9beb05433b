//! `isobar predict`: what a sealed model says of bars or events.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use artifact::{Outcome, Pipeline, Problem, Verified};
use clap::{Args, ValueEnum};
use dataset::PositionFeed;
use feature_api::{Bar, BarKind, BarSpec, Columns, Event, FeatureSet, Grid, Row};
use market_data::table::TableWriter;

use crate::bar_options::BarOptions;
use crate::error::Usage;
use crate::event_options::{self, EventOptions};
use crate::trust_options::{Expected, TrustOptions, refused};
use crate::{out_file, positions, print, summary};

/// Rows computed and written at a time.
const CHUNK: usize = 8192;

/// Predict every bar of a file, or every row of events, with a sealed model, which is verified first
///
/// Columns: ts_event and ts_available in nanoseconds since 1970, prediction, the margin of each model, and blocked
/// (1 where a filter blocks). A cell is empty (CSV) or null (Parquet) where there is no prediction: a feature is not
/// valid, a sequence is not full, a filter blocks, or the model looks at the open position and there is none.
#[derive(Debug, Args)]
pub struct Options {
    /// The sealed model
    #[arg(long, value_name = "FILE")]
    artifact: PathBuf,
    /// The bars, for a model over bars: .csv or .txt, also with .gz or .zst behind, or .parquet
    #[arg(long, value_name = "FILE")]
    bars: Option<PathBuf>,
    /// Changes of position, which a model of the set exit needs: a CSV with the columns ts, side (long, short, flat)
    /// and price; each is seen from the first bar on that closes after it
    #[arg(long, value_name = "FILE")]
    positions: Option<PathBuf>,
    /// The table: .parquet, .csv, .csv.gz or .csv.zst; an existing file is replaced once the new one is complete
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// In batches, or bar by bar as production does; the predictions are the same to the bit. Events are always
    /// taken one by one
    #[arg(long, value_enum, default_value_t = Mode::Batch)]
    mode: Mode,
    #[command(flatten)]
    trust: TrustOptions,
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

/// Verifies, reads, predicts, writes.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let Options { artifact, bars, positions: position_file, out, mode, trust, bar_options, event_options } =
        options;
    let inputs: Vec<&Path> = [Some(artifact), bars.as_ref(), position_file.as_ref()]
        .into_iter()
        .flatten()
        .map(PathBuf::as_path)
        .chain(event_options.paths())
        .collect();
    out_file::check(out, &inputs)?;
    for input in inputs.iter().skip(1) {
        out_file::check_input(input)?;
    }
    let reader = bar_options.to_reader()?;
    let began = Instant::now();
    let verified = trust.verify(artifact, Expected::default())?;
    let mut features = verified.features()?;
    event_options.check(features.as_ref(), bars.is_some())?;
    let takes_position = features.schema().takes_position();
    match position_file {
        Some(_) => positions::check("--positions", features.schema())?,
        None if takes_position => bail!(Usage(format!(
            "{}: its set {} looks at the open position, and without one it predicts nothing: pass --positions FILE",
            artifact.display(),
            features.schema().set()
        ))),
        None => {}
    }
    let Some(bars) = bars else {
        return run_events(options, &verified, reader.grid);
    };
    let series = market_data::read_bars(bars, &reader)?;
    let events = match position_file {
        Some(path) => positions::read(path, series.grid)?,
        None => Vec::new(),
    };
    let read = began.elapsed();
    let found = verified.artifact().manifest.bars;
    let expected =
        BarSpec { kind: BarKind::Time { interval: series.interval }, volume: bar_options.has_volume() };
    if expected != found {
        return Err(refused(artifact, &[Problem::Bars { expected, found }]));
    }

    let width = features.schema().width();
    let mut feed = Feed {
        features: features.as_mut(),
        positions: PositionFeed::new(&events),
        takes_position,
        pipeline: verified.pipeline(),
        mode: *mode,
        row: Row::new(width),
        rows: Columns::new(width),
        table: Table::create(out, verified.artifact().ensemble.members().len())?,
    };
    for bars in series.bars.chunks(CHUNK) {
        feed.take(bars)?;
    }
    let Counts { predicted, blocked, not_ready, flat } = feed.table.finish()?;

    let count = print::count;
    print::status(&format!("{}: {}", artifact.display(), verified.artifact().manifest.model));
    summary::bars(&series);
    let flat = if takes_position { format!("; no position {}", count(flat)) } else { String::new() };
    print::status(&format!(
        "  predicted  {}; blocked {}; not ready {}{flat}",
        count(predicted),
        count(blocked),
        count(not_ready)
    ));
    let [read, all] = [read, began.elapsed()].map(print::seconds);
    print::status(&format!("  time       {all}, of which reading {read}"));
    print::status(&format!("wrote {}", out.display()));
    Ok(ExitCode::SUCCESS)
}

/// The same for a model over events.
fn run_events(options: &Options, verified: &Verified, grid: Option<Grid>) -> anyhow::Result<ExitCode> {
    let Options { artifact, out, event_options, .. } = options;
    let began = Instant::now();
    let mut features = verified.features()?;
    let mut pipeline = verified.pipeline();
    let mut stream = event_options.open(Some(features.as_ref()), grid)?;
    let mut row = Row::new(features.schema().width());
    let mut table = Table::create(out, verified.artifact().ensemble.members().len())?;
    while let Some(event) = stream.next_event()? {
        let is_taken = features.takes().contains(&dataset::kind_of(&event));
        if is_taken && features.update(event.view(), &mut row)? {
            table.push(&row, pipeline.push(&row)?, true);
        }
        if table.rows.len() == CHUNK {
            table.flush()?;
        }
    }
    table.flush()?;
    let Counts { predicted, blocked, not_ready, .. } = table.finish()?;
    let count = print::count;
    print::status(&format!("{}: {}", artifact.display(), verified.artifact().manifest.model));
    event_options::summarize(&stream, &features.counters());
    print::status(&format!(
        "  predicted  {}; blocked {}; not ready {}",
        count(predicted),
        count(blocked),
        count(not_ready)
    ));
    print::status(&format!("  time       {}", print::seconds(began.elapsed())));
    print::status(&format!("wrote {}", out.display()));
    Ok(ExitCode::SUCCESS)
}

/// Hands bars and changes of position to the features, and their rows to the pipeline.
struct Feed<'a> {
    features: &'a mut dyn FeatureSet,
    positions: PositionFeed<'a>,
    takes_position: bool,
    pipeline: Pipeline,
    mode: Mode,
    row: Row,
    rows: Columns,
    table: Table,
}

impl Feed<'_> {
    /// Predicts each bar.
    fn take(&mut self, bars: &[Bar]) -> anyhow::Result<()> {
        let mut left = bars;
        while !left.is_empty() {
            let (now, later) = positions::tell(&mut self.positions, self.features, left)?;
            self.predict(now).with_context(|| positions::bars_from(now))?;
            left = later;
        }
        self.table.flush()
    }

    /// Predicts bars that see the same position.
    fn predict(&mut self, bars: &[Bar]) -> anyhow::Result<()> {
        // The pipeline takes every row, as in production; what it makes of one without a position is not asked.
        let is_asked = !self.takes_position || self.positions.open().is_some();
        let Self { features, pipeline, mode, row, rows, table, .. } = self;
        match mode {
            Mode::Batch => {
                rows.clear();
                features.update_bars(bars, rows)?;
                for index in 0..rows.len() {
                    rows.copy_row(index, row);
                    table.push(row, pipeline.push(row)?, is_asked);
                }
            }
            Mode::Stream => {
                for bar in bars {
                    if features.update(Event::Bar(bar), row)? {
                        table.push(row, pipeline.push(row)?, is_asked);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The table of predictions.
struct Table {
    writer: TableWriter,
    row: Row,
    rows: Columns,
    counts: Counts,
}

/// How many rows came to what.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    predicted: u64,
    blocked: u64,
    not_ready: u64,
    /// Without the position that the model looks at.
    flat: u64,
}

impl Table {
    /// One margin is called `margin`, several are numbered from 1 on.
    fn create(path: &Path, members: usize) -> anyhow::Result<Self> {
        let mut names = vec!["prediction".to_owned()];
        match members {
            1 => names.push("margin".to_owned()),
            _ => names.extend((1..=members).map(|member| format!("margin_{member}"))),
        }
        names.push("blocked".to_owned());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(Self {
            writer: TableWriter::create(path, &names)?,
            row: Row::new(names.len()),
            rows: Columns::new(names.len()),
            counts: Counts::default(),
        })
    }

    fn push(&mut self, row: &Row, outcome: Outcome<'_>, is_asked: bool) {
        let Counts { predicted, blocked, not_ready, flat } = &mut self.counts;
        let (count, value, margins, is_blocked): (_, _, &[f64], _) = match outcome {
            _ if !is_asked => (flat, None, &[], 0.0),
            Outcome::Predicted { value, margins } => (predicted, Some(value), margins, 0.0),
            Outcome::Blocked { .. } => (blocked, None, &[], 1.0),
            Outcome::NotReady(_) | Outcome::WarmUp { .. } => (not_ready, None, &[], 0.0),
        };
        *count += 1;
        self.row.ts_event = row.ts_event;
        self.row.ts_available = row.ts_available;
        let last = self.row.width() - 1;
        self.row.set(0, value);
        (1..last).for_each(|cell| self.row.set(cell, margins.get(cell - 1).copied()));
        self.row.set(last, Some(is_blocked));
        self.rows.push(&self.row);
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.writer.write(&self.rows)?;
        self.rows.clear();
        Ok(())
    }

    fn finish(self) -> anyhow::Result<Counts> {
        self.writer.finish()?;
        Ok(self.counts)
    }
}
