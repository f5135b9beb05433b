//! What every experiment needs: bars and a feature version from the command line ([`DataOptions`]), a mean with an
//! error that holds where neighbours overlap ([`Estimate`]), a table ([`table`]), and a `main` that says why it failed
//! ([`main`]).
//!
//! **Invariant: what an experiment prints depends on its arguments and its bars alone.** No clock, no random numbers
//! without a seed.

mod data;
mod estimate;
mod print;
mod program;
pub mod walk;

pub use data::{Data, DataOptions, parse_version};
pub use estimate::{Estimate, SIGNIFICANT};
pub use print::{probability, table, time};
pub use program::main;
