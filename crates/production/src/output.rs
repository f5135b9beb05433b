//! Where identity, decisions and summary go.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use feature_api::UnixNanos;
use serde::{Deserialize, Serialize};

use crate::exit_code as ending;
use crate::failure::Failure;
#[cfg(unix)]
use crate::options::folder;

/// Bytes at the end of what is done that are looked at before a file is gone on with: more than a decision has.
const TAIL: u64 = 64 * 1024;

/// Standard output, and the file of decisions where there is one.
pub struct Output<'a> {
    stdout: BufWriter<&'a mut dyn Write>,
    decisions: Option<DecisionFile>,
    /// The line being written; kept for its memory.
    line: Vec<u8>,
    /// Whether each line goes out at once.
    is_live: bool,
}

/// A file of decisions, a line each.
pub(crate) struct DecisionFile {
    path: PathBuf,
    file: BufWriter<File>,
    /// Its length, once everything is written.
    length: u64,
}

/// What a decision is made on: the name of its number in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A closed bar.
    Bar,
    /// A row of a set that is fed with events.
    Row,
}

/// What a file of decisions must go on from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    /// Length of the file when the state was saved.
    pub(crate) length: u64,
    /// What the decisions are made on.
    pub(crate) unit: Unit,
    /// Decisions made then.
    pub(crate) decisions: u64,
    /// What the last of them was made on: its `ts_event`.
    pub(crate) last: Option<UnixNanos>,
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::Bar => "bar",
            Self::Row => "row",
        }
    }

    /// As a message says it.
    fn say(self, number: u64, ts_event: UnixNanos) -> String {
        match self {
            Self::Bar => format!("bar {number}, closed at {ts_event}"),
            Self::Row => format!("row {number}, of {ts_event}"),
        }
    }
}

impl<'a> Output<'a> {
    /// An output to standard output alone. `is_live` where someone waits for each line.
    pub fn new(stdout: &'a mut dyn Write, is_live: bool) -> Self {
        let stdout = BufWriter::with_capacity(1 << 16, stdout);
        Self { stdout, decisions: None, line: Vec::with_capacity(1024), is_live }
    }

    /// Sends decisions to a file instead.
    pub(crate) fn redirect(&mut self, decisions: DecisionFile) {
        self.decisions = Some(decisions);
    }

    /// Writes a line to standard output, at once.
    ///
    /// # Errors
    /// [`ending::OUTPUT_UNWRITABLE`].
    pub fn say(&mut self, line: &impl Serialize) -> Result<(), Failure> {
        self.prepare(line)?;
        self.stdout.write_all(&self.line).and_then(|()| self.stdout.flush()).map_err(stdout_failure)
    }

    /// Makes the line of a decision; [`write`](Output::write) writes it.
    ///
    /// # Errors
    /// [`ending::INTERNAL`], never in fact.
    pub fn prepare(&mut self, line: &impl Serialize) -> Result<(), Failure> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)
            .map_err(|error| Failure::new(ending::INTERNAL, format!("a line of the output: {error}")))?;
        self.line.push(b'\n');
        Ok(())
    }

    /// Writes the line made last.
    ///
    /// # Errors
    /// [`ending::OUTPUT_UNWRITABLE`].
    pub fn write(&mut self) -> Result<(), Failure> {
        match &mut self.decisions {
            Some(decisions) => decisions.write(&self.line)?,
            None => self.stdout.write_all(&self.line).map_err(stdout_failure)?,
        }
        if self.is_live { self.flush() } else { Ok(()) }
    }

    /// Hands everything on.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        match &mut self.decisions {
            Some(decisions) => decisions.file.flush().map_err(|error| decisions.failure(&error)),
            None => self.stdout.flush().map_err(stdout_failure),
        }
    }

    /// Hands everything on, to the disk where it is a file. Length of the file then, if there is one.
    pub(crate) fn sync(&mut self) -> Result<Option<u64>, Failure> {
        self.flush()?;
        let Some(decisions) = &mut self.decisions else { return Ok(None) };
        decisions.file.get_ref().sync_data().map_err(|error| decisions.failure(&error))?;
        Ok(Some(decisions.length))
    }
}

fn stdout_failure(error: io::Error) -> Failure {
    let message =
        format!("cannot write to standard output: {error}; what reads it has gone, or its disk is full");
    Failure::new(ending::OUTPUT_UNWRITABLE, message)
}

fn unwritable(path: &Path, error: &impl std::fmt::Display) -> Failure {
    let message = format!("cannot write decisions to {}: {error}", path.display());
    Failure::new(ending::OUTPUT_UNWRITABLE, message)
}

