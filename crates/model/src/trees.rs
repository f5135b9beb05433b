//! Trees whose leaves are summed.

use crate::walk::Walk;
use crate::{Link, Model, ModelError, Output, PredictError, Prediction};

/// In which precision inputs are compared and leaves are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// Inputs are rounded to f32 once; thresholds, leaves and sums are f32 (XGBoost).
    F32,
    /// Everything is f64 (LightGBM, forust, our own).
    F64,
}

/// Where a missing value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// To the left, else to the right.
    pub left: bool,
    /// Whether zero counts as missing: |x| ≤ 1e-35f (LightGBM's missing type Zero).
    pub zero: bool,
}

/// A question about one value of the input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Index in the input.
    pub feature: u32,
    /// Left where the value is below it, or equal to it where the trees are `inclusive`.
    pub threshold: f64,
    /// Where a missing value goes.
    pub missing: Missing,
    /// Index of the node to the right; the node to the left is the next one.
    pub right: u32,
}

/// A node of a tree. Nodes stand in preorder, the left child first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// A question.
    Split(Split),
    /// An answer.
    Leaf(f64),
}

/// The parts of trees, before they are checked.
#[derive(Debug, Clone, PartialEq)]
pub struct TreesParts {
    /// Length of an input.
    pub inputs: u32,
    /// Precision.
    pub arithmetic: Arithmetic,
    /// Whether a value equal to the threshold goes left.
    pub inclusive: bool,
    /// The margin before the first tree.
    pub base: f64,
    /// From the margin to the prediction.
    pub link: Link,
    /// The trees, in the order of their sum.
    pub trees: Vec<Vec<Node>>,
}

/// Trees whose leaves are summed, in canonical form.
///
/// A margin is `base + leaf of tree 0 + leaf of tree 1 + …`, rounded after each sum to f32 or f64 as the
/// [`Arithmetic`] says. NaN is missing.
///
/// # Invariants
/// Every tree is a whole preorder, each node reached once; every number is finite, in f32 where the arithmetic is,
/// and never −0.0; every feature is below `inputs`; no margin can overflow.
///
/// # The sign of zero
/// −0.0 becomes 0.0 when trees are made, so that equal models have equal parts, and no margin is −0.0. This changes
/// no other bit: −0.0 compares as 0.0, and added to a sum it changes nothing unless the whole sum is −0.0. Of the
/// libraries that are imported only XGBoost has such a margin: where `base_score` is 0.5, its base is −0.0, and stays
/// so where every leaf that is reached is −0.0. It is 0.0 here, and the prediction is 0.5 in both.
#[derive(Debug, Clone)]
pub struct Trees {
    parts: TreesParts,
    walk: Walk,
}

/// Equal parts; they hold no NaN and no −0.0, so equal is equal to the bit.
impl PartialEq for Trees {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Trees {
    /// Longest input.
    pub const INPUTS_MAX: u32 = 1 << 20;

    /// Checks the parts and replaces −0.0 by 0.0.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] of the first invariant that does not hold, with the tree and the node.
    pub fn new(mut parts: TreesParts) -> Result<Self, ModelError> {
        if parts.inputs == 0 || parts.inputs > Self::INPUTS_MAX {
            let expected = format!("1 to {} inputs", Self::INPUTS_MAX);
            return Err(ModelError::invalid("trees", expected, parts.inputs));
        }
        parts.link.check()?;
        number(&mut parts.base, parts.arithmetic, || "base".to_owned())?;
        if parts.trees.is_empty() {
            return Err(ModelError::invalid("trees", "at least one tree", "none"));
        }
        let nodes = parts.trees.iter().map(Vec::len).sum::<usize>();
        if u32::try_from(nodes).is_err() {
            return Err(ModelError::invalid("trees", format!("at most {} nodes", u32::MAX), nodes));
        }
        for (index, tree) in parts.trees.iter_mut().enumerate() {
            check_order(tree).map_err(|fault| fault.of_tree(index))?;
            check_values(tree, index, parts.inputs, parts.arithmetic)?;
        }
        check_overflow(&parts)?;
        let walk = Walk::new(&parts);
        Ok(Self { parts, walk })
    }

    /// What they were made from, −0.0 replaced.
    #[must_use]
    pub const fn parts(&self) -> &TreesParts {
        &self.parts
    }

    /// The parts, to make others from them.
    #[must_use]
    pub fn into_parts(self) -> TreesParts {
        self.parts
    }

    /// Number of nodes, leaves among them.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.parts.trees.iter().map(Vec::len).sum()
    }

    /// How often each input is asked: its splits, over all trees. Length of an input.
    #[must_use]
    pub fn importance(&self) -> Vec<u64> {
        let mut splits = vec![0; self.parts.inputs as usize];
        for node in self.parts.trees.iter().flatten() {
            let Node::Split(split) = node else { continue };
            if let Some(count) = splits.get_mut(split.feature as usize) {
                *count += 1;
            }
        }
        splits
    }

    fn prediction(&self, margin: f64) -> Prediction {
        Prediction { margin, value: self.parts.link.apply(margin) }
    }
}

impl Model for Trees {
    fn describe(&self) -> String {
        let arithmetic = match self.parts.arithmetic {
            Arithmetic::F32 => "f32",
            Arithmetic::F64 => "f64",
        };
        let (trees, nodes) = (grouped(self.parts.trees.len()), grouped(self.nodes()));
        format!("trees ({trees} trees, {nodes} nodes, {arithmetic} arithmetic)")
    }

    fn inputs(&self) -> usize {
        self.parts.inputs as usize
    }

    fn takes_missing(&self) -> bool {
        true
    }

