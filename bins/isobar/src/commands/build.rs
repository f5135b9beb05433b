//! `isobar build`: a labelled dataset from bars or events.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;
use clap::{Args, ValueEnum};
use dataset::{BuildOptions, Built, Cache, HoldSides, LabelSpec, PositionUse, SplitSpec, Ties};
use feature_api::{FeatureSet, Grid};
use market_data::synth::{self, SynthOptions};
use market_data::{BarFileOptions, BarSeries, PositionEvent};

use super::synth::ROWS_MAX;
use crate::bar_options::BarOptions;
use crate::error::Usage;
use crate::event_options::{self, EventOptions};
use crate::set_options::SetOptions;
use crate::{out_file, positions, print, summary};

/// Build a labelled dataset: features, labels and a manifest that says where they come from
///
/// Writes rows.parquet and manifest.json into the folder. Features of bars that were seen before are read from the
/// cache; the bytes are those of a full build.
#[derive(Debug, Args)]
pub struct Options {
    /// The bars, for a set over bars: .csv or .txt, also with .gz or .zst behind, or .parquet
    #[arg(long, value_name = "FILE")]
    bars: Option<PathBuf>,
    /// No file, but this many made-up bars of seed 1: the same as `isobar synth` makes
    #[arg(long, value_name = "N", conflicts_with = "bars", value_parser = clap::value_parser!(u64).range(1..=ROWS_MAX))]
    synth: Option<u64>,
    /// What is to be predicted, from later bars: return:horizon=15, direction:horizon=15,above=0.0005 or
    /// barriers:horizon=60,profit=0.01,loss=0.005,side=long
    #[arg(long, value_name = "SPEC")]
    label: LabelSpec,
    /// Bars of a shorter interval, which decide the barrier a bar touched first where it touched both
    #[arg(long, value_name = "FILE")]
    label_bars: Option<PathBuf>,
    /// Changes of position, which the set exit needs: a CSV with the columns ts, side (long, short, flat) and price;
    /// each is seen from the first bar on that closes after it. Rows have a label where a position is open, and
    /// along it: a rise is a loss of a short
    #[arg(long, value_name = "FILE", conflicts_with = "hold")]
    positions: Option<PathBuf>,
    /// No file, but positions to train on, one after another: each entered at the open of a bar and held so many
    /// bars, then one bar has none
    #[arg(long, value_name = "BARS")]
    hold: Option<NonZeroU32>,
    /// On which side these are: both is long and short in turn [default: both]
    #[arg(long, value_enum, requires = "hold", conflicts_with = "positions")]
    hold_side: Option<HoldSide>,
    /// Shares of the rows by time: to train on, to choose by, to look at once
    #[arg(long, value_name = "TRAIN,VALIDATION,TEST", default_value = "0.6,0.2,0.2", value_parser = parse_shares)]
    split: [f64; 3],
    /// Rows left out before each later part, beyond those whose labels look into it
    #[arg(long, value_name = "ROWS", default_value_t = 0)]
    embargo: u32,
    /// Print and save what each feature looks like and what it costs
    #[arg(long)]
    profile: bool,
    /// Folder of the cache; else $ISOBAR_CACHE, $XDG_CACHE_HOME/isobar or ~/.cache/isobar
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    cache: Option<PathBuf>,
    /// Neither read nor write a cache
    #[arg(long)]
    no_cache: bool,
    /// The folder of the dataset; made where it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    set: SetOptions,
    #[command(flatten)]
    bar_options: BarOptions,
    #[command(flatten)]
    event_options: EventOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum HoldSide {
    Long,
    Short,
    Both,
}

impl From<HoldSide> for HoldSides {
    fn from(side: HoldSide) -> Self {
        match side {
            HoldSide::Long => Self::Long,
            HoldSide::Short => Self::Short,
            HoldSide::Both => Self::Both,
        }
    }
}

/// Reads, computes, labels, writes.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let Options { bars, synth, label, label_bars, out, set, bar_options, .. } = options;
    let engine = set.engine()?;
    options.event_options.check(engine.as_ref(), bars.is_some() || synth.is_some())?;
    for (option, is_given) in
        [("--positions", options.positions.is_some()), ("--hold", options.hold.is_some())]
    {
        if is_given {
            positions::check(option, engine.schema())?;
        }
    }
    let reader = bar_options.to_reader()?;
    for input in [bars, label_bars, &options.positions].into_iter().flatten() {
        out_file::check_input(input)?;
    }
    if out.exists() && !out.is_dir() {
        bail!(Usage(format!("--out {}: it is a file; name a folder", out.display())));
    }
    if options.event_options.is_given() {
        return run_events(options, engine.as_ref(), reader.grid);
    }
    let cache = cache(options);

