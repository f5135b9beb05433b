//! What a person reads of an audit, before it is drawn.

use std::collections::BTreeMap;

use super::{Artifact, Audit, Binary, Dependency, Pin};
use crate::Record;

/// What a person reads of an audit: the same words in the terminal, as Markdown and as HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What it comes to, in a line.
    pub(super) verdict: String,
    /// What it was read from.
    pub(super) state: Vec<(String, Cell)>,
    /// What must be known before the rest.
    pub(super) notices: Vec<String>,
    pub(super) sections: Vec<Section>,
}

/// The title of every page.
pub(super) const TITLE: &str = "Audit of production";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// Its place in a page.
    pub id: &'static str,
    pub title: &'static str,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Heading(String),
    Text(String),
    Pairs(Vec<(String, Cell)>),
    Table {
        caption: &'static str,
        columns: Vec<&'static str>,
        rows: Vec<Vec<Cell>>,
    },
    /// Something that is wrong each, and what there is to say of it.
    Faults(Vec<(String, Vec<String>)>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Text(String),
    /// A hash, a version, a path.
    Code(String),
    /// As it should be. The text says so too: nothing is told by colour alone.
    Good(String),
    /// Not as it should be.
    Bad(String),
}

impl Cell {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Code(text) | Self::Good(text) | Self::Bad(text) => text,
        }
    }
}

impl Page {
    /// The page of an audit.
    #[must_use]
    pub fn of(audit: &Audit) -> Self {
        Self {
            verdict: verdict(audit),
            state: state(audit),
            notices: audit.notices(),
            sections: vec![
                Section { id: "problems", title: "Problems", blocks: problems(audit) },
                Section { id: "production", title: "Production", blocks: production(audit) },
                Section { id: "artifacts", title: "Artifacts", blocks: artifacts(audit) },
                Section { id: "releases", title: "Releases", blocks: releases(&audit.releases) },
                Section { id: "dependencies", title: "Dependencies", blocks: dependencies(audit) },
            ],
        }
    }
}

/// `3 problems`.
pub(super) fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

fn verdict(audit: &Audit) -> String {
    let mut said = vec![counted(audit.problems.len(), "problem")];
    said.push(match audit.binaries.as_slice() {
        [] => "no production binary".to_owned(),
        [one] => format!("1 production binary, {}", carries(one)),
        several => format!("{} production binaries", several.len()),
    });
    if let Some(artifacts) = &audit.artifacts {
        let fitting = artifacts.iter().filter(|artifact| !artifact.fitting().is_empty()).count();
        said.push(format!("{fitting} of {} fit", counted(artifacts.len(), "artifact")));
    }
    said.join("; ")
}

/// `gatekeeper on features-v1 1.0.0`.
fn carries(binary: &Binary) -> String {
    let pins: Vec<String> =
        binary.pins.iter().map(|pin| format!("{} {}", pin.features, pin.exact())).collect();
    format!(
        "{} on {}",
        binary.name,
        if pins.is_empty() { "no feature version".to_owned() } else { pins.join(", ") }
    )
}

impl Pin {
    /// The exact version carried, or else what is required.
    fn exact(&self) -> &str {
        self.identity.as_ref().map_or(&self.requirement, |identity| &identity.version)
    }
}

fn state(audit: &Audit) -> Vec<(String, Cell)> {
    let state = &audit.state;
    let unknown = || Cell::Bad("unknown".to_owned());
    let tree = match state.changed {
        None => unknown(),
        Some(0) => Cell::Good("clean".to_owned()),
        Some(count) => Cell::Bad(format!("not clean: {} changed", counted(count, "file"))),
    };
    vec![
        ("Commit".to_owned(), state.commit.clone().map_or_else(unknown, Cell::Code)),
        ("Tree".to_owned(), tree),
        ("Toolchain".to_owned(), state.toolchain.clone().map_or_else(unknown, Cell::Code)),
        ("cargo-deny".to_owned(), Cell::Text(state.deny.clone())),
    ]
}

fn problems(audit: &Audit) -> Vec<Block> {
    if audit.problems.is_empty() {
        return vec![Block::Text("Every rule holds.".to_owned())];
    }
    let problems = audit.problems.iter().map(|problem| {
        (
            format!("{}: {}", problem.place, problem.rule),
            vec![problem.reason.clone(), format!("Fix: {}", problem.fix)],
        )
    });
    vec![Block::Faults(problems.collect())]
}

