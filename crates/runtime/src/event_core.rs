//! The step from event to event.

use std::num::NonZeroU32;

use execution::{
    Account, EventCosts, EventExchange, EventOrder, EventWorking, ExecutionError, Fill, FillKind, Market,
    Money, OrderKind, PositionView, TakerFills, Trade,
};
use feature_api::{Event, Price, RestoreError, StateReader, StateWriter, UnixNanos};
use market_data::OrderBook;
use observation::{ActionMapper, AtWork, Context, Mapped, Mark, Reason, RewardCalculator};
use strategy::{Signal, Strategy};

use crate::core::traded;
use crate::pending::Pending;
use crate::{CoreError, Cursor, Stepper};

/// What an event core is made of: all of one instrument, fresh, and of the same market.
pub struct EventSetup {
    /// Decides.
    pub strategy: Box<dyn Strategy>,
    /// Makes orders of decisions, within the limits.
    pub mapper: ActionMapper,
    /// Fills them.
    pub exchange: EventExchange,
    /// Books them.
    pub account: Account,
    /// Says what a step was worth.
    pub reward: RewardCalculator,
    /// How long an order that opens works before what is left of it is cancelled.
    pub entry_order_ms: NonZeroU32,
}

/// A bot of one instrument, stepped by the events of its market: trades, the order book, the venue's clock.
///
/// At each event the exchange fills what is at work, then the strategy sees the event. Where that completes a row of its
/// features, it decides: once per row. Its position ages in rows. Orders are market orders; what the book lacks for them
/// they wait for, those that open for `entry_order_ms` at most. One that closes cancels what opens.
///
/// A position is valued at the **mark**: the middle of the best bid and ask of a book that can be used, to a step of the
/// grid, half to even; else the price of the last trade. A day ends by the exchange's clock, which never goes back.
pub struct EventCore {
    setup: EventSetup,
    cursor: Cursor,
    /// Events that were refused.
    refused: u64,
    /// Rows decided on.
    rows: u64,
    last_row: Option<UnixNanos>,
    /// Equity at the last decision; the cash it began with before the first.
    equity: Money,
    pending: Pending,
    /// Whether what is pending was part of a decision already.
    is_decided: bool,
}

/// A decision: what happened since the one before, and what is wanted with the row that an event completed.
#[derive(Debug, Clone, Copy)]
pub struct EventStep<'a> {
    /// Number of the row decided on, from 0.
    pub index: u64,
    /// When the event happened that completed it.
    pub ts_event: UnixNanos,
    /// When everything until then was known, and so the decision could be made: the exchange's clock.
    pub ts_available: UnixNanos,
    /// What the position is valued at.
    pub mark: Price,
    /// What was filled since the decision before.
    pub fills: &'a [Fill],
    /// Round trips that these fills completed.
    pub trades: &'a [Trade],
    /// What the strategy wants, after these fills.
    pub signal: Signal,
    /// What that came to.
    pub mapped: Mapped,
    /// Lots held, signed.
    pub lots: i64,
    /// Cash.
    pub cash: Money,
    /// Fees paid so far.
    pub fees: Money,
    /// Equity: cash and the position at the mark.
    pub equity: Money,
    /// What the time since the decision before was worth.
    pub reward: f64,
}

impl EventCore {
    /// A core that has seen no event.
    #[must_use]
    pub fn new(setup: EventSetup) -> Self {
        Self {
            cursor: Cursor::default(),
            refused: 0,
            rows: 0,
            last_row: None,
            equity: setup.account.start(),
            pending: Pending::new(),
            is_decided: false,
            setup,
        }
    }

    /// The exchange.
    #[must_use]
    pub const fn exchange(&self) -> &EventExchange {
        &self.setup.exchange
    }

