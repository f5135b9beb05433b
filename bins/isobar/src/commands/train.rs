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
    /// Trees: how many
    #[arg(long, default_value_t = 200)]
    trees: u32,
    /// Trees: depth of each
    #[arg(long, default_value_t = 4)]
    depth: u32,
    /// Trees: what each step is multiplied by
    #[arg(long, default_value_t = 0.05)]
    learning_rate: f64,
    /// Trees: least sum of hessians in a leaf
    #[arg(long, default_value_t = 5.0)]
    min_leaf_weight: f64,
    /// Trees: share of the rows each tree sees
    #[arg(long, default_value_t = 1.0)]
    subsample: f64,
    /// Trees: seed of the subsampling
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Trees: threads, else one for each core; the model is the same to the bit with any number
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(THREADS_MAX)))]
    threads: Option<u32>,
    /// L2 penalty on the leaves or on the weights
    #[arg(long, default_value_t = 1.0)]
    l2: f64,
    /// Logistic regression: most steps of Newton's method
    #[arg(long, default_value_t = 100)]
    steps_max: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Gradient-boosted trees
    Trees,
    /// Logistic regression
    Logistic,
}

impl ModelOptions {
    fn trainer(&self) -> Trainer {
        match self.model {
            Kind::Trees => Trainer::Trees(TreeOptions {
                trees: self.trees,
                depth: self.depth,
                learning_rate: self.learning_rate,
                l2: self.l2,
                min_leaf_weight: self.min_leaf_weight,
                subsample: self.subsample,
                seed: self.seed,
                threads: self.threads.unwrap_or_else(cores),
            }),
            Kind::Logistic => Trainer::Logistic(LogisticOptions { l2: self.l2, steps_max: self.steps_max }),
        }
    }
}

/// Fits, measures, seals.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let source = Source::open(&options.data)?;
    sealing::check(&options.seal, &source, &[])?;
    let manifest = source.dataset.manifest();
    let objective = Objective::of(&manifest.label);
    if options.model.model == Kind::Logistic && objective != Objective::Logistic {
        bail!(Usage(format!("--model logistic: the label {} is no yes or no; train trees", manifest.label)));
    }
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
    let mut metrics = measure::parts(&ensemble, &split, &preprocess, objective)?;
    metrics.extend(walked);
    print::result(&measure::table(&metrics))?;
    sealing::seal(
        Draft { source: &source, split: &split, preprocess, ensemble, metrics },
        &options.seal,
        Loaders::default(),
    )?;
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
