//! From bars to a labelled dataset in a folder.

use std::fs;
use std::path::Path;

use feature_api::identity::Hash;
use feature_api::{
    Bar, BarSpec, Columns, EventKind, FeatureSet, FeatureVersion, Param, Position, Schema, Side, UnixNanos,
};
use market_data::table::TableWriter;
use market_data::{BarSeries, PositionEvent};

use crate::check::{check, labels};
use crate::manifest::Parts;
use crate::open::{check_finite, hash_file};
use crate::profile_file;
use crate::{
    Cache, CacheUse, DataHasher, DatasetError, LabelSpec, Labels, Manifest, PositionFeed, Profile, SplitSpec,
    Ties, data_hash, positions_hash,
};

/// Name of the file of rows.
pub(crate) const ROWS: &str = "rows.parquet";
/// Name of its last column.
pub(crate) const LABEL: &str = "label";

/// What is to be built.
#[derive(Debug, Clone)]
pub struct BuildOptions<'a> {
    /// The feature version.
    pub version: &'a FeatureVersion,
    /// The set.
    pub set: &'a str,
    /// Parameters other than the catalogue's.
    pub params: &'a [Param],
    /// Whether the bars carry volumes.
    pub volume: bool,
    /// The label.
    pub label: LabelSpec,
    /// Finer bars that decide which barrier came first: all on one grid, in order of time. Only for a label that has
    /// barriers. They decide only in bars that are made of them, as [`LabelSpec::label`] says; where not one of the
    /// bars that touch both barriers is, they are refused as those of other data.
    pub finer: Option<&'a [Bar]>,
    /// Changes of position, in order of time, with prices on the grid of the bars: demanded for a set that looks at the
    /// open position, refused for any other. The set is told of them as [`PositionFeed`] does. A row has a label only
    /// where a position is open at its close, and the label is taken along it, as [`LabelSpec::label_along`] says.
    pub positions: Option<&'a [PositionEvent]>,
    /// The split.
    pub split: SplitSpec,
    /// Where features are kept for the next build; `None`: nowhere. Those that hang on positions are not kept.
    pub cache: Option<&'a Cache>,
    /// Whether a profile is made and saved as `profile.json`.
    pub profile: bool,
    /// What share of the computing time each feature takes, from 0 to 1, as [`FeatureSet::time_shares`] measures it:
    /// it stands in the profile, where one is made. Features not named have none.
    pub time_shares: &'a [(&'a str, f64)],
}

/// What was built.
#[derive(Debug)]
pub struct Built {
    /// The manifest, as it was written.
    pub manifest: Manifest,
    /// How many labels hang on which barrier came first within a bar, and how many of these finer bars decided.
    pub ties: Ties,
    /// What came from the cache.
    pub cache: CacheUse,
    /// How the positions were used; `None` for a set that looks at none.
    pub positions: Option<PositionUse>,
    /// The profile, where one was asked for.
    pub profile: Option<Profile>,
}

/// How positions were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionUse {
    /// Changes of position.
    pub changes: u64,
    /// Of these, those after the last bar, which play no part.
    pub late: u64,
    /// Rows at whose close a position was open.
    pub rows: u64,
}

/// Builds a dataset into `folder`: `rows.parquet` (two times, a column for each feature, `label`), `manifest.json`
/// and, if asked for, `profile.json`. An existing dataset is replaced once the new one is whole; other files in the
/// folder are left alone.
///
/// Each file is written under another name, synced and renamed: rows, then manifest, then profile. Where a crash falls
/// between two renames, [`crate::Dataset::open`] finds that the rows are not those of the manifest and refuses them;
/// what was being written is left under names that begin with `.isobar-` and may be deleted.
///
/// # Errors
/// [`DatasetError`]; the dataset in the folder is then as it was, but for one that names a file which could not be
/// put in its place.
pub fn build(folder: &Path, series: &BarSeries, options: &BuildOptions<'_>) -> Result<Built, DatasetError> {
    let mut set = open_set(options)?;
    let warm_up = set.schema().warm_up();
    let (bars, span) = check(series, options, warm_up)?;
    let (features, cache, along) = features_of(set.as_mut(), series, options)?;
    let (labels, ties) = labels(series, options, along.as_ref().map(|along| along.sides.as_slice()))?;
    let computed = Computed {
        features,
        labels,
        bars,
        data_hash: data_hash(series),
        finer_hash: options.finer.map(finer_hash),
        positions_hash: options.positions.map(|events| positions_hash(series.grid, events)),
        span,
        warm_up,
    };
    let (manifest, profile) = store(folder, set.schema(), computed, options)?;
    Ok(Built { manifest, ties, cache, positions: along.map(|along| along.used), profile })
}

