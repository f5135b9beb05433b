//! What changed between two versions, as a reviewer needs it: schemas, values, text.
//!
//! [`Diff::between`] reads, [`Diff::terminal`], [`Diff::markdown`] and [`Diff::json`] say the same; JSON also lists
//! the features that do not differ.

mod page;
mod render;
mod schema;
mod text;
mod values;

use std::path::PathBuf;

use serde::Serialize;

pub use schema::{Changed, Field, Listed, Moved, SetDiff};
pub use text::{FileDiff, FileStatus, TextDiff};
pub use values::{FeatureValues, FirstDifference, InputValues, Refused, SetValues, Values};

use crate::{Error, Facts, Profile, Workspace};

/// What changed between two versions.
///
/// As JSON its fields, and those of the structs within, are named as here; a missing value is `null`; indices are
/// from 0; a float is a text, the shortest decimal that reads back as the same bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The old version.
    pub old: Identity,
    /// The new version.
    pub new: Identity,
    /// What there is in all.
    pub summary: Summary,
    /// Every set of either version: the old one's in its order, then those that are new.
    pub schema: Vec<SetDiff>,
    /// The features of both versions, compared row by row.
    pub values: Values,
    /// The folders of both versions, compared line by line.
    pub text: TextDiff,
}

/// A version that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Name of the crate.
    pub name: String,
    /// Exact version of the crate.
    pub version: String,
    /// Source hash.
    pub source_hash: String,
    /// Output hash, computed now.
    pub output_hash: String,
    /// The output hash its goldens record.
    pub golden_output_hash: String,
}

/// How much changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Features added, removed, moved; parameters and parts of features changed. Without those below.
    pub schema_changes: usize,
    /// Docs and measured convergences changed, which are no part of a schema hash.
    pub described_changes: usize,
    /// Features whose values differ on any input; a feature counts once in each set.
    pub differing_features: usize,
    /// Sets that could not be compared in every row of every input: no rows, rows or refusals of one version alone,
    /// other times.
    pub sets_with_other_rows: usize,
    /// Files that differ.
    pub differing_files: usize,
}

impl Summary {
    /// Whether nothing differs and everything was compared.
    #[must_use]
    pub fn is_same(&self) -> bool {
        let Self {
            schema_changes,
            described_changes,
            differing_features,
            sets_with_other_rows,
            differing_files,
        } = self;
        [schema_changes, described_changes, differing_features, sets_with_other_rows, differing_files]
            .iter()
            .all(|count| **count == 0)
    }
}

/// A file of bars to compare values on, besides the canonical events.
#[derive(Debug, Clone)]
pub struct BarFile {
    /// The file.
    pub path: PathBuf,
    /// Options of `feature-registry`'s `compare` that say how it is read, such as `--float-noise=round`.
    pub options: Vec<String>,
}

impl Diff {
    /// Compares two versions, each named as [`Workspace::find_version`] takes it.
    ///
    /// # Errors
    /// [`Error`] where there is no such version, one does not build, or the bars cannot be read.
    pub fn between(
        workspace: &Workspace,
        old: &str,
        new: &str,
        bars: Option<&BarFile>,
    ) -> Result<Self, Error> {
        let [old, new] = [workspace.find_version(old)?.name, workspace.find_version(new)?.name];
        let text = TextDiff::between(&workspace.root().join(&old), &workspace.root().join(&new))?;
        let old_facts = Facts::of(workspace, &old, Profile::Debug)?;
        let new_facts = Facts::of(workspace, &new, Profile::Debug)?;
        let values = Values::of(workspace, &old, &new, bars)?;
        Ok(Self::of(&old_facts, &new_facts, values, text))
    }

    /// A diff of what was read.
    #[must_use]
    pub fn of(old: &Facts, new: &Facts, values: Values, text: TextDiff) -> Self {
        let schema = schema::sets(old, new);
        let changes = schema.iter().flat_map(|set| &set.changed);
        let described = changes.filter(|change| change.field.only_describes()).count();
        let summary = Summary {
            schema_changes: schema.iter().map(SetDiff::changes).sum::<usize>() - described,
            described_changes: described,
            differing_features: values.differing_features(),
            sets_with_other_rows: values.sets_with_other_rows(),
            differing_files: text.files.len(),
        };
        Self { old: Identity::of(old), new: Identity::of(new), summary, schema, values, text }
    }

    /// For a terminal; with colours where it shows them.
    #[must_use]
    pub fn terminal(&self, colours: bool) -> String {
        render::terminal(&page::blocks(self), colours)
    }

    /// Markdown, as GitHub shows it.
    #[must_use]
    pub fn markdown(&self) -> String {
        render::markdown(&page::blocks(self))
    }

    /// One JSON object.
    ///
    /// # Errors
    /// Never: every field has a form in JSON.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

impl Identity {
    fn of(facts: &Facts) -> Self {
        Self {
            name: facts.name.clone(),
            version: facts.version.clone(),
            source_hash: facts.source_hash.clone(),
            output_hash: facts.output_hash.clone(),
            golden_output_hash: facts.golden_output_hash.clone(),
        }
    }

    /// Short name: `v1`.
    #[must_use]
    pub fn short(&self) -> &str {
        self.name.strip_prefix("features-").unwrap_or(&self.name)
    }
}
