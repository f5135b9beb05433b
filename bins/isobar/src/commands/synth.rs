//! `isobar synth`: bars that are made up, the same on every machine.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;
use clap::{Args, ValueEnum};
use market_data::synth::{self, SynthOptions};

use crate::error::Usage;
use crate::{interval, out_file, print};

/// Bars are held in memory, about a hundred bytes each.
pub const ROWS_MAX: u64 = 50_000_000;

/// Make up market data, the same on every machine
///
/// Prices begin at 45,000.00 on 2024-01-01 00:00:00 UTC and go through trends, reversions, clusters of high
/// volatility and quiet stretches without trades. Fewer rows are a prefix of more.
#[derive(Debug, Args)]
pub struct Options {
    /// What to make up
    #[arg(long, value_enum)]
    kind: Kind,
    /// Number of rows, up to 50,000,000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=ROWS_MAX))]
    rows: u64,
    /// Another seed, other data
    #[arg(long)]
    seed: u64,
    /// Length of a bar, such as 1s, 5m, 1h or 1d
    #[arg(long, value_parser = interval::parse, default_value = "1m")]
    interval: i64,
    /// The file: .csv, .csv.gz, .csv.zst or .parquet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Closed bars with taker volumes.
    Bars,
}

/// Makes the data and writes it.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let Options { kind: Kind::Bars, rows, seed, interval, ref out } = *options;
    out_file::check(out, &[])?;
    let began = Instant::now();
    let series = synth::bars(&SynthOptions { rows, seed, interval, ..SynthOptions::default() });
    let made = series.bars.len() as u64;
    if made < rows {
        let (made, length) = (print::plural(made, "bar"), interval::text(interval));
        bail!(Usage(format!(
            "--rows {rows}: only {made} of {length} end before the year 2262; ask for fewer"
        )));
    }
    market_data::write_bars(out, &series)?;
    let time = print::seconds(began.elapsed());
    let (bars, length) = (print::plural(made, "bar"), interval::text(interval));
    print::status(&format!("wrote {}: {bars} of {length} from seed {seed} in {time}", out.display()));
    Ok(ExitCode::SUCCESS)
}
