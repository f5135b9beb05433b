//! `cargo xtask hash`: the identity of a version's source.

use anyhow::{Result, ensure};
use governance::{Version, write_whole};

use super::workspace;

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
    let workspace = workspace()?;
    let versions: Vec<Version> = match &args.version {
        Some(name) => vec![workspace.find_version(name)?],
        None => {
            let numbers = workspace.version_numbers()?;
            numbers.into_iter().map(|number| workspace.version(number)).collect::<Result<_, _>>()?
        }
    };
    let mut well = true;
    for version in versions {
        let Version { name, version: number, source, sums, .. } = &version;
        println!("{name} {number} {}", source.hash());
        if args.write {
            ensure!(
                !version.is_released(),
                "{name} {number} is released and never changes; make a new version: cargo xtask new-version"
            );
            write_whole(&workspace.root().join(name).join("SHA256SUMS"), &source.sums())?;
        }
        if args.verify {
            for file in source.differing(sums) {
                println!("differs from SHA256SUMS: {name}/{file}");
                well = false;
            }
        }
    }
    Ok(well)
}
