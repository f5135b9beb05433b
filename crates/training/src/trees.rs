//! Gradient-boosted trees, fitted by forust.

use forust_ml::gradientbooster::GrowPolicy;
use forust_ml::objective::ObjectiveType;
use forust_ml::sampler::SampleMethod;
use forust_ml::tree::Tree;
use forust_ml::{GradientBooster, Matrix};
use model::{Arithmetic, Link, Missing, ModelError, Node, Split, Trees, TreesParts};

use crate::{Examples, Objective, TrainExamples, TrainingError};

/// How trees are fitted. Forust computes gradients, sums of bins and leaves in f32.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeOptions {
    /// Number of trees, 1 to 100,000.
    pub trees: u32,
    /// Depth of a tree, 1 to 64.
    pub depth: u32,
    /// What each tree's step is multiplied by, above 0 and at most 1.
    pub learning_rate: f64,
    /// L2 penalty on leaves, 0 or more; above 0 where `min_leaf_weight` is 0.
    pub l2: f64,
    /// Least sum of hessians in a leaf, 0 or more: rows for [`Objective::Squared`], Σ p·(1 − p) for
    /// [`Objective::Logistic`].
    pub min_leaf_weight: f64,
    /// Share of the rows each tree sees, above 0 and at most 1: each row is drawn by itself.
    pub subsample: f64,
    /// Seed of the subsampling.
    pub seed: u64,
    /// Threads, 1 to 64; the model is the same to the bit with any number.
    pub threads: u32,
}

impl Default for TreeOptions {
    /// 200 trees of depth 5, learning rate 0.1, l2 1, one hessian in a leaf, all rows, one thread.
    fn default() -> Self {
        Self {
            trees: 200,
            depth: 5,
            learning_rate: 0.1,
            l2: 1.0,
            min_leaf_weight: 1.0,
            subsample: 1.0,
            seed: 0,
            threads: 1,
        }
    }
}

/// Fits trees. A missing input goes to the side of each split where it fits better.
///
/// # Same bits
/// The trees depend on the examples and the options alone, not on the number of threads: forust sums each column's
/// bins in the order of the rows, whichever thread does, and of equal splits takes that of the first column. What
/// remains of the platform is the `exp` of its mathematical library inside forust's gradients of the log loss: trees
/// fitted on two platforms can differ, predictions of the same trees cannot.
///
/// # Memory
/// Besides the examples, for each value of an input 8 bytes for a copy by column and 2 for its bin; for each row
/// about 100 bytes, and 24 more for each thread while bins are found.
///
/// # Errors
/// [`TrainingError`] where an option is outside its limits, an input is infinite or missing in every row, or all
/// labels are the same.
pub fn train_trees(
    train: &TrainExamples,
    objective: Objective,
    options: &TreeOptions,
) -> Result<Trees, TrainingError> {
    check_options(options)?;
    let targets = targets(train.examples(), objective)?;
    let base = match objective {
        Objective::Logistic => {
            let hits = targets.iter().filter(|target| **target > 0.0).count();
            libm::log(hits as f64 / (targets.len() - hits) as f64)
        }
        Objective::Squared => train.mean_target(objective),
    };
    let columns = columns(train.examples())?;
    let matrix = Matrix::new(&columns, targets.len(), train.examples().inputs().width());
    let booster = fit(&matrix, &targets, base, objective, options)?;
    trees(&booster, matrix.cols, objective).map_err(|error| {
        if options.l2 > 0.0 {
            return error.into();
        }
        let expected = "a number above 0, since a leaf without hessian has no value";
        TrainingError::Option { option: "l2", expected, found: format!("{}: {error}", options.l2) }
    })
}

fn check_options(options: &TreeOptions) -> Result<(), TrainingError> {
    let TreeOptions { trees, depth, learning_rate, l2, min_leaf_weight, subsample, seed: _, threads } =
        options;
    let refuse = |option, expected, found: String| Err(TrainingError::Option { option, expected, found });
    for (option, value, most, expected) in [
        ("trees", *trees, 100_000, "1 to 100,000"),
        ("depth", *depth, 64, "1 to 64"),
        ("threads", *threads, 64, "1 to 64"),
    ] {
        if !(1..=most).contains(&value) {
            return refuse(option, expected, value.to_string());
        }
    }
    // As forust computes with them: what rounds to 0 or to infinity in f32 is refused too.
    for (option, value) in [("learning_rate", *learning_rate), ("subsample", *subsample)] {
        if !(value as f32 > 0.0 && value <= 1.0) {
            return refuse(option, "a number above 0 and at most 1, in f32", value.to_string());
        }
    }
    for (option, value) in [("l2", *l2), ("min_leaf_weight", *min_leaf_weight)] {
        if !(value >= 0.0 && (value as f32).is_finite()) {
            return refuse(option, "a finite number from 0 on, in f32", value.to_string());
        }
    }
    if *l2 as f32 == 0.0 && *min_leaf_weight as f32 == 0.0 {
        return refuse("l2", "above 0 in f32 where min_leaf_weight is 0", l2.to_string());
    }
    Ok(())
}

/// Most that the magnitudes of the labels may sum to: forust squares sums of gradients in f32.
const LABELS_MAX: f64 = 1e18;

/// The labels as they are trained on; at least two different ones.
fn targets(examples: &Examples, objective: Objective) -> Result<Vec<f64>, TrainingError> {
    let labels = examples.labels();
    let sum = labels.iter().fold(0.0, |sum, label| sum + label.abs());
    if sum.is_nan() || sum > LABELS_MAX {
        let expected = "finite labels whose magnitudes sum to at most 1e18; scale them";
        return Err(TrainingError::Option { option: "label", expected, found: format!("{sum} in sum") });
    }
    let targets: Vec<f64> = labels.iter().map(|label| objective.target(*label)).collect();
    let Some(first) = targets.first().copied() else {
        return Err(TrainingError::NoExamples { start: 0, end: 0, labelled: 0 });
    };
    if targets.iter().all(|target| *target == first) {
        return Err(TrainingError::OneClass { rows: targets.len(), target: first });
    }
    Ok(targets)
}

