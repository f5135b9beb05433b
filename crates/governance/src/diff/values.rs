//! The values of two versions, row by row: computed by `feature-registry`'s binary `compare`, since nothing here
//! links a version, and read back from its JSON. `feature_registry::compare` says how rows are compared.

use std::path::absolute;

use serde::{Deserialize, Serialize};

use super::BarFile;
use crate::{Error, Workspace};

/// The features that sets of the same name have in both versions, compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Values {
    /// One entry for each input.
    pub inputs: Vec<InputValues>,
}

/// Two versions over one input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputValues {
    /// What the input is, as a noun.
    pub input: String,
    /// What is to be known of it.
    pub notes: Vec<String>,
    /// Stretches of events, each for fresh sets.
    pub tapes: u64,
    /// Events in all tapes.
    pub events: u64,
    /// Those of them that tell a position.
    pub positions: u64,
    /// The sets that both versions have, in the older one's order.
    pub sets: Vec<SetValues>,
}

/// A set of two versions over one input, with the catalogue's parameters of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetValues {
    /// Name of the set.
    pub set: String,
    /// Rows that both give, which are compared.
    pub rows: u64,
    /// Rows that the old version alone gives.
    pub rows_of_old_alone: u64,
    /// Rows that the new version alone gives.
    pub rows_of_new_alone: u64,
    /// Rows of both whose times (`ts_event`, `ts_available`) differ.
    pub times_differ: u64,
    /// Events that one version takes and the other refuses.
    pub refused_by_one: u64,
    /// What the old version refuses.
    pub refused_by_old: Refused,
    /// What the new version refuses.
    pub refused_by_new: Refused,
    /// The features of the set in both versions, in the older one's order.
    pub features: Vec<FeatureValues>,
}

/// Events a set refuses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// How many.
    pub events: u64,
    /// Why the first.
    pub reason: Option<String>,
}

/// A feature of two versions over one input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureValues {
    /// Name of the feature.
    pub feature: String,
    /// Rows whose bits differ, or that are valid in one version alone.
    pub differ: u64,
    /// Those of them that are valid in one version alone.
    pub validity_differs: u64,
    /// Rows that are valid in both.
    pub valid: u64,
    /// The largest |new − old| of rows that are valid in both and differ.
    pub largest_absolute: Option<String>,
    /// The largest distance in units in the last place of rows that are valid in both and differ; −0.0 and 0.0 are
    /// neighbours.
    pub largest_ulps: Option<u64>,
    /// The first row that differs.
    pub first: Option<FirstDifference>,
}

/// The first row in which a feature differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstDifference {
    /// The tape, from 0.
    pub tape: u64,
    /// The row among those of the tape that both versions give, from 0.
    pub row: u64,
    /// Its `ts_event` in the old version, in nanoseconds since 1970.
    pub ts_event: i64,
    /// The value of the old version; `None` where it is not valid.
    pub old: Option<String>,
    /// The value of the new version; `None` where it is not valid.
    pub new: Option<String>,
}

impl Values {
    /// Runs the comparison: in debug, which takes a second for 100,000 bars and is built in half the time.
    pub(super) fn of(
        workspace: &Workspace,
        old: &str,
        new: &str,
        bars: Option<&BarFile>,
    ) -> Result<Self, Error> {
        let line = format!("cargo run --package feature-registry --bin compare -- {old} {new}");
        let failed = |reason: String| Error::Command { command: line.clone(), reason };
        let mut command = workspace.cargo();
        command.args(["run", "--quiet", "--package", "feature-registry", "--bin", "compare", "--", old, new]);
        if let Some(BarFile { path, options }) = bars {
            command.arg("--bars").arg(absolute(path).map_err(Error::io(path))?).args(options);
        }
        let output = command.output().map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr);
            let reason = reason.trim();
            return Err(failed(reason.strip_prefix("error: ").unwrap_or(reason).to_owned()));
        }
        Self::parse(&output.stdout)
            .map_err(|error| failed(format!("expected JSON as feature_registry::compare prints it: {error}")))
    }

    /// Reads the JSON of `feature_registry::compare`.
    ///
    /// # Errors
    /// Where it is not that.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }

    pub(super) fn differing_features(&self) -> usize {
        let sets = self.inputs.iter().flat_map(|input| &input.sets);
        let features = sets.flat_map(|set| set.features.iter().map(move |feature| (&set.set, feature)));
        let mut differing: Vec<_> = features
            .filter(|(_, feature)| feature.differ > 0)
            .map(|(set, feature)| (set, &feature.feature))
            .collect();
        differing.sort_unstable();
        differing.dedup();
        differing.len()
    }

    pub(super) fn sets_with_other_rows(&self) -> usize {
        let sets = self.inputs.iter().flat_map(|input| &input.sets);
        let mut names: Vec<_> = sets.filter(|set| !set.has_same_rows()).map(|set| &set.set).collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    }
}

impl SetValues {
    /// Whether both versions give rows, for the same events, at the same times.
    pub(super) const fn has_same_rows(&self) -> bool {
        self.rows > 0
            && self.rows_of_old_alone == 0
            && self.rows_of_new_alone == 0
            && self.times_differ == 0
            && self.refused_by_one == 0
    }
}
