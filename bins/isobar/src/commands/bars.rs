//! `isobar bars`: bars built from trades.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;
use clap::{Args, ValueEnum};
use feature_api::{Columns, Grid, MAX_SCALE, Row, UnixNanos};
use feature_registry::bars::{Bars, BuiltBar};
use market_data::decimal_text;
use market_data::table::TableWriter;

use crate::error::Usage;
use crate::event_options::{self, EventOptions};
use crate::{interval, out_file, print};

/// Rows written at a time.
const CHUNK: usize = 8192;

/// Names of the columns behind the two times.
const COLUMNS: [&str; 19] = [
    "open_time",
    "close_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "taker_buy_volume",
    "dollar_volume",
    "trades",
    "vwap",
    "skipped",
    "trade_imbalance",
    "tick_volatility",
    "taker_ratio",
    "tick_skew",
    "tick_kurtosis",
    "price_changes",
    "direction_changes",
];

/// Build bars from trades
///
/// Columns: ts_event and ts_available in nanoseconds since 1970, open and close time in milliseconds, prices, volumes,
/// and the statistics of the trades inside the bar. A bar that is not closed when the trades end is not written. The
/// bars are those that features-v2 builds for itself.
#[derive(Debug, Args)]
pub struct Options {
    /// What closes a bar
    #[arg(long, value_enum)]
    kind: Kind,
    /// How much closes it: trades (tick), units of quantity (volume), quote units (dollar), trades to expect at first
    /// (imbalance kinds)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    threshold: Option<u32>,
    /// Length of a bar of time, such as 1s, 1m or 4h
    #[arg(long, value_parser = interval::parse, conflicts_with = "threshold")]
    interval: Option<i64>,
    /// The table: .parquet, .csv, .csv.gz or .csv.zst; an existing file is replaced once the new one is complete
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Decimals of prices; else the fewest that hold every price
    #[arg(long, value_name = "N", requires = "quantity_decimals", value_parser = clap::value_parser!(u8).range(0..=i64::from(MAX_SCALE)))]
    price_decimals: Option<u8>,
    /// Decimals of quantities; else the fewest that hold every quantity
    #[arg(long, alias = "qty-decimals", value_name = "N", requires = "price_decimals", value_parser = clap::value_parser!(u8).range(0..=i64::from(MAX_SCALE)))]
    quantity_decimals: Option<u8>,
    #[command(flatten)]
    event_options: EventOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Time,
    Tick,
    Volume,
    Dollar,
    TickImbalance,
    VolumeImbalance,
    DollarImbalance,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Tick => "tick",
            Self::Volume => "volume",
            Self::Dollar => "dollar",
            Self::TickImbalance => "tick-imbalance",
            Self::VolumeImbalance => "volume-imbalance",
            Self::DollarImbalance => "dollar-imbalance",
        }
    }
}

/// Reads, builds, writes.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let Options { kind, out, event_options, .. } = options;
    let size = size(options)?;
    let inputs: Vec<&Path> = event_options.paths().collect();
    event_options.check_trades()?;
    out_file::check(out, &inputs)?;
    let grid = match (options.price_decimals, options.quantity_decimals) {
        (Some(price), Some(quantity)) => {
            Some(Grid::new(price, quantity).map_err(|error| Usage(error.to_string()))?)
        }
        _ => None,
    };
    let began = Instant::now();
    let mut stream = event_options.open(None, grid)?;
    let Some(mut bars) = Bars::new(kind.name(), size, stream.grid()) else {
        bail!(Usage(format!("no bars of kind {} and size {size}", kind.name())));
    };
    let mut table = TableWriter::create(out, &COLUMNS)?;
    let (mut rows, mut row) = (Columns::new(COLUMNS.len()), Row::new(COLUMNS.len()));
    let mut count = 0_u64;
    while let Some(event) = stream.next_event()? {
        let Some(bar) = bars.update(&event.view())? else { continue };
        count += 1;
        fill(&mut row, &bar, stream.grid());
        rows.push(&row);
        if rows.len() == CHUNK {
            table.write(&rows)?;
            rows.clear();
        }
    }
    table.write(&rows)?;
    table.finish()?;
    print::status(&format!("{} bars of size {}", kind.name(), print::count(size.into())));
    event_options::summarize(&stream, &bars.counters());
    print::status(&format!("  bars       {}; one that is not closed is not written", print::count(count)));
    print::status(&format!("  time       {}", print::seconds(began.elapsed())));
    print::status(&format!("wrote {}", out.display()));
    Ok(ExitCode::SUCCESS)
}

fn size(options: &Options) -> Result<u32, Usage> {
    let Options { kind, threshold, interval, .. } = options;
    match (kind, threshold, interval) {
        (Kind::Time, None, Some(nanos)) => {
            let millis = nanos / 1_000_000;
            u32::try_from(millis).ok().filter(|millis| *millis > 0 && nanos % 1_000_000 == 0).ok_or_else(
                || {
                    Usage(
                        "--interval: expected whole milliseconds, up to 49 days, such as 1s or 1m".to_owned(),
                    )
                },
            )
        }
        (Kind::Time, ..) => {
            Err(Usage("bars of time have a length: pass --interval, such as 1s or 1m".to_owned()))
        }
        (_, Some(size), None) => Ok(*size),
        _ => Err(Usage(format!("{} bars have a size: pass --threshold N", kind.name()))),
    }
}

/// The cells of a bar. Prices and volumes are the floats nearest to their decimals.
fn fill(row: &mut Row, bar: &BuiltBar, grid: Grid) {
    row.ts_event = bar.ts_close;
    row.ts_available = bar.ts_available;
    let decimal = |raw: i64, scale: u8| decimal_text(raw, scale).parse::<f64>().unwrap_or(f64::NAN);
    let price = |raw: i64| decimal(raw, grid.price_scale());
    let quantity = |raw: i64| decimal(raw, grid.qty_scale());
    let millis = |time: UnixNanos| (time.0.div_euclid(1_000_000)) as f64;
    let cells = [
        millis(bar.ts_open),
        millis(bar.ts_close),
        price(bar.open.raw()),
        price(bar.high.raw()),
        price(bar.low.raw()),
        price(bar.close.raw()),
        quantity(bar.volume.raw()),
        quantity(bar.taker_buy.raw()),
        bar.dollar_volume,
        bar.trades as f64,
        bar.vwap,
        bar.skipped as f64,
    ];
    let statistics = bar.statistics.iter().map(|(_, value)| *value);
    for (index, value) in cells.into_iter().chain(statistics).enumerate() {
        row.set(index, Some(value));
    }
}
