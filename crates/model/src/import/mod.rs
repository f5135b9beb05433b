//! Models trained elsewhere, read so that raw margins are theirs bit for bit.
//!
//! | from | saved by | covered | arithmetic |
//! |---|---|---|---|
//! | [`xgboost`] | `booster.save_model("model.json")`, XGBoost 1.7 to 3.2 | `gbtree`, one output | f32, `x < threshold` |
//! | [`lightgbm`] | `booster.save_model("model.txt")`, LightGBM 3 and 4 | one output | f64, `x <= threshold` |
//!
//! What is equal to the bit is the raw margin: `predict(output_margin=True)` of XGBoost on the CPU,
//! `predict(raw_score=True)` of LightGBM, both with NaN as the missing value. The probability after it is ours, in f64
//! and with the `exp` of libm; theirs depends on their platform in its last bits.
//!
//! A model that is not covered is refused with its reason and with what can be done instead; nothing is approximated.

mod lightgbm;
mod ln_f32;
mod preorder;
mod xgboost;

pub use lightgbm::lightgbm;
pub use xgboost::xgboost;

use crate::{Model, ModelError, Trees};

/// A model trained elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Its trees.
    pub trees: Trees,
    /// Names of its inputs, in order, as many as the trees take; `None` where it was trained without names.
    pub feature_names: Option<Vec<String>>,
}

impl Imported {
    /// Checks the model's inputs against the names of those it will be given.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] where their number is another, or the first name that differs. A model without names is
    /// checked by number alone.
    pub fn check_names<S: AsRef<str>>(&self, names: &[S]) -> Result<(), ModelError> {
        let inputs = self.trees.inputs();
        if names.len() != inputs {
            let expected = format!("{} inputs, as many as there are features", names.len());
            return Err(ModelError::invalid("imported model", expected, format!("{inputs} inputs")));
        }
        let own = self.feature_names.iter().flatten();
        for (index, (own, name)) in own.zip(names).enumerate() {
            if own != name.as_ref() {
                let what = format!("imported model, input {index}");
                return Err(ModelError::invalid(
                    what,
                    format!("feature {:?}", name.as_ref()),
                    format!("{:?}", short(own)),
                ));
            }
        }
        Ok(())
    }
}

/// The beginning of a text of others, for a message.
fn short(text: &str) -> String {
    const CHARS: usize = 120;
    let mut short: String = text.chars().take(CHARS).collect();
    if text.chars().nth(CHARS).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(short("grün"), "grün");
        assert_eq!(short(&"ü".repeat(121)), format!("{}…", "ü".repeat(120)));
        assert_eq!(short(&"ü".repeat(120)), "ü".repeat(120));
    }
}
