//! Orders of an event exchange.

use feature_api::{Price, UnixNanos};

use super::books::Ticket;
use super::queue::Queue;
use crate::desk::is_closing;
use crate::{Bracket, FillKind};

/// An order for an [`EventExchange`](crate::EventExchange).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventOrder {
    /// Number of the order, above that of every order before.
    pub id: u64,
    /// Lots to buy (above 0) or to sell (below 0); never 0, never beyond flat where it closes.
    pub lots: i64,
    /// At what price.
    pub kind: OrderKind,
    /// The bracket of the position it opens, on the tick; without levels for an order that closes.
    pub bracket: Bracket,
    /// When it was sent: when what it was decided on was known.
    pub ts_sent: UnixNanos,
}

/// At what price an order may be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderKind {
    /// At any.
    Market,
    /// At this price or better.
    Limit {
        /// The price, on the tick.
        price: Price,
        /// Whether it is rejected where it would take liquidity on arrival.
        post_only: bool,
    },
}

/// An order at work, from when it was sent to its last fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventWorking {
    pub(super) order: EventOrder,
    /// Signed; not 0 between events.
    pub(super) left: i64,
    pub(super) is_closing: bool,
    pub(super) role: Role,
    /// The orders of an exchange in the order in which they were sent.
    pub(super) number: u64,
    /// When it reaches the venue.
    pub(super) arrival: Due,
    /// When its cancellation does.
    pub(super) cancel: Option<Due>,
    pub(super) place: Place,
}

/// Who an order is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The strategy.
    Order,
    /// The stop of the bracket, triggered.
    Stop,
    /// The take-profit of the bracket.
    Take,
}

/// Where an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// On its way.
    InFlight,
    /// At the venue, with nothing there to be filled from: a market order, or a limit order that no book has placed.
    Waiting,
    /// In the queue of its price, or in one that is not known.
    Resting(Option<Queue>),
}

/// When something that was sent is at the venue: at a time, but after the event that caused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) ts: i64,
    pub(super) after_event: u64,
}

/// What time it is, and the number of the event that set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// When everything so far was known.
    pub(super) ts: i64,
    /// The venue's own clock: when the latest of it happened. Never after `ts`.
    pub(super) venue: i64,
    pub(super) event: u64,
}

impl Moment {
    /// What is sent at `ts`, after this event, and travels for so long.
    pub(super) fn send(self, ts: i64, latency_ms: u32) -> Due {
        Due { ts: ts.saturating_add(i64::from(latency_ms) * 1_000_000), after_event: self.event }
    }
}

impl Due {
    /// By the venue's own clock: what happened before the order was there does not fill it, however late it was known.
    pub(super) const fn is_over(self, now: Moment) -> bool {
        now.venue >= self.ts && now.event > self.after_event
    }
}

impl EventWorking {
    /// The order as it was submitted; that of a stop or a take has the number of the order that opened the position.
    #[must_use]
    pub const fn order(&self) -> &EventOrder {
        &self.order
    }

    /// Lots still to be filled, signed; not 0.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.left
    }

    /// Whether it closes a position.
    #[must_use]
    pub const fn is_closing(&self) -> bool {
        self.is_closing
    }

    /// What kind of fills it leads to: that of a stop or a take for an order of the bracket.
    #[must_use]
    pub const fn fill_kind(&self) -> FillKind {
        match self.role {
            Role::Order => FillKind::Market,
            Role::Stop => FillKind::Stop,
            Role::Take => FillKind::Take,
        }
    }

    /// Whether it is at the venue.
    #[must_use]
    pub const fn has_arrived(&self) -> bool {
        !matches!(self.place, Place::InFlight)
    }

    /// Whether it rests at its price.
    #[must_use]
    pub const fn is_resting(&self) -> bool {
        matches!(self.place, Place::Resting(_))
    }

    /// Whether a cancellation is on its way.
    #[must_use]
    pub const fn is_cancelling(&self) -> bool {
        self.cancel.is_some()
    }

    pub(super) const fn is_buy(&self) -> bool {
        self.left > 0
    }

    pub(super) const fn limit(&self) -> Option<Price> {
        match self.order.kind {
            OrderKind::Market => None,
            OrderKind::Limit { price, .. } => Some(price),
        }
    }

    /// Lots it may fill beside a position of `held`: never beyond flat. A stop closes all there is.
    pub(super) fn wanted(&self, held: i64) -> i64 {
        match self.role {
            Role::Stop => -held,
            Role::Order | Role::Take if is_closing(self.left, held) => {
                self.left.clamp(-held.abs(), held.abs())
            }
            Role::Order | Role::Take => self.left,
        }
    }

    pub(super) const fn ticket(&self, lots: i64) -> Ticket {
        Ticket { order: self.order.id, kind: self.fill_kind(), lots, limit: self.limit() }
    }

    /// Sends a cancellation, unless one is on its way. It acts on an order that has arrived, so it never overtakes it.
    pub(super) fn send_cancel(&mut self, due: Due) {
        self.cancel = self.cancel.or(Some(due));
    }

    pub(super) fn is_cancelled(&self, now: Moment) -> bool {
        self.cancel.is_some_and(|due| due.is_over(now))
    }

    /// Where it stands among the others: those on their way and those at any price as they were sent, then by price and
    /// time.
    pub(super) fn rank(&self) -> (i64, u64) {
        let price = match self.limit().filter(|_| self.has_arrived()) {
            Some(price) if self.is_buy() => -price.raw(),
            Some(price) => price.raw(),
            None => i64::MIN,
        };
        (price, self.number)
    }
}
