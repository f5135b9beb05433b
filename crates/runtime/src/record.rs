//! A step as a line of JSON.

use execution::{Bracket, Fill, FillKind, Market, Order};
use feature_api::{Price, Side};
use observation::{Action, Reason};
use serde::Serialize;
use serde_json::{Number, Value};
use strategy::Reading;

use crate::Step;

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

impl Record {
    /// The record of a step.
    #[must_use]
    pub fn of(step: &Step<'_>, market: &Market) -> Self {
        let Step { index, bar, fills, trades: _, signal, mapped, lots, cash, fees: _, equity, reward } = step;
        let (action, exposure) = match signal.action {
            Action::Hold => ("hold", None),
            Action::Flat => ("flat", None),
            Action::Enter { side: Side::Long, .. } => ("enter-long", None),
            Action::Enter { side: Side::Short, .. } => ("enter-short", None),
            Action::Exposure(share) => ("exposure", Some(share)),
        };
        Self {
            bar: *index,
            ts_event: bar.ts_close().0,
            ts_available: bar.ts_available().0,
            close: market.price_f64(bar.close()),
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
            lots: *lots,
            cash: cash.to_string(),
            equity: equity.to_string(),
            reward: *reward,
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
