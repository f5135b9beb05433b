#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

const RIGHT: Missing = Missing { left: false, zero: false };

fn split(feature: u32, threshold: f64, right: u32) -> Node {
    Node::Split(Split { feature, threshold, missing: RIGHT, right })
}

fn parts(trees: Vec<Vec<Node>>) -> TreesParts {
    TreesParts {
        inputs: 2,
        arithmetic: Arithmetic::F64,
        inclusive: false,
        base: 0.0,
        link: Link::Identity,
        trees,
    }
}

fn stump() -> Vec<Node> {
    vec![split(0, 1.0, 2), Node::Leaf(-1.0), Node::Leaf(1.0)]
}

fn error(parts: TreesParts) -> String {
    Trees::new(parts).unwrap_err().to_string()
}

/// The definition, by recursion: nothing of the layout.
fn naive(parts: &TreesParts, input: &[f64]) -> f64 {
    fn leaf(parts: &TreesParts, tree: &[Node], at: usize, input: &[f64]) -> f64 {
        let split = match tree[at] {
            Node::Leaf(value) => return value,
            Node::Split(split) => split,
        };
        let value = input[split.feature as usize];
        let missing = |nan: bool, zero: bool| nan || split.missing.zero && zero;
        let (missing, left) = match parts.arithmetic {
            Arithmetic::F32 => {
                let (value, threshold) = (value as f32, split.threshold as f32);
                let below = if parts.inclusive { value <= threshold } else { value < threshold };
                (missing(value.is_nan(), value.abs() <= 1e-35_f32), below)
            }
            Arithmetic::F64 => {
                let below = if parts.inclusive { value <= split.threshold } else { value < split.threshold };
                (missing(value.is_nan(), value.abs() <= f64::from(1e-35_f32)), below)
            }
        };
        let left = if missing { split.missing.left } else { left };
        leaf(parts, tree, if left { at + 1 } else { split.right as usize }, input)
    }
    let leaves = parts.trees.iter().map(|tree| leaf(parts, tree, 0, input));
    match parts.arithmetic {
        Arithmetic::F32 => f64::from(leaves.fold(parts.base as f32, |sum, leaf| sum + leaf as f32)),
        Arithmetic::F64 => leaves.fold(parts.base, |sum, leaf| sum + leaf),
    }
}

#[test]
fn trees_are_whole_preorders() {
    let order = |tree: Vec<Node>| error(parts(vec![stump(), tree]));
    assert_eq!(
        order(vec![]),
        "tree 1, node 0: order: expected a split or a leaf, found the end of the tree after 0 nodes"
    );
    assert!(order(vec![split(0, 1.0, 2), Node::Leaf(0.0)]).contains("after 2 nodes"));
    let two = order(vec![Node::Leaf(0.0), Node::Leaf(0.0)]);
    assert_eq!(two, "tree 1, node 1: order: expected 1 nodes: the tree is whole there, found 2 nodes");
    for right in [0, 1, 3, u32::MAX] {
        let text = order(vec![split(0, 1.0, right), Node::Leaf(0.0), Node::Leaf(0.0)]);
        let found = format!("expected node 2, the first after the left subtree, found node {right}");
        assert_eq!(text, format!("tree 1, node 0: right child: {found}"));
    }
    let deep = vec![split(0, 1.0, 4), split(0, 0.0, 4), Node::Leaf(0.0), Node::Leaf(0.0), Node::Leaf(0.0)];
    assert!(order(deep).starts_with("tree 1, node 1: right child: expected node 3"));
    assert!(error(parts(vec![])).contains("at least one tree"));
}

