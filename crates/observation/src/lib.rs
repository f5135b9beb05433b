//! The one door between market data, models and orders: what an agent sees, what its actions come to, what it is paid.
//!
//! [`ObservationEngine`]: bars (or events) and positions in, raw rows and model inputs out. [`ActionMapper`]: an action in, a valid
//! order out; every limit is enforced there and nowhere else. [`RewardCalculator`]: the account in, a reward out. Each
//! is made for one instrument and handed to whoever uses it; there is no global one.
//!
//! **Invariants.** Batch, bar by bar and from a saved state on give the same bits. No order leaves the mapper that breaks
//! a limit, a lot, a minimum notional or crosses zero. What closes a position is never refused.

mod action;
mod engine;
mod error;
mod limits;
mod losses;
mod mapper;
mod reward;
mod share;
mod view;

pub use action::{Action, AtWork, Context, Mapped, Mark, Reason, Sizing};
pub use engine::{Observation, ObservationEngine, Observations};
pub use error::ObservationError;
pub use limits::{Limit, RiskLimits};
pub use mapper::ActionMapper;
pub use reward::{RewardCalculator, RewardOptions};
