//! 200 full trees of depth 6 over 100 inputs: one input, and 10,000.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::{Arithmetic, Link, Missing, Model, Node, Split, Trees, TreesParts};

const INPUTS: u32 = 100;
const TREES: usize = 200;
const DEPTH: u32 = 6;
const ROWS: usize = 10_000;

/// Uniform numbers, 0 to 1 (splitmix64).
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn grow(uniform: &mut Uniform, depth: u32, tree: &mut Vec<Node>) {
    if depth == 0 {
        tree.push(Node::Leaf(f64::from((uniform.next() - 0.5) as f32)));
        return;
    }
    let feature = (uniform.next() * f64::from(INPUTS)) as u32;
    let threshold = f64::from(uniform.next() as f32);
    let at = tree.len();
    tree.push(Node::Leaf(0.0));
    grow(uniform, depth - 1, tree);
    let right = tree.len() as u32;
    grow(uniform, depth - 1, tree);
    let missing = Missing { left: uniform.next() < 0.5, zero: false };
    tree[at] = Node::Split(Split { feature, threshold, missing, right });
}

fn trees(arithmetic: Arithmetic) -> Trees {
    let mut uniform = Uniform(7);
    let tree = |_| {
        let mut tree = Vec::new();
        grow(&mut uniform, DEPTH, &mut tree);
        tree
    };
    let trees = (0..TREES).map(tree).collect();
    let link = Link::Logistic { steepness: 1.0 };
    Trees::new(TreesParts { inputs: INPUTS, arithmetic, inclusive: false, base: 0.0, link, trees }).unwrap()
}

fn predict(criterion: &mut Criterion) {
    let mut uniform = Uniform(8);
    let inputs: Vec<f64> = (0..ROWS * INPUTS as usize).map(|_| uniform.next()).collect();
    for (name, arithmetic) in [("f32", Arithmetic::F32), ("f64", Arithmetic::F64)] {
        let trees = trees(arithmetic);
        let mut group = criterion.benchmark_group(format!("200 trees of depth 6, {name}"));
        // A different input each time, as live: the same one again would be learned by the branch predictor.
        let mut rows = inputs.chunks_exact(INPUTS as usize).cycle();
        group.bench_function("one", |bencher| bencher.iter(|| trees.predict(rows.next().unwrap())));
        group.throughput(Throughput::Elements(ROWS as u64));
        let mut predictions = Vec::with_capacity(ROWS);
        group.bench_function("10,000", |bencher| {
            bencher.iter(|| {
                predictions.clear();
                trees.predict_many(&inputs, &mut predictions)
            });
        });
        group.finish();
    }
}

criterion_group!(benches, predict);
criterion_main!(benches);
