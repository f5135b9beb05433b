//! Trades and a book around them that are made up.

use std::collections::VecDeque;

use feature_api::{AggressorSide, Grid, Level, Price, Qty, Trade, UnixNanos};

use super::{ONE, PRICE_SCALE, QTY_SCALE, Random, START};
use crate::{Delta, MarketEvent, Snapshot};

/// Levels a side.
const LEVELS: usize = 10;
/// Distance of levels: 0.10.
const TICK: i64 = 10;
/// Smallest step of a quantity: 0.001.
const LOT: i64 = ONE / 1000;
/// The middle is turned round before it leaves these prices.
const LOWEST: i64 = START / 2;
const HIGHEST: i64 = START * 2;

/// What to make up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketOptions {
    /// Number of trades, those that come twice or late not counted.
    pub trades: u64,
    /// Seed: another seed, another market.
    pub seed: u64,
    /// Time of the first trade.
    pub start: UnixNanos,
    /// Time between trades in nanoseconds; below 1 it is 1.
    pub interval: i64,
    /// Time from an event to its receipt, in nanoseconds, 0 or above.
    pub delay: i64,
    /// Of 1,000 trades so many come a second time, up to 8 trades later.
    pub duplicates: u32,
    /// Of 1,000 trades so many are followed by another that happened a millisecond before it.
    pub late: u32,
    /// Of 1,000 trades so many happen in the same nanosecond as the one before.
    pub same_time: u32,
    /// Whether there is a book: a snapshot, then a delta after every change.
    pub book: bool,
    /// Whether deltas name the update before them, as futures exchanges do.
    pub chained: bool,
}

impl Default for MarketOptions {
    /// 5,000 trades at 50 ms from 2024-01-01 00:00:00 UTC, seed 1, with a book as spot exchanges tell it.
    fn default() -> Self {
        Self {
            trades: 5_000,
            seed: 1,
            start: UnixNanos(1_704_067_200_000_000_000),
            interval: 50_000_000,
            delay: 2_000_000,
            duplicates: 0,
            late: 0,
            same_time: 0,
            book: true,
            chained: false,
        }
    }
}

/// Trades around 45,000 with 2 decimals, quantities with 5, and the book they take from, one event after the other: as
/// many as wanted in memory that does not grow.
///
/// Takers come in runs of one side; what they take is gone from the book, so prices move with the order flow. Trades
/// stand at the touch or up to four levels behind it; the book has ten levels a side and is never crossed.
#[derive(Debug)]
pub struct Market {
    options: MarketOptions,
    random: Random,
    time: i64,
    /// Trades made.
    made: u64,
    trade_id: u64,
    update_id: u64,
    is_buy: bool,
    /// Best first.
    bids: [Level; LEVELS],
    asks: [Level; LEVELS],
    /// Made, but not given yet.
    ready: VecDeque<MarketEvent>,
    /// Trades that come a second time, and after which trade.
    again: VecDeque<(u64, Trade)>,
    counts: MarketCounts,
}

/// What was made up beside ordinary trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MarketCounts {
    /// Trades that came a second time.
    pub duplicates: u64,
    /// Trades that came late.
    pub late: u64,
    /// Trades in the same nanosecond as the one before.
    pub same_time: u64,
}

impl Market {
    /// A market before its first event.
    #[must_use]
    pub fn new(options: MarketOptions) -> Self {
        let mut random = Random(options.seed);
        let middle = START - START % TICK;
        let mut side = |sign: i64, first: i64| {
            std::array::from_fn(|rank| {
                let price = first + sign * TICK * i64::try_from(rank).unwrap_or(0);
                level(price, resting(&mut random))
            })
        };
        let (bids, asks) = (side(-1, middle), side(1, middle + TICK));
        let mut market = Self {
            options: MarketOptions { interval: options.interval.max(1), ..options },
            random,
            time: options.start.0,
            made: 0,
            trade_id: 0,
            update_id: 1,
            is_buy: true,
            bids,
            asks,
            ready: VecDeque::new(),
            again: VecDeque::new(),
            counts: MarketCounts::default(),
        };
        if options.book {
            market.tell_snapshot();
        }
        market
    }

    /// The grid of its events.
    #[must_use]
    pub fn grid() -> Grid {
        Grid::new(PRICE_SCALE, QTY_SCALE).unwrap_or_default()
    }

    /// What it has made so far beside ordinary trades.
    #[must_use]
    pub const fn counts(&self) -> MarketCounts {
        self.counts
    }

    fn happens(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.random.below(1000) < i64::from(per_mille)
    }

