//! The step from event to event: marks, rows, orders, refusals, restarts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::num::NonZeroU32;

use execution::{
    Account, CancelModel, Decimal, EventCosts, EventExchange, EventWorking, Instrument, LatencyMs, Market,
    Money, PositionView, Rate, TakerFills,
};
use feature_api::{
    AggressorSide, Bar, BookSnapshot, Event, Grid, Level, Price, Qty, RestoreError, Side, StateReader,
    StateWriter, Trade, UnixNanos,
};
use market_data::MarketEvent;
use market_data::synth::{self, MarketOptions};
use observation::{Action, ActionMapper, Limit, RewardCalculator, RewardOptions, RiskLimits, Sizing};
use runtime::{CoreError, EventCore, EventRecord, EventSetup, Stepper as _};
use strategy::{Reading, Signal, Strategy, StrategyError, Why};

const MS: i64 = 1_000_000;

/// A row every `every` trades; holds for four rows where neither stop nor take ends it, four rows long, four short.
struct Turns {
    every: u64,
    trades: u64,
}

impl Strategy for Turns {
    fn name(&self) -> &'static str {
        "turns"
    }

    fn on_bar(&mut self, _: &Bar, _: Option<&PositionView>, _: bool) -> Result<Signal, StrategyError> {
        panic!("no bars are fed")
    }

    fn on_event(
        &mut self,
        event: Event<'_>,
        position: Option<&PositionView>,
        _: bool,
    ) -> Result<Option<Signal>, StrategyError> {
        self.trades += u64::from(matches!(event, Event::Trade(_)));
        if !matches!(event, Event::Trade(_)) || !self.trades.is_multiple_of(self.every) {
            return Ok(None);
        }
        let side = if (self.trades / self.every / 4).is_multiple_of(2) { Side::Long } else { Side::Short };
        let enter = Action::Enter { side, stop: Some(0.000_005), take: Some(0.000_004) };
        // How long it was held is of the rows.
        let action = if position.is_none() {
            enter
        } else if position.is_some_and(|view| view.bars_held >= 5) {
            Action::Flat
        } else {
            Action::Hold
        };
        let (entry, exit) = (Reading::None, Reading::None);
        Ok(Some(Signal { action, why: Why::Always, entry, exit, edge: None }))
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.trades);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.trades = state.read_u64()?;
        Ok(())
    }
}

fn market() -> Market {
    let decimal = |text| Decimal::parse(text).unwrap();
    let instrument = Instrument::new("TOYUSD", decimal("0.01"), decimal("0.001"), Money::ZERO).unwrap();
    Market::new(instrument, Grid::new(2, 5).unwrap()).unwrap()
}

fn core(takers: TakerFills, every: u64) -> EventCore {
    let rate = |value| Rate::new("fee", value).unwrap();
    let costs = EventCosts {
        taker_fee: rate(0.0002),
        maker_fee: rate(0.0001),
        slippage_ticks: 1,
        latency: LatencyMs { order_ms: 20, cancel_ms: 20 },
        takers,
        cancels: CancelModel::Behind,
    };
    let start = Money::parse("1000000").unwrap();
    let limits = RiskLimits {
        max_position_notional: Limit::Unlimited,
        max_order_notional: Limit::Unlimited,
        max_leverage: Limit::Unlimited,
        max_drawdown: Limit::Unlimited,
        max_daily_loss: Limit::Unlimited,
        max_entries_per_day: Limit::Unlimited,
    };
    EventCore::new(EventSetup {
        strategy: Box::new(Turns { every, trades: 0 }),
        mapper: ActionMapper::new(market(), Sizing::Lots(3000), limits, start).unwrap(),
        exchange: EventExchange::new(market(), costs),
        account: Account::new(start).unwrap(),
        reward: RewardCalculator::new(RewardOptions::default(), start).unwrap(),
        entry_order_ms: NonZeroU32::new(400).unwrap(),
    })
}

fn events(book: bool) -> Vec<MarketEvent> {
    let options = MarketOptions {
        trades: 900,
        seed: 3,
        duplicates: 20,
        late: 20,
        same_time: 100,
        book,
        ..MarketOptions::default()
    };
    synth::Market::new(options).collect()
}

fn by_trades() -> TakerFills {
    TakerFills::Trades { spread: Rate::new("spread", 0.0001).unwrap() }
}

