//! From a dataset, a preprocessing and models to a sealed file.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use artifact::{Artifact, Manifest, Metric, Pipeline, Probe, Reference, SecretKey};
use clap::Args;
use dataset::{Dataset, Split};
use feature_api::{FeatureVersion, Row, Schema, UnixNanos};
use model::{BlockFilter, BoundFilters, Ensemble, Loaders, Verdict};
use preprocess::{Inputs, Preprocess};

use crate::error::Usage;
use crate::trust_options::refused;
use crate::{artifact_file, print};

/// Probes an artifact gets, spread over the rows trained on.
const PROBES: usize = 16;

/// What goes into the sealed file beside the model.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sealing")]
pub struct SealOptions {
    /// The sealed model, a file that ends in .iso; an existing one is replaced once the new one is complete
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Predict nothing where a feature's raw value compares so, such as "atr<0.5"; <, <=, > and >=; may be repeated
    #[arg(long = "block", value_name = "FILTER")]
    pub filters: Vec<BlockFilter>,
    /// Sign with this secret key; see `isobar keys new`
    #[arg(long, value_name = "FILE")]
    pub sign: Option<PathBuf>,
    /// The time of making that is written into the file, such as 2026-01-31T12:00:00Z; else now
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub timestamp: Option<UnixNanos>,
}

fn parse_time(text: &str) -> Result<UnixNanos, String> {
    let time: jiff::Timestamp = text
        .parse()
        .map_err(|_| "expected a time with its offset, such as 2026-01-31T12:00:00Z".to_owned())?;
    i64::try_from(time.as_nanosecond())
        .map(UnixNanos)
        .map_err(|_| "expected a time from 1678 to 2262".to_owned())
}

/// A dataset with the feature version it was built by.
pub struct Source {
    pub dataset: Dataset,
    pub version: &'static FeatureVersion,
    pub schema: Schema,
}

impl Source {
    /// Opens the dataset, and refuses one that this program's features would not give again.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let dataset = Dataset::open(folder)?;
        let manifest = dataset.manifest();
        let shown = folder.display();
        let Some(version) = feature_registry::find(&manifest.features) else {
            bail!("{shown}: built with {}, which this program does not carry", manifest.features);
        };
        let engine = version
            .open(&manifest.set, &manifest.params)
            .with_context(|| format!("{shown}: manifest.json"))?;
        let schema = engine.schema().clone();
        let pairs = [
            ("version", manifest.version.clone(), version.version.to_owned()),
            ("source hash", manifest.source_hash.to_string(), version.source_hash.to_string()),
            ("output hash", manifest.output_hash.to_string(), version.output_hash.to_string()),
            ("schema hash", manifest.schema_hash.to_string(), schema.hash().to_string()),
        ];
        for (what, found, expected) in pairs {
            if found != expected {
                bail!(
                    "{shown}: built with another {what} of {}: this program has {expected}, the dataset {found}; \
                     build it again",
                    version.name
                );
            }
        }
        Ok(Self { dataset, version, schema })
    }
}

/// What is to be sealed.
pub struct Draft<'a> {
    pub source: &'a Source,
    pub split: &'a Split<'a>,
    pub preprocess: Preprocess,
    pub ensemble: Ensemble,
    /// Inputs the model was trained on; for one trained elsewhere, those of the training rows.
    pub train_rows: usize,
    /// Whether it was trained elsewhere: on which rows is not known here.
    pub imported: bool,
    pub metrics: Vec<Metric>,
}

/// Checks what can be checked before any work is done; the filters.
pub fn check(options: &SealOptions, source: &Source, inputs: &[&Path]) -> anyhow::Result<BoundFilters> {
    artifact_file::check_out(&options.out, inputs)?;
    if let Some(key) = &options.sign {
        secret_key(key)?;
    }
    let filters = BoundFilters::new(options.filters.clone(), &source.schema)
        .map_err(|error| Usage(format!("--block: {error}")))?;
    let (features, labels) = (source.dataset.features(), source.dataset.labels());
    let mut row = Row::new(features.width());
    let mut rows =
        source.dataset.split()?.train.rows().filter(|index| labels.get(*index).is_some()).peekable();
    if rows.peek().is_none() {
        bail!("none of the training rows has a label: use more bars, a shorter horizon, or more positions");
    }
    if !rows.any(|index| features.copy_row(index, &mut row) && filters.evaluate(&row) == Verdict::Pass) {
        bail!("the filters of --block let none of the training rows pass: loosen them");
    }
    Ok(filters)
}

fn secret_key(path: &Path) -> anyhow::Result<SecretKey> {
    SecretKey::read(path).with_context(|| format!("--sign {}", path.display()))
}

