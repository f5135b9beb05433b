//! How a model does, part by part.

use anyhow::bail;
use artifact::Metric;
use dataset::Split;
use model::Ensemble;
use preprocess::Preprocess;
use training::{Examples, Metrics, Objective, Scored, TrainExamples, WalkForwardReport, eval_examples};

use crate::print::{self, Align};

/// The part that a walk forward is called.
pub const WALK_FORWARD: &str = "walk-forward";

/// The columns of a table: the names of the metrics, then the parts.
const PARTS: [&str; 5] = ["", "train", "validation", "test", WALK_FORWARD];

/// Measures on the rows trained on and on those after.
pub fn parts(
    ensemble: &Ensemble,
    split: &Split<'_>,
    preprocess: &Preprocess,
    objective: Objective,
) -> anyhow::Result<Vec<Metric>> {
    let train = TrainExamples::of(&split.train, preprocess)?;
    let baseline = train.mean_target(objective);
    let validation = eval_examples(&split.validation, preprocess)?;
    let test = eval_examples(&split.test, preprocess)?;
    let mut metrics = Vec::new();
    for (part, examples) in [("train", train.examples()), ("validation", &validation), ("test", &test)] {
        metrics.extend(of_part(part, &of_ensemble(ensemble, examples, objective, baseline)?));
    }
    Ok(metrics)
}

fn of_ensemble(
    ensemble: &Ensemble,
    examples: &Examples,
    objective: Objective,
    baseline: f64,
) -> anyhow::Result<Metrics> {
    let (expected, found) = (ensemble.inputs(), examples.inputs().width());
    if expected != found {
        bail!(
            "the model takes {expected} inputs, the preprocessing gives {found}: leave out the same features (--drop)"
        );
    }
    let mut predictions = Vec::with_capacity(examples.len());
    ensemble.predict_many(examples.inputs().values(), &mut predictions)?;
    let scored = predictions.iter().zip(examples.labels());
    let scored: Vec<Scored> = scored
        .map(|(prediction, label)| Scored { prediction: *prediction, baseline, label: *label })
        .collect();
    Ok(Metrics::of(objective, &scored)?)
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
