//! From rows to predictions: filters, preprocessing, models.

use feature_api::{Columns, RestoreError, Row, Schema, StateReader, StateWriter};
use model::{BlockFilter, Ensemble};
use preprocess::{Observer, Preprocess};

use crate::{Outcome, PipelineError, Predictor, Probe, ProbeError, Problem, check};

/// From rows to predictions, row by row or over many, with the same bits. It holds the rows of a sequence.
///
/// The first rows, as many as the set's warm-up, come to nothing, whatever the preprocessing does with values that are
/// not valid: no model is asked about windows that are not full. The preprocessing takes every row after them, so a
/// row that a filter blocks does not break a sequence. Then the filters see the raw row; then the model predicts.
#[derive(Debug, Clone)]
pub struct Pipeline {
    sequence: u32,
    observer: Observer,
    predictor: Predictor,
}

/// Predictions of many rows: a prediction or none for each row, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Predictions {
    /// The prediction of each row.
    pub values: Vec<Option<f64>>,
    /// Rows that a filter blocked.
    pub blocked: u64,
    /// Rows that were no input, those of the warm-up among them.
    pub not_ready: u64,
}

impl Pipeline {
    /// A pipeline for rows of that schema.
    ///
    /// # Errors
    /// Every [`Problem`] of parts that do not belong together or to that schema.
    pub fn new(
        preprocess: &Preprocess,
        ensemble: &Ensemble,
        filters: &[BlockFilter],
        schema: &Schema,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let observer =
            Observer::new(preprocess, schema).map_err(|error| problems.push(Problem::Preprocess { error }));
        check::fit(preprocess, ensemble, &mut problems);
        let filters = check::bind_filters(filters, schema, &mut problems);
        match (observer, filters) {
            (Ok(observer), Some(filters)) if problems.is_empty() => Ok(Self {
                sequence: preprocess.parts().sequence.get(),
                observer,
                predictor: Predictor::new(filters, ensemble),
            }),
            _ => Err(problems),
        }
    }

    /// Features of the rows it takes.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.observer.width()
    }

    /// Rows that are one input.
    #[must_use]
    pub const fn sequence(&self) -> u32 {
        self.sequence
    }

    /// The models it predicts with.
    #[must_use]
    pub fn ensemble(&self) -> &Ensemble {
        self.predictor.ensemble()
    }

    /// Its two halves, as they stand: from rows to inputs, from inputs to predictions.
    #[must_use]
    pub fn into_parts(self) -> (Observer, Predictor) {
        (self.observer, self.predictor)
    }

    /// Takes the next row. Allocates nothing after the first prediction.
    ///
    /// # Errors
    /// [`PipelineError::Width`], where nothing is taken; [`PipelineError::Predict`] where the model refuses the
    /// input, such as an infinite one. The row is taken then, and the next one goes on.
    pub fn push(&mut self, row: &Row) -> Result<Outcome<'_>, PipelineError> {
        let (expected, found) = (self.observer.width(), row.width());
        if expected != found {
            return Err(PipelineError::Width { expected, found });
        }
        let index = self.observer.rows();
        let input = self.observer.push(row);
        self.predictor.predict(index, row, input)
    }

    /// Takes many rows, with the same bits as one [`push`](Pipeline::push) after another: it is that.
    ///
    /// # Errors
    /// As [`push`](Pipeline::push), at the first row that is refused; those before it are appended.
    pub fn extend(&mut self, rows: &Columns, predictions: &mut Predictions) -> Result<(), PipelineError> {
        let (expected, found) = (self.observer.width(), rows.width());
        if expected != found {
            return Err(PipelineError::Width { expected, found });
        }
        predictions.values.reserve(rows.len());
        let mut row = Row::new(expected);
        for index in 0..rows.len() {
            let mut writer = row.writer();
            (0..expected).for_each(|column| writer.put(rows.get(index, column)));
            writer.finish();
            let value = match self.push(&row)? {
                Outcome::Predicted { value, .. } => Some(value),
                Outcome::Blocked { .. } => {
                    predictions.blocked += 1;
                    None
                }
                Outcome::NotReady(_) | Outcome::WarmUp { .. } => {
                    predictions.not_ready += 1;
                    None
                }
            };
            predictions.values.push(value);
        }
        Ok(())
    }

    /// Makes a probe of raw rows, as many as a sequence has: what the last one comes to is what they must always
    /// come to. The rows taken so far play no part.
    ///
    /// # Errors
    /// [`ProbeError`] where they come to no prediction, or no artifact could hold them.
    pub fn probe(&self, rows: &[Row]) -> Result<Probe, ProbeError> {
        let expected = self.sequence;
        if u32::try_from(rows.len()).ok() != Some(expected) {
            return Err(ProbeError::Rows { expected, found: rows.len() });
        }
        for (index, row) in rows.iter().enumerate() {
            let odd = |(_, cell): &(usize, Option<f64>)| cell.is_some_and(|value| !value.is_finite());
            if let Some((feature, found)) = row.iter().enumerate().find(odd) {
                let found = found.unwrap_or_default();
                return Err(ProbeError::NotFinite { row: index, feature, found });
            }
        }
        let mut fresh = self.clone();
        fresh.reset_warm();
        let Some((last, before)) = rows.split_last() else {
            return Err(ProbeError::Rows { expected, found: 0 });
        };
        for row in before {
            fresh.push(row)?;
        }
        match fresh.push(last)? {
            Outcome::Predicted { value, margins } => Ok(Probe {
                rows: rows.iter().map(|row| row.iter().collect()).collect(),
                margins: margins.to_vec(),
                value,
            }),
            Outcome::Blocked { filter, value } => {
                Err(ProbeError::NoPrediction { found: format!("filter {filter} blocks {value:?}") })
            }
            reason @ (Outcome::NotReady(_) | Outcome::WarmUp { .. }) => {
                Err(ProbeError::NoPrediction { found: format!("no input ({reason:?})") })
            }
        }
    }

    /// Forgets every row.
    pub const fn reset(&mut self) {
        self.observer.reset();
    }

    /// Forgets every row but for the warm-up: what comes next is taken as rows of full windows, as those of a probe are.
    pub(crate) const fn reset_warm(&mut self) {
        self.observer.reset_warm();
    }

    /// Writes the rows it holds. What it was made from is not written: whoever stores the state must store which
    /// artifact it is of.
    pub fn save(&self, state: &mut StateWriter) {
        self.observer.save(state);
    }

    /// Continues from what [`save`](Pipeline::save) wrote: the same bits as without a pause.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; the pipeline is then as new.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.observer.load(state)
    }
}
