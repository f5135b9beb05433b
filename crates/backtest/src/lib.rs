//! History through the bot's own core: what it would have done, what that would have earned, and how sure one can be.
//!
//! [`run`] feeds closed bars to a [`runtime::Core`], [`run_events`] trades and the order book to a
//! [`runtime::EventCore`], the same that production steps. [`Metrics`] sums a [`Run`] up,
//! [`bootstrap`] says how far chance alone could have moved it, [`sweep`] runs many configurations at once, and
//! [`report::html`] shows one run as a page.
//!
//! **Invariants.** No other code decides or fills here than in production. The same bars and configuration give the same
//! figures, on any number of cores. A figure that is not defined is none, never 0 and never NaN.

mod bootstrap;
mod error;
mod metrics;
pub mod report;
mod run;
mod sweep;

pub use bootstrap::{BootstrapOptions, Interval, Intervals, bootstrap};
pub use error::BacktestError;
pub use metrics::{Metric, Metrics, Unit};
pub use run::{Point, Run, run, run_after, run_events};
pub use sweep::{Axis, Swept, grid, sweep};
