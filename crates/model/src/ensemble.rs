//! Several models, weighed.

use crate::{External, Linear, Model, ModelError, Output, PredictError, Prediction, Trees};

/// A model of an ensemble. Equal where the parts are.
#[derive(Debug, Clone, PartialEq)]
pub enum AnyModel {
    /// Trees.
    Trees(Trees),
    /// A weighted sum.
    Linear(Linear),
    /// A model of others.
    External(External),
}

impl AnyModel {
    /// The model.
    #[must_use]
    pub fn as_model(&self) -> &dyn Model {
        match self {
            Self::Trees(model) => model,
            Self::Linear(model) => model,
            Self::External(model) => model,
        }
    }
}

/// A model with its weight and the horizon it was trained for.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The model.
    pub model: AnyModel,
    /// Its weight; above 0.
    pub weight: f64,
    /// Bars its label looks ahead; above 0.
    pub horizon: u32,
}

/// The prediction of all members of a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HorizonValue {
    /// Bars the labels look ahead.
    pub horizon: u32,
    /// The weighted mean of its members' predictions.
    pub value: f64,
}

/// Models over the same inputs whose predictions are averaged: Σ weight · value / Σ weight, in order. One model gives
/// its own prediction, to the bit, whatever its weight.
///
/// # Invariants
/// At least one member; all take inputs of the same length and predict the same kind of output; weights are finite
/// and above 0, and so is their sum; horizons are above 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    members: Vec<Member>,
    /// Each horizon once, ascending.
    horizons: Vec<u32>,
}

impl Ensemble {
    /// Checks the members.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] of the first invariant that does not hold, with the member.
    pub fn new(members: Vec<Member>) -> Result<Self, ModelError> {
        let Some(first) = members.first().map(|member| member.model.as_model()) else {
            return Err(ModelError::invalid("ensemble", "at least one member", "none"));
        };
        let mut weights = 0.0;
        for (index, member) in members.iter().enumerate() {
            let model = member.model.as_model();
            let invalid = |part: &str, expected: String, found: String| {
                Err(ModelError::invalid(format!("member {index}: {part}"), expected, found))
            };
            if model.inputs() != first.inputs() {
                let expected = format!("{}, as member 0 has", first.inputs());
                return invalid("length of an input", expected, model.inputs().to_string());
            }
            if model.output() != first.output() {
                let expected = format!("{:?}, as member 0 has", first.output());
                return invalid("kind of prediction", expected, format!("{:?}", model.output()));
            }
            weights += member.weight;
            if member.weight.is_nan() || member.weight <= 0.0 || !weights.is_finite() {
                let expected = "a number above 0, finite in the sum of all weights".to_owned();
                return invalid("weight", expected, member.weight.to_string());
            }
            if member.horizon == 0 {
                return invalid("horizon", "1 bar or more".to_owned(), "0".to_owned());
            }
        }
        let mut horizons: Vec<u32> = members.iter().map(|member| member.horizon).collect();
        horizons.sort_unstable();
        horizons.dedup();
        Ok(Self { members, horizons })
    }

    /// The members, in order.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The horizons of the members, each once, ascending.
    #[must_use]
    pub fn horizons(&self) -> &[u32] {
        &self.horizons
    }

