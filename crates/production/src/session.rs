//! A bot at work: what it goes on from, and what is kept of it.

use std::path::PathBuf;

use runtime::{Bot, Stepper};
use serde::Serialize;

use crate::Places;
use crate::failure::Failure;
use crate::output::{DecisionFile, Done, Output, Unit};
use crate::state_file::StateFile;

/// A bot at work, with its output and its state: [`restore`](Session::restore), then
/// [`open`](Session::open); [`decided`](Session::decided) after each decision that is written; at the end
/// [`save`](Session::save), or [`stop`](Session::stop) where it comes too early.
pub struct Session<'a, C> {
    /// The bot.
    pub bot: Bot<C>,
    /// Where its decisions go.
    pub output: Output<'a>,
    out: Option<PathBuf>,
    state: Option<StateFile>,
    restored: Option<Restored>,
}

/// What a restored state says of the file of decisions.
#[derive(Debug, Clone, Copy)]
struct Restored {
    /// Its length, where there was one.
    length: Option<u64>,
}

/// Why a run ended too early.
#[derive(Debug)]
pub struct Stop {
    /// Why.
    pub failure: Failure,
    /// Whether the bot is as it was after its last decision, so that its state can be saved.
    pub is_whole: bool,
}

impl Stop {
    /// A stop in the middle of a decision, or behind one that is not out.
    #[must_use]
    pub const fn unwhole(failure: Failure) -> Self {
        Self { failure, is_whole: false }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self { failure, is_whole: true }
    }
}

/// The last line of the output.
#[derive(Serialize)]
struct SummaryLine<S> {
    summary: S,
}

impl<'a, C: Stepper> Session<'a, C> {
    /// Takes the place of the state, where one is named, and restores the bot from it, where there is a state.
    ///
    /// # Errors
    /// [`Failure`] for a state that is in use, damaged or of another bot.
    pub fn restore(mut bot: Bot<C>, output: Output<'a>, places: &Places) -> Result<Self, Failure> {
        let state = StateFile::of(places)?;
        let restored = match &state {
            Some(state) => state.restore(&mut bot)?.map(|length| Restored { length }),
            None => None,
        };
        Ok(Self { bot, output, out: places.out.clone(), state, restored })
    }

    /// The length that the file of decisions had when the restored state was saved, if there was one; `None` where
    /// nothing was restored.
    #[must_use]
    pub fn restored(&self) -> Option<Option<u64>> {
        self.restored.map(|restored| restored.length)
    }

    /// Opens the file of decisions, where one is named, and saves the state that it goes on from.
    ///
    /// # Errors
    /// [`Failure`] for a file that does not go on from the state, or a place that cannot be written to.
    pub fn open(&mut self, unit: Unit) -> Result<(), Failure> {
        let Self { bot, output, out, state, restored } = self;
        let Some(path) = out.as_deref() else {
            if let (Some(state), None) = (state, restored) {
                // Before the first decision, so that a place that cannot be written to is found out first.
                state.save(bot, None)?;
            }
            return Ok(());
        };
        if let Some(length) = restored.and_then(|restored| restored.length) {
            let (decisions, last) = (bot.core.decisions(), bot.core.last_decision());
            output.redirect(DecisionFile::resume(path, Done { length, unit, decisions, last })?);
            return Ok(());
        }
        DecisionFile::check_new(path)?;
        // A file that begins is cut to nothing after a crash only where a state says so.
        if let Some(state) = state {
            state.save(bot, Some(0))?;
        }
        output.redirect(DecisionFile::create(path)?);
        Ok(())
    }

    /// Counts a decision that was written; saves the state where that is due.
    ///
    /// # Errors
    /// As [`save`](Session::save).
    pub fn decided(&mut self) -> Result<(), Failure> {
        if self.state.as_mut().is_some_and(StateFile::is_due) { self.save() } else { Ok(()) }
    }

    /// Hands the decisions on, then saves the state that has seen them.
    ///
    /// # Errors
    /// [`Failure`] where one of them cannot be written.
    pub fn save(&mut self) -> Result<(), Failure> {
        let Some(state) = &mut self.state else { return self.output.flush() };
        let length = self.output.sync()?;
        state.save(&self.bot, length)
    }

    /// Keeps what was decided until then; gives why it ended.
    pub fn stop(&mut self, stop: Stop) -> Failure {
        let kept = if stop.is_whole { self.save() } else { self.output.flush() };
        if let Err(failure) = kept
            && failure != stop.failure
        {
            failure.log();
        }
        stop.failure
    }

    /// Writes the last line.
    ///
    /// # Errors
    /// [`Failure`] where it cannot be written.
    pub fn sum_up(&mut self, summary: &impl Serialize) -> Result<(), Failure> {
        self.output.say(&SummaryLine { summary })
    }
}
