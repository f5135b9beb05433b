//! What every program of production has in common, so that two of them cannot differ in it: how a failure ends
//! ([`exit_code`], [`Failure`]), how the refusals of the crates become failures ([`causes`]), what is running
//! ([`IdentityLine`]), where decisions go and how they go on after a restart ([`Session`]), what a run came to ([`Tally`]),
//! the options of all of that ([`Places`], [`LogOptions`]) and the log.
//!
//! A program adds what it is fed with, its own endings, and the version of the features it carries.
//!
//! **Invariants.** A state is saved after the decisions it has seen are out. Nothing is written where anything could not be
//! verified. Nothing is logged from decision to decision.

pub mod advice;
pub mod causes;
pub mod exit_code;
mod failure;
mod identity;
mod log;
mod options;
mod output;
mod session;
mod state_file;
mod tally;
mod watch;
mod whole_lines;

pub use failure::{Failure, Finding};
pub use identity::{IdentityLine, Program};
pub use log::start_log;
pub use options::{LogFormat, LogLevel, LogOptions, Places, TimeOptions};
pub use output::{Output, Unit};
pub use session::{Session, Stop};
pub use tally::{Figures, Latency, Tally};
pub use watch::{Halt, Watch};
pub use whole_lines::{CutOff, WholeLines};
