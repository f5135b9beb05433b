//! Why there is no strategy, or no signal.

use std::fmt::Display;

use artifact::PipelineError;
use observation::ObservationError;

/// Why there is no strategy, or no signal.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StrategyError {
    /// No strategy of that name.
    #[error("no strategy is called {found:?}; there are: {}", known.join(", "))]
    Unknown {
        /// The name given.
        found: String,
        /// The names there are.
        known: &'static [&'static str],
    },
    /// An option that is missing, cannot be, or means nothing here.
    #[error("strategy option {name}: {problem}")]
    Option {
        /// The option.
        name: &'static str,
        /// What is the matter, and what to do.
        problem: String,
    },
    /// A model that cannot serve as that leg.
    #[error("the {leg} model: {problem}")]
    Model {
        /// `entry` or `exit`.
        leg: &'static str,
        /// What is the matter, and what to do.
        problem: String,
    },
    /// A bar or a position.
    #[error(transparent)]
    Observation(#[from] ObservationError),
    /// A model that refuses an input.
    #[error("the {leg} model: {error}")]
    Predict {
        /// `entry` or `exit`.
        leg: &'static str,
        /// Why.
        error: PipelineError,
    },
}

impl StrategyError {
    /// An option that lies outside its range.
    pub(crate) fn outside(name: &'static str, found: impl Display, expected: &str) -> Self {
        Self::Option { name, problem: format!("is {found}; expected {expected}") }
    }

    /// An option that is missing, or means nothing here.
    pub(crate) fn option(name: &'static str, problem: impl Into<String>) -> Self {
        Self::Option { name, problem: problem.into() }
    }

    /// A model that cannot serve as that leg.
    pub(crate) fn model(leg: &'static str, problem: impl Into<String>) -> Self {
        Self::Model { leg, problem: problem.into() }
    }
}
