//! What the tests of artifacts share.
#![allow(dead_code, clippy::unwrap_used, reason = "tests; none uses all of it")]

pub mod refused;
pub mod samples;
pub mod toy;
pub mod wire;
