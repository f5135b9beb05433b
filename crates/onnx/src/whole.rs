//! That a model is whole: that nothing of it lies outside of its bytes.
//!
//! A tensor of ONNX may name another file (or, in ONNX Runtime, an address) that has its values. The seal of an
//! artifact does not cover that file, so such a model is refused before the runtime sees it. So is whatever this reader
//! does not know and a runtime may: fields of later versions of ONNX, ONNX Runtime's own format, and operators that are
//! neither of ONNX nor functions of the model.
//!
//! Source: `onnx.proto` of ONNX 1.23, <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>.

use std::collections::BTreeSet;

use model::ModelError;

use crate::wire::{Field, Fields, Value};

/// Messages within messages, as readers of Protocol Buffers limit them by default. A graph within a graph takes three.
const DEPTH_MAX: usize = 100;
/// Names that an error tells.
const NAMES_MAX: usize = 4;
/// Domains of the operators of ONNX; the first two are one.
const STANDARD: [&[u8]; 3] = [b"", b"ai.onnx", b"ai.onnx.ml"];
/// Domains of ONNX Runtime begin with it. Its operators may read files and run code (`EPContext`, `PythonOp`).
const RUNTIME: &[u8] = b"com.microsoft";

/// Refuses a model that is not whole.
///
/// # Errors
/// [`ModelError::Invalid`] where the bytes are no message, [`ModelError::NotCovered`] where a part is not among them.
pub(crate) fn check(bytes: &[u8]) -> Result<(), ModelError> {
    // ONNX Runtime goes by these bytes, and there are messages that have them.
    if bytes.get(4..8) == Some(b"ORTM") {
        return Err(ModelError::NotCovered {
            what: "a model in the format of ONNX Runtime (.ort)".to_owned(),
            instead: "export the model as ONNX (.onnx)",
        });
    }
    let mut walk = Walk::default();
    walk.message(Message::Model, bytes, 0)?;
    walk.judge()
}

/// A message that is a tensor, or can hold one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    TrainingInfo,
    Function,
    Graph,
    Node,
    Attribute,
    Tensor,
    SparseTensor,
}

/// What a field of a message is.
enum Kind {
    /// A message that is walked.
    Message(Message),
    /// Anything that holds no tensor.
    Leaf,
    /// A field that ONNX did not have.
    Unknown,
}

impl Message {
    /// The fields of ONNX, by their numbers.
    fn kind(self, number: u64) -> Kind {
        let message = match self {
            Self::Model => match number {
                7 => Self::Graph,
                20 => Self::TrainingInfo,
                25 => Self::Function,
                1..=6 | 8 | 14 | 26 => return Kind::Leaf,
                _ => return Kind::Unknown,
            },
            Self::TrainingInfo => match number {
                1 | 2 => Self::Graph,
                3 | 4 => return Kind::Leaf,
                _ => return Kind::Unknown,
            },
            Self::Function => match number {
                7 => Self::Node,
                11 => Self::Attribute,
                1 | 4..=6 | 8..=10 | 12..=14 => return Kind::Leaf,
                _ => return Kind::Unknown,
            },
            Self::Graph => match number {
                1 => Self::Node,
                5 => Self::Tensor,
                15 => Self::SparseTensor,
                2 | 10..=14 | 16 => return Kind::Leaf,
                _ => return Kind::Unknown,
            },
            Self::Node => match number {
                5 => Self::Attribute,
                1..=4 | 6..=10 => return Kind::Leaf,
                _ => return Kind::Unknown,
            },
            Self::Attribute => match number {
                5 | 10 => Self::Tensor,
                6 | 11 => Self::Graph,
                22 | 23 => Self::SparseTensor,
                1..=4 | 7..=9 | 13..=15 | 20 | 21 => return Kind::Leaf,
                _ => return Kind::Unknown,
            },
            Self::Tensor => match number {
                1..=14 | 16 => return Kind::Leaf,
                _ => return Kind::Unknown,
            },
            Self::SparseTensor => match number {
                1 | 2 => Self::Tensor,
                3 => return Kind::Leaf,
                _ => return Kind::Unknown,
            },
        };
        Kind::Message(message)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::TrainingInfo => "training info",
            Self::Function => "function",
            Self::Graph => "graph",
            Self::Node => "node",
            Self::Attribute => "attribute",
            Self::Tensor => "tensor",
            Self::SparseTensor => "sparse tensor",
        }
    }

    fn invalid(self, expected: &str, found: impl Into<String>) -> ModelError {
        let what = format!("ONNX model: {}", self.name());
        ModelError::Invalid { what, expected: expected.to_owned(), found: found.into() }
    }
}

/// Domain and name of an operator, or of a function.
type Operator<'a> = (&'a [u8], &'a [u8]);

