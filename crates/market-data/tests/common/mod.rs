//! What the list of sources says.

use std::collections::BTreeMap;
use std::path::Path;

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
