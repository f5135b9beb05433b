//! What the models are: measures, importance, calibration, and their features in this run.

use super::number::{UNDEFINED, fixed, percent, significant};
use super::text::{breakable, empty, escape, figure, section, table};
use super::view::View;
use super::{ModelSection, features, reliability};

/// Rows shown before the rest is folded away.
pub(super) const SHOWN: usize = 20;

pub(super) fn models(view: &View<'_>) -> String {
    let models = &view.report.models;
    let body = if models.is_empty() {
        empty("No model took part.")
    } else {
        models.iter().enumerate().map(|(number, model)| one(model, number)).collect()
    };
    section("models", "Models", &body)
}

fn one(model: &ModelSection<'_>, number: usize) -> String {
    let leg = match model.leg {
        "entry" => "Entry model",
        "exit" => "Exit model",
        other => other,
    };
    format!(
        "<article class=\"model\" aria-labelledby=\"h-model-{number}\">\n<h3 id=\"h-model-{number}\">{}</h3>\n\
         <p class=\"what\">{}, trained on the label <code>{}</code></p>\n<div class=\"pair\">\n<div>{}</div>\n<div>{}{}</div>\n</div>\n{}</article>\n",
        escape(leg),
        escape(&model.model),
        escape(&model.label),
        importance(model),
        measures(model),
        reliability::reliability(model),
        features::features(model)
    )
}

/// Measures: parts across, names down, both in the order they come.
fn measures(model: &ModelSection<'_>) -> String {
    if model.metrics.is_empty() {
        return String::new();
    }
    let (mut parts, mut names): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for (part, name, _) in &model.metrics {
        if !parts.contains(&part.as_str()) {
            parts.push(part);
        }
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let value = |part: &str, name: &str| {
        let found = model.metrics.iter().find(|(of, what, _)| of == part && what == name);
        found.map_or_else(|| UNDEFINED.to_owned(), |(_, _, value)| significant(*value))
    };
    let rows: String = names
        .iter()
        .map(|name| {
            let cells: Vec<String> = parts.iter().map(|part| value(part, name)).collect();
            super::text::row(&escape(name), &cells)
        })
        .collect();
    let parts: Vec<String> = parts.into_iter().map(escape).collect();
    let columns: Vec<&str> = ["Measure"].into_iter().chain(parts.iter().map(String::as_str)).collect();
    figure(
        "How it did when it was trained",
        &table("Measures of the model", "numbers fit", &columns, &rows),
        "",
    )
}

fn importance(model: &ModelSection<'_>) -> String {
    let caption = "Feature importance";
    if model.importance.is_empty() {
        return figure(caption, &empty("This model does not tell how much each feature matters."), "");
    }
    let largest = model
        .importance
        .iter()
        .map(|(_, share)| *share)
        .filter(|share| share.is_finite())
        .fold(0.0, |largest, share| if share > largest { share } else { largest });
    let row = |(name, share): &(String, f64)| {
        let width = if largest > 0.0 && *share > 0.0 { share / largest * 100.0 } else { 0.0 };
        format!(
            "<tr><th scope=\"row\">{}</th><td class=\"drawn\"><span class=\"track\"><span class=\"bar\" \
             style=\"width:{}%\"></span></span></td><td>{}</td></tr>\n",
            breakable(name),
            // Without separators: this is for the style.
            format_args!("{:.2}", if width.is_finite() { width } else { 0.0 }),
            percent(*share)
        )
    };
    let (shown, rest) = model.importance.split_at(model.importance.len().min(SHOWN));
    let of = |features: &[(String, f64)]| {
        let rows: String = features.iter().map(row).collect();
        table(caption, "numbers bars", &["Feature", "", "Share"], &rows)
    };
    let body = of(shown) + &folded(rest.len(), || of(rest));
    let note = "The share of a tree's splits, or of the magnitudes of a weighted sum's weights: how much the model looks at \
                a feature, not what it earns by it. Shares of all features sum to 100\u{a0}%.";
    figure(caption, &body, note)
}

/// The rest of a long table, folded away.
pub(super) fn folded(rows: usize, table: impl Fn() -> String) -> String {
    if rows == 0 {
        return String::new();
    }
    format!("<details><summary>{} more</summary>\n{}</details>\n", fixed(rows as f64, 0), table())
}
