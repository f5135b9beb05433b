//! Trades: one a row, whoever's columns they are.

use feature_api::AggressorSide;

use super::header::{Column, Header, Kind};
use super::raw::{RawBody, RawEvent, RawSource};
use super::rows::{Input, Rows, Value, digits, empty, id, price, quantity_above_zero};
use super::times::Times;
use crate::number::{CellError, shown};
use crate::{EventFormat, EventOptions, MarketDataError, ProblemKind, layout};

/// Names of the trade's number.
const ID: [&str; 6] = ["id", "trade_id", "tradeid", "agg_trade_id", "trdmatchid", "trade_number"];
pub(super) const PRICE: [&str; 4] = ["price", "p", "px", "trade_price"];
const QUANTITY: [&str; 8] = ["qty", "quantity", "amount", "size", "volume", "vol", "q", "trade_size"];
/// Names of a column that says who took.
const AGGRESSOR: [&str; 5] = ["side", "aggressor", "aggressor_side", "taker_side", "direction"];
/// Names of a column that says whether the buyer was the one who waited.
pub(super) const BUYER_IS_MAKER: [&str; 4] = ["is_buyer_maker", "isbuyermaker", "buyer_is_maker", "m"];

/// Reads trades.
pub(crate) struct TradeRows {
    rows: Rows,
    times: Times,
    symbol: Option<Column>,
    id: Option<Column>,
    price: Column,
    quantity: Column,
    side: Column,
    rules: Rules,
}

