//! What the book says as it stands: shared by the sets that look at it.

use crate::arithmetic::quotient;
use crate::market::Book;

/// Best bid and ask, and what follows from them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Touch {
    /// 10,000·(ask − bid)/mid.
    pub(super) spread_bps: f64,
    /// 10,000·(microprice/mid − 1).
    pub(super) microprice_offset_bps: f64,
}

impl Touch {
    /// Of a book that can be used and has both sides.
    pub(super) fn of(book: &Book) -> Option<Self> {
        let (bid, ask) = (book.bid(0)?, book.ask(0)?);
        let (spread, twice_mid) = (i128::from(ask.price - bid.price), i128::from(ask.price + bid.price));
        if twice_mid <= 0 {
            return Some(Self { spread_bps: 0.0, microprice_offset_bps: 0.0 });
        }
        let mid = twice_mid.unsigned_abs();
        let (more, both) = (bid.quantity - ask.quantity, bid.quantity + ask.quantity);
        // (b·qa + a·qb)/(qa + qb) is away from (a + b)/2 by (a − b)·(qb − qa)/(2·(qa + qb)). All below 2^122.
        Some(Self {
            spread_bps: quotient(20_000 * spread, mid),
            microprice_offset_bps: quotient(
                10_000 * spread * i128::from(more),
                mid * u128::from(both.unsigned_abs()),
            ),
        })
    }
}

/// Σ quantity of the best bids and of the best asks; `None` where the book does not know that many on both sides.
pub(super) fn depth(book: &Book, levels: usize) -> Option<(i128, i128)> {
    let (mut bids, mut asks) = (0, 0);
    for rank in 0..levels {
        bids += i128::from(book.bid(rank)?.quantity);
        asks += i128::from(book.ask(rank)?.quantity);
    }
    Some((bids, asks))
}

/// (Σ bid − Σ ask)/(Σ bid + Σ ask) over the best levels.
pub(super) fn imbalance(book: &Book, levels: usize) -> Option<f64> {
    let (bids, asks) = depth(book, levels)?;
    Some(quotient(bids - asks, (bids + asks).unsigned_abs()))
}
