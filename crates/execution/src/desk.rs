//! What is at work at the paper exchange, and how a bar fills it.

use feature_api::{Price, RestoreError, StateReader, StateWriter, UnixNanos};

use crate::tape::{Tape, Ticket};
use crate::{Bracket, Costs, ExecutionError, FillKind, Market, Order, Working};

/// What is at work. Flat, it has no bracket and no order that closes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Desk {
    pub(crate) working: Option<Working>,
    /// Whether the order at work is what is left of a stop.
    is_stopped: bool,
    /// The bracket of the open position.
    pub(crate) bracket: Bracket,
    /// The order that opened it; 0 when flat.
    opened_by: u64,
}

/// Whether so many lots close a position of `held`, or a part of it.
pub(crate) const fn is_closing(lots: i64, held: i64) -> bool {
    (lots < 0 && held > 0) || (lots > 0 && held < 0)
}

impl Desk {
    /// Step 1: the market order, at the open.
    pub(crate) fn fill_order(&mut self, tape: &mut Tape<'_>) -> Result<(), ExecutionError> {
        self.drop_what_is_over(tape.account.lots());
        let Some(working) = &mut self.working else { return Ok(()) };
        if tape.bar.ts_open() < working.order.ts_sent {
            return Ok(());
        }
        if working.latency_left > 0 {
            working.latency_left -= 1;
            return Ok(());
        }
        working.bars_at_work = working.bars_at_work.saturating_add(1);
        let was_flat = tape.account.lots() == 0;
        let kind = if self.is_stopped { FillKind::Stop } else { FillKind::Market };
        let ticket = Ticket { order: working.order.id, kind, ts: tape.bar.ts_open() };
        let filled = tape.take_liquidity(ticket, tape.bar.open(), working.left)?;
        working.left -= filled;
        if filled != 0 && !working.is_closing {
            if was_flat {
                self.opened_by = working.order.id;
            }
            if working.order.bracket != Bracket::default() {
                self.bracket = working.order.bracket;
            }
        }
        let is_expired = !working.is_closing && working.bars_at_work >= tape.costs.entry_order_bars;
        if working.left == 0 || is_expired {
            self.working = None;
        }
        self.drop_what_is_over(tape.account.lots());
        Ok(())
    }

    /// Step 2: the bracket.
    pub(crate) fn fill_bracket(&mut self, tape: &mut Tape<'_>) -> Result<(), ExecutionError> {
        let held = tape.account.lots();
        let (is_long, bar) = (held > 0, tape.bar);
        if let Some(stop) = self.bracket.stop
            && if is_long { bar.low() <= stop } else { bar.high() >= stop }
        {
            let is_gapped = if is_long { bar.open() <= stop } else { bar.open() >= stop };
            let (reference, ts) =
                if is_gapped { (bar.open(), bar.ts_open()) } else { (stop, bar.ts_close()) };
            let ticket = Ticket { order: self.opened_by, kind: FillKind::Stop, ts };
            let left = -held - tape.take_liquidity(ticket, reference, -held)?;
            let order = Order {
                id: self.opened_by,
                lots: -held,
                bracket: Bracket::default(),
                ts_sent: bar.ts_close(),
            };
            let working = Working { order, left, is_closing: true, latency_left: 0, bars_at_work: 0 };
            self.working = (left != 0).then_some(working);
            self.is_stopped = left != 0;
            self.bracket = Bracket::default();
        } else if let Some(take) = self.bracket.take
            && if is_long { bar.high() >= take } else { bar.low() <= take }
        {
            let is_gapped = if is_long { bar.open() >= take } else { bar.open() <= take };
            let ts = if is_gapped { bar.ts_open() } else { bar.ts_close() };
            let ticket = Ticket { order: self.opened_by, kind: FillKind::Take, ts };
            let filled = tape.make_liquidity(ticket, take, -held)?;
            self.working = self.working.filter(|working| working.is_closing || filled == 0);
        }
        Ok(())
    }

    /// Drops what a position of `held` lots leaves nothing to do for.
    pub(crate) fn drop_what_is_over(&mut self, held: i64) {
        if held == 0 {
            self.bracket = Bracket::default();
            self.opened_by = 0;
        }
        if let Some(working) = &mut self.working
            && working.is_closing
        {
            // At most what is open, and nothing where it was turned round.
            working.left =
                if is_closing(working.left, held) { working.left.clamp(-held.abs(), held.abs()) } else { 0 };
            if working.left == 0 {
                self.working = None;
            }
        }
        self.is_stopped &= self.working.is_some();
    }

