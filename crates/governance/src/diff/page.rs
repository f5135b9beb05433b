//! A diff as a page of blocks, so that a terminal and Markdown say the same.

use jiff::Timestamp;

use super::{
    Changed, Diff, FeatureValues, Field, FileDiff, FileStatus, Identity, InputValues, Refused, SetDiff,
    SetValues, Summary,
};

/// A part of the page. Texts are plain: whoever renders them escapes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Title(String),
    Section(String),
    Text(String),
    List(Vec<String>),
    Table {
        columns: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// What was, and what is: of a thing, each.
    Changes {
        versions: [String; 2],
        changes: Vec<Change>,
    },
    /// A unified diff.
    Patch {
        title: String,
        patch: String,
    },
}

/// Something that was and is; `None` where it was not or is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) what: String,
    pub(super) old: Option<String>,
    pub(super) new: Option<String>,
}

/// The page.
pub(super) fn blocks(diff: &Diff) -> Vec<Block> {
    let Diff { old, new, summary, schema, values, text } = diff;
    let versions = [old.short().to_owned(), new.short().to_owned()];
    let mut page = vec![Block::Title(format!("{} {} → {} {}", old.name, old.version, new.name, new.version))];
    page.push(overview(summary, text.same_files));
    page.push(Block::Changes { versions: versions.clone(), changes: hashes(old, new) });
    page.extend([old, new].into_iter().filter_map(golden));

    page.push(Block::Section("Schema".to_owned()));
    for set in schema {
        page.push(Block::Text(schema_line(set)));
        let changes = schema_changes(set);
        if !changes.is_empty() {
            page.push(Block::Changes { versions: versions.clone(), changes });
        }
    }

    page.push(Block::Section("Values".to_owned()));
    for input in &values.inputs {
        page.extend(input_blocks(input, &versions));
    }

    page.push(Block::Section("Text".to_owned()));
    page.push(Block::Text(
        "Each crate's own name is written features-vN (features_vN), and line ends are LF, in both."
            .to_owned(),
    ));
    if text.files.is_empty() {
        page.push(Block::Text(format!("No file differs; {} are compared.", text.same_files)));
    } else {
        page.push(Block::List(text.files.iter().map(file_line).collect()));
    }
    let patch = |file: &FileDiff| {
        let (title, patch) = (file_line(file), file.patch.clone().filter(|patch| !patch.is_empty())?);
        Some(Block::Patch { title, patch })
    };
    page.extend(text.files.iter().filter_map(patch));
    page
}

fn overview(summary: &Summary, same_files: usize) -> Block {
    if summary.is_same() {
        return Block::Text("No difference: schema, values and text are the same.".to_owned());
    }
    let Summary {
        schema_changes,
        described_changes,
        differing_features,
        sets_with_other_rows,
        differing_files,
    } = *summary;
    let mut lines = vec![
        format!("schema: {}", count(schema_changes, "change")),
        format!("values: {} with other values", count(differing_features, "feature")),
        format!("text: {} with other text, {same_files} without", count(differing_files, "file")),
    ];
    if let (Some(line), true) = (lines.first_mut(), described_changes > 0) {
        line.push_str(&format!(", and {described_changes} of docs or measured convergences alone"));
    }
    if let (Some(line), true) = (lines.get_mut(1), sets_with_other_rows > 0) {
        line.push_str(&format!("; {} with other rows", count(sets_with_other_rows, "set")));
    }
    Block::List(lines)
}

fn hashes(old: &Identity, new: &Identity) -> Vec<Change> {
    let change = |what: &str, old: &str, new: &str| Change {
        what: what.to_owned(),
        old: Some(old.to_owned()),
        new: Some(new.to_owned()),
    };
    vec![
        change("source hash", &old.source_hash, &new.source_hash),
        change("output hash", &old.output_hash, &new.output_hash),
    ]
}

/// A word on a version whose output is not what it recorded.
fn golden(version: &Identity) -> Option<Block> {
    (version.output_hash != version.golden_output_hash).then(|| {
        Block::Text(format!(
            "{}: the output is not the one in its goldens, {}; run cargo xtask golden create {}.",
            version.name,
            version.golden_output_hash,
            version.short()
        ))
    })
}

fn schema_line(set: &SetDiff) -> String {
    let SetDiff { set: name, old_features, new_features, .. } = set;
    match (&set.old_schema_hash, &set.new_schema_hash) {
        (None, _) => format!("{name}: set added, {}", count(*new_features, "feature")),
        (_, None) => format!("{name}: set removed, {}", count(*old_features, "feature")),
        (Some(old), Some(new)) if old == new => {
            format!("{name}: {}, the same schema {old}", count(*new_features, "feature"))
        }
        (Some(_), Some(_)) => {
            let [added, removed, moved] = [set.added.len(), set.removed.len(), set.moved.len()];
            let features = format!("{} → {}", old_features, count(*new_features, "feature"));
            format!(
                "{name}: {features}: {added} added, {removed} removed, {moved} moved, {} changed",
                count(set.changed.len(), "part")
            )
        }
    }
}

fn schema_changes(set: &SetDiff) -> Vec<Change> {
    let mut changes = Vec::new();
    if set.old_schema_hash != set.new_schema_hash {
        let (old, new) = (set.old_schema_hash.clone(), set.new_schema_hash.clone());
        changes.push(Change { what: "schema hash".to_owned(), old, new });
    }
    let index = |index: usize| Some(format!("index {index}"));
    for listed in &set.removed {
        let what = format!("{}: removed from index {}", listed.feature, listed.index);
        changes.push(Change { what, old: Some(listed.formula.clone()), new: None });
    }
    for listed in &set.added {
        let what = format!("{}: added at index {}", listed.feature, listed.index);
        changes.push(Change { what, old: None, new: Some(listed.formula.clone()) });
    }
    for moved in &set.moved {
        let what = format!("{}: moved", moved.feature);
        changes.push(Change { what, old: index(moved.old), new: index(moved.new) });
    }
    for changed in &set.changed {
        let Changed { name, field, .. } = changed;
        let what =
            if *field == Field::Parameter { format!("{field} {name}") } else { format!("{name}: {field}") };
        changes.push(Change { what, old: changed.old.clone(), new: changed.new.clone() });
    }
    changes
}

