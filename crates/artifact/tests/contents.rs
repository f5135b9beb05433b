//! Whatever makes no sense inside is refused by its own error, with what was expected and what was found.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use artifact::{Problem, verify};
use model::ModelError;
use preprocess::PreprocessError;
use support::refused::{forged, one, refused};
use support::samples::{check, sealed};
use support::wire::{self, Forged, Model, Nulls};

#[test]
fn missing_scaler() {
    let bytes = forged("linear", |forged| forged.preprocess.scaler = None);
    let found = refused(
        &bytes,
        &check(),
        &[("missing-scaler", &["expected a fitted scaler"]), ("unchecked", &["probes", "missing-scaler"])],
    );
    assert_eq!(found[0], Problem::Preprocess { error: PreprocessError::MissingScaler });
}

#[test]
fn unfitted_imputer() {
    let bytes = forged("linear", |forged| forged.preprocess.nulls[1] = Nulls::Median(None));
    let found = refused(
        &bytes,
        &check(),
        &[("unfitted-imputer", &["\"range\"", "found none"]), ("unchecked", &["probes", "unfitted-imputer"])],
    );
    let error = PreprocessError::NotFitted { feature: "range".to_owned() };
    assert_eq!(found[0], Problem::Preprocess { error });
}

#[test]
fn altered_probe() {
    let value = Forged::read(&sealed("linear")).probes[1].value;
    let bytes = forged("linear", |forged| forged.probes[1].value = value.next_up());
    let (expected, found) = (value.next_up().to_bits(), value.to_bits());
    let texts = [format!("{expected:016x}"), format!("{found:016x}")];
    let problems = refused(&bytes, &check(), &[("probe", &[&texts[0], &texts[1], "probe 1"])]);
    assert_eq!(one(problems), Problem::Probe { index: 1, what: "prediction".to_owned(), expected, found });
    // A margin, a row, and every probe that is altered.
    let bytes = forged("ensemble", |forged| {
        forged.probes[0].margins[1] = forged.probes[0].margins[1].next_down();
        forged.probes[2].rows[0][0] = Some(99.0);
    });
    refused(&bytes, &check(), &[("probe", &["margin of member 1"]), ("probe", &["probe 2"])]);
}

#[test]
fn an_altered_model_meets_its_probes() {
    let bytes = forged("linear", |forged| {
        let Model::Linear(linear) = &mut forged.model[0].model else { panic!("{:?}", forged.model) };
        linear.weights[0] = linear.weights[0].next_up();
    });
    let problems = verify(&bytes, &check()).map(|_| ()).unwrap_err();
    assert!(problems.iter().all(|problem| problem.code() == "probe"), "{problems:?}");
}

#[test]
fn probes_that_are_none() {
    let bytes = forged("linear", |forged| forged.probes.clear());
    assert_eq!(
        one(refused(&bytes, &check(), &[("no-probes", &["one probe or more", "none"])])),
        Problem::NoProbes
    );
    type Change = fn(&mut wire::Probe);
    let changes: [(Change, &[&str]); 8] = [
        (|probe| probe.rows.clear(), &["1 rows", "found 0"]),
        (|probe| probe.rows.push(vec![None; 4]), &["1 rows", "found 2"]),
        (|probe| _ = probe.rows[0].pop(), &["rows of 4 features", "found 3"]),
        (|probe| probe.margins.push(0.0), &["1 margins", "found 2"]),
        (|probe| probe.rows[0][1] = Some(f64::NAN), &["finite numbers", "found NaN"]),
        (|probe| probe.margins[0] = f64::INFINITY, &["finite numbers", "found inf"]),
        (|probe| probe.value = f64::NAN, &["finite numbers", "found NaN"]),
        (|probe| probe.rows[0][0] = None, &["come to a prediction", "Null { feature: 0 }"]),
    ];
    for (change, texts) in changes {
        let bytes = forged("linear", |forged| change(&mut forged.probes[2]));
        refused(&bytes, &check(), &[("probe-shape", texts)]);
    }
    // A filter that was added, and one that was altered.
    let bytes = forged("filters", |forged| forged.filters[1].threshold = 104.0);
    let problems = verify(&bytes, &check()).map(|_| ()).unwrap_err();
    assert_eq!(problems.len(), 3);
    assert!(problems.iter().all(|problem| problem.to_string().contains("filter close<=104 blocks")));
}

