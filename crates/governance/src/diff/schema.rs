//! What changed in the schemas of two versions, set by set.

use std::fmt;

use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::{Facts, FeatureFacts, SetFacts};

/// A set of either version, with the catalogue's parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetDiff {
    /// Name of the set.
    pub set: String,
    /// Schema hash in the old version; `None` where the set is added.
    pub old_schema_hash: Option<String>,
    /// Schema hash in the new version; `None` where the set is removed.
    pub new_schema_hash: Option<String>,
    /// Number of features in the old version.
    pub old_features: usize,
    /// Number of features in the new version.
    pub new_features: usize,
    /// Features of the new version alone, in its order.
    pub added: Vec<Listed>,
    /// Features of the old version alone, in its order.
    pub removed: Vec<Listed>,
    /// The fewest features of both whose order among those of both is another, in the old version's order.
    pub moved: Vec<Moved>,
    /// Parameters, then features of both in the old version's order, that are not as they were.
    pub changed: Vec<Changed>,
}

/// A feature of one version alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Name.
    pub feature: String,
    /// Index in its set, from 0.
    pub index: usize,
    /// Formula.
    pub formula: String,
}

/// A feature whose place is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Name.
    pub feature: String,
    /// Index in the old version, from 0.
    pub old: usize,
    /// Index in the new version, from 0.
    pub new: usize,
}

/// A part of a feature, or a parameter, that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Name of the feature or the parameter.
    pub name: String,
    /// What of it.
    pub field: Field,
    /// In the old version; `None` for a parameter it does not have.
    pub old: Option<String>,
    /// In the new version; `None` for a parameter it does not have.
    pub new: Option<String>,
}

/// What of a set can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The value of a parameter of the set.
    Parameter,
    /// Formula.
    Formula,
    /// Value where the formula has none.
    Degenerate,
    /// Values it can take.
    Range,
    /// Inputs before the first value.
    WarmUp,
    /// How far back it looks.
    Memory,
    /// Measured convergence.
    Convergence,
    /// Text.
    Doc,
}

impl Field {
    /// Whether it is a text or a measurement, which no schema hash sees.
    #[must_use]
    pub const fn only_describes(self) -> bool {
        match self {
            Self::Convergence | Self::Doc => true,
            Self::Parameter
            | Self::Formula
            | Self::Degenerate
            | Self::Range
            | Self::WarmUp
            | Self::Memory => false,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parameter => "parameter",
            Self::Formula => "formula",
            Self::Degenerate => "degenerate",
            Self::Range => "range",
            Self::WarmUp => "warm-up",
            Self::Memory => "memory",
            Self::Convergence => "convergence (measured)",
            Self::Doc => "doc (text only)",
        })
    }
}

impl SetDiff {
    /// How many changes there are.
    pub(super) fn changes(&self) -> usize {
        self.added.len() + self.removed.len() + self.moved.len() + self.changed.len()
    }

    fn of(old: Option<&SetFacts>, new: Option<&SetFacts>) -> Self {
        let features = |set: Option<&SetFacts>| set.map_or_else(Vec::new, |set| set.features.clone());
        let (old_features, new_features) = (features(old), features(new));
        let (added, removed) = (only_in(&new_features, &old_features), only_in(&old_features, &new_features));
        let mut changed = parameters(old, new);
        for feature in &old_features {
            if let Some(new) = new_features.iter().find(|new| new.name == feature.name) {
                changed.extend(parts(feature, new));
            }
        }
        Self {
            set: old.or(new).map(|set| set.name.clone()).unwrap_or_default(),
            old_schema_hash: old.map(|set| set.schema_hash.clone()),
            new_schema_hash: new.map(|set| set.schema_hash.clone()),
            old_features: old_features.len(),
            new_features: new_features.len(),
            added,
            removed,
            moved: moved(&old_features, &new_features),
            changed,
        }
    }
}

