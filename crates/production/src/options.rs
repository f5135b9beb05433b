//! Options that every program of production has.

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use market_data::TimeFormat;

use crate::exit_code;
use crate::failure::Failure;

/// Where decisions and state go.
#[derive(Debug, Clone, Args)]
pub struct Places {
    /// Where the decisions go, a line of JSON for each; else standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The bot's state: restored from this file where it is there, and saved to it
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Save the state after this many decisions, and at the end; a restart makes those since again
    #[arg(long, value_name = "N", default_value = "1", requires = "state")]
    pub state_every: NonZeroU64,
    /// Verify the configuration and the models, say what they are, and do nothing else
    #[arg(long)]
    pub dry_run: bool,
}

/// How the time is written in what is read.
#[derive(Debug, Clone, Args)]
pub struct TimeOptions {
    /// How the time is written: a number since 1970 in this unit, or found out, ISO text included
    #[arg(long, value_enum, default_value_t = Time::Auto)]
    time: Time,
    /// The strptime format of a time written as text, such as "%m/%d/%Y %H:%M"; UTC without an offset
    #[arg(long, value_name = "FORMAT", conflicts_with = "time")]
    time_format: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Time {
    Auto,
    #[value(name = "s")]
    Seconds,
    #[value(name = "ms")]
    Millis,
    #[value(name = "us")]
    Micros,
    #[value(name = "ns")]
    Nanos,
}

/// What the program says of itself on standard error.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Log")]
pub struct LogOptions {
    /// How the log is written
    #[arg(long = "log", value_enum, default_value_t = LogFormat::Json)]
    pub format: LogFormat,
    /// The least that is logged
    #[arg(long = "log-level", value_enum, default_value_t = LogLevel::Info)]
    pub level: LogLevel,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// A line of JSON for each event.
    Json,
}

/// The least that is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Failures alone.
    Error,
    /// And what is odd.
    Warn,
    /// And start, restore and end.
    Info,
    /// And what helps to find a fault.
    Debug,
}

impl Places {
    /// Checks that state and decisions have places of their own, before anything is written.
    ///
    /// # Errors
    /// [`exit_code::USAGE`] where they have not, [`exit_code::OUTPUT_UNWRITABLE`] for a folder that is not there.
    pub fn check(&self) -> Result<(), Failure> {
        let Some(out) = &self.out else { return Ok(()) };
        if let Some(state) = &self.state {
            let mut lock = state.clone().into_os_string();
            lock.push(".lock");
            let lock = PathBuf::from(lock);
            if let Some(taken) = [state, &lock].into_iter().find(|taken| place(taken) == place(out)) {
                let message = format!(
                    "--out {}: that is {}, which --state writes; name another file",
                    out.display(),
                    taken.display()
                );
                return Err(Failure::new(exit_code::USAGE, message));
            }
        }
        let folder = folder(out);
        if folder.is_dir() {
            return Ok(());
        }
        let message =
            format!("cannot write decisions to {}: there is no folder {}", out.display(), folder.display());
        Err(Failure::new(exit_code::OUTPUT_UNWRITABLE, message))
    }
}

impl TimeOptions {
    /// The same, as a reader takes it.
    #[must_use]
    pub fn format(&self) -> TimeFormat {
        match (&self.time_format, self.time) {
            (Some(format), _) => TimeFormat::Text(format.clone()),
            (None, Time::Auto) => TimeFormat::Auto,
            (None, Time::Seconds) => TimeFormat::Seconds,
            (None, Time::Millis) => TimeFormat::Millis,
            (None, Time::Micros) => TimeFormat::Micros,
            (None, Time::Nanos) => TimeFormat::Nanos,
        }
    }
}

/// Where a path leads, links followed, as far as that can be told.
fn place(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?;
    path.canonicalize().ok().or_else(|| Some(folder(path).canonicalize().ok()?.join(name)))
}

pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
