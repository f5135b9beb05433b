//! Recorded market data and reference outputs, where they are present.

use std::fs::File;
use std::io::Read as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

/// The folder with recorded data: the environment variable `ISOBAR_DATA`, else `../shared/data` seen from the
/// root of the workspace. `None` where there is no such folder; `left_out` then says what is not tested.
///
/// # Panics
/// Where the folder is missing although `ISOBAR_DATA` names it, or on CI (`CI=true`): a check that cannot run
/// fails.
#[must_use]
pub fn data_dir(left_out: &str) -> Option<PathBuf> {
    let named = std::env::var_os("ISOBAR_DATA").map(PathBuf::from);
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    let found =
        find(named, &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), ci, left_out);
    found
        .inspect_err(|message| {
            // Not by eprintln!, which the test runner holds back from a test that passes.
            let _ = writeln!(std::io::stderr(), "LEFT OUT: {message}");
        })
        .ok()
}

fn find(named: Option<PathBuf>, default: &Path, ci: bool, left_out: &str) -> Result<PathBuf, String> {
    let is_named = named.is_some();
    let folder = named.unwrap_or_else(|| default.to_owned());
    if folder.is_dir() {
        return Ok(folder);
    }
    let message = format!(
        "no data folder at {}: {left_out} cannot be tested; set ISOBAR_DATA to the folder with the recorded data",
        folder.display()
    );
    assert!(!ci && !is_named, "{message}");
    Err(message)
}

/// A CSV file with a header, in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a file; one whose name ends in `.gz` is decompressed.
    ///
    /// # Panics
    /// Where the file cannot be read, is not UTF-8, is empty, or has a line with more or fewer fields than
    /// the header.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let mut file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut text = String::new();
        let read = if path.extension().is_some_and(|extension| extension == "gz") {
            MultiGzDecoder::new(file).read_to_string(&mut text)
        } else {
            file.read_to_string(&mut text)
        };
        read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Self {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty());
        let Some((_, first)) = lines.next() else { panic!("{}: no header", path.display()) };
        let header = fields(first.trim_start_matches('\u{feff}'));
        let rows = lines
            .map(|(index, line)| {
                let row = fields(line);
                assert_eq!(
                    row.len(),
                    header.len(),
                    "{} line {}: fields, as many as in the header",
                    path.display(),
                    index + 1
                );
                row
            })
            .collect();
        Self { path: path.to_owned(), header, rows }
    }

    /// Names of the columns.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Number of rows, without the header.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A column as text.
    ///
    /// # Panics
    /// Where there is no such column.
    #[must_use]
    pub fn text(&self, column: &str) -> Vec<&str> {
        let index = self.header.iter().position(|name| name == column).unwrap_or_else(|| {
            panic!("{}: no column {column:?}; there are {}", self.path.display(), self.header.join(", "))
        });
        self.rows.iter().map(|row| row[index].as_str()).collect()
    }

    /// A column as numbers; `None` where a field is empty or `nan`.
    ///
    /// # Panics
    /// Where there is no such column, or a field is neither a finite number nor empty nor `nan`.
    #[must_use]
    pub fn floats(&self, column: &str) -> Vec<Option<f64>> {
        let parse = |(row, text): (usize, &str)| {
            if text.is_empty() || text.eq_ignore_ascii_case("nan") {
                return None;
            }
            let value = text.parse().ok().filter(|value: &f64| value.is_finite());
            assert!(value.is_some(), "{} row {row}, {column}: {text:?} is no number", self.path.display());
            value
        };
        self.text(column).into_iter().enumerate().map(parse).collect()
    }

    /// A column of numbers without a gap.
    ///
    /// # Panics
    /// As [`floats`](Table::floats), and where a field is empty or `nan`.
    #[must_use]
    pub fn numbers(&self, column: &str) -> Vec<f64> {
        let all: Option<Vec<f64>> = self.floats(column).into_iter().collect();
        all.unwrap_or_else(|| panic!("{}: column {column} has gaps", self.path.display()))
    }
}

/// The fields of a line: parted by commas, in double quotes where they hold one; a quote inside is doubled.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(letter),
        }
    }
    fields.push(field);
    fields.iter().map(|field| field.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    fn parse(text: &str) -> Table {
        Table::parse(Path::new("test.csv"), text)
    }

    #[test]
    fn columns_are_numbers_gaps_and_text() {
        let table = parse("a,b\r\n1.5,x\r\n,\"y, \"\"z\"\"\"\r\nNaN,\r\n-2e3,w\r\n");
        assert_eq!(table.floats("a"), [Some(1.5), None, None, Some(-2000.0)]);
        assert_eq!(table.text("b"), ["x", "y, \"z\"", "", "w"]);
        assert_eq!(table.len(), 4);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert!(catch_unwind(|| parse("")).is_err());
        assert!(catch_unwind(|| parse("a,b\n1\n")).is_err());
        assert!(catch_unwind(|| parse("a\n1x\n").floats("a")).is_err());
        assert!(catch_unwind(|| parse("a\ninf\n").floats("a")).is_err());
        assert!(catch_unwind(|| parse("a\n1\n").floats("b").len()).is_err());
        assert!(catch_unwind(|| parse("a\nnan\n").numbers("a").len()).is_err());
    }

    #[test]
    fn a_missing_folder_is_left_out_at_home_and_fails_on_ci() {
        let missing = Path::new("/no/such/folder");
        assert!(
            find(None, missing, false, "nothing").is_err_and(|why| why.contains("nothing cannot be tested"))
        );
        assert!(catch_unwind(|| find(None, missing, true, "nothing")).is_err());
        assert!(catch_unwind(|| find(Some(missing.to_owned()), missing, false, "nothing")).is_err());
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(find(None, here, true, "nothing"), Ok(here.to_owned()));
    }
}