impl DecisionFile {
    /// Checks that no decisions stand there yet.
    pub(crate) fn check_new(path: &Path) -> Result<(), Failure> {
        let length = match path.metadata() {
            Ok(metadata) if metadata.is_file() => metadata.len(),
            Ok(_) => return Err(unwritable(path, &"it is no regular file; name one")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(unwritable(path, &error)),
        };
        if length == 0 { Ok(()) } else { Err(not_new(path, length)) }
    }

    /// A file that holds nothing yet.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        Self::check_new(path)?;
        Self::open(path, 0)
    }

    /// A file that is gone on with: cut to what it held when the state was saved.
    pub(crate) fn resume(path: &Path, done: Done) -> Result<Self, Failure> {
        let found = match path.metadata() {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound && done.length == 0 => {
                return Self::create(path);
            }
            Err(error) => return Err(unwritable(path, &error)),
        };
        if found < done.length {
            let (length, shown) = (done.length, path.display());
            let message = format!(
                "{shown}: expected the {length} bytes of decisions that stood there when the state was saved, found \
                 {found}; put the whole file back, or name the one that belongs to the state"
            );
            return Err(Failure::new(ending::OUTPUT_MISMATCH, message).sides(length, found));
        }
        let (before, after) = around(path, done.length).map_err(|error| unwritable(path, &error))?;
        check_before(path, &before, done)?;
        check_after(path, &after, done)?;
        Self::open(path, done.length)
    }

    fn open(path: &Path, length: u64) -> Result<Self, Failure> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
        let mut file = file.map_err(|error| unwritable(path, &error))?;
        // As long as the process lives, no other writes it.
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(unwritable(path, &error)),
            Err(TryLockError::WouldBlock) => {
                let message = format!(
                    "{}: another process writes its decisions there; stop it, or name another file",
                    path.display()
                );
                return Err(Failure::new(ending::OUTPUT_UNWRITABLE, message));
            }
        }
        let mut begin = || -> io::Result<()> {
            file.set_len(length)?;
            file.seek(SeekFrom::End(0))?;
            file.sync_all()?;
            // The name itself is data of the folder.
            #[cfg(unix)]
            File::open(folder(path))?.sync_all()?;
            Ok(())
        };
        begin().map_err(|error| unwritable(path, &error))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::with_capacity(1 << 16, file), length })
    }

    fn write(&mut self, line: &[u8]) -> Result<(), Failure> {
        self.file.write_all(line).map_err(|error| self.failure(&error))?;
        self.length += line.len() as u64;
        Ok(())
    }

    fn failure(&self, error: &io::Error) -> Failure {
        unwritable(&self.path, error)
    }
}

fn not_new(path: &Path, length: u64) -> Failure {
    let message = format!(
        "{}: expected no file, or an empty one, for there is no state that goes on with it, found {length} bytes; name \
         another file, move this one away, or name its --state",
        path.display()
    );
    Failure::new(ending::OUTPUT_MISMATCH, message)
        .sides("no file, or an empty one", format!("{length} bytes"))
}

/// The end of the first `length` bytes, and the beginning of what follows.
fn around(path: &Path, length: u64) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut file = File::open(path)?;
    let begin = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(begin))?;
    let (mut before, mut after) = (Vec::new(), Vec::new());
    (&mut file).take(length - begin).read_to_end(&mut before)?;
    file.take(32).read_to_end(&mut after)?;
    Ok((before, after))
}

/// What is looked at of a decision.
#[derive(Debug, Deserialize)]
struct Decided {
    bar: Option<u64>,
    row: Option<u64>,
    ts_event: i64,
}

impl Decided {
    const fn number(&self, unit: Unit) -> Option<u64> {
        match unit {
            Unit::Bar => self.bar,
            Unit::Row => self.row,
        }
    }
}

impl Done {
    /// The last decision, where there is one.
    fn last(&self) -> Option<(u64, UnixNanos)> {
        self.decisions.checked_sub(1).zip(self.last)
    }
}

/// The last decision that stays must be that on the last bar of the state.
fn check_before(path: &Path, before: &[u8], done: Done) -> Result<(), Failure> {
    if done.length == 0 {
        return Ok(());
    }
    let mut lines = before.rsplit(|byte| *byte == b'\n');
    let is_whole = lines.next().is_none_or(<[u8]>::is_empty);
    let last = lines.next().and_then(|line| serde_json::from_slice::<Decided>(line).ok());
    let last = last.and_then(|last| Some((last.number(done.unit)?, UnixNanos(last.ts_event))));
    let Some(found) = last.filter(|_| is_whole) else {
        return Err(mismatch(path, done, "something else"));
    };
    if Some(found) == done.last() {
        return Ok(());
    }
    Err(mismatch(path, done, &done.unit.say(found.0, found.1)))
}

