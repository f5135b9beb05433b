//! From the errors of the crates to failures: which ending each has, what was expected and what was found.

use std::path::PathBuf;

use runtime::{ArtifactsConfig, BotError, ConfigError, StateError};

use crate::exit_code as ending;
use crate::failure::{Failure, Finding};

/// A configuration that is refused, every problem.
#[must_use]
pub fn config(error: ConfigError) -> Failure {
    let message = error.to_string();
    match error {
        ConfigError::Problems { path, problems } => {
            let finding = |problem: &runtime::ConfigProblem| Finding {
                ending: ending::CONFIGURATION,
                expected: Some(problem.expected.clone()),
                found: Some(problem.found.clone()),
                message: format!("{}: {problem}", path.display()),
            };
            Failure::of_many(problems.iter().map(finding).collect::<Vec<_>>(), message)
        }
        ConfigError::Read { .. } | _ => Failure::new(ending::CONFIGURATION, message),
    }
}

/// No bot: models, keys, strategy, instrument, limits.
#[must_use]
pub fn bot(error: BotError, artifacts: Option<&ArtifactsConfig>) -> Failure {
    let message = error.to_string();
    match error {
        BotError::Read { path, .. } => {
            let keys = artifacts.and_then(|artifacts| artifacts.trusted_keys.as_deref());
            let is_key = keys.is_some_and(|keys: &[PathBuf]| keys.contains(&path));
            Failure::new(if is_key { ending::KEY } else { ending::ARTIFACT_UNREADABLE }, message)
        }
        BotError::Key { .. } => Failure::new(ending::KEY, message),
        BotError::Refused { problems } => {
            let findings = problems.iter().flat_map(|(path, problems)| {
                problems.iter().map(move |problem| Finding::of_problem(path, problem))
            });
            Failure::of_many(findings.collect::<Vec<_>>(), message)
        }
        BotError::Strategy(_) => Failure::new(ending::STRATEGY, message),
        BotError::Execution(_) => Failure::new(ending::INSTRUMENT, message),
        BotError::Observation(_) => Failure::new(ending::RISK, message),
        _ => Failure::new(ending::INTERNAL, message),
    }
}

/// A state that cannot be restored or saved.
#[must_use]
pub fn state(error: &StateError) -> Failure {
    match error {
        StateError::Read { .. } => Failure::new(ending::STATE_UNREADABLE, error),
        StateError::Write { .. } => Failure::new(ending::STATE_UNWRITABLE, error),
        StateError::Restore { .. } => Failure::new(ending::STATE_DAMAGED, error),
        StateError::Identity { expected, found, .. } => {
            Failure::new(ending::STATE_OTHER_BOT, error).sides(expected, found)
        }
        StateError::Grid { expected, found, .. } => {
            Failure::new(ending::STATE_OTHER_BOT, error).sides(expected, found)
        }
        _ => Failure::new(ending::INTERNAL, error),
    }
}
