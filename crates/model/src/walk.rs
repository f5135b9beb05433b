//! Trees laid out to be walked: branchless, several at once, since each step waits for the one before.

use crate::PredictError;
use std::hint::select_unpredictable;

use crate::trees::{Arithmetic, Node, Split, TreesParts};

/// What the |x| of LightGBM's missing type Zero is at most: its `kZeroThreshold`.
const ZERO: f32 = 1e-35;

/// 2^128, what would come after the largest f32.
const BEYOND_F32: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;

/// Trees, or rows, that are walked at once.
const LANES: usize = 8;

/// A node to walk by, 16 bytes. A leaf is its own right child, and nothing goes left of it.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Left where the value is below it.
    below: f64,
    /// Index of the value, [`MISSING_LEFT`] and [`MISSING_ZERO`].
    feature: u32,
    /// Index of the node to the right, among those of all trees.
    right: u32,
}

const MISSING_LEFT: u32 = 1 << 31;
const MISSING_ZERO: u32 = 1 << 30;
const FEATURE: u32 = MISSING_ZERO - 1;

/// A tree among the nodes of all.
#[derive(Debug, Clone, Copy)]
struct Place {
    root: u32,
    /// Splits on its longest path.
    depth: u32,
}

/// Trees laid out to be walked.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    arithmetic: Arithmetic,
    base: f64,
    /// The nodes of all trees, in order.
    steps: Vec<Step>,
    /// The leaf at each node; 0 at splits.
    leaves: Vec<f64>,
    trees: Vec<Place>,
    /// Whether zero is missing in any split.
    zeros: bool,
    /// Magnitudes below it are 0 or count as 0.
    zero_below: f64,
    /// Inputs are below it in magnitude.
    finite_below: f64,
}

impl Walk {
    /// Rows that one call of [`many`](Walk::many) takes.
    pub(crate) const ROWS: usize = 64;

    /// Lays out parts that were checked.
    pub(crate) fn new(parts: &TreesParts) -> Self {
        let nodes = parts.trees.iter().map(Vec::len).sum();
        let finite_below = match parts.arithmetic {
            Arithmetic::F32 => below(parts.arithmetic, f64::INFINITY),
            Arithmetic::F64 => f64::INFINITY,
        };
        let zero_below = below(parts.arithmetic, up(parts.arithmetic, f64::from(ZERO)));
        let mut walk = Self {
            arithmetic: parts.arithmetic,
            base: parts.base,
            steps: Vec::with_capacity(nodes),
            leaves: Vec::with_capacity(nodes),
            trees: Vec::with_capacity(parts.trees.len()),
            zeros: false,
            zero_below,
            finite_below,
        };
        for tree in &parts.trees {
            walk.push(tree, parts.inclusive);
        }
        walk
    }

    /// Lays out one more tree.
    fn push(&mut self, tree: &[Node], inclusive: bool) {
        // `Trees::new` saw that all indices fit.
        let root = self.steps.len() as u32;
        let (mut depth, mut deepest) = (0, 0);
        let mut open = Vec::new();
        for node in tree {
            match node {
                Node::Split(split) => {
                    self.zeros |= split.missing.zero;
                    self.steps.push(step(self.arithmetic, split, inclusive, root));
                    self.leaves.push(0.0);
                    depth += 1;
                    open.push(depth);
                    deepest = if depth > deepest { depth } else { deepest };
                }
                Node::Leaf(value) => {
                    let right = self.steps.len() as u32;
                    self.steps.push(Step { below: f64::NEG_INFINITY, feature: 0, right });
                    self.leaves.push(*value);
                    depth = open.pop().unwrap_or(0);
                }
            }
        }
        self.trees.push(Place { root, depth: deepest });
    }

    /// Refuses infinite values, and those that round to infinity.
    #[inline]
    pub(crate) fn check(&self, input: &[f64]) -> Result<(), PredictError> {
        let refused = |value: &f64| value.abs() >= self.finite_below;
        // Without a way out in the middle it is a few vector instructions.
        if !input.iter().fold(false, |any, value| any | refused(value)) {
            return Ok(());
        }
        let index = input.iter().position(refused).unwrap_or_default();
        Err(PredictError::Infinite { index, found: input.get(index).copied().unwrap_or(f64::NAN) })
    }

    /// The margin of an input that was checked.
    pub(crate) fn one(&self, input: &[f64]) -> f64 {
        if self.zeros { self.one_of::<true>(input) } else { self.one_of::<false>(input) }
    }

    /// The margins of up to [`ROWS`](Walk::ROWS) inputs that were checked, one after another.
    pub(crate) fn many(&self, inputs: &[f64], width: usize) -> [f64; Self::ROWS] {
        if self.zeros { self.many_of::<true>(inputs, width) } else { self.many_of::<false>(inputs, width) }
    }

