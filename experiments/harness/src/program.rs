//! The whole of an experiment but what it does.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;

/// Reads the command line, runs, and prints the result to stdout. Exit code 2 where the command line is wrong, 1 where
/// the experiment cannot be made, with the reason on stderr; nothing is on stdout then.
pub fn main<O: Parser>(run: fn(&O) -> anyhow::Result<String>) -> ExitCode {
    let written = run(&O::parse()).and_then(|text| match io::stdout().write_all(text.as_bytes()) {
        // A reader that has seen enough is no error.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::new(error).context("cannot write to stdout"))
        }
        Ok(()) | Err(_) => Ok(()),
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told where stderr is closed too.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
