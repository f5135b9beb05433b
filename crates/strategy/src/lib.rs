//! From predictions to signals.
//!
//! A [`Strategy`] sees each closed bar, or each event of a market, and the open position and says what it wants, as an
//! [`observation::Action`] with its reasons: a [`Signal`]. [`ModelDrivenStrategy`] asks an entry model when flat and an
//! exit model when not. [`StrategyFactory`] makes strategies by name.
//!
//! **Invariants.** A strategy sees closed bars, or events, and the position alone: no clock, no account, no randomness.
//! The same of both give the same signals, from a saved state on too. Whatever cannot be predicted opens nothing.

mod baselines;
mod error;
mod factory;
mod meaning;
mod model_driven;
mod options;
mod signal;

pub use baselines::{AlwaysFlat, BuyAndHold};
pub use error::StrategyError;
pub use factory::{Ingredients, StrategyFactory};
pub use meaning::EntryMeaning;
pub use model_driven::ModelDrivenStrategy;
pub use observation::{Limit, RiskLimits};
pub use options::{ModelDrivenOptions, Sides};
pub use signal::{Reading, Signal, Why};

use execution::PositionView;
use feature_api::{Bar, Event, RestoreError, StateReader, StateWriter};

/// Says what is wanted at the close of each bar.
pub trait Strategy: Send {
    /// Its name in configurations.
    fn name(&self) -> &'static str;

    /// What is wanted at the close of this bar. `position` is what is open after the fills of this bar, `closed` whether
    /// they closed one, perhaps one that they had opened.
    ///
    /// # Errors
    /// [`StrategyError`] for a bar that cannot follow, or an input that a model refuses. What it knows may then be
    /// incomplete: do not go on with it.
    fn on_bar(
        &mut self,
        bar: &Bar,
        position: Option<&PositionView>,
        closed: bool,
    ) -> Result<Signal, StrategyError>;

    /// What is wanted with a row that this event completes; `None` where it completes none. `position` is what is open
    /// after the fills of this event, `closed` whether any fills since the last row closed one. A strategy that is fed
    /// with bars alone decides at the close of each.
    ///
    /// # Errors
    /// As [`on_bar`](Strategy::on_bar).
    fn on_event(
        &mut self,
        event: Event<'_>,
        position: Option<&PositionView>,
        closed: bool,
    ) -> Result<Option<Signal>, StrategyError> {
        let Event::Bar(bar) = event else { return Ok(None) };
        self.on_bar(bar, position, closed).map(Some)
    }

    /// What its features have counted, by name: events taken, and those dropped by a stated rule.
    fn counters(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// Writes the whole state.
    fn save(&self, state: &mut StateWriter);

    /// Continues from what [`save`](Strategy::save) wrote: the same signals as without a pause.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; the strategy is then as new.
    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError>;
}
