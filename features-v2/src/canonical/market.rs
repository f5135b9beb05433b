//! Tapes of trades and books.

use feature_api::{
    AggressorSide, BookDelta, BookSnapshot, Event, Grid, Level, MAX_RAW, Price, Qty, Trade, UnixNanos,
};

use super::Random;

/// What a tape is like.
pub(super) struct Tape {
    seed: u64,
    grid: (u8, u8),
    /// Trades, the dropped ones among them.
    trades: u32,
    /// Middle of the book at the beginning, in steps.
    price: i64,
    /// Lowest and highest middle.
    range: (i64, i64),
    /// Distance of levels.
    tick: i64,
    /// Largest move of the middle from trade to trade, in ticks.
    swing: i64,
    /// Largest quantity of a trade; levels hold up to four times as much.
    quantity: i64,
    /// Largest time between trades, in milliseconds.
    pause: i64,
    /// Largest time by which the receiver's clock is ahead of the venue's, in milliseconds; below zero it is behind.
    receiver: i64,
    /// Whether updates name the one before, as futures exchanges do.
    is_chained: bool,
}

pub(super) const TAPES: [Tape; 4] = [
    // A liquid pair: trades close together, a receiver whose clock is behind.
    Tape {
        seed: 11,
        grid: (2, 5),
        trades: 5_000,
        price: 6_180_000,
        range: (100_000, 90_000_000),
        tick: 10,
        swing: 4,
        quantity: 50_000,
        pause: 450,
        receiver: -1_200,
        is_chained: false,
    },
    // Fifteen days of large trades, so that the slowest bars become warm.
    Tape {
        seed: 12,
        grid: (1, 3),
        trades: 14_000,
        price: 300_000,
        range: (20_000, 4_000_000),
        tick: 1,
        swing: 90,
        quantity: 80_000,
        pause: 190_000,
        receiver: 40,
        is_chained: true,
    },
    // A token of tiny prices and huge quantities.
    Tape {
        seed: 13,
        grid: (14, 0),
        trades: 2_000,
        price: 4_000,
        range: (300, 90_000),
        tick: 3,
        swing: 3,
        quantity: 900_000_000_000,
        pause: 900,
        receiver: 3,
        is_chained: true,
    },
    // A spread around zero, with jumps.
    Tape {
        seed: 14,
        grid: (3, 2),
        trades: 1_500,
        price: 700,
        range: (-60_000, 60_000),
        tick: 5,
        swing: 60,
        quantity: 9_000,
        pause: 2_500,
        receiver: 0,
        is_chained: false,
    },
];

/// Levels a side.
const LEVELS: usize = 12;

/// Plays a tape: trades, with a book around them.
///
/// Beside what is ordinary there are trades that come twice, trades that come late, bursts within a millisecond,
/// stretches of one side, of one price and of silence that the venue's clock ends, deltas that overlap or come twice, a
/// delta that is lost, a book that is crossed, and one of a single side.
pub(super) fn play(tape: &Tape, take: &mut dyn FnMut(Event<'_>)) {
    let mut market = Market::new(tape);
    market.tell_snapshot(take);
    for index in 0..tape.trades {
        market.step(index, take);
    }
}

struct Market<'a> {
    tape: &'a Tape,
    random: Random,
    /// Venue's time, in nanoseconds.
    time: i64,
    middle: i64,
    update_id: u64,
    trade_id: u64,
    bids: [Level; LEVELS],
    asks: [Level; LEVELS],
    last: Option<Trade>,
}

impl<'a> Market<'a> {
    fn new(tape: &'a Tape) -> Self {
        let empty = [Level::default(); LEVELS];
        let mut market = Self {
            tape,
            random: Random(tape.seed),
            time: 1_700_000_000_000_000_000,
            middle: tape.price,
            update_id: 1_000,
            trade_id: 1,
            bids: empty,
            asks: empty,
            last: None,
        };
        market.set_levels();
        market
    }

