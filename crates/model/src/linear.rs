//! A weighted sum.

use crate::trees::grouped;
use crate::{Link, Model, ModelError, Output, PredictError, Prediction};

/// The parts of a linear model, before they are checked.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearParts {
    /// A weight for each value of the input.
    pub weights: Vec<f64>,
    /// What the sum begins with.
    pub bias: f64,
    /// From the sum to the prediction: logistic regression has a logistic link.
    pub link: Link,
}

/// `bias + w₀x₀ + w₁x₁ + …`, summed in that order in f64. It knows no missing values.
///
/// # Invariants
/// At least one weight; every number is finite and never −0.0, which becomes 0.0: no margin is −0.0 either.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    parts: LinearParts,
}

impl Linear {
    /// Checks the parts and replaces −0.0 by 0.0.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] of the first invariant that does not hold.
    pub fn new(mut parts: LinearParts) -> Result<Self, ModelError> {
        if parts.weights.is_empty() {
            return Err(ModelError::invalid("weights", "at least one", "none"));
        }
        parts.link.check()?;
        finite(&mut parts.bias, || "bias".to_owned())?;
        for (index, weight) in parts.weights.iter_mut().enumerate() {
            finite(weight, || format!("weight {index}"))?;
        }
        Ok(Self { parts })
    }

    /// What it was made from, −0.0 replaced.
    #[must_use]
    pub const fn parts(&self) -> &LinearParts {
        &self.parts
    }
}

impl Model for Linear {
    fn describe(&self) -> String {
        let kind = match self.parts.link {
            Link::Identity => "linear",
            Link::Logistic { .. } => "logistic regression",
        };
        format!("{kind} ({} weights)", grouped(self.parts.weights.len()))
    }

    fn inputs(&self) -> usize {
        self.parts.weights.len()
    }

    fn takes_missing(&self) -> bool {
        false
    }

    fn output(&self) -> Output {
        self.parts.link.output()
    }

    fn predict(&self, input: &[f64]) -> Result<Prediction, PredictError> {
        let expected = self.inputs();
        if input.len() != expected {
            return Err(PredictError::Width { expected, found: input.len() });
        }
        let mut margin = self.parts.bias;
        for (index, (value, weight)) in input.iter().zip(&self.parts.weights).enumerate() {
            if value.is_nan() {
                return Err(PredictError::Missing { index });
            }
            if value.is_infinite() {
                return Err(PredictError::Infinite { index, found: *value });
            }
            margin += weight * value;
        }
        if margin.is_finite() {
            Ok(Prediction { margin, value: self.parts.link.apply(margin) })
        } else {
            Err(PredictError::NotFinite { found: margin })
        }
    }

    fn predict_many(&self, inputs: &[f64], predictions: &mut Vec<Prediction>) -> Result<(), PredictError> {
        for input in inputs.chunks(self.inputs()) {
            predictions.push(self.predict(input)?);
        }
        Ok(())
    }
}

/// Refuses a number that is not finite; replaces −0.0 by 0.0.
fn finite(number: &mut f64, what: impl Fn() -> String) -> Result<(), ModelError> {
    if !number.is_finite() {
        return Err(ModelError::invalid(what(), "a finite number", *number));
    }
    if *number == 0.0 {
        *number = 0.0;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn linear(weights: &[f64], bias: f64, link: Link) -> Result<Linear, ModelError> {
        Linear::new(LinearParts { weights: weights.to_vec(), bias, link })
    }

    #[test]
    fn sums_in_order_from_the_bias() {
        // 1e16 + 1 = 1e16 in f64, so the order is seen.
        let model = linear(&[1.0, 1.0, -1e16], 1e16, Link::Identity).unwrap();
        assert_eq!(model.predict(&[1.0, 1.0, 1.0]).unwrap().margin, 0.0);
        assert_eq!(model.predict(&[3.0, 1.0, 1.0]).unwrap().margin, 4.0);
        let model = linear(&[2.0], -2.0, Link::Logistic { steepness: 1.0 }).unwrap();
        assert_eq!(model.predict(&[1.0]), Ok(Prediction { margin: 0.0, value: 0.5 }));
        assert_eq!(model.output(), Output::Probability);
        assert_eq!(model.describe(), "logistic regression (1 weights)");
    }

    #[test]
    fn zero_has_no_sign() {
        let model = linear(&[-0.0], -0.0, Link::Identity).unwrap();
        assert_eq!(model.parts().bias.to_bits(), 0);
        assert_eq!(model.parts().weights[0].to_bits(), 0);
        assert_eq!(model.predict(&[-1.0]).unwrap().margin.to_bits(), 0);
    }

    #[test]
    fn parts_are_finite() {
        assert!(linear(&[], 0.0, Link::Identity).is_err());
        let error = linear(&[1.0, f64::NAN], 0.0, Link::Identity).unwrap_err().to_string();
        assert_eq!(error, "weight 1: expected a finite number, found NaN");
        assert!(linear(&[1.0], f64::INFINITY, Link::Identity).unwrap_err().to_string().starts_with("bias"));
        assert!(linear(&[1.0], 0.0, Link::Logistic { steepness: 0.0 }).is_err());
    }

    #[test]
    fn inputs_are_refused_by_name() {
        let model = linear(&[1.0, f64::MAX], 0.0, Link::Identity).unwrap();
        assert_eq!(model.predict(&[1.0]), Err(PredictError::Width { expected: 2, found: 1 }));
        assert_eq!(model.predict(&[1.0, f64::NAN]), Err(PredictError::Missing { index: 1 }));
        let found = f64::NEG_INFINITY;
        assert_eq!(model.predict(&[found, 1.0]), Err(PredictError::Infinite { index: 0, found }));
        assert_eq!(model.predict(&[0.0, 2.0]), Err(PredictError::NotFinite { found: f64::INFINITY }));
        let mut predictions = Vec::new();
        let error = model.predict_many(&[1.0, 0.0, 1.0, f64::NAN], &mut predictions).unwrap_err();
        assert_eq!((error, predictions.len()), (PredictError::Missing { index: 1 }, 1));
        assert!(model.predict_many(&[1.0, 0.0, 1.0], &mut predictions).is_err());
    }

    proptest! {
        #[test]
        fn many_are_one_after_another(
            weights in proptest::collection::vec(-9.0_f64..9.0, 3),
            inputs in proptest::collection::vec(-9.0_f64..9.0, 0..20).prop_map(|mut inputs| {
                inputs.truncate(inputs.len() / 3 * 3);
                inputs
            }),
        ) {
            let model = linear(&weights, 0.25, Link::Logistic { steepness: 1.0 }).unwrap();
            let mut many = Vec::new();
            model.predict_many(&inputs, &mut many).unwrap();
            let one: Vec<_> = inputs.chunks(3).map(|input| model.predict(input).unwrap()).collect();
            prop_assert_eq!(many, one);
        }
    }
}
