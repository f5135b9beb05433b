//! One bar being filled: what is left of its volume, and the books that its fills go to.

use feature_api::{Bar, Price, UnixNanos};

use crate::{Account, Costs, ExecutionError, Fill, FillKind, Market, Money, Trade};

/// One bar being filled.
pub(crate) struct Tape<'a> {
    pub(crate) market: &'a Market,
    pub(crate) costs: &'a Costs,
    pub(crate) bar: &'a Bar,
    /// Lots that may still be filled in it.
    pub(crate) lots_left: i64,
    pub(crate) account: &'a mut Account,
    pub(crate) fills: &'a mut Vec<Fill>,
    pub(crate) trades: &'a mut Vec<Trade>,
}

/// Which order is filled, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    pub(crate) order: u64,
    pub(crate) kind: FillKind,
    pub(crate) ts: UnixNanos,
}

impl Tape<'_> {
    /// Fills what the volume allows of `lots` as a taker, from a reference price: the lots filled, 0 without a fill.
    pub(crate) fn take_liquidity(
        &mut self,
        ticket: Ticket,
        reference: Price,
        lots: i64,
    ) -> Result<i64, ExecutionError> {
        let lots = lots.clamp(-self.lots_left, self.lots_left);
        if lots == 0 {
            return Ok(0);
        }
        let price = self
            .market
            .taker_price(reference, self.costs.taker_halves(), lots > 0)
            .ok_or(ExecutionError::Overflow { what: "the price of a fill" })?;
        let worse = self.market.value_of_steps((price.raw() - reference.raw()).abs(), lots)?.units().abs();
        let at_reference = self.market.value(reference, lots)?.units().abs();
        // Never above `worse`: the price is at least half the spread off the reference, and this is cut to a unit.
        let spread = self.costs.spread.half_of(at_reference);
        self.book(Fill {
            order: ticket.order,
            kind: ticket.kind,
            ts: ticket.ts,
            lots,
            price,
            fee: Money::from_units(self.costs.taker_fee.of(self.market.value(price, lots)?.units().abs())),
            spread: Money::from_units(spread),
            slippage: Money::from_units(worse - spread),
        })
    }

    /// Fills what the volume allows of `lots` as a maker, at a level: the lots filled, 0 without a fill.
    pub(crate) fn make_liquidity(
        &mut self,
        ticket: Ticket,
        level: Price,
        lots: i64,
    ) -> Result<i64, ExecutionError> {
        let lots = lots.clamp(-self.lots_left, self.lots_left);
        if lots == 0 {
            return Ok(0);
        }
        self.book(Fill {
            order: ticket.order,
            kind: ticket.kind,
            ts: ticket.ts,
            lots,
            price: level,
            fee: Money::from_units(self.costs.maker_fee.of(self.market.value(level, lots)?.units().abs())),
            spread: Money::ZERO,
            slippage: Money::ZERO,
        })
    }

    /// Books a fill: its lots.
    fn book(&mut self, fill: Fill) -> Result<i64, ExecutionError> {
        let trade = self.account.apply(self.market, &fill)?;
        self.lots_left -= fill.lots.abs();
        self.fills.push(fill);
        self.trades.extend(trade);
        Ok(fill.lots)
    }
}
