//! How good predictions are, beside what is predicted without looking at the features.

use model::{Ensemble, Model, Output};

use crate::numbers::Sum;
use crate::{Examples, Objective, TrainingError};

/// How good predictions are.
///
/// For [`Objective::Logistic`], over probabilities p and hits y (0 or 1):
///
/// | name | meaning |
/// |---|---|
/// | `log_loss` | mean of −ln of the probability given to what happened; a probability counts as at least 2⁻⁵² and at most 1 − 2⁻⁵² (scikit-learn's `log_loss`) |
/// | `log_loss_of_base_rate` | the same for the share of hits in the training rows, whatever the features |
/// | `brier` | mean of (p − y)² (Brier 1950) |
/// | `auc` | probability that a hit has a higher p than a miss, ties half (Mann and Whitney 1947) |
/// | `accuracy` | share of rows in which p > 0.5 and y = 1, or p ≤ 0.5 and y = 0 |
/// | `base_rate` | mean of y in these rows |
/// | `mean_prediction` | mean of p |
///
/// For [`Objective::Squared`], over predictions and labels:
///
/// | name | meaning |
/// |---|---|
/// | `rmse`, `mae` | root of the mean squared, mean absolute error; unit of the label |
/// | `rmse_of_mean` | `rmse` of the mean label of the training rows, whatever the features |
/// | `r2` | 1 − squared error / squared error of that mean; below 0 where the model is worse (Campbell and Thompson 2008) |
/// | `pearson`, `spearman` | correlation of predictions and labels, of their values and of their ranks, ties with the mean rank ("information coefficient") |
/// | `sign_accuracy` | share of rows with a label other than 0 in which the prediction has its sign; 0 has neither sign |
///
/// A value that is not defined is left out, never NaN: `auc` of hits alone, a correlation with a constant, and every
/// value of no rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    /// Rows they were measured on.
    pub rows: usize,
    /// Names and values, in the order above; every value is finite.
    pub values: Vec<(&'static str, f64)>,
}

/// A prediction beside what happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// What the model predicted: a probability or a value.
    pub prediction: f64,
    /// What is predicted without looking at the features: the mean target of the rows the model was trained on.
    pub baseline: f64,
    /// The label, as the dataset has it.
    pub label: f64,
}

/// Measures a model. `baseline` is what is predicted without looking at the features: the mean target of the rows
/// the model was trained on, [`TrainExamples::mean_target`](crate::TrainExamples::mean_target).
///
/// # Errors
/// [`TrainingError`] where the model takes or predicts something else, or refuses an input.
pub fn evaluate(
    model: &dyn Model,
    examples: &Examples,
    objective: Objective,
    baseline: f64,
) -> Result<Metrics, TrainingError> {
    Metrics::of(objective, &score(model, examples, objective, baseline)?)
}

/// Predicts every example.
pub(crate) fn score(
    model: &dyn Model,
    examples: &Examples,
    objective: Objective,
    baseline: f64,
) -> Result<Vec<Scored>, TrainingError> {
    check_model(model.output(), model.inputs(), examples, objective)?;
    let mut predictions = Vec::with_capacity(examples.len());
    if let Err(source) = model.predict_many(examples.inputs().values(), &mut predictions) {
        let row = examples.rows().get(predictions.len()).copied().unwrap_or_default();
        return Err(TrainingError::Predict { row, source });
    }
    let scored = predictions.iter().zip(examples.labels());
    Ok(scored.map(|(p, label)| Scored { prediction: p.value, baseline, label: *label }).collect())
}

/// Predicts every example with an ensemble, beside what happened.
///
/// # Errors
/// As [`evaluate`].
pub fn score_ensemble(
    ensemble: &Ensemble,
    examples: &Examples,
    objective: Objective,
    baseline: f64,
) -> Result<Vec<Scored>, TrainingError> {
    check_model(ensemble.output(), ensemble.inputs(), examples, objective)?;
    let mut predictions = Vec::with_capacity(examples.len());
    if let Err(source) = ensemble.predict_many(examples.inputs().values(), &mut predictions) {
        let row = examples.rows().get(predictions.len()).copied().unwrap_or_default();
        return Err(TrainingError::Predict { row, source });
    }
    let scored = predictions.into_iter().zip(examples.labels());
    Ok(scored.map(|(prediction, label)| Scored { prediction, baseline, label: *label }).collect())
}

/// Whether a model predicts what is measured, from inputs as long as these.
fn check_model(
    output: Output,
    inputs: usize,
    examples: &Examples,
    objective: Objective,
) -> Result<(), TrainingError> {
    let expected = match objective {
        Objective::Logistic => Output::Probability,
        Objective::Squared => Output::Value,
    };
    if output != expected {
        return Err(TrainingError::Output { objective, expected, found: output });
    }
    let found = examples.inputs().width();
    if inputs == found { Ok(()) } else { Err(TrainingError::Width { expected: inputs, found }) }
}

impl Metrics {
    /// Measures predictions; of an ensemble, or of several models that were trained on different rows.
    ///
    /// # Errors
    /// [`TrainingError::Scored`] for a number that is not finite and for a probability outside 0 to 1.
    pub fn of(objective: Objective, scored: &[Scored]) -> Result<Self, TrainingError> {
        for (index, Scored { prediction, baseline, label }) in scored.iter().enumerate() {
            check(objective, index, "prediction", *prediction)?;
            check(objective, index, "baseline", *baseline)?;
            check(Objective::Squared, index, "label", *label)?;
        }
        let values = match objective {
            _ if scored.is_empty() => Vec::new(),
            Objective::Logistic => of_probabilities(scored),
            Objective::Squared => of_values(scored),
        };
        let defined = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
        Ok(Self { rows: scored.len(), values: defined.filter(|(_, value)| value.is_finite()).collect() })
    }

