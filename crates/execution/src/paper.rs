//! The paper exchange: fills orders from closed bars, never better than a bar allows.

use feature_api::{Bar, RestoreError, StateReader, StateWriter};

use crate::desk::{Desk, is_closing, is_on_tick};
use crate::tape::Tape;
use crate::{Account, Bracket, Costs, ExecutionError, Fill, Market, Order, Trade};

/// Fills orders from closed bars.
///
/// In each bar, in this order:
/// 1. The market order at work, once it could be sent and its latency is over, fills at the bar's open, a taker: a buy
///    at `open × (1 + spread/2 + slippage)` rounded up to the tick, a sell mirrored and rounded down (below 0, costs make
///    both worse too). A closing order closes at most what is open; where nothing is, it is dropped.
/// 2. The bracket of the position, that of one opened in this very bar too. Where a bar touches both levels, the stop
///    comes first. A stop whose level the bar touches fills as a taker from its level, or from the open where the bar
///    opens beyond it. A take fills at its level, as a maker, never better.
///
/// All fills of a bar share `max_volume_share` of its volume: of its whole lots, rounded down to whole lots. What is
/// left of a market order works on at the next bar's open; what is left of a stop becomes such a closing order, without
/// latency and in place of any other, and the take is cancelled; what is left of a take stays. An order that opens or
/// adds is cancelled after `entry_order_bars` bars at work, and when a stop or take begins to close the position.
///
/// Shorts pay no borrowing, perpetuals no funding: feed these as costs of your own. A take fills where the bar touches
/// its level: no queue is in front of it but `max_volume_share`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperExchange {
    market: Market,
    costs: Costs,
    desk: Desk,
}

/// A market order at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Working {
    /// The order as it was submitted.
    pub order: Order,
    /// Lots still to be filled, signed; not 0.
    pub left: i64,
    /// Whether it closes a position.
    pub is_closing: bool,
    /// Bars until its first open, 0 where the next bar's open may fill it.
    pub latency_left: u32,
    /// Bars at work so far.
    pub bars_at_work: u32,
}

impl PaperExchange {
    /// An exchange for one instrument.
    ///
    /// # Errors
    /// [`ExecutionError::Invalid`] for costs that cannot be; [`ExecutionError::NoVolume`] where `has_volume` is false
    /// and a share of volume limits fills.
    pub fn new(market: Market, costs: Costs, has_volume: bool) -> Result<Self, ExecutionError> {
        costs.check()?;
        if costs.max_volume_share.is_some() && !has_volume {
            return Err(ExecutionError::NoVolume);
        }
        Ok(Self { market, costs, desk: Desk::default() })
    }

    /// The instrument.
    #[must_use]
    pub const fn market(&self) -> &Market {
        &self.market
    }

    /// What trading costs.
    #[must_use]
    pub const fn costs(&self) -> &Costs {
        &self.costs
    }

    /// The market order at work.
    #[must_use]
    pub const fn working(&self) -> Option<&Working> {
        self.desk.working.as_ref()
    }

    /// The levels that stand for the open position.
    #[must_use]
    pub const fn bracket(&self) -> Bracket {
        self.desk.bracket
    }

    /// Takes an order, which may fill from the next bar on. It replaces an opening order that is at work, whatever is
    /// left of it. With its first fill, an order that adds to a position replaces its bracket where it has levels, and
    /// leaves it else.
    ///
    /// # Errors
    /// [`ExecutionError::Order`] for 0 lots, one that would cross zero, levels that are off the tick or on an order
    /// that closes, and any while an order is in flight (its latency is not over) or a closing order at work;
    /// [`ExecutionError::Overflow`]. Nothing is changed then.
    pub fn submit(&mut self, order: Order, account: &Account) -> Result<(), ExecutionError> {
        let refused = |reason| Err(ExecutionError::Order { id: order.id, reason });
        let held = account.lots();
        let is_closing = is_closing(order.lots, held);
        if order.lots == 0 {
            return refused("it is of 0 lots");
        }
        if is_closing && order.lots.unsigned_abs() > held.unsigned_abs() {
            return refused("it would cross zero");
        }
        if is_closing && order.bracket != Bracket::default() {
            return refused("it closes a position, but has a stop or a take");
        }
        if !is_on_tick(order.bracket, &self.market) {
            return refused("its stop or its take is not on the tick");
        }
        match &self.desk.working {
            Some(working) if working.latency_left > 0 => return refused("another order is in flight"),
            Some(working) if working.is_closing => return refused("a closing order is at work"),
            Some(_) | None => {}
        }
        if !is_closing && held.checked_add(order.lots).is_none_or(|lots| lots == i64::MIN) {
            return Err(ExecutionError::Overflow { what: "a position" });
        }
        self.desk.working = Some(Working {
            order,
            left: order.lots,
            is_closing,
            latency_left: self.costs.latency_bars,
            bars_at_work: 0,
        });
        Ok(())
    }

    /// Fills what the bar fills, books it, and appends the fills and the trades that they complete. Counts the bar
    /// towards the age of the position. Allocates nothing beyond what the two vectors need.
    ///
    /// # Errors
    /// [`ExecutionError::Grid`] for a bar on another grid: nothing is changed then. [`ExecutionError::Overflow`]: what
    /// was filled before it stays filled, and neither the exchange nor the account must be used any more.
    pub fn fill(
        &mut self,
        bar: &Bar,
        account: &mut Account,
        fills: &mut Vec<Fill>,
        trades: &mut Vec<Trade>,
    ) -> Result<(), ExecutionError> {
        if bar.grid() != self.market.grid() {
            return Err(ExecutionError::Grid {
                symbol: self.market.instrument().symbol().to_owned(),
                grid: bar.grid(),
                reason: format!("expected bars with {}; feed one instrument on one grid", self.market.grid()),
            });
        }
        let lots_left =
            self.costs.max_volume_share.map_or(i64::MAX, |share| share.of_lots(self.market.lots_traded(bar)));
        let mut tape =
            Tape { market: &self.market, costs: &self.costs, bar, lots_left, account, fills, trades };
        self.desk.fill_order(&mut tape)?;
        self.desk.fill_bracket(&mut tape)?;
        self.desk.drop_what_is_over(account.lots());
        account.close_bar();
        Ok(())
    }

    /// Writes what is at work.
    pub fn save(&self, state: &mut StateWriter) {
        self.desk.save(state);
    }

    /// Continues from what [`save`](PaperExchange::save) wrote, beside the account that was saved with it. What cannot
    /// be restored changes nothing.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state, or the account is of another market.
    pub fn load(&mut self, state: &mut StateReader<'_>, account: &Account) -> Result<(), RestoreError> {
        if account.lots() != 0 && account.position(&self.market).is_none() {
            return Err(RestoreError::Invalid { what: "a position of this market" });
        }
        self.desk = Desk::load(state, &self.market, &self.costs, account.lots())?;
        Ok(())
    }
}
