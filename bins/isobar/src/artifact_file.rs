//! Artifacts and keys on disk.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use market_data::file::AtomicFile;

use crate::error::Usage;

/// Largest file that can be an artifact.
const BYTES_MAX: u64 = 256 << 20;

/// Reads the bytes of an artifact; a file too large to be one is not read.
pub fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let context = || format!("cannot read {}", path.display());
    // Before it is opened: opening a pipe waits for whoever writes it.
    if !fs::metadata(path).with_context(context)?.is_file() {
        bail!("cannot read {}: it is no file; name an artifact or a model", path.display());
    }
    let file = fs::File::open(path).with_context(context)?;
    let mut bytes = Vec::new();
    file.take(BYTES_MAX + 1).read_to_end(&mut bytes).with_context(context)?;
    Ok(bytes)
}

/// Checks that an artifact can stand at `path` before any work is done.
pub fn check_out(path: &Path, inputs: &[&Path]) -> anyhow::Result<()> {
    if path.extension().is_none_or(|extension| extension != "iso") {
        bail!(Usage(format!("--out {}: the name of an artifact ends in .iso", path.display())));
    }
    crate::out_file::check_place(path, inputs)
}

/// Writes an artifact, whole or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).with_context(|| format!("cannot write {}", path.display()))?;
    file.commit()?;
    Ok(())
}
