//! The command line.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, ValueEnum};
use feature_api::{BarKind, Grid};
use market_data::{BarFileOptions, NoisePolicy, TimestampOf, VolumePolicy};
use production::exit_code::help;
use production::{LogOptions, Places, TimeOptions};
use runtime::BarsConfig;

use crate::exit_code::ENDINGS;

/// What its decisions are made on, in the help of options that it shares.
const OUT: &str = "Where the decisions go, a line of JSON for each bar; else standard output";
const STATE_EVERY: &str =
    "Save the state after this many bars, and at the end; a restart decides again on the bars since";

/// The bar-driven bot: verifies its models against the features it carries, then trades on paper, bar by bar.
#[derive(Debug, Clone, Parser)]
#[command(name = "gatekeeper", version, after_help = help(&ENDINGS))]
#[command(mut_arg("out", |out| out.help(OUT)), mut_arg("state_every", |every| every.help(STATE_EVERY)))]
pub struct Options {
    /// The configuration of the bot, a TOML file; gatekeeper.example.toml explains every key
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Closed bars of the instrument, oldest first: .csv or .txt, also with .gz or .zst behind, .parquet, or - for CSV
    /// on standard input
    #[arg(long, value_name = "FILE", required_unless_present = "dry_run")]
    pub bars: Option<PathBuf>,
    /// Where decisions and state go.
    #[command(flatten)]
    pub places: Places,
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
    /// How the time is written.
    #[command(flatten)]
    time: TimeOptions,
    /// What the time denotes: the open or the close of a bar
    #[arg(long, value_enum, default_value_t = Timestamp::Open)]
    timestamp: Timestamp,
    /// What becomes of numbers with more than 15 digits, which sums made in floating point leave behind: a
    /// reason to refuse the bar, or rounded to 15 digits
    #[arg(long, value_enum, default_value_t = FloatNoise::Refuse)]
    float_noise: FloatNoise,
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
    /// Whether the bars come on standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.bars.as_deref() == Some(Path::new("-"))
    }
}

impl LayoutOptions {
    /// The same, as a reader of the bars that the configuration demands takes it.
    pub(crate) fn to_reader(&self, bars: &BarsConfig, grid: Option<Grid>) -> BarFileOptions {
        let interval = match bars.spec.kind {
            BarKind::Time { interval } => Some(interval),
            // What no clock closes, or this program does not know yet, is not read by one.
            BarKind::Trades | BarKind::TradesAndBook | _ => None,
        };
        BarFileOptions {
            volume: if bars.spec.volume { VolumePolicy::Required } else { VolumePolicy::None },
            columns: self.columns.clone(),
            time: self.time.format(),
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
