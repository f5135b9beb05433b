//! What is at work at the event exchange, and how events fill it.

use feature_api::{AggressorSide, BookDelta, Level, Price, Qty, Side, UnixNanos};

use super::books::{Books, Print, Ticket};
use super::costs::TakerFills;
use super::order::{EventOrder, EventWorking, Moment, OrderKind, Place, Role};
use super::queue::Queue;
use super::venue::{TakenLevels, Venue};
use super::volume::Volumes;
use crate::{Bracket, ExecutionError};

/// What is at work. Flat, it has no bracket and no order that closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Desk {
    /// Between events sorted by [`EventWorking::rank`], and each with something left.
    pub(super) orders: Vec<EventWorking>,
    /// The bracket of the open position, until its stop is triggered.
    pub(super) bracket: Bracket,
    /// The order that opened it; 0 when flat.
    pub(super) opened_by: u64,
    /// Orders sent so far, those of brackets too.
    pub(super) sent: u64,
    /// The highest id of an order.
    pub(super) last_id: u64,
    /// Orders that found nothing to be filled from when they arrived.
    pub(super) waited: u64,
    /// Orders that must not take and would have.
    pub(super) rejected: u64,
    pub(super) taker_fills: u64,
    pub(super) maker_fills: u64,
}

impl Desk {
    /// Orders for which room is kept from the beginning.
    const ROOM: usize = 16;

    pub(super) fn new() -> Self {
        Self {
            orders: Vec::with_capacity(Self::ROOM),
            bracket: Bracket::default(),
            opened_by: 0,
            sent: 0,
            last_id: 0,
            waited: 0,
            rejected: 0,
            taker_fills: 0,
            maker_fills: 0,
        }
    }

    /// Step 1 of a trade: the orders that rest at its price or beyond, best price first, then first come.
    pub(super) fn reach(&mut self, print: &mut Print, books: &mut Books<'_>) -> Result<(), ExecutionError> {
        for index in 0..self.orders.len() {
            let held = books.account.lots();
            let Some(order) = self.orders.get_mut(index) else { break };
            let Some(price) = order.limit() else { continue };
            let (is_buy, wanted) = (order.is_buy(), order.wanted(held));
            let is_beyond = if is_buy { print.price < price } else { print.price > price };
            let is_at = print.price == price && is_buy == (print.aggressor == AggressorSide::Sell);
            let (volume, queue) = match &mut order.place {
                Place::Resting(Some(queue)) if is_beyond => {
                    queue.pass();
                    (print.left, None)
                }
                Place::Resting(Some(queue)) if is_at => {
                    (queue.trade(print.left, print.ts_event), Some(queue))
                }
                Place::Resting(None) if is_beyond => (print.left, None),
                Place::Waiting if is_beyond && books.costs.takers == TakerFills::Book => (print.left, None),
                Place::Resting(_) | Place::Waiting | Place::InFlight => continue,
            };
            let most = books.volumes.lots_in(volume);
            let lots = wanted.clamp(-most, most);
            if lots == 0 {
                continue;
            }
            let filled = books.volumes.of_lots(lots);
            if let Some(queue) = queue {
                queue.fill(filled);
            }
            print.left = (print.left - filled).max(0);
            books.make(order.ticket(lots), price)?;
            self.maker_fills += 1;
            self.has_filled(index, lots, held, books);
        }
        Ok(())
    }

    /// Step 2 of a trade: the stop.
    pub(super) fn check_stop(&mut self, price: Price, books: &Books<'_>) {
        let is_touched = match (self.bracket.stop, books.account.side()) {
            (Some(stop), Some(Side::Long)) => price <= stop,
            (Some(stop), Some(Side::Short)) => price >= stop,
            (Some(_) | None, _) => false,
        };
        if !is_touched {
            return;
        }
        self.bracket = Bracket::default();
        self.drop_closing();
        self.cancel_opening(books);
        self.send(Role::Stop, OrderKind::Market, books);
    }

    /// The step of every event: what has reached the venue, and what waits there.
    pub(super) fn act(
        &mut self,
        venue: &mut Venue,
        mut print: Option<&mut Print>,
        books: &mut Books<'_>,
    ) -> Result<(), ExecutionError> {
        for index in 0..self.orders.len() {
            let Some(order) = self.orders.get_mut(index) else { break };
            let is_arriving = order.place == Place::InFlight && order.arrival.is_over(books.now);
            if is_arriving {
                order.place = Place::Waiting;
            } else if order.place != Place::InFlight && order.is_cancelled(books.now) {
                order.left = 0;
            }
            if order.place == Place::Waiting && order.left != 0 {
                let was_met = match books.costs.takers {
                    TakerFills::Book => self.meet_book(index, venue, books)?,
                    TakerFills::Trades { .. } => self.meet_trade(index, print.as_deref_mut(), books)?,
                };
                self.waited += u64::from(is_arriving && !was_met);
            }
            if let Some(order) = self.orders.get_mut(index)
                && is_arriving
                && order.is_cancelled(books.now)
            {
                order.left = 0;
            }
        }
        Ok(())
    }

