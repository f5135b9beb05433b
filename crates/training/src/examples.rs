//! Inputs with labels.

use core::fmt;
use std::ops::Range;

use dataset::{Dataset, EvalSplit, LabelSpec, TrainSplit};
use preprocess::{Inputs, Preprocess};

use crate::TrainingError;
use crate::numbers::Sum;

/// What is minimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// Log loss of a probability; a label above 0 is a hit (1), any other is not (0).
    Logistic,
    /// Squared error of the label.
    Squared,
}

impl Objective {
    /// What suits a label: log loss for a direction and for barriers, squared error for a return.
    #[must_use]
    pub const fn of(label: &LabelSpec) -> Self {
        match label {
            LabelSpec::Direction { .. } | LabelSpec::TripleBarrier(_) => Self::Logistic,
            LabelSpec::ForwardReturn { .. } => Self::Squared,
        }
    }

    /// The label as it is trained on.
    #[must_use]
    pub fn target(self, label: f64) -> f64 {
        match self {
            Self::Logistic if label > 0.0 => 1.0,
            Self::Logistic => 0.0,
            Self::Squared => label,
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Logistic => "log loss",
            Self::Squared => "squared error",
        })
    }
}

/// Inputs that are ready and have a label.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    inputs: Inputs,
    labels: Vec<f64>,
    rows: Vec<usize>,
    not_ready: usize,
}

impl Examples {
    /// The inputs: shape `[len][width]`.
    #[must_use]
    pub const fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The label of each input, as the dataset has it.
    #[must_use]
    pub fn labels(&self) -> &[f64] {
        &self.labels
    }

    /// The dataset's row of each input.
    #[must_use]
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Number of inputs.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Labelled rows that were no input, because a feature was not valid or a sequence not full.
    #[must_use]
    pub const fn not_ready(&self) -> usize {
        self.not_ready
    }
}

/// Inputs to train on: made from a training split alone.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainExamples(Examples);

impl TrainExamples {
    /// The inputs of a training split. Sequences begin in its first row: nothing outside the split is looked at.
    ///
    /// # Errors
    /// [`TrainingError`] where the preprocessing is not for these features, or no row is ready and labelled.
    pub fn of(train: &TrainSplit<'_>, preprocess: &Preprocess) -> Result<Self, TrainingError> {
        let rows = train.rows();
        collect(train.dataset(), rows.start, rows, preprocess).map(Self)
    }

    /// The inputs.
    #[must_use]
    pub const fn examples(&self) -> &Examples {
        &self.0
    }

    /// Mean of the labels as they are trained on: what a model must beat. The share of hits for
    /// [`Objective::Logistic`].
    #[must_use]
    pub fn mean_target(&self, objective: Objective) -> f64 {
        Sum::of(self.0.labels.iter().map(|label| objective.target(*label))) / self.0.len() as f64
    }
}

/// The inputs of rows to measure on. A sequence reaches back into the rows before them, of which the features alone
/// are looked at.
///
/// # Errors
/// As [`TrainExamples::of`].
pub fn eval_examples(split: &EvalSplit<'_>, preprocess: &Preprocess) -> Result<Examples, TrainingError> {
    let rows = split.rows();
    let back = preprocess.parts().sequence.get() as usize - 1;
    collect(split.dataset(), rows.start.saturating_sub(back), rows, preprocess)
}

/// The labelled inputs that `rows` complete; sequences begin at row `from`.
fn collect(
    dataset: &Dataset,
    from: usize,
    rows: Range<usize>,
    preprocess: &Preprocess,
) -> Result<Examples, TrainingError> {
    let manifest = dataset.manifest();
    let mut transform = preprocess.bind_names(&manifest.set, &manifest.names)?;
    let mut inputs = Inputs::new(transform.width());
    transform.extend_range(dataset.features(), from..rows.end, &mut inputs)?;
    let label = |row: usize| if rows.contains(&row) { dataset.labels().get(row) } else { None };
    inputs.retain(|row| label(from + row).is_some());
    let labelled = rows.clone().filter(|row| label(*row).is_some()).count();
    if inputs.is_empty() {
        return Err(TrainingError::NoExamples { start: rows.start, end: rows.end, labelled });
    }
    let completed: Vec<usize> = inputs.rows().iter().map(|row| from + row).collect();
    Ok(Examples {
        labels: completed.iter().filter_map(|row| label(*row)).collect(),
        not_ready: labelled - completed.len(),
        rows: completed,
        inputs,
    })
}

#[cfg(test)]
impl Examples {
    /// Examples of inputs and labels that are made up.
    pub(crate) fn made_up(inputs: &[Vec<f64>], labels: &[f64]) -> Self {
        use feature_api::{Columns, Row};

        let width = inputs.first().map_or(1, Vec::len);
        let names: Vec<String> = (0..width).map(|index| format!("x{index}")).collect();
        let preprocess = Preprocess::new(preprocess::Parts {
            features: names.clone(),
            kept: names.clone(),
            nulls: vec![preprocess::Nulls::Missing; width],
            clip: None,
            scaler: Some(preprocess::Scaler { kind: preprocess::ScalerKind::None, scales: Vec::new() }),
            sequence: std::num::NonZeroU32::MIN,
        })
        .unwrap();
        let mut columns = Columns::new(width);
        for input in inputs {
            let mut row = Row::new(width);
            input.iter().enumerate().for_each(|(index, value)| row.set(index, Some(*value)));
            columns.push(&row);
        }
        let mut made = Inputs::new(width);
        preprocess.bind_names("made up", &names).unwrap().extend(&columns, &mut made).unwrap();
        Self { inputs: made, labels: labels.to_vec(), rows: (0..labels.len()).collect(), not_ready: 0 }
    }
}

#[cfg(test)]
impl TrainExamples {
    /// As [`Examples::made_up`].
    pub(crate) fn made_up(inputs: &[Vec<f64>], labels: &[f64]) -> Self {
        Self(Examples::made_up(inputs, labels))
    }
}
