//! Isobar's research tool: from bars to features, to labelled datasets, to trained and sealed models, and back from
//! a sealed model to predictions; and what looks into each of them.
//!
//! Results go to stdout or to the file named by `--out`, everything else to stderr. Exit code 0: done; 1: the data
//! or the machine does not allow it, or a check failed; 2: the command line is wrong.

mod artifact_file;
mod bar_options;
mod commands;
mod error;
mod event_options;
mod external;
mod interval;
mod measure;
mod out_file;
mod positions;
mod print;
mod recipe_options;
mod sealing;
mod set_options;
mod summary;
mod trust_options;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let done = commands::Cli::parse().run();
    done.unwrap_or_else(|error| {
        print::status(&error::message(&error));
        error::exit_code(&error)
    })
}
