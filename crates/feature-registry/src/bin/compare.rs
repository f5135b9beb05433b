//! `compare OLD NEW [--bars FILE …]`: two versions, value by value, as one JSON object on standard output; see
//! `feature_registry::compare`. `cargo xtask diff` runs it, since that links no version.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use feature_api::FeatureVersion;
use feature_registry::compare::{Bars, Comparison, compare};
use feature_registry::{VERSIONS, find, short};
use market_data::{BarFileOptions, NoisePolicy, ProblemPolicy, VolumePolicy, read_bars};

const USAGE: &str = "usage: compare OLD NEW [--bars FILE [--float-noise=round] [--skip-problems] [--volume=none]], \
                     such as: compare v1 v2 --bars bars.csv";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let arguments: Vec<&OsStr> = arguments.iter().map(OsString::as_os_str).collect();
    match run(&arguments) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&OsStr]) -> Result<String, Box<dyn Error>> {
    let comparison = match arguments {
        [old, new] => compare(version(old)?, version(new)?, None)?,
        [old, new, bars, file, options @ ..] if *bars == "--bars" => {
            on_bars(version(old)?, version(new)?, Path::new(file), &reader(options)?)?
        }
        _ => return Err(USAGE.into()),
    };
    Ok(serde_json::to_string(&comparison)?)
}

/// How the bars are read: the reader's defaults, but for these options, which are named as its messages name them.
fn reader(arguments: &[&OsStr]) -> Result<BarFileOptions, &'static str> {
    let mut options = BarFileOptions::default();
    for argument in arguments {
        match argument.to_str() {
            Some("--float-noise=round") => options.noise = NoisePolicy::Round,
            Some("--skip-problems") => options.problems = ProblemPolicy::Skip,
            Some("--volume=none") => options.volume = VolumePolicy::None,
            _ => return Err(USAGE),
        }
    }
    Ok(options)
}

fn on_bars(
    old: &FeatureVersion,
    new: &FeatureVersion,
    path: &Path,
    options: &BarFileOptions,
) -> Result<Comparison, Box<dyn Error>> {
    let series = read_bars(path, options)?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let left_out = series.rows_read - series.bars.len() as u64;
    let mut notes = series.notes;
    if left_out > 0 {
        notes.push(format!("rows with problems, left out: {left_out}"));
    }
    notes.push(format!("gaps between the bars: {}; nothing is filled", series.gaps.len()));
    Ok(compare(old, new, Some(&Bars { name: &name, notes, bars: &series.bars }))?)
}

fn version(name: &OsStr) -> Result<&'static FeatureVersion, String> {
    name.to_str().and_then(find).ok_or_else(|| {
        let known: Vec<&str> = VERSIONS.iter().map(|version| short(version)).collect();
        format!(
            "feature-registry has no version {:?}; it has: {}; a new version needs its line in \
             crates/feature-registry/src/lib.rs",
            name.to_string_lossy(),
            known.join(", ")
        )
    })
}
