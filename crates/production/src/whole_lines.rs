//! Standard input that must end with a line end: a feeder that dies in the middle of a row may leave half a number,
//! which is a number too.

use std::io::{self, BufRead, Read};

/// Text whose last line must be whole; its end is an error else.
#[derive(Debug)]
pub struct WholeLines<R> {
    source: R,
    /// The last byte taken; `None` before the first.
    last: Option<u8>,
}

/// Why the end is an error.
#[derive(Debug)]
pub struct CutOff;

impl std::fmt::Display for CutOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "expected a line end behind the last row, found the end of the input: the row may be cut off",
        )
    }
}

impl std::error::Error for CutOff {}

impl<R> WholeLines<R> {
    /// Text of which nothing is read yet.
    #[must_use]
    pub const fn new(source: R) -> Self {
        Self { source, last: None }
    }
}

impl<R: BufRead> BufRead for WholeLines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let ready = self.source.fill_buf()?;
        if ready.is_empty() && self.last.is_some_and(|last| last != b'\n') {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, CutOff));
        }
        Ok(ready)
    }

    fn consume(&mut self, count: usize) {
        if let Some(index) = count.checked_sub(1) {
            // What is consumed was given by `fill_buf`, so this waits for nothing.
            self.last = self.source.fill_buf().ok().and_then(|ready| ready.get(index)).copied().or(self.last);
        }
        self.source.consume(count);
    }
}

impl<R: BufRead> Read for WholeLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(buffer.len());
        if let (Some(from), Some(to)) = (ready.get(..count), buffer.get_mut(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> io::Result<Vec<String>> {
        WholeLines::new(io::BufReader::with_capacity(3, text.as_bytes())).lines().collect()
    }

    #[test]
    fn whole_lines_pass_and_a_cut_one_is_an_error() {
        assert_eq!(lines("").unwrap(), Vec::<String>::new());
        assert_eq!(lines("a\nlonger line\n\n").unwrap(), ["a", "longer line", ""]);
        for cut in ["a", "a\nb", "a\nlonger line", "\n\n1"] {
            let error = lines(cut).unwrap_err();
            assert!(error.get_ref().is_some_and(|error| error.is::<CutOff>()), "{cut:?}: {error}");
        }
    }
}
