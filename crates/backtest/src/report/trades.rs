//! Trades: where they lie on the price, what they came to, and what closed them.

use execution::{ExitReason, Trade};
use feature_api::Side;

use super::number::{UNDEFINED, count, counted, percent, signed_percent};
use super::text::{empty, figure, section, table};
use super::view::View;
use super::{histogram, on_price};

pub(super) fn trades(view: &View<'_>) -> String {
    let mut body = on_price::on_price(view);
    let trades = &view.report.run.trades;
    if trades.is_empty() {
        let open = view.points().last().is_some_and(|point| point.lots != 0);
        body.push_str(&empty(if open {
            "No trade was completed; the position still open at the end is in the equity alone."
        } else {
            "There were no trades."
        }));
    } else {
        body.push_str(&histogram::histogram(view));
        body.push_str(&groups(view, trades));
    }
    section("trades", "Trades", &body)
}

/// What a trade came to after fees, over the value of what it opened; `None` where that is not above 0.
pub(super) fn net_return(trade: &Trade) -> Option<f64> {
    let value = trade.entry_value.to_f64();
    (value > 0.0).then(|| trade.net().to_f64() / value)
}

/// Trades by side and by what closed them.
fn groups(view: &View<'_>, trades: &[Trade]) -> String {
    let of = |is_in: &dyn Fn(&Trade) -> bool| -> Vec<&Trade> {
        trades.iter().filter(|trade| is_in(trade)).collect()
    };
    let sides = [("Long", Side::Long), ("Short", Side::Short)];
    let exits =
        [("Signal", ExitReason::Signal), ("Stop", ExitReason::Stop), ("Take-profit", ExitReason::Take)];
    let mut rows = group(view, "All trades", "sum", trades.len(), &of(&|_| true));
    for (index, (name, side)) in sides.into_iter().enumerate() {
        let class = if index == 0 { "first" } else { "" };
        rows.push_str(&group(view, name, class, trades.len(), &of(&|trade| trade.side == side)));
    }
    for (index, (name, exit)) in exits.into_iter().enumerate() {
        let class = if index == 0 { "first" } else { "" };
        let name = format!("Exit: {}", name.to_lowercase());
        rows.push_str(&group(view, &name, class, trades.len(), &of(&|trade| trade.exit == exit)));
    }
    let columns = ["", "Trades", "Share", "Hit rate", "Mean return", "Net profit", "Bars held"];
    let table = table("Trades by side and by what closed them", "numbers grouped", &columns, &rows);
    let note = "Hit rate is the share of trades with a profit after fees; the mean return is net profit over the value \
                opened, averaged; bars held are averaged.";
    figure("By side and exit reason", &table, note)
}

fn group(view: &View<'_>, name: &str, class: &str, all: usize, trades: &[&Trade]) -> String {
    let share = |part: usize, whole: usize| {
        if whole == 0 { UNDEFINED.to_owned() } else { percent(part as f64 / whole as f64) }
    };
    let hits = trades.iter().filter(|trade| trade.net().units() > 0).count();
    let returns: Vec<f64> = trades.iter().filter_map(|trade| net_return(trade)).collect();
    let mean = (!returns.is_empty() && returns.len() == trades.len())
        .then(|| returns.iter().sum::<f64>() / returns.len() as f64);
    let net = trades.iter().fold(0_i128, |sum, trade| sum.saturating_add(trade.net().units()));
    let held = trades.iter().map(|trade| u64::from(trade.bars_held)).sum::<u64>() as f64;
    let cells = [
        count(trades.len() as u64),
        share(trades.len(), all),
        share(hits, trades.len()),
        mean.map_or_else(|| UNDEFINED.to_owned(), signed_percent),
        view.signed_money(execution::Money::from_units(net)),
        super::number::fixed(held / trades.len() as f64, 1),
    ];
    let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
    format!("<tr class=\"{class}\"><th scope=\"row\">{name}</th>{cells}</tr>\n")
}

/// `12 trades`.
pub(super) fn number_of(trades: usize) -> String {
    counted(trades as u64, "trade", "trades")
}
