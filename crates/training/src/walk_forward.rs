//! Walking forward: trained on what lies before, measured on what comes next, again and again.

use dataset::{Dataset, Fold, WalkForward};
use feature_api::UnixNanos;
use preprocess::Recipe;

use crate::metrics::score;
use crate::{Metrics, Objective, Scored, TrainExamples, Trainer, TrainingError, eval_examples, fit};

/// One fold.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldReport {
    /// `ts_available` of the first and the last row of the training split.
    pub train_span: (UnixNanos, UnixNanos),
    /// Inputs trained on: rows of the training split that are ready and labelled.
    pub train_rows: usize,
    /// Mean target of these: what the fold's predictions are compared with.
    pub train_mean: f64,
    /// `ts_available` of the first and the last row of the test window.
    pub test_span: (UnixNanos, UnixNanos),
    /// Labelled rows of the test window that were no input.
    pub not_ready: usize,
    /// How good the predictions of the test window are.
    pub metrics: Metrics,
}

/// Every fold, and all of them together.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkForwardReport {
    /// What was minimised.
    pub objective: Objective,
    /// The folds, oldest first.
    pub folds: Vec<FoldReport>,
    /// Over the predictions of all test windows, each beside the mean target its own fold was trained on: neither a
    /// prediction nor what it is compared with knows the rows it is measured on.
    pub pooled: Metrics,
}

/// Walks forward: for each fold, fits preprocessing and model on its training split and measures them on the rows
/// after it. `on_fold` is told the folds done and the number of folds, after each.
///
/// # Errors
/// [`TrainingError::Fold`] of the first fold that cannot be trained or measured.
pub fn walk_forward(
    dataset: &Dataset,
    spec: &WalkForward,
    recipe: &Recipe,
    trainer: &Trainer,
    on_fold: &mut dyn FnMut(usize, usize),
) -> Result<WalkForwardReport, TrainingError> {
    let objective = Objective::of(&dataset.manifest().label);
    let folds = dataset.walk_forward(spec)?;
    let mut reports = Vec::with_capacity(folds.len());
    let mut pooled = Vec::new();
    for (index, fold) in folds.iter().enumerate() {
        let done = index + 1;
        let (report, scored) = one_fold(fold, recipe, trainer, objective).map_err(|source| {
            TrainingError::Fold { fold: done, folds: folds.len(), source: Box::new(source) }
        })?;
        reports.push(report);
        pooled.extend(scored);
        on_fold(done, folds.len());
    }
    Ok(WalkForwardReport { objective, folds: reports, pooled: Metrics::of(objective, &pooled)? })
}

fn one_fold(
    fold: &Fold<'_>,
    recipe: &Recipe,
    trainer: &Trainer,
    objective: Objective,
) -> Result<(FoldReport, Vec<Scored>), TrainingError> {
    let preprocess = fit(&fold.train, recipe)?;
    let train = TrainExamples::of(&fold.train, &preprocess)?;
    let model = trainer.train(&train, objective)?;
    let train_mean = train.mean_target(objective);
    let test = eval_examples(&fold.test, &preprocess)?;
    let scored = score(model.as_model(), &test, objective, train_mean)?;
    let span = |rows: std::ops::Range<usize>| {
        let at =
            |row: usize| fold.test.dataset().features().ts_available.get(row).copied().unwrap_or_default();
        (at(rows.start), at(rows.end.saturating_sub(1)))
    };
    let report = FoldReport {
        train_span: span(fold.train.rows()),
        train_rows: train.examples().len(),
        train_mean,
        test_span: span(fold.test.rows()),
        not_ready: test.not_ready(),
        metrics: Metrics::of(objective, &scored)?,
    };
    Ok((report, scored))
}
