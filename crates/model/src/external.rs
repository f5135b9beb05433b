//! Models that only a runtime of others can predict, such as ONNX.

use std::sync::Arc;

use crate::{Model, ModelError, Output, PredictError, Prediction};

/// A model that a runtime of others predicts: its bytes, and the loaded model. Equal where format and bytes are.
#[derive(Debug, Clone)]
pub struct External {
    format: String,
    bytes: Arc<[u8]>,
    loaded: Arc<dyn Model>,
}

impl PartialEq for External {
    fn eq(&self, other: &Self) -> bool {
        self.format == other.format && self.bytes == other.bytes
    }
}

/// What loads models of a format.
pub trait Loader: Send + Sync {
    /// Name of the format, such as `onnx`.
    fn format(&self) -> &'static str;

    /// Loads a model from its bytes.
    ///
    /// # Errors
    /// [`ModelError`] where the bytes are no model of the format, or one that is not covered.
    fn load(&self, bytes: &[u8]) -> Result<Arc<dyn Model>, ModelError>;
}

/// The loaders a program has; most have none.
#[derive(Clone, Copy, Default)]
pub struct Loaders<'a>(pub &'a [&'a dyn Loader]);

impl std::fmt::Debug for Loaders<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Loaders").field(&self.formats()).finish()
    }
}

impl Loaders<'_> {
    /// The formats that can be loaded, in the order of the loaders.
    #[must_use]
    pub fn formats(&self) -> Vec<&'static str> {
        self.0.iter().map(|loader| loader.format()).collect()
    }

    /// Loads a model with the first loader of its format.
    ///
    /// # Errors
    /// [`ModelError::NoLoader`] where there is none; what the loader says; a model that takes no inputs.
    pub fn load(&self, format: &str, bytes: impl Into<Arc<[u8]>>) -> Result<External, ModelError> {
        let Some(loader) = self.0.iter().find(|loader| loader.format() == format) else {
            let formats = self.formats().join(", ");
            return Err(ModelError::NoLoader { format: format.to_owned(), formats });
        };
        let bytes = bytes.into();
        let loaded = loader.load(&bytes)?;
        if loaded.inputs() == 0 {
            return Err(ModelError::invalid(format!("{format} model"), "at least one input", "none"));
        }
        Ok(External { format: format.to_owned(), bytes, loaded })
    }
}

impl External {
    /// Name of the format, such as `onnx`.
    #[must_use]
    pub fn format(&self) -> &str {
        &self.format
    }

    /// What it was loaded from.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Refuses predictions that no model may give.
    fn check(&self, prediction: Prediction) -> Result<Prediction, PredictError> {
        let Prediction { margin, value } = prediction;
        let fault = if !margin.is_finite() || !value.is_finite() {
            "which is not finite"
        } else if self.output() == Output::Probability && !(0.0..=1.0).contains(&value) {
            "which is no probability"
        } else {
            return Ok(prediction);
        };
        Err(self.refuse(format!("it predicts {value} at a margin of {margin}, {fault}")))
    }

    fn refuse(&self, reason: String) -> PredictError {
        PredictError::External { format: self.format.clone(), reason }
    }
}

/// The loaded model, with its inputs' length and its predictions checked.
impl Model for External {
    fn describe(&self) -> String {
        format!("{} ({})", self.format, self.loaded.describe())
    }

    fn inputs(&self) -> usize {
        self.loaded.inputs()
    }

    fn takes_missing(&self) -> bool {
        self.loaded.takes_missing()
    }

    fn output(&self) -> Output {
        self.loaded.output()
    }

    fn predict(&self, input: &[f64]) -> Result<Prediction, PredictError> {
        let expected = self.inputs();
        if input.len() != expected {
            return Err(PredictError::Width { expected, found: input.len() });
        }
        self.check(self.loaded.predict(input)?)
    }

