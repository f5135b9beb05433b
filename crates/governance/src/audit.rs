//! One page for a code review: what runs with money, on which features, with which models, built from what.
//!
//! [`read`] asks the workspace and gives an [`Audit`], plain data that is also the JSON; [`binaries`], [`judge`] and
//! [`dependencies`] make it of what was read. [`Page`] is what a person reads of it, written once and drawn three times:
//! [`Page::terminal`], [`Page::markdown`], [`Page::html`].
//!
//! The page judges nothing anew: problems are those of [`check`](crate::check). What is no problem and must be known
//! all the same (a draft in production, a changed tree, a check left out) is a notice.

mod artifacts;
mod binaries;
mod dependencies;
mod html;
mod markdown;
mod page;
mod read;
mod terminal;

use serde::Serialize;

use crate::{Problem, Record};

pub use artifacts::{Artifact, ArtifactFacts, ArtifactFile, Fit, Reason, SchemaOf, judge};
pub use binaries::{Asked, Binary, Identity, Pin, SetIdentity, binaries};
pub use dependencies::{Dependency, dependencies};
pub use page::Page;
pub use read::read;

/// What a review must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// What all of this was read from.
    pub state: State,
    /// The programs that run with money, by name.
    pub binaries: Vec<Binary>,
    /// The artifacts, by path; `None` where no folder was given.
    pub artifacts: Option<Vec<Artifact>>,
    /// What `check` found.
    pub problems: Vec<Problem>,
    /// What production is built from, its own packages first.
    pub dependencies: Vec<Dependency>,
    /// Every release of the ledger, oldest first.
    pub releases: Vec<Record>,
}

/// What an audit was read from. What could not be read is `None`, and a notice says why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct State {
    /// The commit.
    pub commit: Option<String>,
    /// How many files differ from it.
    pub changed: Option<usize>,
    /// The compiler, as `rustc --version` prints it.
    pub toolchain: Option<String>,
    /// What came of cargo-deny.
    pub deny: String,
    /// What must be known of these.
    pub notices: Vec<String>,
}

impl Audit {
    /// Everything that is no problem and must be known all the same.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        let of_pin = |binary: &Binary, pin: &Pin| -> Vec<String> {
            pin.notices.iter().map(|notice| format!("{}: {notice}", binary.name)).collect()
        };
        let of_binaries = self
            .binaries
            .iter()
            .flat_map(|binary| binary.pins.iter().flat_map(move |pin| of_pin(binary, pin)));
        self.state.notices.iter().cloned().chain(of_binaries).collect()
    }

    /// The audit as JSON, as `--json` prints it.
    #[must_use]
    pub fn json(&self) -> String {
        // Strings, numbers and lists always have a JSON.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}
