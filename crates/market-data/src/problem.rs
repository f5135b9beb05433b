//! What is wrong with one row.

use std::fmt;

/// Problems that are stored; the rest is counted.
pub const PROBLEMS_LISTED_MAX: usize = 1000;

/// Something wrong with one row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line of the file, from 1; for Parquet the row, from 1.
    pub line: u64,
    /// The field it is about, where it is about one.
    pub field: Option<&'static str>,
    /// What kind of problem.
    pub kind: ProblemKind,
    /// What was found, what was expected, what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "line {}, {field}: {}", self.line, self.message),
            None => write!(f, "line {}: {}", self.line, self.message),
        }
    }
}

/// What kind of problem a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A cell is empty, null or not there.
    MissingCell,
    /// A row has more cells than there are columns.
    ExtraCell,
    /// A cell is not what its column holds.
    Unparsable,
    /// A number is infinite or not a number.
    NotFinite,
    /// A number or a time that cannot be held: more than 2^53 steps, or a year outside 1677 to 2262.
    OutOfRange,
    /// A number has more decimals than the grid that was asked for.
    FinerThanGrid,
    /// Volume below zero.
    NegativeVolume,
    /// The highest price is below the lowest.
    HighBelowLow,
    /// The open lies outside the range.
    OpenOutside,
    /// The close lies outside the range.
    CloseOutside,
    /// Taker volumes exceed the volume.
    TakerVolume,
    /// The time is of another unit than the file's first.
    TimeUnit,
    /// The time is before that of the row before.
    TimeBackwards,
    /// The time is that of the row before.
    DuplicateTime,
    /// The bar begins before the one before has ended.
    Overlap,
    /// The bar ends at another time than its interval says, or is available before it ends.
    CloseTime,
    /// A position without a price, or a side that is none.
    Position,
    /// A row of another instrument than the file's.
    Instrument,
    /// A bar that its own row says is not closed yet.
    Unclosed,
}

/// Problems as they are found: the first are kept, all are counted.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(crate) listed: Vec<Problem>,
    pub(crate) total: u64,
}

impl Problems {
    /// Takes a problem.
    pub(crate) fn add(
        &mut self,
        line: u64,
        field: Option<&'static str>,
        kind: ProblemKind,
        message: impl FnOnce() -> String,
    ) {
        self.total += 1;
        if self.listed.len() < PROBLEMS_LISTED_MAX {
            self.listed.push(Problem { line, field, kind, message: message() });
        }
    }
}
