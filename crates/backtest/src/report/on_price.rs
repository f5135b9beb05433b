//! Trades on the price, and the position under it.

use core::fmt::Write;

use execution::Trade;
use feature_api::Side;

use super::calendar::minute;
use super::equity::{gutter, shaded};
use super::plot::{Panel, ValueAxis, line};
use super::position::{self, Position};
use super::text::{empty, escape, figure};
use super::trades::number_of;
use super::view::View;
use crate::Point;

/// Pixels of the drawing.
const PRICE: u32 = 260;

/// Trades marked at most, on a desktop and on a phone.
const MARKED: usize = 80;
const MARKED_NARROW: usize = 24;

/// The shapes of the markers, drawn around their place.
const SHAPES: &str = "<defs><path id=\"m-long\" d=\"M0-6L5.5 4H-5.5Z\"/><path id=\"m-short\" d=\"M0 6L5.5-4H-5.5Z\"/>\
                      <path id=\"m-exit\" d=\"M-3.5-3.5L3.5 3.5M-3.5 3.5L3.5-3.5\"/></defs>";

pub(super) fn on_price(view: &View<'_>) -> String {
    if view.points().is_empty() {
        return empty("There are no bars.");
    }
    let trades = &view.report.run.trades;
    let position = Position::of(view);
    let close = |point: &Point| view.price(point.close);
    let levels = trades.iter().flat_map(|trade| [trade.entry_price, trade.exit_price]);
    let values = ValueAxis::new(
        view.points().iter().map(close).chain(levels.map(|price| view.price(price))),
        false,
        f64::from(PRICE),
    );
    let above = Panel {
        label: "Price, with where trades were entered and left",
        values: &values,
        time: Some(view.time),
        is_first: true,
        is_last: position.is_none(),
        stretched: line(view.series(close), &values, "price"),
        placed: SHAPES.to_owned() + &markers(view, trades, &values),
        unseen_from: view.unseen_from(),
    };
    let under = position.as_ref().map_or_else(String::new, |position| held(view, position));
    let body = format!(
        "{}<div class=\"plot\" style=\"--gutter:{}px\">{}{under}</div>\n",
        if trades.is_empty() { "" } else { LEGEND },
        gutter([&values].into_iter().chain(position.as_ref().map(|position| &position.values))),
        above.svg()
    );
    let of_position = if position.is_some() { position::NOTE } else { "" };
    let note = format!("{} {of_position}{}", thinned(trades.len()), shaded(view));
    figure("Price and trades", &body, note.trim())
}

/// The panel of the position.
fn held(view: &View<'_>, position: &Position) -> String {
    let panel = Panel {
        label: "Lots held, long above zero, short below",
        values: &position.values,
        time: Some(view.time),
        is_first: false,
        is_last: true,
        stretched: position.drawn(),
        placed: String::new(),
        unseen_from: view.unseen_from(),
    };
    let lot = view.report.run.market.instrument().lot();
    format!("<p class=\"panel\">Position, lots of {lot}</p>\n{}", panel.svg())
}

const LEGEND: &str = "<ul class=\"legend\">\n<li><span class=\"sign long\">▲</span>Long entry</li>\n\
                      <li><span class=\"sign short\">▼</span>Short entry</li>\n\
                      <li><span class=\"sign exit\">×</span>Exit</li>\n</ul>\n";

/// Every how many trades one is marked, to stay within `most`.
const fn every(trades: usize, most: usize) -> usize {
    let every = trades.div_ceil(most);
    if every == 0 { 1 } else { every }
}

/// On a phone a multiple of what it is on a desktop, so that some of the markers are hidden there.
const fn every_narrow(trades: usize) -> usize {
    let wide = every(trades, MARKED);
    wide * every(trades.div_ceil(wide), MARKED_NARROW)
}

fn markers(view: &View<'_>, trades: &[Trade], values: &ValueAxis) -> String {
    let narrow = every_narrow(trades.len());
    let mut drawn = String::new();
    for (index, trade) in trades.iter().enumerate().step_by(every(trades.len(), MARKED)) {
        let wide = if index % narrow == 0 { "" } else { " wide" };
        let (class, side) = match trade.side {
            Side::Long => ("long", "Long"),
            Side::Short => ("short", "Short"),
        };
        let place =
            |ts, price| format!("x=\"{:.2}%\" y=\"{:.1}\"", view.time.x(ts), values.y(view.price(price)));
        let words = format!(
            "{side} at {}, {}; out at {}, {}; net {}",
            view.price_text(trade.entry_price),
            minute(trade.ts_entry),
            view.price_text(trade.exit_price),
            minute(trade.ts_exit),
            view.signed_money(trade.net())
        );
        let title = format!("<title>{}</title>", escape(&words));
        let _ = write!(
            drawn,
            "<use class=\"exit{wide}\" href=\"#m-exit\" {}>{title}</use>\
             <use class=\"{class}{wide}\" href=\"#m-{class}\" {}>{title}</use>",
            place(trade.ts_exit, trade.exit_price),
            place(trade.ts_entry, trade.entry_price)
        );
    }
    drawn
}

/// Which trades are marked.
fn thinned(trades: usize) -> String {
    let told = |every: usize| match every {
        1 => format!("All {} are marked.", number_of(trades)),
        _ => format!("Marked: one of every {every} of {}.", number_of(trades)),
    };
    let (wide, narrow) = (every(trades, MARKED), every_narrow(trades));
    if trades == 0 {
        String::new()
    } else if wide == narrow {
        told(wide)
    } else {
        format!("<span class=\"wide\">{}</span><span class=\"narrow\">{}</span>", told(wide), told(narrow))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_stay_few() {
        for trades in [0_usize, 1, 24, 25, 80, 81, 150, 1000, 99_999] {
            assert!(trades.div_ceil(every(trades, MARKED)) <= MARKED, "{trades}");
            assert!(trades.div_ceil(every_narrow(trades)) <= MARKED_NARROW, "{trades}");
            assert_eq!(every_narrow(trades) % every(trades, MARKED), 0);
        }
        assert_eq!((every(80, MARKED), every(81, MARKED), every_narrow(24)), (1, 2, 1));
    }
}
