//! The bar-driven bot; see the library of the same name.

use std::io::{BufReader, stderr, stdin, stdout};
use std::process::ExitCode;

use clap::Parser as _;
use gatekeeper::{LogFormat, LogLevel, LogOptions, Options};
use tracing::level_filters::LevelFilter;

fn main() -> ExitCode {
    let options = Options::parse();
    start_log(options.log);
    // Not locked: a lock of standard input cannot be sent to a reader.
    match gatekeeper::run(&options, Box::new(BufReader::new(stdin())), &mut stdout().lock()) {
        Ok(_) => ExitCode::SUCCESS,
        Err(failure) => ExitCode::from(failure.exit_code()),
    }
}

fn start_log(log: LogOptions) {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(stderr)
        .with_target(false)
        .log_internal_errors(false);
    match log.format {
        LogFormat::Text => subscriber.with_ansi(false).init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
}