    fn predict_many(&self, inputs: &[f64], predictions: &mut Vec<Prediction>) -> Result<(), PredictError> {
        let (before, width) = (predictions.len(), self.inputs());
        let result = self.loaded.predict_many(inputs, predictions);
        let after = predictions.iter().skip(before).copied().map(|prediction| self.check(prediction));
        if let Some((index, error)) = after.enumerate().find_map(|(index, check)| Some((index, check.err()?)))
        {
            predictions.truncate(before + index);
            return Err(error);
        }
        result?;
        let (found, rest) = (predictions.len().saturating_sub(before), inputs.len() % width);
        if rest != 0 {
            return Err(PredictError::Width { expected: width, found: rest });
        }
        let expected = inputs.len() / width;
        if found == expected {
            Ok(())
        } else {
            predictions.truncate(before);
            Err(self.refuse(format!("it gives {found} predictions for {expected} inputs")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Predicts the sum of its inputs, whatever it is.
    #[derive(Debug)]
    struct Sum(usize, Output);

    impl Model for Sum {
        fn describe(&self) -> String {
            "sum".to_owned()
        }
        fn inputs(&self) -> usize {
            self.0
        }
        fn takes_missing(&self) -> bool {
            true
        }
        fn output(&self) -> Output {
            self.1
        }
        fn predict(&self, input: &[f64]) -> Result<Prediction, PredictError> {
            let value = input.iter().sum();
            Ok(Prediction { margin: value, value })
        }
        fn predict_many(
            &self,
            inputs: &[f64],
            predictions: &mut Vec<Prediction>,
        ) -> Result<(), PredictError> {
            // A runtime that loses the second input.
            let inputs =
                inputs.chunks_exact(self.0).enumerate().filter(|(index, _)| *index != 1 || self.0 != 3);
            inputs.map(|(_, input)| self.predict(input)).try_for_each(|one| {
                predictions.push(one?);
                Ok(())
            })
        }
    }

    struct Sums;

    impl Loader for Sums {
        fn format(&self) -> &'static str {
            "sum"
        }
        fn load(&self, bytes: &[u8]) -> Result<Arc<dyn Model>, ModelError> {
            match bytes {
                [width] => Ok(Arc::new(Sum(usize::from(*width), Output::Value))),
                [width, _] => Ok(Arc::new(Sum(usize::from(*width), Output::Probability))),
                _ => Err(ModelError::invalid("bytes", "one or two", bytes.len())),
            }
        }
    }

    const SUMS: Loaders<'static> = Loaders(&[&Sums]);

    #[test]
    fn a_missing_loader_is_named_with_those_there_are() {
        let error = SUMS.load("onnx", [1_u8]).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("\"onnx\"") && text.contains("sum"), "{text}");
        let text = Loaders::default().load("onnx", [1_u8]).unwrap_err().to_string();
        assert!(text.contains("loads none"), "{text}");
        assert!(SUMS.load("sum", [0_u8; 3]).is_err());
        assert!(SUMS.load("sum", [0_u8]).unwrap_err().to_string().contains("at least one input"));
    }

    #[test]
    fn the_loaded_model_predicts() {
        let model = SUMS.load("sum", [2_u8]).unwrap();
        assert_eq!((model.format(), model.bytes(), model.inputs()), ("sum", &[2_u8][..], 2));
        assert_eq!(model.describe(), "sum (sum)");
        assert_eq!(model.predict(&[1.0, 2.0]), Ok(Prediction { margin: 3.0, value: 3.0 }));
        assert_eq!(model.predict(&[1.0]), Err(PredictError::Width { expected: 2, found: 1 }));
        let mut many = Vec::new();
        model.predict_many(&[1.0, 2.0, 3.0, 4.0], &mut many).unwrap();
        assert_eq!(many.iter().map(|one| one.value).collect::<Vec<_>>(), [3.0, 7.0]);
        assert_eq!(
            model.predict_many(&[1.0, 2.0, 3.0], &mut many),
            Err(PredictError::Width { expected: 2, found: 1 })
        );
        assert_eq!(model, SUMS.load("sum", vec![2_u8]).unwrap());
        assert_ne!(model, SUMS.load("sum", [3_u8]).unwrap());
    }

    #[test]
    fn predictions_that_no_model_may_give_are_refused() {
        let model = SUMS.load("sum", [1_u8, 0]).unwrap();
        assert!(model.predict(&[1.0]).is_ok());
        assert!(model.predict(&[1.5]).unwrap_err().to_string().contains("no probability"));
        assert!(model.predict(&[f64::NAN]).unwrap_err().to_string().contains("not finite"));
        let mut many = Vec::new();
        assert!(model.predict_many(&[0.5, 1.5, 0.5], &mut many).is_err());
        assert_eq!(many.len(), 1);
        let losing = SUMS.load("sum", [3_u8]).unwrap();
        let error = losing.predict_many(&[0.0; 6], &mut many).unwrap_err().to_string();
        assert!(error.contains("1 predictions for 2 inputs"), "{error}");
        assert_eq!(many.len(), 1);
    }
}
