//! Why there is no backtest.

use market_data::MarketDataError;
use runtime::CoreError;

/// Why there is no backtest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BacktestError {
    /// There are no bars, or no event that completes a row.
    #[error("no bars or rows to run over; name files that hold some")]
    Empty,
    /// Events that cannot be read.
    #[error(transparent)]
    Events(#[from] MarketDataError),
    /// An event that the core refuses.
    #[error("event {event}, which happened at {ts_event} (nanoseconds since 1970): {source}")]
    Event {
        /// Number of the event, from 0.
        event: u64,
        /// When it happened.
        ts_event: i64,
        /// Why.
        source: CoreError,
    },
    /// A bar that the core refuses.
    #[error("bar {bar}, which closes at {ts_close} (nanoseconds since 1970): {source}")]
    Step {
        /// Number of the bar, from 0.
        bar: usize,
        /// Its close.
        ts_close: i64,
        /// Why.
        source: CoreError,
    },
    /// A number that cannot be.
    #[error("{what} is {found}; expected {expected}")]
    Invalid {
        /// Which.
        what: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
}
