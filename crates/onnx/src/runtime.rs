//! ONNX Runtime: the library of the process, and the sessions of models.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{Model, ModelError, Output, PredictError, Prediction};
use ort::environment::Environment;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};

use crate::OnnxError;

/// The library that the process has loaded. It stays: neither library nor environment can be had a second time.
static LOADED: Mutex<Option<(PathBuf, Environment)>> = Mutex::new(None);

/// The loaded library.
#[derive(Debug)]
pub(crate) struct Runtime {
    environment: Environment,
}

impl Runtime {
    pub(crate) fn open(library: &Path) -> Result<Self, OnnxError> {
        let refuse = |reason: String| OnnxError::Library { library: library.to_owned(), reason };
        // Whole, since a relative path would be looked for beside the program first.
        let path = library.canonicalize().map_err(|error| refuse(error.to_string()))?;
        let mut loaded = lock(&LOADED);
        let environment = match &*loaded {
            Some((first, environment)) if *first == path => environment.clone(),
            Some((first, _)) => {
                return Err(OnnxError::Another { library: library.to_owned(), loaded: first.clone() });
            }
            None => {
                let builder = ort::init_from(&path).map_err(|error| refuse(error.to_string()))?;
                let builder = builder.with_name("isobar").with_telemetry(false);
                let environment = builder.build().map_err(|error| refuse(error.to_string()))?;
                *loaded = Some((path, environment.clone()));
                environment
            }
        };
        Ok(Self { environment })
    }

    pub(crate) fn load(&self, bytes: &[u8]) -> Result<Arc<dyn Model>, ModelError> {
        let session = self.session(bytes).map_err(|reason| ModelError::Invalid {
            what: "ONNX model".to_owned(),
            expected: "a model that ONNX Runtime loads".to_owned(),
            found: reason,
        })?;
        let inputs = inputs(session.inputs())?;
        let (place, output) = output(session.outputs())?;
        Ok(Arc::new(OnnxModel { session: Mutex::new(session), inputs, place, output }))
    }

    /// One thread, no order of operations but that of the graph.
    fn session(&self, bytes: &[u8]) -> Result<Session, String> {
        let text = |error: ort::Error<ort::session::builder::SessionBuilder>| error.to_string();
        let mut builder = Session::builder(&self.environment)
            .map_err(|error| error.to_string())?
            .with_intra_threads(1)
            .map_err(text)?
            .with_inter_threads(1)
            .map_err(text)?
            .with_parallel_execution(false)
            .map_err(text)?
            .with_deterministic_compute(true)
            .map_err(text)?
            .with_optimization_level(GraphOptimizationLevel::Level1)
            .map_err(text)?;
        builder.commit_from_memory(bytes).map_err(|error| error.to_string())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A tensor's shape where it is of f32; −1 for an open dimension.
fn float_shape(outlet: &Outlet) -> Option<&[i64]> {
    match outlet.dtype() {
        ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } => Some(shape),
        ValueType::Tensor { .. }
        | ValueType::Sequence(_)
        | ValueType::Map { .. }
        | ValueType::Optional(_) => None,
    }
}

/// The length of an input.
fn inputs(outlets: &[Outlet]) -> Result<usize, ModelError> {
    if let [outlet] = outlets
        && let Some([-1 | 1, width]) = float_shape(outlet)
        && *width != 0
    {
        return usize::try_from(*width).map_err(|_| ModelError::NotCovered {
            what: "an input of open length".to_owned(),
            instead: "export the model with the number of features as the second dimension of its input",
        });
    }
    Err(ModelError::NotCovered {
        what: describe("the inputs", outlets),
        instead: "export the model with one input, a tensor of float32 of shape [batch, features], batch open or 1",
    })
}

/// The place of the output that is the prediction, and what it is.
fn output(outlets: &[Outlet]) -> Result<(Place, Output), ModelError> {
    let map = |outlet: &Outlet| outlet.dtype().is_sequence() || outlet.dtype().is_map();
    if outlets.iter().any(map) {
        return Err(ModelError::NotCovered {
            what: describe("a ZipMap among the outputs", outlets),
            instead: "convert the model without it: options={\"zipmap\": False} of skl2onnx, zipmap=False of \
                      onnxmltools",
        });
    }
    let mut floats = outlets
        .iter()
        .enumerate()
        .filter_map(|(index, outlet)| float_shape(outlet).map(|shape| (index, outlet.name(), shape)));
    if let (Some((index, name, shape)), None) = (floats.next(), floats.next()) {
        let one = if name.starts_with("prob") { Output::Probability } else { Output::Value };
        let place = |column| Place { output: index, column };
        match shape {
            [-1 | 1, 2] => return Ok((place(1), Output::Probability)),
            [-1 | 1] | [-1 | 1, 1] => return Ok((place(0), one)),
            _ => {}
        }
    }
    Err(ModelError::NotCovered {
        what: describe("the outputs", outlets),
        instead: "export the model with one output of float32 of shape [batch], [batch, 1] or, for the probabilities \
                  of two classes, [batch, 2]",
    })
}

fn describe(what: &str, outlets: &[Outlet]) -> String {
    let outlets = outlets.iter().take(4).map(|outlet| {
        let name: String = outlet.name().chars().take(40).collect();
        format!("{name:?} {}", outlet.dtype())
    });
    format!("{what} ({})", outlets.collect::<Vec<_>>().join(", "))
}

/// Where the prediction of one input stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    output: usize,
    column: usize,
}

