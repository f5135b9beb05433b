//! `multires`: held to bars and features computed a second time from the trades, by definition.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod definitions;
mod joins;
mod names;
mod reference;
mod roll_up;
mod rows;
mod state;
mod trades;
mod values;