    fn step(&mut self) {
        if self.made > 0 {
            if self.happens(self.options.same_time) {
                self.counts.same_time += 1;
            } else {
                self.time = self.time.saturating_add(self.options.interval);
            }
        }
        self.made += 1;
        let before = (self.bids, self.asks);
        // Makers first: quantities change, and a gap between the sides is closed from one of them.
        self.refresh();
        let trade = self.trade();
        self.ready.push_back(MarketEvent::Trade(trade));
        self.repeat(trade);
        if self.options.book {
            self.tell_delta(&before);
        }
    }

    /// A few levels change; where the sides stand apart, one of them moves up to the other.
    fn refresh(&mut self) {
        let gap = self.asks[0].price.raw() - self.bids[0].price.raw();
        if gap > TICK && self.random.below(3) > 0 {
            let quantity = resting(&mut self.random);
            // The side that was not taken from moves after the other: a price that went up mostly stays there.
            if self.is_buy && self.random.below(10) < 7 {
                let price = self.bids[0].price.raw() + TICK;
                insert(&mut self.bids, level(price, quantity));
            } else {
                let price = self.asks[0].price.raw() - TICK;
                insert(&mut self.asks, level(price, quantity));
            }
        }
        for _ in 0..self.random.below(4) {
            let rank = usize::try_from(self.random.below(LEVELS as u64)).unwrap_or(0);
            let quantity = Qty::from_raw(resting(&mut self.random)).unwrap_or_default();
            let side = if self.random.below(2) == 0 { &mut self.bids } else { &mut self.asks };
            if let Some(level) = side.get_mut(rank) {
                level.quantity = quantity;
            }
        }
    }

    /// A taker comes and takes from the book.
    fn trade(&mut self) -> Trade {
        // Runs of one side, three in four, and back where the price has gone far.
        if self.random.below(4) == 0 {
            self.is_buy = !self.is_buy;
        }
        let best = self.bids[0].price.raw();
        if best <= LOWEST || best >= HIGHEST {
            self.is_buy = best <= LOWEST;
        }
        let rank = if self.random.below(40) == 0 { 1 + self.random.below(4) } else { 0 };
        let wanted = LOT << self.random.below(12);
        let side = if self.is_buy { &mut self.asks } else { &mut self.bids };
        let away = if self.is_buy { TICK } else { -TICK };
        let far = side[LEVELS - 1].price.raw();
        // Levels in front of the last one taken from are gone.
        for gone in 0..rank {
            side.rotate_left(1);
            side[LEVELS - 1] = level(far + away * (gone + 1), resting(&mut self.random));
        }
        let price = side[0].price;
        let rests = side[0].quantity.raw();
        let taken = wanted.min(rests);
        if taken == rests {
            side.rotate_left(1);
            side[LEVELS - 1] = level(far + away * (rank + 1), resting(&mut self.random));
        } else {
            side[0].quantity = Qty::from_raw(rests - taken).unwrap_or_default();
        }
        self.trade_id += 1;
        Trade {
            grid: Self::grid(),
            ts_event: UnixNanos(self.time),
            ts_recv: self.received(),
            trade_id: self.trade_id,
            price,
            quantity: Qty::from_raw(taken).unwrap_or_default(),
            aggressor: if self.is_buy { AggressorSide::Buy } else { AggressorSide::Sell },
        }
    }

    /// What comes twice or late.
    fn repeat(&mut self, trade: Trade) {
        while let Some((_, again)) = self.again.pop_front_if(|(after, _)| *after <= self.made) {
            self.counts.duplicates += 1;
            self.ready.push_back(MarketEvent::Trade(Trade { ts_recv: self.received(), ..again }));
        }
        if self.happens(self.options.duplicates) {
            let after = self.made + 8;
            self.again.push_back((after, trade));
        }
        if self.happens(self.options.late) {
            self.counts.late += 1;
            self.trade_id += 1;
            self.ready.push_back(MarketEvent::Trade(Trade {
                ts_event: UnixNanos(self.time - 1_000_000),
                trade_id: self.trade_id,
                ..trade
            }));
        }
    }

    fn received(&self) -> UnixNanos {
        UnixNanos(self.time.saturating_add(self.options.delay.max(0)))
    }

    fn tell_snapshot(&mut self) {
        self.ready.push_back(MarketEvent::Snapshot(Snapshot {
            grid: Self::grid(),
            ts_event: UnixNanos(self.time),
            ts_recv: self.received(),
            update_id: self.update_id,
            bids: self.bids.to_vec(),
            asks: self.asks.to_vec(),
        }));
    }

    fn tell_delta(&mut self, before: &([Level; LEVELS], [Level; LEVELS])) {
        let (bids, asks) = (changes(&before.0, &self.bids), changes(&before.1, &self.asks));
        let previous = self.update_id;
        self.update_id += (bids.len() + asks.len()).max(1) as u64;
        self.ready.push_back(MarketEvent::Delta(Delta {
            grid: Self::grid(),
            ts_event: UnixNanos(self.time),
            ts_recv: self.received(),
            first_update_id: previous + 1,
            last_update_id: self.update_id,
            previous_update_id: self.options.chained.then_some(previous),
            bids,
            asks,
        }));
    }
}

