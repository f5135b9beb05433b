//! Orders, fills, the account, and the paper exchange: what happens between a decision and money.
//!
//! Everything here is integers: prices on the grid of the instrument's bars, positions in whole lots, money in 1e-18 of
//! the quote currency. Nothing is rounded but where a rule says so: fill prices to the tick and fees to the unit of
//! money, both against the trader ([`PaperExchange`]); average prices to the nearest tick, half to even; and the cost
//! of a part of a position to the unit of money ([`Account::realised`]). So the books close to the last unit, and the
//! same market on a finer grid gives the same money.
//!
//! **Invariants.** An order never crosses zero: what closes a position does not open another. A decision on one bar
//! fills in a later bar, never in its own. `cash = start − Σ lots·price − Σ fees` and
//! `equity = cash + lots·mark` hold exactly after every fill. A state that is restored keeps them, or is refused.

mod account;
mod costs;
mod desk;
mod error;
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
pub use instrument::{Decimal, Instrument};
pub use market::Market;
pub use money::Money;
pub use order::{Bracket, Fill, FillKind, Order};
pub use paper::{PaperExchange, Working};
pub use trade::{ExitReason, Trade};
