//! A whole dataset, ours beside pandas and TA-Lib: bars from a Parquet file, the features of `core` and a forward
//! return, a Parquet file packed with zstd.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dataset::{BuildOptions, LabelSpec, SplitSpec};
use feature_api::{Columns, Grid, GridError};
use features_v1::FEATURES;
use market_data::{BarFileOptions, BarSeries, read_bars, write_bars};

use crate::bars::{Bars, MINUTE, PRICE_SCALE, QTY_SCALE};
use crate::clock;
use crate::python::Process;

/// The script of the peer.
const SCRIPT: &str = include_str!("dataset.py");
/// Bars looked ahead by the label.
const HORIZON: NonZeroU32 = NonZeroU32::MIN.saturating_add(14);
const LABEL: LabelSpec = LabelSpec::ForwardReturn { horizon: HORIZON };
const SPLIT: SplitSpec = SplitSpec { train: 0.7, validation: 0.15, test: 0.15, embargo: 0 };

/// Measures both in turns and prints.
///
/// # Errors
/// Why either could not build.
pub fn run(bars: Bars, rounds: usize) -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("isobar-dataset-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let done = run_in(&folder, bars, rounds);
    fs::remove_dir_all(&folder)?;
    done
}

fn run_in(folder: &Path, bars: Bars, rounds: usize) -> Result<(), Box<dyn Error>> {
    let count = bars.len();
    let (source, target) = (folder.join("bars.parquet"), folder.join("peer.parquet"));
    write_bars(&source, &series(bars)?)?;
    let args = [source.clone(), target, PathBuf::from(HORIZON.to_string())];
    let mut peer = Process::start(SCRIPT, &args)
        .map_err(|why| format!("Python: {why}; pip install TA-Lib numpy pandas pyarrow"))?;

    let (mut ours, mut theirs) = (Times::NONE, Times::NONE);
    // The first round is the warm-up.
    for round in 0..=rounds {
        let mine = build(&source, folder)?;
        let other = Times::parse(&peer.order("build").ok_or("the Python process died")?)?;
        if round > 0 {
            (ours, theirs) = (ours.best(mine), theirs.best(other));
        }
    }
    let order = format!("compare {}", folder.join("rows.parquet").display());
    let deviations = peer.order(&order).ok_or("the Python process died")?;

    println!("{:26}{:>13}{:>15}{:>8}", "rows per second", "ours", "pandas+TA-Lib", "ratio");
    for (name, taken) in [
        ("read bars", [ours.read, theirs.read]),
        ("features and labels", [ours.compute, theirs.compute]),
        ("read, compute and write", [ours.whole, theirs.whole]),
        ("the same, processor time", [ours.processor, theirs.processor]),
    ] {
        let [ours, theirs] = taken.map(|time| count as f64 / time.as_secs_f64());
        println!("{name:26}{ours:>13.0}{theirs:>15.0}{:>8.2}", ours / theirs);
    }
    println!("\n{count} bars, best of {rounds} rounds; {FEATURES}; {}", peer.version);
    println!("largest relative deviation, and cells that only one of the two has:\n  {deviations}");
    Ok(())
}

/// Times of a build: of the wall, but for the last.
#[derive(Clone, Copy)]
struct Times {
    read: Duration,
    /// Features and labels, in memory.
    compute: Duration,
    /// From file to file.
    whole: Duration,
    /// The same in processor time of every thread.
    processor: Duration,
}

impl Times {
    const NONE: Self =
        Self { read: Duration::MAX, compute: Duration::MAX, whole: Duration::MAX, processor: Duration::MAX };

    /// What the script answers: wall and processor time of reading, computing and writing.
    fn parse(answer: &str) -> Result<Self, Box<dyn Error>> {
        let nanos = answer.split(' ').map(str::parse).collect::<Result<Vec<u64>, _>>()?;
        let times: Vec<_> = nanos.into_iter().map(Duration::from_nanos).collect();
        let [read, read_cpu, compute, compute_cpu, write, write_cpu] = times[..] else {
            return Err(format!("expected six times, found {answer:?}").into());
        };
        let (whole, processor) = (read + compute + write, read_cpu + compute_cpu + write_cpu);
        Ok(Self { read, compute, whole, processor })
    }

    /// The shorter of each.
    fn best(self, other: Self) -> Self {
        Self {
            read: self.read.min(other.read),
            compute: self.compute.min(other.compute),
            whole: self.whole.min(other.whole),
            processor: self.processor.min(other.processor),
        }
    }
}

/// Ours: the library's build, and beside it the same features and labels in memory alone.
fn build(source: &Path, folder: &Path) -> Result<Times, Box<dyn Error>> {
    let options = BuildOptions {
        version: &FEATURES,
        set: "core",
        params: &[],
        volume: true,
        label: LABEL,
        finer: None,
        positions: None,
        split: SPLIT,
        cache: None,
        profile: false,
        time_shares: &[],
    };
    let (start, start_cpu) = (Instant::now(), clock::process());
    let series = read_bars(source, &BarFileOptions::default())?;
    let read = start.elapsed();
    dataset::build(folder, &series, &options)?;
    let (whole, processor) = (start.elapsed(), clock::process() - start_cpu);

    let start = Instant::now();
    let mut set = FEATURES.open(options.set, options.params)?;
    let mut features = Columns::new(set.schema().width());
    set.update_bars(&series.bars, &mut features)?;
    let labels = LABEL.label(&series.bars, None);
    let compute = start.elapsed();
    black_box((&features, &labels));
    Ok(Times { read, compute, whole, processor })
}

fn series(bars: Bars) -> Result<BarSeries, GridError> {
    let rows_read = bars.len() as u64;
    let (gaps, problems, notes) = (Vec::new(), Vec::new(), Vec::new());
    let grid = Grid::new(PRICE_SCALE, QTY_SCALE)?;
    Ok(BarSeries { bars: bars.bars, grid, interval: MINUTE, gaps, problems, notes, rows_read })
}
