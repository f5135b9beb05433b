//! Messages of the exchange: spot, USDⓈ-M and COIN-M futures.

use std::borrow::Cow;

use feature_api::AggressorSide;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

use super::{Fault, Found, event_time, from_json, levels, price, quantity, traded};
use crate::ProblemKind;
use crate::decimal::Decimal;
use crate::events::options::Select;
use crate::events::raw::RawBody;
use crate::number::shown;

/// Messages that hold no event of ours: known, so that an unknown one is not taken for one of them.
const HARMLESS: [&str; 15] = [
    "1dTicker",
    "1hTicker",
    "24hrMiniTicker",
    "24hrTicker",
    "4hTicker",
    "assetIndexUpdate",
    "avgPrice",
    "compositeIndex",
    "continuous_kline",
    "contractInfo",
    "forceOrder",
    "indexPriceUpdate",
    "kline",
    "markPriceUpdate",
    "serverShutdown",
];

/// A message whose kind is known.
pub(super) struct Message<'a> {
    kind: Kind,
    stream: Option<&'a str>,
    json: &'a [u8],
}

#[derive(Clone, Copy)]
enum Kind {
    DepthUpdate,
    /// A depth snapshot of the REST interface, or a partial depth stream.
    Depth,
    BookTicker,
    Trade,
    AggTrade,
    Harmless,
}

/// The fields that tell messages apart.
#[derive(Deserialize)]
struct Marks<'a> {
    #[serde(borrow)]
    e: Option<&'a str>,
    #[serde(default, rename = "lastUpdateId")]
    last_update_id: Present,
    #[serde(default)]
    u: Present,
    #[serde(default, rename = "B")]
    bid_quantity: Present,
    #[serde(default, rename = "A")]
    ask_quantity: Present,
    #[serde(default)]
    result: Present,
}

/// Whether a field is there, whatever it holds.
#[derive(Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

impl<'a> Message<'a> {
    pub(super) fn of(stream: Option<&'a str>, json: &'a [u8]) -> Result<Self, Fault> {
        let marks: Marks<'_> = from_json(json)?;
        let kind = match marks.e {
            Some("depthUpdate") => Some(Kind::DepthUpdate),
            Some("bookTicker") => Some(Kind::BookTicker),
            Some("trade") => Some(Kind::Trade),
            Some("aggTrade") => Some(Kind::AggTrade),
            Some(name) => HARMLESS.contains(&name).then_some(Kind::Harmless),
            None if marks.last_update_id.0 => Some(Kind::Depth),
            // On spot it does not say what it is.
            None if marks.u.0 && marks.bid_quantity.0 && marks.ask_quantity.0 => Some(Kind::BookTicker),
            // The answer to a subscription.
            None if marks.result.0 => Some(Kind::Harmless),
            None => None,
        };
        match kind {
            Some(kind) => Ok(Self { kind, stream, json }),
            None => Err(Fault::new(
                ProblemKind::Unparsable,
                format!(
                    "{}: no message that is known; expected depthUpdate, bookTicker, trade, aggTrade or a depth \
                     snapshot; leave the line out if it holds no trade and no book",
                    marks.e.map_or_else(|| shown(json.trim_ascii()), |name| format!("e is {name:?}"))
                ),
            )),
        }
    }