/// What every event came to: the line of its decision, if it led to one.
fn lines(core: &mut EventCore, events: &[MarketEvent]) -> Vec<String> {
    let market = core.exchange().market().clone();
    let mut line = |event: &MarketEvent| {
        let step = core.step(&event.view()).unwrap();
        step.map(|step| serde_json::to_string(&EventRecord::of(&step, &market)).unwrap()).unwrap_or_default()
    };
    events.iter().map(&mut line).collect()
}

fn saved(core: &EventCore) -> Vec<u8> {
    let mut state = StateWriter::new();
    core.save(&mut state);
    state.into_bytes()
}

fn trade(id: u64, ms: i64, price: i64) -> MarketEvent {
    let time = UnixNanos(ms * MS);
    MarketEvent::Trade(Trade {
        grid: market().grid(),
        ts_event: time,
        ts_recv: time,
        trade_id: id,
        price: Price::from_raw(price).unwrap(),
        quantity: Qty::from_raw(1_000_000).unwrap(),
        aggressor: AggressorSide::Buy,
    })
}

fn level(price: i64) -> Level {
    Level { price: Price::from_raw(price).unwrap(), quantity: Qty::from_raw(10_000_000).unwrap() }
}

fn book<'a>(ms: i64, bids: &'a [Level], asks: &'a [Level]) -> Event<'a> {
    let time = UnixNanos(ms * MS);
    let (ts_event, ts_recv) = (time, time);
    Event::BookSnapshot(BookSnapshot { grid: market().grid(), ts_event, ts_recv, update_id: 0, bids, asks })
}

#[test]
fn stopped_at_every_event_it_goes_on_as_if_it_had_not_been() {
    for (takers, has_book) in [(TakerFills::Book, true), (by_trades(), false)] {
        let events = events(has_book);
        let mut whole = core(takers, 5);
        let expected = lines(&mut whole, &events);
        let mut restarted = core(takers, 5);
        let mut pending = 0;
        for (index, event) in events.iter().enumerate() {
            let state = saved(&restarted);
            restarted = core(takers, 5);
            let mut reader = StateReader::new(&state);
            restarted.load(&mut reader).and_then(|()| reader.finish()).unwrap();
            assert_eq!(saved(&restarted), state, "event {index}");
            let before = restarted.account().clone();
            let line = lines(&mut restarted, std::slice::from_ref(event)).remove(0);
            assert_eq!(line, expected[index], "event {index}");
            pending += usize::from(line.is_empty() && *restarted.account() != before);
        }
        assert_eq!(saved(&restarted), saved(&whole));
        assert!(pending > 5, "{pending} events between decisions filled something");
        let decided: Vec<&String> = expected.iter().filter(|line| !line.is_empty()).collect();
        assert_eq!(decided.len() as u64, whole.decisions());
        for text in [
            "\"action\":\"enter-long\"",
            "\"action\":\"enter-short\"",
            "\"action\":\"flat\"",
            "\"kind\":\"market\"",
            "\"kind\":\"stop\"",
            "\"kind\":\"take\"",
        ] {
            assert!(decided.iter().any(|line| line.contains(text)), "no decision has {text}");
        }
    }
}

#[test]
fn a_state_that_is_damaged_is_refused() {
    let events = events(true);
    let mut whole = core(TakerFills::Book, 5);
    lines(&mut whole, &events[..800]);
    let state = saved(&whole);
    for length in (0..state.len()).step_by(7) {
        let mut reader = StateReader::new(&state[..length]);
        assert!(core(TakerFills::Book, 5).load(&mut reader).is_err(), "{length} bytes");
    }
}

/// Fills stand in the first decision after them, each once, and the books close.
#[test]
fn every_fill_is_in_one_decision() {
    let events = events(true);
    let mut core = core(TakerFills::Book, 5);
    let (mut cash, mut trades, mut ids) = (core.account().cash(), 0, Vec::new());
    let market = core.exchange().market().clone();
    for event in &events {
        let Some(step) = core.step(&event.view()).unwrap() else { continue };
        for fill in step.fills {
            assert!(fill.ts <= step.ts_available);
            ids.push(fill.order);
            let value = market.value(fill.price, fill.lots).unwrap();
            cash = cash.checked_sub(value).unwrap().checked_sub(fill.fee).unwrap();
        }
        trades += step.trades.len();
        assert_eq!(step.cash, cash);
    }
    let counters = core.exchange().counters();
    assert!(trades > 10 && ids.is_sorted(), "{ids:?}");
    assert!(counters.duplicates > 5 && counters.late > 5 && counters.maker_fills > 0, "{counters:?}");
}

