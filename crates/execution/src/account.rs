//! The books of one instrument.

use feature_api::{Position, Price, RestoreError, Side, StateReader, StateWriter, UnixNanos};

use crate::open::Open;
use crate::{ExecutionError, Fill, Market, Money, Trade};

/// Cash, position, fees and realised profit of one instrument.
///
/// **Invariants**, exactly, after every fill: `cash = start − Σ lots·price − fees`;
/// `equity(mark) = cash + lots·mark = start + realised + unrealised(mark) − fees`; flat, `unrealised` is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    start: Money,
    cash: Money,
    fees: Money,
    realised: Money,
    /// The open position, if any.
    open: Option<Open>,
}

/// The open position as a strategy sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionView {
    /// What the features are told: side, average entry price on the nearest tick, time of entry.
    pub position: Position,
    /// Lots, signed.
    pub lots: i64,
    /// Closed bars since entry, its entry bar counted: 1 at the close of the bar in which it was entered.
    pub bars_held: u32,
}

impl PositionView {
    /// Nanoseconds since entry: how positions age at an [`EventExchange`](crate::EventExchange); 0 where `now` is before
    /// it.
    #[must_use]
    pub const fn held_ns(&self, now: UnixNanos) -> u64 {
        time_between(self.position.ts_entry, now)
    }
}

/// Nanoseconds from one time to another; 0 where that is before it.
pub(crate) const fn time_between(from: UnixNanos, to: UnixNanos) -> u64 {
    if to.0 > from.0 { to.0.abs_diff(from.0) } else { 0 }
}

impl Account {
    /// An account with that much cash and no position.
    ///
    /// # Errors
    /// [`ExecutionError::Invalid`] unless it is above 0.
    pub fn new(start: Money) -> Result<Self, ExecutionError> {
        if start <= Money::ZERO {
            return Err(ExecutionError::Invalid {
                what: "cash to begin with",
                found: start.to_string(),
                expected: "above 0",
            });
        }
        Ok(Self { start, cash: start, fees: Money::ZERO, realised: Money::ZERO, open: None })
    }

    /// Cash it began with.
    #[must_use]
    pub const fn start(&self) -> Money {
        self.start
    }

    /// Cash; below 0 where more was bought than there was.
    #[must_use]
    pub const fn cash(&self) -> Money {
        self.cash
    }

    /// Fees paid.
    #[must_use]
    pub const fn fees(&self) -> Money {
        self.fees
    }

    /// Profit of what was closed, before fees, by average cost. Where a part of a position is closed, its cost is
    /// rounded towards 0 to a unit of money; what is cut off stays in the cost of the rest.
    #[must_use]
    pub const fn realised(&self) -> Money {
        self.realised
    }

    /// Lots held, signed; 0 when flat.
    #[must_use]
    pub fn lots(&self) -> i64 {
        self.open.map_or(0, |open| open.lots)
    }

