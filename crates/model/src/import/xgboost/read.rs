//! What XGBoost JSON is read with.

use std::str::FromStr;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ModelError;
use crate::import::short;

/// Reads JSON.
pub(super) fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, ModelError> {
    serde_json::from_slice(json).map_err(|error| {
        // XGBoost before 3.0 writes the threshold of a categorical split as NaN, which is no JSON.
        if error.is_syntax() && json.windows(3).any(|window| window == b"NaN") {
            return categorical("NaN, which XGBoost before 3.0 writes for a categorical split,");
        }
        let expected = "JSON that XGBoost 1.7 or later saved (booster.save_model(\"model.json\"))";
        ModelError::invalid("XGBoost model", expected, short(&error.to_string()))
    })
}

/// Refuses splits by category.
pub(super) fn categorical(what: impl Into<String>) -> ModelError {
    let instead = "train with numeric features: one column per category, or enable_categorical=False";
    ModelError::NotCovered { what: what.into(), instead }
}

/// Written as 0 and 1, or as false and true.
#[derive(Clone, Copy)]
pub(super) struct Flag(pub(super) bool);

impl FromStr for Flag {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "0" | "false" => Ok(Self(false)),
            "1" | "true" => Ok(Self(true)),
            _ => Err(()),
        }
    }
}

/// A parameter, which XGBoost writes as a text.
pub(super) fn number<T: FromStr>(text: &str, name: &str) -> Result<T, ModelError> {
    text.parse().map_err(|_| ModelError::invalid(name, "one number", format!("{:?}", short(text))))
}

/// An array of numbers, each from its own digits.
pub(super) fn array<T: FromStr>(raw: &RawValue, what: impl Fn() -> String) -> Result<Vec<T>, ModelError> {
    let text = raw.get().trim();
    let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return Err(ModelError::invalid(what(), "an array", short(text)));
    };
    if inner.trim().is_empty() {
        return Ok(Vec::new());
    }
    let read = |(index, element): (usize, &str)| {
        let element = element.trim();
        element.parse().map_err(|_| {
            ModelError::invalid(format!("{}, element {index}", what()), "a number in range", short(element))
        })
    };
    inner.split(',').enumerate().map(read).collect()
}