    /// An order takes what the book has for it, and rests where it has a price; `false` without a book.
    fn meet_book(
        &mut self,
        index: usize,
        venue: &mut Venue,
        books: &mut Books<'_>,
    ) -> Result<bool, ExecutionError> {
        let Some(order) = self.orders.get(index).copied() else { return Ok(true) };
        if !venue.book.is_usable() {
            return Ok(false);
        }
        let is_buy = order.is_buy();
        if let Some(touch) = venue.touch(is_buy)
            && is_within(touch.price, order.limit(), is_buy)
        {
            if self.is_rejected(index) {
                return Ok(true);
            }
            let other = venue.touch(!is_buy).map(|level| level.price);
            let touch = Touch { price: touch.price, other, side: resting_side(!is_buy) };
            let Venue { book, taken, .. } = &mut *venue;
            if is_buy {
                self.walk(index, book.asks(), touch, taken, books)?;
            } else {
                self.walk(index, book.bids(), touch, taken, books)?;
            }
        }
        self.rest(index, books.volumes, |side, price| venue.displayed(side, price));
        Ok(true)
    }

    /// Takes level by level, of each what it displays less what was taken of it.
    fn walk(
        &mut self,
        index: usize,
        levels: impl Iterator<Item = Level>,
        touch: Touch,
        taken: &mut TakenLevels,
        books: &mut Books<'_>,
    ) -> Result<(), ExecutionError> {
        for level in levels {
            let held = books.account.lots();
            let Some(order) = self.orders.get(index) else { break };
            let wanted = order.wanted(held);
            if wanted == 0 || !is_within(level.price, order.limit(), wanted > 0) {
                break;
            }
            let free = books.volumes.of(level.quantity) - taken.volume(touch.side, level.price);
            let most = books.volumes.lots_in(free);
            let lots = wanted.clamp(-most, most);
            if lots == 0 {
                continue;
            }
            books.take_level(order.ticket(lots), level, touch.price, touch.other)?;
            taken.add(touch.side, level, books.volumes.of_lots(lots));
            self.taker_fills += 1;
            self.has_filled(index, lots, held, books);
        }
        Ok(())
    }

    /// An order takes what a trade has for it, and rests where it has a price; `false` without a trade.
    fn meet_trade(
        &mut self,
        index: usize,
        print: Option<&mut Print>,
        books: &mut Books<'_>,
    ) -> Result<bool, ExecutionError> {
        let (Some(order), Some(print)) = (self.orders.get(index), print) else { return Ok(false) };
        let held = books.account.lots();
        let is_buy = order.is_buy();
        if is_within(books.beyond(print.price, is_buy)?, order.limit(), is_buy) {
            let most = books.volumes.lots_in(print.left);
            let (ticket, lots) = (order.ticket(0), order.wanted(held).clamp(-most, most));
            if self.is_rejected(index) {
                return Ok(true);
            }
            if lots != 0 {
                books.take_trade(Ticket { lots, ..ticket }, print.price)?;
                print.left = (print.left - books.volumes.of_lots(lots)).max(0);
                self.taker_fills += 1;
                self.has_filled(index, lots, held, books);
            }
        }
        self.rest(index, books.volumes, |_, _| None);
        Ok(true)
    }

    /// Whether the order must not take, and is gone.
    fn is_rejected(&mut self, index: usize) -> bool {
        let Some(order) = self.orders.get_mut(index) else { return false };
        let is_rejected = matches!(order.order.kind, OrderKind::Limit { post_only: true, .. });
        if is_rejected {
            order.left = 0;
            self.rejected += 1;
        }
        is_rejected
    }

    /// What is left of a limit order joins the queue of its price.
    fn rest(
        &mut self,
        index: usize,
        volumes: Volumes,
        displayed: impl Fn(AggressorSide, Price) -> Option<Qty>,
    ) {
        let Some(order) = self.orders.get_mut(index) else { return };
        if let Some(price) = order.limit() {
            let shown = displayed(resting_side(order.is_buy()), price);
            order.place = Place::Resting(shown.map(|quantity| Queue::join(volumes.of(quantity))));
        }
    }