fn input_blocks(input: &InputValues, versions: &[String; 2]) -> Vec<Block> {
    let InputValues { input: name, notes, tapes, events, positions, sets } = input;
    let tapes_text = count(*tapes, "tape");
    let mut blocks = vec![Block::Text(format!(
        "On {name}: {tapes_text}, {}, {positions} of them positions.",
        count(*events, "event")
    ))];
    if !notes.is_empty() {
        blocks.push(Block::List(notes.clone()));
    }
    for set in sets {
        blocks.push(Block::Text(values_line(set, *events, versions)));
        let differing = set.features.iter().filter(|feature| feature.differ > 0);
        let rows: Vec<Vec<String>> = differing.map(|feature| value_row(feature, set.rows, *tapes)).collect();
        if !rows.is_empty() {
            let columns = [
                "feature",
                "rows that differ",
                "valid in one alone",
                "largest difference",
                "ULP",
                "first",
                "ts_event",
            ];
            let columns = columns.map(str::to_owned).into_iter().chain(versions.clone()).collect();
            blocks.push(Block::Table { columns, rows });
        }
    }
    blocks
}

/// What is to be said of a set in one line.
fn values_line(set: &SetValues, events: u64, versions: &[String; 2]) -> String {
    let SetValues { set: name, rows, features, .. } = set;
    let [old, new] = versions;
    let all = count(features.len(), "feature");
    let same = features.iter().filter(|feature| feature.differ == 0).count();
    let mut line = match (rows, same == features.len()) {
        (0, _) => format!("{name}: no row to compare"),
        (_, true) => format!("{name}: {all}, the same bits in each of {rows} rows"),
        (_, false) => format!("{name}: {same} of {all} with the same bits in each of {rows} rows"),
    };
    for (rows, what) in [
        (set.rows_of_old_alone, format!("rows of {old} alone")),
        (set.rows_of_new_alone, format!("rows of {new} alone")),
        (set.times_differ, "rows whose times differ".to_owned()),
        (set.refused_by_one, "events refused by one alone".to_owned()),
    ] {
        if rows > 0 {
            line.push_str(&format!("; {what}: {rows}"));
        }
    }
    let refused = |refused: &Refused| match &refused.reason {
        Some(reason) => format!("{} of {events} events ({reason})", refused.events),
        None => "none".to_owned(),
    };
    if set.refused_by_old == set.refused_by_new && set.refused_by_one == 0 {
        if set.refused_by_old.events > 0 {
            line.push_str(&format!("; both refuse {}", refused(&set.refused_by_old)));
        }
    } else {
        for (version, by) in [(old, &set.refused_by_old), (new, &set.refused_by_new)] {
            line.push_str(&format!("; {version} refuses {}", refused(by)));
        }
    }
    let never = |feature: &&FeatureValues| feature.valid == 0 && feature.differ == 0;
    let never: Vec<&str> = features.iter().filter(never).map(|feature| feature.feature.as_str()).collect();
    if *rows > 0 && !never.is_empty() {
        line.push_str(&format!("; valid in no row: {}", never.join(", ")));
    }
    line
}

fn value_row(feature: &FeatureValues, rows: u64, tapes: u64) -> Vec<String> {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not valid".to_owned());
    let largest = feature.largest_absolute.clone().unwrap_or_default();
    let ulps = feature.largest_ulps.map(|ulps| ulps.to_string()).unwrap_or_default();
    let mut cells = vec![
        feature.feature.clone(),
        format!("{} of {rows}", feature.differ),
        feature.validity_differs.to_string(),
        largest,
        ulps,
    ];
    if let Some(first) = &feature.first {
        let tape = if tapes > 1 { format!("tape {}, ", first.tape) } else { String::new() };
        cells.push(format!("{tape}row {}", first.row));
        cells.push(time(first.ts_event));
        cells.extend([value(&first.old), value(&first.new)]);
    }
    cells
}

fn time(nanos: i64) -> String {
    Timestamp::from_nanosecond(nanos.into()).map_or_else(|_| nanos.to_string(), |time| time.to_string())
}

fn file_line(file: &FileDiff) -> String {
    let FileDiff { path, added_lines, removed_lines, .. } = file;
    let status = match file.status {
        FileStatus::Added => "added",
        FileStatus::Removed => "removed",
        FileStatus::Changed => "differs",
    };
    match (&file.patch, &file.old_sha256, &file.new_sha256) {
        (Some(_), _, _) => format!("{path}: {status}, +{added_lines} −{removed_lines}"),
        (None, Some(old), Some(new)) => format!("{path}: {status}, sha256 {old} → {new}"),
        (None, one, other) => {
            let hash = one.as_deref().or(other.as_deref()).unwrap_or_default();
            format!("{path}: {status}, sha256 {hash}")
        }
    }
}

fn count(count: impl Into<Count>, what: &str) -> String {
    let Count(count) = count.into();
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A number of things, of whatever type it was counted in.
struct Count(u64);

impl From<u64> for Count {
    fn from(count: u64) -> Self {
        Self(count)
    }
}

impl From<usize> for Count {
    fn from(count: usize) -> Self {
        Self(count as u64)
    }
}