#[test]
fn numbers_and_features_are_checked() {
    for inputs in [0, Trees::INPUTS_MAX + 1] {
        assert!(error(TreesParts { inputs, ..parts(vec![stump()]) }).contains("inputs, found"));
    }
    assert!(Trees::new(TreesParts { inputs: Trees::INPUTS_MAX, ..parts(vec![stump()]) }).is_ok());
    let feature = vec![split(2, 1.0, 2), Node::Leaf(0.0), Node::Leaf(0.0)];
    assert_eq!(error(parts(vec![feature])), "tree 0, node 0: feature: expected below 2, found 2");
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let threshold = vec![split(0, number, 2), Node::Leaf(0.0), Node::Leaf(0.0)];
        assert!(
            error(parts(vec![threshold])).starts_with("tree 0, node 0: threshold: expected a finite number")
        );
        let leaf = vec![split(0, 1.0, 2), Node::Leaf(0.0), Node::Leaf(number)];
        assert!(
            error(parts(vec![stump(), leaf])).starts_with("tree 1, node 2: leaf: expected a finite number")
        );
        assert!(error(TreesParts { base: number, ..parts(vec![stump()]) }).starts_with("base"));
    }
    let single = |tree| TreesParts { arithmetic: Arithmetic::F32, ..parts(vec![tree]) };
    assert!(error(single(vec![Node::Leaf(0.1)])).contains("node 0: leaf: expected a number of f32"));
    assert!(error(single(vec![Node::Leaf(1e300)])).contains("a number of f32"));
    assert!(error(TreesParts { base: 0.1, ..single(stump()) }).starts_with("base: expected a number of f32"));
    assert!(Trees::new(single(vec![Node::Leaf(f64::from(0.1_f32))])).is_ok());
    let link = Link::Logistic { steepness: 0.0 };
    assert!(error(TreesParts { link, ..parts(vec![stump()]) }).contains("steepness"));
}

#[test]
fn margins_cannot_overflow() {
    let big = |value: f64| vec![split(0, 1.0, 2), Node::Leaf(0.0), Node::Leaf(value)];
    assert!(Trees::new(parts(vec![big(f64::MAX)])).is_ok());
    assert!(error(parts(vec![big(f64::MAX), big(f64::MIN)])).contains("up to tree 1"));
    let max = f64::from(f32::MAX);
    let single = TreesParts { arithmetic: Arithmetic::F32, base: -max, ..parts(vec![big(max)]) };
    assert!(error(single).contains("up to tree 0"));
}

#[test]
fn zero_has_no_sign() {
    let negative = vec![split(0, -0.0, 2), Node::Leaf(-0.0), Node::Leaf(-0.0)];
    let positive = vec![split(0, 0.0, 2), Node::Leaf(0.0), Node::Leaf(0.0)];
    for arithmetic in [Arithmetic::F32, Arithmetic::F64] {
        let of = |base, tree: &Vec<Node>| {
            Trees::new(TreesParts { base, arithmetic, ..parts(vec![tree.clone()]) }).unwrap()
        };
        let (negative, positive) = (of(-0.0, &negative), of(0.0, &positive));
        assert_eq!(negative, positive);
        assert_eq!(format!("{:?}", negative.parts()), format!("{:?}", positive.parts()));
        assert_eq!(negative.predict(&[1.0, 1.0]).unwrap().margin.to_bits(), 0);
    }
}

#[test]
fn a_chain_of_a_hundred_thousand_splits() {
    const DEPTH: u32 = 100_000;
    // Left all the way down; the right children after it, the deepest first.
    let mut tree: Vec<Node> = (0..DEPTH).map(|at| split(0, f64::from(DEPTH - at), 2 * DEPTH - at)).collect();
    tree.extend((0..=DEPTH).map(|leaf| Node::Leaf(f64::from(leaf))));
    let trees = Trees::new(parts(vec![tree])).unwrap();
    assert_eq!(trees.nodes(), 2 * DEPTH as usize + 1);
    assert_eq!(trees.importance(), [u64::from(DEPTH), 0]);
    for (value, leaf) in [(0.5, 0.0), (1.0, 1.0), (77.5, 77.0), (1e9, 100_000.0)] {
        assert_eq!(trees.predict(&[value, 0.0]).unwrap().margin, leaf);
    }
}

#[test]
fn thresholds_send_their_own_value_right_unless_inclusive() {
    let value = |inclusive, arithmetic, x: f64| {
        let trees = Trees::new(TreesParts { inclusive, arithmetic, ..parts(vec![stump()]) }).unwrap();
        trees.predict(&[x, 0.0]).unwrap().value
    };
    for arithmetic in [Arithmetic::F32, Arithmetic::F64] {
        assert_eq!(value(false, arithmetic, 1.0), 1.0);
        assert_eq!(value(true, arithmetic, 1.0), -1.0);
    }
    let before = 1.0_f64.next_down();
    // It rounds to 1 in f32.
    assert_eq!(value(false, Arithmetic::F32, before), 1.0);
    assert_eq!(value(false, Arithmetic::F64, before), -1.0);
}

