//! Why there is no backtest.

use runtime::CoreError;

/// Why there is no backtest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BacktestError {
    /// There are no bars.
    #[error("no bars to run over; name a file that holds some")]
    Empty,
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
