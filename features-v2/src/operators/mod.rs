//! Operators: one input in, at most one output out. One operator, one file.
//!
//! # How to add an operator
//! Write `operators/NAME.rs` after the pattern of `mean.rs` (market numbers) or `real_deviation.rs` (ratios): purpose,
//! formula, parameters, warm-up, degenerate cases and source in the doc comment; a struct with `new`; the
//! [`Operator`](feature_api::Operator) trait. Add it here, and to `tests/operators/`, which holds it to the
//! conformance suite and to a naive reference.
//!
//! Finite windows keep their inputs and exact sums over them; a saved state holds the inputs, and the sums are
//! made anew. Nothing divides or rounds before the last step.

mod atr;
mod correlation;
mod ema;
mod extremum;
mod lag;
mod levels;
mod log_return;
mod macd;
mod mean;
mod median;
mod moments;
mod open_position;
mod percent_mean;
mod previous;
mod real_deviation;
mod red_volume;
mod regression;
mod rsi;
mod run_length;
mod stochastic;
mod swing;
mod swing_pair;
mod true_range;
mod volume_profile;
mod vwap;
mod wilder;

use feature_api::{RestoreError, StateReader};

pub use atr::Atr;
pub use correlation::Correlation;
pub use ema::Ema;
pub use extremum::{Extremum, RealMax, RollingMax, RollingMin};
pub use lag::{Lag, RealLag};
pub use levels::{EdgeClose, Level, NearestLevel, Resistance, Support};
pub use log_return::LogReturn;
pub use macd::{Macd, MacdLines};
pub use mean::Mean;
pub use median::Median;
pub use moments::{Deviations, MeanDeviation, Moments};
pub use open_position::{ClosePosition, OpenPosition, PositionState, is_same, read_position, write_position};
pub use percent_mean::PercentMean;
pub use previous::Previous;
pub use real_deviation::RealDeviation;
pub use red_volume::RedVolume;
pub use regression::{Line, Regression};
pub use rsi::Rsi;
pub use run_length::RunLength;
pub use stochastic::{Stochastic, StochasticLines};
pub use swing::{Swing, SwingHigh, SwingLow};
pub use swing_pair::{Pair, Point, SwingHighs, SwingLows, SwingPair};
pub use true_range::{HighLowClose, TrueRange};
pub use volume_profile::{BINS, Profile, RangeVolume, VolumeProfile};
pub use vwap::{TypicalVolume, Vwap};
pub use wilder::Wilder;

const OF_THE_PAST: RestoreError = RestoreError::Invalid { what: "an index of a bar that was seen" };

/// Reads a count of inputs: one that can be counted on from.
fn read_count(state: &mut StateReader<'_>) -> Result<u64, RestoreError> {
    let count = state.read_u64()?;
    if count < 1 << 62 { Ok(count) } else { Err(RestoreError::Invalid { what: "a count below 2^62" }) }
}
