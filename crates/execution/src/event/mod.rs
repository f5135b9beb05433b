//! The event-driven paper exchange: fills orders from trades and the order book.

mod books;
mod costs;
mod desk;
mod intake;
mod order;
mod queue;
mod state;
mod venue;
mod volume;

use feature_api::{Event, Grid, Price, RestoreError, StateReader, StateWriter, UnixNanos};
use market_data::OrderBook;

pub use self::costs::{CancelModel, EventCosts, LatencyMs, TakerFills};
pub use self::order::{EventOrder, EventWorking, OrderKind};

use self::books::{Books, Print};
use self::desk::Desk;
use self::intake::Intake;
use self::order::Role;
use self::venue::Venue;
use self::volume::Volumes;
use crate::desk::{is_closing, is_on_tick};
use crate::{Account, Bracket, ExecutionError, Fill, Market, Trade};

/// Fills orders from trades and the order book, event by event, never from more than was traded or displayed.
///
/// **Time.** An order or a cancellation is sent when everything before it was known, and is at the venue the latency later:
/// once an event that *happened* then or later is taken, by the venue's clock, so that what happened before it was there
/// does not fill it however late it was received; and after the event that led to it: what is decided on one event acts
/// at the next at the earliest, without latency too. It acts right
/// after that event, on what the event left: an order misses the trade it arrives with, and one that is being cancelled
/// can still be filled by it. A trade that comes twice or late is dropped and counted, as feature sets do.
///
/// At an event, in this order:
/// 1. A trade fills the orders that rest, best price first, then first come, up to its size in all. A book update moves
///    their places in the queue and fills none.
/// 2. A trade that touches the stop triggers it.
/// 3. What has arrived acts: cancellations remove, orders take or join a queue; what waits tries again.
///
/// **Takers** walk the levels of the other side, each for what it displays: a fill a level, its price on the tick and
/// `slippage_ticks` worse. What was taken of a level stays taken until the book shows another quantity there; what others
/// trade is displayed until the book shows that it is gone. What is left where the known levels end stays at work and
/// goes on as the book changes. While the book cannot be used (there was no snapshot, a gap, it was crossed) orders that
/// arrive wait, and are counted. With [`TakerFills::Trades`] a taker is filled by the next trade, up to its size, half the
/// spread and the slippage worse than its price.
///
/// **Makers.** A limit order that could trade on arrival takes up to its price, or is rejected and counted where it is
/// `post_only`; the rest of it rests at its price. It joins behind what the book displays there: nothing where its price
/// is better than the best. Trades at its price by aggressors of the other side eat what is in front, then fill it, in
/// whole lots; a trade beyond its price, whoever the aggressor, fills it up to the trade's size, at its own price. Its
/// place also moves up as [`CancelModel`] says, and never lies behind more than is displayed. A book that moves beyond
/// the price without a trade fills nothing. Where the queue is not known, at a price beyond the levels that the venue
/// has told of or without a book, only trades beyond the price fill; it joins the queue once the book shows the price.
/// In a gap its place is kept, and trades, which are known for certain, go on to eat the queue and to fill.
///
/// **Positions.** An order never crosses zero: what would is cut, whatever was held when it was sent, and an order that
/// closes is dropped once there is nothing to close. Fills that open or add bring the bracket of their order, where it
/// has levels. A trade that touches the stop sends a market order, with latency, which closes all that is held then; the
/// take and orders that close are dropped at once. The take is a limit order for the whole position, sent by the fill,
/// with latency; a fill that adds sends it anew, and it queues anew. Once stop or take begins to close, orders that open
/// are sent a cancellation.
///
/// **Spread and slippage** of a fill: half the spread is that of the best prices displayed, 0 where one is missing; what
/// the price is worse than the best is slippage. Both are part of the price, not of the cash paid beside it.
///
/// Our orders change nothing but what is left for ourselves: trades and the book are those of a market without them.
/// Positions age in time, [`PositionView::held_ns`](crate::PositionView::held_ns); in bars only where somebody closes
/// bars ([`Account::close_bar`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventExchange {
    market: Market,
    costs: EventCosts,
    volumes: Volumes,
    intake: Intake,
    venue: Venue,
    desk: Desk,
    last_price: Option<Price>,
}