#[test]
fn a_model_of_other_inputs() {
    let bytes = forged("linear", |forged| {
        let Model::Linear(linear) = &mut forged.model[0].model else { panic!("{:?}", forged.model) };
        linear.weights.push(1.0);
    });
    let found =
        refused(&bytes, &check(), &[("width", &["4 inputs", "one of 5"]), ("unchecked", &["probes"])]);
    assert_eq!(found[0], Problem::Width { expected: 4, found: 5 });
}

#[test]
fn missing_values_for_a_model_that_knows_none() {
    let bytes = forged("linear", |forged| forged.preprocess.nulls[1] = Nulls::Missing);
    refused(&bytes, &check(), &[("missing-values", &["logistic regression"]), ("unchecked", &["probes"])]);
}

#[test]
fn a_model_that_cannot_be_made() {
    let bytes = forged("ensemble", |forged| forged.model[1].weight = 0.0);
    refused(&bytes, &check(), &[("model", &["member 1: weight"]), ("unchecked", &["probes", "model"])]);
    let bytes = forged("external", |forged| {
        forged.model[0].model = Model::External("onnx".to_owned(), vec![1]);
    });
    let found = refused(&bytes, &check(), &[("model", &["\"onnx\"", "sum"]), ("unchecked", &["probes"])]);
    let error = ModelError::NoLoader { format: "onnx".to_owned(), formats: "sum".to_owned() };
    assert_eq!(found[0], Problem::Model { error });
}

#[test]
fn filters_that_cannot_be_evaluated() {
    let bytes = forged("filters", |forged| {
        forged.filters[0].feature = "derection".to_owned();
        forged.filters[2].threshold = f64::NAN;
    });
    refused(
        &bytes,
        &check(),
        &[
            ("filters", &["derection", "direction"]),
            ("filters", &["finite threshold", "NaN"]),
            ("unchecked", &["probes", "filters"]),
        ],
    );
}

#[test]
fn reference_distributions_of_something_else() {
    type Change = fn(&mut Vec<wire::Reference>);
    let changes: [(Change, &[&str]); 8] = [
        (|reference| _ = reference.pop(), &["feature 3", "expected 4", "found 3"]),
        (|reference| reference[1].feature = "rnge".to_owned(), &["feature 1", "\"range\"", "\"rnge\""]),
        (
            |reference| (reference[3].valid, reference[3].null) = (0, 0),
            &["feature 3", "one row", "0 valid, 0 null"],
        ),
        (|reference| reference[0].null = u64::MAX, &["feature 0", "one row", "900 valid"]),
        (|reference| _ = reference[0].quantiles.pop(), &["feature 0", "21 quantiles", "found 20"]),
        (|reference| reference[3].quantiles.push(0.0), &["feature 3", "0 quantiles", "found 1"]),
        (|reference| reference[2].quantiles[20] = f64::INFINITY, &["feature 2", "finite", "inf"]),
        (|reference| reference[2].quantiles[4] = 99.0, &["feature 2", "not decrease", "99 before"]),
    ];
    for (change, texts) in changes {
        let bytes = forged("linear", |forged| change(&mut forged.reference));
        refused(&bytes, &check(), &[("reference", texts)]);
    }
}

#[test]
fn statements_that_make_no_sense() {
    type Change = fn(&mut wire::Manifest);
    let changes: [(Change, &[&str]); 9] = [
        (|manifest| manifest.label = "a\u{1b}[2Jb".to_owned(), &["label", "can be seen", "U+001B"]),
        (|manifest| manifest.toolchain.clear(), &["toolchain", "an empty one"]),
        (|manifest| manifest.model = "x".repeat(1025), &["model", "at most 1024", "1025"]),
        (|manifest| manifest.features = "x".repeat(65), &["features", "at most 64", "65"]),
        (|manifest| manifest.params = vec![("x".to_owned(), 1); 257], &["params", "at most 256", "257"]),
        (|manifest| manifest.metrics[1].2 = f64::NAN, &["metrics, 1, value", "finite", "NaN"]),
        (|manifest| manifest.metrics[0].0 = "\n".to_owned(), &["metrics, 0, part", "U+000A"]),
        (|manifest| manifest.train_span = (2, 1), &["train_span", "2 to 1"]),
        (|manifest| manifest.train_rows = 0, &["train_rows", "at least 1", "found 0"]),
    ];
    for (change, texts) in changes {
        let bytes = forged("linear", |forged| change(&mut forged.manifest));
        refused(
            &bytes,
            &check(),
            &[("manifest", texts), ("unchecked", &["version"]), ("unchecked", &["probes"])],
        );
    }
}
