//! What the build script of every feature version does.

use std::path::Path;
use std::process::ExitCode;

use super::Source;

/// The build script of a feature version: hands the hash of the source that is being compiled to the compiler as
/// `ISOBAR_SOURCE_HASH`. Where the version is released and the source is not the released one, the build stops
/// and says which file differs and how to make a new version.
///
/// It stands here so that a build script is one call: there is nothing in it to edit.
#[must_use]
pub fn build_script() -> ExitCode {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    for watched in ["build.rs", "goldens", "src", "Cargo.toml", "SHA256SUMS"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    match identity(Path::new(&folder)) {
        Ok(hash) => {
            println!("cargo::rustc-env=ISOBAR_SOURCE_HASH={hash}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            for line in problem.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn identity(folder: &Path) -> Result<String, String> {
    let source = Source::read(folder).map_err(|error| error.to_string())?;
    if source.is_released() {
        let path = folder.join("SHA256SUMS");
        let sums = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let differing = source.differing(&sums);
        if !differing.is_empty() {
            return Err(format!(
                "{name} {version} is released and never changes, but differs from its release in: {files}\n\
                 Undo the change (git checkout -- {name}), or make it in a new version (cargo xtask new-version)",
                name = source.name(),
                version = source.version(),
                files = differing.join(", ")
            ));
        }
    }
    Ok(source.hash().to_string())
}
