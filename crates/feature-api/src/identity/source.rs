//! The source of a feature version, as it lies in a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Hash, manifest, sha256};

/// The identity of a feature version's source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Every file that decides a value, by path within the crate, sorted, with the hash of its content
    /// under LF line endings.
    pub files: Vec<(String, Hash)>,
    /// What of `Cargo.toml` decides a value, one fact a line.
    pub manifest: String,
}

/// Why a source has no identity.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A file or folder cannot be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        error: std::io::Error,
    },
    /// A path that cannot stand in a list of sums.
    #[error("{}: a file name must be plain UTF-8 and no symbolic link", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// A manifest that a feature version must not have.
    #[error("{}: {reason}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, and what is expected.
        reason: String,
    },
}

impl Source {
    /// Reads the crate in `folder`.
    ///
    /// # Errors
    /// [`SourceError`] where a file cannot be read or the manifest is not that of a feature version.
    pub fn read(folder: &Path) -> Result<Self, SourceError> {
        let mut files = Vec::new();
        for root in ["build.rs", "goldens", "src"] {
            let path = folder.join(root);
            if path.exists() {
                collect(&path, root, &mut files)?;
            }
        }
        files.sort();
        let path = folder.join("Cargo.toml");
        let text =
            fs::read_to_string(&path).map_err(|error| SourceError::Read { path: path.clone(), error })?;
        let manifest = manifest::project(&text).map_err(|reason| SourceError::Manifest { path, reason })?;
        Ok(Self { files, manifest })
    }

    /// The text of `SHA256SUMS`, readable by `sha256sum -c`: the facts of the manifest as comments, then a line for
    /// each file.
    #[must_use]
    pub fn sums(&self) -> String {
        let facts = self.manifest.lines().map(|fact| format!("{FACT}{fact}\n"));
        facts.chain(self.files.iter().map(|(path, hash)| format!("{hash}  {path}\n"))).collect()
    }

    /// The source hash: sha256 over the sums.
    #[must_use]
    pub fn hash(&self) -> Hash {
        sha256(self.sums().as_bytes())
    }

    /// A fact of the manifest, such as `package.version`.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<&str> {
        self.manifest.lines().find_map(|fact| fact.strip_prefix(key)?.strip_prefix(" = "))
    }

    /// Name of the crate.
    #[must_use]
    pub fn name(&self) -> &str {
        self.fact("package.name").unwrap_or_default()
    }

    /// Exact version of the crate.
    #[must_use]
    pub fn version(&self) -> &str {
        self.fact("package.version").unwrap_or_default()
    }

    /// Whether it may no longer change: its version has no pre-release number.
    #[must_use]
    pub fn is_released(&self) -> bool {
        !self.version().contains('-')
    }

    /// What differs from the sums in `recorded`, sorted: paths within the crate, `Cargo.toml` where a fact of the
    /// manifest differs, and `SHA256SUMS` where it holds the same lines in another order, or lines of no meaning.
    #[must_use]
    pub fn differing(&self, recorded: &str) -> Vec<String> {
        let (recorded, found) = (recorded.replace("\r\n", "\n"), self.sums());
        if recorded == found {
            return Vec::new();
        }
        let place = |line: &str| {
            let path = line.split_once("  ").map(|(_, path)| path.to_owned());
            if line.starts_with(FACT) { "Cargo.toml".to_owned() } else { path.unwrap_or_default() }
        };
        let only = |here: &str, there: &str| -> Vec<String> {
            here.lines().filter(|line| !there.lines().any(|other| other == *line)).map(place).collect()
        };
        let mut places = only(&found, &recorded);
        places.extend(only(&recorded, &found));
        places.retain(|place| !place.is_empty());
        places.sort();
        places.dedup();
        if places.is_empty() { vec!["SHA256SUMS".to_owned()] } else { places }
    }
}

/// How a fact of the manifest begins in `SHA256SUMS`: a comment to `sha256sum`.
const FACT: &str = "# Cargo.toml: ";

fn collect(path: &Path, name: &str, files: &mut Vec<(String, Hash)>) -> Result<(), SourceError> {
    let read = |error| SourceError::Read { path: path.to_owned(), error };
    let kind = fs::symlink_metadata(path).map_err(read)?.file_type();
    if kind.is_dir() {
        for entry in fs::read_dir(path).map_err(read)? {
            let entry = entry.map_err(read)?;
            let file_name = entry.file_name();
            let child = file_name.to_str().filter(|name| !name.contains(['\n', '\\']));
            let child = child.ok_or_else(|| SourceError::Name { path: entry.path() })?;
            collect(&entry.path(), &format!("{name}/{child}"), files)?;
        }
        Ok(())
    } else if kind.is_file() {
        files.push((name.to_owned(), sha256(&with_lf(&fs::read(path).map_err(read)?))));
        Ok(())
    } else {
        Err(SourceError::Name { path: path.to_owned() })
    }
}

/// The same text with LF line endings.
fn with_lf(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    for (index, &byte) in bytes.iter().enumerate() {
        if byte != b'\r' || bytes.get(index + 1) != Some(&b'\n') {
            text.push(byte);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named() {
        let source = |manifest: &str, files: &[(&str, &[u8])]| Source {
            files: files.iter().map(|(path, bytes)| ((*path).to_owned(), sha256(bytes))).collect(),
            manifest: manifest.to_owned(),
        };
        let (facts, other) = ("package.name = a\npackage.version = 1.0.0\n", "package.version = 1.0.1\n");
        let base = source(facts, &[("src/a.rs", b"a"), ("src/b.rs", b"b")]);
        assert_eq!((base.name(), base.version(), base.is_released()), ("a", "1.0.0", true));
        assert_eq!(base.differing(&base.sums()), Vec::<String>::new());
        assert_eq!(base.differing(&base.sums().replace('\n', "\r\n")), Vec::<String>::new());
        let changed = source(facts, &[("src/a.rs", b"A"), ("src/b.rs", b"b")]);
        assert_eq!(changed.differing(&base.sums()), ["src/a.rs"]);
        let moved = source(facts, &[("src/a.rs", b"a"), ("src/c.rs", b"b")]);
        assert_eq!(moved.differing(&base.sums()), ["src/b.rs", "src/c.rs"]);
        assert_eq!(source(other, &[]).differing(&source(facts, &[]).sums()), ["Cargo.toml"]);
        assert_eq!(base.differing(""), ["Cargo.toml", "src/a.rs", "src/b.rs"]);
        assert_eq!(base.differing(&(base.sums() + "\n")), ["SHA256SUMS"]);
        let reversed: String = base.sums().lines().rev().map(|line| format!("{line}\n")).collect();
        assert_eq!(base.differing(&reversed), ["SHA256SUMS"]);
        assert_ne!(source(other, &[]).hash(), source(facts, &[]).hash());
    }

    #[test]
    fn line_endings_do_not_matter_and_bytes_do() {
        assert_eq!(with_lf(b"a\r\nb\r\n"), b"a\nb\n");
        assert_eq!(with_lf(b"a\rb\r"), b"a\rb\r");
    }
}
