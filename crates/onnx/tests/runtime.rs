//! Models of `fixtures/make.py`, predicted by ONNX Runtime. Where its shared library is, the environment says:
//! `ISOBAR_ONNXRUNTIME=…/libonnxruntime.so cargo test -p onnx --features runtime`.
#![cfg(feature = "runtime")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Loader, Loaders, Model, ModelError, Output, PredictError};
use onnx::{OnnxError, OnnxLoader};

fn library() -> PathBuf {
    let path = std::env::var_os("ISOBAR_ONNXRUNTIME");
    PathBuf::from(
        path.unwrap_or_else(|| panic!("set ISOBAR_ONNXRUNTIME to the shared library of ONNX Runtime")),
    )
}

fn bytes(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format!("{name}.onnx"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn load(name: &str) -> Result<Arc<dyn Model>, ModelError> {
    OnnxLoader::new(&library()).unwrap().load(&bytes(name))
}

/// relu(x W + b) V + c, every sum exact in f32.
fn expected(x: &[f64]) -> f64 {
    let relu = |sum: f64| if sum > 0.0 { sum } else { 0.0 };
    let first = relu(x[0] + 0.25 * x[1] - x[2] + 0.5);
    let second = relu(-0.5 * x[0] + 2.0 * x[1] + 0.125 * x[2] - 0.25);
    0.125 * first + 0.0625 * second + 0.25
}

const INPUTS: [f64; 9] = [1.0, 2.0, 3.0, -0.5, 0.25, -1.0, 0.0, 0.5, 0.25];

#[test]
fn predicts_what_the_graph_says() {
    for (name, output) in [
        ("value", Output::Value),
        ("flat", Output::Value),
        ("probability", Output::Probability),
        ("classes", Output::Probability),
    ] {
        let model = load(name).unwrap();
        assert_eq!((model.inputs(), model.output(), model.takes_missing()), (3, output, false), "{name}");
        let mut many = Vec::new();
        model.predict_many(&INPUTS, &mut many).unwrap();
        assert_eq!(many.len(), 3);
        for (input, among) in INPUTS.chunks(3).zip(&many) {
            let one = model.predict(input).unwrap();
            assert_eq!(one, *among);
            assert_eq!((one.value, one.margin), (expected(input), expected(input)), "{name}: {input:?}");
        }
    }
}

#[test]
fn a_classifier_of_scikit_learn() {
    let model = load("labelled").unwrap();
    assert_eq!((model.inputs(), model.output()), (3, Output::Probability));
    let [low, high] = [[-3.0, 0.0, 0.0], [3.0, 0.0, 0.0]].map(|input| model.predict(&input).unwrap().value);
    assert!(0.0 < low && low < 0.1 && 0.9 < high && high < 1.0, "{low} {high}");
}

#[test]
fn inputs_that_cannot_be() {
    let model = load("value").unwrap();
    assert_eq!(model.predict(&[1.0]), Err(PredictError::Width { expected: 3, found: 1 }));
    assert_eq!(model.predict(&[1.0, f64::NAN, 0.0]), Err(PredictError::Missing { index: 1 }));
    // Beyond f32.
    assert_eq!(model.predict(&[0.0, 0.0, 1e39]), Err(PredictError::Infinite { index: 2, found: 1e39 }));
    let mut many = Vec::new();
    assert!(model.predict_many(&[0.0, 0.0, 0.0, f64::NAN, 0.0, 0.0], &mut many).is_err());
    assert_eq!(many.len(), 1);
    // What it predicts is checked by the model that holds it.
    let loader = OnnxLoader::new(&library()).unwrap();
    let external = Loaders(&[&loader]).load("onnx", bytes("infinite")).unwrap();
    assert_eq!(external.predict(&[1.0]).unwrap().value, 0.0);
    assert!(external.predict(&[0.0]).is_err());
}

#[test]
fn models_of_other_kinds() {
    for (name, what, instead) in [
        ("zipmap", "ZipMap", "zipmap"),
        ("double", "the inputs", "float32"),
        ("two_inputs", "the inputs", "one input"),
        ("two_outputs", "the outputs", "one output"),
        ("three", "the outputs", "[batch, 2]"),
        ("open", "open length", "number of features"),
    ] {
        let error = load(name).expect_err(name);
        let message = error.to_string();
        assert!(matches!(error, ModelError::NotCovered { .. }), "{name}: {message}");
        assert!(message.contains(what) && message.contains(instead), "{name}: {message}");
    }
}

#[test]
fn bytes_that_are_no_model() {
    let loader = OnnxLoader::new(&library()).unwrap();
    let whole = bytes("value");
    for bytes in [&b""[..], b"{}", b"\xff\xff\xff\xff", &whole[..whole.len() / 2]] {
        let message = loader.load(bytes).unwrap_err().to_string();
        assert!(message.contains("ONNX model: ") && message.contains("expected a "), "{message}");
    }
    // A message, and no model.
    let message = loader.load(b"").unwrap_err().to_string();
    assert!(message.contains("ONNX model: expected a model that ONNX Runtime loads"), "{message}");
}

/// ONNX Runtime would load several of those outside: from here it finds their weights.
#[test]
fn weights_outside_of_the_file() {
    assert!(Path::new("tests/fixtures/weights.bin").exists());
    for place in ["initializer", "attribute", "graph", "function", "sparse", "sparse_initializer"] {
        let model = load(&format!("inside_{place}")).unwrap();
        assert_eq!(model.predict(&[3.0]).unwrap().value, 6.0, "{place}");
        let error = load(&format!("outside_{place}")).expect_err(place);
        assert!(matches!(error, ModelError::NotCovered { .. }), "{place}: {error}");
        assert!(error.to_string().contains("tensors \"two\""), "{place}: {error}");
    }
    let message = load("foreign").unwrap_err().to_string();
    assert!(message.contains("\"Gelu\" of \"com.microsoft\""), "{message}");
}

#[test]
fn one_library_a_process() {
    let library = library();
    OnnxLoader::new(&library).unwrap();
    // A file that is there, and another.
    let other = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let error = OnnxLoader::new(&other).unwrap_err();
    assert!(matches!(error, OnnxError::Another { .. }), "{error}");
    let error = OnnxLoader::new(Path::new("no/such/library.so")).unwrap_err();
    assert!(matches!(error, OnnxError::Library { .. }) && error.to_string().contains("no/such"), "{error}");
    OnnxLoader::new(&library).unwrap();
}