/// What an exchange has counted since it was made. What the book has is in [`OrderBook::counters`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventCounters {
    /// Trades taken.
    pub trades: u64,
    /// Trades dropped because they came before.
    pub duplicates: u64,
    /// Trades dropped because they happened before the last one, or before a time that the venue's clock has told.
    pub late: u64,
    /// Clocks dropped because they went back.
    pub late_clocks: u64,
    /// Orders that found nothing to be filled from when they arrived: no book that can be used, or no trade.
    pub waited: u64,
    /// Orders rejected because they were `post_only` and would have taken.
    pub rejected: u64,
    /// Fills of takers.
    pub taker_fills: u64,
    /// Fills of makers.
    pub maker_fills: u64,
}

impl EventExchange {
    /// An exchange for one instrument.
    #[must_use]
    pub fn new(market: Market, costs: EventCosts) -> Self {
        Self {
            volumes: Volumes::new(&market),
            market,
            costs,
            intake: Intake::new(),
            venue: Venue::new(),
            desk: Desk::new(),
            last_price: None,
        }
    }

    /// The instrument.
    #[must_use]
    pub const fn market(&self) -> &Market {
        &self.market
    }

    /// What trading costs.
    #[must_use]
    pub const fn costs(&self) -> &EventCosts {
        &self.costs
    }

    /// The venue's order book, our orders not in it.
    #[must_use]
    pub const fn book(&self) -> &OrderBook {
        &self.venue.book
    }

    /// The price of the last trade taken.
    #[must_use]
    pub const fn last_price(&self) -> Option<Price> {
        self.last_price
    }

    /// What time it is here: the running maximum of when the events taken were known; `None` before the first.
    #[must_use]
    pub fn clock(&self) -> Option<UnixNanos> {
        let now = self.intake.now();
        (now.event > 0).then_some(UnixNanos(now.ts))
    }

    /// The orders at work, those of the bracket among them.
    #[must_use]
    pub fn working(&self) -> &[EventWorking] {
        &self.desk.orders
    }

