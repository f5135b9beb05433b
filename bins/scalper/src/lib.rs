//! The event-driven bot: it verifies its models against the features it carries, then trades on paper, event by event.
//!
//! [`run`] is the whole program behind its command line ([`Options`]): configuration, verification, identity, events,
//! decisions, state, summary. The binary adds the log and the exit code alone, so that whatever calls [`run`] runs the
//! same code as production. What it shares with other programs of production lives in `production`; here is what is about
//! events.
//!
//! **Invariants.** No decision depends on the clock of the machine; it is read to measure. A state is saved after the
//! decisions it has seen are out. Nothing is written where anything could not be verified.

mod advice;
mod causes;
pub mod exit_code;
mod feed;
mod options;
mod run;
mod summary;

pub use options::Options;
pub use production::Failure;
pub use run::run;
pub use summary::{Counted, Summary};
