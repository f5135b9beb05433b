//! Lines of CSV text and their cells, of bounded length.
//!
//! One line is one row: a quoted cell may hold commas, not line ends. So a row is bounded whatever the file
//! holds, and its line number is what an editor shows.

use std::io::{BufRead, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::MarketDataError;

/// The longest line, in bytes.
pub(crate) const LINE_MAX: usize = 64 * 1024;

/// Reads lines one after the other into the same memory; of the source no more than it has ready behind the line.
pub(crate) struct Lines<S> {
    source: S,
    path: PathBuf,
    line: u64,
    text: Vec<u8>,
    /// Cells of a line with quotes, unquoted.
    unquoted: csv::ByteRecord,
    cells: Vec<Range<usize>>,
    is_quoted: bool,
}

impl<S: BufRead> Lines<S> {
    /// Lines of a source; `path` stands for it in messages.
    pub(crate) fn new(source: S, path: &Path) -> Self {
        Self {
            source,
            path: path.to_owned(),
            line: 0,
            text: Vec::new(),
            unquoted: csv::ByteRecord::new(),
            cells: Vec::new(),
            is_quoted: false,
        }
    }

    /// Number of the current line, from 1.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// Cells of the current line.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// A cell of the current line; empty where it is not there.
    pub(crate) fn cell(&self, index: usize) -> &[u8] {
        let all = if self.is_quoted { self.unquoted.as_slice() } else { &self.text };
        self.cells.get(index).and_then(|range| all.get(range.clone())).unwrap_or_default()
    }

    /// Goes to the next line that is not blank; `false` at the end.
    ///
    /// # Errors
    /// [`MarketDataError::LineTooLong`], [`MarketDataError::Read`].
    pub(crate) fn advance(&mut self) -> Result<bool, MarketDataError> {
        const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
        loop {
            self.text.clear();
            let mut bounded = (&mut self.source).take(LINE_MAX as u64 + 1);
            let count = bounded.read_until(b'\n', &mut self.text).map_err(|source| {
                MarketDataError::Read { path: self.path.clone(), line: self.line, source }
            })?;
            if count == 0 {
                return Ok(false);
            }
            self.line += 1;
            if count > LINE_MAX {
                return Err(MarketDataError::LineTooLong {
                    path: self.path.clone(),
                    line: self.line,
                    limit: LINE_MAX,
                });
            }
            if self.line == 1 && self.text.starts_with(BYTE_ORDER_MARK) {
                self.text.drain(..BYTE_ORDER_MARK.len());
            }
            let end = self.text.trim_ascii_end().len();
            self.text.truncate(end);
            if !self.text.trim_ascii_start().is_empty() {
                self.split();
                return Ok(true);
            }
        }
    }

    fn split(&mut self) {
        self.cells.clear();
        self.is_quoted = self.text.contains(&b'"') && self.unquote();
        if self.is_quoted {
            for index in 0..self.unquoted.len() {
                self.cells.extend(self.unquoted.range(index));
            }
            return;
        }
        let mut begin = 0;
        for (at, byte) in self.text.iter().enumerate() {
            if *byte == b',' {
                self.cells.push(begin..at);
                begin = at + 1;
            }
        }
        self.cells.push(begin..self.text.len());
    }

    /// Takes the quotes of the line apart; `false` where that gives no row.
    fn unquote(&mut self) -> bool {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(self.text.as_slice());
        matches!(reader.read_byte_record(&mut self.unquoted), Ok(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut source = text;
        let mut lines = Lines::new(&mut source, Path::new("a.csv"));
        let mut all = Vec::new();
        while lines.advance().unwrap() {
            let row = (0..lines.len()).map(|i| String::from_utf8_lossy(lines.cell(i)).into_owned()).collect();
            all.push((lines.line(), row));
        }
        all
    }

    #[test]
    fn lines_are_split_into_cells() {
        let row = |line, cells: &[&str]| (line, cells.iter().map(ToString::to_string).collect());
        assert_eq!(
            cells(b"\xef\xbb\xbfa,b\r\n\r\n1,\n\"2,5\",\"say \"\"x\"\"\"\n  \n3,4"),
            [row(1, &["a", "b"]), row(3, &["1", ""]), row(4, &["2,5", "say \"x\""]), row(6, &["3", "4"])]
        );
        assert_eq!(cells(b""), []);
        // A quote that never ends takes the rest of its line, not of the file.
        assert_eq!(cells(b"\"a,b\n1,2"), [row(1, &["a,b"]), row(2, &["1", "2"])]);
    }

    #[test]
    fn a_line_has_a_longest_length() {
        let read = |length: usize| {
            let text = vec![b'1'; length];
            let mut source = text.as_slice();
            Lines::new(&mut source, Path::new("a.csv")).advance().map_err(|error| error.to_string())
        };
        assert_eq!(read(LINE_MAX), Ok(true));
        assert_eq!(
            read(LINE_MAX + 1),
            Err("a.csv, line 1: longer than 65536 bytes, so this is no table of rows with line ends; check the file"
                .to_owned())
        );
    }
}
