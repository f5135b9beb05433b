//! The six sets. Each declares its features in one table, which is also their registry.
//!
//! # How to add a feature
//! Only to a draft: a released version never changes. Add a line to the set's table (that of `entry` stands
//! in `entry/table.rs`), the operator it needs to the set's `operators!`, and its update to `update`. Then run
//! `cargo xtask golden create v2 --replace`, `cargo xtask hash v2 --write` and `cargo xtask readme`, and the tests.

mod bar_set;
mod book;
mod core;
mod entry;
mod event_set;
mod exit;
mod flow;
mod formula;
mod multires;
mod table;
mod tick;

pub use bar_set::{BarSet, Engine, Operators, Update, View};
pub use core::{CoreEngine, CoreParams};
pub use entry::{EntryEngine, EntryParams};
pub use event_set::{EventEngine, EventSet, Now};
pub use exit::{ExitEngine, ExitParams};
pub use flow::{FlowEngine, FlowParams};
pub use multires::{MultiresEngine, MultiresParams};
pub use table::Params;
pub use tick::{TickEngine, TickParams};

/// 19 features over closed bars.
pub type Core = BarSet<CoreEngine>;
/// 85 features over closed bars, for entries.
pub type Entry = BarSet<EntryEngine>;
/// 25 features over closed bars and the open position, for exits.
pub type Exit = BarSet<ExitEngine>;

/// 23 features, a row per trade.
pub type Tick = EventSet<TickEngine>;
/// 24 features of order flow and order book, a row per closed bar of the set's kind.
pub type Flow = EventSet<FlowEngine>;

/// 282 features on six clocks, a row per closed short bar.
pub type Multires = EventSet<MultiresEngine>;

/// Names of the sets.
pub const SETS: [&str; 6] = ["core", "entry", "exit", "tick", "flow", "multires"];

/// A set by name, behind the common trait.
///
/// # Errors
/// [`feature_api::SetError`] for a name that is not in [`SETS`], or parameters the set does not take.
pub fn by_name(
    name: &str,
    params: &[feature_api::Param],
) -> Result<Box<dyn feature_api::FeatureSet>, feature_api::SetError> {
    use feature_api::{FeatureSet as _, SetError};
    Ok(match name {
        "core" => Box::new(Core::new(params)?),
        "entry" => Box::new(Entry::new(params)?),
        "exit" => Box::new(Exit::new(params)?),
        "tick" => Box::new(Tick::new(params)?),
        "flow" => Box::new(Flow::new(params)?),
        "multires" => Box::new(Multires::new(params)?),
        _ => {
            return Err(SetError::Unknown {
                version: env!("CARGO_PKG_NAME"),
                found: name.to_owned(),
                known: &SETS,
            });
        }
    })
}
