//! Hashes, and the identity of a feature version's source.
//!
//! The source hash of a version covers every file that decides a value (`src/`, `goldens/`, `build.rs`) and
//! the part of `Cargo.toml` that does (name, version, edition, exact dependencies and their checksums). It
//! is the same in a checkout with CRLF line endings, in a packaged crate and in a vendored copy.

use core::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// A sha256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Hash {
    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let value = |digit: u8| char::from(digit).to_digit(16);
            let [high, low] = [value(*pair.first()?)?, value(*pair.get(1)?)?];
            *byte = u8::try_from(high << 4 | low).ok()?;
        }
        Some(Self(hash))
    }
}

/// The sha256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

/// A sha256 over bytes that come piece by piece.
#[derive(Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// A hasher that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes.
    #[must_use]
    pub fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

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
        let manifest = project_manifest(&text).map_err(|reason| SourceError::Manifest { path, reason })?;
        Ok(Self { files, manifest })
    }

    /// The text of `SHA256SUMS`, readable by `sha256sum -c`.
    #[must_use]
    pub fn sums(&self) -> String {
        self.files.iter().map(|(path, hash)| format!("{hash}  {path}\n")).collect()
    }

    /// The source hash: sha256 over the sums and the manifest's facts.
    #[must_use]
    pub fn hash(&self) -> Hash {
        sha256(format!("{}\n{}", self.sums(), self.manifest).as_bytes())
    }
}

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

/// The facts of a manifest that decide values. Understands what a feature version's manifest is made of,
/// as written by hand and as `cargo package` rewrites it: tables of `key = value` lines.
fn project_manifest(text: &str) -> Result<String, String> {
    let mut facts = Vec::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            table = line.trim_matches(['[', ']']).replace('"', "");
            check_table(&table)?;
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let (key, value) = (key.trim(), value.trim().trim_matches('"'));
        let wanted = match table.as_str() {
            "package" if key == "build" && value != "build.rs" => {
                return Err(format!("[package] build = {value:?}; expected \"build.rs\""));
            }
            "lib" if key == "path" && value != "src/lib.rs" => {
                return Err(format!("[lib] path = {value:?}; expected \"src/lib.rs\""));
            }
            "package" => ["name", "version", "edition"].contains(&key),
            "package.metadata.isobar.checksums" => true,
            table if table.starts_with("dependencies.") || table.starts_with("build-dependencies.") => {
                match key {
                    "version" if !value.starts_with('=') => {
                        return Err(format!(
                            "[{table}] requires {value:?}; expected an exact version, \"=x.y.z\""
                        ));
                    }
                    "version" | "default-features" | "features" | "package" => true,
                    "optional" => return Err(format!("[{table}] is optional; a version has no options")),
                    _ => false,
                }
            }
            _ => false,
        };
        if wanted {
            facts.push(format!("{table}.{key} = {value}\n"));
        }
    }
    for needed in ["package.name", "package.version", "package.edition"] {
        if !facts.iter().any(|fact| fact.starts_with(&format!("{needed} = "))) {
            return Err(format!("{needed} is missing; write it out, not by `workspace = true`"));
        }
    }
    facts.sort();
    Ok(facts.concat())
}

fn check_table(table: &str) -> Result<(), String> {
    match table.split('.').next().unwrap_or_default() {
        "features" => Err("a feature version has no cargo features: [features] must go".to_owned()),
        "target" => Err("a feature version has no target-specific parts: [target] must go".to_owned()),
        "patch" | "replace" => Err(format!("[{table}] must go")),
        _ if table == "dependencies" || table == "build-dependencies" => {
            Err(format!("write each dependency as a table of its own: [{table}.NAME]"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_text_reads_back() {
        let hash = sha256(b"abc");
        assert_eq!(hash.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Hash::parse(&hash.to_string()), Some(hash));
        assert_eq!(Hash::parse("ba78"), None);
        assert_eq!(Hash::parse(&"zz".repeat(32)), None);
        let mut pieces = Hasher::new();
        pieces.update(b"a");
        pieces.update(b"bc");
        assert_eq!(pieces.finish(), hash);
    }

    const BY_HAND: &str = "[package]\nname = \"features-v9\"\nversion = \"9.0.0\"\nedition = \"2024\"\ndescription = \"x\"\n\n[dependencies.libm]\nversion = \"=0.2.16\"\ndefault-features = false\n\n[dependencies.feature-api]\npath = \"../crates/feature-api\"\nversion = \"=1.0.0\"\n\n[dev-dependencies]\nproptest = \"1\"\n";
    const PACKAGED: &str = "# rewritten\n[package]\nedition = \"2024\"\nname = \"features-v9\"\nversion = \"9.0.0\"\nbuild = \"build.rs\"\n\n[lib]\nname = \"features_v9\"\n\n[dependencies.feature-api]\nversion = \"=1.0.0\"\n\n[dependencies.libm]\nversion = \"=0.2.16\"\ndefault-features = false\n";

    #[test]
    fn the_packaged_manifest_says_the_same() {
        assert_eq!(project_manifest(BY_HAND), project_manifest(PACKAGED));
        assert_eq!(project_manifest(BY_HAND), project_manifest(&BY_HAND.replace('\n', "\r\n")));
    }

    #[test]
    fn what_decides_values_is_seen() {
        for (from, to) in [
            ("9.0.0", "9.0.1"),
            ("2024", "2021"),
            ("=0.2.16", "=0.2.15"),
            ("default-features = false", "default-features = true"),
            ("=1.0.0", "=1.0.1"),
        ] {
            assert_ne!(project_manifest(BY_HAND), project_manifest(&BY_HAND.replace(from, to)), "{from}");
        }
    }

    #[test]
    fn a_manifest_with_ways_out_is_refused() {
        for (change, expected) in [
            (BY_HAND.replace("=0.2.16", "0.2.16"), "expected an exact version"),
            (format!("{BY_HAND}\n[features]\nfast = []\n"), "no cargo features"),
            (format!("{BY_HAND}\n[target.'cfg(unix)'.dependencies]\n"), "no target-specific parts"),
            (format!("{BY_HAND}\n[dependencies]\nrand = \"=1.0.0\"\n"), "a table of its own"),
            (BY_HAND.replace("edition = \"2024\"", "edition.workspace = true"), "package.edition is missing"),
            (BY_HAND.replace("default-features = false", "optional = true"), "no options"),
            (BY_HAND.replace("description = \"x\"", "build = \"../b.rs\""), "expected \"build.rs\""),
            (format!("{BY_HAND}\n[lib]\npath = \"../lib.rs\"\n"), "expected \"src/lib.rs\""),
        ] {
            let error = project_manifest(&change).err().unwrap_or_default();
            assert!(error.contains(expected), "{error:?} should say {expected:?}");
        }
    }

    #[test]
    fn line_endings_do_not_matter_and_bytes_do() {
        assert_eq!(with_lf(b"a\r\nb\r\n"), b"a\nb\n");
        assert_eq!(with_lf(b"a\rb\r"), b"a\rb\r");
    }
}