    pub(crate) fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.working.is_some());
        if let Some(working) = &self.working {
            state.write_u64(working.order.id);
            state.write_i64(working.order.lots);
            save_bracket(working.order.bracket, state);
            state.write_i64(working.order.ts_sent.0);
            state.write_i64(working.left);
            state.write_bool(working.is_closing);
            state.write_u64(u64::from(working.latency_left));
            state.write_u64(u64::from(working.bars_at_work));
        }
        state.write_bool(self.is_stopped);
        save_bracket(self.bracket, state);
        state.write_u64(self.opened_by);
    }

    /// Reads what [`save`](Desk::save) wrote, beside a position of `held` lots.
    pub(crate) fn load(
        state: &mut StateReader<'_>,
        market: &Market,
        costs: &Costs,
        held: i64,
    ) -> Result<Self, RestoreError> {
        let working = if state.read_bool()? { Some(load_working(state)?) } else { None };
        let desk = Self {
            working,
            is_stopped: state.read_bool()?,
            bracket: load_bracket(state)?,
            opened_by: state.read_u64()?,
        };
        if desk.could_be(market, costs, held) {
            Ok(desk)
        } else {
            Err(RestoreError::Invalid { what: "orders at work that fit the position" })
        }
    }

    /// Whether its numbers fit each other and the position.
    fn could_be(&self, market: &Market, costs: &Costs, held: i64) -> bool {
        let is_order_right = self.working.is_none_or(|working| {
            let (order, left) = (working.order, working.left);
            let is_part =
                if order.lots > 0 { 0 < left && left <= order.lots } else { order.lots <= left && left < 0 };
            let is_on_side = if working.is_closing {
                is_closing(left, held)
                    && left.unsigned_abs() <= held.unsigned_abs()
                    && order.bracket == Bracket::default()
            } else {
                !is_closing(left, held)
                    && held.checked_add(left).is_some_and(|lots| lots != i64::MIN)
                    && working.bars_at_work < costs.entry_order_bars
            };
            let is_in_time = working.latency_left <= costs.latency_bars
                && (working.latency_left == 0 || working.bars_at_work == 0);
            is_part && is_on_side && is_in_time && is_on_tick(order.bracket, market)
        });
        let is_stop_right = !self.is_stopped
            || (self.bracket == Bracket::default()
                && self.working.is_some_and(|working| working.is_closing && working.latency_left == 0));
        let is_bracket_right = is_on_tick(self.bracket, market)
            && (held != 0 || (self.bracket == Bracket::default() && self.opened_by == 0));
        is_order_right && is_stop_right && is_bracket_right
    }
}

/// Whether both levels are prices that orders may have.
pub(crate) fn is_on_tick(bracket: Bracket, market: &Market) -> bool {
    [bracket.stop, bracket.take].into_iter().flatten().all(|level| market.is_on_tick(level))
}

pub(crate) fn save_bracket(bracket: Bracket, state: &mut StateWriter) {
    for level in [bracket.stop, bracket.take] {
        state.write_bool(level.is_some());
        if let Some(level) = level {
            state.write_i64(level.raw());
        }
    }
}

pub(crate) fn load_bracket(state: &mut StateReader<'_>) -> Result<Bracket, RestoreError> {
    let mut level = || {
        if !state.read_bool()? {
            return Ok(None);
        }
        let level = Price::from_raw(state.read_i64()?);
        level.map(Some).map_err(|_| RestoreError::Invalid { what: "a level within 2^53 steps" })
    };
    Ok(Bracket { stop: level()?, take: level()? })
}

fn load_working(state: &mut StateReader<'_>) -> Result<Working, RestoreError> {
    let order = Order {
        id: state.read_u64()?,
        lots: state.read_i64()?,
        bracket: load_bracket(state)?,
        ts_sent: UnixNanos(state.read_i64()?),
    };
    let (left, is_closing) = (state.read_i64()?, state.read_bool()?);
    let mut count = || {
        let count = u32::try_from(state.read_u64()?);
        count.map_err(|_| RestoreError::Invalid { what: "a count of bars below 2^32" })
    };
    Ok(Working { order, left, is_closing, latency_left: count()?, bars_at_work: count()? })
}
