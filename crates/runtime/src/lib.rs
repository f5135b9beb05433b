//! The core that steps a bot from bar to bar. Backtest, replay and live feed the same one.
//!
//! [`Core::step`] takes a closed bar: the exchange fills what was at work, the strategy is told the position and asked, the
//! mapper makes an order of what it wants, the exchange takes it. No clock, no randomness, no I/O, no map iteration: the
//! same bars give the same [`Step`]s, bit for bit, from a saved state on too. [`Config`] is the one configuration of a
//! bot, and [`Bot::open`] makes it from one, with every model verified first.
//!
//! **Invariants.** A bar that is refused changes nothing. What was decided on a bar is filled in a later one. A state is
//! restored by the very same bot alone: same models, same configuration, same features.

mod bot;
mod config;
mod core;
mod error;
mod file;
mod identity;
mod record;
mod state;

pub use bot::{Bot, BotError, Leg};
pub use config::{ArtifactsConfig, BarsConfig, Config, ConfigError, ConfigProblem, StrategyConfig};
pub use core::{Core, Setup, Step};
pub use error::CoreError;
pub use record::Record;
pub use state::{State, StateError};
