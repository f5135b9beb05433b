//! `isobar keys new`: a pair of keys to sign artifacts with.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use artifact::SecretKey;
use clap::{Args, Subcommand};

use crate::print;

/// Make keys to sign artifacts with
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new pair: NAME.key, which only its owner may read, and NAME.pub, which verifiers trust
    New {
        /// The files' name, without an ending; existing files are never replaced
        #[arg(long, value_name = "NAME")]
        out: PathBuf,
    },
}

/// Makes and writes the keys.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let Command::New { out } = &options.command;
    let [secret_path, public_path] = ["key", "pub"].map(|ending| {
        let mut path = out.clone().into_os_string();
        path.push(format!(".{ending}"));
        PathBuf::from(path)
    });
    for path in [&secret_path, &public_path] {
        if path.symlink_metadata().is_ok() {
            bail!("{} exists: a key is never replaced; choose another name", path.display());
        }
    }
    let secret = SecretKey::generate()?;
    secret.write_new(&secret_path)?;
    secret.public().write_new(&public_path)?;
    print::status(&format!(
        "wrote {}: keep it secret; `isobar train --sign` takes it",
        secret_path.display()
    ));
    print::status(&format!("wrote {}: {}", public_path.display(), secret.public()));
    Ok(ExitCode::SUCCESS)
}
