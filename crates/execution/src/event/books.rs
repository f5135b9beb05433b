//! One event being taken: the time, the trade it may be, and the books that its fills go to.

use feature_api::{AggressorSide, Level, Price, UnixNanos};

use super::EventCosts;
use super::costs::TakerFills;
use super::order::Moment;
use super::volume::Volumes;
use crate::market::Round;
use crate::{Account, ExecutionError, Fill, FillKind, Market, Money, Rate, Trade};

/// One event being taken.
pub(super) struct Books<'a> {
    pub(super) market: &'a Market,
    pub(super) costs: &'a EventCosts,
    pub(super) volumes: Volumes,
    pub(super) now: Moment,
    pub(super) account: &'a mut Account,
    pub(super) fills: &'a mut Vec<Fill>,
    pub(super) trades: &'a mut Vec<Trade>,
}

/// A trade, and how much of it nobody of ours was filled from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Print {
    pub(super) ts_event: i64,
    pub(super) price: Price,
    pub(super) aggressor: AggressorSide,
    pub(super) left: i128,
}

/// Which order is filled, and how much of it: signed, not 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    pub(super) order: u64,
    pub(super) kind: FillKind,
    pub(super) lots: i64,
    /// The worst price it takes.
    pub(super) limit: Option<Price>,
}

/// The bounds of a taker's price.
const OVERFLOW: ExecutionError = ExecutionError::Overflow { what: "the price of a fill" };

impl Books<'_> {
    /// A maker's fill, at its price.
    pub(super) fn make(&mut self, ticket: Ticket, price: Price) -> Result<(), ExecutionError> {
        self.book(ticket, price, self.costs.maker_fee, Money::ZERO, Money::ZERO)
    }

    /// A taker's fill from a level of the book. The spread is half that between `touch` and the best of the other side;
    /// what the price is worse than `touch` is slippage.
    pub(super) fn take_level(
        &mut self,
        ticket: Ticket,
        level: Level,
        touch: Price,
        other: Option<Price>,
    ) -> Result<(), ExecutionError> {
        let price = self.slipped(level.price, ticket)?;
        let cost = |from: Price, to: Price| self.cost(from, to, ticket.lots);
        let spread = other.map_or(Ok(0), |other| cost(other, touch))? / 2;
        let slippage = cost(touch, price)?;
        let money = Money::from_units;
        self.book(ticket, price, self.costs.taker_fee, money(spread), money(slippage))
    }

    /// A taker's fill from a trade, half the spread beyond its price.
    pub(super) fn take_trade(&mut self, ticket: Ticket, reference: Price) -> Result<(), ExecutionError> {
        let TakerFills::Trades { spread } = self.costs.takers else { return Ok(()) };
        let beyond = self.beyond(reference, ticket.lots > 0)?;
        let price = self.slipped(beyond, ticket)?;
        let worse = self.cost(reference, price, ticket.lots)?;
        let at_reference = self.market.value(reference, ticket.lots)?.units().abs();
        // Never above `worse`: half the spread is within the limit, and this is cut to a unit.
        let spread = spread.half_of(at_reference);
        let money = Money::from_units;
        self.book(ticket, price, self.costs.taker_fee, money(spread), money(worse - spread))
    }

    /// Half the spread beyond a trade's price, on the tick.
    pub(super) fn beyond(&self, reference: Price, is_buy: bool) -> Result<Price, ExecutionError> {
        let halves = match self.costs.takers {
            TakerFills::Book => 0,
            TakerFills::Trades { spread } => u64::from(spread.billionths()),
        };
        self.market.taker_price(reference, halves, is_buy).ok_or(OVERFLOW)
    }

    /// That price on the tick and the ticks of slippage worse, but not beyond the limit.
    fn slipped(&self, price: Price, ticket: Ticket) -> Result<Price, ExecutionError> {
        let slippage = i128::from(self.costs.slippage_ticks) * i128::from(self.market.tick());
        let raw = i128::from(price.raw());
        let price = if ticket.lots > 0 {
            self.market.to_tick(raw + slippage, 1, Round::Up)
        } else {
            self.market.to_tick(raw - slippage, 1, Round::Down)
        };
        let price = price.ok_or(OVERFLOW)?;
        Ok(match ticket.limit {
            Some(limit) if ticket.lots > 0 => price.min(limit),
            Some(limit) => price.max(limit),
            None => price,
        })
    }

    /// What so many lots cost more at `to` than at `from`, in units of money; 0 where they cost less.
    fn cost(&self, from: Price, to: Price, lots: i64) -> Result<i128, ExecutionError> {
        Ok(self.market.value_of_steps(to.raw() - from.raw(), lots)?.units().max(0))
    }

    fn book(
        &mut self,
        ticket: Ticket,
        price: Price,
        fee: Rate,
        spread: Money,
        slippage: Money,
    ) -> Result<(), ExecutionError> {
        let worth = self.market.value(price, ticket.lots)?.units().abs();
        let fill = Fill {
            order: ticket.order,
            kind: ticket.kind,
            ts: UnixNanos(self.now.ts),
            lots: ticket.lots,
            price,
            fee: Money::from_units(fee.of(worth)),
            spread,
            slippage,
        };
        let trade = self.account.apply(self.market, &fill)?;
        self.fills.push(fill);
        self.trades.extend(trade);
        Ok(())
    }
}