    /// Which way the position goes.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        self.open.map(|open| open.side())
    }

    /// The open position; `None` when flat. Its entry price moves when lots are added, never when some are closed.
    #[must_use]
    pub fn position(&self, market: &Market) -> Option<PositionView> {
        let open = self.open?;
        let entry_price = open.entry_price(market)?;
        let position = Position { side: open.side(), entry_price, ts_entry: open.ts_entry };
        Some(PositionView { position, lots: open.lots, bars_held: open.bars_held })
    }

    /// Cash and the position's value at that price.
    ///
    /// # Errors
    /// [`ExecutionError::Overflow`].
    pub fn equity(&self, market: &Market, mark: Price) -> Result<Money, ExecutionError> {
        self.cash
            .checked_add(market.value(mark, self.lots())?)
            .ok_or(ExecutionError::Overflow { what: "equity" })
    }

    /// Profit of the open position at that price, before fees; 0 when flat.
    ///
    /// # Errors
    /// [`ExecutionError::Overflow`].
    pub fn unrealised(&self, market: &Market, mark: Price) -> Result<Money, ExecutionError> {
        market
            .value(mark, self.lots())?
            .checked_sub(self.basis())
            .ok_or(ExecutionError::Overflow { what: "the profit of a position" })
    }

    /// Books a fill; the trade that it completes, if it does.
    ///
    /// # Errors
    /// [`ExecutionError::Order`] for a fill that crosses zero, of 0 lots or of negative costs;
    /// [`ExecutionError::Overflow`]. The books are then as before.
    pub fn apply(&mut self, market: &Market, fill: &Fill) -> Result<Option<Trade>, ExecutionError> {
        let refused = |reason| ExecutionError::Order { id: fill.order, reason };
        if fill.lots == 0 {
            return Err(refused("it was filled with 0 lots"));
        }
        if fill.fee < Money::ZERO || fill.spread < Money::ZERO || fill.slippage < Money::ZERO {
            return Err(refused("the fee, spread or slippage of its fill is below 0"));
        }
        let mut next = self.clone();
        let value = market.value(fill.price, fill.lots)?;
        next.cash = minus(minus(self.cash, value, "cash")?, fill.fee, "cash")?;
        next.fees = plus(self.fees, fill.fee, "the fees of an account")?;
        let Some(open) = &mut next.open else {
            next.open = Some(Open::new(market, fill, value)?);
            *self = next;
            return Ok(None);
        };
        if (fill.lots > 0) == (open.lots > 0) {
            open.add(market, fill, value)?;
            *self = next;
            return Ok(None);
        }
        if fill.lots.unsigned_abs() > open.lots.unsigned_abs() {
            return Err(refused("its fill crosses zero"));
        }
        let (profit, trade) = open.close(market, fill, value)?;
        next.realised = plus(self.realised, profit, "the profit of an account")?;
        if trade.is_some() {
            next.open = None;
        }
        *self = next;
        Ok(trade)
    }

    /// Counts a closed bar towards the age of the position. Call once per bar, after its fills;
    /// [`PaperExchange::fill`](crate::PaperExchange::fill) does. At an [`EventExchange`](crate::EventExchange) there are
    /// no bars: whoever counts in bars of his own calls it at their close.
    pub const fn close_bar(&mut self) {
        if let Some(open) = &mut self.open {
            open.bars_held = open.bars_held.saturating_add(1);
        }
    }

    /// Writes the books.
    pub fn save(&self, state: &mut StateWriter) {
        for amount in [self.start, self.cash, self.fees, self.realised] {
            state.write_i128(amount.units());
        }
        state.write_bool(self.open.is_some());
        if let Some(open) = &self.open {
            open.save(state);
        }
    }

    /// Continues from what [`save`](Account::save) wrote. What cannot be restored changes nothing.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state, of books that do not close, or that began with other cash.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let start = Money::from_units(state.read_i128()?);
        if start != self.start {
            return Err(RestoreError::Mismatch {
                what: "account",
                expected: format!("one that began with {}", self.start),
                found: format!("one that began with {start}"),
            });
        }
        let mut next = Self::clone(self);
        next.cash = Money::from_units(state.read_i128()?);
        next.fees = Money::from_units(state.read_i128()?);
        next.realised = Money::from_units(state.read_i128()?);
        next.open = if state.read_bool()? { Some(Open::load(state, next.fees)?) } else { None };
        let expected = start
            .checked_add(next.realised)
            .and_then(|sum| sum.checked_sub(next.basis()))
            .and_then(|sum| sum.checked_sub(next.fees));
        if next.fees < Money::ZERO || expected != Some(next.cash) {
            return Err(RestoreError::Invalid { what: "books that close" });
        }
        *self = next;
        Ok(())
    }

    /// What is open was bought for (below 0: sold for).
    fn basis(&self) -> Money {
        self.open.map_or(Money::ZERO, |open| open.basis)
    }
}

/// The sum, or which sum does not fit.
pub(crate) fn plus(a: Money, b: Money, what: &'static str) -> Result<Money, ExecutionError> {
    a.checked_add(b).ok_or(ExecutionError::Overflow { what })
}

/// The difference, or which one does not fit.
pub(crate) fn minus(a: Money, b: Money, what: &'static str) -> Result<Money, ExecutionError> {
    a.checked_sub(b).ok_or(ExecutionError::Overflow { what })
}