#[test]
fn missing_goes_where_it_is_sent() {
    for left in [false, true] {
        for zero in [false, true] {
            let missing = Missing { left, zero };
            let split = Node::Split(Split { feature: 0, threshold: -1.0, missing, right: 2 });
            let trees = Trees::new(parts(vec![vec![split, Node::Leaf(-1.0), Node::Leaf(1.0)]])).unwrap();
            let value = |x: f64| trees.predict(&[x, 0.0]).unwrap().value;
            let sent = if left { -1.0 } else { 1.0 };
            assert_eq!(value(f64::NAN), sent);
            let limit = f64::from(1e-35_f32);
            for x in [0.0, -0.0, 1e-36, limit, -limit] {
                assert_eq!(value(x), if zero { sent } else { 1.0 }, "{x}");
            }
            assert_eq!(value(limit.next_up()), 1.0);
            assert_eq!(value(-2.0), -1.0);
        }
    }
}

#[test]
fn inputs_are_refused() {
    let trees = Trees::new(parts(vec![stump()])).unwrap();
    assert_eq!(trees.predict(&[1.0]), Err(PredictError::Width { expected: 2, found: 1 }));
    let found = f64::NEG_INFINITY;
    assert_eq!(trees.predict(&[f64::NAN, found]), Err(PredictError::Infinite { index: 1, found }));
    let single = Trees::new(TreesParts { arithmetic: Arithmetic::F32, ..parts(vec![stump()]) }).unwrap();
    // The largest f64 that rounds to a finite f32, and the next.
    let largest = f64::from_bits(0x47ef_ffff_efff_ffff);
    assert_eq!((largest as f32, largest.next_up() as f32), (f32::MAX, f32::INFINITY));
    assert_eq!(single.predict(&[largest, 0.0]).unwrap().value, 1.0);
    let found = largest.next_up();
    assert_eq!(single.predict(&[found, 0.0]), Err(PredictError::Infinite { index: 0, found }));
    assert!(trees.predict(&[found, 0.0]).is_ok());
}

#[test]
fn many_end_at_the_first_that_is_refused() {
    let trees = Trees::new(parts(vec![stump()])).unwrap();
    for refused in [0, 1, 63, 64, 65, 130] {
        let mut inputs = vec![0.5; 2 * 131];
        inputs[2 * refused + 1] = f64::INFINITY;
        let mut predictions = Vec::new();
        let found = f64::INFINITY;
        let result = trees.predict_many(&inputs, &mut predictions);
        assert_eq!(result, Err(PredictError::Infinite { index: 1, found }));
        assert_eq!(predictions, vec![Prediction { margin: -1.0, value: -1.0 }; refused]);
    }
    let mut predictions = Vec::new();
    let result = trees.predict_many(&[0.5; 2 * 70 + 1], &mut predictions);
    assert_eq!((result, predictions.len()), (Err(PredictError::Width { expected: 2, found: 1 }), 70));
    assert_eq!(trees.predict_many(&[], &mut predictions), Ok(()));
}

#[test]
fn what_it_is_for_people() {
    let trees = Trees::new(parts(vec![stump(); 1500])).unwrap();
    assert_eq!(trees.describe(), "trees (1,500 trees, 4,500 nodes, f64 arithmetic)");
    for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
        assert_eq!(grouped(number), text);
    }
}

/// Numbers of f32 at which comparing and rounding have their edges.
fn edge() -> impl Strategy<Value = f32> {
    let edges = [0.0, 1.0, 1.0 + f32::EPSILON, 1e-35, 1e-45, f32::MIN_POSITIVE, f32::MAX, 3.0, 0.1];
    let edges = proptest::sample::select(edges.to_vec());
    (edges, any::<bool>()).prop_map(|(edge, negative): (f32, bool)| if negative { -edge } else { edge })
}

