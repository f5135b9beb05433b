//! A file of events that is being read, and whose events are those of the instrument.

use std::path::{Path, PathBuf};

use super::detect;
use super::raw::{RawEvent, RawSource};
use crate::{EventOptions, MarketDataError, Problem, ProblemKind};

/// The instrument that is read, and what was left out for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Instrument {
    /// The one that was asked for, or else the first that was named.
    pub(crate) symbol: Option<Box<str>>,
    /// It was asked for: events of others are left out.
    is_asked_for: bool,
    pub(crate) others: u64,
}

impl Instrument {
    pub(crate) fn new(symbol: Option<&str>) -> Self {
        Self { symbol: symbol.map(Into::into), is_asked_for: symbol.is_some(), others: 0 }
    }
}

/// A file that is being read.
pub(crate) struct OpenFile {
    pub(crate) path: PathBuf,
    source: Box<dyn RawSource + Send>,
    /// Line of the last event.
    pub(crate) line: u64,
    /// Line of the first event that does not say its instrument.
    unnamed: Option<u64>,
    /// Line of the first event of another instrument, and which.
    other: Option<(u64, Box<str>)>,
    pub(crate) read: u64,
}

impl OpenFile {
    /// Opens a file at its beginning.
    pub(crate) fn open(path: &Path, options: &EventOptions) -> Result<Self, MarketDataError> {
        Ok(Self::new(path, detect::open(path, options)?))
    }

    /// A file that is open already; `path` stands for it in messages.
    pub(crate) fn new(path: &Path, source: Box<dyn RawSource + Send>) -> Self {
        Self { path: path.to_owned(), source, line: 0, unnamed: None, other: None, read: 0 }
    }

    /// The next event of the instrument, or `None` at the end.
    pub(crate) fn next(&mut self, instrument: &mut Instrument) -> Result<Option<RawEvent>, MarketDataError> {
        while let Some(event) = self.source.next_raw()? {
            self.line = event.line;
            self.read += 1;
            if self.is_of(&event, instrument)? {
                return Ok(Some(event));
            }
            instrument.others += 1;
        }
        Ok(None)
    }

    /// Rows so far that hold no event that was asked for.
    pub(crate) fn skipped(&self) -> u64 {
        self.source.skipped()
    }

    /// A problem of the last event.
    pub(crate) fn problem(
        &self,
        field: Option<&'static str>,
        kind: ProblemKind,
        message: String,
    ) -> MarketDataError {
        let problem = Problem { line: self.line, field, kind, message };
        MarketDataError::Problems {
            path: self.path.clone(),
            total: 1,
            problems: vec![problem],
            can_skip: false,
        }
    }

    fn is_of(&mut self, event: &RawEvent, instrument: &mut Instrument) -> Result<bool, MarketDataError> {
        let is_ours = match (&event.symbol, &instrument.symbol) {
            (None, _) => {
                self.unnamed.get_or_insert(event.line);
                true
            }
            (Some(found), None) => {
                instrument.symbol = Some(found.clone());
                true
            }
            (Some(found), Some(symbol)) => found == symbol,
        };
        if let (false, Some(found), Some(symbol)) = (is_ours, &event.symbol, &instrument.symbol) {
            if !instrument.is_asked_for {
                let message =
                    format!("{found}, but the events before are of {symbol}; say which with --symbol");
                return Err(self.problem(Some("symbol"), ProblemKind::Instrument, message));
            }
            self.other.get_or_insert_with(|| (event.line, found.clone()));
        }
        // In a file of one instrument a line need not say which.
        if let (Some(unnamed), Some((line, other))) = (self.unnamed, &self.other) {
            let message = format!(
                "line {unnamed} does not say its instrument, and line {line} is of {other}: whose the first is cannot \
                 be told; split the file by instrument"
            );
            return Err(self.problem(Some("symbol"), ProblemKind::Instrument, message));
        }
        Ok(is_ours)
    }
}
