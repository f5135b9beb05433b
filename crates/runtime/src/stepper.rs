//! What is stepped, whatever it is fed with.

use execution::{Account, Market, Money};
use feature_api::{RestoreError, StateReader, StateWriter, UnixNanos};

/// What is stepped, whatever it is fed with: what its state, its output and its summary need of it.
pub trait Stepper {
    /// The instrument, on the grid that it is fed with.
    fn market(&self) -> &Market;

    /// The books.
    fn account(&self) -> &Account;

    /// Equity at the last decision; the cash it began with before the first.
    fn equity(&self) -> Money;

    /// Decisions made.
    fn decisions(&self) -> u64;

    /// What the last decision was made on: `ts_event` of its record.
    fn last_decision(&self) -> Option<UnixNanos>;

    /// Writes the whole state.
    fn save(&self, state: &mut StateWriter);

    /// Continues from what [`save`](Stepper::save) wrote, in one made of the same parts.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; it must then not be used.
    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError>;
}
