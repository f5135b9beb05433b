//! `isobar demo`: the whole way, from bars to a verified bot.

mod folder;
mod steps;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use crate::print;
use folder::Folder;
use steps::Steps;

/// The whole way on made-up bars: dataset, models, seal, verify, backtest, report, a bot on paper
///
/// Runs the commands that you would type, says which, and keeps what they print in demo.log. The folder holds
/// everything they made, the page report.html among it.
#[derive(Debug, Args)]
pub struct Options {
    /// The folder; made where it is not there, and an earlier demo in it is replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Minutes that are made up: the first three quarters to train on, the rest to trade
    #[arg(long, value_name = "N", default_value_t = 40_000, value_parser = clap::value_parser!(u64).range(10_000..=10_000_000))]
    rows: u64,
    /// Seed of the bars
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

/// Small trees on a part of the rows each: there is little to learn, and much noise.
const MODEL: &str = "--trees 100 --depth 2 --min-leaf-weight 50 --subsample 0.5";

/// Features that move with the price level. Later prices lie where no tree has split, so they are left out.
const IN_PRICE_UNITS: &str = "macd,macd_signal,macd_diff,bb_high,bb_mid,bb_low,upper_trendline_slope,\
     lower_trendline_slope,ma_200,ema_200,atr_200,vp_poc,vp_value_area_high,vp_value_area_low,vwap";
const EXIT_IN_PRICE_UNITS: &str = "macd,macd_signal,atr,ema_12,price_acceleration,macd_histogram_slope";

/// Makes everything, step by step.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let folder = Folder::prepare(&options.out)?;
    let mut steps = Steps::new(&folder)?;
    let Options { rows, seed, .. } = options;
    steps.isobar("make up bars", &format!("synth --kind bars --rows {rows} --seed {seed} --out bars.csv"))?;
    steps.own("part them: three quarters to train on, the rest unseen", || folder.part_bars())?;
    steps.isobar("make a pair of keys", "keys new --out demo")?;
    steps.isobar(
        "build the dataset of the entry model",
        "build --features 1 --set entry --bars train.csv --out entry-data --no-cache \
         --label direction:horizon=240",
    )?;
    steps.isobar(
        "train, measure, seal and sign it",
        &format!("train --data entry-data {MODEL} --drop {IN_PRICE_UNITS} --out entry.iso --sign demo.key"),
    )?;
    steps.isobar(
        "build the dataset of the exit model",
        "build --features 1 --set exit --bars train.csv --out exit-data --no-cache --hold 240 --hold-side both \
         --label direction:horizon=60",
    )?;
    steps.isobar(
        "train, measure, seal and sign it",
        &format!(
            "train --data exit-data {MODEL} --drop {EXIT_IN_PRICE_UNITS} --out exit.iso --sign demo.key"
        ),
    )?;
    steps.isobar("verify the entry model", "verify entry.iso --trusted-key demo.pub")?;
    steps.isobar("verify the exit model", "verify exit.iso --trusted-key demo.pub")?;
    steps.own("configure a bot: bot.toml", || folder.write_config())?;
    let table = steps.isobar(
        "backtest it on the unseen bars",
        "backtest --config bot.toml --bars unseen.csv --report report.html --decisions backtest.jsonl \
         --trades trades.csv",
    )?;
    steps.gatekeeper("let the production binary verify", &["--dry-run"])?;
    steps.gatekeeper(
        "let it trade the unseen bars on paper",
        &["--bars", "unseen.csv", "--out", "paper.jsonl", "--state", "paper.state", "--state-every", "1000"],
    )?;
    let same = steps.own("compare its decisions with the backtest's", || folder.same_decisions())?;

    print::result(&table)?;
    print::status(&format!(
        "\ngatekeeper took the backtest's decisions, bit for bit: {} bars. Made-up bars trend more than \
         markets do: nothing here says what a model earns on one.",
        print::count(same)
    ));
    print::status(&format!(
        "done in {}; open {}",
        print::seconds(began.elapsed()),
        folder.shown("report.html")
    ));
    Ok(ExitCode::SUCCESS)
}
