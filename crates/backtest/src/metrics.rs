//! What a run comes to.

mod curve;
mod returns;

use execution::{Money, Trade};

use crate::Run;

pub(crate) use curve::Curve;
use curve::Figures;
use returns::finite;
pub(crate) use returns::{Moments, Span, mean};

/// What a figure is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A fraction, shown in per cent.
    Fraction,
    /// A plain ratio.
    Ratio,
    /// A count.
    Count,
    /// Bars.
    Bars,
    /// Quote currency.
    Money,
}

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    /// Its name, such as `sharpe`.
    pub name: &'static str,
    /// What it is called for people, such as `Sharpe ratio`.
    pub title: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// Its value; `None` where it is not defined, such as a Sharpe ratio of returns that never vary. Never NaN.
    pub value: Option<f64>,
    /// The same of buying at the first close and holding, without costs, where it has a meaning.
    pub buy_and_hold: Option<f64>,
}

/// What a run comes to.
///
/// E₀ is the cash at the start, E₁ … Eₙ the equity at the close of each bar, net of all costs. The returns are
/// rₜ = Eₜ / Eₜ₋₁ − 1 for t = 2 … n: nothing is filled in the first bar, so it has none. The span is the time from the
/// close of the first bar to that of the last, Y the span in years of 365.25 days, and A = √((n − 1) / Y) makes a figure of a
/// bar one of a year, with as many bars in a year as were observed: markets that close have fewer. No risk-free rate is
/// subtracted.
///
/// | name | formula | none where |
/// |---|---|---|
/// | `total_return` | Eₙ / E₀ − 1 | |
/// | `annual_return` | (Eₙ / E₀)^(1/Y) − 1, geometric | the span is below 30 days, Eₙ ≤ 0, or it is beyond a float |
/// | `volatility` | s·A, s the standard deviation of the returns, ddof 1 | fewer than 2 returns, or an equity before the last is ≤ 0 |
/// | `sharpe` | mean(r) / s · A | as `volatility`, or s is 0 |
/// | `sortino` | mean(r) / d · A, d = √(Σ min(r, 0)² / (n − 1)): about 0, over all returns | as `volatility`, or no return is below 0 |
/// | `calmar` | `annual_return` / `max_drawdown` | either is none, or there was no drawdown |
/// | `max_drawdown` | max over t of (Pₜ − Eₜ) / Pₜ, Pₜ = max(E₀ … Eₜ); above 1 where equity fell below 0 | |
/// | `max_drawdown_bars` | most bars from a peak until equity was as high again, or to the end | |
/// | `hit_rate` | share of trades with a net above 0 | there are no trades |
/// | `profit_factor` | Σ of the nets above 0 / −Σ of those below 0 | no trade lost |
/// | `trades` | round trips completed | |
/// | `average_trade` | mean of net / entry value | there are no trades, or an entry value is ≤ 0 |
/// | `average_bars_held` | mean of the bars that closed while a trade was open | there are no trades |
/// | `exposure` | share of bars at whose close a position was open | |
/// | `turnover` | Σ of \|lots·price\| of the fills / E₀, of the whole run, not of a year | |
/// | `fees` | Σ of the fees of the fills | |
/// | `spread_and_slippage` | Σ of what the fills were worse than the reference price | |
/// | `cost_share` | C / (Eₙ − E₀ + C), C = `fees` + `spread_and_slippage`: of what was earned before costs | nothing was earned before costs |
/// | `reward` | Σ of the rewards of the steps | |
/// | `final_equity` | Eₙ | |
///
/// A net is a trade's profit after fees, spread and slippage; a position that is open at the end is in no figure of
/// trades. Sums of money are exact; they become floats at the end. A standard deviation up to 1e-14 of the largest return
/// is rounding and counts as 0. A figure is none, too, where its sums do not fit, and one of bars where there are none.
///
/// Buying and holding has the first eight figures and the last, of a curve that is E₀ times the close over the first
/// close; none of them where the first close is not above 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    /// Every figure, in the order they are shown.
    pub all: Vec<Metric>,
}

impl Metrics {
    /// The figures of a run.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let mut all = of_curves(run);
        all.extend(of_trades(&run.trades));
        all.extend(of_costs(run));
        Self { all }
    }

    /// The value of the figure of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.all.iter().find(|metric| metric.name == name).and_then(|metric| metric.value)
    }
}

/// A figure that buying and holding does not have.
const fn metric(name: &'static str, title: &'static str, unit: Unit, value: Option<f64>) -> Metric {
    Metric { name, title, unit, value, buy_and_hold: None }
}

/// The curve of equity.
pub(crate) fn equity(run: &Run) -> Curve {
    let values = run.points.iter().map(|point| point.equity.units()).collect();
    Curve { start: run.start.units(), values, span: span(run) }
}

fn span(run: &Run) -> Span {
    match (run.points.first(), run.points.last()) {
        (Some(first), Some(last)) => Span { ns: i128::from(last.ts_close.0) - i128::from(first.ts_close.0) },
        (None, _) | (_, None) => Span { ns: 0 },
    }
}

