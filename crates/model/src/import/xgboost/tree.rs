//! A tree of XGBoost JSON: parallel arrays with an element for each node, in any order after the root.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::read::{Flag, array, categorical, number};
use crate::import::preorder::{Stored, preorder};
use crate::{Missing, ModelError, Node};

/// The arrays are read as they stand: a float must become an f32 in one step.
#[derive(Deserialize)]
pub(super) struct Tree<'a> {
    id: u64,
    tree_param: TreeParameters,
    #[serde(borrow)]
    left_children: &'a RawValue,
    #[serde(borrow)]
    right_children: &'a RawValue,
    #[serde(borrow)]
    split_indices: &'a RawValue,
    #[serde(borrow)]
    split_conditions: &'a RawValue,
    #[serde(borrow)]
    default_left: &'a RawValue,
    #[serde(borrow)]
    split_type: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct TreeParameters {
    num_nodes: String,
    num_deleted: String,
    size_leaf_vector: Option<String>,
}

impl Tree<'_> {
    /// Its nodes in preorder. `index` is its place among the trees, `inputs` the length of an input.
    pub(super) fn read(&self, index: usize, inputs: u32) -> Result<Vec<Node>, ModelError> {
        let what = |part: &str| format!("tree {index}: {part}");
        if self.id != index as u64 {
            return Err(ModelError::invalid(what("id"), index.to_string(), self.id));
        }
        let leaf_size: u64 = self
            .tree_param
            .size_leaf_vector
            .as_deref()
            .map_or(Ok(1), |size| number(size, "size_leaf_vector"))?;
        if leaf_size > 1 {
            return Err(ModelError::NotCovered {
                what: what("a leaf of several values"),
                instead: "train with multi_strategy=\"one_output_per_tree\", one model for each target",
            });
        }
        let nodes: usize = number(&self.tree_param.num_nodes, "num_nodes")?;
        let arrays = Arrays {
            tree: index,
            inputs,
            left: array(self.left_children, || what("left_children"))?,
            right: array(self.right_children, || what("right_children"))?,
            feature: array(self.split_indices, || what("split_indices"))?,
            number: array(self.split_conditions, || what("split_conditions"))?,
            default_left: array(self.default_left, || what("default_left"))?,
            categorical: self.split_type.map(|raw| array(raw, || what("split_type"))).transpose()?,
        };
        arrays.check_lengths(nodes)?;
        let order = preorder(index, nodes, |node| arrays.node(node))?;
        let deleted: usize = number(&self.tree_param.num_deleted, "num_deleted")?;
        if order.len().checked_add(deleted) != Some(nodes) {
            let expected = format!("{nodes} nodes in all, {deleted} of them deleted");
            let found = format!("{} that can be reached", order.len());
            return Err(ModelError::invalid(what("nodes"), expected, found));
        }
        Ok(order)
    }
}

/// The arrays of a tree, an element for each node.
struct Arrays {
    tree: usize,
    inputs: u32,
    left: Vec<i64>,
    right: Vec<i64>,
    feature: Vec<u32>,
    number: Vec<f32>,
    default_left: Vec<Flag>,
    /// Absent where XGBoost did not know categories yet.
    categorical: Option<Vec<Flag>>,
}

impl Arrays {
    fn check_lengths(&self, nodes: usize) -> Result<(), ModelError> {
        let lengths = [
            ("left_children", self.left.len()),
            ("right_children", self.right.len()),
            ("split_indices", self.feature.len()),
            ("split_conditions", self.number.len()),
            ("default_left", self.default_left.len()),
            ("split_type", self.categorical.as_ref().map_or(nodes, Vec::len)),
        ];
        match lengths.iter().find(|(_, length)| *length != nodes) {
            Some((name, length)) => {
                let expected = format!("{nodes} elements, as num_nodes says");
                Err(ModelError::invalid(format!("tree {}: {name}", self.tree), expected, length))
            }
            None => Ok(()),
        }
    }

    fn node(&self, index: usize) -> Result<Stored, ModelError> {
        let at = || format!("tree {}, node {index}", self.tree);
        let parts = (|| {
            let children = (*self.left.get(index)?, *self.right.get(index)?);
            let split = (*self.feature.get(index)?, *self.number.get(index)?);
            let by_category =
                self.categorical.as_ref().is_some_and(|flags| flags.get(index).is_none_or(|flag| flag.0));
            Some((children, split, self.default_left.get(index)?.0, by_category))
        })();
        let Some(((left, right), (feature, number), missing_left, by_category)) = parts else {
            return Err(ModelError::invalid(at(), "an element in each array", "none"));
        };
        if !number.is_finite() {
            return Err(ModelError::invalid(
                format!("{}: split_conditions", at()),
                "a finite number of f32",
                number,
            ));
        }
        if (left, right) == (-1, -1) {
            return Ok(Stored::Leaf(f64::from(number)));
        }
        if by_category {
            return Err(categorical(format!("{}: a split by category", at())));
        }
        if feature >= self.inputs {
            let expected = format!("a feature below {}", self.inputs);
            return Err(ModelError::invalid(format!("{}: split_indices", at()), expected, feature));
        }
        let child = |child: i64| {
            usize::try_from(child).map_err(|_| {
                ModelError::invalid(format!("{}: children", at()), "two nodes, or -1 for both", child)
            })
        };
        Ok(Stored::Split {
            feature,
            threshold: f64::from(number),
            missing: Missing { left: missing_left, zero: false },
            left: child(left)?,
            right: child(right)?,
        })
    }
}
