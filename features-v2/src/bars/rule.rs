//! What a rule of bars is.

use feature_api::{RestoreError, StateReader, StateWriter};

use super::{BarSums, ClosedBar};
use crate::market::Print;

/// Turns trades into bars. A trade or a tick of the clock closes one bar at most.
pub trait BarRule {
    /// Takes the next trade, which is not before the last.
    fn update(&mut self, print: &Print) -> Option<ClosedBar>;

    /// Hears that the venue's clock has come to `ts`. Only bars of time care.
    fn clock(&mut self, ts: i64) -> Option<ClosedBar> {
        let _ = ts;
        None
    }

    /// Quantity in the bar in progress: with the next trade it must not exceed 2^53 steps.
    fn volume(&self) -> i64;

    /// Forgets every trade.
    fn reset(&mut self);

    /// Writes the bar in progress and whatever the rule remembers.
    fn save(&self, state: &mut StateWriter);

    /// Reads what [`BarRule::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; the rule is then as new.
    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError>;
}

/// Writes a bar in progress.
pub(super) fn save_bar(bar: Option<&BarSums>, state: &mut StateWriter) {
    state.write_bool(bar.is_some());
    if let Some(bar) = bar {
        bar.save(state);
    }
}

/// Reads a bar in progress.
pub(super) fn load_bar(state: &mut StateReader<'_>) -> Result<Option<BarSums>, RestoreError> {
    if state.read_bool()? { BarSums::load(state).map(Some) } else { Ok(None) }
}
