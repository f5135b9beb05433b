//! Each package has one tier, uses what its tier may use, and reaches nothing under `experiments/`.

mod experiments;
mod tiers;

use crate::{Graph, Problem};

/// Every package of the workspace against the table of tiers (see the crate's doc), and everything production,
/// features, crates, research and xtask reach against `experiments/`.
#[must_use]
pub fn imports(graph: &Graph) -> Vec<Problem> {
    let mut problems = tiers::placed(graph);
    problems.extend(tiers::roles(graph));
    problems.extend(tiers::uses(graph));
    problems.extend(tiers::production(graph));
    problems.extend(experiments::reached(graph));
    problems
}

#[cfg(test)]
mod tests;
