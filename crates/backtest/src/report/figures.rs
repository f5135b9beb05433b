//! Key figures: tiles with their intervals, then every figure in a table.

use super::header::confidence;
use super::number::{UNDEFINED, metric as text};
use super::text::{empty, escape, row, section, table, tone};
use super::view::View;
use crate::{Metric, Unit};

/// Figures that are shown as tiles: the first [`SHOWN`] that are defined.
const TILES: [&str; 16] = [
    "total_return",
    "annual_return",
    "sharpe",
    "sortino",
    "max_drawdown",
    "volatility",
    "calmar",
    "hit_rate",
    "profit_factor",
    "exposure",
    "turnover",
    "cost_share",
    "trades",
    "average_trade",
    "average_bars_held",
    "max_drawdown_bars",
];

const SHOWN: usize = 12;

pub(super) fn figures(view: &View<'_>) -> String {
    let all = &view.report.metrics.all;
    if all.is_empty() {
        return section("figures", "Key figures", &empty("There are no figures."));
    }
    let defined = TILES.iter().filter_map(|name| view.metric(name)).filter(|metric| metric.value.is_some());
    let tiles: String = defined.take(SHOWN).map(|metric| tile(view, metric)).collect();
    let tiles = if tiles.is_empty() { tiles } else { format!("<dl class=\"tiles\">\n{tiles}</dl>\n") };
    let of_what = if view.out_of_sample().is_some() {
        "<h3 class=\"scope\">Whole run, training bars included</h3>\n"
    } else {
        ""
    };
    let body = format!(
        "{of_what}{tiles}{}<details><summary>All figures</summary>\n{}</details>\n",
        note(view),
        every(view)
    );
    section("figures", "Key figures", &body)
}

fn tile(view: &View<'_>, metric: &Metric) -> String {
    let is_return = metric.name.contains("return");
    let class = metric.value.filter(|_| is_return).map_or("z", tone);
    let interval = interval(view, metric)
        .map_or_else(String::new, |interval| format!("<span class=\"interval\">{interval}</span>"));
    let held = metric.buy_and_hold.map_or_else(String::new, |_| {
        format!(
            "<span class=\"holding\">Buy and hold {}</span>",
            text(metric, metric.buy_and_hold, view.decimals)
        )
    });
    format!(
        "<div><dt>{}</dt><dd><span class=\"value {class}\">{}</span>{interval}{held}</dd></div>\n",
        escape(metric.title),
        text(metric, metric.value, view.decimals)
    )
}

/// `−3.20 % to +4.10 %`.
fn interval(view: &View<'_>, metric: &Metric) -> Option<String> {
    let of = |value| text(metric, Some(value), view.decimals);
    let interval = view.interval(metric.name)?;
    let low = of(interval.low);
    // The unit once.
    let low = match metric.unit {
        Unit::Fraction => low.trim_end_matches("\u{a0}%").to_owned(),
        Unit::Bars => low.trim_end_matches("\u{a0}bars").to_owned(),
        Unit::Ratio | Unit::Count | Unit::Money => low,
    };
    Some(format!("{low} to {}", of(interval.high)))
}

fn every(view: &View<'_>) -> String {
    let none = || UNDEFINED.to_owned();
    let rows: String = view
        .report
        .metrics
        .all
        .iter()
        .map(|metric| {
            let cells = [
                text(metric, metric.value, view.decimals),
                interval(view, metric).unwrap_or_else(none),
                text(metric, metric.buy_and_hold, view.decimals),
            ];
            row(&escape(metric.title), &cells)
        })
        .collect();
    table("All figures", "numbers", &["Figure", "This run", "Interval", "Buy and hold"], &rows)
}

fn note(view: &View<'_>) -> String {
    let how = view.report.intervals.map_or_else(
        || "No intervals were computed.".to_owned(),
        |intervals| {
            format!(
                "Under each figure its {} interval: {} resamples of the returns per bar in blocks of {} on \
                 average (stationary bootstrap). Intervals are percentiles of resampled paths. A drawdown's may lie \
                 beside the observed value, because blocks break long falls up; annualised figures of short runs \
                 swing wildly.",
                confidence(intervals.options.confidence),
                super::number::count(u64::from(intervals.options.resamples)),
                super::number::counted(u64::from(intervals.block), "bar", "bars")
            )
        },
    );
    format!(
        "<p class=\"note\">{how} Buying and holding is from the first close on, without costs. {UNDEFINED} is not \
         defined.</p>\n"
    )
}
