//! Every operator is held to the conformance suite and to its definition, written a second time here.
//!
//! Windowed operators: the whole suite at a handful of windows over every kind of stream, and their definition at
//! every window from 1 to 300. What is exact is compared with exact integers; every tolerance is derived where it
//! stands.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod bands;
mod directional;
mod double;
mod limits;
mod lines;
mod means;
mod microstructure;
mod momentum;
mod order;
mod position;
mod profile;
mod recursive;
mod returns;
mod session;
mod shapes;
mod support;
mod swings;
mod volatility;
mod wide;
