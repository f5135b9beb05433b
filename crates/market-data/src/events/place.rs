//! Exact decimals onto a grid: from events as they are read to events as they are given.

use feature_api::{Grid, GridError, Level, Price, Qty, Trade, UnixNanos};

use super::raw::{RawBody, RawEvent, RawLevel};
use crate::decimal::Decimal;
use crate::number::{self, CellError, NumberRule};
use crate::{Delta, MarketEvent, ProblemKind, Quote, Snapshot};

/// An event on the grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) event: MarketEvent,
    /// It is a trade that has no number yet.
    pub(crate) is_unnumbered: bool,
}

/// Puts an event onto a grid. Where one of its two times is missing the other stands in.
///
/// # Errors
/// [`CellError`] for a number that the grid does not hold, with its field.
pub(crate) fn place(raw: RawEvent, grid: Grid) -> Result<Placed, (&'static str, CellError)> {
    let (ts_event, ts_recv) = match (raw.ts_event, raw.ts_recv) {
        (Some(event), Some(recv)) => (event, recv),
        (Some(time), None) | (None, Some(time)) => (time, time),
        (None, None) => {
            let message =
                "the event has no time; expected when it happened or when it was received".to_owned();
            return Err(("time", CellError { kind: ProblemKind::MissingCell, message }));
        }
    };
    let (ts_event, ts_recv) = (UnixNanos(ts_event), UnixNanos(ts_recv));
    let mut is_unnumbered = false;
    let event = match raw.body {
        RawBody::Trade { trade_id, price, quantity, aggressor } => {
            is_unnumbered = trade_id.is_none();
            MarketEvent::Trade(Trade {
                grid,
                ts_event,
                ts_recv,
                trade_id: trade_id.unwrap_or_default(),
                price: on_price(price, grid)?,
                quantity: on_quantity(quantity, grid)?,
                aggressor,
            })
        }
        RawBody::Quote { update_id, bid, ask } => MarketEvent::Quote(Quote {
            grid,
            ts_event,
            ts_recv,
            update_id,
            bid: on_level(bid, grid)?,
            ask: on_level(ask, grid)?,
        }),
        RawBody::Snapshot { update_id, bids, asks } => MarketEvent::Snapshot(Snapshot {
            grid,
            ts_event,
            ts_recv,
            update_id,
            bids: on_levels(&bids, grid)?,
            asks: on_levels(&asks, grid)?,
        }),
        RawBody::Delta { first_update_id, last_update_id, previous_update_id, bids, asks } => {
            MarketEvent::Delta(Delta {
                grid,
                ts_event,
                ts_recv,
                first_update_id,
                last_update_id,
                previous_update_id,
                bids: on_levels(&bids, grid)?,
                asks: on_levels(&asks, grid)?,
            })
        }
    };
    Ok(Placed { event, is_unnumbered })
}

type Fielded<T> = Result<T, (&'static str, CellError)>;

fn on_levels(levels: &[RawLevel], grid: Grid) -> Fielded<Vec<Level>> {
    levels.iter().map(|level| on_level(*level, grid)).collect()
}

fn on_level((price, quantity): RawLevel, grid: Grid) -> Fielded<Level> {
    Ok(Level { price: on_price(price, grid)?, quantity: on_quantity(quantity, grid)? })
}

fn on_price(price: Decimal, grid: Grid) -> Fielded<Price> {
    on_grid(price, "price", "--price-decimals", grid.price_scale(), Price::from_raw)
}

fn on_quantity(quantity: Decimal, grid: Grid) -> Fielded<Qty> {
    on_grid(quantity, "quantity", "--qty-decimals", grid.qty_scale(), Qty::from_raw)
}

fn on_grid<T>(
    value: Decimal,
    what: &'static str,
    option: &'static str,
    scale: u8,
    make: fn(i64) -> Result<T, GridError>,
) -> Fielded<T> {
    if let Some(Ok(made)) = value.raw(scale).map(make) {
        return Ok(made);
    }
    // The readers of bars say why in the same words.
    let rule = NumberRule { what, option, scale: Some(scale), noise: None };
    Err((
        what,
        number::from_text(value.text().as_bytes(), &rule).err().unwrap_or_else(|| CellError {
            kind: ProblemKind::OutOfRange,
            message: format!("{}: no {what} that the grid of {scale} decimals holds", value.text()),
        }),
    ))
}
