//! From the errors of events to failures: which ending each has.

use market_data::{MarketDataError, ProblemKind};
use production::exit_code::{self as ending, Ending};
use production::{CutOff, Failure, Stop};
use runtime::CoreError;

use crate::advice;

/// Events that cannot be read.
pub(crate) fn events(error: &MarketDataError) -> Failure {
    Failure::new(of_events(error), advice::of_this_program(&error.to_string()))
}

fn of_events(error: &MarketDataError) -> Ending {
    match error {
        MarketDataError::Problems { problems, .. } => {
            problems.first().map_or(ending::EVENT_INVALID, |problem| of_row(problem.kind))
        }
        MarketDataError::NoEvents { .. } | MarketDataError::NothingAskedFor { .. } => ending::EVENTS_EMPTY,
        MarketDataError::Read { source, .. }
            if source.get_ref().is_some_and(|error| error.is::<CutOff>()) =>
        {
            ending::EVENTS_CUT
        }
        MarketDataError::Extension { .. } | MarketDataError::TimePattern { .. } => ending::USAGE,
        // What writes, and what this program never asks for.
        MarketDataError::Write { .. }
        | MarketDataError::EventGrid { .. }
        | MarketDataError::StreamStopped { .. } => ending::INTERNAL,
        MarketDataError::Open { .. } | MarketDataError::Read { .. } | _ => ending::EVENTS_UNREADABLE,
    }
}

const fn of_row(kind: ProblemKind) -> Ending {
    match kind {
        ProblemKind::Instrument | ProblemKind::FinerThanGrid => ending::EVENT_INSTRUMENT,
        ProblemKind::TimeBackwards
        | ProblemKind::DuplicateTime
        | ProblemKind::Overlap
        | ProblemKind::CloseTime
        | ProblemKind::Unclosed
        | ProblemKind::MissingCell
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
        | ProblemKind::Position => ending::EVENT_INVALID,
    }
}

/// An event that the core refuses, and whether the core is as before: where it is not, its state must not be saved.
pub(crate) fn step(error: &CoreError, ts_event: i64) -> Stop {
    let message = format!("event of {ts_event} (nanoseconds since 1970): {error}");
    match error {
        CoreError::Event(_) => Failure::new(ending::EVENT_INSTRUMENT, message).into(),
        CoreError::Mark { .. }
        | CoreError::Strategy(_)
        | CoreError::Observation(_)
        | CoreError::Execution(_)
        | _ => Stop::unwhole(Failure::new(ending::EVENT_STEP, message)),
    }
}

#[cfg(test)]
mod tests {
    use execution::ExecutionError;
    use feature_api::Grid;

    use super::*;

    /// As the docs of [`CoreError`] say it: what is refused before anything is changed, and everything else.
    #[test]
    fn only_what_changed_nothing_leaves_a_bot_whole() {
        let grid = Grid::new(2, 2).unwrap();
        let other = ExecutionError::EventGrid { symbol: "A".to_owned(), expected: grid, found: grid };
        for (error, code, is_whole) in [
            (CoreError::Event(other), "event-instrument", true),
            (CoreError::Execution(ExecutionError::Overflow { what: "a sum" }), "event-step", false),
            (CoreError::Mark { row: 0 }, "event-step", false),
        ] {
            let found = step(&error, 60);
            assert_eq!((found.failure.code(), found.is_whole), (code, is_whole), "{error}");
        }
    }
}