struct OnnxModel {
    /// A session takes one input at a time.
    session: Mutex<Session>,
    inputs: usize,
    place: Place,
    output: Output,
}

impl fmt::Debug for OnnxModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnnxModel")
            .field("inputs", &self.inputs)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl OnnxModel {
    fn run(&self, input: &[f32]) -> Result<f32, String> {
        let mut session = lock(&self.session);
        let tensor =
            TensorRef::from_array_view(([1, input.len()], input)).map_err(|error| error.to_string())?;
        let outputs = session.run(ort::inputs![tensor]).map_err(|error| error.to_string())?;
        let value = outputs.values().nth(self.place.output).ok_or("it has lost an output")?;
        let (shape, values) = value.try_extract_tensor::<f32>().map_err(|error| error.to_string())?;
        let expected = self.place.column + 1;
        match values.get(self.place.column) {
            Some(value) if values.len() == expected => Ok(*value),
            Some(_) | None => {
                Err(format!("an output of shape {shape} for one input; expected {expected} values"))
            }
        }
    }
}

impl Model for OnnxModel {
    fn describe(&self) -> String {
        let output = match self.output {
            Output::Probability => "a probability",
            Output::Value => "a value",
        };
        format!("{} inputs, {output}", self.inputs)
    }

    fn inputs(&self) -> usize {
        self.inputs
    }

    fn takes_missing(&self) -> bool {
        false
    }

    fn output(&self) -> Output {
        self.output
    }

    fn predict(&self, input: &[f64]) -> Result<Prediction, PredictError> {
        if input.len() != self.inputs {
            return Err(PredictError::Width { expected: self.inputs, found: input.len() });
        }
        let mut floats = Vec::with_capacity(input.len());
        for (index, value) in input.iter().enumerate() {
            match *value as f32 {
                float if float.is_nan() => return Err(PredictError::Missing { index }),
                float if float.is_infinite() => return Err(PredictError::Infinite { index, found: *value }),
                float => floats.push(float),
            }
        }
        let refuse = |reason| PredictError::External { format: "onnx".to_owned(), reason };
        let value = f64::from(self.run(&floats).map_err(refuse)?);
        Ok(Prediction { margin: value, value })
    }

    /// One after another: kernels for several inputs may sum in another order.
    fn predict_many(&self, inputs: &[f64], predictions: &mut Vec<Prediction>) -> Result<(), PredictError> {
        for input in inputs.chunks(self.inputs) {
            predictions.push(self.predict(input)?);
        }
        Ok(())
    }
}
