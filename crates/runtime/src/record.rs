//! A step as a line of JSON.

use execution::{Bracket, Fill, FillKind, Market, Money, Order};
use feature_api::{Price, Side};
use observation::{Action, Mapped, Reason};
use serde::Serialize;
use serde_json::{Number, Value};
use strategy::{Reading, Signal};

use crate::{EventStep, Step};

/// A step as a line of JSON: what `gatekeeper` writes for every bar, and `isobar backtest --decisions` too. Numbers are the
/// shortest decimals that read back to the same f64; money is an exact decimal text; times are nanoseconds since 1970.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// Number of the bar, from 0.
    pub bar: u64,
    /// Close of the bar.
    pub ts_event: i64,
    /// When it could first be known.
    pub ts_available: i64,
    /// Close, as a price.
    pub close: f64,
    /// Prediction of the entry model, or why there is none: `none`, `warm-up`, `not-ready`, `blocked`.
    pub entry: Value,
    /// Of the exit model.
    pub exit: Value,
    /// Expected gain before costs, where one was weighed.
    pub edge: Option<f64>,
    /// What was wanted: `hold`, `flat`, `enter-long`, `enter-short`, `exposure`.
    pub action: &'static str,
    /// The share of full size, where an exposure was wanted.
    pub exposure: Option<f64>,
    /// Why.
    pub why: &'static str,
    /// Lots that are held once the order is filled, signed.
    pub target: i64,
    /// Why the order is not what was wanted.
    pub limited_by: Option<&'static str>,
    /// The order submitted.
    pub order: Option<OrderRecord>,
    /// What was filled in the bar.
    pub fills: Vec<FillRecord>,
    /// Lots held at the close.
    pub lots: i64,
    /// Cash.
    pub cash: String,
    /// Equity.
    pub equity: String,
    /// What the step was worth.
    pub reward: f64,
}

/// An order in a record.
#[derive(Debug, Clone, Serialize)]
pub struct OrderRecord {
    /// Its number.
    pub id: u64,
    /// Lots, signed.
    pub lots: i64,
    /// Stop.
    pub stop: Option<f64>,
    /// Take-profit.
    pub take: Option<f64>,
}

/// A fill in a record.
#[derive(Debug, Clone, Serialize)]
pub struct FillRecord {
    /// The order.
    pub order: u64,
    /// `market`, `stop` or `take`.
    pub kind: &'static str,
    /// Lots, signed.
    pub lots: i64,
    /// Price.
    pub price: f64,
    /// Fee.
    pub fee: String,
}

/// A decision on a row as a line of JSON: what `scalper` writes. As [`Record`], with the row in place of the bar.
#[derive(Debug, Clone, Serialize)]
pub struct EventRecord {
    /// Number of the row, from 0.
    pub row: u64,
    /// When the event happened that completed it.
    pub ts_event: i64,
    /// When everything until then was known.
    pub ts_available: i64,
    /// What the position is valued at, as a price.
    pub mark: f64,
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
}

/// What a record says of a decision, whatever it was made on. The fields are those of [`Record`].
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    /// Prediction of the entry model, or why there is none.
    pub entry: Value,
    /// Of the exit model.
    pub exit: Value,
    /// Expected gain before costs, where one was weighed.
    pub edge: Option<f64>,
    /// What was wanted.
    pub action: &'static str,
    /// The share of full size, where an exposure was wanted.
    pub exposure: Option<f64>,
    /// Why.
    pub why: &'static str,
    /// Lots that are held once the order is filled, signed.
    pub target: i64,
    /// Why the order is not what was wanted.
    pub limited_by: Option<&'static str>,
    /// The order submitted.
    pub order: Option<OrderRecord>,
    /// What was filled since the decision before.
    pub fills: Vec<FillRecord>,
    /// Lots held.
    pub lots: i64,
    /// Cash.
    pub cash: String,
    /// Equity.
    pub equity: String,
    /// What the step was worth.
    pub reward: f64,
}

