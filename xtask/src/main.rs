//! `cargo xtask COMMAND`: what keeps the feature versions honest. One file per command.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::{audit, check, cross, diff, golden, hash, new_version, readme, release};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "What keeps the feature versions honest")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every rule over the workspace and report every problem; exit code 1 where there is one.
    Check(check::Args),
    /// Print the source hash of each version; compare with or write its SHA256SUMS.
    Hash(hash::Args),
    /// Create the goldens of a version.
    #[command(subcommand)]
    Golden(golden::Command),
    /// Write the README of each version from its schemas.
    Readme,
    /// Show what differs between two versions: schema, values, text.
    Diff(diff::Args),
    /// Make the next feature version from the newest, or open a patch of a released one.
    NewVersion(new_version::Args),
    /// Release a version: hashes, ledger, pins, changelog, one commit and a tag.
    Release(release::Args),
    /// One page for a code review: production, its versions, artifacts, problems, dependencies.
    Audit(audit::Args),
    /// Run the self-test in debug and release, here and on aarch64 under qemu.
    Cross,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Hash(args) => hash::run(&args),
        Command::Golden(command) => golden::run(&command),
        Command::Readme => readme::run(),
        Command::Diff(args) => diff::run(&args),
        Command::NewVersion(args) => new_version::run(&args),
        Command::Release(args) => release::run(&args),
        Command::Audit(args) => audit::run(&args),
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
