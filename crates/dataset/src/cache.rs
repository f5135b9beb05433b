//! Features of bars that were seen before.
//!
//! The folder has a folder for each key: version, source hash, set with its parameters, grid. In it stand the entries,
//! three files each, named by the hash of their bars: the features (`.parquet`), the state of the set behind the last
//! bar (`.state`) and what describes them (`.json`), with the sha256 of the other two. The description is written
//! last, each file is written whole and renamed, and the same bars give the same bytes: two programs that write the
//! same entry at once do no harm. Nothing is ever deleted; the folder may be, at any time.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use feature_api::identity::{Hash, sha256};
use feature_api::{Columns, FeatureSet, FeatureVersion, Grid, Schema};
use market_data::BarSeries;
use market_data::file::AtomicFile;
use market_data::table::{TableWriter, read_table};
use serde::{Deserialize, Serialize};

use crate::build::continue_from;
use crate::manifest::stage_json;
use crate::open::hash_file;
use crate::{DataHasher, DatasetError, cache_grid};

/// The format that is written and read.
const FORMAT: u32 = 1;
/// A description is a few hundred bytes; nothing larger is read.
const DESCRIPTION_MAX: u64 = 1 << 16;

/// A folder of features that were computed before, by version, source hash, set, parameters, grid and data hash.
///
/// Bars that begin with the bars of an entry are computed from its end on; the bits are those of a full build. An
/// entry is used only where its files have the hashes it states and the hash of its bars is that of as many first
/// bars; any other is left alone with a note, and its rows are computed.
///
/// Bars that are appended may need more decimals than those before. All are then on another grid, on which the cache has
/// no entry: everything is computed, once, and a note says so. Bars that are read with the decimals stated do not change
/// their grid.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// What of a build came from the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheUse {
    /// Rows that were read.
    pub read: u64,
    /// Rows that were computed.
    pub computed: u64,
    /// Entries that could not be used or written, and why, a sentence each; among them the same bars on another grid.
    pub notes: Vec<String>,
}

/// Whose features an entry has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    features: String,
    version: String,
    source_hash: String,
    set: String,
    schema_hash: String,
    price_scale: u8,
    qty_scale: u8,
}

/// What an entry says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    format: u32,
    key: Key,
    /// Number of bars, and of rows.
    rows: u64,
    data_hash: String,
    rows_hash: String,
    state_hash: String,
}

impl Cache {
    /// A cache in that folder, which is made when the first entry is written.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The features of every bar, as far as possible from an entry; the rest is computed, and all of it kept.
    pub(crate) fn features(
        &self,
        version: &FeatureVersion,
        set: &mut dyn FeatureSet,
        series: &BarSeries,
    ) -> Result<(Columns, CacheUse), DatasetError> {
        let shelf = self.shelf(Key::of(version, set.schema(), series.grid));
        let mut notes = Vec::new();
        let mut descriptions = shelf.descriptions(&mut notes);
        // The longest first.
        descriptions.sort_by(|one, other| (other.rows, &one.data_hash).cmp(&(one.rows, &other.data_hash)));
        let hashes = prefix_hashes(series, &descriptions);

        let mut features = Columns::new(set.schema().width());
        for description in descriptions.iter().filter(|entry| hashes.contains(&entry.data_hash)) {
            match shelf.read(description, set) {
                Ok(columns) => {
                    features = columns;
                    break;
                }
                Err(reason) => {
                    set.reset();
                    notes
                        .push(format!("{} is not used: {reason}", shelf.path(description, "json").display()));
                }
            }
        }
        let read = features.len();
        if read == 0 {
            notes.extend(self.on_other_grid(version, set.schema(), series));
        }
        continue_from(set, &series.bars, &mut features)?;
        let computed = features.len().saturating_sub(read);
        if computed > 0 && features.len() == series.bars.len() {
            let data_hash = hashes.last().cloned().unwrap_or_default();
            if let Err(error) = shelf.write(&data_hash, set, &features) {
                notes.push(format!("the features are not kept for the next build: {error}"));
            }
        }
        Ok((features, CacheUse { read: read as u64, computed: computed as u64, notes }))
    }
}

impl Cache {
    fn shelf(&self, key: Key) -> Shelf {
        Shelf { folder: self.folder.join(key.hash().to_string()), key }
    }

    /// Why nothing was read although an entry has the first bars: it has them on another grid.
    fn on_other_grid(&self, version: &FeatureVersion, schema: &Schema, series: &BarSeries) -> Option<String> {
        for grid in cache_grid::others(series.grid) {
            let shelf = self.shelf(Key::of(version, schema, grid));
            let entries = shelf.descriptions(&mut Vec::new());
            let has_bars =
                |entry: &&Description| cache_grid::has_hash(series, entry.rows, grid, &entry.data_hash);
            if let Some(entry) = entries.iter().find(has_bars) {
                return Some(format!(
                    "the first {} bars are in the cache with {grid}, but the bars have {} now, so all of them were \
                     computed: state the decimals as the bars are read (--price-decimals, --volume-decimals) so that \
                     bars which are appended cannot change them",
                    entry.rows, series.grid
                ));
            }
        }
        None
    }
}

