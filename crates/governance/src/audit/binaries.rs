//! The programs that run with money, and the feature version each carries.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Contract, Facts, Graph, Kind, Ledger, Record, SetFacts};

/// A program that runs with money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Binary {
    /// Name of its package.
    pub name: String,
    /// The feature versions it names: one, or the rule pins has a problem.
    pub pins: Vec<Pin>,
}

/// A feature version that a program names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pin {
    /// Name of the version's crate.
    pub features: String,
    /// The version required, as cargo prints it: `=1.0.0`.
    pub requirement: String,
    /// What the version says of itself; `None` where it cannot be asked, and a notice says why.
    pub identity: Option<Identity>,
    /// Its release; `None` of a draft.
    pub release: Option<Record>,
    /// What must be known of it.
    pub notices: Vec<String>,
}

/// What identifies a feature version, asked of the version itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Exact version.
    pub version: String,
    /// Source hash.
    pub source_hash: String,
    /// Output hash of its goldens, which the self-test of the program must come to.
    pub output_hash: String,
    /// Its sets, in order.
    pub sets: Vec<SetIdentity>,
}

/// A set with the catalogue's parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetIdentity {
    /// Name.
    pub name: String,
    /// Number of features.
    pub features: usize,
    /// Parameters, each `NAME=VALUE`.
    pub params: Vec<String>,
    /// Schema hash.
    pub schema_hash: String,
}

/// What was asked of the feature versions: by name of the crate, what it says or why it cannot be asked.
pub type Asked = BTreeMap<String, Result<Facts, String>>;

/// Names of the feature versions that production names, each once.
pub(super) fn pinned(graph: &Graph) -> Vec<String> {
    let mut names: Vec<String> =
        production(graph).flat_map(|(_, uses)| uses).map(|(features, _)| features).collect();
    names.sort();
    names.dedup();
    names
}

/// Each production package, with the feature versions it names and what it requires of them.
fn production(graph: &Graph) -> impl Iterator<Item = (&str, Vec<(String, String)>)> {
    graph.packages.iter().filter(|package| package.is_production()).map(|package| {
        let uses = package.uses.iter().filter(|used| used.kind == Kind::Normal);
        let uses = uses.filter(|used| used.package.starts_with("features-v"));
        let mut pins: Vec<_> = uses.map(|used| (used.package.clone(), used.requirement.clone())).collect();
        pins.sort();
        pins.dedup();
        (package.name.as_str(), pins)
    })
}

/// The production binaries. `contract` is `feature-api` as it is now, or why it cannot be told.
#[must_use]
pub fn binaries(
    graph: &Graph,
    ledger: &Ledger,
    asked: &Asked,
    contract: &Result<Contract, String>,
) -> Vec<Binary> {
    let pin = |(features, requirement): (String, String)| {
        let facts = asked.get(&features).cloned();
        let facts = facts.unwrap_or_else(|| Err("it was not asked".to_owned()));
        pin(features, requirement, facts, ledger, contract)
    };
    production(graph)
        .map(|(name, pins)| Binary { name: name.to_owned(), pins: pins.into_iter().map(pin).collect() })
        .collect()
}

fn pin(
    features: String,
    requirement: String,
    facts: Result<Facts, String>,
    ledger: &Ledger,
    contract: &Result<Contract, String>,
) -> Pin {
    let facts = match facts {
        Ok(facts) => facts,
        Err(reason) => {
            let notices = vec![format!("{features} cannot say what it is: {reason}")];
            return Pin { features, requirement, identity: None, release: None, notices };
        }
    };
    let release = ledger
        .records
        .iter()
        .find(|record| record.name == features && record.version.to_string() == facts.version)
        .cloned();
    let mut notices = Vec::new();
    if facts.output_hash != facts.golden_output_hash {
        notices.push(format!(
            "{features} does not give what its goldens record: they say {}, this machine computes {}",
            facts.golden_output_hash, facts.output_hash
        ));
    }
    let identity = identity(facts);
    match &release {
        Some(record) => {
            notices.extend(differences(&identity, record));
            notices.extend(contract_notice(record, contract));
        }
        None => notices.push(format!("{features} {} is a draft: not released", identity.version)),
    }
    Pin { features, requirement, identity: Some(identity), release, notices }
}

fn identity(facts: Facts) -> Identity {
    let set = |set: SetFacts| SetIdentity {
        name: set.name,
        features: set.features.len(),
        params: set.params.iter().map(|param| format!("{}={}", param.name, param.value)).collect(),
        schema_hash: set.schema_hash,
    };
    Identity {
        version: facts.version,
        source_hash: facts.source_hash,
        output_hash: facts.golden_output_hash,
        sets: facts.sets.into_iter().map(set).collect(),
    }
}

/// Where a version is not what was released.
fn differences(identity: &Identity, record: &Record) -> Vec<String> {
    let none = String::from("none");
    let mut pairs = vec![
        ("source hash".to_owned(), &record.source_hash, &identity.source_hash),
        ("output hash".to_owned(), &record.output_hash, &identity.output_hash),
    ];
    for set in &identity.sets {
        let recorded = record.schemas.get(&set.name).unwrap_or(&none);
        pairs.push((format!("schema hash of {}", set.name), recorded, &set.schema_hash));
    }
    let gone = record.schemas.iter().filter(|(name, _)| !identity.sets.iter().any(|set| set.name == **name));
    pairs.extend(gone.map(|(name, recorded)| (format!("schema hash of {name}"), recorded, &none)));
    let differing = pairs.into_iter().filter(|(_, recorded, found)| recorded != found);
    differing
        .map(|(what, recorded, found)| {
            format!(
                "{} {} is not what was released: {what} {recorded} then, {found} now",
                record.name, record.version
            )
        })
        .collect()
}

/// Whether the contract crate has changed since the release: it decides no value, and may grow.
fn contract_notice(record: &Record, contract: &Result<Contract, String>) -> Option<String> {
    let name = &record.name;
    match contract {
        Ok(now) if *now == record.contract => None,
        Ok(now) => Some(format!(
            "feature-api has changed since {name} {} was released: {} {} then, {} {} now; it decides no value",
            record.version,
            record.contract.version,
            record.contract.source_hash,
            now.version,
            now.source_hash
        )),
        Err(reason) => Some(format!("feature-api cannot be compared with the release of {name}: {reason}")),
    }
}
