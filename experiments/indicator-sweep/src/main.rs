//! A parameter of one indicator, swept: what each of its values tells of the returns that follow, in the first part of
//! the bars and in the rest, and how much of the best may be luck.

mod correlation;
mod report;
mod sweep;

use std::num::NonZeroU32;
use std::process::ExitCode;

use clap::Parser;
use harness::DataOptions;

use sweep::{Parameter, Plan};

/// Sweep a parameter of one indicator: the rank correlation of each of its values with the return that follows, in the
/// first 60 % of the bars and in the rest
#[derive(Debug, Parser)]
#[command(name = "indicator-sweep", version)]
struct Options {
    /// The parameter and the values to try, in bars
    #[arg(long, value_name = "NAME=VALUES", default_value = "rsi=7,10,14,21,28", value_parser = Parameter::parse)]
    param: Parameter,
    /// Feature set; an unknown one is answered with those the version has
    #[arg(long, default_value = "core")]
    set: String,
    /// The feature of the set that is looked at
    #[arg(long, default_value = "rsi")]
    feature: String,
    /// How many bars ahead the return looks
    #[arg(long, value_name = "BARS", default_value = "15")]
    horizon: NonZeroU32,
    #[command(flatten)]
    data: DataOptions,
}

fn main() -> ExitCode {
    harness::main(run)
}

fn run(options: &Options) -> anyhow::Result<String> {
    let Options { param, set, feature, horizon, data } = options;
    let plan = Plan { version: data.version(), set, feature, parameter: param, horizon: *horizon };
    let data = data.read()?;
    Ok(report::text(&data, &plan, &sweep::sweep(&data.series.bars, &plan)?))
}
