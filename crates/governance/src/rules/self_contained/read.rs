//! Reads what the rule looks at.

use std::path::Path;

use toml::{Table, Value};

use super::{Ban, Inputs, problem};
use crate::rules::escapes;
use crate::{Error, Scan, Version, Workspace};

impl Inputs {
    /// Reads manifests, lock file, bans and sources. What cannot be read is in [`Inputs::unread`].
    #[must_use]
    pub fn read(workspace: &Workspace, version: &Version) -> Self {
        let mut inputs = Self::default();
        inputs.manifest = inputs.table(workspace, &format!("{}/Cargo.toml", version.name));
        inputs.workspace = inputs.table(workspace, "Cargo.toml");
        inputs.lock = inputs.table(workspace, "Cargo.lock");
        let clippy = inputs.table(workspace, "clippy.toml");
        inputs.bans =
            ["disallowed-methods", "disallowed-types"].iter().flat_map(|list| bans(&clippy, list)).collect();
        let files = ["clippy.toml", ".clippy.toml"].map(|name| format!("{}/{name}", version.name));
        inputs.clippy_files = files.into_iter().filter(|path| workspace.root().join(path).exists()).collect();
        for (file, _) in version.source.files.iter().filter(|(file, _)| file.ends_with(".rs")) {
            let path = format!("{}/{file}", version.name);
            match workspace.text(&path).and_then(|text| Scan::of(Path::new(&path), &text)) {
                Ok(scan) => inputs.sources.push((path, scan)),
                Err(error) => inputs.cannot_read(&path, &error),
            }
        }
        inputs
    }

    fn table(&mut self, workspace: &Workspace, path: &str) -> Table {
        escapes::read_toml(workspace, path).unwrap_or_else(|error| {
            self.cannot_read(path, &error);
            Table::new()
        })
    }

    fn cannot_read(&mut self, path: &str, error: &Error) {
        self.unread.push(problem(
            path,
            escapes::cause(error),
            "mend it: what cannot be read cannot be checked",
        ));
    }
}

/// A list of bans in `clippy.toml`: paths, or tables with `path` and `reason`.
fn bans(clippy: &Table, list: &str) -> Vec<Ban> {
    let items = clippy.get(list).and_then(Value::as_array).into_iter().flatten();
    let ban = |item: &Value| {
        let text = |key: &str| item.get(key).and_then(Value::as_str);
        let path = item.as_str().or_else(|| text("path"))?.to_owned();
        Some(Ban { path, reason: text("reason").unwrap_or("write it without, see clippy.toml").to_owned() })
    };
    items.filter_map(ban).collect()
}
