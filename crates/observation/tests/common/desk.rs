//! A mapper at work on books that begin with 10,000.

#![allow(dead_code, clippy::unwrap_used, reason = "tests; each uses what it needs")]

use execution::{Account, Market, Working};
use feature_api::Side;
use observation::{Action, ActionMapper, AtWork, Context, Mapped, Mark, Reason, RiskLimits, Sizing};

use super::{MINUTE, START, account, bar, market, money, trade};

pub const LONG: Action = Action::Enter { side: Side::Long, stop: None, take: None };
pub const SHORT: Action = Action::Enter { side: Side::Short, stop: None, take: None };

/// A mapper and books that begin with 10,000.
pub struct Desk {
    pub mapper: ActionMapper,
    pub market: Market,
    pub account: Account,
    pub working: Option<Working>,
    pub now: i64,
}

impl Desk {
    pub fn new(sizing: Sizing, limits: RiskLimits) -> Self {
        Self::of(market(), sizing, limits)
    }

    pub fn of(market: Market, sizing: Sizing, limits: RiskLimits) -> Self {
        let mapper = ActionMapper::new(market.clone(), sizing, limits, money("10000")).unwrap();
        let account = account(&market, 0, 0);
        Self { mapper, market, account, working: None, now: START }
    }

    /// Full size is 100 lots of 0.01, worth 100 at a price of 100.
    pub fn lots(limits: RiskLimits) -> Self {
        Self::new(Sizing::Lots(100), limits)
    }

    pub fn holding(mut self, lots: i64, at: i64) -> Self {
        trade(&self.market, &mut self.account, lots, at);
        self
    }

    pub fn with_working(mut self, working: Working) -> Self {
        self.working = Some(working);
        self
    }

    pub fn map(&mut self, action: Action, close: i64) -> Mapped {
        self.now += MINUTE;
        self.map_at(self.now, action, close)
    }

    pub fn map_at(&mut self, ts_close: i64, action: Action, close: i64) -> Mapped {
        let (bar, account, working) = (bar(ts_close, close), &self.account, self.working.as_ref());
        self.mapper
            .map(action, &Context { mark: Mark::from(&bar), account, working: working.map(AtWork::from) })
            .unwrap()
    }

    /// Target, lots of the order, and the reason, at a close of 100.00.
    pub fn comes_to(&mut self, action: Action) -> (i64, Option<i64>, Option<Reason>) {
        self.comes_to_at(action, 10_000)
    }

    pub fn comes_to_at(&mut self, action: Action, close: i64) -> (i64, Option<i64>, Option<Reason>) {
        short(self.map(action, close))
    }
}

pub fn short(mapped: Mapped) -> (i64, Option<i64>, Option<Reason>) {
    (mapped.target, mapped.order.map(|order| order.lots), mapped.reason)
}