/// Seals and writes; says what was written.
pub fn seal(draft: Draft<'_>, options: &SealOptions, loaders: Loaders<'_>) -> anyhow::Result<()> {
    let manifest = manifest(&draft, options)?;
    let Draft { source, split, preprocess, ensemble, .. } = draft;
    let probes = probes(source, split, &preprocess, &ensemble, &options.filters)?;
    let artifact = Artifact {
        manifest,
        reference: reference(split),
        preprocess,
        ensemble,
        filters: options.filters.clone(),
        probes,
    };
    let key = options.sign.as_deref().map(secret_key).transpose()?;
    let bytes = artifact::seal(&artifact, source.version, loaders, key.as_ref())?;
    artifact_file::write(&options.out, &bytes)?;
    let signed = key.map_or_else(|| "not signed".to_owned(), |key| format!("signed by {}", key.public()));
    print::status(&format!(
        "wrote {}: {}, {}, {signed}",
        options.out.display(),
        artifact.manifest.model,
        print::plural(bytes.len() as u64, "byte"),
    ));
    Ok(())
}

fn manifest(draft: &Draft<'_>, options: &SealOptions) -> anyhow::Result<Manifest> {
    let Draft { source, split, ensemble, .. } = draft;
    let from = source.dataset.manifest();
    let rows = split.train.rows();
    let times = &source.dataset.features().ts_available;
    let at = |row: Option<usize>| row.and_then(|row| times.get(row)).copied().context("no rows to train on");
    let created = match options.timestamp {
        Some(time) => time,
        None => i64::try_from(jiff::Timestamp::now().as_nanosecond()).map(UnixNanos)?,
    };
    Ok(Manifest {
        features: from.features.clone(),
        version: from.version.clone(),
        source_hash: from.source_hash,
        output_hash: from.output_hash,
        set: from.set.clone(),
        params: from.params.clone(),
        schema_hash: from.schema_hash,
        bars: from.bars,
        label: from.label.to_string(),
        data_hash: from.data_hash,
        train_span: (at(rows.clone().next())?, at(rows.clone().next_back())?),
        train_rows: draft.train_rows as u64,
        model: match draft.imported {
            true => format!("{}{}", Manifest::IMPORTED, ensemble.describe()),
            false => ensemble.describe(),
        },
        metrics: draft.metrics.clone(),
        code_commit: env!("ISOBAR_COMMIT").to_owned(),
        toolchain: env!("ISOBAR_TOOLCHAIN").to_owned(),
        created,
    })
}

fn reference(split: &Split<'_>) -> Vec<Reference> {
    let distributions = training::distributions(&split.train).into_iter();
    let reference = |d: training::Distribution| Reference {
        feature: d.feature,
        valid: d.valid,
        null: d.null,
        quantiles: d.quantiles,
    };
    distributions.map(reference).collect()
}

/// Probes spread over the rows trained on that no filter blocks; half of them with a value that is not valid, where
/// there are such inputs.
fn probes(
    source: &Source,
    split: &Split<'_>,
    preprocess: &Preprocess,
    ensemble: &Ensemble,
    filters: &[BlockFilter],
) -> anyhow::Result<Vec<Probe>> {
    let (features, labels) = (source.dataset.features(), source.dataset.labels());
    let mut transform = preprocess.bind(&source.schema)?;
    let mut inputs = Inputs::new(transform.width());
    let first = split.train.rows().start;
    transform.extend_range(features, split.train.rows(), &mut inputs)?;
    let bound = BoundFilters::new(filters.to_vec(), &source.schema)?;
    let mut row = Row::new(features.width());
    // A row without a label is not trained on: one without a position, where the set looks at it.
    let mut ready: Vec<usize> =
        inputs.rows().iter().map(|row| first + row).filter(|row| labels.get(*row).is_some()).collect();
    ready
        .retain(|index| features.copy_row(*index, &mut row) && matches!(bound.evaluate(&row), Verdict::Pass));
    let sequence = preprocess.parts().sequence.get() as usize;
    let window = |row: usize| (row + 1).saturating_sub(sequence)..row + 1;
    let is_whole = |row: &usize| {
        window(*row).all(|row| (0..features.width()).all(|column| features.get(row, column).is_some()))
    };
    let (whole, partial): (Vec<usize>, Vec<usize>) = ready.into_iter().partition(is_whole);
    let take = if whole.is_empty() || partial.is_empty() { PROBES } else { PROBES / 2 };
    let mut chosen = [spread(&whole, take), spread(&partial, take)].concat();
    chosen.sort_unstable();
    let pipeline = Pipeline::new(preprocess, ensemble, filters, &source.schema)
        .map_err(|problems| refused(Path::new("the model"), &problems))?;
    let probe = |last: usize| {
        let mut rows = vec![Row::new(features.width()); window(last).len()];
        for (index, row) in window(last).zip(&mut rows) {
            features.copy_row(index, row);
        }
        Ok(pipeline.probe(&rows)?)
    };
    chosen.into_iter().map(probe).collect()
}

/// At most `count` of the rows, evenly spread, the first and the last among them.
fn spread(rows: &[usize], count: usize) -> Vec<usize> {
    let count = count.min(rows.len());
    let at = |index: usize| index * (rows.len() - 1) / (count - 1).max(1);
    (0..count).filter_map(|index| rows.get(at(index)).copied()).collect()
}
