//! No dependency without a reason written beside it.

use std::path::Path;

/// Lines of a manifest's dependency tables: the package and what stands after `#`.
fn dependencies(text: &str, tables: &[&str]) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    let mut inside = false;
    let mut above = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = tables.contains(&line);
        } else if let Some(comment) = line.strip_prefix('#') {
            above = Some(comment.trim().to_owned());
            continue;
        } else if inside && let Some((key, rest)) = line.split_once('=') {
            let name = key.trim().trim_end_matches(".workspace").to_owned();
            let beside = rest.rsplit_once('#').map(|(_, reason)| reason.trim().to_owned());
            found.push((name, beside.or(above).filter(|reason| !reason.is_empty())));
        }
        above = None;
    }
    found
}

#[test]
fn every_dependency_has_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let workspace = dependencies(&read("Cargo.toml"), &["[workspace.dependencies]"]);
    assert!(workspace.len() > 40, "{workspace:?}");
    let tables = ["[dependencies]", "[dev-dependencies]", "[build-dependencies]"];
    let mut missing = Vec::new();
    for package in ["bins/gatekeeper", "bins/isobar", "crates/governance", "xtask"] {
        let own = dependencies(&read(&format!("{package}/Cargo.toml")), &tables);
        assert!(own.len() > 5, "{package}: {own:?}");
        for (name, reason) in own {
            let shared =
                workspace.iter().find(|(other, _)| *other == name).and_then(|(_, reason)| reason.clone());
            if reason.or(shared).is_none() {
                missing.push(format!("{package}: {name}"));
            }
        }
    }
    let surplus =
        workspace.iter().filter(|(_, reason)| reason.is_none()).map(|(name, _)| format!("workspace: {name}"));
    missing.extend(surplus);
    assert_eq!(missing, Vec::<String>::new(), "a dependency without a reason beside it");
}

#[test]
fn a_missing_reason_is_seen() {
    let text = "[dependencies]\na.workspace = true\nb = \"1\" # why\n# why\nc = { path = \"c\" }\n\n[features]\nd = []\n";
    let reasons: Vec<_> = dependencies(text, &["[dependencies]"])
        .into_iter()
        .map(|(name, reason)| (name, reason.is_some()))
        .collect();
    let expected = [("a", false), ("b", true), ("c", true)].map(|(name, has)| (name.to_owned(), has));
    assert_eq!(reasons, expected);
}