    /// Whether a stop that was triggered is closing the position.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.desk.is_stopping()
    }

    /// The levels that stand for the open position.
    #[must_use]
    pub const fn bracket(&self) -> Bracket {
        self.desk.bracket
    }

    /// What it has counted.
    #[must_use]
    pub const fn counters(&self) -> EventCounters {
        EventCounters {
            trades: self.intake.trades,
            duplicates: self.intake.duplicates,
            late: self.intake.late,
            late_clocks: self.intake.late_clocks,
            waited: self.desk.waited,
            rejected: self.desk.rejected,
            taker_fills: self.desk.taker_fills,
            maker_fills: self.desk.maker_fills,
        }
    }

    /// Sends an order. It replaces none: orders stay at work until they are filled, cancelled or have nothing to close.
    ///
    /// # Errors
    /// [`ExecutionError::Order`] for an id that is not above all before, 0 lots, one that would cross zero, a price or
    /// levels off the tick, and levels on an order that closes; [`ExecutionError::Overflow`]. Nothing is changed then.
    pub fn submit(&mut self, order: EventOrder, account: &Account) -> Result<(), ExecutionError> {
        let refused = |reason| Err(ExecutionError::Order { id: order.id, reason });
        let held = account.lots();
        let is_closing = is_closing(order.lots, held);
        if order.id <= self.desk.last_id {
            return refused("its number is not above that of the orders before");
        }
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
        if let OrderKind::Limit { price, .. } = order.kind
            && !self.market.is_on_tick(price)
        {
            return refused("its price is not on the tick");
        }
        if !is_closing && held.checked_add(order.lots).is_none_or(|lots| lots == i64::MIN) {
            return Err(ExecutionError::Overflow { what: "a position" });
        }
        self.desk.last_id = order.id;
        self.desk.push(order, Role::Order, is_closing, self.intake.now(), self.costs.latency.order_ms);
        self.desk.sort();
        Ok(())
    }

    /// Sends a cancellation of an order that was submitted; `false` where it is at work no more. The first one holds.
    pub fn cancel(&mut self, id: u64, ts_sent: UnixNanos) -> bool {
        let due = self.intake.now().send(ts_sent.0, self.costs.latency.cancel_ms);
        let orders = &mut self.desk.orders;
        let found = orders.iter_mut().find(|order| order.order.id == id && order.role == Role::Order);
        found.map(|order| order.send_cancel(due)).is_some()
    }

    /// Takes an event: fills what it fills, books it, and appends the fills and the trades that they complete. Once warm
    /// it allocates nothing beyond what the two vectors need and the tree of the book, which grows by levels.
    ///
    /// # Errors
    /// [`ExecutionError::Grid`] for an event on another grid, [`ExecutionError::Event`] for one that is no trade, book
    /// update or clock, or for a book update where takers are filled from trades, [`ExecutionError::Book`] for a book
    /// update that cannot be one: nothing is changed then. [`ExecutionError::Overflow`]: what was filled before it stays
    /// filled, and neither the exchange nor the account must be used any more.
    pub fn on_event(
        &mut self,
        event: &Event<'_>,
        account: &mut Account,
        fills: &mut Vec<Fill>,
        trades: &mut Vec<Trade>,
    ) -> Result<(), ExecutionError> {
        let (mut print, mut shown) = (None, None);
        match event {
            Event::Trade(trade) => {
                self.check_grid(trade.grid)?;
                if !self.intake.take(trade) {
                    return Ok(());
                }
                self.last_price = Some(trade.price);
                print = Some(Print {
                    ts_event: trade.ts_event.0,
                    price: trade.price,
                    aggressor: trade.aggressor,
                    left: self.volumes.of(trade.quantity),
                });
            }
            Event::BookSnapshot(snapshot) => {
                self.check_book(snapshot.grid)?;
                let is_shown = self.venue.snapshot(snapshot)?;
                self.intake.know(snapshot.ts_event, snapshot.ts_event.max(snapshot.ts_recv));
                shown = is_shown.then_some((None, snapshot.ts_event));
            }
            Event::BookDelta(delta) => {
                self.check_book(delta.grid)?;
                let is_shown = self.venue.delta(delta)?;
                self.intake.know(delta.ts_event, delta.ts_event.max(delta.ts_recv));
                shown = is_shown.then_some((Some(delta), delta.ts_event));
            }
            Event::Clock(ts) => {
                if !self.intake.clock(*ts) {
                    return Ok(());
                }
            }
            Event::Bar(_) => return Err(ExecutionError::Event { found: "a bar" }),
            Event::Position(_) => return Err(ExecutionError::Event { found: "a position" }),
            _ => return Err(ExecutionError::Event { found: "an event of another kind" }),
        }
        if self.desk.orders.is_empty() && self.desk.bracket == Bracket::default() {
            return Ok(());
        }
        let mut books = Books {
            market: &self.market,
            costs: &self.costs,
            volumes: self.volumes,
            now: self.intake.now(),
            account,
            fills,
            trades,
        };
        if let Some(print) = &mut print {
            self.desk.reach(print, &mut books)?;
            self.desk.check_stop(print.price, &books);
        }
        if let Some((delta, ts_event)) = shown {
            self.desk.show(&self.venue, delta, ts_event, &books);
        }
        self.desk.act(&mut self.venue, print.as_mut(), &mut books)?;
        self.desk.tidy(account.lots());
        Ok(())
    }

    fn check_grid(&self, found: Grid) -> Result<(), ExecutionError> {
        if found == self.market.grid() {
            return Ok(());
        }
        Err(ExecutionError::EventGrid {
            symbol: self.market.instrument().symbol().to_owned(),
            expected: self.market.grid(),
            found,
        })
    }

    fn check_book(&self, found: Grid) -> Result<(), ExecutionError> {
        match self.costs.takers {
            TakerFills::Book => self.check_grid(found),
            TakerFills::Trades { .. } => Err(ExecutionError::BookUnused),
        }
    }

    /// Writes the clock, the book and what is at work.
    pub fn save(&self, state: &mut StateWriter) {
        self.intake.save(state);
        self.venue.save(state);
        self.desk.save(state);
        venue::save_price(self.last_price, state);
    }

    /// Continues from what [`save`](EventExchange::save) wrote, beside the account that was saved with it. What cannot
    /// be restored changes nothing.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state, or the account is of another market.
    pub fn load(&mut self, state: &mut StateReader<'_>, account: &Account) -> Result<(), RestoreError> {
        if account.lots() != 0 && account.position(&self.market).is_none() {
            return Err(RestoreError::Invalid { what: "a position of this market" });
        }
        let intake = Intake::load(state)?;
        let venue = Venue::load(state)?;
        let desk = Desk::load(state, &self.market, intake.now(), account.lots())?;
        let last_price = venue::load_price_if_any(state)?;
        if last_price.is_some() != (intake.trades > 0) {
            return Err(RestoreError::Invalid { what: "the price of the last trade" });
        }
        (self.intake, self.venue, self.desk, self.last_price) = (intake, venue, desk, last_price);
        Ok(())
    }
}
