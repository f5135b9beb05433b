//! `cargo xtask hash`: the identity of a version's source.

use anyhow::{Context as _, Result};
use feature_api::identity::Source;

use super::replace;
use crate::version::{VERSIONS, Version, find};

/// Which versions, and what to do with their sums.
#[derive(clap::Args)]
pub struct Args {
    /// A version, such as v1; all where none is named.
    version: Option<String>,
    /// Compare with SHA256SUMS; exit code 1 where they differ.
    #[arg(long, conflicts_with = "write")]
    verify: bool,
    /// Write SHA256SUMS; refused for a released version.
    #[arg(long)]
    write: bool,
}

/// Prints, compares or writes.
pub fn run(args: &Args) -> Result<bool> {
    let all = VERSIONS;
    let versions: Vec<&Version> = match &args.version {
        Some(name) => vec![find(name)?],
        None => all.iter().collect(),
    };
    let mut well = true;
    for version in versions {
        let source = Source::read(&version.folder())?;
        println!("features-{} {} {}", version.name, version.version, source.hash());
        if args.write {
            anyhow::ensure!(
                !version.is_released(),
                "features-{} {} is released and never changes; make a new version instead",
                version.name,
                version.version
            );
            replace(&version.folder().join("SHA256SUMS"), &source.sums())?;
        }
        if args.verify {
            for file in differing(version, &source)? {
                println!("differs from SHA256SUMS: features-{}/{file}", version.name);
                well = false;
            }
        }
    }
    Ok(well)
}

/// Files that are not as `SHA256SUMS` says, or not in it, or gone.
pub fn differing(version: &Version, source: &Source) -> Result<Vec<String>> {
    let path = version.folder().join("SHA256SUMS");
    let sums = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let (recorded, found) = (sums.replace("\r\n", "\n"), source.sums());
    let changed = found.lines().filter(|line| !recorded.lines().any(|other| other == *line));
    let gone = recorded.lines().filter(|line| !found.lines().any(|other| other == *line));
    let mut files: Vec<String> = changed
        .chain(gone)
        .filter_map(|line| line.split_once("  "))
        .map(|(_, file)| file.to_owned())
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}