    pub(super) const fn stream_of_trades(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Trade => Some("trade"),
            Kind::AggTrade => Some("aggTrade"),
            Kind::DepthUpdate | Kind::Depth | Kind::BookTicker | Kind::Harmless => None,
        }
    }

    pub(super) const fn is_asked_for(&self, select: Select) -> bool {
        match self.kind {
            Kind::DepthUpdate | Kind::Depth => select.book,
            Kind::BookTicker => select.quotes,
            Kind::Trade | Kind::AggTrade => select.trades,
            Kind::Harmless => false,
        }
    }

    pub(super) fn read(&self, found: &mut Vec<Found<'a>>) -> Result<(), Fault> {
        match self.kind {
            Kind::DepthUpdate => found.push(self.depth_update()?),
            Kind::Depth => found.push(self.depth()?),
            Kind::BookTicker => found.push(self.book_ticker()?),
            Kind::Trade => found.extend(self.trade()?),
            Kind::AggTrade => {
                let AggTrade { a } = from_json(self.json)?;
                found.push(from_json::<Deal<'a>>(self.json)?.found(a)?);
            }
            Kind::Harmless => {}
        }
        Ok(())
    }

    fn depth_update(&self) -> Result<Found<'a>, Fault> {
        let message: DepthUpdate<'a> = from_json(self.json)?;
        let (bids, asks) = (levels("b", &message.b)?, levels("a", &message.a)?);
        Ok(Found {
            symbol: Some(Cow::Borrowed(message.s)),
            ts_event: venue_time(message.transaction_time, Some(message.event_time))?,
            // Of futures a partial depth stream looks like changes; only its name says that it is none.
            body: if self.partial_depth_symbol().is_some() {
                RawBody::Snapshot { update_id: message.last, bids, asks }
            } else {
                RawBody::Delta {
                    first_update_id: message.first,
                    last_update_id: message.last,
                    previous_update_id: message.pu,
                    bids,
                    asks,
                }
            },
        })
    }

    fn depth(&self) -> Result<Found<'a>, Fault> {
        let message: Depth<'a> = from_json(self.json)?;
        let of_stream = self.partial_depth_symbol().map(|name| Cow::Owned(name.to_ascii_uppercase()));
        Ok(Found {
            symbol: message.symbol.map(Cow::Borrowed).or(of_stream),
            ts_event: venue_time(message.transaction_time, message.event_time)?,
            body: RawBody::Snapshot {
                update_id: message.last_update_id,
                bids: levels("bids", &message.bids)?,
                asks: levels("asks", &message.asks)?,
            },
        })
    }

    fn book_ticker(&self) -> Result<Found<'a>, Fault> {
        let message: BookTicker<'a> = from_json(self.json)?;
        Ok(Found {
            symbol: Some(Cow::Borrowed(message.s)),
            ts_event: venue_time(message.transaction_time, message.event_time)?,
            body: RawBody::Quote {
                update_id: message.u,
                bid: (price("b", message.b)?, quantity("B", message.bid_quantity)?),
                ask: (price("a", message.a)?, quantity("A", message.ask_quantity)?),
            },
        })
    }

    /// Those of other types than `MARKET` (insurance fund, deleveraging) are trades too, but for the notices among them
    /// that nothing was traded.
    fn trade(&self) -> Result<Option<Found<'a>>, Fault> {
        let Trade { t, kind } = from_json(self.json)?;
        let deal: Deal<'a> = from_json(self.json)?;
        if kind.is_some_and(|kind| kind != "MARKET") && quantity("q", deal.q)? == Decimal::default() {
            return Ok(None);
        }
        deal.found(t).map(Some)
    }

    /// The instrument of a partial depth stream, such as `btcusdt@depth20@100ms`.
    fn partial_depth_symbol(&self) -> Option<&'a str> {
        let (symbol, stream) = self.stream?.split_once('@')?;
        let levels = stream.split('@').next()?.strip_prefix("depth")?;
        (!levels.is_empty()).then_some(symbol)
    }
}

/// When a change was made, or else when the exchange told it.
fn venue_time(transaction_time: Option<u64>, event_time_: Option<u64>) -> Result<Option<i64>, Fault> {
    match (transaction_time, event_time_) {
        (Some(time), _) => event_time("T", time).map(Some),
        (None, Some(time)) => event_time("E", time).map(Some),
        (None, None) => Ok(None),
    }
}

#[derive(Deserialize)]
struct DepthUpdate<'a> {
    #[serde(rename = "E")]
    event_time: u64,
    #[serde(rename = "T")]
    transaction_time: Option<u64>,
    s: &'a str,
    #[serde(rename = "U")]
    first: u64,
    #[serde(rename = "u")]
    last: u64,
    pu: Option<u64>,
    #[serde(borrow)]
    b: Vec<(&'a str, &'a str)>,
    #[serde(borrow)]
    a: Vec<(&'a str, &'a str)>,
}

#[derive(Deserialize)]
struct Depth<'a> {
    #[serde(rename = "lastUpdateId")]
    last_update_id: u64,
    #[serde(rename = "E")]
    event_time: Option<u64>,
    #[serde(rename = "T")]
    transaction_time: Option<u64>,
    symbol: Option<&'a str>,
    #[serde(borrow)]
    bids: Vec<(&'a str, &'a str)>,
    #[serde(borrow)]
    asks: Vec<(&'a str, &'a str)>,
}

#[derive(Deserialize)]
struct BookTicker<'a> {
    #[serde(rename = "E")]
    event_time: Option<u64>,
    #[serde(rename = "T")]
    transaction_time: Option<u64>,
    u: u64,
    s: &'a str,
    b: &'a str,
    #[serde(rename = "B")]
    bid_quantity: &'a str,
    a: &'a str,
    #[serde(rename = "A")]
    ask_quantity: &'a str,
}

#[derive(Deserialize)]
struct Trade<'a> {
    t: u64,
    #[serde(rename = "X")]
    kind: Option<&'a str>,
}

#[derive(Deserialize)]
struct AggTrade {
    a: u64,
}

/// What every trade has, beside its number.
#[derive(Deserialize)]
struct Deal<'a> {
    #[serde(rename = "T")]
    time: u64,
    s: &'a str,
    p: &'a str,
    q: &'a str,
    /// The buyer is the maker.
    m: bool,
}

impl<'a> Deal<'a> {
    fn found(&self, trade_id: u64) -> Result<Found<'a>, Fault> {
        Ok(Found {
            symbol: Some(Cow::Borrowed(self.s)),
            ts_event: Some(event_time("T", self.time)?),
            body: RawBody::Trade {
                trade_id: Some(trade_id),
                price: price("p", self.p)?,
                quantity: traded("q", self.q)?,
                aggressor: if self.m { AggressorSide::Sell } else { AggressorSide::Buy },
            },
        })
    }
}
