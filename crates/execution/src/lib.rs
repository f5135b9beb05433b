//! Orders, fills, the account, and the paper exchanges: what happens between a decision and money.
//!
//! [`PaperExchange`] fills orders from closed bars, [`EventExchange`] from trades and the order book; both book into the
//! same [`Account`].
//!
//! Everything here is integers: prices on the grid of the instrument's bars, positions in whole lots, money in 1e-18 of
//! the quote currency. Nothing is rounded but where a rule says so: fill prices to the tick and fees to the unit of
//! money, both against the trader; average prices to the nearest tick, half to even; and the cost
//! of a part of a position to the unit of money ([`Account::realised`]). So the books close to the last unit, and the
//! same market on a finer grid gives the same money.
//!
//! **Invariants.** An order never crosses zero: what closes a position does not open another. A decision on one bar
//! fills in a later bar, one on an event at a later event, never at its own. `cash = start − Σ lots·price − Σ fees` and
//! `equity = cash + lots·mark` hold exactly after every fill. A state that is restored keeps them, or is refused.

mod account;
mod costs;
mod desk;
mod error;
mod event;
mod exact;
mod instrument;
mod market;
mod money;
mod open;
mod order;
mod paper;
mod tape;
mod trade;

pub use account::{Account, PositionView};
pub use costs::{Costs, Rate};
pub use error::ExecutionError;
pub use event::{
    CancelModel, EventCosts, EventCounters, EventExchange, EventOrder, EventWorking, LatencyMs, OrderKind,
    TakerFills,
};
pub use instrument::{Decimal, Instrument};
pub use market::Market;
pub use money::Money;
pub use order::{Bracket, Fill, FillKind, Order};
pub use paper::{PaperExchange, Working};
pub use trade::{ExitReason, Trade};
