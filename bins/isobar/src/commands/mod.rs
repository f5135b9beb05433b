//! One file per command.

mod features;
mod inspect_data;
mod schema;
mod selftest;
mod synth;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Trading features, the same bits in research and in production.
#[derive(Debug, Parser)]
#[command(name = "isobar", version, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Synth(synth::Options),
    Schema(schema::Options),
    Features(features::Options),
    Selftest(selftest::Options),
    InspectData(inspect_data::Options),
}

impl Cli {
    /// Runs the command; the exit code of a command that ran to its end.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Synth(options) => synth::run(&options),
            Command::Schema(options) => schema::run(&options),
            Command::Features(options) => features::run(&options),
            Command::Selftest(options) => selftest::run(&options),
            Command::InspectData(options) => inspect_data::run(&options),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
