//! What the reader of a bar file is told.

use feature_api::Grid;

/// How a file of bars is read. The default finds out what it can and refuses what it cannot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BarFileOptions {
    /// Whether the file must have a volume column.
    pub volume: VolumePolicy,
    /// Names of the columns, in order, for a CSV without a header; `_` ignores a column. Where the file has a
    /// header all the same, these names replace it, and a note says so.
    pub columns: Option<Vec<String>>,
    /// How the time column is written.
    pub time: TimeFormat,
    /// What the time column denotes.
    pub timestamp: TimestampOf,
    /// Length of a bar in nanoseconds, above 0; `None` takes the most frequent difference between consecutive
    /// open times, the smaller on a tie.
    pub interval: Option<i64>,
    /// In which order the rows stand.
    pub order: RowOrder,
    /// Grid of prices and quantities; `None` takes the coarsest that holds every value of the file exactly.
    pub grid: Option<Grid>,
    /// What is done with a price or a volume of more digits than a float keeps.
    pub noise: NoisePolicy,
    /// What is done with a row that is not as it must be.
    pub problems: ProblemPolicy,
}

/// Whether a file must have volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VolumePolicy {
    /// A file without a volume column is refused.
    #[default]
    Required,
    /// Every bar has volume 0 and no taker volumes; a volume column, where there is one, is not read.
    None,
}

/// How the time column is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TimeFormat {
    /// A number since 1970, whose unit is told by its size (below 1e11 seconds, below 1e14 milliseconds, below
    /// 1e17 microseconds, then nanoseconds) and is the same for the whole file; or ISO text, such as
    /// `2021-12-31 23:01:00.000000`, `2012-02-01T00:00:00+00:00` or `2017-01-03`, UTC unless it has an offset.
    #[default]
    Auto,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
    /// Microseconds since 1970.
    Micros,
    /// Nanoseconds since 1970.
    Nanos,
    /// Text of this strptime format, such as `%m/%d/%Y %H:%M`; UTC unless the format has an offset.
    Text(String),
}

/// What the time column denotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimestampOf {
    /// The start of the bar, inclusive.
    #[default]
    Open,
    /// The end of the bar, exclusive. Where every time is the last millisecond, microsecond or nanosecond of a
    /// second, as an exchange writes a close (`23:59:59.999`), and bars are whole seconds long, the time is the end
    /// inclusive: the end is one such unit later, and a note says so.
    Close,
}

/// In which order the rows stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowOrder {
    /// The first row is the oldest.
    #[default]
    OldestFirst,
    /// The first row is the newest: the rows are reversed. A file is never reversed unless it is asked for.
    NewestFirst,
}

/// What is done with a price or a volume of more than 15 significant digits, such as `218102.59507500002`: the
/// sum of prices or volumes that someone added up in floating point.
///
/// Digits are counted in the shortest decimal that denotes the same float, so `212.61000000000001`, a float
/// printed with 17 digits, has 5 and is 212.61 under either policy; text that is no print of a float has the
/// digits it is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoisePolicy {
    /// It is taken as it stands where a grid holds it, and is a problem where none does.
    #[default]
    Refuse,
    /// In text and in a DOUBLE of Parquet it is rounded to 15 significant digits, half to even: as many as every
    /// `f64` keeps. A note says how many were. Numbers of up to 15 digits are never touched, nor are integers and
    /// DECIMALs of Parquet, which no float arithmetic has made.
    Round,
}

/// What is done with a row that is not as it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProblemPolicy {
    /// The file is refused with the list of its problems.
    #[default]
    Refuse,
    /// The row is left out and its problems are listed.
    Skip,
}
