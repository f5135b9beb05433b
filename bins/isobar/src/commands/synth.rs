//! `isobar synth`: bars, trades and books that are made up, the same on every machine.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;
use clap::{Args, ValueEnum};
use market_data::MarketEvent;
use market_data::file::Format;
use market_data::synth::{self, Market, MarketCounts, MarketOptions, SynthOptions};

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
    /// Length of a bar [default: 1m], or time between trades [default: 50 ms], such as 1s, 5m, 1h or 1d
    #[arg(long, value_parser = interval::parse)]
    interval: Option<i64>,
    /// Of 1,000 trades so many come twice
    #[arg(long, value_name = "PER MILLE", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1000))]
    duplicates: u32,
    /// Of 1,000 trades so many are followed by one that happened before it
    #[arg(long, value_name = "PER MILLE", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1000))]
    late: u32,
    /// Of 1,000 trades so many happen in the same millisecond as the one before
    #[arg(long, value_name = "PER MILLE", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1000))]
    same_time: u32,
    /// The file: .csv, .csv.gz, .csv.zst or .parquet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Closed bars with taker volumes.
    Bars,
    /// Trades, as an exchange publishes them.
    Trades,
    /// The trades of the same seed and the book around them, as recorded messages; name it --out FILE.txt or .txt.gz.
    Book,
}

/// Makes the data and writes it.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let Options { kind, rows, seed, interval, ref out, .. } = *options;
    out_file::check(out, &[])?;
    match kind {
        Kind::Bars => {}
        Kind::Trades | Kind::Book => return run_market(options),
    }
    if options.duplicates + options.late + options.same_time > 0 {
        bail!(Usage(
            "--duplicates, --late and --same-time are for trades; leave them out for bars".to_owned()
        ));
    }
    let interval = interval.unwrap_or(60_000_000_000);
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

/// Makes up trades, or trades and a book.
fn run_market(options: &Options) -> anyhow::Result<ExitCode> {
    let Options { kind, rows, seed, interval, duplicates, late, same_time, ref out } = *options;
    if matches!((kind, Format::of(out)?), (Kind::Book, Format::Parquet)) {
        let out = out.display();
        bail!(Usage(format!("--out {out}: recorded messages are text; name a file such as book.txt.gz")));
    }
    let began = Instant::now();
    let default = MarketOptions::default();
    let market = MarketOptions {
        trades: rows,
        seed,
        interval: interval.unwrap_or(default.interval),
        duplicates,
        late,
        same_time,
        book: matches!(kind, Kind::Book),
        ..default
    };
    let mut market = Market::new(market);
    let written = match kind {
        Kind::Bars | Kind::Trades => {
            let trades = market.by_ref().filter_map(|event| match event {
                MarketEvent::Trade(trade) => Some(trade),
                MarketEvent::Quote(_)
                | MarketEvent::Snapshot(_)
                | MarketEvent::Delta(_)
                | MarketEvent::Bar(_)
                | MarketEvent::Clock(_) => None,
            });
            market_data::write_trades(out, &mut { trades })?
        }
        Kind::Book => market_data::write_capture(out, "SYNTH", &mut market)?,
    };
    let MarketCounts { duplicates, late, same_time } = market.counts();
    if duplicates + late + same_time > 0 {
        let [duplicates, late, same_time] = [duplicates, late, same_time].map(print::count);
        print::status(&format!(
            "  trades     {}, {same_time} of them at the time of the one before; {duplicates} again, {late} late",
            print::count(rows)
        ));
    }
    let what = if matches!(kind, Kind::Book) { "event" } else { "trade" };
    let (events, time) = (print::plural(written, what), print::seconds(began.elapsed()));
    print::status(&format!("wrote {}: {events} from seed {seed} in {time}", out.display()));
    Ok(ExitCode::SUCCESS)
}
