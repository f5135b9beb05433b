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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SetFacts;

    fn feature(name: &str, formula: &str, output: &str) -> FeatureFacts {
        FeatureFacts {
            name: name.to_owned(),
            formula: formula.to_owned(),
            doc: format!("{name}, in words"),
            degenerate: String::new(),
            range: "any".to_owned(),
            warm_up: 1,
            memory: "finite 2".to_owned(),
            convergence: None,
            output: Some(output.to_owned()),
            golden: Some(output.to_owned()),
        }
    }

    fn facts(features: Vec<FeatureFacts>) -> Facts {
        let set =
            SetFacts { name: "core".to_owned(), schema_hash: String::new(), params: Vec::new(), features };
        Facts {
            name: String::new(),
            version: String::new(),
            source_hash: String::new(),
            golden_output_hash: String::new(),
            output_hash: String::new(),
            sets: vec![set],
        }
    }

    #[test]
    fn what_changed_is_told_apart() {
        let a = || feature("a", "C", "1");
        let before = facts(vec![a(), feature("b", "O", "1"), feature("c", "H", "1"), feature("d", "L", "1")]);
        let reworded = FeatureFacts { doc: "other words".to_owned(), ..a() };
        let now =
            facts(vec![reworded, feature("c", "H − L", "2"), feature("d", "L", "2"), feature("e", "V", "1")]);
        assert_eq!(
            compared("features-v1 1.0.0", &before, &now),
            "Against features-v1 1.0.0:\n\n- Added: `core.e`.\n- Removed: `core.b`.\n- Declared otherwise: \
             `core.c`.\n- Other output on its canonical input: `core.d`.\n"
        );
        assert_eq!(
            compared("features-v1 1.0.0", &before, &before),
            "- Every feature is as in features-v1 1.0.0.\n"
        );
    }

    #[test]
    fn the_newest_stands_on_top() {
        let entry = "## b 2.0.0 (day)\n\nwhy\n";
        assert_eq!(with_entry(None, entry), format!("{HEAD}\n{entry}"));
        for (text, expected) in [
            (
                "# Ours\n\nWords.\n\n## a 1.0.0\n\nold\n",
                "# Ours\n\nWords.\n\n## b 2.0.0 (day)\n\nwhy\n\n## a 1.0.0\n\nold\n",
            ),
            ("# Ours\r\n\r\n## a\r\n", "# Ours\n\n## b 2.0.0 (day)\n\nwhy\n\n## a\n"),
            ("## a\n", "## b 2.0.0 (day)\n\nwhy\n\n## a\n"),
            ("# Ours\n\n\n", "# Ours\n\n## b 2.0.0 (day)\n\nwhy\n"),
        ] {
            assert_eq!(with_entry(Some(text), entry), expected);
        }
    }
}
