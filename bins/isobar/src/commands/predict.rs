//! `isobar predict`: what a sealed model says of a file of bars.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use artifact::{Outcome, Problem};
use clap::{Args, ValueEnum};
use feature_api::{BarKind, BarSpec, Columns, Event, Row};
use market_data::table::TableWriter;

use crate::bar_options::BarOptions;
use crate::trust_options::{Expected, TrustOptions, refused};
use crate::{out_file, print, summary};

/// Rows computed and written at a time.
const CHUNK: usize = 8192;

/// Predict every bar of a file with a sealed model, which is verified first
///
/// Columns: ts_event and ts_available in nanoseconds since 1970, prediction, the margin of each model, and blocked
/// (1 where a filter blocks). A cell is empty (CSV) or null (Parquet) where there is no prediction: a feature is not
/// valid, a sequence is not full, or a filter blocks.
#[derive(Debug, Args)]
pub struct Options {
    /// The sealed model
    #[arg(long, value_name = "FILE")]
    artifact: PathBuf,
    /// The bars: .csv or .txt, also with .gz or .zst behind, or .parquet
    #[arg(long, value_name = "FILE")]
    bars: PathBuf,
    /// The table: .parquet, .csv, .csv.gz or .csv.zst; an existing file is replaced once the new one is complete
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// In batches, or bar by bar as production does; the predictions are the same to the bit
    #[arg(long, value_enum, default_value_t = Mode::Batch)]
    mode: Mode,
    #[command(flatten)]
    trust: TrustOptions,
    #[command(flatten)]
    bar_options: BarOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    Batch,
    Stream,
}

/// Verifies, reads, predicts, writes.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let Options { artifact, bars, out, mode, trust, bar_options } = options;
    out_file::check(out, &[artifact, bars])?;
    out_file::check_input(bars)?;
    let reader = bar_options.to_reader()?;
    let began = Instant::now();
    let verified = trust.verify(artifact, Expected::default())?;
    let series = market_data::read_bars(bars, &reader)?;
    let read = began.elapsed();
    let found = verified.artifact().manifest.bars;
    let expected =
        BarSpec { kind: BarKind::Time { interval: series.interval }, volume: bar_options.has_volume() };
    if expected != found {
        return Err(refused(artifact, &[Problem::Bars { expected, found }]));
    }

    let mut features = verified.features()?;
    let mut table = Table::create(out, verified.artifact().ensemble.members().len())?;
    let mut pipeline = verified.pipeline();
    let width = features.schema().width();
    let (mut row, mut rows) = (Row::new(width), Columns::new(width));
    for bars in series.bars.chunks(CHUNK) {
        let context = || {
            format!(
                "bars from {} on",
                bars.first().map_or_else(String::new, |bar| print::time(bar.ts_open()))
            )
        };
        match mode {
            Mode::Batch => {
                rows.clear();
                features.update_bars(bars, &mut rows).with_context(context)?;
                for index in 0..rows.len() {
                    rows.copy_row(index, &mut row);
                    table.push(&row, pipeline.push(&row).with_context(context)?);
                }
            }
            Mode::Stream => {
                for bar in bars {
                    if features.update(Event::Bar(bar), &mut row).with_context(context)? {
                        table.push(&row, pipeline.push(&row).with_context(context)?);
                    }
                }
            }
        }
        table.flush()?;
    }
    let counts = table.finish()?;

    let [predicted, blocked, not_ready] = counts.map(print::count);
    print::status(&format!("{}: {}", artifact.display(), verified.artifact().manifest.model));
    summary::bars(&series);
    print::status(&format!("  predicted  {predicted}; blocked {blocked}; not ready {not_ready}"));
    let [read, all] = [read, began.elapsed()].map(print::seconds);
    print::status(&format!("  time       {all}, of which reading {read}"));
    print::status(&format!("wrote {}", out.display()));
    Ok(ExitCode::SUCCESS)
}

/// The table of predictions.
struct Table {
    writer: TableWriter,
    row: Row,
    rows: Columns,
    /// Rows predicted, blocked, not ready.
    counts: [u64; 3],
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
            counts: [0; 3],
        })
    }

    fn push(&mut self, row: &Row, outcome: Outcome<'_>) {
        let (count, value, margins, blocked): (usize, _, &[f64], _) = match outcome {
            Outcome::Predicted { value, margins } => (0, Some(value), margins, 0.0),
            Outcome::Blocked { .. } => (1, None, &[], 1.0),
            Outcome::NotReady(_) | Outcome::WarmUp { .. } => (2, None, &[], 0.0),
        };
        if let Some(count) = self.counts.get_mut(count) {
            *count += 1;
        }
        self.row.ts_event = row.ts_event;
        self.row.ts_available = row.ts_available;
        let last = self.row.width() - 1;
        self.row.set(0, value);
        (1..last).for_each(|cell| self.row.set(cell, margins.get(cell - 1).copied()));
        self.row.set(last, Some(blocked));
        self.rows.push(&self.row);
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.writer.write(&self.rows)?;
        self.rows.clear();
        Ok(())
    }

    fn finish(self) -> anyhow::Result<[u64; 3]> {
        self.writer.finish()?;
        Ok(self.counts)
    }
}
