//! Bars built from trades: one rule a file, and what every bar carries.
//!
//! A bar in progress is sums ([`BarSums`]) that are exact integers, so a coarser bar made of finer ones by
//! [`BarSums::merge`] is the bar that the trades themselves would have made, bit for bit. Nothing is flushed: a bar
//! that is not closed stays in the state.

mod any;
mod cascade;
mod closed;
mod dollar;
mod imbalance;
mod limited;
mod moments;
mod rule;
mod statistics;
mod sums;
mod tick;
mod time;
mod volume;

pub use any::AnyBars;
pub use cascade::Cascade;
pub use closed::ClosedBar;
pub use dollar::{Dollar, DollarBars};
pub use imbalance::{
    DollarImbalanceBars, ImbalanceBars, ImbalanceParams, OfTrades, OfValue, OfVolume, TickImbalanceBars,
    VolumeImbalanceBars, Weight,
};
pub use limited::{Limit, Limited};
pub use moments::ReturnMoments;
pub use rule::BarRule;
pub use statistics::Statistics;
pub use sums::BarSums;
pub use tick::{TickBars, Trades};
pub use time::{TimeBars, TimeRollup};
pub use volume::{Volume, VolumeBars};
