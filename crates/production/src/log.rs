//! The log, on standard error.

use std::io::stderr;

use tracing::level_filters::LevelFilter;

use crate::{LogFormat, LogLevel, LogOptions};

/// Starts it. To be called once, by a program alone.
pub fn start_log(log: LogOptions) {
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
