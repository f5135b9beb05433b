//! The checks of an artifact's parts, each by itself, so that every problem is found.

use feature_api::{BarKind, EventKind, FeatureSet, Param, Row, Schema};
use model::{BlockFilter, BoundFilters, Ensemble};
use preprocess::Preprocess;

use crate::{Check, Manifest, Outcome, Pipeline, Probe, Problem, Reference};

/// Quantiles of a reference distribution: at 0, 5 %, …, 100 %.
const QUANTILES: usize = 21;

/// The parts of an artifact, or why there are none.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    pub preprocess: Result<&'a Preprocess, &'a Problem>,
    pub ensemble: Result<&'a Ensemble, &'a Problem>,
    pub filters: Result<&'a [BlockFilter], &'a Problem>,
    pub reference: Result<&'a [Reference], &'a Problem>,
    pub probes: Result<&'a [Probe], &'a Problem>,
}

/// Whether it is of the program's features, as they are configured. Gives the set it is of, or the code of the
/// problem why there is none.
pub fn identity(
    manifest: &Manifest,
    check: &Check<'_>,
    problems: &mut Vec<Problem>,
) -> Result<Box<dyn FeatureSet>, &'static str> {
    let version = check.version;
    if manifest.features != version.name {
        let (expected, found) = (version.name, manifest.features.clone());
        problems.push(Problem::FeatureCrate { expected, found });
    }
    if manifest.version != version.version {
        let (features, expected, found) = (version.name, version.version, manifest.version.clone());
        problems.push(Problem::FeatureVersion { features, expected, found });
    }
    if manifest.source_hash != version.source_hash {
        let (expected, found) = (version.source_hash, manifest.source_hash);
        problems.push(Problem::SourceHash { features: version.to_string(), expected, found });
    }
    let set = set(manifest, check, problems);
    if let Some(expected) = check.bars
        && expected != manifest.bars
    {
        problems.push(Problem::Bars { expected, found: manifest.bars });
    }
    if let Ok(set) = &set {
        problems.extend(fed(set.as_ref(), manifest));
    }
    if manifest.output_hash != version.output_hash {
        let (expected, found) = (version.output_hash, manifest.output_hash);
        problems.push(Problem::OutputHash { features: version.to_string(), expected, found });
    }
    let (expected, found) = (version.output_hash, (version.self_test)());
    if expected != found {
        problems.push(Problem::SelfTest { features: version.to_string(), expected, found });
    }
    set
}

/// What it is said to have been fed must be what drives the set.
fn fed(set: &dyn FeatureSet, manifest: &Manifest) -> Option<Problem> {
    let takes = |kind| set.takes().contains(&kind);
    let expected = match (takes(EventKind::Bar), takes(EventKind::Book)) {
        (true, _) => "time bars",
        (false, true) => "trades and book",
        (false, false) => "trades",
    };
    let kind = manifest.bars.kind;
    let found = if matches!(kind, BarKind::Time { .. }) { "time bars" } else { kind.parts().0 };
    (found != expected).then(|| Problem::Manifest {
        field: "bars".to_owned(),
        expected: format!("{expected}, which drive set {}", manifest.set.escape_debug()),
        found: manifest.bars.to_string(),
    })
}

/// Set, parameters, schema.
fn set(
    manifest: &Manifest,
    check: &Check<'_>,
    problems: &mut Vec<Problem>,
) -> Result<Box<dyn FeatureSet>, &'static str> {
    if let Some(expected) = check.set
        && expected != manifest.set
    {
        let (expected, found) = (expected.to_owned(), manifest.set.clone());
        problems.push(Problem::SetMismatch { expected, found });
    }
    configured(manifest, check, problems);
    let set = match check.version.open(&manifest.set, &manifest.params) {
        Ok(set) => set,
        Err(error) => {
            let problem = Problem::Set { error };
            let because = problem.code();
            problems.extend([problem, Problem::Unchecked { what: "schema".to_owned(), because }]);
            return Err(because);
        }
    };
    let schema = set.schema();
    params("which is every one it has", schema, manifest, problems);
    if manifest.schema_hash != schema.hash() {
        problems.push(Problem::SchemaHash {
            set: manifest.set.clone(),
            expected: schema.hash(),
            found: manifest.schema_hash,
        });
    }
    Ok(set)
}

/// The configured set must be there, and the parameters configured for it be those of the artifact.
fn configured(manifest: &Manifest, check: &Check<'_>, problems: &mut Vec<Problem>) {
    let name = match (check.set, check.params) {
        (None, None) => return,
        (Some(set), _) => set,
        (None, Some(_)) => &manifest.set,
    };
    match check.version.open(name, check.params.unwrap_or_default()) {
        Ok(set) if check.params.is_some() && name == manifest.set => {
            params("which is configured", set.schema(), manifest, problems);
        }
        // Parameters of different sets cannot be compared, and the sets are a problem already.
        Ok(_) => {}
        Err(error) => problems.push(Problem::Config { error }),
    }
}

