//! The state of what is at work.

use feature_api::{RestoreError, StateReader, StateWriter, UnixNanos};

use super::desk::Desk;
use super::order::{Due, EventOrder, EventWorking, Moment, OrderKind, Place, Role};
use super::queue::Queue;
use super::venue::load_price;
use crate::desk::{is_closing, is_on_tick, load_bracket, save_bracket};
use crate::{Bracket, Market};

impl Desk {
    pub(super) fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.orders.len() as u64);
        self.orders.iter().for_each(|order| order.save(state));
        save_bracket(self.bracket, state);
        for count in [
            self.opened_by,
            self.sent,
            self.last_id,
            self.waited,
            self.rejected,
            self.taker_fills,
            self.maker_fills,
        ] {
            state.write_u64(count);
        }
    }

    /// Reads what [`save`](Desk::save) wrote, at that moment and beside a position of `held` lots.
    pub(super) fn load(
        state: &mut StateReader<'_>,
        market: &Market,
        now: Moment,
        held: i64,
    ) -> Result<Self, RestoreError> {
        let mut desk = Self::new();
        for _ in 0..state.read_u64()? {
            desk.orders.push(EventWorking::load(state)?);
        }
        desk.bracket = load_bracket(state)?;
        let Self { opened_by, sent, last_id, waited, rejected, taker_fills, maker_fills, .. } = &mut desk;
        for count in [opened_by, sent, last_id, waited, rejected, taker_fills, maker_fills] {
            *count = state.read_u64()?;
        }
        if desk.could_be(market, now, held) {
            Ok(desk)
        } else {
            Err(RestoreError::Invalid { what: "orders at work that fit the position" })
        }
    }

    /// Whether its numbers fit each other and the position.
    fn could_be(&self, market: &Market, now: Moment, held: i64) -> bool {
        const MOST: u64 = 1 << 62;
        let one_at_most = |role| self.orders.iter().filter(|order| order.role == role).count() <= 1;
        let are_sorted = self.orders.is_sorted_by(|a, b| a.rank() < b.rank());
        let counts = [self.sent, self.waited, self.rejected, self.taker_fills, self.maker_fills];
        self.orders.iter().all(|order| self.could_have(order, market, now, held))
            && are_sorted
            && one_at_most(Role::Stop)
            && one_at_most(Role::Take)
            && is_on_tick(self.bracket, market)
            && (held != 0 || (self.bracket == Bracket::default() && self.opened_by == 0))
            && self.opened_by <= self.last_id
            && counts.into_iter().all(|count| count < MOST)
    }

    /// Whether it could have that order.
    fn could_have(&self, working: &EventWorking, market: &Market, now: Moment, held: i64) -> bool {
        let EventWorking { order, left, is_closing: closes, role, number, arrival, cancel, place } = working;
        let is_part =
            if order.lots > 0 { 0 < *left && *left <= order.lots } else { order.lots <= *left && *left < 0 };
        let is_on_side = if *closes {
            is_closing(*left, held)
                && left.unsigned_abs() <= held.unsigned_abs()
                && order.bracket == Bracket::default()
        } else {
            *left != i64::MIN
        };
        let is_of_role = match role {
            Role::Order => order.id <= self.last_id,
            Role::Stop | Role::Take => *closes && order.id == self.opened_by && cancel.is_none(),
        };
        let is_kind_right = match (order.kind, role) {
            (OrderKind::Market, Role::Order | Role::Stop) => !matches!(place, Place::Resting(_)),
            (OrderKind::Limit { price, .. }, Role::Order | Role::Take) => market.is_on_tick(price),
            (OrderKind::Market, Role::Take) | (OrderKind::Limit { .. }, Role::Stop) => false,
        };
        is_part
            && is_on_side
            && is_of_role
            && is_kind_right
            && *number <= self.sent
            && arrival.after_event <= now.event
            && cancel.is_none_or(|cancel| cancel.after_event <= now.event)
            && is_on_tick(order.bracket, market)
    }
}

impl EventWorking {
    fn save(&self, state: &mut StateWriter) {
        let Self { order, left, is_closing, role, number, arrival, cancel, place } = self;
        let EventOrder { id, lots, kind, bracket, ts_sent } = order;
        state.write_u64(*id);
        state.write_i64(*lots);
        match kind {
            OrderKind::Market => state.write_u64(0),
            OrderKind::Limit { price, post_only } => {
                state.write_u64(1);
                state.write_i64(price.raw());
                state.write_bool(*post_only);
            }
        }
        save_bracket(*bracket, state);
        state.write_i64(ts_sent.0);
        state.write_i64(*left);
        state.write_bool(*is_closing);
        state.write_u64(match role {
            Role::Order => 0,
            Role::Stop => 1,
            Role::Take => 2,
        });
        state.write_u64(*number);
        arrival.save(state);
        state.write_bool(cancel.is_some());
        if let Some(cancel) = cancel {
            cancel.save(state);
        }
        match place {
            Place::InFlight => state.write_u64(0),
            Place::Waiting => state.write_u64(1),
            Place::Resting(None) => state.write_u64(2),
            Place::Resting(Some(queue)) => {
                state.write_u64(3);
                queue.save(state);
            }
        }
    }

    fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let (id, lots) = (state.read_u64()?, state.read_i64()?);
        let kind = match state.read_u64()? {
            0 => OrderKind::Market,
            1 => OrderKind::Limit { price: load_price(state.read_i64()?)?, post_only: state.read_bool()? },
            _ => return Err(RestoreError::Invalid { what: "a kind of order" }),
        };
        let bracket = load_bracket(state)?;
        let ts_sent = UnixNanos(state.read_i64()?);
        let order = EventOrder { id, lots, kind, bracket, ts_sent };
        let (left, is_closing) = (state.read_i64()?, state.read_bool()?);
        let role = match state.read_u64()? {
            0 => Role::Order,
            1 => Role::Stop,
            2 => Role::Take,
            _ => return Err(RestoreError::Invalid { what: "an order of the strategy or of its bracket" }),
        };
        let (number, arrival) = (state.read_u64()?, Due::load(state)?);
        let cancel = if state.read_bool()? { Some(Due::load(state)?) } else { None };
        let place = match state.read_u64()? {
            0 => Place::InFlight,
            1 => Place::Waiting,
            2 => Place::Resting(None),
            3 => Place::Resting(Some(Queue::load(state)?)),
            _ => return Err(RestoreError::Invalid { what: "a place of an order" }),
        };
        Ok(Self { order, left, is_closing, role, number, arrival, cancel, place })
    }
}

impl Due {
    fn save(self, state: &mut StateWriter) {
        state.write_i64(self.ts);
        state.write_u64(self.after_event);
    }

    fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        Ok(Self { ts: state.read_i64()?, after_event: state.read_u64()? })
    }
}
