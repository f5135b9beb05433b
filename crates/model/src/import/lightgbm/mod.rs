//! LightGBM text.

mod text;
mod tree;

use text::{Blocks, Fields};

use super::{Imported, short};
use crate::{Arithmetic, Link, ModelError, Trees, TreesParts};

/// Reads a model that LightGBM saved as text: `booster.save_model("model.txt")` of LightGBM 3 or 4.
///
/// The margin is that of `Booster.predict(raw_score=True)`, to the bit: the leaf of each tree, summed in order from 0, in
/// f64. Values within ±1e-35f are 0 to LightGBM, whatever the split; thresholds that near to 0 are moved so that this
/// is so here too.
///
/// A missing value (NaN) goes where the split was told to in training; where a feature had none in training, LightGBM
/// takes NaN for 0, and so does this.
///
/// # Covered
/// Trees with one output: `boosting` gbdt, dart or goss.
///
/// | objectives | link |
/// |---|---|
/// | `binary` | logistic with its `sigmoid` |
/// | `cross_entropy` | logistic |
/// | `regression`, `regression_l1`, `huber`, `fair`, `quantile`, `mape` | identity |
///
/// # Early stopping
/// `save_model` writes the trees up to `best_iteration`, which is what `Booster.predict` uses: the file says all.
///
/// # Errors
/// [`ModelError::NotCovered`] for random forests (`average_output`), linear trees, categorical splits, several classes,
/// `regression` with `reg_sqrt`, other objectives or none, and formats before v3; [`ModelError::Invalid`] for what is no
/// such model, or not the whole of it.
pub fn lightgbm(text: &[u8]) -> Result<Imported, ModelError> {
    let text = std::str::from_utf8(text).map_err(|error| not_lightgbm(&error.to_string()))?;
    let Blocks { header, trees } = text::blocks(text)?;
    check_kind(&header)?;
    let link = link(&header)?;
    let last: u32 = header.number("max_feature_idx")?;
    let inputs = last
        .checked_add(1)
        .ok_or_else(|| ModelError::invalid("max_feature_idx", "a number of features below 2³²", last))?;
    let sizes: Vec<u64> = header.array("tree_sizes")?;
    if sizes.len() != trees.len() {
        let expected = format!("{} trees, as tree_sizes says", sizes.len());
        return Err(ModelError::invalid("LightGBM model", expected, trees.len()));
    }
    let parts = TreesParts {
        inputs,
        arithmetic: Arithmetic::F64,
        inclusive: true,
        base: 0.0,
        link,
        trees: trees.iter().map(|fields| tree::read(fields, inputs)).collect::<Result<_, _>>()?,
    };
    Ok(Imported { trees: Trees::new(parts)?, feature_names: names(&header, inputs)? })
}

fn not_lightgbm(found: &str) -> ModelError {
    let expected = "text that LightGBM 3 or 4 saved (booster.save_model(\"model.txt\"))";
    ModelError::invalid("LightGBM model", expected, short(found))
}

fn check_kind(header: &Fields<'_>) -> Result<(), ModelError> {
    let version = header.text("version")?;
    if !matches!(version, "v3" | "v4") {
        return Err(ModelError::NotCovered {
            what: format!("format version {:?}", short(version)),
            instead: "load the model with LightGBM 4 and save it again",
        });
    }
    if header.has("average_output") {
        return Err(ModelError::NotCovered {
            what: "boosting \"rf\", whose trees are averaged,".to_owned(),
            instead: "train with boosting=\"gbdt\"",
        });
    }
    for name in ["num_class", "num_tree_per_iteration"] {
        let count: u64 = header.number(name)?;
        if count != 1 {
            return Err(ModelError::NotCovered {
                what: format!("{name} {count}"),
                instead: "train one model with objective=\"binary\" for each class",
            });
        }
    }
    Ok(())
}

fn link(header: &Fields<'_>) -> Result<Link, ModelError> {
    const INSTEAD: &str = "train with objective=\"binary\" for a probability or \"regression\" for a value; the \
                           documentation of model::import::lightgbm lists the others";
    if !header.has("objective") {
        let what = "a model without an objective, as one trained with an objective of your own,".to_owned();
        return Err(ModelError::NotCovered { what, instead: INSTEAD });
    }
    let objective = header.text("objective")?;
    let mut words = objective.split_ascii_whitespace();
    let name = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    match (name, rest.as_slice()) {
        ("binary", [sigmoid]) if sigmoid.starts_with("sigmoid:") => {
            let steepness = sigmoid.trim_start_matches("sigmoid:").parse();
            let steepness = steepness.map_err(|_| {
                ModelError::invalid("objective", "binary sigmoid:<number>", format!("{:?}", short(objective)))
            })?;
            Ok(Link::Logistic { steepness })
        }
        ("cross_entropy", []) => Ok(Link::Logistic { steepness: 1.0 }),
        ("regression" | "regression_l1" | "huber" | "fair" | "quantile" | "mape", []) => Ok(Link::Identity),
        _ => Err(ModelError::NotCovered {
            what: format!("objective {:?}", short(objective)),
            instead: INSTEAD,
        }),
    }
}

/// `None` where they are the `Column_0 Column_1 …` that LightGBM makes up.
fn names(header: &Fields<'_>, inputs: u32) -> Result<Option<Vec<String>>, ModelError> {
    let names: Vec<String> = header.array("feature_names")?;
    if names.len() != inputs as usize {
        let expected = format!("{inputs} names, one more than max_feature_idx");
        return Err(ModelError::invalid("feature_names", expected, names.len()));
    }
    let made_up = names.iter().enumerate().all(|(index, name)| *name == format!("Column_{index}"));
    Ok(if made_up { None } else { Some(names) })
}
