//! `manifest.json`: where a dataset comes from.

use std::io::Write as _;
use std::ops::Range;
use std::path::Path;

use feature_api::identity::Hash;
use feature_api::{BarSpec, Columns, Param, UnixNanos};
use market_data::file::AtomicFile;

use crate::manifest_json::ManifestJson;
use crate::split::parts;
use crate::{DatasetError, LabelSpec, SplitSpec};

/// Name of the file.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Where a dataset comes from. Written beside its rows as `manifest.json`, for any program to read: hashes are 64
/// hexadecimal digits, times nanoseconds since 1970 as integers, and each of `parts` has the first of its rows as
/// `from`, counted from 0, the one behind its last as `to`, and as `ts_available` those of its first and its last.
///
/// Its last field in the file, `manifest_hash`, is the sha256 over all others, so that an edit is noticed when it is
/// read: over the UTF-8 text of the file with an empty `manifest_hash` and without the white space between its tokens,
/// that is, with its fields in the order in which they are written. White space and the order of fields may change; a
/// field or a value may not. It guards against accidents; who edits on purpose can compute it anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Name of the feature version's crate.
    pub features: String,
    /// Exact version of that crate.
    pub version: String,
    /// Its source hash.
    pub source_hash: Hash,
    /// Its output hash.
    pub output_hash: Hash,
    /// The set.
    pub set: String,
    /// Its parameters, every one.
    pub params: Vec<Param>,
    /// Schema hash of the set with these parameters.
    pub schema_hash: Hash,
    /// Names of the features, in order.
    pub names: Vec<String>,
    /// What the set was fed.
    pub bars: BarSpec,
    /// Hash of the bars, see [`crate::data_hash`], or of the events, see [`crate::EventHasher`].
    pub data_hash: Hash,
    /// Hash of the finer bars that decided between barriers, on the grid of the first of them; `None` without.
    pub finer_hash: Option<Hash>,
    /// Hash of the positions the set was told, which the labels are taken along; see [`crate::positions_hash`]. `None`
    /// for a set that looks at none; the file then has no such field.
    pub positions_hash: Option<Hash>,
    /// Number of rows.
    pub rows: u64,
    /// Rows that have a label.
    pub labelled: u64,
    /// Open of the first bar and close of the last; of events, when the first could be known, and the last row.
    pub span: (UnixNanos, UnixNanos),
    /// First rows that are in no part: the bars that must have been seen before the one from which on every feature is
    /// valid, as the schema of the set states them; where features are on other clocks than the rows, on until each has
    /// had a value.
    pub warm_up: u32,
    /// What the label is.
    pub label: LabelSpec,
    /// How the rows are split.
    pub split: SplitSpec,
    /// The rows of each part, after warm-up, purge and embargo: what [`crate::Dataset::split`] gives.
    pub parts: Parts,
    /// sha256 of `rows.parquet`.
    pub rows_hash: Hash,
}

/// The rows of the three parts of a split, after warm-up, purge and embargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// To be trained on.
    pub train: Part,
    /// To choose by.
    pub validation: Part,
    /// To be looked at once.
    pub test: Part,
}

/// The rows of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which rows.
    pub rows: Range<u64>,
    /// `ts_available` of the first and the last.
    pub ts_available: (UnixNanos, UnixNanos),
}

impl Manifest {
    /// Reads the manifest of a dataset. The rows are not looked at; [`crate::Dataset::open`] does.
    ///
    /// # Errors
    /// [`DatasetError::Read`], [`DatasetError::Json`], and [`DatasetError::Mismatch`] with every field that cannot be, and
    /// where the fields are not those that were written.
    pub fn read(folder: &Path) -> Result<Self, DatasetError> {
        let path = folder.join(MANIFEST);
        let text =
            std::fs::read(&path).map_err(|source| DatasetError::Read { path: path.clone(), source })?;
        let json: ManifestJson =
            serde_json::from_slice(&text).map_err(|source| DatasetError::Json { path, source })?;
        json.into_manifest().map_err(|problems| DatasetError::Mismatch { path: folder.to_owned(), problems })
    }

    /// Writes it to a file that stands in `folder` once it is committed.
    pub(crate) fn stage(&self, folder: &Path) -> Result<AtomicFile, DatasetError> {
        let path = folder.join(MANIFEST);
        match ManifestJson::of(self) {
            Ok(json) => stage_json(&path, &json),
            Err(source) => Err(DatasetError::Json { path, source }),
        }
    }
}

impl Parts {
    /// The parts of rows behind the first `warm_up`, with labels that look `horizon` bars ahead.
    pub(crate) fn of(
        spec: &SplitSpec,
        rows: &Columns,
        warm_up: u32,
        horizon: u32,
    ) -> Result<Self, DatasetError> {
        let [train, validation, test] =
            parts(spec, rows.len(), warm_up, horizon)?.map(|range| Part::of(&range, &rows.ts_available));
        Ok(Self { train, validation, test })
    }
}

impl Part {
    fn of(rows: &Range<usize>, ts_available: &[UnixNanos]) -> Self {
        let part = ts_available.get(rows.clone()).unwrap_or_default();
        let ts = |ts: Option<&UnixNanos>| ts.copied().unwrap_or_default();
        Self { rows: rows.start as u64..rows.end as u64, ts_available: (ts(part.first()), ts(part.last())) }
    }
}

/// Writes JSON for people to read to a file that stands at `path` once it is committed.
pub(crate) fn stage_json(path: &Path, value: &impl serde::Serialize) -> Result<AtomicFile, DatasetError> {
    let mut text = serde_json::to_vec_pretty(value)
        .map_err(|source| DatasetError::Json { path: path.to_owned(), source })?;
    text.push(b'\n');
    let mut file = AtomicFile::create(path)?;
    file.write_all(&text).map_err(|source| DatasetError::Write { path: path.to_owned(), source })?;
    Ok(file)
}
