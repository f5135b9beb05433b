//! The commands, one file each, thin over the library `governance`.

pub mod audit;
pub mod check;
pub mod cross;
pub mod diff;
pub mod golden;
pub mod hash;
pub mod new_version;
pub mod readme;
pub mod release;

use std::path::Path;

use anyhow::Result;
use governance::Workspace;

/// The workspace these commands work on: the one that cargo runs this program in, else the one it was built in.
pub fn workspace() -> Result<Workspace> {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&xtask).parent().unwrap_or_else(|| Path::new("."));
    Ok(Workspace::open(root)?)
}
