//! Order flow at a level of the book.

use feature_api::{MAX_RAW, Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::market::RawLevel;
use crate::window::read_raw;

/// Bid and ask of one rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BidAsk {
    /// Bid.
    pub bid: RawLevel,
    /// Ask.
    pub ask: RawLevel,
}

/// What a change of bid and ask adds to demand, less what it adds to supply, in raw quantity.
///
/// - **Formula**: `e = 1[Pb ≥ Pb₋₁]·qb − 1[Pb ≤ Pb₋₁]·qb₋₁ − 1[Pa ≤ Pa₋₁]·qa + 1[Pa ≥ Pa₋₁]·qa₋₁`, exact.
/// - **Parameters**: none.
/// - **Warm-up**: 1.
/// - **Degenerate**: none.
/// - **Source**: R. Cont, A. Kukanov and S. Stoikov, The Price Impact of Order Book Events (2014).
#[derive(Debug, Clone, Default)]
pub struct OrderFlow {
    last: Option<BidAsk>,
}

impl OrderFlow {
    /// The flow of one rank.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// Bid and ask as they stand.
    #[inline]
    #[must_use]
    pub const fn last(&self) -> Option<BidAsk> {
        self.last
    }
}

/// Reads a level with a quantity.
fn read_level(state: &mut StateReader<'_>) -> Result<RawLevel, RestoreError> {
    let level = RawLevel { price: read_raw(state)?, quantity: read_raw(state)? };
    if (1..=MAX_RAW).contains(&level.quantity) {
        Ok(level)
    } else {
        Err(RestoreError::Invalid { what: "a level of the book with a quantity" })
    }
}

impl Operator for OrderFlow {
    type Input = BidAsk;
    type Output = i64;

    #[inline]
    fn update(&mut self, now: BidAsk) -> Option<i64> {
        let BidAsk { bid, ask } = self.last.replace(now)?;
        let mut flow = 0;
        if now.bid.price >= bid.price {
            flow += now.bid.quantity;
        }
        if now.bid.price <= bid.price {
            flow -= bid.quantity;
        }
        if now.ask.price <= ask.price {
            flow -= now.ask.quantity;
        }
        if now.ask.price >= ask.price {
            flow += ask.quantity;
        }
        Some(flow)
    }

    fn warm_up(&self) -> usize {
        1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: 2 }
    }

    fn reset(&mut self) {
        self.last = None;
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.last.is_some());
        if let Some(BidAsk { bid, ask }) = self.last {
            for level in [bid, ask] {
                state.write_i64(level.price);
                state.write_i64(level.quantity);
            }
        }
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        if state.read_bool()? {
            let last = BidAsk { bid: read_level(state)?, ask: read_level(state)? };
            if last.bid.price >= last.ask.price {
                return Err(RestoreError::Invalid { what: "a bid below the ask" });
            }
            self.last = Some(last);
        }
        Ok(())
    }
}
