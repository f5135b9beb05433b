//! What every operator and every feature set is held to.
//!
//! - [`operator::conform`]: the rules of [`feature_api::Operator`], over a stream of inputs.
//! - [`set::conform_set`]: the rules of [`feature_api::FeatureSet`], over bars and positions.
//! - [`inputs`]: streams that find faults: ties, flats, jumps, extremes; and bars made from them.
//! - [`expect`] and [`exact`]: expected values, compared in exact arithmetic.
//! - [`naive`]: second implementations from the definitions, over whole arrays.
//! - [`data`]: recorded market data and reference outputs, where they are present.
//!
//! **Invariants.** A check that cannot run fails: inputs too short for a rule are refused, not passed. Every
//! rule has a test here with an operator or a set that breaks it. A dev-dependency only: nothing that ships
//! depends on this crate.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test library fails by panicking"
)]

pub mod bar_files;
pub mod data;
pub mod exact;
pub mod expect;
pub mod inputs;
pub mod naive;
pub mod operator;
mod report;
pub mod set;

pub use num_bigint::BigInt;
pub use num_rational::BigRational;