    fn one_of<const ZEROS: bool>(&self, input: &[f64]) -> f64 {
        let mut margin = self.base;
        for trees in self.trees.chunks(LANES) {
            // Lanes beyond the last tree stand at a node of the first and are not summed.
            let mut at = [trees.first().map_or(0, |tree| tree.root); LANES];
            let mut depth = 0;
            for (lane, tree) in at.iter_mut().zip(trees) {
                *lane = tree.root;
                depth = if tree.depth > depth { tree.depth } else { depth };
            }
            self.descend::<ZEROS>(&mut at, depth, input, 0);
            for lane in at.iter().take(trees.len()) {
                margin = self.arithmetic.add(margin, self.leaf(*lane));
            }
        }
        margin
    }

    fn many_of<const ZEROS: bool>(&self, inputs: &[f64], width: usize) -> [f64; Self::ROWS] {
        let mut margins = [self.base; Self::ROWS];
        for tree in &self.trees {
            for (rows, margins) in inputs.chunks(LANES * width).zip(margins.chunks_mut(LANES)) {
                let mut at = [tree.root; LANES];
                self.descend::<ZEROS>(&mut at, tree.depth, rows, width);
                for (margin, lane) in margins.iter_mut().zip(&at) {
                    *margin = self.arithmetic.add(*margin, self.leaf(*lane));
                }
            }
        }
        margins
    }

    /// Walks every lane to its leaf. The input of each lane begins `stride` after that of the one before; lanes
    /// whose input is not there stay where they are.
    #[inline(always)]
    fn descend<const ZEROS: bool>(&self, at: &mut [u32; LANES], depth: u32, inputs: &[f64], stride: usize) {
        for _ in 0..depth {
            let mut moved = false;
            for (lane, at) in at.iter_mut().enumerate() {
                let next = self.next::<ZEROS>(*at, inputs, lane * stride);
                moved |= next != *at;
                *at = next;
            }
            if !moved {
                return;
            }
        }
    }

    /// The node after `at`; `at` itself where it is a leaf, or where the input is not there.
    #[inline(always)]
    fn next<const ZEROS: bool>(&self, at: u32, inputs: &[f64], start: usize) -> u32 {
        let Some(step) = self.steps.get(at as usize) else { return at };
        let Some(value) = inputs.get(start + (step.feature & FEATURE) as usize) else { return at };
        let missing = value.is_nan() & (step.feature & MISSING_LEFT != 0);
        let mut left = (*value < step.below) | missing;
        if ZEROS && step.feature & MISSING_ZERO != 0 && value.abs() < self.zero_below {
            left = step.feature & MISSING_LEFT != 0;
        }
        select_unpredictable(left, at + 1, step.right)
    }

    #[inline(always)]
    fn leaf(&self, at: u32) -> f64 {
        self.leaves.get(at as usize).copied().unwrap_or(0.0)
    }
}

/// A split to walk by.
fn step(arithmetic: Arithmetic, split: &Split, inclusive: bool, root: u32) -> Step {
    let threshold = if inclusive { up(arithmetic, split.threshold) } else { split.threshold };
    let mut feature = split.feature;
    if split.missing.left {
        feature |= MISSING_LEFT;
    }
    if split.missing.zero {
        feature |= MISSING_ZERO;
    }
    Step { below: below(arithmetic, threshold), feature, right: root + split.right }
}

/// The next number of the arithmetic: `x ≤ t` where `x < up(t)`.
fn up(arithmetic: Arithmetic, threshold: f64) -> f64 {
    match arithmetic {
        Arithmetic::F32 => f64::from((threshold as f32).next_up()),
        Arithmetic::F64 => threshold.next_up(),
    }
}

/// The b for which `round(x) < threshold` where `x < b`, for every x that does not round to infinity: so inputs need
/// not be rounded.
///
/// What rounds to the f32 `t` or above begins halfway between `t` and the f32 before it, which f64 holds exactly; the
/// halfway itself rounds to the even one of the two. Infinity stands where 2^128 would.
fn below(arithmetic: Arithmetic, threshold: f64) -> f64 {
    match arithmetic {
        Arithmetic::F64 => threshold,
        Arithmetic::F32 => {
            let rounded = threshold as f32;
            let even = rounded.to_bits() & 1 == 0;
            let finite =
                |value: f32, infinite: f64| if value.is_finite() { f64::from(value) } else { infinite };
            let low = finite(rounded.next_down(), -BEYOND_F32);
            let high = finite(rounded, BEYOND_F32);
            let halfway = low + (high - low) / 2.0;
            if even { halfway } else { halfway.next_up() }
        }
    }
}
