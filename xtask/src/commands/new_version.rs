//! `cargo xtask new-version`: the next feature version, or a patch of a released one.

use anyhow::Result;
use governance::new_version::{next, patch};

/// How.
#[derive(clap::Args)]
pub struct Args {
    /// Open a patch of this released version instead: 1.0.0 becomes 1.0.1-rc.1, for texts alone.
    #[arg(long, value_name = "VERSION", conflicts_with = "from_draft")]
    patch: Option<String>,
    /// Make the next version even though the newest is a draft.
    #[arg(long)]
    from_draft: bool,
}

/// Makes it.
pub fn run(args: &Args) -> Result<bool> {
    let workspace = super::workspace()?;
    let made = match &args.patch {
        Some(name) => patch(&workspace, name)?,
        None => next(&workspace, args.from_draft)?,
    };
    println!("{made}");
    Ok(true)
}