/// What is cut off must be what this bot decided after the state was saved.
fn check_after(path: &Path, after: &[u8], done: Done) -> Result<(), Failure> {
    let Done { length, unit, decisions, last: _ } = done;
    let unit = unit.name();
    let expected = format!("{{\"{unit}\":{decisions},");
    if after.iter().zip(expected.as_bytes()).all(|(found, expected)| found == expected) {
        return Ok(());
    }
    let message = format!(
        "{}: expected behind byte {length} the decision on {unit} {decisions}, which would be made again, found something \
         else; name the file that belongs to the state, or cut this one to that length yourself",
        path.display(),
    );
    let found = String::from_utf8_lossy(after).into_owned();
    Err(Failure::new(ending::OUTPUT_MISMATCH, message).sides(expected, found))
}

fn mismatch(path: &Path, done: Done, found: &str) -> Failure {
    let expected = match done.last() {
        Some((number, ts_event)) => done.unit.say(number, ts_event),
        None => "none".to_owned(),
    };
    let message = format!(
        "{}: expected the last decision before byte {} to be that on the last {} of the state ({expected}), found \
         {found}; name the file that belongs to the state",
        path.display(),
        done.length,
        done.unit.name()
    );
    Failure::new(ending::OUTPUT_MISMATCH, message).sides(expected, found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const TWO: &str = "{\"bar\":0,\"ts_event\":60}\n{\"bar\":1,\"ts_event\":120}\n";

    fn file(content: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        file
    }

    fn done(decisions: u64, last: i64) -> Done {
        let last = Some(UnixNanos(last));
        Done { length: TWO.len() as u64, unit: Unit::Bar, decisions, last }
    }

    #[track_caller]
    fn refused(content: &str, done: Done) {
        let file = file(content);
        let failure = DecisionFile::resume(file.path(), done).err().unwrap();
        assert_eq!(failure.code(), "output-mismatch", "{failure}");
        assert_eq!(fs::read_to_string(file.path()).unwrap(), content, "what is refused is left as it is");
    }

    #[test]
    fn what_was_decided_after_the_state_is_cut_off() {
        for after in ["", "{", "{\"bar\":2,", "{\"bar\":2,\"ts_event\":180}\n{\"bar\":3"] {
            let file = file(&format!("{TWO}{after}"));
            let mut decisions = DecisionFile::resume(file.path(), done(2, 120)).unwrap();
            decisions.write(b"more\n").unwrap();
            decisions.file.flush().unwrap();
            assert_eq!(fs::read_to_string(file.path()).unwrap(), format!("{TWO}more\n"));
            assert_eq!(decisions.length, TWO.len() as u64 + 5);
        }
    }

    #[test]
    fn rows_go_on_as_bars_do() {
        let rows = TWO.replace("\"bar\"", "\"row\"");
        let of_rows = Done { unit: Unit::Row, ..done(2, 120) };
        let file = file(&format!("{rows}{{\"row\":2,"));
        assert!(DecisionFile::resume(file.path(), of_rows).is_ok());
        assert_eq!(fs::read_to_string(file.path()).unwrap(), rows);
        refused(&rows, done(2, 120));
        refused(&format!("{rows}{{\"bar\":2,"), of_rows);
    }

    #[test]
    fn a_file_of_something_else_is_left_alone() {
        refused("", done(2, 120));
        refused("{\"bar\":0,\"ts_event\":60}\n", done(2, 120));
        refused(TWO, done(3, 120));
        refused(TWO, done(2, 180));
        refused(&format!("{TWO}{{\"bar\":7,\"ts_event\":480}}\n"), done(2, 120));
        refused(&TWO.replace('\n', " "), done(2, 120));
        refused(&TWO.replace("\"bar\"", "\"rab\""), done(2, 120));
        refused(TWO, Done { unit: Unit::Row, ..done(2, 120) });
        refused("my thesis", Done { length: 0, unit: Unit::Bar, decisions: 0, last: None });
    }

    #[test]
    fn a_new_file_must_be_new() {
        assert_eq!(DecisionFile::create(file(TWO).path()).err().unwrap().code(), "output-mismatch");
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(DecisionFile::create(folder.path()).err().unwrap().code(), "output-unwritable");
        let nowhere = folder.path().join("no/decisions.jsonl");
        assert_eq!(DecisionFile::create(&nowhere).err().unwrap().code(), "output-unwritable");
        assert!(DecisionFile::create(&folder.path().join("decisions.jsonl")).is_ok());
        let none = Done { length: 0, unit: Unit::Bar, decisions: 0, last: None };
        assert!(DecisionFile::resume(&folder.path().join("other.jsonl"), none).is_ok());
    }
}
