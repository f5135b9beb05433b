//! The written state, before it is committed: built anew, run in debug and release, and checked.

use super::Plan;
use crate::{Facts, Profile, Report, Workspace};

/// Everything that is not as planned; nothing where the release may be committed.
pub(super) fn verify(workspace: &Workspace, plan: &Plan, check: &dyn Fn() -> Report) -> Vec<String> {
    let mut problems = Vec::new();
    for profile in [Profile::Debug, Profile::Release] {
        match Facts::of(workspace, &plan.record.name, profile) {
            Ok(facts) => problems.extend(differences(plan, &facts, profile)),
            Err(error) => problems.push(error.to_string()),
        }
    }
    // Cargo writes its lock file anew where it is not what the manifests ask for.
    for change in &plan.changes {
        match change.stands(workspace) {
            Ok(true) => {}
            Ok(false) => problems.push(format!("{} was changed while it was verified", change.path)),
            Err(error) => problems.push(error.to_string()),
        }
    }
    let report = check();
    if !report.is_clean() {
        problems.push(format!("cargo xtask check finds {report}"));
    }
    problems
}

/// What a version says of itself otherwise than the record does.
fn differences(plan: &Plan, facts: &Facts, profile: Profile) -> Vec<String> {
    let record = &plan.record;
    let build = match profile {
        Profile::Debug => "debug",
        Profile::Release => "release",
    };
    let mut pairs = vec![
        ("version".to_owned(), record.version.to_string(), facts.version.clone()),
        ("source hash".to_owned(), record.source_hash.clone(), facts.source_hash.clone()),
        ("golden output hash".to_owned(), record.output_hash.clone(), facts.golden_output_hash.clone()),
        ("output hash".to_owned(), record.output_hash.clone(), facts.output_hash.clone()),
        ("number of sets".to_owned(), record.schemas.len().to_string(), facts.sets.len().to_string()),
    ];
    for set in &facts.sets {
        let expected = record.schemas.get(&set.name).cloned().unwrap_or_default();
        pairs.push((format!("schema hash of {}", set.name), expected, set.schema_hash.clone()));
    }
    let wrong = pairs.into_iter().filter(|(_, expected, found)| expected != found);
    wrong
        .map(|(what, expected, found)| format!("{what} in {build}: expected {expected}, found {found}"))
        .collect()
}