    fn output(&self) -> Output {
        self.parts.link.output()
    }

    fn predict(&self, input: &[f64]) -> Result<Prediction, PredictError> {
        let expected = self.inputs();
        if input.len() != expected {
            return Err(PredictError::Width { expected, found: input.len() });
        }
        self.walk.check(input)?;
        Ok(self.prediction(self.walk.one(input)))
    }

    fn predict_many(&self, inputs: &[f64], predictions: &mut Vec<Prediction>) -> Result<(), PredictError> {
        let width = self.inputs();
        let rows = inputs.chunks_exact(width);
        let rest = rows.remainder().len();
        for block in inputs.chunks(Walk::ROWS * width) {
            // Rows before the first that is refused are predicted.
            let checked = block.chunks_exact(width).map(|row| self.walk.check(row));
            let (ready, refused) =
                match checked.enumerate().find_map(|(row, check)| Some((row, check.err()?))) {
                    Some((row, error)) => (row, Some(error)),
                    None => (block.len() / width, None),
                };
            let margins = self.walk.many(block.get(..ready * width).unwrap_or_default(), width);
            predictions.extend(margins.iter().take(ready).map(|margin| self.prediction(*margin)));
            if let Some(error) = refused {
                return Err(error);
            }
        }
        if rest == 0 { Ok(()) } else { Err(PredictError::Width { expected: width, found: rest }) }
    }
}

/// A fault of a node.
struct Fault {
    node: usize,
    what: &'static str,
    expected: String,
    found: String,
}

impl Fault {
    fn of_tree(self, tree: usize) -> ModelError {
        let what = format!("tree {tree}, node {}: {}", self.node, self.what);
        ModelError::invalid(what, self.expected, self.found)
    }
}

/// Whether every node is reached exactly once: the left child is the next node, the right child the node after the
/// left subtree. Trees as deep as they have nodes are fine.
fn check_order(tree: &[Node]) -> Result<(), Fault> {
    // Splits whose left subtree is not over.
    let mut open: Vec<(usize, u32)> = Vec::new();
    let mut whole = false;
    for (index, node) in tree.iter().enumerate() {
        if whole {
            let expected = format!("{index} nodes: the tree is whole there");
            return Err(Fault {
                node: index,
                what: "order",
                expected,
                found: format!("{} nodes", tree.len()),
            });
        }
        match node {
            Node::Split(split) => open.push((index, split.right)),
            Node::Leaf(_) => match open.pop() {
                Some((_, right)) if right as usize == index + 1 => {}
                Some((node, right)) => {
                    let expected = format!("node {}, the first after the left subtree", index + 1);
                    return Err(Fault {
                        node,
                        what: "right child",
                        expected,
                        found: format!("node {right}"),
                    });
                }
                None => whole = true,
            },
        }
    }
    if whole {
        return Ok(());
    }
    let found = format!("the end of the tree after {} nodes", tree.len());
    Err(Fault { node: tree.len(), what: "order", expected: "a split or a leaf".to_owned(), found })
}

/// Checks features and numbers, and replaces −0.0.
fn check_values(
    tree: &mut [Node],
    index: usize,
    inputs: u32,
    arithmetic: Arithmetic,
) -> Result<(), ModelError> {
    for (node, part) in tree.iter_mut().enumerate() {
        match part {
            Node::Split(split) if split.feature >= inputs => {
                let what = format!("tree {index}, node {node}: feature");
                return Err(ModelError::invalid(what, format!("below {inputs}"), split.feature));
            }
            Node::Split(split) => {
                number(&mut split.threshold, arithmetic, || format!("tree {index}, node {node}: threshold"))?;
            }
            Node::Leaf(value) => number(value, arithmetic, || format!("tree {index}, node {node}: leaf"))?,
        }
    }
    Ok(())
}

/// Refuses a number that is not finite or not in f32 where it must be; replaces −0.0 by 0.0.
fn number(number: &mut f64, arithmetic: Arithmetic, what: impl Fn() -> String) -> Result<(), ModelError> {
    let fits = match arithmetic {
        Arithmetic::F32 => f64::from(*number as f32) == *number,
        Arithmetic::F64 => true,
    };
    if !number.is_finite() || !fits {
        let expected =
            if number.is_finite() { "a number of f32, as the arithmetic is" } else { "a finite number" };
        return Err(ModelError::invalid(what(), expected, format!("{number:?}")));
    }
    if *number == 0.0 {
        *number = 0.0;
    }
    Ok(())
}

/// Refuses trees whose largest possible margin is infinite: rounding never decreases in the sum, so where the sum of
/// magnitudes is finite, every partial sum of leaves is.
fn check_overflow(parts: &TreesParts) -> Result<(), ModelError> {
    let mut bound = parts.base.abs();
    for (index, tree) in parts.trees.iter().enumerate() {
        let mut largest = 0.0;
        for node in tree {
            match node {
                Node::Leaf(value) if value.abs() > largest => largest = value.abs(),
                Node::Leaf(_) | Node::Split(_) => {}
            }
        }
        bound = parts.arithmetic.add(bound, largest);
        if !bound.is_finite() {
            let what = format!("sum of the leaves up to tree {index}");
            return Err(ModelError::invalid(
                what,
                "a finite number for every input",
                "leaves that can overflow",
            ));
        }
    }
    Ok(())
}

impl Arithmetic {
    /// The rounded sum.
    #[inline(always)]
    pub(crate) fn add(self, sum: f64, leaf: f64) -> f64 {
        match self {
            Self::F32 => f64::from(sum as f32 + leaf as f32),
            Self::F64 => sum + leaf,
        }
    }
}

/// A number with a comma after each three digits.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
