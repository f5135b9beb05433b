//! A clock other than that of the rows.

use feature_api::Range::AtLeast;
use feature_api::{FeatureSpec, Grid, RestoreError, StateReader, StateWriter, UnixNanos};

use super::clock::{Clock, Closed, Features, names};
use crate::arithmetic::Divisor;
use crate::bars::ClosedBar;
use crate::sets::table::{features, finite};

/// What was known of the newest closed bar of a clock, and the operators that go on from there. A bar that is still
/// forming is nowhere in it.
#[derive(Debug)]
pub(super) struct Coarse<F> {
    features: F,
    second: Divisor,
    /// The features' values at the newest bar; none before the first.
    cells: Box<[Option<f64>]>,
    /// When the newest bar could be known.
    available: Option<UnixNanos>,
}

/// When the row and the newest bar of the clock could be known.
pub(super) struct Inputs {
    second: Divisor,
    row: UnixNanos,
    bar: Option<UnixNanos>,
}

impl Inputs {
    fn age(&self) -> Option<f64> {
        Some(self.second.divide_i64(self.row.0.saturating_sub(self.bar?.0)))
    }
}

features! {
    clock: Clock, named by names, x: &Inputs,
    age_s: x.age() => "seconds", finite(1), AtLeast(0.0), "", "Age of the clock's newest row: from when it became available until this row did.";
}

impl<F: Features> Coarse<F> {
    /// The clock's features, then the age of its newest bar.
    pub(super) fn specs(clock: Clock) -> Vec<FeatureSpec> {
        let mut all = F::specs(clock);
        all.extend(specs(clock));
        all
    }

    pub(super) fn new(clock: Clock, grid: Grid) -> Self {
        let cells = vec![None; F::specs(clock).len()].into_boxed_slice();
        Self { features: F::new(grid), second: Divisor::new(1_000_000_000), cells, available: None }
    }

    /// A bar closed by an event that was known at `available`.
    pub(super) fn close(&mut self, bar: &ClosedBar, available: UnixNanos) {
        let mut cells = self.cells.iter_mut();
        self.features.update(&Closed::of(bar), |value| {
            if let Some(cell) = cells.next() {
                *cell = value;
            }
        });
        self.available = Some(available);
    }

    /// Hands out what is known at the time a row is.
    pub(super) fn read(&self, row: UnixNanos, mut put: impl FnMut(Option<f64>)) {
        self.cells.iter().for_each(|cell| put(*cell));
        evaluate(&Inputs { second: self.second, row, bar: self.available }, put);
    }

    /// Writes the values and the operators.
    pub(super) fn save(&self, state: &mut StateWriter) {
        self.features.save(state);
        state.write_bool(self.available.is_some());
        let Some(available) = self.available else { return };
        state.write_i64(available.0);
        for cell in &self.cells {
            state.write_bool(cell.is_some());
            state.write_f64(cell.unwrap_or_default());
        }
    }

    /// Reads what [`Coarse::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state.
    pub(super) fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.features.load(state)?;
        if !state.read_bool()? {
            return Ok(());
        }
        self.available = Some(UnixNanos(state.read_i64()?));
        for cell in &mut self.cells {
            *cell = state.read_bool()?.then_some(state.read_f64()?);
        }
        Ok(())
    }
}