/// The figures of the curves of equity and of the price.
fn of_curves(run: &Run) -> Vec<Metric> {
    let closes: Vec<i128> = run.points.iter().map(|point| i128::from(point.close.raw())).collect();
    let held =
        Curve { start: closes.first().copied().unwrap_or(0), values: closes, span: span(run) }.figures();
    let found = equity(run).figures();
    let both = |name, title, unit, of: fn(&Figures) -> Option<f64>| Metric {
        name,
        title,
        unit,
        value: of(&found),
        buy_and_hold: of(&held),
    };
    vec![
        both("total_return", "Total return", Unit::Fraction, |f| f.total_return),
        both("annual_return", "Annual return", Unit::Fraction, |f| f.annual_return),
        both("volatility", "Annual volatility", Unit::Fraction, |f| f.ratios.volatility),
        both("sharpe", "Sharpe ratio", Unit::Ratio, |f| f.ratios.sharpe),
        both("sortino", "Sortino ratio", Unit::Ratio, |f| f.ratios.sortino),
        both("calmar", "Calmar ratio", Unit::Ratio, |f| f.calmar),
        both("max_drawdown", "Maximum drawdown", Unit::Fraction, |f| f.max_drawdown),
        both("max_drawdown_bars", "Longest drawdown", Unit::Bars, |f| f.max_drawdown_bars),
    ]
}

/// The figures of the round trips.
fn of_trades(trades: &[Trade]) -> Vec<Metric> {
    let count = trades.len() as f64;
    let of_all = |sum: f64| if trades.is_empty() { None } else { finite(sum / count) };
    let nets = trades.iter().map(|trade| trade.gross.checked_sub(trade.fees)).collect::<Option<Vec<Money>>>();
    let hit_rate = nets.as_ref().and_then(|nets| {
        let hits = nets.iter().filter(|net| **net > Money::ZERO).count();
        of_all(hits as f64)
    });
    let profit_factor = nets.as_ref().and_then(|nets| {
        let wins = total(nets.iter().copied().filter(|net| *net > Money::ZERO))?;
        let losses = total(nets.iter().copied().filter(|net| *net < Money::ZERO))?;
        ratio(wins, Money::ZERO.checked_sub(losses)?)
    });
    let average_trade = nets.as_ref().and_then(|nets| {
        let shares = nets.iter().zip(trades).map(|(net, trade)| ratio(*net, trade.entry_value));
        of_all(shares.sum::<Option<f64>>()?)
    });
    let bars_held = trades.iter().map(|trade| u64::from(trade.bars_held)).sum::<u64>();
    vec![
        metric("hit_rate", "Hit rate", Unit::Fraction, hit_rate),
        metric("profit_factor", "Profit factor", Unit::Ratio, profit_factor),
        metric("trades", "Trades", Unit::Count, Some(count)),
        metric("average_trade", "Average trade", Unit::Fraction, average_trade),
        metric("average_bars_held", "Average holding time", Unit::Bars, of_all(bars_held as f64)),
    ]
}

/// The figures of what was traded, and the last ones.
fn of_costs(run: &Run) -> Vec<Metric> {
    let bars = run.points.len();
    let open = run.points.iter().filter(|point| point.lots != 0).count();
    let exposure = if bars == 0 { None } else { finite(open as f64 / bars as f64) };
    let traded = run.fills.iter().map(|fill| {
        let value = run.market.value(fill.price, fill.lots).ok()?;
        value.units().checked_abs().map(Money::from_units)
    });
    let turnover = traded.collect::<Option<Vec<_>>>().and_then(total).and_then(|sum| ratio(sum, run.start));
    let hidden = total(run.fills.iter().flat_map(|fill| [fill.spread, fill.slippage]));
    let last = run.points.last();
    let cost_share = || {
        let costs = run.fees.checked_add(hidden?)?;
        let before = last?.equity.checked_sub(run.start)?.checked_add(costs)?;
        ratio(costs, before)
    };
    let reward = if bars == 0 { None } else { finite(run.points.iter().map(|point| point.reward).sum()) };
    let closes = (run.points.first().map(|point| point.close.raw()), last.map(|point| point.close.raw()));
    let held = match closes {
        (Some(first), Some(last)) if first > 0 => finite(run.start.to_f64() * (last as f64 / first as f64)),
        (None | Some(_), None | Some(_)) => None,
    };
    vec![
        metric("exposure", "Exposure", Unit::Fraction, exposure),
        metric("turnover", "Turnover", Unit::Ratio, turnover),
        metric("fees", "Fees", Unit::Money, Some(run.fees.to_f64())),
        metric("spread_and_slippage", "Spread and slippage", Unit::Money, hidden.map(Money::to_f64)),
        metric("cost_share", "Costs of gross profit", Unit::Fraction, cost_share()),
        metric("reward", "Reward", Unit::Ratio, reward),
        Metric {
            name: "final_equity",
            title: "Final equity",
            unit: Unit::Money,
            value: last.map(|point| point.equity.to_f64()),
            buy_and_hold: held,
        },
    ]
}

/// The exact sum; `None` where it does not fit.
fn total(amounts: impl IntoIterator<Item = Money>) -> Option<Money> {
    amounts.into_iter().try_fold(Money::ZERO, Money::checked_add)
}

/// `a / b`, of exact amounts; `None` for a `b` that is not above 0.
fn ratio(a: Money, b: Money) -> Option<f64> {
    if b <= Money::ZERO { None } else { finite(a.units() as f64 / b.units() as f64) }
}