impl Iterator for Market {
    type Item = MarketEvent;

    fn next(&mut self) -> Option<MarketEvent> {
        if self.ready.is_empty() && self.made < self.options.trades {
            self.step();
        }
        self.ready.pop_front()
    }
}

/// Quantity of a level: 0.05 to 6.
fn resting(random: &mut Random) -> i64 {
    LOT * (50 + random.below(1000) * (1 + random.below(6)))
}

fn level(price: i64, quantity: i64) -> Level {
    Level {
        price: Price::from_raw(price).unwrap_or_default(),
        quantity: Qty::from_raw(quantity).unwrap_or_default(),
    }
}

/// Puts a new best level in front.
fn insert(side: &mut [Level; LEVELS], best: Level) {
    side.rotate_right(1);
    side[0] = best;
}

/// Levels that are gone, with a quantity of 0, and those that are new or changed.
fn changes(before: &[Level], now: &[Level]) -> Vec<Level> {
    let gone = before.iter().filter(|old| now.iter().all(|level| level.price != old.price));
    let gone = gone.map(|old| Level { price: old.price, quantity: Qty::default() });
    gone.chain(now.iter().filter(|level| !before.contains(level)).copied()).collect()
}

#[cfg(test)]
mod tests {
    use feature_api::identity::Hasher;

    use super::*;
    use crate::OrderBook;

    #[test]
    fn the_same_seed_is_the_same_market_on_every_machine() {
        let hash = |options: MarketOptions| {
            let mut hasher = Hasher::new();
            Market::new(options).for_each(|event| hasher.update(format!("{event:?}\n").as_bytes()));
            hasher.finish().to_string()
        };
        let default = MarketOptions::default();
        assert_eq!(hash(default), hash(default));
        assert_ne!(hash(default), hash(MarketOptions { seed: 2, ..default }));
        let golden = "0c80a1cb6875a9fca4f8ad564c7586499463c1674ec4d183e8a5b03d1db90812";
        assert_eq!(hash(MarketOptions { duplicates: 10, late: 10, same_time: 50, ..default }), golden);
    }

    #[test]
    fn fewer_trades_are_a_prefix_of_more() {
        let of = |trades| Market::new(MarketOptions { trades, ..MarketOptions::default() });
        let few: Vec<_> = of(100).collect();
        assert_eq!(few, of(1_000).take(few.len()).collect::<Vec<_>>());
    }

    #[test]
    fn the_book_holds_together_and_trades_are_taken_from_it() {
        for chained in [false, true] {
            let options =
                MarketOptions { trades: 50_000, chained, same_time: 100, ..MarketOptions::default() };
            let mut book = OrderBook::new();
            let mut trades = 0;
            let (mut lowest, mut highest) = (i64::MAX, 0);
            for event in Market::new(options) {
                if let MarketEvent::Trade(trade) = &event {
                    trades += 1;
                    let raw = trade.price.raw();
                    (lowest, highest) = (lowest.min(raw), highest.max(raw));
                    // The book after the makers' changes comes with the trade's own, so a level may be one away.
                    let (bid, ask) = (book.best_bid().unwrap(), book.best_ask().unwrap());
                    assert!(raw >= bid.price.raw() - 5 * TICK && raw <= ask.price.raw() + 5 * TICK, "{raw}");
                }
                book.apply(&event).unwrap();
                assert!(book.is_usable());
                assert_eq!((book.bids().count(), book.asks().count()), (LEVELS, LEVELS));
            }
            assert_eq!(trades, 50_000);
            let counters = book.counters();
            assert_eq!((counters.gaps, counters.crossed, counters.old), (0, 0, 0));
            assert!(
                highest - lowest > 100 * TICK && lowest > LOWEST && highest < HIGHEST,
                "{lowest} {highest}"
            );
        }
    }

    #[test]
    fn what_comes_twice_late_or_together_is_counted() {
        let options = MarketOptions {
            trades: 10_000,
            duplicates: 20,
            late: 10,
            same_time: 100,
            book: false,
            ..MarketOptions::default()
        };
        let mut market = Market::new(options);
        let events: Vec<_> = market.by_ref().collect();
        let counts = market.counts();
        assert!((150..250).contains(&counts.duplicates), "{counts:?}");
        assert!((60..140).contains(&counts.late), "{counts:?}");
        assert!((900..1_100).contains(&counts.same_time), "{counts:?}");
        assert_eq!(events.len() as u64, 10_000 + counts.duplicates + counts.late);
        assert!(events.iter().all(|event| matches!(event, MarketEvent::Trade(_))));
    }
}
