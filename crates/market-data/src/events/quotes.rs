//! Quotes: the best bid and ask, one pair a row.

use super::header::{Column, Header, Kind};
use super::raw::{RawBody, RawEvent, RawLevel, RawSource};
use super::rows::{Input, Rows, id, price, quantity};
use super::times::Times;
use super::trades::symbol_of;
use crate::decimal::Decimal;
use crate::{EventOptions, MarketDataError, layout};

pub(super) const BID_PRICE: [&str; 5] = ["bid_price", "best_bid_price", "bid", "bid_px", "best_bid"];
pub(super) const ASK_PRICE: [&str; 5] = ["ask_price", "best_ask_price", "ask", "ask_px", "best_ask"];
const BID_QUANTITY: [&str; 7] =
    ["bid_qty", "best_bid_qty", "bid_quantity", "bid_amount", "bid_size", "bid_sz", "bid_volume"];
const ASK_QUANTITY: [&str; 7] =
    ["ask_qty", "best_ask_qty", "ask_quantity", "ask_amount", "ask_size", "ask_sz", "ask_volume"];
pub(super) const UPDATE_ID: [&str; 2] = ["update_id", "last_update_id"];

/// Reads quotes.
pub(crate) struct QuoteRows {
    rows: Rows,
    times: Times,
    symbol: Option<Column>,
    update_id: Option<Column>,
    bid: (Column, Column),
    ask: (Column, Column),
}

impl QuoteRows {
    pub(crate) fn open(
        input: Input,
        mut header: Header,
        options: &EventOptions,
    ) -> Result<Self, MarketDataError> {
        let times = Times::find(&mut header, options, true)?;
        let bid_price = header.find("bid_price", Kind::Number, &BID_PRICE)?;
        let bid_quantity = header.find("bid_quantity", Kind::Number, &BID_QUANTITY)?;
        let ask_price = header.find("ask_price", Kind::Number, &ASK_PRICE)?;
        let ask_quantity = header.find("ask_quantity", Kind::Number, &ASK_QUANTITY)?;
        let needed = [
            ("time", times.is_some()),
            ("bid_price", bid_price.is_some()),
            ("bid_quantity", bid_quantity.is_some()),
            ("ask_price", ask_price.is_some()),
            ("ask_quantity", ask_quantity.is_some()),
        ];
        let (Some(times), Some(bid), Some(ask)) =
            (times, bid_price.zip(bid_quantity), ask_price.zip(ask_quantity))
        else {
            return Err(header.missing(&needed));
        };
        Ok(Self {
            symbol: header.find("symbol", Kind::Word, &layout::SYMBOL)?,
            update_id: header.first("update_id", Kind::Word, &UPDATE_ID)?,
            rows: Rows::open(input, header)?,
            times,
            bid,
            ask,
        })
    }
}

impl RawSource for QuoteRows {
    fn next_raw(&mut self) -> Result<Option<RawEvent>, MarketDataError> {
        let Self { rows, times, .. } = self;
        if !rows.advance()? {
            return Ok(None);
        }
        let (ts_event, ts_recv) = times.read(rows, true)?;
        let symbol = self.symbol.and_then(|column| symbol_of(rows, column));
        let update_id = self.update_id.map_or(Some(0), |column| rows.read(column, id));
        let bid = level(rows, self.bid);
        let ask = level(rows, self.ask);
        let body =
            update_id.zip(bid).zip(ask).map(|((update_id, bid), ask)| RawBody::Quote { update_id, bid, ask });
        let body = rows.end_row(body)?;
        Ok(Some(RawEvent { line: rows.line(), symbol, ts_event, ts_recv, body }))
    }
}

/// A price and its quantity; nothing at 0 where both cells are empty, for then that side is.
fn level(rows: &mut Rows, columns: (Column, Column)) -> Option<RawLevel> {
    if rows.value(columns.0).is_empty() && rows.value(columns.1).is_empty() {
        return Some((Decimal::default(), Decimal::default()));
    }
    let price = rows.read(columns.0, price);
    let quantity = rows.read(columns.1, quantity);
    price.zip(quantity)
}
