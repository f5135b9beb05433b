//! Why a bar or an event cannot be stepped.

use execution::ExecutionError;
use feature_api::{BarSpec, Grid, UnixNanos};
use observation::ObservationError;
use strategy::StrategyError;

/// Why a bar or an event cannot be stepped. After [`CoreError::Grid`], [`CoreError::Order`], [`CoreError::Interval`],
/// [`CoreError::Warm`] and [`CoreError::Event`] the core is as before; after any other it is not, and must not go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// A bar on another grid: of another instrument.
    #[error("expected bars with {expected}, found {found}; feed one instrument on one grid")]
    Grid {
        /// Grid of the instrument.
        expected: Grid,
        /// Grid of the bar.
        found: Grid,
    },
    /// A bar that begins before the last one ended.
    #[error(
        "expected a bar that opens at {previous} or later, found one that opens at {found} (nanoseconds since 1970); \
         feed the bars of one instrument in order, each once"
    )]
    Order {
        /// Close of the bar before.
        previous: UnixNanos,
        /// Open of this bar.
        found: UnixNanos,
    },
    /// A bar of another length.
    #[error(
        "expected {expected}, found a bar of {found_ns} ns; feed the bars that the models were trained on"
    )]
    Interval {
        /// What the bars must be.
        expected: BarSpec,
        /// Length of the bar in nanoseconds.
        found_ns: i64,
    },
    /// A bar to warm up on after the first step.
    #[error("expected bars to warm up on before the first that is stepped, found one after {bars}; step it")]
    Warm {
        /// Bars stepped.
        bars: u64,
    },
    /// An event of another instrument, or on another grid.
    #[error(transparent)]
    Event(ExecutionError),
    /// A row to decide on before there was a price.
    #[error("row {row} was completed before the first trade, without a book: there is no price to decide at")]
    Mark {
        /// Number of the row.
        row: u64,
    },
    /// The strategy.
    #[error(transparent)]
    Strategy(#[from] StrategyError),
    /// The mapper or the reward.
    #[error(transparent)]
    Observation(#[from] ObservationError),
    /// The exchange or the account.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
}
