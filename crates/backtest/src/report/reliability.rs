//! Calibration: predicted probability against what happened.

use core::fmt::Write;

use super::number::{count, fixed, percent};
use super::plot::{DATES, across, stretch};
use super::text::{empty, figure, row, table};
use super::{Calibration, ModelSection};

/// Pixels of the drawing, of what its axis is called, and of the counts under that.
const HEIGHT: f64 = 240.0;
const TITLE: f64 = 18.0;
const COUNTS: f64 = 36.0;

pub(super) fn reliability(model: &ModelSection<'_>) -> String {
    let caption = "Calibration";
    let is_sound = |bin: &&Calibration| {
        (0.0..=1.0).contains(&bin.predicted) && (0.0..=1.0).contains(&bin.observed) && bin.rows > 0
    };
    let bins: Vec<&Calibration> = model.calibration.iter().filter(is_sound).collect();
    if bins.is_empty() {
        return figure(caption, &empty("This model predicts no probability, or predicted none here."), "");
    }
    let rows: String = bins
        .iter()
        .map(|bin| {
            let (low, high) = wilson(bin);
            let range = format!("{} to {}", fixed(low * 100.0, 1), fixed(high * 100.0, 1));
            row(&percent(bin.predicted), &[percent(bin.observed), range, count(bin.rows)])
        })
        .collect();
    let columns = ["Predicted", "Observed", "95\u{a0}%, per cent", "Rows"];
    let body = format!(
        "<div class=\"plot\" style=\"--gutter:40px\"><p class=\"panel\">observed, per cent</p>\n{}</div>\n<details><summary>Bins</summary>\n{}</details>\n",
        drawing(&bins),
        table("Calibration", "numbers bins", &columns, &rows)
    );
    let note = "On the dashed line predictions are true probabilities. Whiskers: 95\u{a0}% Wilson intervals, as if rows \
                were independent; overlapping labels make them too narrow. Below: rows in each bin.";
    figure(caption, &body, note)
}

/// The 95 % score interval of a share (Wilson 1927).
fn wilson(bin: &Calibration) -> (f64, f64) {
    let (z, rows) = (1.959_964, bin.rows as f64);
    let middle = bin.observed + z * z / (2.0 * rows);
    let half = z * (bin.observed * (1.0 - bin.observed) / rows + z * z / (4.0 * rows * rows)).sqrt();
    let scale = 1.0 + z * z / rows;
    let low = (middle - half) / scale;
    let high = (middle + half) / scale;
    (if low < 0.0 { 0.0 } else { low }, if high > 1.0 { 1.0 } else { high })
}

fn drawing(bins: &[&Calibration]) -> String {
    let y = |share: f64| (1.0 - share) * HEIGHT;
    let whole = HEIGHT + DATES + TITLE + COUNTS;
    let mut drawn = String::new();
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let _ = write!(
            drawn,
            "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{0:.1}\" y2=\"{0:.1}\"/><line class=\"grid\" x1=\"{1}%\" \
             x2=\"{1}%\" y1=\"0\" y2=\"{HEIGHT}\"/><text class=\"tick\" x=\"-8\" y=\"{0:.1}\" dy=\".32em\" \
             text-anchor=\"end\">{1}</text><text class=\"tick\" x=\"{1}%\" y=\"{2}\" text-anchor=\"middle\">{1}</text>",
            y(tick),
            tick * 100.0,
            HEIGHT + 16.0
        );
    }
    drawn.push_str(&across(50.0, HEIGHT + DATES + 12.0, "tick", "predicted, per cent"));
    drawn.push_str(&stretch(HEIGHT, &format!("<path class=\"ideal\" d=\"M0 {HEIGHT}L1000 0\"/>")));
    let most = bins.iter().map(|bin| bin.rows).max().unwrap_or(1) as f64;
    for bin in bins {
        let x = bin.predicted * 100.0;
        let (low, high) = wilson(bin);
        let tall = bin.rows as f64 / most * (COUNTS - 4.0);
        let _ = write!(
            drawn,
            "<line class=\"whisker\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"{:.1}\" y2=\"{:.1}\"/><circle class=\"dot\" \
             cx=\"{x:.2}%\" cy=\"{:.1}\" r=\"4\"><title>{} predicted, {} observed, {} rows</title></circle><line \
             class=\"rows\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"{whole}\" y2=\"{:.1}\"/>",
            y(low),
            y(high),
            y(bin.observed),
            percent(bin.predicted),
            percent(bin.observed),
            count(bin.rows),
            whole - tall
        );
    }
    format!(
        "<svg class=\"chart\" role=\"img\" aria-label=\"Predicted probability across, share of hits up, both in per \
         cent, and rows in each bin\" width=\"100%\" height=\"{whole}\">{drawn}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_intervals() {
        // Where (0.3 − p)² = z²·p·(1 − p)/10, by bisection.
        let (low, high) = wilson(&Calibration { predicted: 0.5, observed: 0.3, rows: 10 });
        assert!((low - 0.107_791_27).abs() < 1e-6 && (high - 0.603_221_85).abs() < 1e-6, "{low} {high}");
        let (low, high) = wilson(&Calibration { predicted: 0.5, observed: 0.0, rows: 1 });
        assert!(low == 0.0 && high < 0.8);
    }
}