fn production(audit: &Audit) -> Vec<Block> {
    let mut blocks = Vec::new();
    for binary in &audit.binaries {
        blocks.push(Block::Heading(carries(binary)));
        blocks.extend(binary.pins.iter().map(|pin| Block::Pairs(pin_pairs(pin))));
    }
    if blocks.is_empty() {
        blocks.push(Block::Text("No package has the role production.".to_owned()));
    }
    blocks
}

fn pin_pairs(pin: &Pin) -> Vec<(String, Cell)> {
    let text = |name: &str, text: &str| (name.to_owned(), Cell::Text(text.to_owned()));
    let code = |name: &str, code: &str| (name.to_owned(), Cell::Code(code.to_owned()));
    let mut pairs = vec![code("Pins", &format!("{} {}", pin.features, pin.requirement))];
    match &pin.identity {
        Some(identity) => {
            pairs.push(code("Source hash", &identity.source_hash));
            pairs.push(code("Output hash", &identity.output_hash));
            for set in &identity.sets {
                let name = format!("Schema of {}, {}", set.name, counted(set.features, "feature"));
                pairs.push((name, Cell::Code(set.schema_hash.clone())));
            }
        }
        None => pairs.push(("Hashes".to_owned(), Cell::Bad("unknown: it cannot say what it is".to_owned()))),
    }
    let Some(record) = &pin.release else {
        pairs.push(("Release".to_owned(), Cell::Bad("none: a draft, or not in the ledger".to_owned())));
        return pairs;
    };
    let validation = &record.validation;
    pairs.extend([
        ("Release".to_owned(), Cell::Good(format!("released on {}", record.date))),
        text("Reason", &record.reason),
        text("Rollback", &record.rollback),
        text("Toolchain", &record.toolchain),
        code("Made from", &record.base),
        code("Record", &record.path()),
    ]);
    pairs.push(text(
        "Validation",
        &format!(
            "{}, {}, {} that decide values; {}; self-test {}",
            counted(validation.sets, "set"),
            counted(validation.features, "feature"),
            counted(validation.files, "file"),
            counted(validation.problems, "problem"),
            if validation.debug_output_hash == validation.release_output_hash {
                "alike in debug and release"
            } else {
                "NOT alike in debug and release"
            }
        ),
    ));
    pairs
}

fn artifacts(audit: &Audit) -> Vec<Block> {
    let Some(artifacts) = &audit.artifacts else {
        return vec![Block::Text("No folder was named: --artifacts DIR.".to_owned())];
    };
    if artifacts.is_empty() {
        return vec![Block::Text("The folder holds no *.iso.".to_owned())];
    }
    let rows = artifacts.iter().map(|artifact| artifact_row(artifact, &audit.binaries)).collect();
    let columns = vec!["File", "Fits", "Trained on", "Set", "Label", "Made", "Signed by"];
    let mut blocks = vec![Block::Table { caption: "Artifacts", columns, rows }];
    let faults: Vec<_> = artifacts.iter().flat_map(misfits).collect();
    if !faults.is_empty() {
        blocks.push(Block::Heading("Why not".to_owned()));
        blocks.push(Block::Faults(faults));
    }
    blocks.push(Block::Text(
        "An artifact fits where its file is whole, a signature it carries holds, and its feature version, source hash, \
         output hash and the schema hash of its set and parameters are those of the binary. Whose signature counts, the \
         bars, the preprocessing, the models and the probes are for the binary to check when it starts."
            .to_owned(),
    ));
    blocks
}

fn artifact_row(artifact: &Artifact, binaries: &[Binary]) -> Vec<Cell> {
    let fitting = artifact.fitting();
    let fits = if fitting.is_empty() { Cell::Bad("no".to_owned()) } else { Cell::Good(fitting.join(", ")) };
    let mut row = vec![Cell::Code(artifact.file.path.clone()), fits];
    let Some(facts) = &artifact.file.facts else {
        row.extend(std::iter::repeat_n(Cell::Text("–".to_owned()), 5));
        return row;
    };
    // Of the parameters, those that are not the catalogue's.
    let mut identities =
        binaries.iter().flat_map(|binary| &binary.pins).filter(|pin| pin.features == facts.features);
    let set = identities.find_map(|pin| pin.identity.as_ref()?.sets.iter().find(|set| set.name == facts.set));
    let odd = facts.params.iter().filter(|param| !set.is_some_and(|set| set.params.contains(param)));
    let set = [&facts.set].into_iter().chain(odd).map(String::as_str).collect::<Vec<_>>().join(" ");
    row.extend([
        Cell::Code(format!("{} {}", facts.features, facts.version)),
        Cell::Text(set),
        Cell::Text(facts.label.clone()),
        Cell::Text(moment(facts.created)),
        facts.signed_by.as_deref().map_or_else(|| Cell::Text("nobody".to_owned()), signer),
    ]);
    row
}