impl Key {
    fn of(version: &FeatureVersion, schema: &Schema, grid: Grid) -> Self {
        Self {
            features: version.name.to_owned(),
            version: version.version.to_owned(),
            source_hash: version.source_hash.to_string(),
            set: schema.set().to_owned(),
            schema_hash: schema.hash().to_string(),
            price_scale: grid.price_scale(),
            qty_scale: grid.qty_scale(),
        }
    }

    fn hash(&self) -> Hash {
        let Self { features, version, source_hash, set, schema_hash, price_scale, qty_scale } = self;
        let text = format!(
            "isobar cache 1\n{features}\n{version}\n{source_hash}\n{set}\n{schema_hash}\n{price_scale}\n{qty_scale}\n"
        );
        sha256(text.as_bytes())
    }
}

/// The hash of as many first bars as each entry has, where there are as many; the last is that of all bars.
fn prefix_hashes(series: &BarSeries, descriptions: &[Description]) -> Vec<String> {
    let mut lengths: Vec<u64> = descriptions.iter().map(|entry| entry.rows).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut lengths = lengths.into_iter().peekable();
    let (mut hasher, mut hashes) = (DataHasher::new(series.grid), Vec::new());
    for (index, bar) in series.bars.iter().enumerate() {
        hasher.update(bar);
        if lengths.next_if(|length| *length == index as u64 + 1).is_some() {
            hashes.push(hasher.clone().finish().to_string());
        }
    }
    hashes.push(hasher.finish().to_string());
    hashes
}

/// The entries of one key.
struct Shelf {
    folder: PathBuf,
    key: Key,
}

impl Shelf {
    fn path(&self, description: &Description, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", description.data_hash))
    }

    /// What describes each entry, in any order; a note for each that is none.
    fn descriptions(&self, notes: &mut Vec<String>) -> Vec<Description> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                notes.push(format!("{} is not used: {error}", self.folder.display()));
                return Vec::new();
            }
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        let mut descriptions = Vec::new();
        for path in paths {
            match self.describe(&path) {
                Ok(description) => descriptions.push(description),
                Err(reason) => notes.push(format!("{} is not used: {reason}", path.display())),
            }
        }
        descriptions
    }

    fn describe(&self, path: &Path) -> Result<Description, String> {
        let length = fs::metadata(path).map_err(|error| error.to_string())?.len();
        if length > DESCRIPTION_MAX {
            return Err(format!("{length} bytes are no description of an entry"));
        }
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        let description: Description = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        if description.format != FORMAT {
            return Err(format!("its format is {}, not {FORMAT}", description.format));
        }
        if description.key != self.key {
            return Err("it is of another version, set or grid".to_owned());
        }
        if description.rows == 0 || Hash::parse(&description.data_hash).is_none() {
            return Err("it is of no bars".to_owned());
        }
        Ok(description)
    }

    /// The features of an entry; `set` then stands behind its last bar.
    fn read(&self, description: &Description, set: &mut dyn FeatureSet) -> Result<Columns, String> {
        let path = self.path(description, "parquet");
        check_hash(
            "features",
            &hash_file(&path).map_err(|error| error.to_string())?,
            &description.rows_hash,
        )?;
        let table = read_table(&path).map_err(|error| error.to_string())?;
        if !table.names.iter().map(String::as_str).eq(set.schema().features().iter().map(|spec| spec.name)) {
            return Err("its features have other names".to_owned());
        }
        if table.rows.len() as u64 != description.rows {
            return Err(format!("it has {} rows, but states {}", table.rows.len(), description.rows));
        }
        let state = fs::read(self.path(description, "state")).map_err(|error| error.to_string())?;
        check_hash("state", &sha256(&state), &description.state_hash)?;
        set.restore(&state).map_err(|error| error.to_string())?;
        Ok(table.rows)
    }

    /// Writes an entry: what describes it last.
    fn write(&self, data_hash: &str, set: &dyn FeatureSet, features: &Columns) -> Result<(), DatasetError> {
        let wrap = |path: &Path| {
            let path = path.to_owned();
            move |source| DatasetError::Write { path, source }
        };
        fs::create_dir_all(&self.folder).map_err(wrap(&self.folder))?;
        let mut description = Description {
            format: FORMAT,
            key: self.key.clone(),
            rows: features.len() as u64,
            data_hash: data_hash.to_owned(),
            rows_hash: String::new(),
            state_hash: String::new(),
        };
        let rows = self.path(&description, "parquet");
        let names: Vec<&str> = set.schema().features().iter().map(|spec| spec.name).collect();
        let mut table = TableWriter::create(&rows, &names)?;
        table.write(features)?;
        table.finish()?;
        description.rows_hash = hash_file(&rows).map_err(wrap(&rows))?.to_string();

        let (path, state) = (self.path(&description, "state"), set.snapshot());
        description.state_hash = sha256(&state).to_string();
        let mut file = AtomicFile::create(&path)?;
        file.write_all(&state).map_err(wrap(&path))?;
        file.commit()?;
        Ok(stage_json(&self.path(&description, "json"), &description)?.commit()?)
    }
}

fn check_hash(what: &str, found: &Hash, expected: &str) -> Result<(), String> {
    let found = found.to_string();
    if found == expected {
        return Ok(());
    }
    Err(format!("its {what} are damaged: sha256 is {found}, it states {expected}"))
}
