//! Checks of an output path before any work is done. An existing file is replaced, but only once the new one is
//! complete; an input is never replaced.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::bail;
use market_data::file::Format;

use crate::error::Usage;

/// Checks that a table can stand at `out` and that it is none of `inputs`.
pub fn check(out: &Path, inputs: &[&Path]) -> anyhow::Result<()> {
    Format::of(out)?;
    check_place(out, inputs)
}

/// Checks that a file of any kind can stand at `out` and that it is none of `inputs`.
pub fn check_place(out: &Path, inputs: &[&Path]) -> anyhow::Result<()> {
    let folder = folder(out);
    if !folder.is_dir() {
        bail!("cannot write {}: there is no folder {}; make it first", out.display(), folder.display());
    }
    if out.is_dir() {
        bail!("cannot write {}: it is a folder; name a file", out.display());
    }
    let place = place(out);
    if let Some(input) = inputs.iter().find(|input| self::place(input) == place) {
        let (out, input) = (out.display(), input.display());
        bail!(Usage(format!(
            "--out {out} is the input {input}: an input is never replaced; name another file"
        )));
    }
    Ok(())
}

/// Checks that an input is a file, as far as that can be told before it is opened.
pub fn check_input(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("cannot read {}: it is a folder; name a file", path.display());
    }
    Ok(())
}

/// Where a path leads, links followed; `None` where nothing can be told.
pub fn place(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok().or_else(|| Some(fs::canonicalize(folder(path)).ok()?.join(path.file_name()?)))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
