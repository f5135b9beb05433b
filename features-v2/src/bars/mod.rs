//! Bars built from trades: one rule a file, and what every bar carries.
//!
//! A bar in progress is sums ([`BarSums`]) that are exact integers, so a coarser bar made of finer ones by
//! [`BarSums::merge`] is the bar that the trades themselves would have made, bit for bit. Nothing is flushed: a bar
//! that is not closed stays in the state.

mod closed;
mod moments;
mod rule;
mod statistics;
mod sums;
mod time;

pub use closed::ClosedBar;
pub use moments::ReturnMoments;
pub use rule::BarRule;
pub use statistics::Statistics;
pub use sums::BarSums;
pub use time::TimeBars;
