//! The command line.

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, ValueEnum};
use feature_api::{BarKind, Grid};
use market_data::{BarFileOptions, NoisePolicy, TimeFormat, TimestampOf, VolumePolicy};
use runtime::BarsConfig;

use crate::exit_code;
use crate::failure::Failure;

/// The bar-driven bot: verifies its models against the features it carries, then trades on paper, bar by bar.
#[derive(Debug, Clone, Parser)]
#[command(name = "gatekeeper", version, after_help = exit_code::help())]
pub struct Options {
    /// The configuration of the bot, a TOML file; gatekeeper.example.toml explains every key
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Closed bars of the instrument, oldest first: .csv or .txt, also with .gz or .zst behind, .parquet, or - for CSV
    /// on standard input
    #[arg(long, value_name = "FILE", required_unless_present = "dry_run")]
    pub bars: Option<PathBuf>,
    /// Where the decisions go, a line of JSON for each bar; else standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The bot's state: restored from this file where it is there, and saved to it
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Save the state after this many bars, and at the end; a restart decides again on the bars since
    #[arg(long, value_name = "N", default_value = "1", requires = "state")]
    pub state_every: NonZeroU64,
    /// Verify the configuration and the models, say what they are, and do nothing else
    #[arg(long)]
    pub dry_run: bool,
    /// How the bars are written.
    #[command(flatten)]
    pub layout: LayoutOptions,
    /// What the program says of itself. The library does not look at it.
    #[command(flatten)]
    pub log: LogOptions,
}

/// How the bars are written. Length, volume and decimals are told by `[bars]` of the configuration.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Bars")]
pub struct LayoutOptions {
    /// Names of the columns of a CSV in order, such as time,open,high,low,close,volume; _ ignores a column
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// How the time is written: a number since 1970 in this unit, or found out, ISO text included
    #[arg(long, value_enum, default_value_t = Time::Auto)]
    time: Time,
    /// The strptime format of a time written as text, such as "%m/%d/%Y %H:%M"; UTC without an offset
    #[arg(long, value_name = "FORMAT", conflicts_with = "time")]
    time_format: Option<String>,
    /// What the time denotes: the open or the close of a bar
    #[arg(long, value_enum, default_value_t = Timestamp::Open)]
    timestamp: Timestamp,
    /// What becomes of numbers with more than 15 digits, which sums made in floating point leave behind: a
    /// reason to refuse the bar, or rounded to 15 digits
    #[arg(long, value_enum, default_value_t = FloatNoise::Refuse)]
    float_noise: FloatNoise,
}

/// What the program says of itself on standard error.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Log")]
pub struct LogOptions {
    /// How the log is written
    #[arg(long = "log", value_enum, default_value_t = LogFormat::Json)]
    pub format: LogFormat,
    /// The least that is logged
    #[arg(long = "log-level", value_enum, default_value_t = LogLevel::Info)]
    pub level: LogLevel,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// A line of JSON for each event.
    Json,
}

/// The least that is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Failures alone.
    Error,
    /// And what is odd.
    Warn,
    /// And start, restore and end.
    Info,
    /// And what helps to find a fault.
    Debug,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Time {
    Auto,
    #[value(name = "s")]
    Seconds,
    #[value(name = "ms")]
    Millis,
    #[value(name = "us")]
    Micros,
    #[value(name = "ns")]
    Nanos,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Timestamp {
    Open,
    Close,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FloatNoise {
    Refuse,
    Round,
}

impl Options {
    /// Checks that state and decisions have places of their own, before anything is written.
    pub(crate) fn check_places(&self) -> Result<(), Failure> {
        let Some(out) = &self.out else { return Ok(()) };
        if let Some(state) = &self.state {
            let mut lock = state.clone().into_os_string();
            lock.push(".lock");
            let lock = PathBuf::from(lock);
            if let Some(taken) = [state, &lock].into_iter().find(|taken| place(taken) == place(out)) {
                let message = format!(
                    "--out {}: that is {}, which --state writes; name another file",
                    out.display(),
                    taken.display()
                );
                return Err(Failure::new(exit_code::USAGE, message));
            }
        }
        let folder = folder(out);
        if folder.is_dir() {
            return Ok(());
        }
        let message =
            format!("cannot write decisions to {}: there is no folder {}", out.display(), folder.display());
        Err(Failure::new(exit_code::OUTPUT_UNWRITABLE, message))
    }

    /// Whether the bars come on standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.bars.as_deref() == Some(Path::new("-"))
    }
}

impl LayoutOptions {
    /// The same, as a reader of the bars that the configuration demands takes it.
    pub(crate) fn to_reader(&self, bars: &BarsConfig, grid: Option<Grid>) -> BarFileOptions {
        let time = match (&self.time_format, self.time) {
            (Some(format), _) => TimeFormat::Text(format.clone()),
            (None, Time::Auto) => TimeFormat::Auto,
            (None, Time::Seconds) => TimeFormat::Seconds,
            (None, Time::Millis) => TimeFormat::Millis,
            (None, Time::Micros) => TimeFormat::Micros,
            (None, Time::Nanos) => TimeFormat::Nanos,
        };
        let interval = match bars.spec.kind {
            BarKind::Time { interval } => Some(interval),
            // A kind of bars that this program does not know yet is not read from a clock.
            _ => None,
        };
        BarFileOptions {
            volume: if bars.spec.volume { VolumePolicy::Required } else { VolumePolicy::None },
            columns: self.columns.clone(),
            time,
            timestamp: match self.timestamp {
                Timestamp::Open => TimestampOf::Open,
                Timestamp::Close => TimestampOf::Close,
            },
            interval,
            grid,
            noise: match self.float_noise {
                FloatNoise::Refuse => NoisePolicy::Refuse,
                FloatNoise::Round => NoisePolicy::Round,
            },
            ..BarFileOptions::default()
        }
    }
}
/// Where a path leads, links followed, as far as that can be told.
fn place(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?;
    path.canonicalize().ok().or_else(|| Some(folder(path).canonicalize().ok()?.join(name)))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
