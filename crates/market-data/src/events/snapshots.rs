//! Snapshots of a book, one a row: a price and a quantity for each level.

use super::header::{Column, Header, Kind};
use super::quotes::UPDATE_ID;
use super::raw::{RawBody, RawEvent, RawLevel, RawSource};
use super::rows::{Input, Rows, id, price, quantity_above_zero};
use super::times::Times;
use super::trades::symbol_of;
use crate::number::CellError;
use crate::{EventOptions, MarketDataError, ProblemKind, layout};

/// Reads snapshots.
pub(crate) struct SnapshotRows {
    rows: Rows,
    times: Times,
    symbol: Option<Column>,
    update_id: Option<Column>,
    /// Columns of price and quantity, best level first.
    bids: Vec<(Column, Column)>,
    asks: Vec<(Column, Column)>,
}

/// A side of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Bids,
    Asks,
}

impl SnapshotRows {
    pub(crate) fn open(
        input: Input,
        mut header: Header,
        options: &EventOptions,
    ) -> Result<Self, MarketDataError> {
        let times = Times::find(&mut header, options, true)?;
        let bids = levels(&mut header, "bids", ("bid_price", "bid_quantity"))?;
        let asks = levels(&mut header, "asks", ("ask_price", "ask_quantity"))?;
        let needed = [
            ("time", times.is_some()),
            ("asks[0].price and asks[0].amount", !asks.is_empty()),
            ("bids[0].price and bids[0].amount", !bids.is_empty()),
        ];
        let (Some(times), false, false) = (times, bids.is_empty(), asks.is_empty()) else {
            return Err(header.missing(&needed));
        };
        Ok(Self {
            symbol: header.find("symbol", Kind::Word, &layout::SYMBOL)?,
            update_id: header.first("update_id", Kind::Word, &UPDATE_ID)?,
            rows: Rows::open(input, header)?,
            times,
            bids,
            asks,
        })
    }
}

/// The columns of a side, as far as there is one for each level.
fn levels(
    header: &mut Header,
    side: &str,
    fields: (&'static str, &'static str),
) -> Result<Vec<(Column, Column)>, MarketDataError> {
    let mut levels = Vec::new();
    loop {
        let level = levels.len();
        let price = header.find(fields.0, Kind::Number, &[&format!("{side}[{level}]_price")])?;
        let quantity = header.find(fields.1, Kind::Number, &[&format!("{side}[{level}]_amount")])?;
        match price.zip(quantity) {
            Some(columns) => levels.push(columns),
            None => return Ok(levels),
        }
    }
}

impl RawSource for SnapshotRows {
    fn next_raw(&mut self) -> Result<Option<RawEvent>, MarketDataError> {
        let Self { rows, times, .. } = self;
        if !rows.advance()? {
            return Ok(None);
        }
        let (ts_event, ts_recv) = times.read(rows, true)?;
        let symbol = self.symbol.and_then(|column| symbol_of(rows, column));
        let update_id = self.update_id.map_or(Some(0), |column| rows.read(column, id));
        let bids = read_levels(rows, &self.bids, Side::Bids);
        let asks = read_levels(rows, &self.asks, Side::Asks);
        let body = rows.end_row(update_id.map(|update_id| RawBody::Snapshot { update_id, bids, asks }))?;
        Ok(Some(RawEvent { line: rows.line(), symbol, ts_event, ts_recv, body }))
    }
}

/// The levels of a side that are there: best first, and none behind one that is not.
fn read_levels(rows: &mut Rows, columns: &[(Column, Column)], side: Side) -> Vec<RawLevel> {
    let mut levels: Vec<RawLevel> = Vec::with_capacity(columns.len());
    let mut has_ended = false;
    for &(at_price, at_quantity) in columns {
        if rows.value(at_price).is_empty() && rows.value(at_quantity).is_empty() {
            has_ended = true;
            continue;
        }
        let read = rows.read(at_price, price).zip(rows.read(at_quantity, quantity_above_zero));
        let Some(level) = read else { continue };
        if has_ended {
            let message = "there is a level behind one that is empty; expected empty cells at the end only";
            rows.take(at_price, Err::<(), _>(unordered(message.to_owned())));
        } else if let Some(before) = levels.last()
            && !is_behind(side, *before, level)
        {
            let direction = if side == Side::Bids { "below" } else { "above" };
            let message = format!(
                "{} is not {direction} {}, the price before it; expected levels best first, each price once",
                level.0.text(),
                before.0.text()
            );
            rows.take(at_price, Err::<(), _>(unordered(message)));
        }
        levels.push(level);
    }
    levels
}

fn unordered(message: String) -> CellError {
    CellError { kind: ProblemKind::Unparsable, message }
}

/// Whether a level comes behind another.
pub(super) fn is_behind(side: Side, before: RawLevel, level: RawLevel) -> bool {
    match side {
        Side::Bids => level.0 < before.0,
        Side::Asks => level.0 > before.0,
    }
}
