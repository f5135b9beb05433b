//! What holds for every set over events: restarts, order, drops, no look-ahead.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod drops;
mod hostile_state;
mod look_ahead;
mod restart;
mod support;
