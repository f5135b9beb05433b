//! The open position of an account, from its first fill to its last.

use feature_api::{Price, RestoreError, Side, StateReader, StateWriter, UnixNanos};

use crate::account::{minus, plus};
use crate::{ExecutionError, ExitReason, Fill, FillKind, Market, Money, Trade, exact};

/// The open position, and what becomes of the trade once it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open {
    /// Signed; not 0.
    pub(crate) lots: i64,
    /// Σ lots·price of what is still open, at average cost.
    pub(crate) basis: Money,
    /// Value and lots (above 0) whose quotient is the average entry price: those that were open after the last fill
    /// that opened, for closing does not move it.
    average: (Money, i64),
    pub(crate) ts_entry: UnixNanos,
    /// Bars closed since.
    pub(crate) bars_held: u32,
    /// Lots opened in all, above 0.
    opened: i64,
    /// Σ |lots|·price of all that was opened, and of what was closed again.
    entry_value: Money,
    exit_value: Money,
    fees: Money,
    spread: Money,
    slippage: Money,
}

const TRADE: &str = "the value of a trade";

impl Open {
    /// Opened by a fill of that value.
    pub(crate) fn new(market: &Market, fill: &Fill, value: Money) -> Result<Self, ExecutionError> {
        let mut open = Self {
            lots: 0,
            basis: Money::ZERO,
            average: (Money::ZERO, 0),
            ts_entry: fill.ts,
            bars_held: 0,
            opened: 0,
            entry_value: Money::ZERO,
            exit_value: Money::ZERO,
            fees: Money::ZERO,
            spread: Money::ZERO,
            slippage: Money::ZERO,
        };
        open.add(market, fill, value)?;
        Ok(open)
    }

    pub(crate) const fn side(&self) -> Side {
        if self.lots > 0 { Side::Long } else { Side::Short }
    }

    /// The average entry price, on the nearest tick. `None` only in another market than the one it was opened in.
    pub(crate) fn entry_price(&self, market: &Market) -> Option<Price> {
        market.average(self.average.0, self.average.1)
    }

    /// Books a fill that adds.
    pub(crate) fn add(&mut self, market: &Market, fill: &Fill, value: Money) -> Result<(), ExecutionError> {
        const LOTS: ExecutionError = ExecutionError::Overflow { what: "a position" };
        let magnitude = fill.lots.checked_abs().ok_or(LOTS)?;
        self.lots = self.lots.checked_add(fill.lots).ok_or(LOTS)?;
        self.opened = self.opened.checked_add(magnitude).ok_or(LOTS)?;
        self.basis = plus(self.basis, value, TRADE)?;
        self.entry_value = plus(self.entry_value, market.value(fill.price, magnitude)?, TRADE)?;
        // No larger than `opened`, so it can be negated.
        self.average = (signed(self.basis, self.lots)?, self.lots.abs());
        self.count_costs(fill)?;
        if self.entry_price(market).is_none() || market.average(self.entry_value, self.opened).is_none() {
            return Err(LOTS);
        }
        Ok(())
    }

    /// Books a fill that closes, of no more lots than are open: the profit, and the trade where nothing is left.
    pub(crate) fn close(
        &mut self,
        market: &Market,
        fill: &Fill,
        value: Money,
    ) -> Result<(Money, Option<Trade>), ExecutionError> {
        let lots = fill.lots.abs();
        let cost = Money::from_units(exact::fraction(self.basis.units(), lots, self.lots.abs()));
        // The value of a fill that closes has the other sign: what came in, less what went out.
        let profit = minus(Money::ZERO, plus(value, cost, TRADE)?, TRADE)?;
        self.basis = minus(self.basis, cost, TRADE)?;
        self.exit_value = plus(self.exit_value, market.value(fill.price, lots)?, TRADE)?;
        self.count_costs(fill)?;
        let side = self.side();
        self.lots += fill.lots;
        if self.lots != 0 {
            return Ok((profit, None));
        }
        let gross = match side {
            Side::Long => minus(self.exit_value, self.entry_value, TRADE)?,
            Side::Short => minus(self.entry_value, self.exit_value, TRADE)?,
        };
        // What Trade::net promises.
        minus(gross, self.fees, TRADE)?;
        let average = |value| {
            market.average(value, self.opened).ok_or(ExecutionError::Overflow { what: "an average price" })
        };
        let trade = Trade {
            side,
            ts_entry: self.ts_entry,
            ts_exit: fill.ts,
            lots: self.opened,
            entry_price: average(self.entry_value)?,
            exit_price: average(self.exit_value)?,
            entry_value: self.entry_value,
            gross,
            fees: self.fees,
            spread: self.spread,
            slippage: self.slippage,
            bars_held: self.bars_held,
            exit: match fill.kind {
                FillKind::Market => ExitReason::Signal,
                FillKind::Stop => ExitReason::Stop,
                FillKind::Take => ExitReason::Take,
            },
        };
        Ok((profit, Some(trade)))
    }