    /// The step of a book update, after which the book can be used: the queues of those that rest. `delta` is `None`
    /// for a snapshot.
    pub(super) fn show(
        &mut self,
        venue: &Venue,
        delta: Option<&BookDelta<'_>>,
        ts_event: UnixNanos,
        books: &Books<'_>,
    ) {
        for order in &mut self.orders {
            let (is_buy, Some(price)) = (order.is_buy(), order.limit()) else { continue };
            let Place::Resting(queue) = &mut order.place else { continue };
            let side = resting_side(is_buy);
            let is_named = delta.is_some_and(|delta| {
                let levels = if is_buy { delta.bids } else { delta.asks };
                levels.iter().any(|level| level.price == price)
            });
            if queue.is_some() && delta.is_some() && !is_named {
                continue;
            }
            let quantity = if is_named {
                Some(venue.book.quantity_at(side, price))
            } else {
                venue.displayed(side, price)
            };
            let Some(displayed) = quantity.map(|quantity| books.volumes.of(quantity)) else { continue };
            match queue {
                Some(queue) => queue.show(displayed, ts_event.0, books.costs.cancels),
                None => *queue = Some(Queue::join(displayed)),
            }
        }
    }

    /// What a fill of that order leads to.
    fn has_filled(&mut self, index: usize, lots: i64, held_before: i64, books: &Books<'_>) {
        let held = books.account.lots();
        let Some(working) = self.orders.get_mut(index) else { return };
        working.left -= lots;
        let (EventOrder { id, bracket, .. }, role) = (working.order, working.role);
        if held == 0 {
            // The rest would cross zero.
            working.left = 0;
            self.drop_closing();
            (self.bracket, self.opened_by) = (Bracket::default(), 0);
        } else if held.unsigned_abs() > held_before.unsigned_abs() {
            if held_before == 0 {
                self.opened_by = id;
            }
            if !self.is_stopping() {
                self.bracket = if bracket == Bracket::default() { self.bracket } else { bracket };
                self.send_take(books);
            }
        }
        if role == Role::Take {
            self.cancel_opening(books);
        }
    }

    /// Whether a stop that was triggered is closing the position.
    pub(super) fn is_stopping(&self) -> bool {
        self.orders.iter().any(|order| order.role == Role::Stop && order.left != 0)
    }

    /// Sends the take of the whole position, in place of the one there is.
    fn send_take(&mut self, books: &Books<'_>) {
        let old = self.orders.iter().position(|order| order.role == Role::Take);
        match self.bracket.take {
            Some(price) => {
                self.send(Role::Take, OrderKind::Limit { price, post_only: false }, books);
                if let Some(old) = old {
                    self.orders.swap_remove(old);
                }
            }
            None => self
                .orders
                .iter_mut()
                .filter(|order| order.role == Role::Take)
                .for_each(|order| order.left = 0),
        }
    }

    /// Sends an order of the bracket, for the whole position.
    fn send(&mut self, role: Role, kind: OrderKind, books: &Books<'_>) {
        let lots = -books.account.lots();
        let ts_sent = UnixNanos(books.now.ts);
        let order = EventOrder { id: self.opened_by, lots, kind, bracket: Bracket::default(), ts_sent };
        self.push(order, role, true, books.now, books.costs.latency.order_ms);
    }

    /// Puts an order on its way.
    pub(super) fn push(
        &mut self,
        order: EventOrder,
        role: Role,
        is_closing: bool,
        now: Moment,
        latency_ms: u32,
    ) {
        self.sent += 1;
        self.orders.push(EventWorking {
            order,
            left: order.lots,
            is_closing,
            role,
            number: self.sent,
            arrival: now.send(order.ts_sent.0, latency_ms),
            cancel: None,
            place: Place::InFlight,
        });
    }

    fn drop_closing(&mut self) {
        self.orders.iter_mut().filter(|order| order.is_closing).for_each(|order| order.left = 0);
    }

    fn cancel_opening(&mut self, books: &Books<'_>) {
        let due = books.now.send(books.now.ts, books.costs.latency.cancel_ms);
        self.orders.iter_mut().filter(|order| !order.is_closing).for_each(|order| order.send_cancel(due));
    }

    /// The end of an event that left a position of `held` lots: drops what there is nothing left to do for.
    pub(super) fn tidy(&mut self, held: i64) {
        for order in self.orders.iter_mut().filter(|order| order.is_closing && order.left != 0) {
            order.left = order.wanted(held);
            if order.role == Role::Stop {
                order.order.lots = order.left;
            }
        }
        self.orders.retain(|order| order.left != 0);
        self.sort();
    }

    pub(super) fn sort(&mut self) {
        self.orders.sort_unstable_by_key(EventWorking::rank);
    }
}

/// What a walk begins at.
#[derive(Debug, Clone, Copy)]
struct Touch {
    /// The best price of the side that is taken.
    price: Price,
    /// The best price of the other side.
    other: Option<Price>,
    side: AggressorSide,
}

/// Where a buyer's or a seller's limit order rests.
const fn resting_side(is_buy: bool) -> AggressorSide {
    if is_buy { AggressorSide::Buy } else { AggressorSide::Sell }
}

/// Whether a buyer or a seller with that limit may trade at a price.
fn is_within(price: Price, limit: Option<Price>, is_buy: bool) -> bool {
    limit.is_none_or(|limit| if is_buy { price <= limit } else { price >= limit })
}
