//! What a strategy is compared with.

use execution::PositionView;
use feature_api::{Bar, RestoreError, Side, StateReader, StateWriter};
use observation::Action;

use crate::{Reading, Signal, Strategy, StrategyError, Why};

/// Long from the first bar on: enters at full size without levels where nothing is open, and holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuyAndHold;

/// Never trades; closes what it finds open.
#[derive(Debug, Clone, Copy, Default)]
pub struct AlwaysFlat;

impl BuyAndHold {
    /// Its name in configurations.
    pub const NAME: &'static str = "buy-and-hold";
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
        Ok(always(match position {
            None => Action::Enter { side: Side::Long, stop: None, take: None },
            Some(_) => Action::Hold,
        }))
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

    fn save(&self, _: &mut StateWriter) {}

    fn load(&mut self, _: &mut StateReader<'_>) -> Result<(), RestoreError> {
        Ok(())
    }
}

/// A signal without reasons: no model is asked.
const fn always(action: Action) -> Signal {
    Signal { action, why: Why::Always, entry: Reading::None, exit: Reading::None, edge: None }
}
