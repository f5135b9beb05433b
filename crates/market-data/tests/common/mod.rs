//! Where the real files are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The folder of real data: `ISOBAR_DATA`, else `../shared/data` seen from the root of the workspace. `None` where
/// there is none, said aloud; under `CI=true` that is a failure.
pub fn data(what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ISOBAR_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    if folder.join("SOURCES.md").is_file() {
        return Some(folder);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "no data in {}: set ISOBAR_DATA; under CI=true the tests over real files must run",
        folder.display()
    );
    eprintln!("LEFT OUT: {what}: no data in {}; set ISOBAR_DATA", folder.display());
    None
}

/// Rows of every file, without the header, as the list of sources says: `folder/file` to rows.
pub fn rows_of_sources(data: &Path) -> BTreeMap<String, u64> {
    let path = data.join("SOURCES.md");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(!text.is_empty(), "cannot read {}", path.display());
    let mut folder = "";
    let mut rows = BTreeMap::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            folder = name.trim();
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, file, count, ..] = cells.as_slice()
            && let Ok(count) = count.parse()
        {
            rows.insert(format!("{folder}/{file}"), count);
        }
    }
    rows
}
