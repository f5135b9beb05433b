//! The event-driven bot; see the library of the same name.

use std::io::{BufReader, stdin, stdout};
use std::process::ExitCode;

use clap::Parser as _;
use scalper::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    production::start_log(options.log);
    // Not locked: a lock of standard input cannot be sent to a reader.
    match scalper::run(&options, Box::new(BufReader::new(stdin())), &mut stdout().lock()) {
        Ok(_) => ExitCode::SUCCESS,
        Err(failure) => ExitCode::from(failure.exit_code()),
    }
}
