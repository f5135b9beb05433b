//! Raw margins of imported models against those that Python's libraries predicted, bit for bit. `fixtures/make.py`
//! says which versions wrote the models and how.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;

use model::import::{self, Imported};
use model::{Arithmetic, Link, Model, Node, Trees};
use testkit::inputs::SplitMix;

const ROWS: usize = 2_000;
const INPUTS: usize = 6;
const SEED: u64 = 20_240_601;

fn read(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// As `cell` of `make.py`: on a grid, halfway between, one bit above that, missing, special or any.
fn cell(word: u64) -> f64 {
    const ZERO: f64 = 1e-35_f32 as f64;
    let (kind, rest) = (word & 15, word >> 4);
    let special = [
        0.0,
        -0.0,
        1e-36,
        -1e-36,
        ZERO,
        -ZERO,
        ZERO.next_up(),
        -ZERO.next_up(),
        1e30,
        -1e30,
        1e-45,
        f64::from_bits(1),
    ];
    let grid = ((rest % 512) as f64 - 256.0) / 64.0;
    match kind {
        0..5 => grid,
        5..8 => grid + 1.0 / 128.0,
        8..10 => (grid + 1.0 / 128.0).next_up(),
        10..12 => f64::NAN,
        12 => special[rest as usize % special.len()],
        _ => (rest % (1 << 53)) as f64 / (1_u64 << 53) as f64 * 8.0 - 4.0,
    }
}

/// Shape `[ROWS][INPUTS]`.
fn rows() -> Vec<f64> {
    let mut words = SplitMix::new(SEED);
    (0..ROWS * INPUTS).map(|_| cell(words.next_u64())).collect()
}

/// The margin of a row, walked in the plainest way; marks the nodes it meets.
fn plain_margin(trees: &Trees, row: &[f64], met: &mut [Vec<bool>]) -> f64 {
    let parts = trees.parts();
    let single = parts.arithmetic == Arithmetic::F32;
    let mut margin = parts.base;
    for (tree, met) in parts.trees.iter().zip(met) {
        let mut at = 0;
        let leaf = loop {
            met[at] = true;
            let split = match tree[at] {
                Node::Leaf(value) => break value,
                Node::Split(split) => split,
            };
            let value = row[split.feature as usize];
            let value = if single { f64::from(value as f32) } else { value };
            let missing = value.is_nan() || split.missing.zero && value.abs() <= f64::from(1e-35_f32);
            let left = match (missing, parts.inclusive) {
                (true, _) => split.missing.left,
                (false, true) => value <= split.threshold,
                (false, false) => value < split.threshold,
            };
            at = if left { at + 1 } else { split.right as usize };
        };
        margin = if single { f64::from(margin as f32 + leaf as f32) } else { margin + leaf };
    }
    margin
}

/// Every row, alone and among all, against the expected bits; every node of every tree is met.
fn check(name: &str, model: &Imported, expected: &[f64]) {
    let trees = &model.trees;
    let rows = rows();
    assert_eq!((trees.inputs(), expected.len()), (INPUTS, ROWS), "{name}");
    let mut many = Vec::new();
    trees.predict_many(&rows, &mut many).unwrap();
    let mut met: Vec<Vec<bool>> = trees.parts().trees.iter().map(|tree| vec![false; tree.len()]).collect();
    for (index, row) in rows.chunks(INPUTS).enumerate() {
        let plain = plain_margin(trees, row, &mut met);
        let one = trees.predict(row).unwrap();
        let found = [one.margin, many[index].margin, plain].map(f64::to_bits);
        assert_eq!(found, [expected[index].to_bits(); 3], "{name}, row {index}: {row:?}");
        assert_eq!(one.value.to_bits(), many[index].value.to_bits());
    }
    let unmet = met.iter().flatten().filter(|met| !**met).count();
    assert_eq!(unmet, 0, "{name}: nodes that no row meets");
    let different: std::collections::BTreeSet<u64> = expected.iter().map(|margin| margin.to_bits()).collect();
    assert!(different.len() > trees.parts().trees.len(), "{name}: margins hardly differ");
}

fn xgboost(name: &str) -> Imported {
    let model = import::xgboost(&read(&format!("{name}.json"))).unwrap();
    let expected = read(&format!("{name}.margins"));
    let expected = expected.as_chunks().0.iter().map(|bits| f64::from(f32::from_le_bytes(*bits)));
    check(name, &model, &expected.collect::<Vec<_>>());
    model
}

fn lightgbm(name: &str) -> Imported {
    let model = import::lightgbm(&read(&format!("{name}.txt"))).unwrap();
    let expected = read(&format!("{name}.margins"));
    let expected = expected.as_chunks().0.iter().map(|bits| f64::from_le_bytes(*bits));
    check(name, &model, &expected.collect::<Vec<_>>());
    model
}

fn names() -> Option<Vec<String>> {
    Some((0..INPUTS).map(|index| format!("feature_{index}")).collect())
}

const LOGISTIC: Link = Link::Logistic { steepness: 1.0 };

#[test]
fn the_rows_hold_what_they_should() {
    let rows = rows();
    let count = |holds: fn(f64) -> bool| rows.iter().filter(|value| holds(**value)).count();
    assert!(count(f64::is_nan) > 1_000);
    assert!(count(|value| value == 0.0 && value.is_sign_negative()) > 20);
    assert!(count(|value| value != 0.0 && value.abs() < 1e-34) > 100);
    assert!(count(|value| value.abs() == 1e30) > 50);
    // Some are equal to thresholds.
    for (name, trees) in [
        ("xgboost", import::xgboost(&read("xgb32_half.json")).unwrap().trees),
        ("lightgbm", import::lightgbm(&read("lgb47_binary.txt")).unwrap().trees),
    ] {
        let single = trees.parts().arithmetic == Arithmetic::F32;
        let equal = trees.parts().trees.iter().flatten().filter(|node| match node {
            Node::Leaf(_) => false,
            Node::Split(split) => rows.chunks(INPUTS).any(|row| {
                let value = row[split.feature as usize];
                split.threshold == if single { f64::from(value as f32) } else { value }
            }),
        });
        assert!(equal.count() >= 5, "{name}");
    }
}

#[test]
fn xgboost_1_7_with_an_odd_base_score() {
    let model = xgboost("xgb17_logistic");
    assert_eq!((model.trees.parts().link, model.feature_names), (LOGISTIC, None));
}

#[test]
fn xgboost_2_1_with_a_base_score_of_its_own() {
    let model = xgboost("xgb21_auto");
    assert!(model.trees.parts().base > 0.0);
}

#[test]
fn xgboost_3_2_with_base_score_a_half() {
    let model = xgboost("xgb32_half");
    assert_eq!((model.trees.parts().base.to_bits(), model.trees.parts().link), (0, LOGISTIC));
}

#[test]
fn xgboost_3_2_with_names_and_a_base_score_of_its_own() {
    let model = xgboost("xgb32_auto");
    assert!(model.trees.parts().base > 0.0);
    assert_eq!(model.feature_names, names());
}

#[test]
fn xgboost_3_2_of_depth_8() {
    let model = xgboost("xgb32_deep");
    assert!(model.trees.parts().base < 0.0);
    assert!(model.trees.parts().trees.iter().any(|tree| tree.len() > 80));
}

#[test]
fn xgboost_3_2_with_several_trees_a_round() {
    let model = xgboost("xgb32_forest");
    assert_eq!((model.trees.parts().trees.len(), model.trees.parts().link), (16, Link::Identity));
}

#[test]
fn xgboost_3_2_with_deleted_nodes() {
    let text = String::from_utf8(read("xgb32_pruned.json")).unwrap();
    let deleted = text.matches("\"num_deleted\":\"").count() - text.matches("\"num_deleted\":\"0\"").count();
    assert!(deleted >= 3, "trees with deleted nodes: {deleted}");
    xgboost("xgb32_pruned");
}

#[test]
fn xgboost_3_2_stopped_early_and_cut_at_its_best() {
    let text = String::from_utf8(read("xgb32_stopped.json")).unwrap();
    assert!(text.contains("\"best_iteration\":"));
    assert_eq!(xgboost("xgb32_stopped").trees.parts().link, Link::Identity);
}

#[test]
fn lightgbm_binary() {
    let model = lightgbm("lgb47_binary");
    assert_eq!((model.trees.parts().link, model.feature_names), (LOGISTIC, names()));
    assert_eq!(lightgbm("lgb33_binary").feature_names, None);
}

#[test]
fn lightgbm_regression() {
    let model = lightgbm("lgb47_regression");
    assert_eq!(model.trees.parts().link, Link::Identity);
    // A split that asks for missing values alone, `threshold=inf` in the file.
    let alone = |node: &Node| matches!(node, Node::Split(split) if split.threshold == f64::MAX);
    assert!(model.trees.parts().trees.iter().flatten().any(alone));
}

#[test]
fn lightgbm_deep() {
    lightgbm("lgb47_deep");
}

#[test]
fn lightgbm_with_zero_as_missing() {
    let model = lightgbm("lgb47_zero_missing");
    let zero = |node: &Node| matches!(node, Node::Split(split) if split.missing.zero);
    assert!(model.trees.parts().trees.iter().flatten().any(zero));
}

#[test]
fn lightgbm_without_missing_values() {
    let model = lightgbm("lgb47_no_missing");
    for node in model.trees.parts().trees.iter().flatten() {
        if let Node::Split(split) = node {
            assert_eq!((split.missing.zero, split.missing.left), (false, split.threshold >= 0.0));
        }
    }
}

#[test]
fn lightgbm_with_another_sigmoid() {
    assert_eq!(lightgbm("lgb47_sigmoid").trees.parts().link, Link::Logistic { steepness: 0.7 });
}

/// XGBoost's margin of 1,500 base scores, a third of them around a half where roundings differ most.
#[test]
fn xgboost_base_scores() {
    let model = String::from_utf8(read("xgb32_half.json")).unwrap();
    let (before, after) = model.split_once("[5E-1]").unwrap();
    let pairs = read("xgb32_base_scores.pairs");
    let mut nearest = 0;
    for [score, margin] in pairs.as_chunks::<4>().0.as_chunks::<2>().0 {
        let (score, margin) = (f32::from_le_bytes(*score), f32::from_le_bytes(*margin));
        for text in [format!("[{score:e}]"), format!("{score}")] {
            let model = import::xgboost(format!("{before}{text}{after}").as_bytes()).unwrap();
            assert_eq!(model.trees.parts().base, f64::from(margin), "base_score {text}");
        }
        nearest += usize::from(margin == -libm::log(f64::from(1.0 / score - 1.0)) as f32);
    }
    assert_eq!(pairs.len(), 1_500 * 8);
    assert!(nearest < 1_495, "the correctly rounded logarithm would do: {nearest}");
}
