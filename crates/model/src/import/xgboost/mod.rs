//! XGBoost JSON.

mod read;
mod tree;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::ln_f32::ln_f32;
use super::{Imported, short};
use crate::{Arithmetic, Link, ModelError, Trees, TreesParts};

use read::{array, number, parse};
use tree::Tree;

/// Reads a model that XGBoost saved as JSON: `booster.save_model("model.json")`, or the same of `XGBClassifier` and
/// `XGBRegressor`. Written by XGBoost 1.7, 2.x and 3.x up to 3.2.
///
/// The margin is that of `Booster.predict(output_margin=True)` on the CPU, with `missing=nan`, to the bit: the margin of
/// `base_score`, then the leaf of each tree in order, in f32. Another `missing` value is no part of the file: turn it
/// into NaN before. Zeros are zeros (only a sparse matrix of XGBoost counts them as missing).
///
/// # Covered
/// Booster `gbtree` with one output, also with several trees a round (`num_parallel_tree`) and with pruned nodes.
///
/// | objectives | link |
/// |---|---|
/// | `binary:logistic`, `reg:logistic` | logistic; `base_score` is a probability, its margin `−logf(1 / p − 1)` |
/// | `binary:logitraw`, `reg:squarederror`, `reg:squaredlogerror`, `reg:pseudohubererror`, `reg:absoluteerror`, `reg:quantileerror` | identity; `base_score` is the margin |
///
/// # Early stopping
/// The file holds every tree and notes the best round. `Booster.predict` uses every tree, `XGBClassifier.predict` those
/// up to the best round. Where the two differ the file does not say which is meant, and it is refused: save
/// `booster[: booster.best_iteration + 1]`, or train with `EarlyStopping(save_best=True)`.
///
/// # Errors
/// [`ModelError::NotCovered`] for `gblinear`, `dart`, categorical splits, several classes or targets, other objectives,
/// UBJSON and the old binary format; [`ModelError::Invalid`] for what is no such model.
pub fn xgboost(json: &[u8]) -> Result<Imported, ModelError> {
    refuse_other_formats(json)?;
    let learner = parse::<File<'_>>(json)?.learner;
    let parameters = &learner.learner_model_param;
    let booster = model_of(&learner.gradient_booster)?;
    let link = link(&learner.objective.name)?;
    check_outputs(parameters, &booster)?;
    check_rounds(&learner.attributes, &booster)?;
    let inputs = number(&parameters.num_feature, "num_feature")?;
    let trees = booster.trees.iter().enumerate();
    let parts = TreesParts {
        inputs,
        arithmetic: Arithmetic::F32,
        inclusive: false,
        base: base(&parameters.base_score, link)?,
        link,
        trees: trees.map(|(index, tree)| tree.read(index, inputs)).collect::<Result<_, _>>()?,
    };
    let names = learner.feature_names;
    if !names.is_empty() && names.len() != inputs as usize {
        let expected = format!("{inputs} names, as many as num_feature, or none");
        return Err(ModelError::invalid("feature_names", expected, names.len()));
    }
    let feature_names = if names.is_empty() { None } else { Some(names) };
    Ok(Imported { trees: Trees::new(parts)?, feature_names })
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    learner: Learner<'a>,
}

#[derive(Deserialize)]
struct Learner<'a> {
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    feature_names: Vec<String>,
    #[serde(borrow)]
    gradient_booster: Booster<'a>,
    learner_model_param: LearnerParameters,
    objective: Objective,
}

/// The model is read once the name says that it is one of trees.
#[derive(Deserialize)]
struct Booster<'a> {
    name: String,
    #[serde(borrow)]
    model: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct LearnerParameters {
    base_score: String,
    num_feature: String,
    #[serde(default)]
    num_class: Option<String>,
    #[serde(default)]
    num_target: Option<String>,
}

#[derive(Deserialize)]
struct Objective {
    name: String,
}

#[derive(Deserialize)]
struct TreesModel<'a> {
    gbtree_model_param: ModelParameters,
    #[serde(borrow)]
    tree_info: &'a RawValue,
    #[serde(borrow)]
    trees: Vec<Tree<'a>>,
}

#[derive(Deserialize)]
struct ModelParameters {
    num_trees: String,
    num_parallel_tree: String,
}

/// Names of other formats, which a syntax error would not.
fn refuse_other_formats(bytes: &[u8]) -> Result<(), ModelError> {
    const SAVE: &str = "save it as JSON: booster.save_model(\"model.json\")";
    let what = match bytes {
        [b'{', b'L' | b'i' | b'U' | b'I' | b'l' | b'$' | b'#', ..] => "XGBoost's UBJSON",
        [b'b', b'i', b'n', b'f', ..] | [b'b', b's', b'6', b'4', ..] => "XGBoost's old binary format",
        [0x80, ..] => "a pickle",
        [b'[', ..] => "a dump of trees (dump_model), which rounds and has no base_score,",
        [b'b', b'o', b'o', b's', b't', b'e', b'r', b'[', ..] => "a dump of trees (dump_model)",
        _ => return Ok(()),
    };
    Err(ModelError::NotCovered { what: what.to_owned(), instead: SAVE })
}

