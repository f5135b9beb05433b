//! The rules every feature set is held to.
//!
//! ```
//! use feature_api::FeatureSet;
//! use testkit::inputs::{Stream, Takers, bars, walk_bars, walk_positions};
//! use testkit::set::{SetCase, conform_set};
//!
//! fn conforms<S: FeatureSet>() {
//!     let converging = walk_bars(12_000, 1);
//!     for stream in Stream::ALL {
//!         let bars = bars(stream, 700, 1, Takers::Mixed);
//!         conform_set::<S>(&SetCase {
//!             name: stream.name(),
//!             params: &[],
//!             bars: &bars,
//!             positions: &walk_positions(&bars, 2),
//!             stride: 10,
//!             converging: Some(&converging),
//!         });
//!     }
//! }
//! ```

mod causal;
mod rows;
mod run;
mod state;

use feature_api::{Bar, FeatureSet, Memory, Param, Position, Schema};

pub use run::{first_difference, stream};

use crate::report::{broken, cannot_run};

/// A feature set, the events to run it over, and how thoroughly.
#[derive(Debug, Clone, Copy)]
pub struct SetCase<'a> {
    /// Name of set, parameters and stream, for the report.
    pub name: &'a str,
    /// Parameters other than the catalogue's.
    pub params: &'a [Param],
    /// Closed bars in order; more than the longest warm-up and the longest window take.
    pub bars: &'a [Bar],
    /// Positions, each told before the bar of that index, in order. Empty where the set takes none: it must
    /// then refuse one. Each must be entered within the bar it is told before.
    pub positions: &'a [(usize, Option<Position>)],
    /// The rules whose cost grows with the square of the rows look at every row (1), or every so many.
    pub stride: usize,
    /// Other bars for the convergence of recursive features, where `bars` are too few or too quiet:
    /// more than the longest convergence. `None`: `bars`.
    pub converging: Option<&'a [Bar]>,
}

impl SetCase<'_> {
    pub(crate) fn fresh<S: FeatureSet>(&self) -> S {
        S::new(self.params).unwrap_or_else(|error| broken(self.name, "parameters", "-", "a set", error))
    }

    pub(crate) fn strided(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.bars.len()).step_by(self.stride.max(1)).collect();
        rows.extend(self.bars.len().checked_sub(1));
        rows.dedup();
        rows
    }
}

/// Runs every rule.
///
/// # Panics
/// At the first rule that is broken, with the set, the rule, row and feature, and what was expected and
/// found; and where the bars are too few to check a rule.
pub fn conform_set<S: FeatureSet>(case: &SetCase<'_>) {
    well_formed(case, case.fresh::<S>().schema());
    let reference = stream::<S>(case);
    rows::validity_and_values::<S>(case, &reference);
    rows::nothing_stale::<S>(case, &reference);
    rows::batch_is_stream::<S>(case, &reference);
    rows::reset_is_new::<S>(case, &reference);
    rows::refused_changes_nothing::<S>(case, &reference);
    state::continues::<S>(case, &reference);
    state::damage_is_refused::<S>(case);
    causal::prefix::<S>(case, &reference);
    causal::no_look_ahead::<S>(case, &reference);
    causal::window_purity::<S>(case, &reference);
    causal::converges::<S>(case);
    rows::same_on_a_finer_grid::<S>(case);
}

/// For each feature, in order: bars after which two histories gave the same bits for good over `bars`: the
/// first half of `bars` as it is and altered, then the second half in common.
///
/// A feature that has not come together at the end has `bars.len() / 2` (rounded up).
#[must_use]
pub fn measure_convergence<S: FeatureSet>(params: &[Param], bars: &[Bar]) -> Vec<usize> {
    let case = SetCase { name: "convergence", params, bars, positions: &[], stride: 1, converging: None };
    causal::measure::<S>(&case, bars, bars.len() / 2)
}

/// The schema makes sense, and the bars are enough for every rule.
fn well_formed(case: &SetCase<'_>, schema: &Schema) {
    const RULE: &str = "schema";
    let features = schema.features();
    if features.is_empty() {
        broken(case.name, RULE, "-", "features", "none");
    }
    for (index, feature) in features.iter().enumerate() {
        if features[..index].iter().any(|other| other.name == feature.name) {
            broken(case.name, RULE, feature.name, "each name once", "it twice");
        }
    }
    if schema.takes_position() && case.positions.is_empty() {
        cannot_run(case.name, RULE, "a set that looks at the open position; give positions".to_owned());
    }
    for feature in features {
        let rows = case.bars.len();
        let (reach, warm_up) = match feature.memory {
            Memory::Finite { window } => (window, feature.warm_up),
            Memory::Recursive { convergence } => (convergence, feature.warm_up),
            Memory::SinceEntry | Memory::Book => continue,
        };
        if reach <= warm_up {
            broken(case.name, RULE, feature.name, format!("a memory above the warm-up of {warm_up}"), reach);
        }
        let finite = matches!(feature.memory, Memory::Finite { .. });
        let needed = if finite { reach.max(warm_up) } else { warm_up } as usize + 2;
        if rows < needed {
            cannot_run(case.name, feature.name, format!("{rows} bars; give {needed} or more"));
        }
    }
    for (at, position) in case.positions {
        let Some(bar) = case.bars.get(*at) else {
            cannot_run(case.name, "positions", format!("a position before bar {at} of {}", case.bars.len()));
        };
        let entered = position.is_none_or(|position| position.ts_entry <= bar.ts_close());
        if !entered {
            cannot_run(
                case.name,
                "positions",
                format!("the position of bar {at} is entered after its close"),
            );
        }
    }
}
