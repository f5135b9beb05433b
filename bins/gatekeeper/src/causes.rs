//! From the errors of bars to failures: which ending each has, what was expected and what was found.

use market_data::{MarketDataError, ProblemKind};
use production::exit_code::{self as ending, Ending};
use production::{CutOff, Failure, Stop};
use runtime::CoreError;

use crate::advice;

/// Bars that cannot be read.
pub(crate) fn bars(error: &MarketDataError) -> Failure {
    Failure::new(of_bars(error), advice::of_this_program(&error.to_string()))
}

fn of_bars(error: &MarketDataError) -> Ending {
    match error {
        MarketDataError::Problems { problems, .. } => {
            problems.first().map_or(ending::BAR_INVALID, |problem| of_row(problem.kind))
        }
        MarketDataError::Empty { .. } => ending::BARS_EMPTY,
        MarketDataError::Read { source, .. }
            if source.get_ref().is_some_and(|error| error.is::<CutOff>()) =>
        {
            ending::BARS_CUT
        }
        MarketDataError::Extension { .. }
        | MarketDataError::ColumnName { .. }
        | MarketDataError::TimestampOption { .. }
        | MarketDataError::TimePattern { .. }
        | MarketDataError::Interval { .. } => ending::USAGE,
        MarketDataError::Open { .. }
        | MarketDataError::Read { .. }
        | MarketDataError::MissingColumns { .. }
        | MarketDataError::MissingVolume { .. }
        | MarketDataError::AmbiguousColumns { .. }
        | MarketDataError::UnknownLayout { .. }
        | MarketDataError::TimeFormat { .. }
        | MarketDataError::LineTooLong { .. }
        | MarketDataError::NoCommonGrid { .. }
        | MarketDataError::Parquet { .. }
        | MarketDataError::ColumnType { .. } => ending::BARS_UNREADABLE,
        // What writes, what infers, and what this program never asks for.
        MarketDataError::Write { .. }
        | MarketDataError::IntervalUnknown { .. }
        | MarketDataError::NotExact { .. }
        | MarketDataError::Series { .. }
        | MarketDataError::Table { .. }
        | MarketDataError::StreamNeeds { .. }
        | MarketDataError::StreamOrder { .. }
        | MarketDataError::StreamParquet { .. }
        | MarketDataError::StreamStopped { .. }
        | _ => ending::INTERNAL,
    }
}

const fn of_row(kind: ProblemKind) -> Ending {
    match kind {
        ProblemKind::TimeBackwards | ProblemKind::DuplicateTime | ProblemKind::Overlap => ending::BAR_ORDER,
        ProblemKind::CloseTime => ending::BAR_INTERVAL,
        ProblemKind::Instrument | ProblemKind::FinerThanGrid => ending::BAR_INSTRUMENT,
        ProblemKind::Unclosed => ending::BAR_UNCLOSED,
        ProblemKind::MissingCell
        | ProblemKind::ExtraCell
        | ProblemKind::Unparsable
        | ProblemKind::NotFinite
        | ProblemKind::OutOfRange
        | ProblemKind::NegativeVolume
        | ProblemKind::HighBelowLow
        | ProblemKind::OpenOutside
        | ProblemKind::CloseOutside
        | ProblemKind::TakerVolume
        | ProblemKind::TimeUnit
        | ProblemKind::Position => ending::BAR_INVALID,
    }
}

/// A bar that the core refuses, and whether the core is as before: where it is not, its state must not be saved.
pub(crate) fn step(error: &CoreError, ts_close: i64) -> Stop {
    let message = format!("bar that closes at {ts_close} (nanoseconds since 1970): {error}");
    let (failure, is_whole) = match error {
        CoreError::Grid { expected, found } => {
            (Failure::new(ending::BAR_INSTRUMENT, message).sides(expected, found), true)
        }
        CoreError::Order { previous, found } => {
            let failure = Failure::new(ending::BAR_ORDER, message);
            (failure.sides(format!("an open at {previous} or later"), found), true)
        }
        CoreError::Interval { expected, found_ns } => {
            let failure = Failure::new(ending::BAR_INTERVAL, message);
            (failure.sides(expected, format!("{found_ns} ns")), true)
        }
        // Nothing is shown to the strategy before the first step.
        CoreError::Warm { .. } => (Failure::new(ending::INTERNAL, message), true),
        CoreError::Strategy(_) | CoreError::Observation(_) | CoreError::Execution(_) | _ => {
            (Failure::new(ending::STEP, message), false)
        }
    };
    Stop { failure, is_whole }
}

#[cfg(test)]
mod tests {
    use execution::ExecutionError;
    use feature_api::{BarKind, BarSpec, Grid, UnixNanos};
    use observation::ObservationError;
    use strategy::StrategyError;

    use super::*;

    /// As the docs of [`CoreError`] say it: what is refused before anything is changed, and everything else.
    #[test]
    fn only_what_changed_nothing_leaves_a_bot_whole() {
        let grid = Grid::new(2, 2).unwrap();
        let spec = BarSpec { kind: BarKind::Time { interval: 60 }, volume: true };
        let overflow = || ExecutionError::Overflow { what: "a sum" };
        let strategy = StrategyError::Unknown { found: String::new(), known: &[] };
        for (error, code, is_whole) in [
            (CoreError::Grid { expected: grid, found: grid }, "bar-instrument", true),
            (CoreError::Order { previous: UnixNanos(1), found: UnixNanos(0) }, "bar-order", true),
            (CoreError::Interval { expected: spec, found_ns: 61 }, "bar-interval", true),
            (CoreError::Warm { bars: 1 }, "internal", true),
            (CoreError::Execution(overflow()), "step", false),
            (CoreError::Observation(ObservationError::Execution(overflow())), "step", false),
            (CoreError::Strategy(strategy), "step", false),
        ] {
            let found = step(&error, 60);
            assert_eq!((found.failure.code(), found.is_whole), (code, is_whole), "{error}");
        }
    }
}
