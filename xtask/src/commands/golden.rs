//! `cargo xtask golden`: the recorded output of a version.

use anyhow::{Result, bail};
use features_v1::canonical::features_text;

use super::replace;
use crate::version::find;

/// What to do with goldens.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Compute the version's output on its canonical input and record it. Refuses where there is a record of
    /// another output, unless --replace is given; always refuses for a released version.
    Create {
        /// The version, such as v1.
        version: String,
        /// Replace the goldens of a draft.
        #[arg(long)]
        replace: bool,
    },
}

/// Records the output.
pub fn run(command: &Command) -> Result<bool> {
    let Command::Create { version: name, replace: may_replace } = command;
    let version = find(name)?;
    let output = (version.output)();
    let folder = version.folder().join("goldens");
    let (hash_path, features_path) = (folder.join("OUTPUT_HASH"), folder.join("FEATURES"));
    let recorded = std::fs::read_to_string(&hash_path).unwrap_or_default();
    let (hash, features) = (output.hash.to_string(), features_text(&output));
    if recorded.trim() == hash {
        println!("the goldens of features-{name} are up to date: {hash}");
        return Ok(true);
    }
    if version.is_released() {
        bail!(
            "features-{name} {} is released: its output may not change, but is {hash} instead of {recorded}",
            version.version
        );
    }
    if !recorded.is_empty() && !may_replace {
        bail!(
            "features-{name} has goldens of another output ({}); if the change of values is meant, run again \
             with --replace",
            recorded.trim()
        );
    }
    std::fs::create_dir_all(&folder)?;
    replace(&features_path, &features)?;
    replace(&hash_path, &hash)?;
    println!("features-{name}: recorded output hash {hash}\nnow run: cargo xtask hash {name} --write");
    Ok(true)
}
