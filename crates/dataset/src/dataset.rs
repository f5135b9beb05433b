//! A dataset in memory.

use std::fmt;
use std::path::Path;

use feature_api::Columns;

use crate::open::{read_rows, verify};
use crate::{DatasetError, Fold, Labels, Manifest, Profile, Split, WalkForward};

/// A labelled feature matrix with its manifest.
#[derive(Clone)]
pub struct Dataset {
    manifest: Manifest,
    features: Columns,
    labels: Labels,
}

impl Dataset {
    /// Reads a folder that [`crate::build`] wrote, and checks the manifest against its own hash and the rows
    /// against the manifest: their hash, names, number, times, labels and parts.
    ///
    /// # Errors
    /// [`DatasetError::Read`], [`DatasetError::Json`], [`DatasetError::Data`] where a file is missing or cannot be
    /// read, and [`DatasetError::Mismatch`] with everything that does not agree.
    pub fn open(folder: &Path) -> Result<Self, DatasetError> {
        let manifest = Manifest::read(folder)?;
        let (names, features, labels) = read_rows(folder, &manifest)?;
        verify(folder, &manifest, &names, &features, &labels)?;
        Ok(Self { manifest, features, labels })
    }

    /// Where it comes from.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The features: a row for each bar, in order of time.
    #[must_use]
    pub const fn features(&self) -> &Columns {
        &self.features
    }

    /// A label for each row, or none.
    #[must_use]
    pub const fn labels(&self) -> &Labels {
        &self.labels
    }

    /// What the features look like, over all rows.
    #[must_use]
    pub fn profile(&self) -> Profile {
        Profile::of(&self.manifest.names, &self.features)
    }

    /// The three parts by time that the manifest states.
    ///
    /// # Errors
    /// [`DatasetError::EmptyPart`] where a part would be empty.
    pub fn split(&self) -> Result<Split<'_>, DatasetError> {
        Split::of(self)
    }

    /// Walk-forward folds.
    ///
    /// # Errors
    /// [`DatasetError::NoFolds`], or [`DatasetError::EmptyPart`] where a fold would have no rows.
    pub fn walk_forward(&self, spec: &WalkForward) -> Result<Vec<Fold<'_>>, DatasetError> {
        Fold::all(self, spec)
    }
}

impl fmt::Debug for Dataset {
    /// The manifest alone: the rows fill screens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}