/// What a dataset is made of, and where it comes from.
pub(crate) struct Computed {
    pub(crate) features: Columns,
    pub(crate) labels: Labels,
    pub(crate) bars: BarSpec,
    pub(crate) data_hash: Hash,
    pub(crate) finer_hash: Option<Hash>,
    pub(crate) positions_hash: Option<Hash>,
    pub(crate) span: (UnixNanos, UnixNanos),
    pub(crate) warm_up: u32,
}

/// Writes the files of a dataset.
pub(crate) fn store(
    folder: &Path,
    schema: &Schema,
    computed: Computed,
    options: &BuildOptions<'_>,
) -> Result<(Manifest, Option<Profile>), DatasetError> {
    let Computed { features, labels, bars, data_hash, finer_hash, positions_hash, span, warm_up } = computed;
    let names: Vec<String> = schema.features().iter().map(|feature| feature.name.to_owned()).collect();
    check_finite(&names, &features)?;
    let parts = Parts::of(&options.split, &features, warm_up, options.label.horizon().get())?;
    let profile = if options.profile {
        Some(Profile::of(&names, &features).with_time_shares(options.time_shares)?)
    } else {
        None
    };

    let wrap = |source| DatasetError::Write { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(wrap)?;
    let staging = tempfile::Builder::new().prefix(".isobar-").tempdir_in(folder).map_err(wrap)?;
    let rows = staging.path().join(ROWS);
    let (count, labelled) = (features.len() as u64, labels.labelled() as u64);
    write_rows(&rows, &names, features, labels)?;
    let rows_hash = hash_file(&rows).map_err(wrap)?;
    let manifest = Manifest {
        features: options.version.name.to_owned(),
        version: options.version.version.to_owned(),
        source_hash: options.version.source_hash,
        output_hash: options.version.output_hash,
        set: schema.set().to_owned(),
        params: schema.params().to_vec(),
        schema_hash: schema.hash(),
        names,
        bars,
        data_hash,
        finer_hash,
        positions_hash,
        rows: count,
        labelled,
        span,
        warm_up,
        label: options.label,
        split: options.split,
        parts,
        rows_hash,
    };
    place(folder, &rows, &manifest, profile.as_ref())?;
    Ok((manifest, profile))
}

/// The set, fresh; one that takes positions if there are some, and has no feature named as the label.
fn open_set(options: &BuildOptions<'_>) -> Result<Box<dyn FeatureSet>, DatasetError> {
    let version = options.version;
    let set = version.open(options.set, options.params)?;
    if options.positions.is_some() && !set.schema().takes_position() {
        let (set, version) = (options.set.to_owned(), version.to_string());
        return Err(DatasetError::NoPosition { set, version });
    }
    if options.positions.is_none() && set.schema().takes_position() {
        let of_bars = |name: &&str| version.open(name, &[]).is_ok_and(|set| !set.schema().takes_position());
        return Err(DatasetError::Position {
            set: options.set.to_owned(),
            version: version.to_string(),
            others: version.sets.iter().copied().filter(of_bars).collect(),
        });
    }
    if !set.takes().contains(&EventKind::Bar) {
        let reason = format!("the set {} of {version} is driven by them, not by bars", options.set);
        return Err(DatasetError::Events { reason });
    }
    unlabelled(set, options)
}

/// The set, fresh, whatever drives it.
pub(crate) fn open_set_of(options: &BuildOptions<'_>) -> Result<Box<dyn FeatureSet>, DatasetError> {
    unlabelled(options.version.open(options.set, options.params)?, options)
}

/// The set, if it has no feature named as the label.
fn unlabelled(
    set: Box<dyn FeatureSet>,
    options: &BuildOptions<'_>,
) -> Result<Box<dyn FeatureSet>, DatasetError> {
    match set.schema().features().iter().find(|feature| feature.name == LABEL) {
        Some(feature) => Err(DatasetError::FeatureName { set: options.set.to_owned(), name: feature.name }),
        None => Ok(set),
    }
}

/// Where positions are open.
struct Along {
    /// At the close of each bar.
    sides: Vec<Option<Side>>,
    used: PositionUse,
}

/// Features of every bar, a row for each, and the positions that the set was told.
fn features_of(
    set: &mut dyn FeatureSet,
    series: &BarSeries,
    options: &BuildOptions<'_>,
) -> Result<(Columns, CacheUse, Option<Along>), DatasetError> {
    let mut features = Columns::new(set.schema().width());
    let mut cache = CacheUse { read: 0, computed: 0, notes: Vec::new() };
    let mut along = None;
    match (options.positions, options.cache) {
        (Some(events), used) => {
            along = Some(features_along(set, &series.bars, events, &mut features)?);
            if used.is_some() {
                let note =
                    "nothing is kept: features of the open position hang on the positions, not on bars alone";
                cache.notes.push(note.to_owned());
            }
        }
        (None, Some(kept)) => (features, cache) = kept.features(options.version, set, series)?,
        (None, None) => continue_from(set, &series.bars, &mut features)?,
    }
    cache.computed = (features.len() as u64).saturating_sub(cache.read);
    let (expected, found) = (series.bars.len(), features.len());
    if expected == found {
        return Ok((features, cache, along));
    }
    Err(DatasetError::Rows { set: options.set.to_owned(), expected, found })
}

/// Appends the rows of all bars, with the set told of positions on the way.
fn features_along(
    set: &mut dyn FeatureSet,
    bars: &[Bar],
    events: &[PositionEvent],
    features: &mut Columns,
) -> Result<Along, DatasetError> {
    let mut feed = PositionFeed::new(events);
    let mut sides = Vec::with_capacity(bars.len());
    let mut left = bars;
    while !left.is_empty() {
        let (now, later) = feed.tell(set, left)?;
        let updated = set.update_bars(now, features);
        updated.map_err(|source| DatasetError::Update { bar: features.len(), source })?;
        sides.resize(sides.len() + now.len(), feed.open().map(|Position { side, .. }| side));
        left = later;
    }
    let rows = sides.iter().flatten().count() as u64;
    let used = PositionUse { changes: events.len() as u64, late: feed.left() as u64, rows };
    Ok(Along { sides, used })
}

/// Appends the rows of `bars`, of which `features` has the first ones already.
pub(crate) fn continue_from(
    set: &mut dyn FeatureSet,
    bars: &[Bar],
    features: &mut Columns,
) -> Result<(), DatasetError> {
    let rest = bars.get(features.len()..).unwrap_or_default();
    let updated = set.update_bars(rest, features);
    updated.map_err(|source| DatasetError::Update { bar: features.len(), source })
}

fn finer_hash(finer: &[Bar]) -> Hash {
    let mut hasher = DataHasher::new(finer.first().map(Bar::grid).unwrap_or_default());
    finer.iter().for_each(|bar| hasher.update(bar));
    hasher.finish()
}

/// Writes features and labels to `path`.
fn write_rows(
    path: &Path,
    names: &[String],
    mut features: Columns,
    labels: Labels,
) -> Result<(), DatasetError> {
    let all: Vec<&str> = names.iter().map(String::as_str).chain([LABEL]).collect();
    let (expected, found) = (features.len(), labels.len());
    let (values, valid) = labels.into_parts();
    if !features.add_column(values, valid) {
        return Err(DatasetError::Rows { set: LABEL.to_owned(), expected, found });
    }
    let mut table = TableWriter::create(path, &all)?;
    table.write(&features)?;
    Ok(table.finish()?)
}

/// Puts the files in their places: everything is written before the first is.
fn place(
    folder: &Path,
    rows: &Path,
    manifest: &Manifest,
    profile: Option<&Profile>,
) -> Result<(), DatasetError> {
    let staged_manifest = manifest.stage(folder)?;
    let staged_profile =
        profile.map(|profile| profile_file::stage(folder, profile, manifest.rows_hash)).transpose()?;
    let path = folder.join(ROWS);
    fs::rename(rows, &path).map_err(|source| DatasetError::Write { path, source })?;
    staged_manifest.commit()?;
    match staged_profile {
        Some(profile) => Ok(profile.commit()?),
        // One that stood there is of other rows.
        None => profile_file::remove(folder),
    }
}