#[test]
fn the_mark_is_the_middle_of_the_book_or_the_last_trade() {
    let mut core = core(TakerFills::Book, 1);
    let mark = |core: &mut EventCore, id: u64, bid: i64, ask: i64| {
        let (bids, asks) = ([level(bid)], [level(ask)]);
        assert!(core.step(&book(id as i64, &bids, &asks)).unwrap().is_none(), "a book completes no row here");
        let event = trade(id, id as i64, 20_000);
        core.step(&event.view()).unwrap().unwrap().mark.raw()
    };
    let event = trade(1, 1, 10_000);
    let step = core.step(&event.view()).unwrap().unwrap();
    assert_eq!((step.mark.raw(), step.index), (10_000, 0));
    assert_eq!(mark(&mut core, 2, 10_000, 10_004), 10_002);
    assert_eq!(mark(&mut core, 3, 10_000, 10_001), 10_000, "half to even");
    assert_eq!(mark(&mut core, 4, 10_001, 10_002), 10_002, "half to even");
    assert_eq!(mark(&mut core, 5, 10_002, 10_001), 20_000, "crossed: not used");
    let event = trade(6, 6, 30_000);
    assert_eq!(core.step(&event.view()).unwrap().unwrap().mark.raw(), 30_000);
}

/// What the book lacks for an order that opens is waited for until it is too old; then it is gone.
#[test]
fn an_order_that_opens_does_not_wait_for_ever() {
    let mut core = core(TakerFills::Book, 1000);
    let thin = Level { quantity: Qty::from_raw(100_000).unwrap(), ..level(1_000_010) };
    core.step(&book(0, &[level(1_000_000)], &[thin])).unwrap();
    let mut id = 0;
    let mut until = |core: &mut EventCore, trades: u64, ms: i64| {
        for _ in 0..trades {
            id += 1;
            core.step(&trade(id, ms, 1_000_005).view()).unwrap();
        }
    };
    until(&mut core, 1000, 1);
    assert_eq!(core.exchange().working().len(), 1, "decided with the thousandth trade");
    until(&mut core, 1, 30);
    // One lot of quantity was there: 1000 lots of 0.001.
    let left = |core: &EventCore| {
        let opening = core.exchange().working().iter().filter(|order| !order.is_closing());
        opening.map(EventWorking::left).collect::<Vec<_>>()
    };
    assert_eq!((core.account().lots(), left(&core)), (1000, vec![2000]));
    until(&mut core, 1, 400);
    assert_eq!(left(&core), [2000]);
    // Sent at 1 ms, works for 400; the cancellation travels for 20.
    until(&mut core, 1, 401);
    assert_eq!(left(&core), [2000]);
    until(&mut core, 1, 421);
    assert_eq!(left(&core), [0; 0]);
    assert_eq!(core.account().lots(), 1000);
}

#[test]
fn what_cannot_be_taken_is_counted_and_changes_nothing_else() {
    let mut core = core(by_trades(), 1);
    core.step(&trade(1, 1, 10_000).view()).unwrap().unwrap();
    let state = |core: &EventCore| {
        let mut state = StateWriter::new();
        core.exchange().save(&mut state);
        state.into_bytes()
    };
    let before = state(&core);
    assert!(core.step(&book(2, &[level(9_999)], &[level(10_001)])).unwrap().is_none());
    assert_eq!((core.refused(), state(&core) == before), (1, true));
    assert_eq!(core.cursor().known(), Some(UnixNanos(2 * MS)), "it is behind it all the same");

    let mut core = self::core(TakerFills::Book, 1);
    let bids = [level(9_998), level(9_999)];
    assert!(core.step(&book(2, &bids, &[level(10_001)])).unwrap().is_none());
    assert_eq!(core.refused(), 1);
    // Of another grid: of another instrument. After a decision, too.
    core.step(&trade(1, 3, 10_000).view()).unwrap().unwrap();
    let MarketEvent::Trade(trade) = trade(1, 1, 10_000) else { panic!() };
    let other = Trade { grid: Grid::new(1, 1).unwrap(), ..trade };
    let (whole, error) = (saved(&core), core.step(&Event::Trade(&other)).unwrap_err());
    assert!(matches!(error, CoreError::Event(_)), "{error}");
    assert_eq!(saved(&core), whole);
}
