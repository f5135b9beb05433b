//! The bar-driven bot: it verifies its models against the features it carries, then trades on paper, bar by bar.
//!
//! [`run`] is the whole program behind its command line ([`Options`]): configuration, verification, identity, bars,
//! decisions, state, summary. The binary adds the log and the exit code alone, so that whatever calls [`run`] runs the
//! same code as production. What it shares with other programs of production lives in `production`; here is what is about
//! bars.
//!
//! **Invariants.** No decision depends on the clock; it is read to refuse bars that cannot be closed yet, and to measure.
//! A state is saved after the decisions it has seen are out. Nothing is written where anything could not be verified.

mod advice;
mod causes;
pub mod exit_code;
mod feed;
mod options;
mod run;
mod summary;
mod watch;

pub use options::{LayoutOptions, Options};
pub use production::{Failure, Latency, LogFormat, LogLevel, LogOptions, Places};
pub use run::run;
pub use summary::Summary;
