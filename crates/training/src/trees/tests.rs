#![allow(clippy::unwrap_used, reason = "tests")]

use model::Model;
use proptest::prelude::*;

use super::*;

fn options() -> TreeOptions {
    TreeOptions { trees: 12, depth: 4, learning_rate: 0.3, ..TreeOptions::default() }
}

/// Uniform integers (splitmix64).
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// Rows of four inputs, some missing, and labels that depend on them. Few different values, so that many are equal
/// to thresholds; but for the last, which has more than there are bins.
fn made_up(rows: usize, seed: u64) -> TrainExamples {
    let mut draws = Draws(seed);
    let (mut inputs, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..rows {
        let input: Vec<f64> = (0..4)
            .map(|column| match draws.below(8) {
                0 => f64::NAN,
                _ if column == 3 => draws.below(1 << 40) as f64 / 1e9,
                _ => draws.below(9) as f64 / 3.0 - 1.0,
            })
            .collect();
        let noise = draws.below(1000) as f64 / 500.0 - 1.0;
        let of = |index: usize| if input[index].is_nan() { 1.5 } else { input[index] };
        labels.push(of(0) * of(1) - of(2) + noise);
        inputs.push(input);
    }
    TrainExamples::made_up(&inputs, &labels)
}

fn both() -> [Objective; 2] {
    [Objective::Logistic, Objective::Squared]
}

/// Trains, and holds forust's own predictions of `inputs` against ours.
fn assert_forust_agrees(train: &TrainExamples, objective: Objective, options: &TreeOptions, more: &[f64]) {
    let trees = train_trees(train, objective, options).unwrap();
    let columns = columns(train.examples()).unwrap();
    let width = train.examples().inputs().width();
    let matrix = Matrix::new(&columns, train.examples().len(), width);
    let targets = targets(train.examples(), objective).unwrap();
    let booster = fit(&matrix, &targets, trees.parts().base, objective, options).unwrap();
    let inputs = [train.examples().inputs().values(), more].concat();
    let rows = inputs.len() / width;
    let mut by_column = vec![0.0; inputs.len()];
    for (row, input) in inputs.chunks_exact(width).enumerate() {
        input.iter().enumerate().for_each(|(column, value)| by_column[column * rows + row] = *value);
    }
    let expected = booster.predict(&Matrix::new(&by_column, rows, width), false);
    let mut predictions = Vec::new();
    trees.predict_many(&inputs, &mut predictions).unwrap();
    assert_eq!(predictions.len(), expected.len());
    for (index, (ours, theirs)) in predictions.iter().zip(expected).enumerate() {
        assert_eq!(ours.margin.to_bits(), theirs.to_bits(), "row {index}: {} and {theirs}", ours.margin);
    }
}

#[test]
fn margins_are_forusts_to_the_bit() {
    let train = made_up(600, 1);
    for objective in both() {
        for options in [options(), TreeOptions { subsample: 0.4, seed: 3, depth: 9, ..options() }] {
            // At and beside every threshold, and missing.
            let trees = train_trees(&train, objective, &options).unwrap();
            let mut more = Vec::new();
            let mut missing = [false; 2];
            for node in trees.parts().trees.iter().flatten() {
                let Node::Split(split) = node else { continue };
                missing[usize::from(split.missing.left)] = true;
                for value in
                    [split.threshold, split.threshold.next_down(), split.threshold.next_up(), f64::NAN]
                {
                    let mut row = [0.0; 4];
                    row[split.feature as usize] = value;
                    more.extend(row);
                }
            }
            assert!(more.len() > 1000 && missing == [true; 2], "splits of both kinds are seen");
            assert_forust_agrees(&train, objective, &options, &more);
        }
    }
}

#[test]
fn the_same_bits_with_any_number_of_threads() {
    // Above 16,384 rows forust shares out gradients too.
    let train = made_up(17_000, 2);
    for objective in both() {
        let options = TreeOptions { trees: 6, subsample: 0.7, depth: 5, ..options() };
        let parts = |threads| {
            let trees = train_trees(&train, objective, &TreeOptions { threads, ..options.clone() });
            format!("{:?}", trees.unwrap().into_parts())
        };
        let one = parts(1);
        assert!(one == parts(1), "two runs");
        assert!(one == parts(2), "two threads");
        assert!(one == parts(5), "five threads");
        let apart = std::thread::scope(|scope| {
            let runs = [scope.spawn(|| parts(1)), scope.spawn(|| parts(3))];
            runs.map(|run| run.join().unwrap())
        });
        assert!(apart.iter().all(|other| *other == one), "two runs at once");
    }
}

#[test]
fn the_seed_decides_the_rows_of_a_subsample_and_nothing_else() {
    let train = made_up(500, 4);
    let parts = |subsample, seed| {
        let options = TreeOptions { subsample, seed, ..options() };
        train_trees(&train, Objective::Squared, &options).unwrap()
    };
    assert_eq!(parts(1.0, 1), parts(1.0, 2));
    assert_ne!(parts(0.5, 1), parts(0.5, 2));
    assert_ne!(parts(0.5, 1), parts(1.0, 1));
}

#[test]
fn a_step_is_learned_with_its_missing_side() {
    // Up from 10 on and where it is missing.
    let inputs: Vec<Vec<f64>> =
        (0..200).map(|row| vec![if row % 7 == 0 { f64::NAN } else { f64::from(row % 20) }]).collect();
    let up = |input: &[f64]| input[0].is_nan() || input[0] >= 10.0;
    let labels: Vec<f64> = inputs.iter().map(|input| if up(input) { 0.02 } else { -0.01 }).collect();
    let train = TrainExamples::made_up(&inputs, &labels);
    let options = TreeOptions { trees: 60, depth: 2, l2: 0.0, ..options() };
    let logistic = train_trees(&train, Objective::Logistic, &options).unwrap();
    let squared = train_trees(&train, Objective::Squared, &options).unwrap();
    assert_eq!(logistic.importance().len(), 1);
    for input in [[f64::NAN], [10.0], [19.0], [9.0], [0.0]] {
        let probability = logistic.predict(&input).unwrap().value;
        assert_eq!(probability > 0.5, up(&input), "{input:?}");
        assert!(!(0.1..=0.9).contains(&probability), "{probability}");
        // Of a distance below 0.03, 0.7^60 is left: under 2e-11; gradients and leaves are f32, to 6e-8 of 0.03.
        let value = squared.predict(&input).unwrap().value;
        let label = if up(&input) { 0.02 } else { -0.01 };
        assert!((value - label).abs() < 1e-8, "{input:?}: {value}");
    }
}

#[test]
fn options_are_checked() {
    let refused = |options: TreeOptions, option: &str| {
        let error = train_trees(&made_up(20, 5), Objective::Squared, &options).unwrap_err();
        assert!(matches!(error, TrainingError::Option { option: found, .. } if found == option), "{error}");
    };
    refused(TreeOptions { trees: 0, ..options() }, "trees");
    refused(TreeOptions { trees: 100_001, ..options() }, "trees");
    refused(TreeOptions { depth: 0, ..options() }, "depth");
    refused(TreeOptions { depth: 65, ..options() }, "depth");
    refused(TreeOptions { threads: 0, ..options() }, "threads");
    refused(TreeOptions { threads: 65, ..options() }, "threads");
    for number in [0.0, -0.1, 1.1, 1e-50, f64::NAN, f64::INFINITY] {
        refused(TreeOptions { learning_rate: number, ..options() }, "learning_rate");
        refused(TreeOptions { subsample: number, ..options() }, "subsample");
    }
    for number in [-0.1, 1e39, f64::NAN, f64::INFINITY] {
        refused(TreeOptions { l2: number, ..options() }, "l2");
        refused(TreeOptions { min_leaf_weight: number, ..options() }, "min_leaf_weight");
    }
    refused(TreeOptions { l2: 0.0, min_leaf_weight: 0.0, ..options() }, "l2");
    refused(TreeOptions { l2: 1e-50, min_leaf_weight: 0.0, ..options() }, "l2");
}

#[test]
fn a_tree_that_sees_no_row_needs_a_penalty() {
    let train = made_up(3, 6);
    let seldom = TreeOptions { subsample: 1e-9, ..options() };
    let trees = train_trees(&train, Objective::Squared, &seldom).unwrap();
    assert_eq!(trees.nodes(), 12, "leaves alone");
    let error = train_trees(&train, Objective::Squared, &TreeOptions { l2: 0.0, ..seldom }).unwrap_err();
    assert!(error.to_string().starts_with("l2 is 0: tree 0, node 0: leaf"), "{error}");
}

#[test]
fn examples_that_forust_cannot_take_are_refused() {
    let error = |inputs: &[[f64; 2]], labels: &[f64], objective| {
        let inputs: Vec<Vec<f64>> = inputs.iter().map(|input| input.to_vec()).collect();
        train_trees(&TrainExamples::made_up(&inputs, labels), objective, &options()).unwrap_err()
    };
    let good = [[1.0, 2.0], [2.0, 1.0], [3.0, 0.0]];
    for (labels, objective) in [
        ([0.3, 0.3, 0.3], Objective::Squared),
        ([0.1, 0.2, 0.3], Objective::Logistic),
        ([0.0, -1.0, 0.0], Objective::Logistic),
    ] {
        let error = error(&good, &labels, objective);
        assert!(matches!(error, TrainingError::OneClass { rows: 3, .. }), "{error}");
    }
    for label in [f64::NAN, f64::INFINITY, 1e19] {
        let error = error(&good, &[0.0, 1.0, label], Objective::Squared);
        assert!(matches!(error, TrainingError::Option { option: "label", .. }), "{error}");
    }
    let missing = [[1.0, f64::NAN], [2.0, f64::NAN], [f64::NAN, f64::NAN]];
    let text = error(&missing, &[0.0, 1.0, 2.0], Objective::Squared).to_string();
    assert!(text.contains("\"input 1\"") && !text.contains("input 0"), "{text}");
    let infinite = [[1.0, 2.0], [2.0, 1.0], [3.0, f64::NEG_INFINITY]];
    let text = error(&infinite, &[0.0, 1.0, 2.0], Objective::Squared).to_string();
    assert!(text.contains("\"input 1\" is -inf in row 2"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_it_is_fitted_on(
        rows in proptest::collection::vec((proptest::array::uniform3(0_u8..6), -2_i8..3), 2..40),
        depth in 1_u32..7,
        l2 in 0.0_f64..2.0,
        subsample in 0.3_f64..1.3,
        logistic in any::<bool>(),
        extreme in any::<bool>(),
    ) {
        let value = |draw: &u8| match draw {
            0 => f64::NAN,
            5 if extreme => f64::MAX,
            4 if extreme => f64::MIN,
            3 if extreme => -0.0,
            draw => f64::from(*draw),
        };
        let inputs: Vec<Vec<f64>> = rows.iter().map(|(input, _)| input.iter().map(value).collect()).collect();
        let labels: Vec<f64> = rows.iter().map(|(_, label)| f64::from(*label)).collect();
        let train = TrainExamples::made_up(&inputs, &labels);
        let objective = if logistic { Objective::Logistic } else { Objective::Squared };
        let subsample = if subsample > 1.0 { 1.0 } else { subsample };
        let options = TreeOptions { trees: 5, depth, l2, subsample, min_leaf_weight: 0.0, ..options() };
        match train_trees(&train, objective, &options) {
            Ok(_) => assert_forust_agrees(&train, objective, &options, &[]),
            Err(TrainingError::OneClass { .. } | TrainingError::NeverValid { .. }) => {}
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
