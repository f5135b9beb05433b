//! One run as a page: a single HTML file that opens offline.
//!
//! Charts are inline SVG; nothing is loaded from elsewhere and no script runs, and the page's own policy forbids both. It
//! reads on a phone, in the dark (`prefers-color-scheme`) and on paper. The same report gives the same bytes.

mod calendar;
mod calibrate;
mod costs;
mod equity;
mod features;
mod figures;
mod header;
mod histogram;
mod identity;
mod models;
mod number;
mod on_price;
mod plot;
mod position;
mod reliability;
mod returns;
mod shift;
mod text;
mod thin;
mod trades;
mod view;

pub use calibrate::calibration;
pub use shift::feature_shift;

use crate::{Intervals, Metrics, Run};

/// What the page shows.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// Its title, such as `BTCUSDT, model-driven`.
    pub title: &'a str,
    /// When it was made, for people; left out where empty.
    pub made: &'a str,
    /// The run.
    pub run: &'a Run,
    /// Its figures.
    pub metrics: &'a Metrics,
    /// Their intervals.
    pub intervals: Option<&'a Intervals>,
    /// The bar from which on the models had seen nothing in training; drawn as a line, and said. At or above the number
    /// of bars, nothing is out of sample; `None` where there is no model, or nobody knows.
    pub out_of_sample_from: Option<usize>,
    /// What each model is and does.
    pub models: Vec<ModelSection<'a>>,
    /// Versions, hashes, data span, parameters: groups of names and values.
    pub identity: Vec<(&'a str, Vec<(String, String)>)>,
    /// Sentences that the reader must know, such as that a model was trained on these bars; shown at the top.
    pub warnings: Vec<String>,
}

/// What the page shows of a model.
#[derive(Debug, Clone)]
pub struct ModelSection<'a> {
    /// `entry` or `exit`.
    pub leg: &'a str,
    /// What it is, for people.
    pub model: String,
    /// The label it was trained on.
    pub label: String,
    /// Features by importance, the most important first; shares that sum to 1. Empty where the model has none to tell.
    pub importance: Vec<(String, f64)>,
    /// Predicted probability against what happened, by bin; empty where it predicts none.
    pub calibration: Vec<Calibration>,
    /// Each feature in training and in this run.
    pub features: Vec<FeatureShift>,
    /// Measures of the artifact: part, name, value.
    pub metrics: Vec<(String, String, f64)>,
}

/// A bin of probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Mean of the predictions in the bin.
    pub predicted: f64,
    /// Share of hits.
    pub observed: f64,
    /// Rows.
    pub rows: u64,
}

/// A feature in training and in this run.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureShift {
    /// Its name.
    pub name: String,
    /// Its quantiles in training at 0, 5 %, …, 100 %; empty where it was never valid.
    pub train: Vec<f64>,
    /// Its quantiles in this run, at the same places.
    pub run: Vec<f64>,
    /// Population stability index over the 20 bins between the training's quantiles (below 0.1 alike, above 0.25 shifted);
    /// `None` where it is not defined.
    pub psi: Option<f64>,
    /// Share of rows in which it was not valid: in training and in this run.
    pub null: (f64, f64),
}

/// What a browser may load or run for this page: its own style, and nothing else.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The sections: place, and title in the contents.
const CONTENTS: [(&str, &str); 7] = [
    ("figures", "Figures"),
    ("equity", "Equity"),
    ("returns", "Returns"),
    ("trades", "Trades"),
    ("costs", "Costs"),
    ("models", "Models"),
    ("identity", "Identity"),
];

/// The page.
#[must_use]
pub fn html(report: &Report<'_>) -> String {
    let view = view::View::new(report);
    let contents: String =
        CONTENTS.iter().map(|(id, title)| format!("<li><a href=\"#{id}\">{title}</a></li>\n")).collect();
    let sections = [
        figures::figures(&view),
        equity::equity(&view),
        returns::returns(&view),
        trades::trades(&view),
        costs::costs(&view),
        models::models(&view),
        identity::identity(&view),
    ];
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n\
         {}<nav aria-label=\"Contents\"><ul>\n{contents}</ul></nav>\n<main>\n{}</main>\n</body>\n</html>\n",
        text::escape(report.title),
        include_str!("report/style.css"),
        header::header(&view),
        sections.concat()
    )
}
