//! The rules of a workspace of feature versions, as a library that works on any Cargo workspace with this layout:
//!
//! | folder | tier | may depend on |
//! |---|---|---|
//! | `features-vN/` | features | `feature-api` and `libm` |
//! | `crates/*` | crates | crates; `feature-registry` and tests also on features |
//! | `bins/*`, role production | bins | crates but `feature-registry`, exactly one `features-vN` |
//! | `bins/*`, role research | bins | crates, features, bins |
//! | `xtask/` | xtask | crates |
//! | `experiments/**`, `fuzz/` | experiments | anything; nothing may depend on them |
//!
//! [`check`] runs every rule and gives every [`Problem`]. Each rule is a pure function over what was read
//! beforehand, in `rules/`, one file each. Reading is done by [`Workspace`], [`Graph`], [`Facts`], [`Ledger`] and
//! [`Git`].
//!
//! **Invariants: a check that cannot run is a problem, never a pass. Every problem is reported, not the first.
//! Nothing here links a feature version**: a version whose build is refused must not take the checks down with it.

pub mod audit;
mod changes;
mod check;
mod dep_info;
pub mod diff;
mod error;
mod facts;
mod git;
pub mod goldens;
mod graph;
mod ledger;
mod manifest;
pub mod new_version;
mod problem;
pub mod readme;
pub mod release;
pub mod rules;
mod scan;
mod workspace;
mod write;

pub use check::{Options, check};
pub use dep_info::{Unit, UnitKind, units};
pub use error::Error;
pub use facts::{Facts, FeatureFacts, ParamFacts, Profile, SetFacts};
pub use git::{Addition, Git};
pub use graph::{Graph, Kind, Origin, Package, Use};
pub use ledger::{Contract, Ledger, Record, Validation};
pub use manifest::Manifest;
pub use problem::{Problem, Report, Rule};
pub use scan::{Location, Macro, Named, Scan};
pub use workspace::{Tier, Version, Workspace};
pub use write::write_whole;
