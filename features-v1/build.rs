//! Puts the hash of the source that is being compiled into the crate. Where the version is released and the
//! source is not the released one, the build stops here.

use std::path::Path;
use std::process::ExitCode;

use feature_api::identity::Source;

fn main() -> ExitCode {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let folder = Path::new(&folder);
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    for watched in ["build.rs", "goldens", "src", "Cargo.toml", "SHA256SUMS"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    match identity(folder, &version) {
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

fn identity(folder: &Path, version: &str) -> Result<String, String> {
    let source = Source::read(folder).map_err(|error| error.to_string())?;
    let released = !version.contains('-');
    if released {
        let path = folder.join("SHA256SUMS");
        let sums = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let (released, found) = (sums.replace("\r\n", "\n"), source.sums());
        if released != found {
            let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            let (released, found) = (lines(&released), lines(&found));
            let changed = found.iter().filter(|line| !released.contains(line));
            let gone = released.iter().filter(|line| !found.contains(line));
            let name =
                |line: &String| line.split_once("  ").map_or_else(String::new, |(_, path)| path.to_owned());
            let mut files: Vec<_> = changed.chain(gone).map(name).collect();
            files.sort();
            files.dedup();
            return Err(format!(
                "features {version} is released and never changes, but these files differ from the release: {}\n\
                 Restore them (git checkout features/v{version}), or make the change in a new version",
                files.join(", ")
            ));
        }
    }
    Ok(source.hash().to_string())
}