/// Values at, just beside and halfway beside an edge, and missing ones.
fn value() -> impl Strategy<Value = f64> {
    let beside = |(edge, ulps, up, way): (f32, u8, bool, u8)| {
        let mut near = f64::from(edge);
        let next = f64::from(if up { edge.next_up() } else { edge.next_down() });
        if way == 0 && next.is_finite() {
            near += (next - near) / 2.0;
        } else if way == 1 && next.is_finite() {
            near = next;
        }
        for _ in 0..ulps {
            near = if up { near.next_up() } else { near.next_down() };
        }
        near
    };
    let near = (edge(), 0..3_u8, any::<bool>(), 0..3_u8).prop_map(beside);
    let near = near.prop_filter("rounds to a finite f32", |value| (*value as f32).is_finite());
    prop_oneof![6 => near, 1 => Just(f64::NAN), 2 => -4.0..4.0_f64]
}

type Draw = (bool, u32, f32, bool, bool);

/// A tree from draws, taken in preorder; leaves where they end.
fn tree(draws: &mut impl Iterator<Item = Draw>, depth: u32, tree: &mut Vec<Node>) {
    let drawn = draws.next().unwrap_or((true, 0, 0.25, false, false));
    let (leaf, feature, number, left, zero) = drawn;
    if leaf || depth == 0 {
        // Far from overflow, and sums that round.
        tree.push(Node::Leaf(f64::from(if number.abs() > 1e9 { 0.7 } else { number })));
        return;
    }
    let at = tree.len();
    tree.push(Node::Leaf(0.0));
    self::tree(draws, depth - 1, tree);
    let right = tree.len() as u32;
    self::tree(draws, depth - 1, tree);
    let threshold = f64::from(number);
    tree[at] = Node::Split(Split { feature, threshold, missing: Missing { left, zero }, right });
}

fn forest() -> impl Strategy<Value = TreesParts> {
    let number = prop_oneof![edge(), -3.0_f32..3.0];
    let draw =
        (proptest::bool::weighted(0.3), 0..3_u32, number, any::<bool>(), proptest::bool::weighted(0.3));
    let trees = proptest::collection::vec((proptest::collection::vec(draw, 1..40), 0..9_u32), 1..20);
    (trees, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(drawn, f32, inclusive, zeros)| {
        let grow = |(draws, depth): (Vec<Draw>, u32)| {
            let mut nodes = Vec::new();
            let mut draws = draws
                .into_iter()
                .map(|(leaf, feature, number, left, zero)| (leaf, feature, number, left, zero && zeros));
            tree(&mut draws, depth, &mut nodes);
            nodes
        };
        TreesParts {
            inputs: 3,
            arithmetic: if f32 { Arithmetic::F32 } else { Arithmetic::F64 },
            inclusive,
            base: f64::from(0.1_f32),
            link: Link::Logistic { steepness: 1.0 },
            trees: drawn.into_iter().map(grow).collect(),
        }
    })
}

proptest! {
    #[test]
    fn one_and_many_have_the_bits_of_the_definition(
        parts in forest(),
        rows in proptest::collection::vec(proptest::array::uniform3(value()), 1..90),
    ) {
        let trees = Trees::new(parts).unwrap();
        let mut many = Vec::new();
        trees.predict_many(rows.as_flattened(), &mut many).unwrap();
        prop_assert_eq!(many.len(), rows.len());
        for (row, many) in rows.iter().zip(many) {
            let margin = naive(trees.parts(), row);
            let one = trees.predict(row).unwrap();
            prop_assert_eq!(one.margin.to_bits(), margin.to_bits());
            prop_assert_eq!(many.margin.to_bits(), margin.to_bits());
            prop_assert_eq!(one.value, trees.parts().link.apply(margin));
            prop_assert_eq!(many.value, one.value);
        }
    }

    #[test]
    fn what_was_made_is_made_again(parts in forest()) {
        let trees = Trees::new(parts).unwrap();
        prop_assert_eq!(Trees::new(trees.parts().clone()).unwrap().into_parts(), trees.into_parts());
    }

    #[test]
    fn no_parts_panic(parts in forest(), tree in any::<usize>(), at in any::<usize>(), right in 0..50_u32) {
        let mut parts = parts;
        let tree = tree % parts.trees.len();
        let at = at % parts.trees[tree].len();
        parts.trees[tree][at] = split(right % 4, 1.0, right);
        if let Ok(trees) = Trees::new(parts) {
            prop_assert_eq!(trees.predict(&[0.0; 3]).unwrap().margin, naive(trees.parts(), &[0.0; 3]));
        }
    }
}
