//! `cargo xtask golden`: the recorded output of a version.

use anyhow::Result;
use governance::goldens::{Created, create};
use governance::{Facts, Profile};

use super::workspace;

/// What to do with goldens.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Compute the version's output on its canonical input and record it. Refuses where there is a record of
    /// another output, unless --replace is given; never changes those of a released version.
    Create {
        /// The version, such as v1.
        version: String,
        /// Replace the goldens of a draft.
        #[arg(long)]
        replace: bool,
    },
}

/// Records the output.
pub fn run(command: &Command) -> Result<bool> {
    let Command::Create { version, replace } = command;
    let workspace = workspace()?;
    let version = workspace.find_version(version)?;
    let facts = Facts::of(&workspace, &version.name, Profile::Debug)?;
    let name = &version.name;
    match create(&workspace, &version, &facts, *replace)? {
        Created::UpToDate => println!("the goldens of {name} are up to date: {}", facts.output_hash),
        Created::Written => println!(
            "{name}: recorded output hash {}\nnow run: cargo xtask hash {} --write",
            facts.output_hash,
            version.short()
        ),
    }
    Ok(true)
}