    let began = Instant::now();
    let series = match (bars, synth) {
        (Some(path), _) => market_data::read_bars(path, &reader)?,
        (None, rows) => {
            synth::bars(&SynthOptions { rows: rows.unwrap_or_default(), seed: 1, ..SynthOptions::default() })
        }
    };
    let finer = label_bars.as_deref().map(|path| finer_bars(path, &reader)).transpose()?;
    let events = events(options, &series)?;
    let read = began.elapsed();
    let [train, validation, test] = options.split;
    let time_shares = if options.profile { time_shares(set, &series)? } else { Vec::new() };
    let built = dataset::build(
        out,
        &series,
        &BuildOptions {
            version: set.features,
            set: &set.set,
            params: &set.params,
            volume: bar_options.has_volume(),
            label: *label,
            finer: finer.as_ref().map(|series| series.bars.as_slice()),
            positions: events.as_deref(),
            split: SplitSpec { train, validation, test, embargo: options.embargo },
            cache: cache.as_ref(),
            profile: options.profile,
            time_shares: &time_shares,
        },
    )?;

    print::status(&format!(
        "{}: {}",
        set.title(),
        print::plural(built.manifest.names.len() as u64, "feature")
    ));
    summary::bars(&series);
    summarize(&built, cache.as_ref());
    let [read, all] = [read, began.elapsed()].map(print::seconds);
    print::status(&format!("  time       {all}, of which reading {read}"));
    if let Some(profile) = &built.profile {
        print::result(&profile.to_text())?;
    }
    print::status(&format!("wrote {}", out.display()));
    Ok(ExitCode::SUCCESS)
}

/// The same for a set over events.
fn run_events(options: &Options, engine: &dyn FeatureSet, grid: Option<Grid>) -> anyhow::Result<ExitCode> {
    let Options { set, label, out, event_options, .. } = options;
    if options.label_bars.is_some() {
        bail!(Usage("--label-bars: rows of events have no bars to decide in; leave it out".to_owned()));
    }
    let began = Instant::now();
    let mut stream = event_options.open(Some(engine), grid)?;
    let [train, validation, test] = options.split;
    let (built, used) = dataset::build_events(
        out,
        || stream.next_event(),
        &BuildOptions {
            version: set.features,
            set: &set.set,
            params: &set.params,
            volume: true,
            label: *label,
            finer: None,
            positions: None,
            split: SplitSpec { train, validation, test, embargo: options.embargo },
            cache: None,
            profile: options.profile,
            time_shares: &[],
        },
    )?;
    print::status(&format!(
        "{}: {}",
        set.title(),
        print::plural(built.manifest.names.len() as u64, "feature")
    ));
    event_options::summarize(&stream, &used.counters);
    print::status(&format!(
        "  rows       {}, {} of the warm-up",
        print::count(built.manifest.rows),
        print::count(built.manifest.warm_up.into())
    ));
    summarize(&built, None);
    print::status(&format!("  time       {}", print::seconds(began.elapsed())));
    if let Some(profile) = &built.profile {
        print::result(&profile.to_text())?;
    }
    print::status(&format!("wrote {}", out.display()));
    Ok(ExitCode::SUCCESS)
}

