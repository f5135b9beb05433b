//! What the importers refuse, by name, and that nothing hostile hurts them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use model::import::{self, Imported};
use model::{Link, Model, ModelError, Node};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Two trees: a split with two leaves, and a leaf.
fn booster() -> Value {
    let tree = |id: usize, left: Value, right: Value, index: Value, number: Value| {
        let zeros = vec![0; left.as_array().unwrap().len()];
        json!({
            "id": id, "left_children": left, "right_children": right, "split_indices": index,
            "split_conditions": number, "default_left": zeros, "split_type": zeros, "categories_nodes": [],
            "tree_param": {
                "num_nodes": zeros.len().to_string(), "num_deleted": "0", "num_feature": "2",
                "size_leaf_vector": "1"
            }
        })
    };
    json!({
        "learner": {
            "attributes": {}, "feature_names": [], "feature_types": [],
            "gradient_booster": {
                "name": "gbtree",
                "model": {
                    "gbtree_model_param": {"num_trees": "2", "num_parallel_tree": "1"},
                    "tree_info": [0, 0],
                    "trees": [
                        tree(0, json!([1, -1, -1]), json!([2, -1, -1]), json!([1, 0, 0]), json!([0.5, -1, 2])),
                        tree(1, json!([-1]), json!([-1]), json!([0]), json!([0.25])),
                    ]
                }
            },
            "learner_model_param": {"base_score": "[5E-1]", "num_class": "0", "num_feature": "2", "num_target": "1"},
            "objective": {"name": "binary:logistic"}
        },
        "version": [3, 2, 0]
    })
}

const TREE: &str = "/learner/gradient_booster/model/trees/0";