    /// How far it has come in its stream.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Events that were refused, for they could not be taken: a book update that cannot be one, or that nothing is
    /// filled from. Each was left out as a whole.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// What the entry model's features have counted, by name.
    #[must_use]
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        self.setup.strategy.counters()
    }

    /// Takes an event; the decision, where it completes a row. Allocates nothing once warm
    /// beyond what the book needs for its levels.
    ///
    /// # Errors
    /// [`CoreError`]; see there for which of them leave the core as it was.
    pub fn step(&mut self, event: &Event<'_>) -> Result<Option<EventStep<'_>>, CoreError> {
        if std::mem::take(&mut self.is_decided) {
            self.pending.clear();
        }
        let Self { setup: EventSetup { strategy, exchange, account, .. }, pending, .. } = self;
        let Pending { fills, trades } = pending;
        match exchange.on_event(event, account, fills, trades) {
            Ok(()) => self.cursor.pass(event),
            Err(ExecutionError::Book(_) | ExecutionError::BookUnused | ExecutionError::Event { .. }) => {
                self.cursor.pass(event);
                self.refused += 1;
                return Ok(None);
            }
            Err(error @ ExecutionError::EventGrid { .. }) => return Err(CoreError::Event(error)),
            Err(error) => return Err(error.into()),
        }
        // Counted with the row that this event may complete, as a bar is counted at its close.
        let aged = |view: PositionView| PositionView { bars_held: view.bars_held.saturating_add(1), ..view };
        let position = account.position(exchange.market()).map(aged);
        let signal = strategy.on_event(*event, position.as_ref(), !trades.is_empty())?;
        self.cancel_old_entries();
        match signal {
            Some(signal) => self.decide(event, signal).map(Some),
            None => Ok(None),
        }
    }

    fn decide(&mut self, event: &Event<'_>, signal: Signal) -> Result<EventStep<'_>, CoreError> {
        let EventSetup { mapper, exchange, account, reward, .. } = &mut self.setup;
        let (Some(price), Some(clock)) = (mark(exchange), exchange.clock()) else {
            return Err(CoreError::Mark { row: self.rows });
        };
        account.close_bar();
        let market = exchange.market();
        let equity = account.equity(market, price)?;
        let mark = Mark { grid: market.grid(), price, ts_event: clock, ts_available: clock };
        let context = Context { mark, account, working: at_work(exchange.working()) };
        let mapped = mapper.map(signal.action, &context)?;
        if let Some(execution::Order { id, lots, bracket, ts_sent }) = mapped.order {
            if account.lots() != 0 && (lots > 0) != (account.lots() > 0) {
                cancel(exchange, ts_sent, |_| true);
            }
            let order = EventOrder { id, lots, kind: OrderKind::Market, bracket, ts_sent };
            exchange.submit(order, account)?;
        }
        // What is still to open a position must not, once the limits say flat.
        if matches!(mapped.reason, Some(Reason::DailyLoss | Reason::Drawdown | Reason::Bankrupt)) {
            cancel(exchange, clock, |_| true);
        }
        let reward = reward.step(equity, traded(exchange.market(), &self.pending.fills)?)?;
        let index = self.rows;
        self.rows += 1;
        let ts_event = time_of(event).unwrap_or(clock);
        (self.last_row, self.equity, self.is_decided) = (Some(ts_event), equity, true);
        let account = &self.setup.account;
        Ok(EventStep {
            index,
            ts_event,
            ts_available: clock,
            mark: price,
            fills: &self.pending.fills,
            trades: &self.pending.trades,
            signal,
            mapped,
            lots: account.lots(),
            cash: account.cash(),
            fees: account.fees(),
            equity,
            reward,
        })
    }

    /// Sends cancellations of orders that open and have worked for too long.
    fn cancel_old_entries(&mut self) {
        let EventSetup { exchange, entry_order_ms, .. } = &mut self.setup;
        if exchange.working().is_empty() {
            return;
        }
        let Some(now) = exchange.clock() else { return };
        let longest = i64::from(entry_order_ms.get()) * 1_000_000;
        cancel(exchange, now, |order| now.0.saturating_sub(order.order().ts_sent.0) >= longest);
    }
}

impl Stepper for EventCore {
    fn market(&self) -> &Market {
        self.setup.exchange.market()
    }

    fn account(&self) -> &Account {
        &self.setup.account
    }

    fn equity(&self) -> Money {
        self.equity
    }

    fn decisions(&self) -> u64 {
        self.rows
    }

    fn last_decision(&self) -> Option<UnixNanos> {
        self.last_row
    }

    fn save(&self, state: &mut StateWriter) {
        self.cursor.save(state);
        state.write_u64(self.refused);
        state.write_u64(self.rows);
        state.write_bool(self.last_row.is_some());
        state.write_i64(self.last_row.unwrap_or_default().0);
        state.write_i128(self.equity.units());
        if self.is_decided {
            Pending::save_none(state)
        } else {
            self.pending.save(state)
        }
        let EventSetup { strategy, mapper, exchange, account, reward, entry_order_ms: _ } = &self.setup;
        account.save(state);
        exchange.save(state);
        mapper.save(state);
        reward.save(state);
        strategy.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.cursor = Cursor::load(state)?;
        (self.refused, self.rows) = (state.read_u64()?, state.read_u64()?);
        let (is_there, last) = (state.read_bool()?, state.read_i64()?);
        if is_there != (self.rows > 0) || (!is_there && last != 0) {
            return Err(RestoreError::Invalid { what: "the time of a last row where there was one" });
        }
        self.last_row = is_there.then_some(UnixNanos(last));
        self.equity = Money::from_units(state.read_i128()?);
        self.is_decided = false;
        self.pending.load(state)?;
        let EventSetup { strategy, mapper, exchange, account, reward, entry_order_ms: _ } = &mut self.setup;
        account.load(state)?;
        exchange.load(state, account)?;
        mapper.load(state)?;
        reward.load(state)?;
        strategy.load(state)
    }
}

/// What trading in and out costs at least, as a fraction of the value, as far as it can be told before: twice the taker's
/// fee and, where there is no book to tell it, the spread.
pub(crate) fn round_trip(costs: &EventCosts) -> f64 {
    let spread = match costs.takers {
        TakerFills::Book => 0.0,
        TakerFills::Trades { spread } => spread.to_f64(),
    };
    2.0 * costs.taker_fee.to_f64() + spread
}

/// What a position is valued at; `None` before the first trade, without a book.
fn mark(exchange: &EventExchange) -> Option<Price> {
    middle(exchange.book()).or(exchange.last_price())
}

/// The middle of the best bid and ask of a book that can be used, to a step of the grid, half to even.
fn middle(book: &OrderBook) -> Option<Price> {
    if !book.is_usable() {
        return None;
    }
    let sum = book.best_bid()?.price.raw() + book.best_ask()?.price.raw();
    let below = sum.div_euclid(2);
    let is_up = sum.rem_euclid(2) == 1 && below.rem_euclid(2) == 1;
    Price::from_raw(below + i64::from(is_up)).ok()
}

/// What is at work, as far as an action is concerned. The take-profit stands for the position, as its stop does, and is no
/// order of its own.
fn at_work(working: &[EventWorking]) -> Option<AtWork> {
    let orders = || working.iter().filter(|order| order.fill_kind() != FillKind::Take);
    let is_closing = orders().any(EventWorking::is_closing);
    let mut found: Option<AtWork> = None;
    for order in orders().filter(|order| order.is_closing() == is_closing) {
        let AtWork { left, is_in_flight, .. } =
            found.unwrap_or(AtWork { left: 0, is_closing, is_in_flight: false });
        found = Some(AtWork {
            left: left.saturating_add(order.left()),
            is_closing,
            is_in_flight: is_in_flight || !order.has_arrived(),
        });
    }
    found
}

/// Sends cancellations of the orders that open and are such.
fn cancel(exchange: &mut EventExchange, ts_sent: UnixNanos, is_such: impl Fn(&EventWorking) -> bool) {
    let next = |exchange: &EventExchange| {
        let mut opening =
            exchange.working().iter().filter(|order| !order.is_closing() && !order.is_cancelling());
        opening.find(|order| is_such(order)).map(|order| order.order().id)
    };
    while let Some(id) = next(exchange) {
        // Whatever is at work can be cancelled; else this would not end.
        if !exchange.cancel(id, ts_sent) {
            return;
        }
    }
}

/// When an event happened.
const fn time_of(event: &Event<'_>) -> Option<UnixNanos> {
    match event {
        Event::Trade(trade) => Some(trade.ts_event),
        Event::BookSnapshot(snapshot) => Some(snapshot.ts_event),
        Event::BookDelta(delta) => Some(delta.ts_event),
        Event::Clock(time) => Some(*time),
        Event::Bar(bar) => Some(bar.ts_close()),
        Event::Position(_) | _ => None,
    }
}
