//! The order book and the set `flow`, against second implementations, reference files and real captures.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod bars;
mod book;
mod contract;
mod degenerate;
mod naive;
mod promises;
mod real;
mod references;
mod support;