/// The model with one value replaced; the path may begin in the first tree with `tree/`.
fn with(path: &str, value: Value) -> Value {
    let path =
        path.strip_prefix("tree").map_or_else(|| format!("/learner{path}"), |rest| format!("{TREE}{rest}"));
    let mut model = booster();
    let (parent, key) = path.rsplit_once('/').unwrap();
    let parent = model.pointer_mut(parent).unwrap_or_else(|| panic!("{path}"));
    match parent {
        Value::Array(elements) => elements[key.parse::<usize>().unwrap()] = value,
        Value::Object(fields) => drop(fields.insert(key.to_owned(), value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => panic!("{path}"),
    }
    model
}

fn xgboost(model: &Value) -> Result<Imported, ModelError> {
    import::xgboost(model.to_string().as_bytes())
}

/// Not covered, with both texts in the message.
fn not_covered(result: Result<Imported, ModelError>, what: &str, instead: &str) {
    let Err(error) = result else { panic!("{what}: taken") };
    let message = error.to_string();
    assert!(matches!(error, ModelError::NotCovered { .. }), "{what}: {message}");
    assert!(message.contains(what) && message.contains(instead), "{what}, {instead}: {message}");
}

fn invalid(result: Result<Imported, ModelError>, what: &str) {
    let Err(error) = result else { panic!("{what}: taken") };
    let message = error.to_string();
    assert!(matches!(error, ModelError::Invalid { .. }), "{what}: {message}");
    assert!(message.contains(what), "{what}: {message}");
    assert!(message.len() < 400, "{message}");
}

#[test]
fn the_small_booster_is_read() {
    let model = xgboost(&booster()).unwrap();
    let margins =
        [[0.0, 0.0], [0.0, 0.5], [0.0, f64::NAN]].map(|row| model.trees.predict(&row).unwrap().margin);
    assert_eq!(margins, [-0.75, 2.25, 2.25]);
    assert_eq!(model.feature_names, None);
    // Flags as older versions wrote them; arrays that did not exist yet.
    let mut old = with("tree/default_left", json!([true, false, false]));
    old.pointer_mut(TREE).unwrap().as_object_mut().unwrap().remove("split_type");
    old["learner"]["learner_model_param"].as_object_mut().unwrap().remove("num_target");
    assert_eq!(xgboost(&old).unwrap().trees.predict(&[0.0, f64::NAN]).unwrap().margin, -0.75);
}

#[test]
fn floats_become_f32_in_one_step() {
    // Nearer to the upper f32 by less than an f64 shows: rounding to f64 first would give 1.
    let exact = booster().to_string().replace("0.5,", "1.00000005960464477539062500000001,");
    let model = import::xgboost(exact.as_bytes()).unwrap();
    let Node::Split(split) = model.trees.parts().trees[0][0] else { panic!("a leaf") };
    assert_eq!(split.threshold, f64::from(1.0_f32.next_up()));
}

#[test]
fn xgboost_of_other_kinds() {
    for name in ["dart", "gblinear"] {
        not_covered(xgboost(&with("/gradient_booster", json!({"name": name}))), name, "gbtree");
    }
    for name in [
        "multi:softmax",
        "multi:softprob",
        "binary:hinge",
        "count:poisson",
        "reg:gamma",
        "reg:tweedie",
        "survival:cox",
        "survival:aft",
        "rank:ndcg",
        "mine",
    ] {
        not_covered(xgboost(&with("/objective/name", json!(name))), name, "binary:logistic");
    }
    for name in [
        "binary:logitraw",
        "reg:squarederror",
        "reg:squaredlogerror",
        "reg:pseudohubererror",
        "reg:absoluteerror",
        "reg:quantileerror",
    ] {
        let model = xgboost(&with("/objective/name", json!(name))).unwrap();
        assert_eq!((model.trees.parts().link, model.trees.parts().base), (Link::Identity, 0.5));
    }
    not_covered(xgboost(&with("/learner_model_param/num_class", json!("3"))), "num_class 3", "one model");
    not_covered(xgboost(&with("/learner_model_param/num_target", json!("2"))), "num_target 2", "one model");
    let info = "/gradient_booster/model/tree_info";
    not_covered(xgboost(&with(info, json!([0, 1]))), "output 1", "one model");
    not_covered(
        xgboost(&with("tree/tree_param/size_leaf_vector", json!("2"))),
        "several values",
        "one_output",
    );
    not_covered(xgboost(&with("tree/split_type", json!([1, 0, 0]))), "by category", "numeric");
    let nan = booster().to_string().replace("0.5,", "NaN,");
    not_covered(import::xgboost(nan.as_bytes()), "categorical split", "numeric");
}

#[test]
fn xgboost_of_other_formats() {
    let ubjson = b"{L\0\0\0\0\0\0\0\x07learner{L\0\0\0\0\0\0\0\nattributes{}L";
    for (bytes, name) in [
        (&ubjson[..], "UBJSON"),
        (b"binf\0\0\0\x3f", "binary"),
        (b"\x80\x04\x95", "pickle"),
        (b"[\n  { \"nodeid\": 0", "dump"),
        (b"booster[0]:\n0:[f0<1]", "dump"),
    ] {
        not_covered(import::xgboost(bytes), name, "save_model(\"model.json\")");
    }
    for bytes in [&b""[..], b"tree\nversion=v4", b"{}", b"null", b"{\"learner\": 1}", b"\xff\xfe"] {
        invalid(import::xgboost(bytes), "save_model(\"model.json\")");
    }
}

#[test]
fn early_stopping_that_leaves_two_meanings() {
    let error = xgboost(&with("/attributes", json!({"best_iteration": "0"})));
    not_covered(error, "best_iteration 0 in a model of 2 rounds", "best_iteration + 1");
    assert!(xgboost(&with("/attributes", json!({"best_iteration": "1"}))).is_ok());
    // Two trees in one round.
    let mut parallel = with("/attributes", json!({"best_iteration": "0"}));
    parallel["learner"]["gradient_booster"]["model"]["gbtree_model_param"]["num_parallel_tree"] = json!("2");
    assert!(xgboost(&parallel).is_ok());
    for best in ["-1", "", "1.5", "18446744073709551615", "99999999999999999999"] {
        assert!(xgboost(&with("/attributes", json!({"best_iteration": best}))).is_err(), "{best}");
    }
}

#[test]
fn base_scores_that_cannot_be() {
    let path = "/learner_model_param/base_score";
    for text in [
        "0",
        "1",
        "[0E0]",
        "-0.5",
        "1.5",
        "1e-7",
        "0.9999999",
        "nan",
        "[inf]",
        "",
        "[]",
        "[5E-1,5E-1]",
        "[5E-1",
    ] {
        invalid(xgboost(&with(path, json!(text))), "base_score");
    }
    for text in ["1E-6", "[9.99999E-1]", "0.5"] {
        assert!(xgboost(&with(path, json!(text))).is_ok(), "{text}");
    }
    let mut raw = with(path, json!("1e39"));
    raw["learner"]["objective"]["name"] = json!("reg:squarederror");
    invalid(xgboost(&raw), "base_score");
}

#[test]
fn xgboost_arrays_that_do_not_fit() {
    for (path, value, what) in [
        ("tree/left_children", json!([1, -1]), "left_children"),
        ("tree/right_children", json!([2, -1, -1, -1]), "right_children"),
        ("tree/split_indices", json!([]), "split_indices"),
        ("tree/split_conditions", json!([0.5, 1]), "split_conditions"),
        ("tree/default_left", json!([0]), "default_left"),
        ("tree/split_type", json!([0]), "split_type"),
        ("tree/default_left", json!([2, 0, 0]), "default_left, element 0"),
        ("tree/split_conditions", json!([1e39, 1, 1]), "finite"),
        ("tree/split_conditions", json!([0.5, -1e300, 1]), "finite"),
        ("tree/split_conditions", json!([0.5, [1], 1]), "split_conditions, element 1"),
        ("tree/split_conditions", json!("text"), "split_conditions"),
        ("tree/split_conditions", json!([0.5, "inf", 1]), "split_conditions, element 1"),
        ("tree/left_children", json!([0, -1, -1]), "second way"),
        ("tree/left_children", json!([2, -1, -1]), "second way"),
        ("tree/left_children", json!([3, -1, -1]), "below 3"),
        ("tree/left_children", json!([i64::MAX, -1, -1]), "below 3"),
        ("tree/left_children", json!([-1, -1, -1]), "children"),
        ("tree/right_children", json!([-2, -1, -1]), "children"),
        ("tree/left_children", json!([1.5, -1, -1]), "left_children, element 0"),
        ("tree/split_indices", json!([2, 0, 0]), "a feature below 2"),
        ("tree/split_indices", json!([4294967296_u64, 0, 0]), "split_indices, element 0"),
        ("tree/tree_param/num_nodes", json!("4"), "num_nodes"),
        ("tree/tree_param/num_nodes", json!("99999999999999999999"), "num_nodes"),
        ("tree/tree_param/num_deleted", json!("1"), "nodes"),
        ("tree/tree_param/num_deleted", json!("18446744073709551615"), "nodes"),
        ("tree/id", json!(1), "tree 0: id"),
        ("/gradient_booster/model/trees", json!([]), "num_trees"),
        ("/gradient_booster/model/tree_info", json!([0]), "tree_info"),
        ("/gradient_booster/model/gbtree_model_param/num_trees", json!("3"), "num_trees"),
        ("/gradient_booster/model/gbtree_model_param/num_parallel_tree", json!("0"), "num_parallel_tree"),
        ("/gradient_booster/model/gbtree_model_param/num_parallel_tree", json!("3"), "num_parallel_tree"),
        ("/gradient_booster", json!({"name": "gbtree"}), "model"),
        ("/learner_model_param/num_feature", json!("1"), "a feature below 1"),
        ("/learner_model_param/num_feature", json!("4294967295"), "inputs"),
        ("/learner_model_param/num_feature", json!("-1"), "num_feature"),
        ("/feature_names", json!(["a"]), "feature_names"),
    ] {
        invalid(xgboost(&with(path, value)), what);
    }
    // Nodes that cannot be reached are fine only where they are said to be deleted.
    let mut pruned = with("tree/left_children", json!([-1, -1, -1]));
    pruned.pointer_mut(TREE).unwrap()["right_children"] = json!([-1, -1, -1]);
    invalid(xgboost(&pruned), "1 that can be reached");
    pruned.pointer_mut(TREE).unwrap()["tree_param"]["num_deleted"] = json!("2");
    assert_eq!(xgboost(&pruned).unwrap().trees.nodes(), 2);
    // A field twice.
    let twice = booster().to_string().replacen("\"id\":0", "\"id\":0,\"id\":0", 1);
    invalid(import::xgboost(twice.as_bytes()), "duplicate");
}

#[test]
fn names_are_checked_against_those_of_the_data() {
    let named = xgboost(&with("/feature_names", json!(["a", "b"]))).unwrap();
    assert_eq!(named.check_names(&["a", "b"]), Ok(()));
    let message = named.check_names(&["a", "c"]).unwrap_err().to_string();
    assert!(message.contains("input 1: expected feature \"c\", found \"b\""), "{message}");
    let message = named.check_names(&["a"]).unwrap_err().to_string();
    assert!(message.contains("1 inputs") && message.contains("found 2 inputs"), "{message}");
    let unnamed = xgboost(&booster()).unwrap();
    assert_eq!(unnamed.check_names(&["x".to_owned(), "y".to_owned()]), Ok(()));
    assert!(unnamed.check_names(&["x", "y", "z"]).is_err());
}

/// A split with two leaves, and a leaf.
const TEXT: &str = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\n\
    objective=binary sigmoid:1\nfeature_names=Column_0 Column_1\nfeature_infos=[-1:1] none\ntree_sizes=10 10\n\n\
    Tree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=1\nsplit_gain=1\nthreshold=0.5\ndecision_type=8\nleft_child=-1\n\
    right_child=-2\nleaf_value=-1 2\nis_linear=0\nshrinkage=1\n\n\n\
    Tree=1\nnum_leaves=1\nnum_cat=0\nsplit_feature=\nthreshold=\ndecision_type=\nleft_child=\nright_child=\n\
    leaf_value=0.25\nis_linear=0\nshrinkage=1\n\n\nend of trees\n\nfeature_importances:\nColumn_1=1\n\
    \npandas_categorical:null\n";

/// The text with one occurrence replaced, which must be there.
fn text(old: &str, new: &str) -> Result<Imported, ModelError> {
    assert!(TEXT.contains(old), "{old}");
    import::lightgbm(TEXT.replacen(old, new, 1).as_bytes())
}

#[test]
fn the_small_text_is_read() {
    let margin = |model: &Imported, x: f64| model.trees.predict(&[0.0, x]).unwrap().margin;
    let model = text("", "").unwrap();
    assert_eq!(
        [0.5, 0.5_f64.next_up(), 0.0, f64::NAN].map(|x| margin(&model, x)),
        [-0.75, 2.25, -0.75, 2.25]
    );
    assert_eq!(model.feature_names, None);
    // Missing values: none (NaN is 0), zero to the left and to the right, NaN to the left.
    for (decision, expected) in [
        (0, [-0.75, -0.75]),
        (2, [-0.75, -0.75]),
        (4, [2.25, 2.25]),
        (6, [-0.75, -0.75]),
        (10, [-0.75, -0.75]),
    ] {
        let model = text("decision_type=8", &format!("decision_type={decision}")).unwrap();
        assert_eq!([0.0, f64::NAN].map(|x| margin(&model, x)), expected, "{decision}");
    }
    // What LightGBM writes where a split asks for missing values alone.
    let infinite = text("threshold=0.5", "threshold=inf").unwrap();
    assert_eq!([f64::MIN, f64::MAX, f64::NAN].map(|x| margin(&infinite, x)), [-0.75, -0.75, 2.25]);
    let below = text("threshold=0.5\ndecision_type=8", "threshold=-0.5\ndecision_type=2").unwrap();
    assert_eq!(margin(&below, f64::NAN), 2.25);
    let windows = TEXT.replace('\n', "\r\n");
    assert_eq!(import::lightgbm(windows.as_bytes()), Ok(model));
    // The lines that a tree of one leaf does not need.
    assert!(text("split_feature=\nthreshold=\ndecision_type=\nleft_child=\nright_child=\n", "").is_ok());
}

#[test]
fn lightgbm_of_other_kinds() {
    not_covered(text("version=v4", "version=v2"), "version \"v2\"", "save it again");
    not_covered(text("feature_names", "average_output\nfeature_names"), "rf", "gbdt");
    not_covered(text("num_class=1", "num_class=3"), "num_class 3", "each class");
    not_covered(
        text("num_tree_per_iteration=1", "num_tree_per_iteration=3"),
        "num_tree_per_iteration 3",
        "class",
    );
    not_covered(text("is_linear=0", "is_linear=1"), "tree 0: a linear tree", "linear_tree=False");
    not_covered(text("num_cat=0", "num_cat=1"), "by category", "numeric");
    not_covered(text("decision_type=8", "decision_type=9"), "by category", "numeric");
    not_covered(text("objective=binary sigmoid:1\n", ""), "without an objective", "binary");
    for name in [
        "regression sqrt",
        "regression_l1 sqrt",
        "poisson",
        "gamma",
        "tweedie",
        "multiclass num_class:3",
        "multiclassova num_class:3 sigmoid:1",
        "lambdarank",
        "rank_xendcg",
        "cross_entropy_lambda",
        "mine",
        "",
        "binary",
        "binary sigmoid:1 sqrt",
    ] {
        not_covered(text("binary sigmoid:1", name), &format!("objective {name:?}"), "binary");
    }
    for name in ["regression", "regression_l1", "huber", "fair", "quantile", "mape"] {
        assert_eq!(text("binary sigmoid:1", name).unwrap().trees.parts().link, Link::Identity);
    }
    assert_eq!(
        text("binary sigmoid:1", "cross_entropy").unwrap().trees.parts().link,
        Link::Logistic { steepness: 1.0 }
    );
    assert_eq!(
        text("sigmoid:1", "sigmoid:0.7").unwrap().trees.parts().link,
        Link::Logistic { steepness: 0.7 }
    );
}

#[test]
fn lightgbm_lines_that_do_not_fit() {
    for (old, new, what) in [
        ("tree\nversion", "version", "first line"),
        ("end of trees", "", "cut off"),
        ("Tree=1", "Tree=2", "Tree: expected 1"),
        ("tree_sizes=10 10", "tree_sizes=10", "1 trees, as tree_sizes says"),
        ("tree_sizes=10 10\n", "", "tree_sizes"),
        ("num_class=1\n", "", "num_class"),
        ("num_class=1\n", "num_class=1\nnum_class=1\n", "several"),
        ("threshold=0.5", "threshold=0.5\nthreshold=0.5", "tree 0: threshold"),
        ("sigmoid:1", "sigmoid:x", "sigmoid"),
        ("sigmoid:1", "sigmoid:0", "steepness"),
        ("sigmoid:1", "sigmoid:nan", "steepness"),
        ("max_feature_idx=1", "max_feature_idx=4294967295", "max_feature_idx"),
        ("max_feature_idx=1", "max_feature_idx=4294967294", "1048576 inputs"),
        ("max_feature_idx=1", "max_feature_idx=-1", "max_feature_idx"),
        ("max_feature_idx=1", "max_feature_idx=0", "at most 0"),
        ("num_leaves=2", "num_leaves=0", "leaf_value"),
        ("num_leaves=2", "num_leaves=3", "leaf_value"),
        ("num_leaves=2", "num_leaves=18446744073709551615", "leaf_value"),
        ("num_leaves=2", "num_leaves=-2", "num_leaves"),
        ("leaf_value=-1 2", "leaf_value=-1 inf", "finite"),
        ("leaf_value=-1 2", "leaf_value=-1 1e400", "finite"),
        ("leaf_value=-1 2", "leaf_value=-1 x", "leaf_value, element 1"),
        ("threshold=0.5", "threshold=nan", "finite"),
        ("threshold=0.5", "threshold=-inf", "finite"),
        ("threshold=0.5", "threshold=0.5 1", "threshold"),
        ("threshold=0.5", "threshold=", "threshold"),
        ("split_feature=1", "split_feature=2", "split_feature"),
        ("split_feature=1", "split_feature=-1", "split_feature"),
        ("decision_type=8", "decision_type=12", "decision_type"),
        ("decision_type=8", "decision_type=16", "decision_type"),
        ("decision_type=8", "decision_type=256", "decision_type"),
        ("left_child=-1", "left_child=0", "second way"),
        ("left_child=-1", "left_child=-2", "second way"),
        ("left_child=-1", "left_child=1", "child"),
        ("left_child=-1", "left_child=-3", "child"),
        ("left_child=-1", "left_child=-9223372036854775808", "child"),
    ] {
        invalid(text(old, new), what);
    }
    invalid(import::lightgbm(b"\xff"), "save_model(\"model.txt\")");
    invalid(import::lightgbm(booster().to_string().as_bytes()), "first line");
    invalid(import::lightgbm(b""), "first line");
}

/// As deep as it has splits: neither reading nor predicting recurses.
const DEPTH: usize = 500_000;

#[test]
fn a_chain_of_a_million_nodes() {
    let list = |element: &dyn Fn(usize) -> String, count: usize, between: &str| {
        (0..count).map(element).collect::<Vec<_>>().join(between)
    };
    let leaf = |index: usize| index == 2 * DEPTH || index % 2 == 1;
    let nodes = 2 * DEPTH + 1;
    let children = |step: usize| {
        list(&|index| if leaf(index) { "-1".into() } else { (index + step).to_string() }, nodes, ",")
    };
    let zeros = list(&|_| "0".into(), nodes, ",");
    let tree = format!(
        "{{\"id\":0,\"left_children\":[{}],\"right_children\":[{}],\"split_indices\":[{zeros}],\
         \"split_conditions\":[{zeros}],\"default_left\":[{zeros}],\"split_type\":[{zeros}],\
         \"tree_param\":{{\"num_nodes\":\"{nodes}\",\"num_deleted\":\"0\"}}}}",
        children(1),
        children(2),
    );
    let mut model = with("/gradient_booster/model/trees", json!(["@"]));
    model["learner"]["gradient_booster"]["model"]["gbtree_model_param"]["num_trees"] = json!("1");
    model["learner"]["gradient_booster"]["model"]["tree_info"] = json!([0]);
    let model = import::xgboost(model.to_string().replace("\"@\"", &tree).as_bytes()).unwrap();
    assert_eq!(model.trees.nodes(), nodes);
    assert_eq!(model.trees.predict(&[1.0, 0.0]).unwrap().margin, 0.0);

    let zeros = list(&|_| "0".into(), DEPTH, " ");
    let right = list(
        &|index| if index + 1 == DEPTH { format!("-{}", DEPTH + 1) } else { (index + 1).to_string() },
        DEPTH,
        " ",
    );
    let left = list(&|index| format!("-{}", index + 1), DEPTH, " ");
    let deep = TEXT
        .replacen("num_leaves=2", &format!("num_leaves={}", DEPTH + 1), 1)
        .replacen("split_feature=1", &format!("split_feature={zeros}"), 1)
        .replacen("threshold=0.5", &format!("threshold={zeros}"), 1)
        .replacen("decision_type=8", &format!("decision_type={zeros}"), 1)
        .replacen("left_child=-1", &format!("left_child={left}"), 1)
        .replacen("right_child=-2", &format!("right_child={right}"), 1)
        .replacen("leaf_value=-1 2", &format!("leaf_value={zeros} 1"), 1);
    let model = import::lightgbm(deep.as_bytes()).unwrap();
    assert_eq!(model.trees.predict(&[1.0, 0.0]).unwrap().margin, 1.25);
}

#[test]
fn deep_nesting_is_an_error() {
    for open in ["[", "{\"learner\":", "{\"a\":"] {
        assert!(import::xgboost(open.repeat(200_000).as_bytes()).is_err(), "{open}");
        let inside = booster().to_string().replacen(
            "\"feature_types\":[]",
            &format!("\"x\":{}", open.repeat(200_000)),
            1,
        );
        assert!(import::xgboost(inside.as_bytes()).is_err(), "{open}");
    }
    // Where it is whole, it stands in a field that nobody reads.
    let nested = format!("\"x\":{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let inside = booster().to_string().replacen("\"feature_types\":[]", &nested, 1);
    assert!(import::xgboost(inside.as_bytes()).is_ok());
}

#[test]
fn every_truncation_is_an_error() {
    let json = booster().to_string();
    for end in 0..json.len() {
        assert!(import::xgboost(&json.as_bytes()[..end]).is_err(), "{}", &json[..end]);
    }
    let whole = TEXT.find("end of trees").unwrap() + "end of trees".len();
    for end in 0..whole {
        assert!(import::lightgbm(&TEXT.as_bytes()[..end]).is_err(), "{}", &TEXT[..end]);
    }
    assert!(import::lightgbm(&TEXT.as_bytes()[..whole]).is_ok());
}

proptest! {
    /// Whatever bytes change, what is read predicts finite margins.
    #[test]
    fn changed_bytes_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        digits in any::<bool>(),
    ) {
        for (mut bytes, read) in [
            (booster().to_string().into_bytes(), import::xgboost as fn(&[u8]) -> _),
            (TEXT.as_bytes().to_vec(), import::lightgbm),
        ] {
            for (index, byte) in &changes {
                let index = index.index(bytes.len());
                bytes[index] = if digits { b"0123456789-.,"[usize::from(*byte) % 13] } else { *byte };
            }
            if let Ok(model) = read(&bytes) {
                let model = model.trees;
                for value in [f64::NAN, 0.0, 1e30, -0.25] {
                    let prediction = model.predict(&vec![value; model.inputs()]).unwrap();
                    prop_assert!(prediction.margin.is_finite() && prediction.value.is_finite());
                }
            }
        }
    }
}
