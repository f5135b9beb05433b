//! Order flow of a bar at the best five levels of the book.

use feature_api::{MAX_RAW, Operator as _, RestoreError, StateReader, StateWriter};

use crate::arithmetic::quotient;
use crate::market::{Book, RawLevel};
use crate::operators::{BidAsk, OrderFlow};

/// Levels, by rank.
const RANKS: usize = 5;
/// More states of a book than a bar can see; up to here every product is below 2^127.
const STATES: u64 = 1 << 36;

/// The order flow of the bar in progress at each rank.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranks([Rank; RANKS]);

/// One rank.
#[derive(Debug, Clone, Default)]
struct Rank {
    changes: OrderFlow,
    /// A change was seen since bid and ask became known.
    is_warm: bool,
    /// Σ e over the bar.
    flow: i128,
    /// Σ (qb + qa) over the states of the book in the bar.
    depth: i128,
    /// Their number.
    states: u64,
}

/// Order flow of a closed bar.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BarFlow {
    /// Σ e at the best level, raw.
    pub(super) best: Option<i128>,
    /// The same over the mean depth.
    pub(super) best_norm: Option<f64>,
    /// The sum of that over all ranks.
    pub(super) multi: Option<f64>,
}

impl Ranks {
    /// Sees the book after an event; it may be one that cannot be used.
    #[inline]
    pub(super) fn see(&mut self, book: &Book) {
        for (index, rank) in self.0.iter_mut().enumerate() {
            match (book.bid(index), book.ask(index)) {
                (Some(bid), Some(ask)) => rank.see(BidAsk { bid, ask }),
                (_, None) | (None, Some(_)) => rank.lose(),
            }
        }
    }

    /// The flow of the bar that closes; the next one begins.
    pub(super) fn close(&mut self) -> BarFlow {
        let [best, deeper @ ..] = &mut self.0;
        let flow = best.is_warm.then_some(best.flow);
        let best_norm = best.close();
        // In order of rank. Every rank begins anew, whether or not one before it has a value.
        let multi = deeper.iter_mut().map(Rank::close).fold(best_norm, |sum, norm| Some(sum? + norm?));
        BarFlow { best: flow, best_norm, multi }
    }

    pub(super) fn save(&self, state: &mut StateWriter) {
        for rank in &self.0 {
            rank.changes.save(state);
            state.write_bool(rank.is_warm);
            state.write_i128(rank.flow);
            state.write_i128(rank.depth);
            state.write_u64(rank.states);
        }
    }

    pub(super) fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let mut ranks = Self::default();
        for rank in &mut ranks.0 {
            rank.changes.load(state)?;
            rank.is_warm = state.read_bool()?;
            rank.flow = state.read_i128()?;
            rank.depth = state.read_i128()?;
            rank.states = state.read_u64()?;
            if !rank.is_possible() {
                return Err(RestoreError::Invalid { what: "the order flow of a bar" });
            }
        }
        *self = ranks;
        Ok(())
    }
}

impl Rank {
    #[inline]
    fn see(&mut self, now: BidAsk) {
        if let Some(flow) = self.changes.update(now) {
            self.flow += i128::from(flow);
            self.is_warm = true;
        }
        self.depth += depth(now);
        self.states += 1;
    }

    /// What comes next is no change of what was before.
    fn lose(&mut self) {
        self.changes.reset();
        self.is_warm = false;
    }

    /// Flow over mean depth, `Σ e / (Σ (qb + qa) / (2·states))`, correctly rounded.
    fn close(&mut self) -> Option<f64> {
        let (flow, mut sum, mut states) = (self.flow, self.depth, self.states);
        (self.flow, self.depth, self.states) = (0, 0, 0);
        let last = self.changes.last().filter(|_| self.is_warm)?;
        if states == 0 {
            (sum, states) = (depth(last), 1);
        }
        Some(quotient(flow * 2 * i128::from(states), sum.unsigned_abs()))
    }

    fn is_possible(&self) -> bool {
        // What a state adds at most, to depth and to flow.
        let most = i128::from(self.states) * 2 * i128::from(MAX_RAW);
        let is_sum = (-most..=most).contains(&self.flow)
            && (2 * i128::from(self.states)..=most).contains(&self.depth)
            && self.states < STATES;
        is_sum && (!self.is_warm || self.changes.last().is_some())
    }
}

/// What rests on both sides.
const fn depth(
    BidAsk { bid: RawLevel { quantity: bid, .. }, ask: RawLevel { quantity: ask, .. } }: BidAsk,
) -> i128 {
    bid as i128 + ask as i128
}