fn model_of<'a>(booster: &Booster<'a>) -> Result<TreesModel<'a>, ModelError> {
    match (booster.name.as_str(), booster.model) {
        ("gbtree", Some(model)) => parse(model.get().as_bytes()),
        ("gbtree", None) => Err(ModelError::invalid("gradient_booster", "a field model", "none")),
        (name, _) => Err(ModelError::NotCovered {
            what: format!("booster {:?}", short(name)),
            instead: "train with booster=\"gbtree\"; a linear model can be trained here",
        }),
    }
}

fn link(objective: &str) -> Result<Link, ModelError> {
    match objective {
        "binary:logistic" | "reg:logistic" => Ok(Link::Logistic { steepness: 1.0 }),
        "binary:logitraw"
        | "reg:squarederror"
        | "reg:linear"
        | "reg:squaredlogerror"
        | "reg:pseudohubererror"
        | "reg:absoluteerror"
        | "reg:quantileerror" => Ok(Link::Identity),
        name => Err(ModelError::NotCovered {
            what: format!("objective {:?}", short(name)),
            instead: "train with binary:logistic for a probability or reg:squarederror for a value; \
                      the documentation of model::import::xgboost lists the others",
        }),
    }
}

fn check_outputs(parameters: &LearnerParameters, booster: &TreesModel<'_>) -> Result<(), ModelError> {
    const ONE_MODEL_EACH: &str = "train one model of one output for each class or target";
    for (text, name) in [(&parameters.num_class, "num_class"), (&parameters.num_target, "num_target")] {
        let count: u64 = text.as_deref().map_or(Ok(1), |text| number(text, name))?;
        if count > 1 {
            return Err(ModelError::NotCovered { what: format!("{name} {count}"), instead: ONE_MODEL_EACH });
        }
    }
    let trees = booster.trees.len();
    let claimed: usize = number(&booster.gbtree_model_param.num_trees, "num_trees")?;
    if trees != claimed {
        return Err(ModelError::invalid("trees", format!("{claimed}, as num_trees says"), trees));
    }
    let groups: Vec<u64> = array(booster.tree_info, || "tree_info".to_owned())?;
    if groups.len() != trees {
        return Err(ModelError::invalid("tree_info", format!("{trees} entries, one a tree"), groups.len()));
    }
    match groups.iter().find(|group| **group != 0) {
        Some(group) => {
            Err(ModelError::NotCovered { what: format!("a tree of output {group}"), instead: ONE_MODEL_EACH })
        }
        None => Ok(()),
    }
}

/// Refuses a model that stopped early and still has the trees after its best round.
fn check_rounds(attributes: &BTreeMap<String, String>, booster: &TreesModel<'_>) -> Result<(), ModelError> {
    let parallel: usize = number(&booster.gbtree_model_param.num_parallel_tree, "num_parallel_tree")?;
    let trees = booster.trees.len();
    if parallel == 0 || !trees.is_multiple_of(parallel) {
        let expected = format!("a divisor of {trees}, the number of trees");
        return Err(ModelError::invalid("num_parallel_tree", expected, parallel));
    }
    let Some(best) = attributes.get("best_iteration") else { return Ok(()) };
    let (best, rounds): (usize, _) = (number(best, "best_iteration")?, trees / parallel);
    if best.checked_add(1) == Some(rounds) {
        return Ok(());
    }
    Err(ModelError::NotCovered {
        what: format!("best_iteration {best} in a model of {rounds} rounds"),
        instead: "Booster.predict would use every round and XGBClassifier.predict those up to the best: save \
                  booster[: booster.best_iteration + 1], or booster.set_attr(best_iteration=None) to mean all",
    })
}

/// The margin that the leaves are added to.
fn base(text: &str, link: Link) -> Result<f64, ModelError> {
    // XGBoost 3.1 and later write a list, of one where there is one output.
    let one = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let score: f32 = number(one, "base_score")?;
    match link {
        Link::Identity if score.is_finite() => Ok(f64::from(score)),
        Link::Identity => Err(ModelError::invalid("base_score", "a finite number of f32", short(text))),
        Link::Logistic { .. } => {
            // Nearer to 0 and 1, XGBoost 3 takes the bounds and older versions the score itself.
            let inside = (1e-6..=1.0 - 1e-6).contains(&score);
            let margin = if inside { ln_f32(1.0 / score - 1.0) } else { None };
            margin.map(|ln| f64::from(-ln)).ok_or_else(|| {
                ModelError::invalid("base_score", "a probability from 1e-6 to 1 - 1e-6", short(text))
            })
        }
    }
}
