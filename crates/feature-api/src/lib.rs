//! The contract between a feature version and everything that uses it.
//!
//! Types and traits only: market data as integers on a declared grid ([`Price`], [`Qty`], [`Bar`], [`Trade`],
//! [`BookSnapshot`], [`BookDelta`]),
//! what a feature is ([`FeatureSpec`], [`Schema`]), what comes out ([`Row`], [`Columns`]), how a set is
//! driven ([`FeatureSet`]), how state is written ([`StateWriter`]) and how a version is identified
//! ([`identity`]).
//!
//! **Invariant: nothing here computes a feature value.** A change here must not be able to change a bit
//! of any released version.

mod bar;
mod bar_spec;
mod book;
mod grid;
pub mod identity;
mod meter;
mod near;
mod operator;
mod position;
mod row;
mod schema;
pub mod selftest;
mod set;
mod state;
mod time;
mod trade;
mod version;
mod wiring;

pub use bar::{Bar, BarError, BarFields, TakerVolume};
pub use bar_spec::{BarKind, BarSpec};
pub use book::{BookDelta, BookSnapshot, Level};
pub use grid::{Grid, GridError, MAX_RAW, MAX_SCALE, Price, Qty};
pub use meter::Meter;
pub use near::near;
pub use operator::{Bits, Operator};
pub use position::{Position, Side};
pub use row::{Columns, Row, RowBlock, RowWriter};
pub use schema::{FeatureSpec, Memory, Param, Range, Schema};
pub use set::{Event, EventKind, FeatureSet, ParamError, UpdateError};
pub use state::{RestoreError, StateReader, StateWriter};
pub use time::UnixNanos;
pub use trade::{AggressorSide, Trade};
pub use version::{Canonical, FeatureVersion, Output, SetError};
pub use wiring::{Metered, MeteredOperator, Plain, Wiring};
