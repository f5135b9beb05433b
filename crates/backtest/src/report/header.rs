//! The top of the page: what ran, what it earned in words, and what the reader must know.

use feature_api::UnixNanos;

use super::number::{counted, percent, signed_percent};
use super::text::{escape, tone};
use super::view::{View, growth};
use super::{calendar, number};

/// Trades below which a result says little, whatever it is.
const FEW_TRADES: usize = 30;

/// Nanoseconds below which a run says little of a year: 30 days, as for [`crate::Metrics`].
const SHORT: i64 = 30 * calendar::DAY;

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

/// What it earned, and what holding would have: out of sample, where some of the run is and some is not.
fn verdict(view: &View<'_>) -> String {
    let strong = |digits: &str, tone: &str| format!("<strong class=\"{tone}\">{digits}</strong>");
    match Unseen::of(view) {
        Some(unseen) => format!("Out of sample it {}.", beside_holding(&unseen.part, "; buying", strong)),
        None => format!("It {}.", beside_holding(&whole(view), ". Buying", strong)),
    }
}

/// A part of a run, or all of it.
struct Part {
    has_traded: bool,
    /// Its return; `None` where it began with nothing.
    earned: Option<f64>,
    /// That of holding from its beginning, without costs.
    held: Option<f64>,
}

fn whole(view: &View<'_>) -> Part {
    Part {
        has_traded: has_traded(view),
        earned: growth(view.start, view.end().to_f64()),
        held: held(view, 0),
    }
}

/// The bars that the models had not seen, where there are others.
struct Unseen {
    part: Part,
    bars: usize,
    /// Trades that were completed in them.
    trades: usize,
    /// Close of the first.
    from: UnixNanos,
}

impl Unseen {
    fn of(view: &View<'_>) -> Option<Self> {
        let (from, point) = view.out_of_sample()?;
        let before = view.points().get(from.checked_sub(1)?)?;
        let run = view.report.run;
        let is_after = |ts: UnixNanos| ts > before.ts_close;
        let has_traded = before.lots != 0
            || view.end() != before.equity
            // What fills at the next open fills at this close.
            || run.fills.iter().any(|fill| fill.ts >= before.ts_close);
        Some(Self {
            part: Part {
                has_traded,
                earned: growth(before.equity.to_f64(), view.end().to_f64()),
                held: held(view, from),
            },
            bars: view.points().len() - from,
            trades: run.trades.iter().filter(|trade| is_after(trade.ts_exit)).count(),
            from: point.ts_close,
        })
    }
}

/// `lost 3.00 % after costs; buying and holding would have earned 10.00 %`, with each share as `share` writes it of its
/// digits and its tone.
fn beside_holding(part: &Part, buying: &str, share: impl Fn(&str, &str) -> String) -> String {
    let moved = |return_: f64, gained: &str, lost: &str, unmoved: &str| match tone(return_) {
        "z" => unmoved.to_owned(),
        tone => {
            format!("{} {}", if tone == "p" { gained } else { lost }, share(&percent(return_.abs()), tone))
        }
    };
    let own = match part.earned {
        _ if !part.has_traded => "never traded".to_owned(),
        None => "has no return: it began with nothing".to_owned(),
        Some(earned) => format!("{} after costs", moved(earned, "earned", "lost", "neither earned nor lost")),
    };
    let holding = part.held.map_or_else(String::new, |held| {
        let moved = moved(held, "have earned", "have lost", "neither have earned nor lost");
        format!("{buying} and holding would {moved}")
    });
    own + &holding
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
    let Some((first, last)) = view.points().first().zip(view.points().last()) else {
        return vec!["There are no bars.".to_owned()];
    };
    let length = last.ts_close.0.saturating_sub(first.ts_close.0);
    let span = calendar::length(length);
    if !has_traded(view) {
        return vec![format!("Its {} lay still for {span}.", view.money(run.start))];
    }
    let unseen = Unseen::of(view);
    let mut said: Vec<String> = unseen.iter().flat_map(|unseen| of_both(view, unseen)).collect();
    said.push(format!(
        "{} became {} over {span} and {}.",
        view.money(run.start),
        view.money(view.end()),
        completed(run.trades.len())
    ));
    said.extend(by_chance(view, if unseen.is_some() { "the whole run's return" } else { "its return" }));
    let (trades, of_these) =
        unseen.map_or((run.trades.len(), ""), |unseen| (unseen.trades, " out of sample"));
    if (1..FEW_TRADES).contains(&trades) {
        said.push(format!("Fewer than {FEW_TRADES} trades{of_these} say little."));
    }
    if length < SHORT {
        said.push("Annualised ratios of so short a run say little.".to_owned());
    }
    said.extend(whose(view));
    said
}

/// What the verdict is of, and what it is of the whole run.
fn of_both(view: &View<'_>, unseen: &Unseen) -> [String; 2] {
    let plain = |digits: &str, _: &str| digits.to_owned();
    [
        format!(
            "Out of sample are {} and {}, from {} UTC on.",
            counted(unseen.bars as u64, "bar", "bars"),
            completed(unseen.trades),
            calendar::stamp(unseen.from)
        ),
        format!(
            "Over the whole run, which includes bars the models were trained on, it {}.",
            beside_holding(&whole(view), "; buying", plain)
        ),
    ]
}

fn completed(trades: usize) -> String {
    counted(trades as u64, "completed trade", "completed trades")
}

/// Whether chance alone could have done it.
fn by_chance(view: &View<'_>, of_what: &str) -> Option<String> {
    let interval = view.interval("total_return")?;
    let options = view.report.intervals?.options;
    let meaning = if interval.low > 0.0 {
        "lies above zero"
    } else if interval.high < 0.0 {
        "lies below zero"
    } else {
        "includes zero: this result cannot be told from chance"
    };
    Some(format!(
        "The {} interval of {of_what}, {} to {}, {meaning}.",
        confidence(options.confidence),
        signed_percent(interval.low),
        signed_percent(interval.high)
    ))
}

/// Where all of the run is out of sample, or none of it.
fn whose(view: &View<'_>) -> Option<String> {
    let said = match view.report.out_of_sample_from? {
        0 => "The models had seen none of these bars in training.",
        from if from < view.points().len() => return None,
        _ => "Every bar here ends before what the models had not seen: nothing of this is out of sample.",
    };
    Some(said.to_owned())
}

/// A confidence such as `95 %`, without decimals it does not have.
pub(super) fn confidence(share: f64) -> String {
    let digits = number::fixed(share * 100.0, 1);
    format!("{}\u{a0}%", digits.strip_suffix(".0").unwrap_or(&digits))
}
