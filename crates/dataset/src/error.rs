//! Why a dataset cannot be built or read.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

use feature_api::{Grid, SetError, UnixNanos, UpdateError};

use crate::TellError;

/// Why a dataset cannot be built or read. Every message says what was expected, what was found and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// A file of market data or a table.
    #[error(transparent)]
    Data(#[from] market_data::MarketDataError),
    /// No such set, or parameters it does not take.
    #[error(transparent)]
    Set(#[from] SetError),
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}; name the folder of a dataset that `isobar build` wrote", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}; what stood there before is as it was", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Events that are no dataset, or a set that is not for them.
    #[error("events: {reason}")]
    Events {
        /// What is the matter.
        reason: String,
    },
    /// A label that is none.
    #[error("label {found:?}: {reason}; write such as {example}")]
    Label {
        /// The text, or the label as text.
        found: String,
        /// What is the matter with it.
        reason: String,
        /// A label that is one.
        example: &'static str,
    },
    /// Shares of a split that cannot be.
    #[error(
        "split: {what} is {found}; expected {expected}, such as train 0.7, validation 0.15 and test 0.15 of the rows"
    )]
    Share {
        /// Which share.
        what: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: f64,
    },
    /// A part of a split without rows.
    #[error(
        "split of {rows} rows: {part} has no rows left: its share gives it {share}; {purged} before the next part are \
         left out (horizon {horizon}, embargo {embargo}), as are the first rows of all, the warm-up of {warm_up}; use \
         more bars, a larger share, fewer folds, a shorter horizon, a smaller embargo or shorter windows"
    )]
    EmptyPart {
        /// Which part.
        part: String,
        /// Rows of the dataset.
        rows: usize,
        /// Rows its share gives it.
        share: usize,
        /// Rows of these that are left out before the next part.
        purged: usize,
        /// First rows of the dataset, which are in no part.
        warm_up: u32,
        /// Bars a label looks ahead.
        horizon: u32,
        /// Rows left out beyond those.
        embargo: u32,
    },
    /// A walk forward without folds.
    #[error("walk forward over 0 folds; expected 1 or more")]
    NoFolds,
    /// No bars.
    #[error("no bars: a dataset needs at least a row for each part of its split; read a file that has bars")]
    NoBars,
    /// Bars of no length.
    #[error(
        "bars of {found} ns; expected an interval above 0 ns: state the length of the bars as they are read"
    )]
    Interval {
        /// Their length.
        found: i64,
    },
    /// A bar that is not on the grid of its series.
    #[error("bar {bar} has {found}, its series has {expected}; read the bars again from one file")]
    BarGrid {
        /// The bar, from 0.
        bar: usize,
        /// The grid of the series.
        expected: Grid,
        /// Its own grid.
        found: Grid,
    },
    /// A bar of another length than its series.
    #[error(
        "bar {bar} lasts {found} ns, its series has bars of {expected} ns; read the bars again from one file"
    )]
    BarLength {
        /// The bar, from 0.
        bar: usize,
        /// The length of the bars of the series in nanoseconds.
        expected: i64,
        /// Its own.
        found: i128,
    },
    /// Bars with volumes that are said to have none.
    #[error(
        "bar {bar} has a volume, but the bars were said to carry none: build with volume, or read the file without its \
         volume column"
    )]
    Volume {
        /// The first bar with a volume, from 0.
        bar: usize,
    },
    /// A bar that a set refuses.
    #[error("bar {bar}: {source}")]
    Update {
        /// The bar, from 0.
        bar: usize,
        /// Why.
        source: UpdateError,
    },
    /// Finer bars that are of no use.
    #[error("finer bars: {reason}; use bars of the same market and time with a shorter interval, or none")]
    Finer {
        /// What is the matter with them.
        reason: String,
    },
    /// A set that looks at the open position.
    #[error(
        "set {set} of {version} looks at the open position, and bars alone have none: pass --positions FILE or, for \
         made-up ones to train on, --hold BARS; for a dataset of bars alone use {}",
        others.join(", ")
    )]
    Position {
        /// The set.
        set: String,
        /// The feature version.
        version: String,
        /// Sets that do not.
        others: Vec<&'static str>,
    },
    /// Positions for a set that does not look at any.
    #[error(
        "set {set} of {version} does not look at the open position: leave the positions out, or use a set that does"
    )]
    NoPosition {
        /// The set.
        set: String,
        /// The feature version.
        version: String,
    },
    /// Positions that are of no use.
    #[error("positions: {reason}; use positions of the same instrument and time as the bars")]
    Positions {
        /// What is the matter with them.
        reason: String,
    },
    /// A position that a set refuses.
    #[error(transparent)]
    Tell(#[from] TellError),
    /// A set that gives more or fewer rows than bars.
    #[error(
        "set {set} gave {found} rows for {expected} bars; a dataset needs a set that gives a row for each bar"
    )]
    Rows {
        /// The set.
        set: String,
        /// Number of bars.
        expected: usize,
        /// Number of rows.
        found: usize,
    },
    /// A feature whose name is that of the label.
    #[error(
        "set {set} has a feature named {name:?}, which is the name of the label; rename it in a new version"
    )]
    FeatureName {
        /// The set.
        set: String,
        /// The name.
        name: &'static str,
    },
    /// A value that no feature may have.
    #[error(
        "row {row}, {feature}: {found} is not finite; a feature is a finite number or not valid: mend the version"
    )]
    NotFinite {
        /// The row, from 0.
        row: usize,
        /// The feature.
        feature: String,
        /// The value.
        found: f64,
    },
    /// Measured shares of time that do not fit the features.
    #[error("time of {feature:?}: {reason}; expected shares from 0 to 1, each of a feature of the set, once")]
    TimeShare {
        /// The name given.
        feature: String,
        /// What is the matter.
        reason: String,
    },
    /// A file that is not JSON as it must be.
    #[error("{}: {source}; it was written by another program or damaged: build the dataset again", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is the matter with it.
        source: serde_json::Error,
    },
    /// A dataset that does not agree with itself.
    #[error(
        "{}: {} problem{}{}\nthe dataset was damaged, edited or only half replaced: build it again",
        path.display(), problems.len(), if problems.len() == 1 { "" } else { "s" }, listing(problems)
    )]
    Mismatch {
        /// Its folder.
        path: PathBuf,
        /// Everything that does not agree.
        problems: Vec<Mismatch>,
    },
}

/// Something about a dataset that does not agree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, {field}: expected {expected}, found {found}")]
pub struct Mismatch {
    /// Name of the file.
    pub file: &'static str,
    /// Which field or property of it.
    pub field: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// The problems, a line each.
fn listing(problems: &[Mismatch]) -> String {
    problems.iter().fold(String::new(), |mut text, problem| {
        let _ = write!(text, "\n  {problem}");
        text
    })
}

/// A time for a message.
pub(crate) fn time_text(ts: UnixNanos) -> String {
    format!("{ts} ns")
}