/// What is held at a decision, and what the step was worth.
struct Held {
    lots: i64,
    cash: Money,
    equity: Money,
    reward: f64,
}

impl Decision {
    fn of(signal: &Signal, mapped: &Mapped, fills: &[Fill], held: Held, market: &Market) -> Self {
        let (action, exposure) = match signal.action {
            Action::Hold => ("hold", None),
            Action::Flat => ("flat", None),
            Action::Enter { side: Side::Long, .. } => ("enter-long", None),
            Action::Enter { side: Side::Short, .. } => ("enter-short", None),
            Action::Exposure(share) => ("exposure", Some(share)),
        };
        let Held { lots, cash, equity, reward } = held;
        Self {
            entry: reading(signal.entry),
            exit: reading(signal.exit),
            edge: signal.edge,
            action,
            exposure,
            why: signal.why.name(),
            target: mapped.target,
            limited_by: mapped.reason.map(Reason::name),
            order: mapped.order.map(|order| OrderRecord::of(&order, market)),
            fills: fills.iter().map(|fill| FillRecord::of(fill, market)).collect(),
            lots,
            cash: cash.to_string(),
            equity: equity.to_string(),
            reward,
        }
    }
}

impl Record {
    /// The record of a step.
    #[must_use]
    pub fn of(step: &Step<'_>, market: &Market) -> Self {
        let Step { index, bar, fills, trades: _, signal, mapped, lots, cash, fees: _, equity, reward } =
            *step;
        let held = Held { lots, cash, equity, reward };
        let decision = Decision::of(&signal, &mapped, fills, held, market);
        let Decision { entry, exit, edge, action, exposure, why, target, limited_by, .. } = decision;
        let Decision { order, fills, lots, cash, equity, reward, .. } = decision;
        Self {
            bar: index,
            ts_event: bar.ts_close().0,
            ts_available: bar.ts_available().0,
            close: market.price_f64(bar.close()),
            entry,
            exit,
            edge,
            action,
            exposure,
            why,
            target,
            limited_by,
            order,
            fills,
            lots,
            cash,
            equity,
            reward,
        }
    }
}

impl EventRecord {
    /// The record of a step.
    #[must_use]
    pub fn of(step: &EventStep<'_>, market: &Market) -> Self {
        let EventStep { index, ts_event, ts_available, mark, fills, trades: _, .. } = *step;
        let EventStep { signal, mapped, lots, cash, fees: _, equity, reward, .. } = *step;
        let held = Held { lots, cash, equity, reward };
        Self {
            row: index,
            ts_event: ts_event.0,
            ts_available: ts_available.0,
            mark: market.price_f64(mark),
            decision: Decision::of(&signal, &mapped, fills, held, market),
        }
    }
}

impl OrderRecord {
    fn of(order: &Order, market: &Market) -> Self {
        let price = |level: Option<Price>| level.map(|level| market.price_f64(level));
        let Order { id, lots, bracket: Bracket { stop, take }, ts_sent: _ } = *order;
        Self { id, lots, stop: price(stop), take: price(take) }
    }
}

impl FillRecord {
    fn of(fill: &Fill, market: &Market) -> Self {
        let kind = match fill.kind {
            FillKind::Market => "market",
            FillKind::Stop => "stop",
            FillKind::Take => "take",
        };
        let price = market.price_f64(fill.price);
        Self { order: fill.order, kind, lots: fill.lots, price, fee: fill.fee.to_string() }
    }
}

/// What a model said: a number, or the name of why there is none.
fn reading(reading: Reading) -> Value {
    match reading {
        // JSON has no infinities; a model that gave one is not to look as if it were not asked.
        Reading::Value(value) => {
            Number::from_f64(value).map_or_else(|| value.to_string().into(), Value::Number)
        }
        Reading::None => "none".into(),
        Reading::WarmUp => "warm-up".into(),
        Reading::NotReady => "not-ready".into(),
        Reading::Blocked => "blocked".into(),
    }
}
