//! Equity and drawdown over time.

use super::number::{percent, signed_percent};
use super::plot::{Panel, ValueAxis, area, line};
use super::text::{empty, figure, section};
use super::view::{View, growth};

/// Pixels of the drawings.
const EQUITY: u32 = 260;
const DRAWDOWN: u32 = 120;

pub(super) fn equity(view: &View<'_>) -> String {
    let body = if view.points().is_empty() { empty("There are no bars.") } else { charts(view) };
    section("equity", "Equity and drawdown", &body)
}

fn charts(view: &View<'_>) -> String {
    let own: Vec<f64> = view.points().iter().map(|point| point.equity.to_f64()).collect();
    let held = held(view);
    let falls = drawdown(view.start, &own);
    let deepest = falls.iter().fold(0.0, |deepest, fall| if *fall < deepest { *fall } else { deepest });
    // Without a fall there is still room for one.
    let floor = (deepest == 0.0).then_some(-1.0);
    let values = ValueAxis::new(own.iter().chain(held.iter().flatten()).copied(), false, f64::from(EQUITY));
    let depths = ValueAxis::new(falls.iter().copied().chain(floor), true, f64::from(DRAWDOWN));

    let held_line = held.as_deref().map_or_else(String::new, |held| line(at(view, held), &values, "held"));
    let above = Panel {
        label: "Equity at the close of each bar, beside buying and holding",
        values: &values,
        time: Some(view.time),
        is_first: true,
        is_last: false,
        stretched: held_line + &line(at(view, &own), &values, "own"),
        placed: String::new(),
        unseen_from: view.unseen_from(),
    };
    let below = Panel {
        label: "Drawdown from the highest equity so far, in per cent",
        values: &depths,
        time: Some(view.time),
        is_first: false,
        is_last: true,
        stretched: area(at(view, &falls), &depths, 0.0, "depth") + &line(at(view, &falls), &depths, "fall"),
        placed: String::new(),
        unseen_from: view.unseen_from(),
    };
    let body = format!(
        "{}<div class=\"plot\" style=\"--gutter:{}px\">{}<p class=\"panel\">Drawdown, per cent</p>\n{}</div>\n",
        legend(view, held.is_some()),
        gutter([&values, &depths]),
        above.svg(),
        below.svg()
    );
    let holding = if held.is_some() {
        "Buying and holding is the cash at the start, moved with the price, without costs."
    } else {
        "The first close is not above zero: holding has no return to compare with."
    };
    let note = format!("{holding} The deepest drawdown is {}.{}", percent(-deepest / 100.0), shaded(view));
    figure("Equity after all costs, in the quote currency", &body, &note)
}

/// Values, one for each bar, over time.
fn at(view: &View<'_>, values: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    view.points().iter().map(|point| view.time.x(point.ts_close)).zip(values.iter().copied())
}

/// What holding from the first close on would be worth, without costs.
fn held(view: &View<'_>) -> Option<Vec<f64>> {
    let first = view.first_close()?;
    Some(view.points().iter().map(|point| view.start * (view.price(point.close) / first)).collect())
}

/// Fall from the highest equity so far, in per cent, 0 or below; 0 as long as that is not above 0.
fn drawdown(start: f64, equity: &[f64]) -> Vec<f64> {
    let mut peak = start;
    let fall = |equity: &f64| {
        if *equity > peak {
            peak = *equity;
        }
        growth(peak, *equity).map_or(0.0, |growth| growth * 100.0)
    };
    equity.iter().map(fall).collect()
}

/// Pixels that the longest label of these axes needs.
pub(super) fn gutter<'a>(axes: impl IntoIterator<Item = &'a ValueAxis>) -> usize {
    axes.into_iter().map(ValueAxis::widest).max().unwrap_or(0) * 7 + 10
}

/// What the shade of a chart means.
pub(super) fn shaded(view: &View<'_>) -> &'static str {
    if view.out_of_sample().is_some() {
        " Shaded: bars that the models may have seen in training."
    } else {
        ""
    }
}

fn legend(view: &View<'_>, has_held: bool) -> String {
    let end = view.end();
    let share = |growth: Option<f64>| growth.map_or_else(String::new, signed_percent);
    let mut items = format!(
        "<li><span class=\"key own\"></span>This run <b>{}</b> {}</li>\n",
        view.money(end),
        share(growth(view.start, end.to_f64()))
    );
    let closes = view.first_close().zip(view.points().last().map(|point| view.price(point.close)));
    if let Some((first, last)) = closes.filter(|_| has_held) {
        items.push_str(&format!(
            "<li><span class=\"key held\"></span>Buy and hold <b>{}</b> {}</li>\n",
            super::number::fixed(view.start * (last / first), view.decimals),
            share(growth(first, last))
        ));
    }
    format!("<ul class=\"legend\">\n{items}</ul>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn falls_from_the_highest_so_far() {
        assert_eq!(drawdown(100.0, &[90.0, 110.0, 55.0, 110.0]), [-10.0, 0.0, -50.0, 0.0]);
        assert_eq!(drawdown(100.0, &[-50.0]), [-150.0]);
        assert_eq!(drawdown(0.0, &[-50.0]), [0.0]);
    }
}
