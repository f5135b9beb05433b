//! A side of an order book: a sorted array with the best level at its end, where books change most.

use feature_api::{Level, MAX_RAW, RestoreError, StateReader, StateWriter};

use super::{Book, RawLevel};

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The higher price.
    Bids,
    /// The lower price.
    Asks,
}

impl Order {
    /// A number that is larger for a better price.
    #[inline]
    pub(super) const fn key(self, price: i64) -> i64 {
        match self {
            Self::Bids => price,
            Self::Asks => -price,
        }
    }
}

/// Levels that are forgotten when there are more than [`Book::LEVELS`].
const FORGOTTEN: usize = Book::LEVELS / 8;

/// Levels of a side; prices as [`Order::key`]s.
#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    /// Worst first.
    levels: Vec<RawLevel>,
    /// Nothing below this key is taken, for there a level was forgotten.
    floor: Option<i64>,
}

impl Side {
    /// Forgets everything and takes the best levels; they are sorted best first.
    pub(super) fn replace(&mut self, order: Order, levels: &[Level]) {
        self.clear();
        self.levels.reserve_exact(Book::LEVELS);
        let kept = levels.iter().take(Book::LEVELS).rev();
        self.levels.extend(
            kept.map(|level| RawLevel {
                price: order.key(level.price.raw()),
                quantity: level.quantity.raw(),
            }),
        );
        if levels.len() > Book::LEVELS {
            self.floor = self.levels.first().map(|worst| worst.price);
        }
    }

    /// Sets what rests at a price; 0 removes the level.
    #[inline]
    pub(super) fn set(&mut self, order: Order, level: &Level) {
        let (key, quantity) = (order.key(level.price.raw()), level.quantity.raw());
        let place = self.place(key);
        match self.levels.get_mut(place) {
            Some(found) if found.price == key => {
                if quantity == 0 {
                    self.levels.remove(place);
                } else {
                    found.quantity = quantity;
                }
            }
            Some(_) | None if quantity > 0 => self.insert(place, RawLevel { price: key, quantity }),
            Some(_) | None => {}
        }
    }

    /// Where a key is or would be: the levels near the best first, then by halves.
    #[inline]
    fn place(&self, key: i64) -> usize {
        const NEAR: usize = 8;
        let start = self.levels.len().saturating_sub(NEAR);
        match self.levels.get(start) {
            Some(level) if level.price < key => {
                let worse = self.levels.iter().rev().take_while(|level| level.price >= key).count();
                self.levels.len() - worse
            }
            Some(_) | None => self.levels.partition_point(|level| level.price < key),
        }
    }

    fn insert(&mut self, place: usize, level: RawLevel) {
        if self.floor.is_some_and(|floor| level.price < floor) {
            return;
        }
        let place = if self.levels.len() < Book::LEVELS {
            place
        } else {
            // Many at once, so that a full side does not move as a whole at every new level.
            self.levels.drain(..FORGOTTEN);
            self.floor = self.levels.first().map(|worst| worst.price);
            match place.checked_sub(FORGOTTEN) {
                Some(place) if place > 0 => place,
                Some(_) | None => return,
            }
        };
        self.levels.insert(place, level);
    }

    /// The level of that rank, 0 the best.
    #[inline]
    pub(super) fn at(&self, order: Order, rank: usize) -> Option<RawLevel> {
        let place = self.levels.len().checked_sub(rank)?.checked_sub(1)?;
        let RawLevel { price, quantity } = *self.levels.get(place)?;
        Some(RawLevel { price: order.key(price), quantity })
    }

    pub(super) fn clear(&mut self) {
        self.levels.clear();
        self.floor = None;
    }

    /// Whether it is as after [`Side::clear`].
    pub(super) fn is_new(&self) -> bool {
        self.levels.is_empty() && self.floor.is_none()
    }

    pub(super) fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.floor.is_some());
        state.write_i64(self.floor.unwrap_or_default());
        state.write_u64(self.levels.len() as u64);
        for level in &self.levels {
            state.write_i64(level.price);
            state.write_i64(level.quantity);
        }
    }

    pub(super) fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        const WHAT: RestoreError =
            RestoreError::Invalid { what: "levels of an order book, worst first, each with a quantity" };
        let has_floor = state.read_bool()?;
        let floor = has_floor.then_some(state.read_i64()?);
        let count = state.read_u64()?;
        if count > Book::LEVELS as u64 || floor.is_some_and(|floor| !(-MAX_RAW..=MAX_RAW).contains(&floor)) {
            return Err(WHAT);
        }
        let mut side = Self { levels: Vec::with_capacity(Book::LEVELS), floor };
        let mut least = floor.unwrap_or(-MAX_RAW);
        for _ in 0..count {
            let level = RawLevel { price: state.read_i64()?, quantity: state.read_i64()? };
            if level.price < least || level.price > MAX_RAW || !(1..=MAX_RAW).contains(&level.quantity) {
                return Err(WHAT);
            }
            least = level.price + 1;
            side.levels.push(level);
        }
        Ok(side)
    }
}