/// The inputs by column: shape `[width][len]`. Forust panics on a column that is missing in every row.
fn columns(examples: &Examples) -> Result<Vec<f64>, TrainingError> {
    let (rows, width) = (examples.len(), examples.inputs().width());
    let name = |index: usize| format!("input {index}");
    let mut columns = vec![f64::NAN; rows * width];
    for (row, input) in examples.inputs().values().chunks_exact(width).enumerate() {
        if let Some((index, found)) = input.iter().enumerate().find(|(_, value)| value.is_infinite()) {
            let row = examples.rows().get(row).copied().unwrap_or(row);
            return Err(TrainingError::Infinite { feature: name(index), row, found: *found });
        }
        for (cell, value) in columns.iter_mut().skip(row).step_by(rows).zip(input) {
            *cell = *value;
        }
    }
    let missing = columns.chunks_exact(rows).map(|column| column.iter().all(|value| value.is_nan()));
    let features: Vec<String> =
        missing.enumerate().filter(|(_, missing)| *missing).map(|(index, _)| name(index)).collect();
    if features.is_empty() { Ok(columns) } else { Err(TrainingError::NeverValid { features, rows }) }
}

/// Fits with every option of forust stated that decides a value.
fn fit(
    matrix: &Matrix<'_, f64>,
    targets: &[f64],
    base: f64,
    objective: Objective,
    options: &TreeOptions,
) -> Result<GradientBooster, TrainingError> {
    let objective_type = match objective {
        Objective::Logistic => ObjectiveType::LogLoss,
        Objective::Squared => ObjectiveType::SquaredLoss,
    };
    let sample_method = if options.subsample < 1.0 { SampleMethod::Random } else { SampleMethod::None };
    let mut booster = GradientBooster::default()
        .set_objective_type(objective_type)
        .set_iterations(options.trees as usize)
        .set_learning_rate(options.learning_rate as f32)
        .set_max_depth(options.depth as usize)
        .set_max_leaves(usize::MAX)
        .set_nbins(256)
        .set_l1(0.0)
        .set_l2(options.l2 as f32)
        .set_gamma(0.0)
        .set_max_delta_step(0.0)
        .set_min_leaf_weight(options.min_leaf_weight as f32)
        .set_base_score(base)
        .set_initialize_base_score(false)
        .set_parallel(options.threads > 1)
        .set_num_threads(Some(options.threads as usize))
        .set_tiled_histograms(false)
        .set_allow_missing_splits(true)
        .set_create_missing_branch(false)
        .set_missing(f64::NAN)
        .set_monotone_constraints(None)
        .set_sample_method(sample_method)
        .set_subsample(options.subsample as f32)
        .set_colsample_bytree(1.0)
        .set_seed(options.seed)
        .set_evaluation_metric(None)
        .set_early_stopping_rounds(None);
    booster.grow_policy = GrowPolicy::DepthWise;
    booster.fit_unweighted(matrix, targets, None).map_err(|error| ModelError::Invalid {
        what: "forust".to_owned(),
        expected: "parameters it takes".to_owned(),
        found: error.to_string(),
    })?;
    Ok(booster)
}

/// Forust's trees: f64 inputs, left where `x < threshold`, f32 leaves that are summed in f64 from the base score on.
fn trees(booster: &GradientBooster, width: usize, objective: Objective) -> Result<Trees, ModelError> {
    let link = match objective {
        Objective::Logistic => Link::Logistic { steepness: 1.0 },
        Objective::Squared => Link::Identity,
    };
    Trees::new(TreesParts {
        // Wider than any `u32` is wider than trees can be, which `Trees::new` says.
        inputs: u32::try_from(width).unwrap_or(u32::MAX),
        arithmetic: Arithmetic::F64,
        inclusive: false,
        base: booster.base_score,
        link,
        trees: booster.trees.iter().map(preorder).collect::<Result<_, _>>()?,
    })
}

/// The nodes of a tree, which forust has level by level, in preorder.
fn preorder(tree: &Tree) -> Result<Vec<Node>, ModelError> {
    let invalid = |found: usize| ModelError::Invalid {
        what: "tree of forust".to_owned(),
        expected: format!("children among its {} nodes and features below 2^32", tree.nodes.len()),
        found: found.to_string(),
    };
    let mut nodes: Vec<Node> = Vec::with_capacity(tree.nodes.len());
    // Nodes still to come, with the split whose right child they are.
    let mut open: Vec<(usize, Option<usize>)> = vec![(0, None)];
    while let Some((index, parent)) = open.pop() {
        let node = tree.nodes.get(index).ok_or_else(|| invalid(index))?;
        let at = nodes.len();
        if let Some(Node::Split(parent)) = parent.and_then(|parent| nodes.get_mut(parent)) {
            parent.right = u32::try_from(at).map_err(|_| invalid(at))?;
        }
        if node.is_leaf {
            nodes.push(Node::Leaf(f64::from(node.weight_value)));
            continue;
        }
        nodes.push(Node::Split(Split {
            feature: u32::try_from(node.split_feature).map_err(|_| invalid(node.split_feature))?,
            threshold: node.split_value,
            missing: Missing { left: node.missing_node == node.left_child, zero: false },
            right: 0,
        }));
        open.push((node.right_child, Some(at)));
        open.push((node.left_child, None));
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests;
