//! Features in training beside this run, the most shifted first.

use core::cmp::Ordering;

use super::models::{SHOWN, folded};
use super::number::{UNDEFINED, fixed, percent, significant};
use super::text::{breakable, empty, escape, figure, table};
use super::{FeatureShift, ModelSection};

/// From where on a feature counts as moved, and as shifted.
const MOVED: f64 = 0.1;
const SHIFTED: f64 = 0.25;

pub(super) fn features(model: &ModelSection<'_>) -> String {
    let caption = "Features in training and in this run";
    if model.features.is_empty() {
        return figure(caption, &empty("Features were not compared."), "");
    }
    let mut worst: Vec<&FeatureShift> = model.features.iter().collect();
    worst.sort_by(|a, b| worst_first(a, b));
    let (shown, rest) = worst.split_at(worst.len().min(SHOWN));
    let of = |features: &[&FeatureShift]| {
        let rows: String = features.iter().map(|feature| one(feature)).collect();
        let range = "Training above, this run below";
        table(caption, "numbers shifts", &["Feature", "PSI", range], &rows)
    };
    let body = format!("{LEGEND}{}{}", of(shown), folded(rest.len(), || of(rest)));
    let shifted = worst.iter().filter(|feature| rank(feature) >= 2).count();
    let note = format!(
        "{shifted} of {} shifted. PSI is the population stability index over the 20 bins between the quantiles of \
         training: below {MOVED} alike, above {SHIFTED} shifted. Each strip reaches from the 5\u{a0}% to the 95\u{a0}% \
         quantile, its band from 25\u{a0}% to 75\u{a0}%, its mark is the median. Null is the share of rows without a value, in training → here.",
        worst.len()
    );
    figure(caption, &body, &note)
}

const LEGEND: &str = "<ul class=\"legend\">\n<li><span class=\"key train\"></span>Training</li>\n\
                      <li><span class=\"key run\"></span>This run</li>\n</ul>\n";

/// 3 where it never had a value on one side alone, 2 shifted, 1 moved, 0 alike or not defined.
fn rank(feature: &FeatureShift) -> u8 {
    match feature.psi.filter(|psi| psi.is_finite()) {
        _ if feature.train.is_empty() != feature.run.is_empty() => 3,
        Some(psi) if psi > SHIFTED => 2,
        Some(psi) if psi >= MOVED => 1,
        Some(_) | None => 0,
    }
}

fn worst_first(a: &FeatureShift, b: &FeatureShift) -> Ordering {
    let psi = |feature: &FeatureShift| feature.psi.filter(|psi| psi.is_finite()).unwrap_or(-1.0);
    (rank(b) == 3).cmp(&(rank(a) == 3)).then(psi(b).total_cmp(&psi(a))).then_with(|| a.name.cmp(&b.name))
}

fn one(feature: &FeatureShift) -> String {
    let word = match rank(feature) {
        3 if feature.run.is_empty() => "never valid here",
        3 => "never valid in training",
        2 => "shifted",
        1 => "moved",
        _ if feature.psi.is_none() => UNDEFINED,
        _ => "alike",
    };
    let psi = feature.psi.map_or_else(|| UNDEFINED.to_owned(), |psi| fixed(psi, 3));
    let nulls = if feature.null == (0.0, 0.0) {
        String::new()
    } else {
        format!(
            "<span class=\"sub\">null {} → {}</span>",
            fixed(feature.null.0 * 100.0, 2),
            percent(feature.null.1)
        )
    };
    format!(
        "<tr class=\"r{}\"><th scope=\"row\">{}{nulls}</th><td>{psi}<span class=\"sub\">{word}</span></td>\
         <td class=\"drawn\">{}</td></tr>\n",
        rank(feature),
        breakable(&feature.name),
        strips(feature)
    )
}

/// Quantiles at 5, 25, 50, 75 and 95 %.
fn five(quantiles: &[f64]) -> Option<[f64; 5]> {
    let [_, q05, _, _, _, q25, _, _, _, _, q50, _, _, _, _, q75, _, _, _, q95, _] = quantiles else {
        return None;
    };
    Some([*q05, *q25, *q50, *q75, *q95]).filter(|five| five.iter().all(|value| value.is_finite()))
}

/// Both strips on one scale.
fn strips(feature: &FeatureShift) -> String {
    let (train, run) = (five(&feature.train), five(&feature.run));
    let all: Vec<f64> = train.iter().chain(&run).flatten().copied().collect();
    let range = all.iter().fold(None, |range: Option<(f64, f64)>, value| {
        let (low, high) = range.unwrap_or((*value, *value));
        Some((if *value < low { *value } else { low }, if *value > high { *value } else { high }))
    });
    let Some((low, high)) = range else { return UNDEFINED.to_owned() };
    // Halves: a difference of the largest floats would not fit. 2 to 98 leaves room for the marks.
    let at = |value: f64| {
        let share = if high > low { (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) } else { 0.5 };
        2.0 + 96.0 * share
    };
    let strip = |five: Option<[f64; 5]>, class: &str, y: u32| {
        let Some(five) = five else { return String::new() };
        let [q05, q25, q50, q75, q95] = five.map(at);
        format!(
            "<line class=\"whole {class}\" x1=\"{q05:.2}%\" x2=\"{q95:.2}%\" y1=\"{y}\" y2=\"{y}\"/><line class=\"half \
             {class}\" x1=\"{q25:.2}%\" x2=\"{q75:.2}%\" y1=\"{y}\" y2=\"{y}\"/><line class=\"median {class}\" \
             x1=\"{q50:.2}%\" x2=\"{q50:.2}%\" y1=\"{}\" y2=\"{}\"/>",
            y - 5,
            y + 5
        )
    };
    let told = |five: Option<[f64; 5]>| {
        five.map_or_else(
            || "never valid".to_owned(),
            |[q05, _, q50, _, q95]| {
                format!(
                    "{} (5 %), {} (median), {} (95 %)",
                    significant(q05),
                    significant(q50),
                    significant(q95)
                )
            },
        )
    };
    let words = format!("{}. Training: {}. This run: {}.", feature.name, told(train), told(run));
    format!(
        "<svg class=\"strips\" role=\"img\" aria-label=\"{0}\" width=\"100%\" height=\"28\"><title>{0}</title>{1}{2}</svg>",
        escape(&words),
        strip(train, "train", 8),
        strip(run, "run", 20)
    )
}
