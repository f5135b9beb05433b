//! Trees whose nodes name both children, into preorder.

use crate::{Missing, ModelError, Node, Split};

/// A node as another library stores it.
pub(super) enum Stored {
    /// Both children by their numbers.
    Split { feature: u32, threshold: f64, missing: Missing, left: usize, right: usize },
    /// The value of a leaf.
    Leaf(f64),
}

/// The nodes that are reached from node 0, in preorder. `nodes` is how many are stored, `node` gives one of them; it
/// is asked for numbers below `nodes` only, for each at most once, so neither a cycle nor depth can hurt.
pub(super) fn preorder(
    tree: usize,
    nodes: usize,
    node: impl Fn(usize) -> Result<Stored, ModelError>,
) -> Result<Vec<Node>, ModelError> {
    let mut seen = vec![false; nodes];
    let mut order: Vec<Node> = Vec::new();
    // Numbers to be visited; a right child with the place of its parent, which learns from it where it stands.
    let mut open: Vec<(usize, Option<usize>)> = vec![(0, None)];
    while let Some((number, parent)) = open.pop() {
        match seen.get_mut(number) {
            Some(seen @ false) => *seen = true,
            Some(true) => {
                let what = format!("tree {tree}, node {number}");
                return Err(ModelError::invalid(what, "one parent", "a second way to it"));
            }
            None => {
                let what = format!("tree {tree}: child");
                return Err(ModelError::invalid(what, format!("a node below {nodes}"), number));
            }
        }
        let place = order.len();
        if let Some(parent) = parent
            && let Some(Node::Split(split)) = order.get_mut(parent)
        {
            split.right = u32::try_from(place)
                .map_err(|_| ModelError::invalid(format!("tree {tree}"), "fewer than 2³² nodes", nodes))?;
        }
        order.push(match node(number)? {
            Stored::Leaf(value) => Node::Leaf(value),
            Stored::Split { feature, threshold, missing, left, right } => {
                open.push((right, Some(place)));
                open.push((left, None));
                Node::Split(Split { feature, threshold, missing, right: 0 })
            }
        });
    }
    Ok(order)
}