/// How two columns are read.
#[derive(Debug, Clone, Copy)]
struct Rules {
    side: fn(Value<'_>) -> Result<AggressorSide, CellError>,
    id: fn(Value<'_>) -> Result<u64, CellError>,
}

impl TradeRows {
    pub(crate) fn open(
        input: Input,
        mut header: Header,
        options: &EventOptions,
    ) -> Result<Self, MarketDataError> {
        let times = Times::find(&mut header, options, false)?;
        let price = header.find("price", Kind::Number, &PRICE)?;
        let quantity = header.find("quantity", Kind::Number, &QUANTITY)?;
        let taker = header.find("side", Kind::Word, &AGGRESSOR)?;
        let maker = header.find("side", Kind::Word, &BUYER_IS_MAKER)?;
        if let (Some(taker), Some(maker)) = (taker, maker) {
            let found =
                [taker, maker].into_iter().filter_map(|column| header.names.get(column.index).cloned());
            return Err(MarketDataError::AmbiguousEventColumns {
                path: header.path,
                role: "side",
                found: found.collect(),
            });
        }
        let side = taker.or(maker);
        let needed = [
            ("time", times.is_some()),
            ("price", price.is_some()),
            ("quantity", quantity.is_some()),
            ("side", side.is_some()),
        ];
        let (Some(times), Some(price), Some(quantity), Some(side)) = (times, price, quantity, side) else {
            return Err(header.missing(&needed));
        };
        let rules = Rules {
            side: if maker.is_some() { side_of_maker } else { side_of_taker },
            id: match header.format {
                EventFormat::ExchangeTrades | EventFormat::ExchangeAggTrades => id,
                EventFormat::TardisTrades
                | EventFormat::GenericTrades
                | EventFormat::ExchangeBookTicker
                | EventFormat::ExchangeDepth
                | EventFormat::Capture
                | EventFormat::TardisQuotes
                | EventFormat::TardisSnapshots
                | EventFormat::GenericQuotes => id_or_hash,
            },
        };
        Ok(Self {
            symbol: header.find("symbol", Kind::Word, &layout::SYMBOL)?,
            id: header.find("id", Kind::Word, &ID)?,
            rows: Rows::open(input, header)?,
            times,
            price,
            quantity,
            side,
            rules,
        })
    }
}

impl RawSource for TradeRows {
    fn next_raw(&mut self) -> Result<Option<RawEvent>, MarketDataError> {
        let Self { rows, times, rules, .. } = self;
        if !rows.advance()? {
            return Ok(None);
        }
        let (ts_event, ts_recv) = times.read(rows, false)?;
        let symbol = self.symbol.and_then(|column| symbol_of(rows, column));
        let trade_id = self.id.map(|column| rows.read(column, rules.id));
        let price = rows.read(self.price, price);
        let quantity = rows.read(self.quantity, quantity_above_zero);
        let aggressor = rows.read(self.side, rules.side);
        let body = price.zip(quantity).zip(aggressor).map(|((price, quantity), aggressor)| RawBody::Trade {
            trade_id: trade_id.flatten(),
            price,
            quantity,
            aggressor,
        });
        let body = rows.end_row(body)?;
        Ok(Some(RawEvent { line: rows.line(), symbol, ts_event, ts_recv, body }))
    }
}

/// The instrument of a row.
pub(super) fn symbol_of(rows: &mut Rows, column: Column) -> Option<Box<str>> {
    rows.read(column, |value| {
        value.with_text(|text| {
            if text.is_empty() {
                Err(empty("an instrument"))
            } else {
                Ok(String::from_utf8_lossy(text).into())
            }
        })
    })
}

/// The side that took, as it is written.
fn side_of_taker(value: Value<'_>) -> Result<AggressorSide, CellError> {
    value.with_text(|text| match text.to_ascii_lowercase().as_slice() {
        b"buy" | b"b" | b"buyer" => Ok(AggressorSide::Buy),
        b"sell" | b"s" | b"seller" => Ok(AggressorSide::Sell),
        b"bid" | b"ask" | b"a" => Err(CellError {
            kind: ProblemKind::Unparsable,
            message: format!(
                "{:?} may be the side that took or the side that was hit; write buy or sell for the one that took",
                shown(text)
            ),
        }),
        b"" => Err(empty("buy or sell, the side that took")),
        _ => Err(CellError {
            kind: ProblemKind::Unparsable,
            message: format!("{:?} is no side; expected buy or sell, the side that took", shown(text)),
        }),
    })
}

/// The side that took, where the cell says whether the buyer was the one who waited.
pub(super) fn side_of_maker(value: Value<'_>) -> Result<AggressorSide, CellError> {
    value.with_text(|text| match text.to_ascii_lowercase().as_slice() {
        b"true" | b"1" => Ok(AggressorSide::Sell),
        b"false" | b"0" => Ok(AggressorSide::Buy),
        b"" => Err(empty("true or false")),
        _ => Err(CellError {
            kind: ProblemKind::Unparsable,
            message: format!("{:?} is neither true nor false; expected one of them", shown(text)),
        }),
    })
}

/// The number of a trade, or the hash of a text that is none.
fn id_or_hash(value: Value<'_>) -> Result<u64, CellError> {
    value.with_text(|text| {
        if text.is_empty() { Err(empty("an id")) } else { Ok(digits(text).unwrap_or(fnv1a(text))) }
    })
}

/// FNV-1a, 64 bits: what is not a number has to become one, the same on every machine and for ever.
fn fnv1a(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_are_no_numbers_are_hashed_as_published() {
        // Of the published test vectors of FNV-1a.
        for (text, hash) in [
            (&b""[..], 0xcbf2_9ce4_8422_2325),
            (b"a", 0xaf63_dc4c_8601_ec8c),
            (b"foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(fnv1a(text), hash);
        }
        assert_eq!(id_or_hash(Value::Text(b" 18446744073709551615 ")), Ok(u64::MAX));
        assert_eq!(id_or_hash(Value::Text(b"+1")), Ok(fnv1a(b"+1")));
    }

    #[test]
    fn sides_are_words_or_refused() {
        let side = |text: &[u8]| side_of_taker(Value::Text(text)).map_err(|error| error.message);
        for (text, expected) in [
            (&b"buy"[..], AggressorSide::Buy),
            (b" Buy", AggressorSide::Buy),
            (b"B", AggressorSide::Buy),
            (b"SELL", AggressorSide::Sell),
            (b"s", AggressorSide::Sell),
        ] {
            assert_eq!(side(text), Ok(expected));
        }
        let both = "\"ask\" may be the side that took or the side that was hit; write buy or sell for the one that took";
        assert_eq!(side(b"ask"), Err(both.to_owned()));
        assert_eq!(side(b"x"), Err("\"x\" is no side; expected buy or sell, the side that took".to_owned()));
        assert_eq!(side(b""), Err("the cell is empty; expected buy or sell, the side that took".to_owned()));
    }
}
