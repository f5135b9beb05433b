//! What a strategy is compared with.

use execution::PositionView;
use feature_api::{Bar, Event, RestoreError, Side, StateReader, StateWriter};
use observation::Action;

use crate::{Reading, Signal, Strategy, StrategyError, Why};

/// Long from the first bar, or trade, on: enters at full size without levels where nothing is open, and holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuyAndHold;

/// Never trades; closes what it finds open.
#[derive(Debug, Clone, Copy, Default)]
pub struct AlwaysFlat;

impl BuyAndHold {
    /// Its name in configurations.
    pub const NAME: &'static str = "buy-and-hold";

    fn signal(position: Option<&PositionView>) -> Signal {
        always(match position {
            None => Action::Enter { side: Side::Long, stop: None, take: None },
            Some(_) => Action::Hold,
        })
    }
}

impl AlwaysFlat {
    /// Its name in configurations.
    pub const NAME: &'static str = "flat";
}

impl Strategy for BuyAndHold {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn on_bar(&mut self, _: &Bar, position: Option<&PositionView>, _: bool) -> Result<Signal, StrategyError> {
        Ok(Self::signal(position))
    }

    fn on_event(
        &mut self,
        event: Event<'_>,
        position: Option<&PositionView>,
        _: bool,
    ) -> Result<Option<Signal>, StrategyError> {
        Ok(is_row(event).then(|| Self::signal(position)))
    }

    fn save(&self, _: &mut StateWriter) {}

    fn load(&mut self, _: &mut StateReader<'_>) -> Result<(), RestoreError> {
        Ok(())
    }
}

impl Strategy for AlwaysFlat {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn on_bar(&mut self, _: &Bar, _: Option<&PositionView>, _: bool) -> Result<Signal, StrategyError> {
        Ok(always(Action::Flat))
    }

    fn on_event(
        &mut self,
        event: Event<'_>,
        _: Option<&PositionView>,
        _: bool,
    ) -> Result<Option<Signal>, StrategyError> {
        Ok(is_row(event).then(|| always(Action::Flat)))
    }

    fn save(&self, _: &mut StateWriter) {}

    fn load(&mut self, _: &mut StateReader<'_>) -> Result<(), RestoreError> {
        Ok(())
    }
}

/// Whether there is something to decide on for who has no features: a bar or a trade.
const fn is_row(event: Event<'_>) -> bool {
    matches!(event, Event::Bar(_) | Event::Trade(_))
}

/// A signal without reasons: no model is asked.
const fn always(action: Action) -> Signal {
    Signal { action, why: Why::Always, entry: Reading::None, exit: Reading::None, edge: None }
}
