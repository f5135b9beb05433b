//! The commands, one file each.

pub mod check;
pub mod cross;
pub mod golden;
pub mod hash;
pub mod readme;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Replaces a file as a whole: a temporary file beside it, synced, renamed.
fn replace(path: &Path, text: &str) -> Result<()> {
    let temporary = path.with_extension("tmp");
    let write = || {
        let mut file = std::fs::File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    };
    write().with_context(|| path.display().to_string())
}