    fn count_costs(&mut self, fill: &Fill) -> Result<(), ExecutionError> {
        self.fees = plus(self.fees, fill.fee, TRADE)?;
        self.spread = plus(self.spread, fill.spread, TRADE)?;
        self.slippage = plus(self.slippage, fill.slippage, TRADE)?;
        Ok(())
    }

    pub(crate) fn save(&self, state: &mut StateWriter) {
        for count in [self.lots, self.average.1, self.opened, self.ts_entry.0] {
            state.write_i64(count);
        }
        state.write_u64(u64::from(self.bars_held));
        for amount in [
            self.basis,
            self.average.0,
            self.entry_value,
            self.exit_value,
            self.fees,
            self.spread,
            self.slippage,
        ] {
            state.write_i128(amount.units());
        }
    }

    /// Reads what [`save`](Open::save) wrote, of an account that paid `account_fees`.
    pub(crate) fn load(state: &mut StateReader<'_>, account_fees: Money) -> Result<Self, RestoreError> {
        let (lots, average_lots, opened) = (state.read_i64()?, state.read_i64()?, state.read_i64()?);
        let ts_entry = UnixNanos(state.read_i64()?);
        let bars_held = u32::try_from(state.read_u64()?)
            .map_err(|_| RestoreError::Invalid { what: "bars held below 2^32" })?;
        let mut amount = || state.read_i128().map(Money::from_units);
        let (basis, average_value, entry_value, exit_value) = (amount()?, amount()?, amount()?, amount()?);
        let (fees, spread, slippage) = (amount()?, amount()?, amount()?);
        let average = (average_value, average_lots);
        let open = Self {
            lots,
            basis,
            average,
            ts_entry,
            bars_held,
            opened,
            entry_value,
            exit_value,
            fees,
            spread,
            slippage,
        };
        if open.could_be(account_fees) {
            Ok(open)
        } else {
            Err(RestoreError::Invalid { what: "an open position that fills lead to" })
        }
    }

    /// Whether its numbers fit each other.
    fn could_be(&self, account_fees: Money) -> bool {
        let (average_value, average_lots) = self.average;
        let Some(lots) = self.lots.checked_abs().filter(|lots| *lots > 0) else { return false };
        let Ok(cost) = signed(self.basis, self.lots) else { return false };
        let is_part = if average_value < Money::ZERO {
            average_value <= cost && cost <= Money::ZERO
        } else {
            Money::ZERO <= cost && cost <= average_value
        };
        let none_closed = lots == self.opened;
        let none_closed_since_added = lots == average_lots;
        is_part
            && lots <= average_lots
            && average_lots <= self.opened
            && (!none_closed_since_added || cost == average_value)
            && (!none_closed || (self.entry_value == cost && self.exit_value == Money::ZERO))
            && (Money::ZERO..=account_fees).contains(&self.fees)
            && self.spread >= Money::ZERO
            && self.slippage >= Money::ZERO
    }
}

/// The amount as of lots above 0: Σ |lots|·price of Σ lots·price.
fn signed(amount: Money, lots: i64) -> Result<Money, ExecutionError> {
    if lots < 0 { minus(Money::ZERO, amount, TRADE) } else { Ok(amount) }
}
