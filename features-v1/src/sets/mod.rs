//! The three sets. Each declares its features in one table, which is also their registry.
//!
//! # How to add a feature
//! Only to a draft: a released version never changes. Add a line to the set's table (that of `entry` stands
//! in `entry/table.rs`), the operator it needs to the set's `operators!`, and its update to `update`. Then run
//! `cargo xtask golden create v1`, `cargo xtask hash v1 --write` and `cargo xtask readme`, and the tests.

mod bar_set;
mod core;
mod entry;
mod exit;
mod formula;
mod table;

pub use bar_set::{BarSet, Engine, View};
pub use core::{CoreEngine, CoreParams};
pub use entry::{EntryEngine, EntryParams};
pub use exit::{ExitEngine, ExitParams};
pub use table::Params;

/// 19 features over closed bars.
pub type Core = BarSet<CoreEngine>;
/// 85 features over closed bars, for entries.
pub type Entry = BarSet<EntryEngine>;
/// 25 features over closed bars and the open position, for exits.
pub type Exit = BarSet<ExitEngine>;

/// Names of the sets.
pub const SETS: [&str; 3] = ["core", "entry", "exit"];

/// A set by name, behind the common trait.
///
/// # Errors
/// [`SetError`] for a name that is not in [`SETS`], or parameters the set does not take.
pub fn by_name(
    name: &str,
    params: &[feature_api::Param],
) -> Result<Box<dyn feature_api::FeatureSet>, SetError> {
    use feature_api::FeatureSet as _;
    Ok(match name {
        "core" => Box::new(Core::new(params)?),
        "entry" => Box::new(Entry::new(params)?),
        "exit" => Box::new(Exit::new(params)?),
        _ => return Err(SetError::Unknown { found: name.to_owned() }),
    })
}

/// Why there is no such set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetError {
    /// No set of that name.
    Unknown {
        /// The name given.
        found: String,
    },
    /// Parameters it does not take.
    Params(feature_api::ParamError),
}

impl From<feature_api::ParamError> for SetError {
    fn from(error: feature_api::ParamError) -> Self {
        Self::Params(error)
    }
}

impl ::core::fmt::Display for SetError {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        match self {
            Self::Unknown { found } => {
                write!(f, "features-v1 has no set {found:?}; it has: {}", SETS.join(", "))
            }
            Self::Params(error) => error.fmt(f),
        }
    }
}

impl ::core::error::Error for SetError {}
