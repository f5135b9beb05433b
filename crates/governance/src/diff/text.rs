//! The text of two folders, file by file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use feature_api::identity::sha256;
use serde::Serialize;
use similar::{ChangeTag, TextDiff as Lines};

use crate::Error;

/// The folders of two versions.
///
/// Each crate's own name is a placeholder (`features-vN`, `features_vN`) and line ends are LF in both, so that neither
/// makes a difference. A folder `target` is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TextDiff {
    /// Files that differ, sorted by path.
    pub files: Vec<FileDiff>,
    /// How many files do not differ.
    pub same_files: usize,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileDiff {
    /// Path within the folders, with `/`.
    pub path: String,
    /// Whether both folders have it.
    pub status: FileStatus,
    /// Lines of the new file alone; 0 where there is no patch.
    pub added_lines: usize,
    /// Lines of the old file alone; 0 where there is no patch.
    pub removed_lines: usize,
    /// The unified diff with three lines of context. `None` where one side is no text, and for what follows from the
    /// rest: `SHA256SUMS`, `README.md` and `goldens/`.
    pub patch: Option<String>,
    /// sha256 of the old file as it is; `None` where it is added.
    pub old_sha256: Option<String>,
    /// sha256 of the new file as it is; `None` where it is removed.
    pub new_sha256: Option<String>,
}

/// Whether both folders have a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileStatus {
    /// The new folder alone.
    Added,
    /// The old folder alone.
    Removed,
    /// Both.
    Changed,
}

impl TextDiff {
    /// Compares the folders of two versions, each named as its crate.
    ///
    /// # Errors
    /// [`Error::Io`] where a file or folder cannot be read.
    pub fn between(old: &Path, new: &Path) -> Result<Self, Error> {
        let [old, new] = [Folder::read(old)?, Folder::read(new)?];
        let paths: BTreeSet<&String> = old.files.keys().chain(new.files.keys()).collect();
        let count = paths.len();
        let files: Vec<FileDiff> = paths.into_iter().filter_map(|path| file(path, &old, &new)).collect();
        Ok(Self { same_files: count - files.len(), files })
    }
}

/// A folder in memory.
struct Folder {
    name: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl Folder {
    fn read(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut files = BTreeMap::new();
        collect(path, "", &mut files)?;
        Ok(Self { name, files })
    }

    /// A file as it is compared; `None` where it is no text.
    fn text(&self, path: &str) -> Option<String> {
        let bytes = self.files.get(path).map_or(&[][..], Vec::as_slice);
        let text = str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?;
        let text = without_name(&text.replace("\r\n", "\n"), &self.name, "features-vN");
        Some(without_name(&text, &self.name.replace('-', "_"), "features_vN"))
    }

    fn sha256(&self, path: &str) -> Option<String> {
        self.files.get(path).map(|bytes| sha256(bytes).to_string())
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).map_err(Error::io(folder))? {
        let entry = entry.map_err(Error::io(folder))?;
        let (path, name) = (entry.path(), format!("{prefix}{}", entry.file_name().to_string_lossy()));
        let kind = entry.file_type().map_err(Error::io(&path))?;
        if kind.is_symlink() {
            // Never followed: what it leads to is no part of the folder.
            let target = std::fs::read_link(&path).map_err(Error::io(&path))?;
            files.insert(name, format!("symbolic link to {}\n", target.display()).into_bytes());
        } else if !kind.is_dir() {
            files.insert(name, std::fs::read(&path).map_err(Error::io(&path))?);
        } else if name != "target" {
            collect(&path, &format!("{name}/"), files)?;
        }
    }
    Ok(())
}

/// `name` is replaced where it stands alone: `features-v1` stays in `features-v12`.
fn without_name(text: &str, name: &str, placeholder: &str) -> String {
    if name.is_empty() {
        return text.to_owned();
    }
    let mut parts = text.split(name);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let goes_on = part.starts_with(|letter: char| letter.is_ascii_digit());
        replaced.push_str(if goes_on { name } else { placeholder });
        replaced.push_str(part);
    }
    replaced
}

/// The difference of a file, where there is one.
fn file(path: &str, old: &Folder, new: &Folder) -> Option<FileDiff> {
    let (old_sha256, new_sha256) = (old.sha256(path), new.sha256(path));
    let status = match (&old_sha256, &new_sha256) {
        (Some(_), None) => FileStatus::Removed,
        (None, _) => FileStatus::Added,
        (Some(_), Some(_)) => FileStatus::Changed,
    };
    let texts = old.text(path).zip(new.text(path));
    let is_same = texts.as_ref().map_or(old_sha256 == new_sha256, |(old, new)| old == new);
    if is_same && status == FileStatus::Changed {
        return None;
    }
    let mut found = FileDiff {
        path: path.to_owned(),
        status,
        added_lines: 0,
        removed_lines: 0,
        patch: None,
        old_sha256,
        new_sha256,
    };
    let follows = matches!(path, "SHA256SUMS" | "README.md") || path.starts_with("goldens/");
    if let Some((old_text, new_text)) = texts.filter(|_| !follows) {
        let lines = Lines::from_lines(&old_text, &new_text);
        let count = |tag| lines.iter_all_changes().filter(|change| change.tag() == tag).count();
        (found.added_lines, found.removed_lines) = (count(ChangeTag::Insert), count(ChangeTag::Delete));
        let (old_name, new_name) = (format!("{}/{path}", old.name), format!("{}/{path}", new.name));
        found.patch = Some(lines.unified_diff().context_radius(3).header(&old_name, &new_name).to_string());
    }
    Some(found)
}
