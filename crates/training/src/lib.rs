//! Research only: fits preprocessing and models on a training split, and measures them on rows after it.
//!
//! Production links `preprocess` and `model`, which cannot fit; everything that can stands here.

mod error;
mod examples;
mod fit;
mod logistic;
mod metrics;
mod numbers;
mod reference;
mod spd;
mod trainer;
mod trees;
mod walk_forward;

pub use error::{TrainingError, UnknownName};
pub use examples::{Examples, Objective, TrainExamples, eval_examples};
pub use fit::fit;
pub use logistic::{LogisticOptions, train_logistic};
pub use metrics::{Metrics, Scored, evaluate, score_ensemble};
pub use reference::{Distribution, distributions};
pub use trainer::Trainer;
pub use trees::{TreeOptions, train_trees};
pub use walk_forward::{FoldReport, WalkForwardReport, walk_forward};
