//! The bot's state: saved after the decisions it has seen are out.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use runtime::{Bot, State, Stepper};

use crate::exit_code as ending;
use crate::failure::Failure;
use crate::{Places, causes};

/// The note of a state whose decisions went to standard output.
const NO_FILE: u64 = u64::MAX;

/// Where the state is saved, and how often. As long as it lives, no other process uses that file.
pub(crate) struct StateFile {
    path: PathBuf,
    every: NonZeroU64,
    /// Decisions since it was saved.
    since: u64,
    /// Held for its lock.
    _lock: File,
}

impl StateFile {
    /// The state file of the options, if they name one.
    pub(crate) fn of(places: &Places) -> Result<Option<Self>, Failure> {
        let Some(path) = &places.state else { return Ok(None) };
        let lock = lock(path)?;
        Ok(Some(Self { path: path.clone(), every: places.state_every, since: 0, _lock: lock }))
    }

    /// Restores the bot, where there is a state: the length that the file of decisions had, if there was one.
    pub(crate) fn restore(&self, bot: &mut Bot<impl Stepper>) -> Result<Option<Option<u64>>, Failure> {
        let note = State::restore(&self.path, bot).map_err(|error| causes::state(&error))?;
        Ok(note.map(|note| Some(note).filter(|note| *note != NO_FILE)))
    }

    /// Counts a decision; whether the state is to be saved.
    pub(crate) const fn is_due(&mut self) -> bool {
        self.since += 1;
        self.since >= self.every.get()
    }

    /// Saves the state. `length` is that of the file of decisions, if there is one.
    pub(crate) fn save(&mut self, bot: &Bot<impl Stepper>, length: Option<u64>) -> Result<(), Failure> {
        State::save(&self.path, bot, length.unwrap_or(NO_FILE)).map_err(|error| causes::state(&error))?;
        self.since = 0;
        Ok(())
    }
}

/// A lock of a file beside the state, for the state itself is replaced each time it is saved.
fn lock(path: &Path) -> Result<File, Failure> {
    let mut beside = OsString::from(path);
    beside.push(".lock");
    let beside = PathBuf::from(beside);
    let unwritable = |error: std::io::Error| {
        let message = format!("cannot write beside the state: {}: {error}", beside.display());
        Failure::new(ending::STATE_UNWRITABLE, message)
    };
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).open(&beside).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(error)) => Err(unwritable(error)),
        Err(TryLockError::WouldBlock) => {
            let message = format!(
                "{}: another process uses this state, and two bots must not write one; stop it, or name another file",
                path.display()
            );
            Err(Failure::new(ending::STATE_IN_USE, message))
        }
    }
}