/// Every set of either version.
pub(super) fn sets(old: &Facts, new: &Facts) -> Vec<SetDiff> {
    let find = |facts: &'_ Facts, name: &str| facts.sets.iter().position(|set| set.name == name);
    let of_old = old.sets.iter().map(|set| {
        let new = find(new, &set.name).and_then(|index| new.sets.get(index));
        SetDiff::of(Some(set), new)
    });
    let added = new.sets.iter().filter(|set| find(old, &set.name).is_none());
    of_old.chain(added.map(|set| SetDiff::of(None, Some(set)))).collect()
}

fn only_in(here: &[FeatureFacts], there: &[FeatureFacts]) -> Vec<Listed> {
    let is_only_here =
        |(_, feature): &(usize, &FeatureFacts)| there.iter().all(|other| other.name != feature.name);
    let listed = |(index, feature): (usize, &FeatureFacts)| Listed {
        feature: feature.name.clone(),
        index,
        formula: feature.formula.clone(),
    };
    here.iter().enumerate().filter(is_only_here).map(listed).collect()
}

/// The features of both that are not in a longest common subsequence of their names.
fn moved(old: &[FeatureFacts], new: &[FeatureFacts]) -> Vec<Moved> {
    let names = |features: &[FeatureFacts], others: &[FeatureFacts]| -> Vec<String> {
        let names = features.iter().map(|feature| feature.name.clone());
        names.filter(|name| others.iter().any(|other| other.name == *name)).collect()
    };
    let (common_old, common_new) = (names(old, new), names(new, old));
    let index =
        |features: &[FeatureFacts], name: &str| features.iter().position(|feature| feature.name == name);
    let operations = capture_diff_slices(Algorithm::Lcs, &common_old, &common_new);
    let removed = operations.iter().flat_map(|operation| match operation {
        DiffOp::Equal { .. } | DiffOp::Insert { .. } => 0..0,
        DiffOp::Delete { .. } | DiffOp::Replace { .. } => operation.old_range(),
    });
    let moved = |position: usize| {
        let feature = common_old.get(position)?;
        Some(Moved { feature: feature.clone(), old: index(old, feature)?, new: index(new, feature)? })
    };
    removed.filter_map(moved).collect()
}

/// Parameters that differ: the old version's in its order, then those that are new. None for a set of one version.
fn parameters(old: Option<&SetFacts>, new: Option<&SetFacts>) -> Vec<Changed> {
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    let value = |set: &SetFacts, name: &str| {
        set.params.iter().find(|param| param.name == name).map(|param| param.value.to_string())
    };
    let added = new.params.iter().filter(|param| value(old, &param.name).is_none());
    let change = |name: &String| {
        let (old, new) = (value(old, name), value(new, name));
        (old != new).then(|| Changed { name: name.clone(), field: Field::Parameter, old, new })
    };
    old.params.iter().chain(added).filter_map(|param| change(&param.name)).collect()
}

/// The parts of a feature that differ.
fn parts(old: &FeatureFacts, new: &FeatureFacts) -> Vec<Changed> {
    let convergence =
        |feature: &FeatureFacts| feature.convergence.map_or("none".to_owned(), |c| c.to_string());
    let parts = [
        (Field::Formula, old.formula.clone(), new.formula.clone()),
        (Field::Degenerate, old.degenerate.clone(), new.degenerate.clone()),
        (Field::Range, old.range.clone(), new.range.clone()),
        (Field::WarmUp, old.warm_up.to_string(), new.warm_up.to_string()),
        (Field::Memory, old.memory.clone(), new.memory.clone()),
        (Field::Convergence, convergence(old), convergence(new)),
        (Field::Doc, old.doc.clone(), new.doc.clone()),
    ];
    let differing = parts.into_iter().filter(|(_, old, new)| old != new);
    let change = |(field, old_part, new_part)| Changed {
        name: old.name.clone(),
        field,
        old: Some(old_part),
        new: Some(new_part),
    };
    differing.map(change).collect()
}
