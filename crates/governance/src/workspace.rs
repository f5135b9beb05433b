//! A workspace with this layout: its folders, tiers and feature versions.

use std::path::{Path, PathBuf};
use std::process::Command;

use feature_api::identity::Source;

use crate::Error;

/// What a package is for, by its folder alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// `features-vN`: a feature version.
    Features,
    /// `crates/NAME`: a library.
    Crates,
    /// `bins/NAME`: a program, of production or of research by its role.
    Bins,
    /// `xtask`.
    Xtask,
    /// Anything under `experiments/` or `fuzz/`: may use anything; nothing may use it.
    Experiments,
}

impl Tier {
    /// The tier of a package's folder, relative to the root with `/`; `None` where it is of no tier.
    #[must_use]
    pub fn of(folder: &str) -> Option<Self> {
        let parts: Vec<&str> = folder.split('/').collect();
        match parts.as_slice() {
            ["experiments" | "fuzz", ..] => Some(Self::Experiments),
            ["crates", _] => Some(Self::Crates),
            ["bins", _] => Some(Self::Bins),
            ["xtask"] => Some(Self::Xtask),
            [one] if number(one).is_some() => Some(Self::Features),
            _ => None,
        }
    }
}

/// The number N of a folder `features-vN`.
fn number(folder: &str) -> Option<u32> {
    let digits = folder.strip_prefix("features-v")?;
    let number: u32 = digits.parse().ok()?;
    (number > 0 && number.to_string() == digits).then_some(number)
}

/// A workspace with this layout.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    target: Option<PathBuf>,
}

impl Workspace {
    /// The workspace whose root manifest lies in `root`.
    ///
    /// # Errors
    /// [`Error`] where there is no `Cargo.toml` with a `[workspace]`.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let root = root.canonicalize().map_err(Error::io(root))?;
        let path = root.join("Cargo.toml");
        let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
        let is_workspace =
            toml::from_str::<toml::Table>(&text).is_ok_and(|table| table.contains_key("workspace"));
        if !is_workspace {
            return Err(Error::Format { path, reason: "expected the manifest of a workspace".to_owned() });
        }
        Ok(Self { root, target: None })
    }

    /// The same workspace, built in another target folder than cargo's own choice.
    #[must_use]
    pub fn with_target_dir(self, target: &Path) -> Self {
        Self { target: Some(target.to_owned()), ..self }
    }

    /// The root folder, canonical.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path relative to the root with `/`; `None` where it lies outside.
    #[must_use]
    pub fn relative(&self, path: &Path) -> Option<String> {
        let inside = path.strip_prefix(&self.root).ok()?;
        let parts: Option<Vec<&str>> = inside.components().map(|part| part.as_os_str().to_str()).collect();
        Some(parts?.join("/"))
    }

    /// The text of a file, by its path from the root.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be read.
    pub fn text(&self, path: &str) -> Result<String, Error> {
        let path = self.root.join(path);
        std::fs::read_to_string(&path).map_err(Error::io(&path))
    }

    /// A call of cargo in the root, the same cargo that runs this program where one does.
    #[must_use]
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        if let Some(target) = &self.target {
            command.env("CARGO_TARGET_DIR", target);
        }
        command
    }

    /// Numbers of the folders `features-vN`, smallest first.
    ///
    /// # Errors
    /// [`Error::Io`] where the root cannot be read.
    pub fn version_numbers(&self) -> Result<Vec<u32>, Error> {
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.root).map_err(Error::io(&self.root))? {
            let entry = entry.map_err(Error::io(&self.root))?;
            numbers.extend(entry.file_name().to_str().and_then(number));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The version of that number, as it lies in its folder.
    ///
    /// # Errors
    /// [`Error`] where the folder is no feature version.
    pub fn version(&self, number: u32) -> Result<Version, Error> {
        Version::read(&self.root, number)
    }

    /// Finds a version by what a user calls it: `v1`, `1` or `features-v1`.
    ///
    /// # Errors
    /// [`Error::Refused`] with the versions there are, where there is none of that name.
    pub fn find_version(&self, name: &str) -> Result<Version, Error> {
        let numbers = self.version_numbers()?;
        let digits = name.strip_prefix("features-").unwrap_or(name);
        let digits = digits.strip_prefix('v').unwrap_or(digits);
        match numbers.iter().find(|number| number.to_string() == digits) {
            Some(number) => self.version(*number),
            None => {
                let known: Vec<String> = numbers.iter().map(|number| format!("v{number}")).collect();
                Err(Error::Refused(format!(
                    "there is no feature version {name:?}; there are: {}",
                    known.join(", ")
                )))
            }
        }
    }
}

/// A feature version, as it lies in its folder.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its number: 1 for `features-v1`.
    pub number: u32,
    /// Name of crate and folder: `features-v1`.
    pub name: String,
    /// Exact version of the crate.
    pub version: semver::Version,
    /// What decides its values.
    pub source: Source,
    /// The text of `SHA256SUMS`; empty where there is none.
    pub sums: String,
}

impl Version {
    fn read(root: &Path, number: u32) -> Result<Self, Error> {
        let name = format!("features-v{number}");
        let folder = root.join(&name);
        let source = Source::read(&folder)?;
        let wrong = |reason| Error::Format { path: folder.join("Cargo.toml"), reason };
        if source.name() != name {
            return Err(wrong(format!("expected the package {name:?}, found {:?}", source.name())));
        }
        let version = semver::Version::parse(source.version())
            .map_err(|error| wrong(format!("version {:?}: {error}", source.version())))?;
        if version.major != u64::from(number) {
            return Err(wrong(format!("expected a version {number}.y.z, found {version}")));
        }
        let path = folder.join("SHA256SUMS");
        let sums = if path.exists() {
            std::fs::read_to_string(&path).map_err(Error::io(&path))?
        } else {
            String::new()
        };
        Ok(Self { number, name, version, source, sums })
    }

    /// Short name: `v1`.
    #[must_use]
    pub fn short(&self) -> String {
        format!("v{}", self.number)
    }

    /// Whether it may no longer change: its version has no pre-release number.
    #[must_use]
    pub fn is_released(&self) -> bool {
        self.version.pre.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_tier_or_none() {
        for (folder, tier) in [
            ("features-v1", Some(Tier::Features)),
            ("features-v12", Some(Tier::Features)),
            ("features-v0", None),
            ("features-v01", None),
            ("features-v", None),
            ("features-v1/inner", None),
            ("crates/market-data", Some(Tier::Crates)),
            ("crates/a/b", None),
            ("crates", None),
            ("bins/gatekeeper", Some(Tier::Bins)),
            ("xtask", Some(Tier::Xtask)),
            ("experiments", Some(Tier::Experiments)),
            ("experiments/a/b", Some(Tier::Experiments)),
            ("fuzz", Some(Tier::Experiments)),
            ("tools/x", None),
            ("", None),
        ] {
            assert_eq!(Tier::of(folder), tier, "{folder}");
        }
    }
}