/// What share of the time each feature takes, over the first bars.
fn time_shares(set: &SetOptions, series: &BarSeries) -> anyhow::Result<Vec<(&'static str, f64)>> {
    const BARS: usize = 20_000;
    let began = Instant::now();
    let clock = || u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let bars = series.bars.get(..BARS.min(series.bars.len())).unwrap_or_default();
    Ok(set.engine()?.time_shares(bars, &clock))
}

/// Changes of position: of a file, or made up.
fn events(options: &Options, series: &BarSeries) -> anyhow::Result<Option<Vec<PositionEvent>>> {
    if let Some(path) = &options.positions {
        return Ok(Some(positions::read(path, series.grid)?));
    }
    let sides = options.hold_side.unwrap_or(HoldSide::Both).into();
    Ok(options.hold.map(|hold| dataset::tile_positions(&series.bars, hold, sides)))
}

/// Bars of a shorter interval, read as the others are; their length is found out.
fn finer_bars(path: &Path, reader: &BarFileOptions) -> anyhow::Result<BarSeries> {
    Ok(market_data::read_bars(path, &BarFileOptions { interval: None, grid: None, ..reader.clone() })?)
}

/// Where features are kept; nowhere where no folder can be told.
fn cache(options: &Options) -> Option<Cache> {
    if options.no_cache {
        return None;
    }
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = options.cache.clone().or_else(|| set("ISOBAR_CACHE")).or_else(|| {
        Some(set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?.join("isobar"))
    })?;
    Some(Cache::new(folder))
}

fn summarize(built: &Built, cache: Option<&Cache>) {
    let manifest = &built.manifest;
    let unlabelled = print::plural(manifest.rows - manifest.labelled, "row");
    match &built.positions {
        None => {
            print::status(&format!("  label      {}; {unlabelled} without a full future", manifest.label));
        }
        Some(PositionUse { changes, late, rows }) => {
            let late = if *late > 0 { format!(", {late} after the last bar") } else { String::new() };
            print::status(&format!(
                "  positions  {}{late}; open at the close of {}",
                print::plural(*changes, "change"),
                print::plural(*rows, "bar")
            ));
            print::status(&format!(
                "  label      {} along the position; {unlabelled} without one: no position (of its side), or no full \
                 future",
                manifest.label
            ));
        }
    }
    if built.ties.touched_both > 0 {
        print::status(&format!("  barriers   {}", ties(&built.ties)));
    }
    let used = match cache {
        Some(_) => format!(
            "{} read, {} computed",
            print::plural(built.cache.read, "row"),
            print::count(built.cache.computed)
        ),
        None => "none".to_owned(),
    };
    print::status(&format!("  cache      {used}"));
    for note in &built.cache.notes {
        print::status(&format!("  note       {note}"));
    }
}

/// How many labels hang on which barrier a bar touched first.
fn ties(Ties { touched_both, decided, undecided, unmatched }: &Ties) -> String {
    let count = print::plural(*touched_both, "label");
    let losses = undecided + unmatched;
    let mut text = format!("{count} where one bar touches both: {losses} counted as losses");
    if *decided > 0 {
        text += &format!(", {decided} decided by finer bars");
    }
    if *unmatched > 0 && *decided + *undecided > 0 {
        text += &format!(", {unmatched} of the losses because the bar is not made of the finer bars");
    }
    text
}

/// Three shares; what they must be is checked where they are used.
fn parse_shares(text: &str) -> Result<[f64; 3], String> {
    let shares: Option<Vec<f64>> = text.split(',').map(|share| share.trim().parse().ok()).collect();
    shares
        .and_then(|shares| shares.try_into().ok())
        .ok_or_else(|| "expected three shares, such as 0.6,0.2,0.2".to_owned())
}
