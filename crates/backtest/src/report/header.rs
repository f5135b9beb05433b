//! The top of the page: what ran, what it earned in words, and what the reader must know.

use super::number::{counted, signed_percent};
use super::text::{escape, tone};
use super::view::{View, growth};
use super::{calendar, number};

/// Trades below which a result says little, whatever it is.
const FEW_TRADES: usize = 30;

pub(super) fn header(view: &View<'_>) -> String {
    let report = view.report;
    let warnings: String =
        report.warnings.iter().map(|warning| format!("<li>{}</li>\n", escape(warning))).collect();
    let warnings = if warnings.is_empty() {
        warnings
    } else {
        format!(
            "<div class=\"warnings\" role=\"note\"><strong>Read this first</strong><ul>\n{warnings}</ul></div>\n"
        )
    };
    format!(
        "<header>\n<p class=\"kind\">Backtest report</p>\n<h1>{}</h1>\n<p class=\"span\">{}</p>\n\
         <p class=\"verdict\">{}</p>\n<p class=\"lead\">{}</p>\n{warnings}</header>\n",
        escape(report.title),
        span(view),
        verdict(view),
        sentences(view).join(" ")
    )
}

/// Instrument, time and number of bars.
fn span(view: &View<'_>) -> String {
    let mut parts = vec![escape(view.report.run.market.instrument().symbol())];
    if let (Some(first), Some(last)) = (view.points().first(), view.points().last()) {
        let (first, last) = (first.ts_close, last.ts_close);
        parts.push(format!("{} to {} UTC", calendar::stamp(first), calendar::stamp(last)));
    }
    parts.push(counted(view.points().len() as u64, "bar", "bars"));
    if !view.report.made.is_empty() {
        parts.push(format!("made {}", escape(view.report.made)));
    }
    let parts: Vec<String> = parts.into_iter().map(|part| format!("<span>{part}</span>")).collect();
    parts.join(" ")
}

/// What it earned, and what holding would have.
fn verdict(view: &View<'_>) -> String {
    let Some(earned) = growth(view.start, view.end().to_f64()) else {
        return "No return can be told: it began with nothing.".to_owned();
    };
    let moved = |return_: f64, gained: &str, lost: &str, unmoved: &str| {
        let digits = number::percent(return_.abs());
        match tone(return_) {
            "z" => unmoved.to_owned(),
            "p" => format!("{gained} <strong class=\"p\">{digits}</strong>"),
            _ => format!("{lost} <strong class=\"n\">{digits}</strong>"),
        }
    };
    let own = if has_traded(view) {
        format!("It {} after costs.", moved(earned, "earned", "lost", "neither earned nor lost"))
    } else {
        "It never traded.".to_owned()
    };
    match held(view, 0) {
        Some(held) => {
            let holding = moved(held, "have earned", "have lost", "neither have earned nor lost");
            format!("{own} Buying and holding would {holding}.")
        }
        None => own,
    }
}

fn has_traded(view: &View<'_>) -> bool {
    !view.report.run.fills.is_empty() || view.end() != view.report.run.start
}

/// What holding from the close before bar `from` on would have returned, without costs.
fn held(view: &View<'_>, from: usize) -> Option<f64> {
    let before = view.points().get(from.saturating_sub(1))?;
    growth(view.price(before.close), view.price(view.points().last()?.close))
}

/// What must be said beside it.
fn sentences(view: &View<'_>) -> Vec<String> {
    let run = view.report.run;
    let mut said = Vec::new();
    let Some((first, last)) = view.points().first().zip(view.points().last()) else {
        return vec!["There are no bars.".to_owned()];
    };
    let span = calendar::length(last.ts_close.0.saturating_sub(first.ts_close.0));
    if !has_traded(view) {
        said.push(format!("Its {} lay still for {span}.", view.money(run.start)));
        return said;
    }
    let trades = counted(run.trades.len() as u64, "completed trade", "completed trades");
    said.push(format!(
        "{} became {} over {span} and {trades}.",
        view.money(run.start),
        view.money(view.end())
    ));
    if let (Some(interval), Some(intervals)) = (view.interval("total_return"), view.report.intervals) {
        let meaning = if interval.low > 0.0 {
            "lies above zero"
        } else if interval.high < 0.0 {
            "lies below zero"
        } else {
            "includes zero: this result cannot be told from chance"
        };
        said.push(format!(
            "The {} interval of its return, {} to {}, {meaning}.",
            confidence(intervals.options.confidence),
            signed_percent(interval.low),
            signed_percent(interval.high)
        ));
    }
    if (1..FEW_TRADES).contains(&run.trades.len()) {
        said.push(format!("Fewer than {FEW_TRADES} trades say little."));
    }
    said.extend(out_of_sample(view));
    said
}

/// What it did on bars the models had not seen.
fn out_of_sample(view: &View<'_>) -> Option<String> {
    let from = view.report.out_of_sample_from?;
    if view.points().is_empty() {
        return None;
    }
    if from == 0 {
        return Some("The models had seen none of these bars in training.".to_owned());
    }
    let Some((from, point)) = view.out_of_sample() else {
        return Some(
            "Every bar here ends before what the models had not seen: nothing of this is out of sample."
                .to_owned(),
        );
    };
    let before = view.points().get(from - 1)?;
    let earned = growth(before.equity.to_f64(), view.end().to_f64());
    let held = held(view, from)
        .map_or_else(String::new, |held| format!(", buying and holding {}", signed_percent(held)));
    Some(format!(
        "Out of sample, from {} UTC on, it returned {}{held}.",
        calendar::stamp(point.ts_close),
        earned.map_or_else(|| number::UNDEFINED.to_owned(), signed_percent)
    ))
}

/// A confidence such as `95 %`, without decimals it does not have.
pub(super) fn confidence(share: f64) -> String {
    let percent = number::fixed(share * 100.0, 1);
    format!("{}\u{a0}%", percent.strip_suffix(".0").unwrap_or(&percent))
}
