//! Both subsets on the same folds.

use anyhow::{Context as _, bail};
use dataset::{BuildOptions, Dataset, Fold, LabelSpec, SplitSpec, WalkForward, Window};
use feature_api::{FeatureVersion, UnixNanos};
use harness::{Data, Estimate};
use model::{Ensemble, Member};
use preprocess::{NullPolicy, Recipe};
use training::{
    Metrics, Objective, Scored, TrainExamples, Trainer, TreeOptions, eval_examples, score_ensemble,
};

use crate::subsets::Subsets;

/// What is compared, and how.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// The feature version.
    pub version: &'static FeatureVersion,
    /// The set.
    pub set: &'a str,
    /// The two subsets.
    pub subsets: &'a Subsets,
    /// What is predicted.
    pub label: LabelSpec,
    /// Test windows.
    pub folds: u32,
    /// How trees are fitted.
    pub trees: TreeOptions,
}

/// A test window, A then B.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// `ts_available` of its first row.
    pub from: UnixNanos,
    /// How good the predictions are.
    pub metrics: [Metrics; 2],
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Each fold, oldest first.
    pub folds: Vec<Measured>,
    /// Over the rows of all folds.
    pub pooled: [Metrics; 2],
    /// Log loss of A − log loss of B, row by row: below 0 A predicts better.
    pub difference: Estimate,
    /// Folds in which A has the lower log loss, and those in which B has.
    pub better: [usize; 2],
}

/// Trains and measures both subsets on each fold. The last rows before a test window are purged, whose labels look into it.
pub fn compare(data: &Data, plan: &Plan<'_>) -> anyhow::Result<Comparison> {
    let dataset = build(data, plan)?;
    let spec = WalkForward { folds: plan.folds, window: Window::Expanding, embargo: 0 };
    let mut pooled = [Vec::new(), Vec::new()];
    let mut folds = Vec::new();
    for (index, fold) in dataset.walk_forward(&spec)?.iter().enumerate() {
        let scored = both(fold, plan).with_context(|| format!("fold {} of {}", index + 1, plan.folds))?;
        let first = fold.test.rows().start;
        let from = dataset.features().ts_available.get(first).copied().unwrap_or_default();
        folds.push(Measured { from, metrics: measured(&scored)? });
        pooled.iter_mut().zip(scored).for_each(|(all, scored)| all.extend(scored));
    }
    let [a, b] = &pooled;
    let losses: Vec<f64> = a
        .iter()
        .zip(b)
        .map(|(a, b)| Ok(log_loss(&row_metrics(a)?)? - log_loss(&row_metrics(b)?)?))
        .collect::<anyhow::Result<_>>()?;
    let lower = |one: usize, other: usize| {
        let loss = |fold: &Measured, side: usize| fold.metrics.get(side).and_then(|m| m.get("log_loss"));
        folds.iter().filter(|fold| loss(fold, one) < loss(fold, other)).count()
    };
    Ok(Comparison {
        better: [lower(0, 1), lower(1, 0)],
        pooled: measured(&pooled)?,
        difference: Estimate::of(&losses, plan.label.horizon().get())?,
        folds,
    })
}

/// The dataset of every feature of the set, in a folder that is not kept.
fn build(data: &Data, plan: &Plan<'_>) -> anyhow::Result<Dataset> {
    let folder = tempfile::tempdir().context("cannot make a folder for the dataset")?;
    let options = BuildOptions {
        version: plan.version,
        set: plan.set,
        params: &[],
        volume: data.spec.volume,
        label: plan.label,
        finer: None,
        positions: None,
        // Not looked at: folds are made of all rows.
        split: SplitSpec { train: 0.6, validation: 0.2, test: 0.2, embargo: 0 },
        cache: None,
        profile: false,
        time_shares: &[],
    };
    dataset::build(folder.path(), &data.series, &options)?;
    Ok(Dataset::open(folder.path())?)
}

/// The predictions of both subsets for the same rows of a test window.
fn both(fold: &Fold<'_>, plan: &Plan<'_>) -> anyhow::Result<[Vec<Scored>; 2]> {
    let [a, b] = &plan.subsets.names;
    let (a, b) = (one(fold, plan, a).context("A")?, one(fold, plan, b).context("B")?);
    if a.0 != b.0 {
        bail!("the two subsets were measured on different rows");
    }
    Ok([a.1, b.1])
}