/// What an artifact does not fit, and why.
fn misfits(artifact: &Artifact) -> Vec<(String, Vec<String>)> {
    let file = &artifact.file;
    let mut misfits = Vec::new();
    if !file.faults.is_empty() {
        misfits.push((format!("{} cannot be used", file.path), file.faults.clone()));
    }
    for fit in artifact.fits.iter().filter(|fit| !fit.reasons.is_empty()) {
        let reasons = fit.reasons.iter().map(ToString::to_string).collect();
        misfits.push((format!("{} does not fit {}", file.path, fit.binary), reasons));
    }
    misfits
}

fn moment(nanoseconds: i64) -> String {
    match jiff::Timestamp::from_nanosecond(i128::from(nanoseconds)) {
        Ok(moment) => moment.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => format!("{nanoseconds} ns"),
    }
}

/// The beginning of a hash: enough to tell it from others where the whole stands elsewhere.
fn short(hash: &str) -> Cell {
    Cell::Code(hash.chars().take(12).collect())
}

/// The beginning of the number of a key, which is the last word of its line.
fn signer(key: &str) -> Cell {
    short(key.split_whitespace().next_back().unwrap_or_default())
}

fn releases(records: &[Record]) -> Vec<Block> {
    if records.is_empty() {
        return vec![Block::Text("Nothing has been released.".to_owned())];
    }
    let row = |record: &Record| {
        vec![
            Cell::Code(format!("{} {}", record.name, record.version)),
            Cell::Text(record.date.clone()),
            Cell::Text(record.reason.clone()),
            Cell::Text(record.rollback.clone()),
            Cell::Text(record.toolchain.clone()),
            short(&record.source_hash),
            short(&record.output_hash),
        ]
    };
    let columns = vec!["Release", "Date", "Reason", "Rollback", "Toolchain", "Source hash", "Output hash"];
    vec![Block::Table { caption: "Releases", columns, rows: records.iter().map(row).collect() }]
}

fn dependencies(audit: &Audit) -> Vec<Block> {
    let all = &audit.dependencies;
    if all.is_empty() {
        return vec![Block::Text("Production depends on nothing.".to_owned())];
    }
    let own = all.iter().filter(|dependency| dependency.is_own).count();
    let scripts = all.iter().filter(|dependency| dependency.has_build_script).count();
    let mut licenses: BTreeMap<&str, usize> = BTreeMap::new();
    for dependency in all {
        *licenses.entry(dependency.license.as_deref().unwrap_or("none stated")).or_default() += 1;
    }
    let licenses: Vec<String> =
        licenses.iter().map(|(license, count)| format!("{license} ({count})")).collect();
    let is_shared = audit.binaries.len() > 1;
    let mut columns = vec!["Package", "Version", "Licence", "Source", "Build script", "Brought in by"];
    if is_shared {
        columns.push("Of");
    }
    vec![
        Block::Text(format!(
            "{}: {own} of this workspace, {} from elsewhere; {scripts} with a build script. These are all that normal and \
             build dependencies reach with every cargo feature and for every target; one build compiles fewer.",
            counted(all.len(), "package"),
            all.len() - own
        )),
        Block::Text(format!("Licences: {}.", licenses.join(", "))),
        Block::Table {
            caption: "Dependencies of production",
            columns,
            rows: all.iter().map(|dependency| dependency_row(dependency, is_shared)).collect(),
        },
    ]
}

fn dependency_row(dependency: &Dependency, is_shared: bool) -> Vec<Cell> {
    // The last is the package itself.
    let by = dependency.path.split_last().map_or(&[] as &[String], |(_, before)| before);
    let mut row = vec![
        Cell::Text(dependency.name.clone()),
        Cell::Text(dependency.version.clone()),
        dependency.license.clone().map_or_else(|| Cell::Bad("none stated".to_owned()), Cell::Text),
        Cell::Text(dependency.source.clone()),
        Cell::Text(if dependency.has_build_script { "yes" } else { "–" }.to_owned()),
        Cell::Text(by.join(" → ")),
    ];
    if is_shared {
        row.push(Cell::Text(dependency.binaries.join(", ")));
    }
    row
}
