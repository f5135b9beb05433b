//! The built binary, run as a user runs it: what it prints, what it writes, how it exits.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod artifacts;
mod backtest;
mod bar_options;
mod build;
mod chain;
mod errors;
mod events;
mod features;
mod inspect_data;
mod interrupted;
mod lab;
mod positions;
mod positions_build;
mod schema;
mod seal;
mod selftest;
mod snapshots;
mod synth;
