//! The venue as its feed shows it: the book, and what of it our own fills have used up.

use feature_api::{
    AggressorSide, BookDelta, BookSnapshot, Level, Price, Qty, RestoreError, StateReader, StateWriter,
};
use market_data::{BookError, Change, OrderBook};

/// The order book, what of it is known, and what of it was taken already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Venue {
    pub(super) book: OrderBook,
    /// The worst bid and ask of the last snapshot: up to there every level is known.
    reach: [Option<Price>; 2],
    pub(super) taken: TakenLevels,
}

/// The levels that takers of ours have used, and that have not changed since.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct TakenLevels(Vec<Taken>);

/// A level that takers of ours have used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Taken {
    side: AggressorSide,
    price: Price,
    /// What it displayed then: another quantity is the venue's next update of it.
    displayed: Qty,
    /// In the unit of [`Volumes`](super::volume::Volumes), above 0.
    volume: i128,
}

impl Venue {
    pub(super) fn new() -> Self {
        Self { taken: TakenLevels(Vec::with_capacity(TakenLevels::ROOM)), ..Self::default() }
    }

    /// Replaces the book; whether it can be used.
    pub(super) fn snapshot(&mut self, snapshot: &BookSnapshot<'_>) -> Result<bool, BookError> {
        self.book.snapshot(snapshot)?;
        self.reach = [snapshot.bids, snapshot.asks].map(|side| side.last().map(|level| level.price));
        self.refresh();
        Ok(self.book.is_usable())
    }

    /// Changes the book; whether it did, and can be used.
    pub(super) fn delta(&mut self, delta: &BookDelta<'_>) -> Result<bool, BookError> {
        let change = self.book.delta(delta)?;
        self.refresh();
        Ok(change == Change::Updated)
    }

    /// What the book displays at a price where orders of that side rest; `None` where that is not known: beyond the
    /// levels that the venue has told of.
    pub(super) fn displayed(&self, side: AggressorSide, price: Price) -> Option<Qty> {
        let quantity = self.book.quantity_at(side, price);
        let [bids_to, asks_to] = self.reach;
        let is_known = match side {
            AggressorSide::Buy => {
                self.book.best_bid().is_some_and(|best| price > best.price)
                    || bids_to.is_some_and(|worst| price >= worst)
            }
            AggressorSide::Sell => {
                self.book.best_ask().is_some_and(|best| price < best.price)
                    || asks_to.is_some_and(|worst| price <= worst)
            }
        };
        (self.book.is_usable() && (is_known || quantity.raw() != 0)).then_some(quantity)
    }

    /// The best level that a buyer or a seller could take.
    pub(super) fn touch(&self, is_buy: bool) -> Option<Level> {
        if is_buy { self.book.best_ask() } else { self.book.best_bid() }
    }

    /// Forgets what was taken of levels that have changed; a book that cannot be used changes none.
    fn refresh(&mut self) {
        let Self { book, taken, .. } = self;
        if book.is_usable() {
            taken.0.retain(|taken| book.quantity_at(taken.side, taken.price) == taken.displayed);
        }
    }

    pub(super) fn save(&self, state: &mut StateWriter) {
        self.book.save(state);
        for price in self.reach {
            save_price(price, state);
        }
        state.write_u64(self.taken.0.len() as u64);
        for taken in &self.taken.0 {
            state.write_bool(taken.side == AggressorSide::Buy);
            state.write_i64(taken.price.raw());
            state.write_i64(taken.displayed.raw());
            state.write_i128(taken.volume);
        }
    }

    pub(super) fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let mut venue = Self { book: OrderBook::load(state)?, ..Self::new() };
        for price in &mut venue.reach {
            *price = load_price_if_any(state)?;
        }
        for _ in 0..state.read_u64()? {
            let side = if state.read_bool()? { AggressorSide::Buy } else { AggressorSide::Sell };
            let price = load_price(state.read_i64()?)?;
            let displayed = Qty::from_raw(state.read_i64()?)
                .map_err(|_| RestoreError::Invalid { what: "a quantity from 0 to 2^53 steps" })?;
            let volume = state.read_i128()?;
            let is_new = venue.taken.volume(side, price) == 0;
            let is_current = !venue.book.is_usable() || venue.book.quantity_at(side, price) == displayed;
            if volume <= 0 || !is_new || !is_current {
                return Err(RestoreError::Invalid { what: "levels of the book that were taken, each once" });
            }
            venue.taken.0.push(Taken { side, price, displayed, volume });
        }
        Ok(venue)
    }
}

impl TakenLevels {
    /// Levels for which room is kept from the beginning.
    const ROOM: usize = 32;

    /// What was taken of a level.
    pub(super) fn volume(&self, side: AggressorSide, price: Price) -> i128 {
        let at = self.0.iter().find(|taken| taken.side == side && taken.price == price);
        at.map_or(0, |taken| taken.volume)
    }

    /// Takes from a level.
    pub(super) fn add(&mut self, side: AggressorSide, level: Level, volume: i128) {
        match self.0.iter_mut().find(|taken| taken.side == side && taken.price == level.price) {
            Some(taken) => taken.volume = taken.volume.saturating_add(volume),
            None => self.0.push(Taken { side, price: level.price, displayed: level.quantity, volume }),
        }
    }
}

pub(super) fn load_price(raw: i64) -> Result<Price, RestoreError> {
    Price::from_raw(raw).map_err(|_| RestoreError::Invalid { what: "a price within 2^53 steps" })
}

pub(super) fn save_price(price: Option<Price>, state: &mut StateWriter) {
    state.write_bool(price.is_some());
    if let Some(price) = price {
        state.write_i64(price.raw());
    }
}

pub(super) fn load_price_if_any(state: &mut StateReader<'_>) -> Result<Option<Price>, RestoreError> {
    if state.read_bool()? { load_price(state.read_i64()?).map(Some) } else { Ok(None) }
}
