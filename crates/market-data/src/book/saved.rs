//! The order book as bytes.

use std::collections::BTreeMap;

use feature_api::{Grid, GridError, Price, Qty, RestoreError, StateReader, StateWriter};

use super::{BookCounters, BookState, OrderBook};

impl OrderBook {
    /// Writes the whole book.
    pub fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.grid.is_some());
        let grid = self.grid.unwrap_or_default();
        state.write_u64(u64::from(grid.price_scale()));
        state.write_u64(u64::from(grid.qty_scale()));
        state.write_u64(match self.state {
            BookState::Empty => 0,
            BookState::Usable => 1,
            BookState::Gapped => 2,
            BookState::Crossed => 3,
        });
        state.write_bool(self.is_fresh);
        state.write_u64(self.last_update_id);
        let BookCounters { snapshots, deltas, old, gaps, crossed, unusable } = self.counters;
        for count in [snapshots, deltas, old, gaps, crossed, unusable] {
            state.write_u64(count);
        }
        for levels in [&self.bids, &self.asks] {
            state.write_u64(levels.len() as u64);
            for (price, quantity) in levels {
                state.write_i64(price.raw());
                state.write_i64(quantity.raw());
            }
        }
    }

    /// Reads a book that [`save`](Self::save) has written.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such book, or one that no run can have produced.
    pub fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let has_grid = state.read_bool()?;
        let grid = read_grid(state)?;
        let book_state = match state.read_u64()? {
            0 => BookState::Empty,
            1 => BookState::Usable,
            2 => BookState::Gapped,
            3 => BookState::Crossed,
            _ => return Err(RestoreError::Invalid { what: "a state of an order book" }),
        };
        let is_fresh = state.read_bool()?;
        let last_update_id = state.read_u64()?;
        let mut counts = [0; 6];
        for count in &mut counts {
            *count = state.read_u64()?;
        }
        let [snapshots, deltas, old, gaps, crossed, unusable] = counts;
        let book = Self {
            grid: has_grid.then_some(grid),
            state: book_state,
            is_fresh,
            last_update_id,
            bids: read_levels(state)?,
            asks: read_levels(state)?,
            counters: BookCounters { snapshots, deltas, old, gaps, crossed, unusable },
        };
        let no_levels = book.bids.is_empty() && book.asks.is_empty() && !is_fresh;
        let is_possible = match book_state {
            BookState::Empty => !has_grid && no_levels && last_update_id == 0 && snapshots == 0,
            BookState::Usable => has_grid && !book.is_crossed(),
            BookState::Gapped | BookState::Crossed => has_grid && no_levels,
        };
        if is_possible {
            Ok(book)
        } else {
            Err(RestoreError::Invalid { what: "an order book whose levels go with its state" })
        }
    }
}

fn read_grid(state: &mut StateReader<'_>) -> Result<Grid, RestoreError> {
    const WHAT: RestoreError = RestoreError::Invalid { what: "decimals of a grid" };
    let price = u8::try_from(state.read_u64()?).map_err(|_| WHAT)?;
    let quantity = u8::try_from(state.read_u64()?).map_err(|_| WHAT)?;
    Grid::new(price, quantity).map_err(|_| WHAT)
}

fn read_levels(state: &mut StateReader<'_>) -> Result<BTreeMap<Price, Qty>, RestoreError> {
    const WHAT: RestoreError = RestoreError::Invalid { what: "levels by rising price, each with a quantity" };
    let wrap = |_: GridError| WHAT;
    let mut levels = BTreeMap::new();
    for _ in 0..state.read_u64()? {
        let price = Price::from_raw(state.read_i64()?).map_err(wrap)?;
        let quantity = Qty::from_raw(state.read_i64()?).map_err(wrap)?;
        let rises = levels.last_key_value().is_none_or(|(last, _)| *last < price);
        if !rises || quantity.raw() == 0 {
            return Err(WHAT);
        }
        levels.insert(price, quantity);
    }
    Ok(levels)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{book, delta, level};
    use super::*;

    #[test]
    fn a_book_is_saved_whole() {
        let mut gapped = book();
        gapped.delta(&delta(12, 12, None)).unwrap();
        for book in [OrderBook::new(), book(), gapped] {
            let mut writer = StateWriter::new();
            book.save(&mut writer);
            let bytes = writer.into_bytes();
            let mut reader = StateReader::new(&bytes);
            assert_eq!(OrderBook::load(&mut reader), Ok(book.clone()));
            assert_eq!(reader.finish(), Ok(()));
            for end in 0..bytes.len() {
                let part = bytes.get(..end).unwrap();
                assert_eq!(OrderBook::load(&mut StateReader::new(part)), Err(RestoreError::Truncated));
            }
        }
    }

    #[test]
    fn a_state_that_no_run_has_is_refused() {
        let bytes = |book: &OrderBook| {
            let mut writer = StateWriter::new();
            book.save(&mut writer);
            writer.into_bytes()
        };
        let whole = "an order book whose levels go with its state";
        let mut crossed = book();
        crossed.asks.insert(level(99, 0).price, level(0, 1).quantity);
        let mut gapped = book();
        gapped.state = BookState::Gapped;
        let mut empty = book();
        empty.bids.insert(level(98, 0).price, Qty::default());
        let mut wrong = OrderBook::new();
        wrong.last_update_id = 3;
        for (book, what) in [
            (crossed, whole),
            (gapped, whole),
            (wrong, whole),
            (empty, "levels by rising price, each with a quantity"),
        ] {
            let bytes = bytes(&book);
            let error = OrderBook::load(&mut StateReader::new(&bytes)).unwrap_err();
            assert_eq!(error, RestoreError::Invalid { what });
        }
    }
}
