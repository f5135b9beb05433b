//! From inputs to predictions: filters, models.

use std::sync::Arc;

use feature_api::Row;
use model::{BlockFilter, BoundFilters, Ensemble, Verdict};
use preprocess::{NotReady, Unready};

use crate::PipelineError;

/// What a row comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome<'a> {
    /// A prediction, and the margin of each member.
    Predicted {
        /// The prediction.
        value: f64,
        /// The margin of each member of the ensemble.
        margins: &'a [f64],
    },
    /// A filter blocks, or cannot be evaluated.
    Blocked {
        /// The filter.
        filter: &'a BlockFilter,
        /// The raw value it saw; `None` where there was none.
        value: Option<f64>,
    },
    /// The row is no input, and no filter blocks.
    NotReady(NotReady),
    /// The set's windows are not full yet.
    WarmUp {
        /// Rows so far, this one among them.
        rows: u64,
        /// Rows of the warm-up.
        warm_up: u64,
    },
}

/// The filters and models of an artifact. The filters see the raw row, then the model its input. It has no memory.
#[derive(Debug, Clone)]
pub struct Predictor {
    filters: BoundFilters,
    ensemble: Arc<Ensemble>,
    /// The margins of the last prediction.
    margins: Vec<f64>,
}

impl Predictor {
    pub(crate) fn new(filters: BoundFilters, ensemble: &Ensemble) -> Self {
        let margins = Vec::with_capacity(ensemble.members().len());
        Self { filters, ensemble: Arc::new(ensemble.clone()), margins }
    }

    /// The models.
    #[must_use]
    pub fn ensemble(&self) -> &Ensemble {
        &self.ensemble
    }

    /// What a raw row comes to, and the input it completed. Allocates nothing after the first prediction.
    ///
    /// # Errors
    /// [`PipelineError::Predict`] where the model refuses the input, such as an infinite one; `index` is the row's in
    /// the message.
    pub fn predict(
        &mut self,
        index: u64,
        row: &Row,
        input: Result<&[f64], Unready>,
    ) -> Result<Outcome<'_>, PipelineError> {
        if let Err(Unready::WarmUp { rows, warm_up }) = input {
            return Ok(Outcome::WarmUp { rows, warm_up });
        }
        if let Verdict::Blocked { filter, value } = self.filters.evaluate(row) {
            return Ok(Outcome::Blocked { filter, value });
        }
        let input = match input {
            Ok(input) => input,
            Err(Unready::NotReady(reason)) => return Ok(Outcome::NotReady(reason)),
            Err(Unready::WarmUp { rows, warm_up }) => return Ok(Outcome::WarmUp { rows, warm_up }),
        };
        match self.ensemble.predict(input, &mut self.margins) {
            Ok(value) => Ok(Outcome::Predicted { value, margins: &self.margins }),
            Err(error) => Err(PipelineError::Predict { row: index, error }),
        }
    }
}
