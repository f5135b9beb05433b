//! The options that say how a file of bars is read.

use clap::{Args, ValueEnum};
use feature_api::{Grid, MAX_SCALE};
use market_data::{
    BarFileOptions, NoisePolicy, ProblemPolicy, RowOrder, TimeFormat, TimestampOf, VolumePolicy,
};

use crate::error::Usage;
use crate::interval;

/// How the file of bars is read. What is left out is found out from the file, and said.
#[derive(Debug, Args)]
#[command(next_help_heading = "Bar file")]
pub struct BarOptions {
    /// Whether the file must have a volume column; with none every volume is 0
    #[arg(long, value_enum, default_value_t = Volume::Required)]
    volume: Volume,
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
    /// Length of a bar, such as 1s, 5m, 1h or 1d; else the most frequent difference of times
    #[arg(long, value_parser = interval::parse)]
    interval: Option<i64>,
    /// Order of the rows
    #[arg(long, value_enum, default_value_t = Order::OldestFirst)]
    order: Order,
    /// Decimals of prices; else the fewest that hold every price
    #[arg(long, value_name = "N", requires = "volume_decimals", value_parser = decimals())]
    price_decimals: Option<u8>,
    /// Decimals of volumes and quantities; else the fewest that hold every volume
    #[arg(long, aliases = ["quantity-decimals", "qty-decimals"], value_name = "N", requires = "price_decimals", value_parser = decimals())]
    volume_decimals: Option<u8>,
    /// What becomes of numbers with more than 15 digits, which sums made in floating point leave behind: a
    /// reason to refuse the file, or rounded to 15 digits and counted
    #[arg(long, value_enum, default_value_t = FloatNoise::Refuse)]
    float_noise: FloatNoise,
    /// Leave out rows that are not as they must be, instead of refusing the file
    #[arg(long)]
    skip_problems: bool,
}

fn decimals() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(0..=i64::from(MAX_SCALE))
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Volume {
    Required,
    None,
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

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Order {
    OldestFirst,
    NewestFirst,
}

impl BarOptions {
    /// Whether the bars carry volumes.
    pub const fn has_volume(&self) -> bool {
        match self.volume {
            Volume::Required => true,
            Volume::None => false,
        }
    }

    /// The same, as the reader takes it.
    pub fn to_reader(&self) -> Result<BarFileOptions, Usage> {
        let time = match (&self.time_format, self.time) {
            (Some(format), _) => TimeFormat::Text(format.clone()),
            (None, Time::Auto) => TimeFormat::Auto,
            (None, Time::Seconds) => TimeFormat::Seconds,
            (None, Time::Millis) => TimeFormat::Millis,
            (None, Time::Micros) => TimeFormat::Micros,
            (None, Time::Nanos) => TimeFormat::Nanos,
        };
        let grid = match (self.price_decimals, self.volume_decimals) {
            (Some(price), Some(volume)) => {
                Some(Grid::new(price, volume).map_err(|error| Usage(error.to_string()))?)
            }
            _ => None,
        };
        Ok(BarFileOptions {
            volume: match self.volume {
                Volume::Required => VolumePolicy::Required,
                Volume::None => VolumePolicy::None,
            },
            columns: self.columns.clone(),
            time,
            timestamp: match self.timestamp {
                Timestamp::Open => TimestampOf::Open,
                Timestamp::Close => TimestampOf::Close,
            },
            interval: self.interval,
            order: match self.order {
                Order::OldestFirst => RowOrder::OldestFirst,
                Order::NewestFirst => RowOrder::NewestFirst,
            },
            grid,
            noise: match self.float_noise {
                FloatNoise::Refuse => NoisePolicy::Refuse,
                FloatNoise::Round => NoisePolicy::Round,
            },
            problems: if self.skip_problems { ProblemPolicy::Skip } else { ProblemPolicy::Refuse },
        })
    }
}