    /// The value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
    }
}

fn check(objective: Objective, index: usize, what: &'static str, found: f64) -> Result<(), TrainingError> {
    let (expected, met) = match objective {
        Objective::Logistic => ("a probability, 0 to 1", (0.0..=1.0).contains(&found)),
        Objective::Squared => ("a finite number", found.is_finite()),
    };
    if met { Ok(()) } else { Err(TrainingError::Scored { index, what, expected, found }) }
}

type Values = Vec<(&'static str, Option<f64>)>;

fn of_probabilities(scored: &[Scored]) -> Values {
    let hit = |s: &Scored| Objective::Logistic.target(s.label);
    let mean = |value: &dyn Fn(&Scored) -> f64| mean_of(scored, value);
    let right = |s: &Scored| f64::from((s.prediction > 0.5) == (hit(s) == 1.0));
    vec![
        ("log_loss", mean(&|s| log_loss(s.prediction, hit(s)))),
        ("log_loss_of_base_rate", mean(&|s| log_loss(s.baseline, hit(s)))),
        ("brier", mean(&|s| (s.prediction - hit(s)) * (s.prediction - hit(s)))),
        ("auc", auc(scored)),
        ("accuracy", mean(&right)),
        ("base_rate", mean(&hit)),
        ("mean_prediction", mean(&|s| s.prediction)),
    ]
}

fn of_values(scored: &[Scored]) -> Values {
    let mean = |value: &dyn Fn(&Scored) -> f64| mean_of(scored, value);
    let squared = mean(&|s| (s.prediction - s.label) * (s.prediction - s.label));
    let squared_of_mean = mean(&|s| (s.baseline - s.label) * (s.baseline - s.label));
    let r2 = match (squared, squared_of_mean) {
        (Some(model), Some(mean)) if mean > 0.0 => Some(1.0 - model / mean),
        _ => None,
    };
    let predictions: Vec<f64> = scored.iter().map(|s| s.prediction).collect();
    let labels: Vec<f64> = scored.iter().map(|s| s.label).collect();
    let signed: Vec<Scored> = scored.iter().copied().filter(|s| s.label != 0.0).collect();
    let same_sign = |s: &Scored| {
        f64::from((s.prediction > 0.0 && s.label > 0.0) || (s.prediction < 0.0 && s.label < 0.0))
    };
    vec![
        ("rmse", squared.map(f64::sqrt)),
        ("mae", mean(&|s| (s.prediction - s.label).abs())),
        ("rmse_of_mean", squared_of_mean.map(f64::sqrt)),
        ("r2", r2),
        ("pearson", pearson(&predictions, &labels)),
        ("spearman", pearson(&ranks(&predictions), &ranks(&labels))),
        ("sign_accuracy", mean_of(&signed, &same_sign)),
    ]
}

fn mean_of(scored: &[Scored], value: &dyn Fn(&Scored) -> f64) -> Option<f64> {
    if scored.is_empty() { None } else { Some(Sum::of(scored.iter().map(value)) / scored.len() as f64) }
}

/// −ln of the probability that was given to what happened, from 2⁻⁵² to 1 − 2⁻⁵².
fn log_loss(probability: f64, hit: f64) -> f64 {
    let given = if hit == 1.0 { probability } else { 1.0 - probability };
    if given < f64::EPSILON {
        -libm::log(f64::EPSILON)
    } else if given > 1.0 - f64::EPSILON {
        -libm::log1p(-f64::EPSILON)
    } else {
        -libm::log(given)
    }
}

/// From the ranks of the hits; `None` where there are no hits or no misses.
fn auc(scored: &[Scored]) -> Option<f64> {
    let predictions: Vec<f64> = scored.iter().map(|s| s.prediction).collect();
    let hits = scored.iter().filter(|s| s.label > 0.0).count() as f64;
    let misses = scored.len() as f64 - hits;
    if hits == 0.0 || misses == 0.0 {
        return None;
    }
    // Ranks are halves of whole numbers: below 2^25 rows every sum is exact.
    let of_hits = ranks(&predictions).into_iter().zip(scored).filter(|(_, s)| s.label > 0.0);
    let sum = Sum::of(of_hits.map(|(rank, _)| rank));
    Some((sum - hits * (hits + 1.0) / 2.0) / (hits * misses))
}

/// The rank of each value, from 1; equal values have the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for ties in order.chunk_by(|a, b| a.0 == b.0) {
        let mean = before as f64 + (ties.len() as f64 + 1.0) / 2.0;
        for (_, index) in ties {
            if let Some(rank) = ranks.get_mut(*index) {
                *rank = mean;
            }
        }
        before += ties.len();
    }
    ranks
}

/// Pearson's correlation, −1 to 1; `None` where either side is constant.
fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    let constant = |values: &[f64]| values.windows(2).all(|pair| matches!(pair, [a, b] if a == b));
    if constant(x) || constant(y) {
        return None;
    }
    let mean = |values: &[f64]| Sum::of(values.iter().copied()) / values.len() as f64;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let of =
        |term: &dyn Fn(f64, f64) -> f64| Sum::of(x.iter().zip(y).map(|(x, y)| term(x - mean_x, y - mean_y)));
    let (xx, yy, xy) = (of(&|x, _| x * x), of(&|_, y| y * y), of(&|x, y| x * y));
    let found = xy / (xx.sqrt() * yy.sqrt());
    // Rounding may carry it past 1 by a unit in the last place.
    if found > 1.0 {
        Some(1.0)
    } else if found < -1.0 {
        Some(-1.0)
    } else {
        Some(found)
    }
}

#[cfg(test)]
mod tests;
