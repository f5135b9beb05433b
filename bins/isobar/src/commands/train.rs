//! `isobar train`: a model, trained in Rust and sealed.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use artifact::Metric;
use clap::{Args, ValueEnum};
use dataset::{WalkForward, Window};
use model::{Ensemble, Loaders, Member};
use training::{LogisticOptions, Objective, TrainExamples, Trainer, TreeOptions};

use crate::error::Usage;
use crate::recipe_options::RecipeOptions;
use crate::sealing::{self, Draft, SealOptions, Source};
use crate::{measure, print};

/// Train a model on a dataset and seal it
///
/// Preprocessing and model are fitted on the training rows alone; how they do is measured on the rows after. With
/// the same dataset, options and --timestamp the file is the same to the byte.
#[derive(Debug, Args)]
pub struct Options {
    /// The folder that `isobar build` wrote
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    seal: SealOptions,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    recipe: RecipeOptions,
    /// Measure by this many walk-forward folds too: each trained anew on the rows before it
    #[arg(long, value_name = "FOLDS", value_parser = clap::value_parser!(u32).range(1..=1000), help_heading = "Measuring")]
    walk_forward: Option<u32>,
    /// Train each fold on as many rows as the first, the newest, instead of on all before it
    #[arg(long, requires = "walk_forward", help_heading = "Measuring")]
    rolling: bool,
}

/// Threads that training takes at most.
const THREADS_MAX: u32 = 64;

/// Number of cores, within what training takes.
fn cores() -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    u32::try_from(cores).unwrap_or(u32::MAX).min(THREADS_MAX)
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
struct ModelOptions {
    /// What is trained
    #[arg(long, value_enum, default_value_t = Kind::Trees)]
    model: Kind,
    /// Trees: how many [default: 200]
    #[arg(long)]
    trees: Option<u32>,
    /// Trees: depth of each [default: 4]
    #[arg(long)]
    depth: Option<u32>,
    /// Trees: what each step is multiplied by [default: 0.05]
    #[arg(long)]
    learning_rate: Option<f64>,
    /// Trees: least sum of hessians in a leaf [default: 5]
    #[arg(long)]
    min_leaf_weight: Option<f64>,
    /// Trees: share of the rows each tree sees [default: 1]
    #[arg(long)]
    subsample: Option<f64>,
    /// Trees: seed of the subsampling [default: 1]
    #[arg(long)]
    seed: Option<u64>,
    /// Trees: threads, else one for each core; the model is the same to the bit with any number
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(THREADS_MAX)))]
    threads: Option<u32>,
    /// L2 penalty on the leaves or on the weights
    #[arg(long, default_value_t = 1.0)]
    l2: f64,
    /// Logistic regression: most steps of Newton's method [default: 100]
    #[arg(long)]
    steps_max: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Gradient-boosted trees
    Trees,
    /// Logistic regression
    Logistic,
}

impl ModelOptions {
    /// Refuses options that the chosen model does not look at.
    fn check(&self) -> Result<(), Usage> {
        let of_trees = [
            ("--trees", self.trees.is_some()),
            ("--depth", self.depth.is_some()),
            ("--learning-rate", self.learning_rate.is_some()),
            ("--min-leaf-weight", self.min_leaf_weight.is_some()),
            ("--subsample", self.subsample.is_some()),
            ("--seed", self.seed.is_some()),
            ("--threads", self.threads.is_some()),
        ];
        let of_logistic = [("--steps-max", self.steps_max.is_some())];
        let (model, others) = match self.model {
            Kind::Trees => ("trees", of_logistic.as_slice()),
            Kind::Logistic => ("logistic", of_trees.as_slice()),
        };
        match others.iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(Usage(format!("{name} has no effect on --model {model}: leave it out"))),
            None => Ok(()),
        }
    }

    fn trainer(&self) -> Trainer {
        match self.model {
            Kind::Trees => Trainer::Trees(TreeOptions {
                trees: self.trees.unwrap_or(200),
                depth: self.depth.unwrap_or(4),
                learning_rate: self.learning_rate.unwrap_or(0.05),
                l2: self.l2,
                min_leaf_weight: self.min_leaf_weight.unwrap_or(5.0),
                subsample: self.subsample.unwrap_or(1.0),
                seed: self.seed.unwrap_or(1),
                threads: self.threads.unwrap_or_else(cores),
            }),
            Kind::Logistic => {
                Trainer::Logistic(LogisticOptions { l2: self.l2, steps_max: self.steps_max.unwrap_or(100) })
            }
        }
    }
}

/// Fits, measures, seals.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let source = Source::open(&options.data)?;
    let filters = sealing::check(&options.seal, &source, &[])?;
    let manifest = source.dataset.manifest();
    let objective = Objective::of(&manifest.label);
    if options.model.model == Kind::Logistic && objective != Objective::Logistic {
        bail!(Usage(format!("--model logistic: the label {} is no yes or no; train trees", manifest.label)));
    }
    options.model.check()?;
    let (recipe, trainer) = (options.recipe.recipe()?, options.model.trainer());
    let split = source.dataset.split()?;

    let walked = match options.walk_forward {
        None => Vec::new(),
        Some(folds) => {
            let window = if options.rolling { Window::Rolling } else { Window::Expanding };
            let spec = WalkForward { folds, window, embargo: manifest.split.embargo };
            walk_forward(&source, &spec, &recipe, &trainer)?
        }
    };
    let preprocess = training::fit(&split.train, &recipe)?;
    let train = TrainExamples::of(&split.train, &preprocess)?;
    let model = trainer.train(&train, objective)?;
    let horizon = manifest.label.horizon().get();
    let ensemble = Ensemble::new(vec![Member { model, weight: 1.0, horizon }])?;
    let mut metrics = measure::parts(&ensemble, &split, &preprocess, objective, &filters)?;
    metrics.extend(walked);
    print::result(&measure::table(&metrics))?;
    let train_rows = train.examples().len();
    let draft =
        Draft { source: &source, split: &split, preprocess, ensemble, train_rows, imported: false, metrics };
    sealing::seal(draft, &options.seal, Loaders::default())?;
    Ok(ExitCode::SUCCESS)
}

fn walk_forward(
    source: &Source,
    spec: &WalkForward,
    recipe: &preprocess::Recipe,
    trainer: &Trainer,
) -> anyhow::Result<Vec<Metric>> {
    let progress = print::progress(spec.folds.into(), "folds");
    let report = training::walk_forward(&source.dataset, spec, recipe, trainer, &mut |done, _| {
        progress.set_position(done as u64);
    })?;
    progress.finish_and_clear();
    print::result(&measure::folds(&report))?;
    Ok(measure::of_part(measure::WALK_FORWARD, &report.pooled))
}
