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

mod adx;
mod after_first;
mod amihud;
mod atr;
mod bands;
mod bipower;
mod cci;
mod correlation;
mod ema;
mod extremum;
mod garman_klass;
mod kyle;
mod lag;
mod levels;
mod log_return;
mod macd;
mod mean;
mod median;
mod mfi;
mod moments;
mod natr;
mod obv;
mod open_position;
mod order_flow;
mod parkinson;
mod percent_mean;
mod previous;
mod product_sum;
mod real_deviation;
mod real_mean;
mod realized_variance;
mod red_volume;
mod regression;
mod return_shape;
mod roc;
mod rogers_satchell;
mod roll_spread;
mod rsi;
mod run_length;
mod session_vwap;
mod shape;
mod signed_volume;
mod stochastic;
mod sum;
mod swing;
mod swing_pair;
mod true_range;
mod ultosc;
mod volume_profile;
mod vpin;
mod vwap;
mod wilder;
mod willr;
mod yang_zhang;

use feature_api::{RestoreError, StateReader};

pub use adx::{Adx, DirectionalLines};
pub use after_first::AfterFirst;
pub use amihud::{Amihud, CloseDollar};
pub use atr::Atr;
pub use bands::{BandLines, Bands};
pub use bipower::Bipower;
pub use cci::Cci;
pub use correlation::Correlation;
pub use ema::Ema;
pub use extremum::{Extremum, RealMax, RollingMax, RollingMin};
pub use garman_klass::GarmanKlass;
pub use kyle::{CloseFlow, Kyle};
pub use lag::{Lag, RealLag};
pub use levels::{EdgeClose, Level, NearestLevel, Resistance, Support};
pub use log_return::{LogReturn, log_return};
pub use macd::{Macd, MacdLines};
pub use mean::Mean;
pub use median::Median;
pub use mfi::Mfi;
pub use moments::{Deviations, MeanDeviation, Moments};
pub use natr::Natr;
pub use obv::{CloseVolume, ObvDelta};
pub use open_position::{ClosePosition, OpenPosition, PositionState, is_same, read_position, write_position};
pub use order_flow::{BidAsk, OrderFlow};
pub use parkinson::{Ohlc, Parkinson};
pub use percent_mean::PercentMean;
pub use previous::Previous;
pub use real_deviation::RealDeviation;
pub use real_mean::RealMean;
pub use realized_variance::RealizedVariance;
pub use red_volume::RedVolume;
pub use regression::{Line, Regression};
pub use return_shape::{ReturnShape, ShapeLines};
pub use roc::Roc;
pub use rogers_satchell::RogersSatchell;
pub use roll_spread::RollSpread;
pub use rsi::Rsi;
pub use run_length::RunLength;
pub use session_vwap::{SessionBar, SessionVwap};
pub use shape::Shape;
pub use signed_volume::{BuySell, SignedVolume};
pub use stochastic::{Stochastic, StochasticLines};
pub use sum::RollingSum;
pub use swing::{Swing, SwingHigh, SwingLow};
pub use swing_pair::{Pair, Point, SwingHighs, SwingLows, SwingPair};
pub use true_range::{HighLowClose, TrueRange};
pub use ultosc::UltOsc;
pub use volume_profile::{BinnedProfile, FineVolumeProfile, Profile, RangeVolume, VolumeProfile};
pub use vpin::Vpin;
pub use vwap::{TypicalVolume, Vwap};
pub use wilder::Wilder;
pub use willr::WillR;
pub use yang_zhang::YangZhang;

const OF_THE_PAST: RestoreError = RestoreError::Invalid { what: "an index of a bar that was seen" };

/// Reads a count of inputs: one that can be counted on from.
fn read_count(state: &mut StateReader<'_>) -> Result<u64, RestoreError> {
    let count = state.read_u64()?;
    if count < 1 << 62 { Ok(count) } else { Err(RestoreError::Invalid { what: "a count below 2^62" }) }
}