/// The rows of a test window, and what a model trained before it on these features alone predicts of them.
fn one(fold: &Fold<'_>, plan: &Plan<'_>, names: &Vec<String>) -> anyhow::Result<(Vec<usize>, Vec<Scored>)> {
    // Trees know missing values, so that no row is left out for one subset and not for the other.
    let recipe =
        Recipe { nulls: NullPolicy::Missing, drop: plan.subsets.without(names), ..Recipe::default() };
    let preprocess = training::fit(&fold.train, &recipe)?;
    let train = TrainExamples::of(&fold.train, &preprocess)?;
    let model = Trainer::Trees(plan.trees.clone()).train(&train, Objective::Logistic)?;
    let horizon = plan.label.horizon().get();
    let ensemble = Ensemble::new(vec![Member { model, weight: 1.0, horizon }])?;
    let test = eval_examples(&fold.test, &preprocess)?;
    let baseline = train.mean_target(Objective::Logistic);
    Ok((test.rows().to_vec(), score_ensemble(&ensemble, &test, Objective::Logistic, baseline)?))
}

fn measured(scored: &[Vec<Scored>; 2]) -> anyhow::Result<[Metrics; 2]> {
    let [a, b] = scored;
    Ok([Metrics::of(Objective::Logistic, a)?, Metrics::of(Objective::Logistic, b)?])
}

fn row_metrics(scored: &Scored) -> anyhow::Result<Metrics> {
    Ok(Metrics::of(Objective::Logistic, std::slice::from_ref(scored))?)
}

fn log_loss(metrics: &Metrics) -> anyhow::Result<f64> {
    metrics.get("log_loss").context("a row has no log loss")
}

#[cfg(test)]
mod tests {
    use harness::walk::walk;

    use super::*;

    fn comparison(rows: u32, seed: u64, echo_per_cent: i64) -> Comparison {
        let version = feature_registry::find("1").unwrap();
        let names = |text| crate::subsets::parse(text).unwrap();
        let (momentum, volume) =
            (names("log_return,rsi,normalized_close"), names("volume,normalized_volume"));
        let subsets = Subsets::of(version, "core", Some((&momentum, &volume))).unwrap();
        let plan = Plan {
            version,
            set: "core",
            subsets: &subsets,
            label: "direction:horizon=1".parse().unwrap(),
            folds: 3,
            trees: TreeOptions { trees: 25, depth: 2, min_leaf_weight: 20.0, ..TreeOptions::default() },
        };
        compare(&walk(rows, seed, echo_per_cent), &plan).unwrap()
    }

    #[test]
    fn on_a_random_walk_no_subset_is_better() {
        for seed in 1..=4 {
            let found = comparison(3_000, seed, 0);
            assert!(found.difference.score().abs() < 3.0, "seed {seed}: {:?}", found.difference);
            for metrics in &found.pooled {
                let [auc, base] = ["auc", "base_rate"].map(|name| metrics.get(name).unwrap());
                assert!((auc - 0.5).abs() < 0.05 && (base - 0.5).abs() < 0.05, "seed {seed}: {metrics:?}");
            }
        }
    }

    #[test]
    fn an_echo_of_the_last_move_is_found_by_momentum() {
        let found = comparison(4_000, 1, 40);
        assert!(found.difference.score() < -5.0, "{:?}", found.difference);
        assert_eq!(found.better, [3, 0]);
        let [a, b] = found.pooled.map(|metrics| metrics.get("auc").unwrap());
        assert!(a > 0.6 && b < 0.55, "{a} {b}");
    }

    #[test]
    fn the_difference_is_that_of_the_pooled_losses_on_the_same_rows() {
        let found = comparison(3_000, 2, 20);
        let [a, b] = &found.pooled;
        assert_eq!(a.rows, b.rows);
        let rows: usize = found.folds.iter().map(|fold| fold.metrics[0].rows).sum();
        assert_eq!(a.rows, rows);
        let difference = a.get("log_loss").unwrap() - b.get("log_loss").unwrap();
        assert!((found.difference.mean - difference).abs() < 1e-12);
        assert_eq!(found, comparison(3_000, 2, 20));
    }
}
