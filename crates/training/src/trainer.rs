//! How a model is trained.

use model::AnyModel;

use crate::{
    LogisticOptions, Objective, TrainExamples, TrainingError, TreeOptions, train_logistic, train_trees,
};

/// How a model is trained.
#[derive(Debug, Clone, PartialEq)]
pub enum Trainer {
    /// Gradient-boosted trees.
    Trees(TreeOptions),
    /// Logistic regression.
    Logistic(LogisticOptions),
}

impl Trainer {
    /// Trains a model.
    ///
    /// # Errors
    /// [`TrainingError`].
    pub fn train(&self, train: &TrainExamples, objective: Objective) -> Result<AnyModel, TrainingError> {
        Ok(match self {
            Self::Trees(options) => AnyModel::Trees(train_trees(train, objective, options)?),
            Self::Logistic(options) => AnyModel::Linear(train_logistic(train, objective, options)?),
        })
    }
}
