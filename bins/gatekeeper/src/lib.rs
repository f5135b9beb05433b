//! The bar-driven bot: it verifies its models against the features it carries, then trades on paper, bar by bar.
//!
//! [`run`] is the whole program behind its command line ([`Options`]): configuration, verification, identity, bars,
//! decisions, state, summary. The binary adds the log and the exit code alone, so that whatever calls [`run`] runs the
//! same code as production.
//!
//! **Invariants.** No decision depends on the clock; it is read to refuse bars that cannot be closed yet, and to measure.
//! A state is saved after the decisions it has seen are out. Nothing is written where anything could not be verified.

mod advice;
mod causes;
pub mod exit_code;
mod failure;
mod feed;
mod identity;
mod options;
mod output;
mod run;
mod state_file;
mod summary;
mod watch;
mod whole_lines;

pub use failure::Failure;
pub use options::{LayoutOptions, LogFormat, LogLevel, LogOptions, Options};
pub use run::run;
pub use summary::{Latency, Summary};
