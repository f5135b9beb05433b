//! Bars built from trades are held to their definitions, written a second time here over whole arrays of trades.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod imbalance;
mod naive;
mod reference;
mod restart;
mod rules;
mod sums;
mod support;