/// What has been found.
#[derive(Debug, Default)]
struct Walk<'a> {
    /// Names of tensors outside, the first of them.
    outside: Vec<&'a [u8]>,
    /// How many they are.
    outside_count: usize,
    /// Operators that are not of ONNX.
    operators: BTreeSet<Operator<'a>>,
    /// The model's own.
    functions: BTreeSet<Operator<'a>>,
}

/// What a message says of itself, wherever in it.
#[derive(Debug, Default)]
struct Own<'a> {
    name: &'a [u8],
    domain: &'a [u8],
    outside: bool,
}

impl<'a> Walk<'a> {
    fn message(&mut self, message: Message, bytes: &'a [u8], depth: usize) -> Result<(), ModelError> {
        if depth == DEPTH_MAX {
            return Err(message.invalid(&format!("at most {DEPTH_MAX} messages within one another"), "more"));
        }
        let mut own = Own::default();
        for field in Fields::new(bytes) {
            let field = field.map_err(|reason| message.invalid("a message of Protocol Buffers", reason))?;
            match message.kind(field.number) {
                Kind::Message(inner) => self.message(inner, payload(message, &field)?, depth + 1)?,
                Kind::Leaf => own.leaf(message, &field)?,
                Kind::Unknown => {
                    return Err(ModelError::NotCovered {
                        what: format!("field {} of an ONNX {}", field.number, message.name()),
                        instead: "export the model for ONNX 1.23 or before",
                    });
                }
            }
        }
        match message {
            Message::Tensor if own.outside => {
                self.outside_count += 1;
                if self.outside.len() < NAMES_MAX {
                    self.outside.push(own.name);
                }
            }
            Message::Node if !STANDARD.contains(&own.domain) => {
                self.operators.insert((own.domain, own.name));
            }
            Message::Function if !own.domain.starts_with(RUNTIME) => {
                self.functions.insert((own.domain, own.name));
            }
            Message::Model
            | Message::TrainingInfo
            | Message::Function
            | Message::Graph
            | Message::Node
            | Message::Attribute
            | Message::Tensor
            | Message::SparseTensor => {}
        }
        Ok(())
    }

    fn judge(&self) -> Result<(), ModelError> {
        if self.outside_count > 0 {
            let names = names(self.outside.iter().map(|name| quoted(name)), self.outside_count);
            return Err(ModelError::NotCovered {
                what: format!("a model whose weights lie outside of its file (of the tensors {names})"),
                instead: "save it as one file, such as with the Python package onnx: \
                          onnx.save(onnx.load(\"model.onnx\"), \"whole.onnx\")",
            });
        }
        let foreign: Vec<_> = self.operators.difference(&self.functions).collect();
        if !foreign.is_empty() {
            let names =
                foreign.iter().map(|(domain, name)| format!("{} of {}", quoted(name), quoted(domain)));
            return Err(ModelError::NotCovered {
                what: format!(
                    "a model with operators that are not of ONNX ({})",
                    self::names(names, foreign.len())
                ),
                instead: "export the model with operators of the domains ai.onnx and ai.onnx.ml, not optimised for a \
                          runtime",
            });
        }
        Ok(())
    }
}

impl<'a> Own<'a> {
    /// Of a field that comes twice the last holds, but for a tensor outside: it is outside if anything says so.
    fn leaf(&mut self, message: Message, field: &Field<'a>) -> Result<(), ModelError> {
        match (message, field.number) {
            (Message::Tensor, 8) | (Message::Node, 4) | (Message::Function, 1) => {
                self.name = payload(message, field)?;
            }
            (Message::Node, 7) | (Message::Function, 10) => self.domain = payload(message, field)?,
            // `external_data`
            (Message::Tensor, 13) => self.outside = true,
            // `data_location`, 0 where the tensor has its values itself
            (Message::Tensor, 14) => self.outside |= field.value != Value::Varint(0),
            _ => {}
        }
        Ok(())
    }
}

/// The bytes of a field that is a text or a message.
fn payload<'a>(message: Message, field: &Field<'a>) -> Result<&'a [u8], ModelError> {
    match field.value {
        Value::Bytes(bytes) => Ok(bytes),
        Value::Varint(_) | Value::Fixed => {
            Err(message.invalid("a message of ONNX", format!("a number as field {}", field.number)))
        }
    }
}

/// As much of a name as an error has room for.
fn quoted(name: &[u8]) -> String {
    let name: String = String::from_utf8_lossy(name).chars().take(40).collect();
    format!("{name:?}")
}

/// The first of them, and how many more there are.
fn names(names: impl Iterator<Item = String>, count: usize) -> String {
    let names = names.take(NAMES_MAX).collect::<Vec<_>>().join(", ");
    match count.saturating_sub(NAMES_MAX) {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
