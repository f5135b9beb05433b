//! One file per command.

mod backtest;
mod bars;
mod build;
mod demo;
mod features;
mod inspect;
mod inspect_data;
mod keys;
mod predict;
mod schema;
mod seal;
mod selftest;
mod synth;
mod train;
mod verify;

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
    Demo(demo::Options),
    Synth(synth::Options),
    Schema(schema::Options),
    Features(features::Options),
    Bars(bars::Options),
    Selftest(selftest::Options),
    InspectData(inspect_data::Options),
    Build(build::Options),
    Train(train::Options),
    Seal(seal::Options),
    Verify(verify::Options),
    Inspect(inspect::Options),
    Predict(predict::Options),
    Backtest(Box<backtest::Options>),
    Keys(keys::Options),
}

impl Cli {
    /// Runs the command; the exit code of a command that ran to its end.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Demo(options) => demo::run(&options),
            Command::Synth(options) => synth::run(&options),
            Command::Schema(options) => schema::run(&options),
            Command::Features(options) => features::run(&options),
            Command::Bars(options) => bars::run(&options),
            Command::Selftest(options) => selftest::run(&options),
            Command::InspectData(options) => inspect_data::run(&options),
            Command::Build(options) => build::run(&options),
            Command::Train(options) => train::run(&options),
            Command::Seal(options) => seal::run(&options),
            Command::Verify(options) => verify::run(&options),
            Command::Inspect(options) => inspect::run(&options),
            Command::Predict(options) => predict::run(&options),
            Command::Backtest(options) => backtest::run(&options),
            Command::Keys(options) => keys::run(&options),
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
