//! How a model does, part by part.

use artifact::Metric;
use dataset::Split;
use feature_api::Row;
use model::{BoundFilters, Ensemble, Verdict};
use preprocess::Preprocess;
use training::{Metrics, Objective, Scored, TrainExamples, WalkForwardReport, eval_examples, score_ensemble};

use crate::print::{self, Align};

/// The part that a walk forward is called.
pub const WALK_FORWARD: &str = "walk-forward";

/// The columns of a table: the names of the metrics, then the parts.
const PARTS: [&str; 5] = ["", "train", "validation", "test", WALK_FORWARD];

/// Measures on the rows trained on and on those after, as far as the filters let them pass.
pub fn parts(
    ensemble: &Ensemble,
    split: &Split<'_>,
    preprocess: &Preprocess,
    objective: Objective,
    filters: &BoundFilters,
) -> anyhow::Result<Vec<Metric>> {
    let train = TrainExamples::of(&split.train, preprocess)?;
    let baseline = train.mean_target(objective);
    let validation = eval_examples(&split.validation, preprocess)?;
    let test = eval_examples(&split.test, preprocess)?;
    let features = split.train.dataset().features();
    let mut row = Row::new(features.width());
    let mut metrics = Vec::new();
    for (part, examples) in [("train", train.examples()), ("validation", &validation), ("test", &test)] {
        let scored =
            score_ensemble(ensemble, examples, objective, baseline)?.into_iter().zip(examples.rows());
        let passed = scored.filter(|(_, index)| {
            features.copy_row(**index, &mut row) && filters.evaluate(&row) == Verdict::Pass
        });
        let scored: Vec<Scored> = passed.map(|(scored, _)| scored).collect();
        metrics.extend(of_part(part, &Metrics::of(objective, &scored)?));
    }
    Ok(metrics)
}

/// The metrics of a part, as an artifact holds them.
pub fn of_part(part: &str, metrics: &Metrics) -> Vec<Metric> {
    let rows = ("rows", metrics.rows as f64);
    let values = [rows].into_iter().chain(metrics.values.iter().copied());
    values.map(|(name, value)| Metric { part: part.to_owned(), name: name.to_owned(), value }).collect()
}

/// A line for each metric, a column for each part that was measured.
pub fn table(metrics: &[Metric]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for metric in metrics {
        if !names.contains(&metric.name.as_str()) {
            names.push(&metric.name);
        }
    }
    let cell = |name: &str, part: &str| {
        let found = metrics.iter().find(|metric| metric.name == name && metric.part == part);
        found.map_or_else(String::new, |metric| print::significant(metric.value))
    };
    let row = |name: &str| PARTS.map(|part| if part.is_empty() { name.to_owned() } else { cell(name, part) });
    let rows: Vec<_> = names.iter().map(|name| row(name)).collect();
    let column = |part: &'static str| (part, if part.is_empty() { Align::Left } else { Align::Right });
    if metrics.iter().any(|metric| metric.part == WALK_FORWARD) {
        return print::table(PARTS.map(column), &rows);
    }
    let rows: Vec<_> =
        rows.into_iter().map(|[name, train, validation, test, _]| [name, train, validation, test]).collect();
    let [name, train, validation, test, _] = PARTS.map(column);
    print::table([name, train, validation, test], &rows)
}

/// A line for each fold of a walk forward: its span, its rows, and what it was measured by.
pub fn folds(report: &WalkForwardReport) -> String {
    let mut text = String::new();
    for (index, fold) in report.folds.iter().enumerate() {
        let (from, until) = fold.test_span;
        let values: Vec<_> = fold
            .metrics
            .values
            .iter()
            .map(|(name, value)| format!("{name} {}", print::significant(*value)))
            .collect();
        text += &format!(
            "fold {}: trained on {}, tested on {} from {} to {}\n  {}\n",
            index + 1,
            print::plural(fold.train_rows as u64, "row"),
            print::count(fold.metrics.rows as u64),
            print::time(from),
            print::time(until),
            values.join(", "),
        );
    }
    text + "\n"
}
