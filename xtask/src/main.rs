//! `cargo xtask COMMAND`: what keeps the feature versions honest. One file per command.

mod commands;
mod version;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::{check, cross, golden, hash, readme};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What keeps the feature versions honest")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every rule over the workspace and report every problem.
    Check,
    /// Print the source hash of each version; compare with or write its SHA256SUMS.
    Hash(hash::Args),
    /// Create the goldens of a version.
    #[command(subcommand)]
    Golden(golden::Command),
    /// Write the README of each version from its schemas.
    Readme,
    /// Run the self-test in debug and release, here and on aarch64 under qemu.
    Cross,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Check => check::run(),
        Command::Hash(args) => hash::run(&args),
        Command::Golden(command) => golden::run(&command),
        Command::Readme => readme::run(),
        Command::Cross => cross::run(),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
