//! `CHANGELOG.md`: what a release means for its users, newest first.

use std::collections::BTreeMap;

use crate::{Facts, FeatureFacts, Record};

/// The path of the changelog.
pub(super) const PATH: &str = "CHANGELOG.md";

const HEAD: &str = "# Changelog\n\nReleases of the feature versions, newest first. Hashes, toolchain and validation of \
                    each stand in `releases/`.\n";

/// What a release is compared with.
pub(super) enum Against<'a> {
    /// Nothing was released before it.
    Nothing,
    /// The newest release of the same crate, whose values it keeps.
    Same(&'a Record),
    /// The newest release of the version before, as it says of itself.
    Before(&'a Record, &'a Facts),
}

/// The changelog with one more release on top.
pub(super) fn with_entry(text: Option<&str>, entry: &str) -> String {
    let text = text.unwrap_or(HEAD).replace("\r\n", "\n");
    let first = if text.starts_with("## ") { Some(0) } else { text.find("\n## ").map(|newline| newline + 1) };
    match first {
        Some(first) => {
            let (head, older) = text.split_at_checked(first).unwrap_or((&text, ""));
            format!("{head}{entry}\n{older}")
        }
        None => format!("{}\n\n{entry}", text.trim_end()),
    }
}

/// The entry of a release.
pub(super) fn entry(record: &Record, facts: &Facts, against: &Against<'_>) -> String {
    let Record { name, version, date, reason, rollback, output_hash, source_hash, .. } = record;
    let changes = match against {
        Against::Nothing => {
            let sets: Vec<String> =
                facts.sets.iter().map(|set| format!("`{}` ({})", set.name, set.features.len())).collect();
            format!("- The first release. Sets, with their features: {}.\n", sets.join(", "))
        }
        Against::Same(old) => format!(
            "- No value changed: output and schemas are those of {} {}. Texts alone did.\n",
            old.name, old.version
        ),
        Against::Before(old, before) => compared(&format!("{} {}", old.name, old.version), before, facts),
    };
    format!(
        "## {name} {version} ({date})\n\n{reason}\n\nRollback: {rollback}\n\n{changes}- Output hash `{output_hash}`, \
         source hash `{source_hash}`.\n"
    )
}

/// What changed from one version to another, by what the two say of themselves.
fn compared(old: &str, before: &Facts, now: &Facts) -> String {
    let (before, now) = (features(before), features(now));
    let missing =
        |here: &BTreeMap<String, &FeatureFacts>, there: &BTreeMap<String, &FeatureFacts>| -> Vec<String> {
            here.keys().filter(|name| !there.contains_key(*name)).cloned().collect()
        };
    let both = now.iter().filter_map(|(name, feature)| Some((name, *feature, *before.get(name)?)));
    let (same, declared): (Vec<_>, Vec<_>) = both.partition(|(_, a, b)| declaration(a) == declaration(b));
    let names = |list: &[(&String, &FeatureFacts, &FeatureFacts)]| -> Vec<String> {
        list.iter().map(|(name, ..)| (*name).clone()).collect()
    };
    let output: Vec<_> = same.into_iter().filter(|(_, a, b)| a.output != b.output).collect();
    let lists = [
        ("Added", missing(&now, &before)),
        ("Removed", missing(&before, &now)),
        ("Declared otherwise", names(&declared)),
        ("Other output on its canonical input", names(&output)),
    ];
    let lines: String = lines(&lists);
    if lines.is_empty() {
        format!("- Every feature is as in {old}.\n")
    } else {
        format!("Against {old}:\n\n{lines}")
    }
}

fn lines(lists: &[(&str, Vec<String>)]) -> String {
    let shown = lists.iter().filter(|(_, names)| !names.is_empty());
    shown
        .map(|(what, names)| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("- {what}: {}.\n", names.join(", "))
        })
        .collect()
}

/// The features by `set.name`.
fn features(facts: &Facts) -> BTreeMap<String, &FeatureFacts> {
    let of = |set: &'_ str, feature: &FeatureFacts| format!("{set}.{}", feature.name);
    let sets = facts.sets.iter();
    sets.flat_map(|set| set.features.iter().map(move |feature| (of(&set.name, feature), feature))).collect()
}

/// A feature without its output and its doc.
fn declaration(feature: &FeatureFacts) -> FeatureFacts {
    FeatureFacts { output: None, golden: None, doc: String::new(), ..feature.clone() }
}
