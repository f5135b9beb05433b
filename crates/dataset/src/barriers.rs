//! Which barrier is touched first.

use feature_api::{Bar, Price};

use crate::finer::{Difference, difference, inside};
use crate::{Barriers, TradeSide};

/// What a bar touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touch {
    Neither,
    Profit,
    Loss,
    Both,
}

/// What finer bars tell of a bar that touches both barriers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tie<'a> {
    /// Which barrier came first.
    Decided,
    /// Nothing: one of them touches both.
    Undecided,
    /// Nothing: the bar is not made of them.
    Unmatched(&'a Bar, Difference),
}

/// 1, −1 or 0 for an entry at the close of `entry`, which is above 0, with `future` behind it; and whether a bar that
/// touches both barriers decided.
pub(crate) fn first_touch<'a>(
    barriers: &Barriers,
    entry: &Bar,
    future: &'a [Bar],
    finer: Option<&[Bar]>,
) -> (f64, Option<Tie<'a>>) {
    for bar in future {
        match touch(barriers, entry, bar) {
            Touch::Neither => {}
            Touch::Profit => return (1.0, None),
            Touch::Loss => return (-1.0, None),
            Touch::Both => {
                let (label, tie) = first_inside(barriers, entry, bar, inside(bar, finer.unwrap_or_default()));
                return (label, Some(tie));
            }
        }
    }
    (0.0, None)
}

/// What the first of the finer bars inside `bar` that touches anything tells; the loss where it cannot tell.
fn first_inside<'a>(barriers: &Barriers, entry: &Bar, bar: &'a Bar, finer: &[Bar]) -> (f64, Tie<'a>) {
    if let Some(difference) = difference(bar, finer) {
        return (-1.0, Tie::Unmatched(bar, difference));
    }
    for bar in finer {
        match touch(barriers, entry, bar) {
            Touch::Neither => {}
            Touch::Profit => return (1.0, Tie::Decided),
            Touch::Loss => return (-1.0, Tie::Decided),
            Touch::Both => return (-1.0, Tie::Undecided),
        }
    }
    // One of them has the bar's high and one its low, so one touches.
    (-1.0, Tie::Undecided)
}

/// What `bar` touches.
fn touch(barriers: &Barriers, entry: &Bar, bar: &Bar) -> Touch {
    let (up, down) = (rise(entry, bar, bar.high()), -rise(entry, bar, bar.low()));
    let (profit, loss) = match barriers.side {
        TradeSide::Long => (up >= barriers.profit, down >= barriers.loss),
        TradeSide::Short => (down >= barriers.profit, up >= barriers.loss),
    };
    match (profit, loss) {
        (false, false) => Touch::Neither,
        (true, false) => Touch::Profit,
        (false, true) => Touch::Loss,
        (true, true) => Touch::Both,
    }
}

/// `(price − close) / close` of the close of `entry`, which is above 0, and a price of `bar`.
///
/// One division of integers that an f64 holds (below 2^53, after the coarser grid of the two was made the finer), so
/// it is rounded once: the same prices on another grid give the same bits, and a price that lies exactly a decimal
/// fraction away gives the float nearest to that fraction, which is what its text is read as.
pub(crate) fn rise(entry: &Bar, bar: &Bar, price: Price) -> f64 {
    let (scale, entry_scale) = (bar.grid().price_scale(), entry.grid().price_scale());
    if scale == entry_scale {
        let close = entry.close().raw();
        return (price.raw() - close) as f64 / close as f64;
    }
    let finest = scale.max(entry_scale);
    // At most 2^53 · 10^16, which fits.
    let steps = |raw: i64, scale: u8| i128::from(raw) * 10_i128.pow(u32::from(finest - scale));
    let close = steps(entry.close().raw(), entry_scale);
    (steps(price.raw(), scale) - close) as f64 / close as f64
}
