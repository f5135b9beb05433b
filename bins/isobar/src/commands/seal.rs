//! `isobar seal`: models trained elsewhere, sealed with what they were trained on.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use model::{AnyModel, Ensemble, Loaders, Member, import};
use preprocess::Preprocess;
use training::Objective;

use crate::error::Usage;
use crate::external::ExternalOptions;
use crate::recipe_options::RecipeOptions;
use crate::sealing::{self, Draft, SealOptions, Source};
use crate::{artifact_file, measure, print};

/// Seal models that were trained elsewhere on a dataset of `isobar build`
///
/// The preprocessing is fitted on the dataset's training rows. Raw margins of XGBoost and LightGBM models are those
/// of Python, bit for bit. Several models of different weights and horizons make an ensemble.
#[derive(Debug, Args)]
pub struct Options {
    /// The folder that `isobar build` wrote
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// A model: XGBoost's JSON, LightGBM's text or an ONNX file; may be repeated
    #[arg(long = "model", value_name = "FILE", required = true)]
    models: Vec<PathBuf>,
    /// What it is; once for every model, or once for all
    #[arg(long = "kind", value_enum, required = true)]
    kinds: Vec<Kind>,
    /// Its weight in an ensemble; once for every model
    #[arg(long = "weight", value_name = "WEIGHT")]
    weights: Vec<f64>,
    /// Bars its label looks ahead; once for every model, else as the dataset's label
    #[arg(long = "horizon", value_name = "BARS")]
    horizons: Vec<u32>,
    #[command(flatten)]
    seal: SealOptions,
    #[command(flatten)]
    recipe: RecipeOptions,
    #[command(flatten)]
    external: ExternalOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// XGBoost, saved as JSON
    Xgboost,
    /// LightGBM, saved as text
    Lightgbm,
    /// ONNX; needs --onnx-runtime
    Onnx,
}

/// Reads the models, fits the preprocessing, measures, seals.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    check_counts(options)?;
    let source = Source::open(&options.data)?;
    let inputs: Vec<&Path> = options.models.iter().map(PathBuf::as_path).collect();
    let filters = sealing::check(&options.seal, &source, &inputs)?;
    let manifest = source.dataset.manifest();
    let objective = Objective::of(&manifest.label);
    let split = source.dataset.split()?;
    let preprocess = training::fit(&split.train, &options.recipe.recipe()?)?;
    let loaders = options.external.loaders()?;
    let loaders: Vec<&dyn model::Loader> = loaders.iter().map(AsRef::as_ref).collect();
    let loaders = Loaders(&loaders);
    let ensemble = Ensemble::new(members(options, &preprocess, manifest.label.horizon().get(), loaders)?)?;
    let metrics = measure::parts(&ensemble, &split, &preprocess, objective, &filters)?;
    print::result(&measure::table(&metrics))?;
    let rows = split.train.rows();
    print::status(&format!(
        "note: validation and test are out of sample only where the model was trained on rows {} to {} of this \
         dataset alone",
        rows.start,
        rows.end.saturating_sub(1)
    ));
    let labels = source.dataset.labels();
    let train_rows = rows.filter(|row| labels.get(*row).is_some()).count();
    let draft =
        Draft { source: &source, split: &split, preprocess, ensemble, train_rows, imported: true, metrics };
    sealing::seal(draft, &options.seal, loaders)?;
    Ok(ExitCode::SUCCESS)
}

fn check_counts(options: &Options) -> Result<(), Usage> {
    let models = options.models.len();
    let counts = [
        ("--kind", options.kinds.len(), 1),
        ("--weight", options.weights.len(), 0),
        ("--horizon", options.horizons.len(), 0),
    ];
    for (name, count, also) in counts {
        if count != models && count != also {
            return Err(Usage(format!("{name} is given {count} times for {models} models: once for each")));
        }
    }
    Ok(())
}

fn members(
    options: &Options,
    preprocess: &Preprocess,
    horizon: u32,
    loaders: Loaders<'_>,
) -> anyhow::Result<Vec<Member>> {
    let member = |(index, path): (usize, &PathBuf)| {
        let kind = options.kinds.get(index).or(options.kinds.first()).copied().unwrap_or(Kind::Xgboost);
        let model = read(path, kind, preprocess, loaders).with_context(|| path.display().to_string())?;
        Ok(Member {
            model,
            weight: options.weights.get(index).copied().unwrap_or(1.0),
            horizon: options.horizons.get(index).copied().unwrap_or(horizon),
        })
    };
    options.models.iter().enumerate().map(member).collect()
}

fn read(path: &Path, kind: Kind, preprocess: &Preprocess, loaders: Loaders<'_>) -> anyhow::Result<AnyModel> {
    let bytes = artifact_file::read(path)?;
    let imported = match kind {
        Kind::Xgboost => import::xgboost(&bytes)?,
        Kind::Lightgbm => import::lightgbm(&bytes)?,
        Kind::Onnx => return Ok(AnyModel::External(loaders.load("onnx", bytes)?)),
    };
    let parts = preprocess.parts();
    if parts.sequence.get() > 1 || imported.feature_names.is_none() {
        print::status(&format!("note: the order of the inputs of {} cannot be checked", path.display()));
    }
    if parts.sequence.get() == 1 {
        imported
            .check_names(&parts.kept)
            .context("train and seal with the same features (--drop leaves some out)")?;
    }
    Ok(AnyModel::Trees(imported.trees))
}
