//! What trading cost: from the result before costs to the one after.

use execution::Money;

use super::number::{UNDEFINED, count, percent, signed_percent};
use super::text::{empty, figure, section, table, tone};
use super::view::View;

/// A step from one sum to the next.
struct Step {
    name: &'static str,
    from: f64,
    to: f64,
    amount: Money,
    is_sum: bool,
}

pub(super) fn costs(view: &View<'_>) -> String {
    let run = view.report.run;
    if run.fills.is_empty() {
        return section("costs", "Costs", &empty("Nothing was filled, so nothing was paid."));
    }
    let sum = |of: fn(&execution::Fill) -> Money| {
        run.fills.iter().fold(0_i128, |sum, fill| sum.saturating_add(of(fill).units()))
    };
    let (spread, slippage) = (sum(|fill| fill.spread), sum(|fill| fill.slippage));
    let fees = run.fees.units();
    let net = view.end().units().saturating_sub(run.start.units());
    let paid = spread.saturating_add(slippage).saturating_add(fees);
    let gross = net.saturating_add(paid);
    let money = |units: i128| Money::from_units(units).to_f64();
    let after_spread = gross.saturating_sub(spread);
    let after_slippage = after_spread.saturating_sub(slippage);
    let step = |name, from: i128, to: i128, is_sum| Step {
        name,
        from: money(from),
        to: money(to),
        amount: Money::from_units(to.saturating_sub(from)),
        is_sum,
    };
    let steps = [
        step("Before costs", 0, gross, true),
        step("Half spreads", gross, after_spread, false),
        step("Slippage and rounding", after_spread, after_slippage, false),
        step("Fees", after_slippage, net, false),
        step("After costs", 0, net, true),
    ];
    let fills = run.fills.len() as u64;
    let of_gross = if paid > gross && gross > 0 {
        "Costs were more than what was earned before them. ".to_owned()
    } else if gross > 0 {
        format!("Costs took {} of what was earned before them. ", percent(money(paid) / money(gross)))
    } else {
        "There was nothing to pay them from: it lost before costs too. ".to_owned()
    };
    let note = format!(
        "{of_gross}{} fills paid {} in all. A position still open at the end is valued at the last close; leaving it \
         would cost more. Borrowing of shorts and funding of perpetuals are not charged.",
        count(fills),
        view.money(Money::from_units(paid))
    );
    let body = figure("From the result before costs to the result after", &waterfall(view, &steps), &note);
    section("costs", "Costs", &body)
}

fn waterfall(view: &View<'_>, steps: &[Step]) -> String {
    let (low, high) =
        steps.iter().flat_map(|step| [step.from, step.to]).fold((0.0, 0.0), |(low, high), value| {
            (if value < low { value } else { low }, if value > high { value } else { high })
        });
    let span = if high > low { high - low } else { 1.0 };
    let at = |value: f64| (value - low) / span * 100.0;
    let mut rows = String::new();
    for step in steps {
        let (left, right) = if step.from < step.to { (step.from, step.to) } else { (step.to, step.from) };
        let kind = if step.is_sum { "sum" } else { "part" };
        let amount = step.amount.to_f64();
        let share = if view.start > 0.0 { signed_percent(amount / view.start) } else { UNDEFINED.to_owned() };
        rows.push_str(&format!(
            "<tr class=\"{kind}\"><th scope=\"row\">{}</th><td class=\"drawn\"><span class=\"track\"><span class=\"fall {}\" \
             style=\"left:{:.2}%;width:{:.2}%\"></span><span class=\"origin\" style=\"left:{:.2}%\"></span></span></td>\
             <td>{}</td><td>{share}</td></tr>\n",
            step.name,
            tone(amount),
            at(left),
            at(right) - at(left),
            at(0.0),
            view.signed_money(step.amount)
        ));
    }
    table("Costs", "numbers costs", &["", "", "Amount", "Of cash at start"], &rows)
}
