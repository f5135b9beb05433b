//! `cargo xtask diff`: what changed between two versions, for a reviewer.

use std::io::{ErrorKind, IsTerminal as _, Write as _, stdout};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use governance::diff::{BarFile, Diff};

/// Which versions, on what, and how it is shown.
#[derive(clap::Args)]
pub struct Args {
    /// The old version, such as v1.
    old: String,
    /// The new version, such as v2.
    new: String,
    /// Also compare values on these bars: .csv or .txt, also with .gz or .zst behind, or .parquet.
    #[arg(long, value_name = "FILE")]
    bars: Option<PathBuf>,
    /// Round numbers of the bars with more than 15 digits to 15, instead of refusing those no grid holds.
    #[arg(long, value_name = "POLICY", value_parser = ["refuse", "round"], default_value = "refuse", requires = "bars")]
    float_noise: String,
    /// Leave out rows of the bars that are not as they must be, instead of refusing the file.
    #[arg(long, requires = "bars")]
    skip_problems: bool,
    /// Whether the bars must have a volume column; with none every volume is 0.
    #[arg(long, value_name = "POLICY", value_parser = ["required", "none"], default_value = "required", requires = "bars")]
    volume: String,
    /// As Markdown for GitHub.
    #[arg(long, conflicts_with = "json")]
    md: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Compares and prints.
pub fn run(args: &Args) -> Result<bool> {
    let options = [
        (args.float_noise == "round", "--float-noise=round"),
        (args.skip_problems, "--skip-problems"),
        (args.volume == "none", "--volume=none"),
    ];
    let options: Vec<String> =
        options.iter().filter(|(is_set, _)| *is_set).map(|(_, option)| (*option).to_owned()).collect();
    if let Some(path) = &args.bars {
        // Before anything is built: that takes minutes the first time.
        std::fs::File::open(path).with_context(|| path.display().to_string())?;
    }
    let bars = args.bars.clone().map(|path| BarFile { path, options });
    let diff = Diff::between(&super::workspace()?, &args.old, &args.new, bars.as_ref())?;
    let text = match (args.json, args.md) {
        (true, _) => diff.json()? + "\n",
        (false, true) => diff.markdown(),
        (false, false) => diff.terminal(
            stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        ),
    };
    match stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(true),
        result => Ok(result.map(|()| true)?),
    }
}