    fn step(&mut self, index: u32, take: &mut dyn FnMut(Event<'_>)) {
        let Tape { swing, tick, range, .. } = *self.tape;
        let mood = index / 250 % 5;
        if index % 7 > 2 {
            self.time += self.random.up_to(self.tape.pause) * 1_000_000;
        }
        if index % 401 == 400 {
            self.time += 40 * self.tape.pause.max(1_000) * 1_000_000;
            take(Event::Clock(UnixNanos(self.time - 2_000_000)));
        }
        if mood != 3 {
            let jump = if index % 977 == 976 { 40 } else { 1 };
            let drift = if mood == 1 { swing / 3 } else { 0 };
            let moved = self.middle + jump * tick * (self.random.around(swing) + drift);
            self.middle = moved.clamp(range.0, range.1);
        }
        if !index.is_multiple_of(3) {
            self.update(index, take);
        }
        let is_buy = match mood {
            2 => true,
            4 => index.is_multiple_of(9),
            _ => self.random.up_to(1) == 1,
        };
        self.trade(index, is_buy, take);
    }

    fn trade(&mut self, index: u32, is_buy: bool, take: &mut dyn FnMut(Event<'_>)) {
        let deep = if index % 31 == 30 { 3 } else { 0 };
        let level = if is_buy { self.asks.get(deep) } else { self.bids.get(deep) };
        let level = level.copied().unwrap_or_default();
        let trade = Trade {
            grid: self.grid(),
            ts_event: UnixNanos(self.time),
            ts_recv: UnixNanos(self.received()),
            trade_id: self.trade_id,
            price: level.price,
            quantity: quantity(self.random.up_to(self.tape.quantity)),
            aggressor: if is_buy { AggressorSide::Buy } else { AggressorSide::Sell },
        };
        self.trade_id += 1 + u64::from(index % 5 == 4);
        take(Event::Trade(&trade));
        if let (Some(last), 0) = (self.last, index % 53) {
            take(Event::Trade(&last));
        }
        if index % 97 == 96 {
            let late = Trade {
                ts_event: UnixNanos(self.time - 1_000_000),
                trade_id: self.trade_id + 1_000_000,
                ..trade
            };
            take(Event::Trade(&late));
        }
        self.last = Some(trade);
    }

    /// A change of the book, in one of the ways a book changes.
    fn update(&mut self, index: u32, take: &mut dyn FnMut(Event<'_>)) {
        let before = (self.bids, self.asks);
        self.set_levels();
        let (first, previous) = (self.update_id + 1, self.update_id);
        self.update_id += 1 + u64::from(index % 4);
        match index % 509 {
            // Lost, so the next ones do not follow.
            500 => {}
            505 => self.tell_snapshot(take),
            250 => {
                self.tell_crossed(&before.1, first, previous, take);
                self.tell_snapshot(take);
            }
            100 => self.tell_one_sided(take),
            103 => self.tell_snapshot(take),
            _ => {
                let overlap = u64::from(index.is_multiple_of(11) && !self.tape.is_chained);
                self.tell_delta(&before, first - overlap, previous, take);
                if index.is_multiple_of(67) {
                    self.tell_delta(&before, first, previous, take);
                }
            }
        }
    }

    /// Levels around the middle; in part those of before.
    fn set_levels(&mut self) {
        let Tape { tick, quantity: most, .. } = *self.tape;
        let gap = tick * (1 + self.random.up_to(2));
        let bottom = self.middle - self.middle.rem_euclid(tick);
        for (rank, (bid, ask)) in (0_i64..).zip(self.bids.iter_mut().zip(&mut self.asks)) {
            let (below, above) = (bottom - rank * tick, bottom + gap + rank * tick);
            for (level, raw) in [(bid, below), (ask, above)] {
                if level.price.raw() != raw || self.random.up_to(2) == 0 {
                    *level = Level { price: price(raw), quantity: quantity(1 + self.random.up_to(4 * most)) };
                }
            }
        }
    }

    fn tell_snapshot(&mut self, take: &mut dyn FnMut(Event<'_>)) {
        let snapshot = BookSnapshot {
            grid: self.grid(),
            ts_event: UnixNanos(self.time),
            ts_recv: UnixNanos(self.received()),
            update_id: self.update_id,
            bids: &self.bids,
            asks: &self.asks,
        };
        take(Event::BookSnapshot(snapshot));
    }

    fn tell_one_sided(&mut self, take: &mut dyn FnMut(Event<'_>)) {
        let snapshot = BookSnapshot {
            grid: self.grid(),
            ts_event: UnixNanos(self.time),
            ts_recv: UnixNanos(self.received()),
            update_id: self.update_id,
            bids: &self.bids,
            asks: &[],
        };
        take(Event::BookSnapshot(snapshot));
    }

    /// A bid at the last ask that was told.
    fn tell_crossed(&mut self, asks: &[Level], first: u64, previous: u64, take: &mut dyn FnMut(Event<'_>)) {
        let top = asks.last().copied().unwrap_or_default();
        let bids = [Level { price: top.price, quantity: quantity(1) }];
        self.tell(first, previous, &bids, &[], take);
    }

    /// What leads from the levels before to those of now.
    fn tell_delta(
        &mut self,
        before: &([Level; LEVELS], [Level; LEVELS]),
        first: u64,
        previous: u64,
        take: &mut dyn FnMut(Event<'_>),
    ) {
        let (bids, asks) = (changes(&before.0, &self.bids), changes(&before.1, &self.asks));
        self.tell(first, previous, &bids, &asks, take);
    }

    fn tell(
        &mut self,
        first: u64,
        previous: u64,
        bids: &[Level],
        asks: &[Level],
        take: &mut dyn FnMut(Event<'_>),
    ) {
        let delta = BookDelta {
            grid: self.grid(),
            ts_event: UnixNanos(self.time),
            ts_recv: UnixNanos(self.received()),
            first_update_id: first,
            last_update_id: self.update_id,
            previous_update_id: self.tape.is_chained.then_some(previous),
            bids,
            asks,
        };
        take(Event::BookDelta(delta));
    }

    fn grid(&self) -> Grid {
        Grid::new(self.tape.grid.0, self.tape.grid.1).unwrap_or_default()
    }

    fn received(&mut self) -> i64 {
        let away = self.tape.receiver;
        self.time + away.signum() * self.random.up_to(away.abs()) * 1_000_000
    }
}

/// Levels that are gone, with a quantity of 0, and those that are new or changed.
fn changes(before: &[Level], now: &[Level]) -> Vec<Level> {
    let gone = before.iter().filter(|old| now.iter().all(|level| level.price != old.price));
    let gone = gone.map(|old| Level { price: old.price, quantity: quantity(0) });
    let changed = now.iter().filter(|level| !before.contains(level)).copied();
    gone.chain(changed).collect()
}

fn price(raw: i64) -> Price {
    Price::from_raw(raw.clamp(-MAX_RAW, MAX_RAW)).unwrap_or_default()
}

fn quantity(raw: i64) -> Qty {
    Qty::from_raw(raw.clamp(0, MAX_RAW)).unwrap_or_default()
}