    /// Length of an input.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.members.first().map_or(0, |member| member.model.as_model().inputs())
    }

    /// Whether every member knows missing values (NaN).
    #[must_use]
    pub fn takes_missing(&self) -> bool {
        self.members.iter().all(|member| member.model.as_model().takes_missing())
    }

    /// What the predictions are.
    #[must_use]
    pub fn output(&self) -> Output {
        self.members.first().map_or(Output::Value, |member| member.model.as_model().output())
    }

    /// What it is, for people: the members, with weight and horizon where there are several.
    #[must_use]
    pub fn describe(&self) -> String {
        if let [member] = self.members.as_slice() {
            return member.model.as_model().describe();
        }
        let member = |member: &Member| {
            let Member { model, weight, horizon } = member;
            format!("{} of weight {weight} for {horizon} bars", model.as_model().describe())
        };
        let members: Vec<String> = self.members.iter().map(member).collect();
        format!("{} models: {}", members.len(), members.join("; "))
    }

    /// Predicts one input: shape `[inputs]`. Replaces `margins` by the margin of each member, in order; once it has
    /// room for them, nothing is allocated.
    ///
    /// # Errors
    /// [`PredictError`] of the first member that refuses, or where the mean overflows.
    pub fn predict(&self, input: &[f64], margins: &mut Vec<f64>) -> Result<f64, PredictError> {
        margins.clear();
        let mut mean = Mean::default();
        for member in &self.members {
            let Prediction { margin, value } = member.model.as_model().predict(input)?;
            margins.push(margin);
            mean.add(value, member.weight);
        }
        mean.value()
    }

    /// Predicts one input with every member: replaces `predictions` by one for each, in order. What
    /// [`mean`](Ensemble::mean) and [`by_horizon`](Ensemble::by_horizon) make of them costs no further prediction.
    ///
    /// # Errors
    /// [`PredictError`] of the first member that refuses.
    pub fn predict_members(
        &self,
        input: &[f64],
        predictions: &mut Vec<Prediction>,
    ) -> Result<(), PredictError> {
        predictions.clear();
        for member in &self.members {
            predictions.push(member.model.as_model().predict(input)?);
        }
        Ok(())
    }

    /// The weighted mean of the members' predictions, as [`predict`](Ensemble::predict) gives it.
    ///
    /// # Errors
    /// [`PredictError`] where there is not one prediction for each member, or the mean overflows.
    pub fn mean(&self, predictions: &[Prediction]) -> Result<f64, PredictError> {
        self.check_members(predictions)?;
        let mut mean = Mean::default();
        for (member, prediction) in self.members.iter().zip(predictions) {
            mean.add(prediction.value, member.weight);
        }
        mean.value()
    }

    /// The weighted mean of the members of each horizon: replaces `values` by one for each horizon, ascending. A
    /// horizon of one member has its prediction, to the bit.
    ///
    /// # Errors
    /// [`PredictError`] where there is not one prediction for each member, or a mean overflows.
    pub fn by_horizon(
        &self,
        predictions: &[Prediction],
        values: &mut Vec<HorizonValue>,
    ) -> Result<(), PredictError> {
        self.check_members(predictions)?;
        values.clear();
        for horizon in self.horizons.iter().copied() {
            let mut mean = Mean::default();
            let members =
                self.members.iter().zip(predictions).filter(|(member, _)| member.horizon == horizon);
            for (member, prediction) in members {
                mean.add(prediction.value, member.weight);
            }
            values.push(HorizonValue { horizon, value: mean.value()? });
        }
        Ok(())
    }

    /// Predicts many inputs, one after another: shape `[n][inputs]`; appends a prediction for each, with the bits of
    /// [`predict`](Ensemble::predict).
    ///
    /// # Errors
    /// As [`predict`](Ensemble::predict), of the first input that is refused; predictions before it are appended.
    pub fn predict_many(&self, inputs: &[f64], values: &mut Vec<f64>) -> Result<(), PredictError> {
        let mut predictions = Vec::new();
        let mut means = Vec::new();
        for block in inputs.chunks(self.inputs() * BLOCK) {
            means.clear();
            means.resize(block.len().div_ceil(self.inputs()), Mean::default());
            // The first input that any member refuses, and the first member to refuse it.
            let mut refused: Option<(usize, PredictError)> = None;
            for member in &self.members {
                predictions.clear();
                let result = member.model.as_model().predict_many(block, &mut predictions);
                if let Err(error) = result
                    && refused.as_ref().is_none_or(|(row, _)| predictions.len() < *row)
                {
                    refused = Some((predictions.len(), error));
                }
                for (mean, prediction) in means.iter_mut().zip(&predictions) {
                    mean.add(prediction.value, member.weight);
                }
            }
            let ready = refused.as_ref().map_or(means.len(), |(row, _)| *row);
            for mean in means.iter().take(ready) {
                values.push(mean.value()?);
            }
            if let Some((_, error)) = refused {
                return Err(error);
            }
        }
        Ok(())
    }

    fn check_members(&self, predictions: &[Prediction]) -> Result<(), PredictError> {
        let (expected, found) = (self.members.len(), predictions.len());
        if expected == found { Ok(()) } else { Err(PredictError::Members { expected, found }) }
    }
}

/// Inputs that [`Ensemble::predict_many`] gives each member at once.
const BLOCK: usize = 1024;

/// A weighted mean; that of one value is the value.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    weights: f64,
    only: f64,
    count: u32,
}

impl Mean {
    #[inline]
    fn add(&mut self, value: f64, weight: f64) {
        self.sum += weight * value;
        self.weights += weight;
        self.only = value;
        self.count = self.count.saturating_add(1);
    }

    #[inline]
    fn value(&self) -> Result<f64, PredictError> {
        let value = if self.count == 1 { self.only } else { self.sum / self.weights };
        if value.is_finite() { Ok(value) } else { Err(PredictError::NotFinite { found: value }) }
    }
}

#[cfg(test)]
mod tests;
