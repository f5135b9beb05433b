//! Isobar's research tool: makes up bars, shows what a feature set is, computes features from a file of bars,
//! checks that a feature version gives the output it was released with, and looks into a file of bars.
//!
//! Results go to stdout or to the file named by `--out`, everything else to stderr. Exit code 0: done; 1: the data
//! or the machine does not allow it, or a check failed; 2: the command line is wrong.

mod bar_options;
mod commands;
mod error;
mod interval;
mod out_file;
mod positions;
mod print;
mod set_options;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let done = commands::Cli::parse().run();
    done.unwrap_or_else(|error| {
        print::status(&error::message(&error));
        error::exit_code(&error)
    })
}