fn params(whose: &'static str, schema: &Schema, manifest: &Manifest, problems: &mut Vec<Problem>) {
    let (expected, found) = (schema.params(), manifest.params.as_slice());
    if expected == found {
        return;
    }
    let differing = |of: &[Param], other: &[Param]| {
        let text = |param: &Param| format!("{}={}", param.name.escape_debug(), param.value);
        let differing: Vec<_> = of.iter().filter(|param| !other.contains(param)).map(text).collect();
        if differing.is_empty() {
            "the same in another order or number".to_owned()
        } else {
            differing.join(", ")
        }
    };
    let (expected, found) = (differing(expected, found), differing(found, expected));
    problems.push(Problem::Params { set: manifest.set.clone(), whose, expected, found });
}

/// Whether the parts are whole and belong together and to the schema. Gives what they make, where they do.
pub fn parts(
    parts: Parts<'_>,
    schema: Result<&Schema, &'static str>,
    problems: &mut Vec<Problem>,
) -> Option<Pipeline> {
    let before = problems.len();
    let mut part = |problem: Option<&Problem>| problems.extend(problem.cloned());
    part(parts.preprocess.err());
    part(parts.ensemble.err());
    part(parts.filters.err());
    let mut pipeline = None;
    match (parts.preprocess, parts.ensemble, parts.filters, schema) {
        (Ok(preprocess), Ok(ensemble), Ok(filters), Ok(schema)) => {
            match Pipeline::new(preprocess, ensemble, filters, schema) {
                Ok(made) => pipeline = Some(made),
                Err(found) => problems.extend(found),
            }
        }
        // What can be checked all the same.
        (preprocess, ensemble, filters, schema) => {
            if let (Ok(preprocess), Ok(schema)) = (preprocess, schema) {
                problems.extend(preprocess.bind(schema).err().map(|error| Problem::Preprocess { error }));
            }
            if let (Ok(preprocess), Ok(ensemble)) = (preprocess, ensemble) {
                fit(preprocess, ensemble, problems);
            }
            if let (Ok(filters), Ok(schema)) = (filters, schema) {
                bind_filters(filters, schema, problems);
            }
        }
    }
    let because = schema.err().or_else(|| problems.get(before).map(Problem::cause));
    match parts.reference {
        Err(problem) => problems.push(problem.clone()),
        Ok(references) => match (schema, parts.preprocess) {
            (Ok(schema), _) => {
                reference(references, schema.features().iter().map(|feature| feature.name), problems);
            }
            (Err(_), Ok(preprocess)) => {
                reference(references, preprocess.parts().features.iter().map(String::as_str), problems);
            }
            (Err(because), Err(_)) => {
                problems.push(Problem::Unchecked { what: "reference".to_owned(), because });
            }
        },
    }
    match (parts.probes, &pipeline) {
        (Err(problem), _) => problems.push(problem.clone()),
        (Ok(rows), Some(pipeline)) => probes(rows, pipeline, problems),
        (Ok([]), None) => problems.push(Problem::NoProbes),
        (Ok(_), None) => {
            let because = because.unwrap_or("preprocess");
            problems.push(Problem::Unchecked { what: "probes".to_owned(), because });
        }
    }
    pipeline.filter(|_| problems.len() == before)
}

/// Whether the model takes what the preprocessing gives.
pub fn fit(preprocess: &Preprocess, ensemble: &Ensemble, problems: &mut Vec<Problem>) {
    let (expected, found) = (preprocess.width(), ensemble.inputs());
    if expected != found {
        problems.push(Problem::Width { expected, found });
    }
    if preprocess.gives_missing() && !ensemble.takes_missing() {
        problems.push(Problem::MissingValues { found: ensemble.describe() });
    }
}

/// Finds the features of the filters.
pub fn bind_filters(
    filters: &[BlockFilter],
    schema: &Schema,
    problems: &mut Vec<Problem>,
) -> Option<BoundFilters> {
    let before = problems.len();
    for filter in filters {
        let error = BoundFilters::new(vec![filter.clone()], schema).err();
        problems.extend(error.map(|error| Problem::Filters { error }));
    }
    if problems.len() == before { BoundFilters::new(filters.to_vec(), schema).ok() } else { None }
}

