//! The cores that step a bot: [`Core`] from bar to bar, [`EventCore`] from event to event. Backtest, replay and live feed
//! the same ones.
//!
//! [`Core::step`] takes a closed bar: the exchange fills what was at work, the strategy is told the position and asked, the
//! mapper makes an order of what it wants, the exchange takes it. [`EventCore::step`] does the same at each row that an event
//! completes. No clock, no randomness, no I/O, no map iteration: the
//! same bars give the same [`Step`]s, bit for bit, from a saved state on too. [`Config`] is the one configuration of a
//! bot, and [`Bot::open`] makes it from one, with every model verified first.
//!
//! **Invariants.** A bar that is refused changes nothing. What was decided on a bar is filled in a later one. A state is
//! restored by the very same bot alone: same models, same configuration, same features.

mod bot;
mod config;
mod core;
mod cursor;
mod error;
mod event_core;
mod file;
mod identity;
mod pending;
mod record;
mod state;
mod stepper;

pub use bot::{Bot, BotError, Leg};
pub use config::{
    ArtifactsConfig, BarsConfig, BotConfig, Config, ConfigError, ConfigProblem, EventConfig,
    EventCostsConfig, EventsConfig, StrategyConfig,
};
pub use core::{Core, Setup, Step};
pub use cursor::Cursor;
pub use error::CoreError;
pub use event_core::{EventCore, EventSetup, EventStep};
pub use record::{Decision, EventRecord, Record};
pub use state::{State, StateError};
pub use stepper::Stepper;
