//! Labelled feature matrices: what a model is trained on, and what says where it comes from.
//!
//! [`build`] computes a set's features over bars, labels them and writes `rows.parquet` and `manifest.json` into a
//! folder; [`Dataset::open`] reads it back and checks it against its manifest. [`Split`]s are made by time, with
//! purge and embargo, and hold no row of the warm-up. A [`Cache`] gives the features of bars that were seen before, and computes only those of bars
//! that were appended; the bits are those of a full build. A [`Profile`] says what the features look like.
//!
//! [`build_events`] does the same for a set that is driven by trades and the order book.
//!
//! A set that looks at the open position is given positions beside the bars: real ones, or those of
//! [`tile_positions`]. Its rows have a label where a position is open, and the label is taken along it.
//!
//! **Invariants.** A label looks at later bars and at its own close only, a feature at no later bar. A row without a
//! full future has no label, a row before the set's warm-up is in no part. No training row's label looks into the rows it is tested on. A [`TrainSplit`] is made by
//! a split alone, so that nothing can be fitted on everything by accident.

mod barriers;
mod build;
mod cache;
mod cache_grid;
mod check;
mod data_hash;
mod dataset;
mod error;
mod events;
mod finer;
mod label;
mod label_text;
mod manifest;
mod manifest_json;
mod open;
mod positions;
mod profile;
mod profile_file;
mod split;
mod statistics;

pub use build::{BuildOptions, Built, PositionUse, build};
pub use cache::{Cache, CacheUse};
pub use data_hash::{DataHasher, data_hash};
pub use dataset::Dataset;
pub use error::{DatasetError, Mismatch};
pub use events::{EventHasher, EventUse, build_events, event_spec, kind_of};
pub use label::{Barriers, LabelSpec, Labels, Ties, TradeSide};
pub use manifest::{Manifest, Part, Parts};
pub use positions::{HoldSides, PositionFeed, TellError, positions_hash, tile_positions};
pub use profile::{Correlated, FeatureProfile, Profile, QUANTILES};
pub use split::{EvalSplit, Fold, Split, SplitSpec, TrainSplit, WalkForward, Window};