fn reference<'a>(
    references: &[Reference],
    features: impl ExactSizeIterator<Item = &'a str>,
    problems: &mut Vec<Problem>,
) {
    let mut refuse = |index, expected: String, found: String| {
        problems.push(Problem::Reference { index, expected, found });
    };
    let count = features.len();
    if references.len() != count {
        let index = references.len().min(count);
        refuse(index, format!("{count}, one for each feature"), format!("{} in all", references.len()));
    }
    for (index, (name, reference)) in features.zip(references).enumerate() {
        let Reference { feature, valid, null, quantiles } = reference;
        if feature != name {
            refuse(index, format!("that of {name:?}"), format!("that of {feature:?}"));
        }
        if valid.checked_add(*null).is_none_or(|rows| rows == 0) {
            refuse(index, "the count of one row or more".to_owned(), format!("{valid} valid, {null} null"));
        }
        let expected = if *valid == 0 { 0 } else { QUANTILES };
        if quantiles.len() != expected {
            let why = if *valid == 0 { "never valid" } else { "valid at times" };
            refuse(index, format!("{expected} quantiles where it was {why}"), quantiles.len().to_string());
        }
        if let Some(odd) = quantiles.iter().find(|value| !value.is_finite()) {
            refuse(index, "finite quantiles".to_owned(), odd.to_string());
        } else if let Some((low, high)) = quantiles.iter().zip(quantiles.iter().skip(1)).find(|(a, b)| a > b)
        {
            refuse(index, "quantiles that do not decrease".to_owned(), format!("{low} before {high}"));
        }
    }
}

fn probes(probes: &[Probe], pipeline: &Pipeline, problems: &mut Vec<Problem>) {
    if probes.is_empty() {
        problems.push(Problem::NoProbes);
    }
    let mut fresh = pipeline.clone();
    for (index, probe) in probes.iter().enumerate() {
        let refuse = |(expected, found)| Problem::ProbeShape { index, expected, found };
        problems.extend(shape(probe, pipeline).err().map(refuse));
        problems.extend(replay(index, probe, &mut fresh));
    }
}

/// What is expected and found where a probe is not one of the pipeline.
fn shape(probe: &Probe, pipeline: &Pipeline) -> Result<(), (String, String)> {
    let members = pipeline.ensemble().members().len();
    if probe.rows.len() != pipeline.sequence() as usize {
        return Err((format!("{} rows", pipeline.sequence()), probe.rows.len().to_string()));
    }
    if let Some(row) = probe.rows.iter().find(|row| row.len() != pipeline.width()) {
        return Err((format!("rows of {} features", pipeline.width()), row.len().to_string()));
    }
    if probe.margins.len() != members {
        return Err((format!("{members} margins, one for each member"), probe.margins.len().to_string()));
    }
    let numbers = probe.rows.iter().flatten().flatten().chain(&probe.margins).chain([&probe.value]);
    match numbers.copied().find(|number| !number.is_finite()) {
        Some(odd) => Err(("finite numbers".to_owned(), odd.to_string())),
        None => Ok(()),
    }
}

/// The first difference between what a probe comes to and what it must; nothing where it is none of the pipeline.
fn replay(index: usize, probe: &Probe, pipeline: &mut Pipeline) -> Option<Problem> {
    shape(probe, pipeline).ok()?;
    pipeline.reset_warm();
    let refuse = |found| {
        let expected = "rows that come to a prediction".to_owned();
        Some(Problem::ProbeShape { index, expected, found })
    };
    let mut row = Row::new(pipeline.width());
    let mut rows = probe.rows.iter().peekable();
    while let Some(cells) = rows.next() {
        let mut writer = row.writer();
        cells.iter().for_each(|cell| writer.put(*cell));
        writer.finish();
        let outcome = match pipeline.push(&row) {
            Ok(outcome) => outcome,
            Err(error) => return refuse(error.to_string()),
        };
        match outcome {
            _ if rows.peek().is_some() => {}
            Outcome::Predicted { value, margins } => return difference(index, probe, value, margins),
            Outcome::Blocked { filter, value } => return refuse(format!("filter {filter} blocks {value:?}")),
            reason @ (Outcome::NotReady(_) | Outcome::WarmUp { .. }) => {
                return refuse(format!("no input ({reason:?})"));
            }
        }
    }
    refuse("no rows".to_owned())
}

fn difference(index: usize, probe: &Probe, value: f64, margins: &[f64]) -> Option<Problem> {
    let margins = probe.margins.iter().zip(margins).enumerate();
    let mut pairs =
        margins.map(|(member, pair)| (Some(member), pair)).chain([(None, (&probe.value, &value))]);
    let (member, (expected, found)) = pairs.find(|(_, (a, b))| a.to_bits() != b.to_bits())?;
    Some(Problem::Probe {
        index,
        what: member.map_or_else(|| "prediction".to_owned(), |member| format!("margin of member {member}")),
        expected: expected.to_bits(),
        found: found.to_bits(),
    })
}
