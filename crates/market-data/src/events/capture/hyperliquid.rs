//! Messages of Hyperliquid: `l2Book`, the best levels without update ids, and `trades`.

use std::borrow::Cow;

use feature_api::AggressorSide;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Fault, Found, event_time, from_json, price, quantity, traded};
use crate::ProblemKind;
use crate::events::options::Select;
use crate::events::raw::{RawBody, RawLevel};

/// Channels that hold no event of ours.
const HARMLESS: [&str; 5] = ["activeAssetCtx", "allMids", "candle", "pong", "subscriptionResponse"];

/// A message whose channel is known.
pub(super) enum Message<'a> {
    Book(&'a RawValue),
    Trades(&'a RawValue),
    Harmless,
}

impl<'a> Message<'a> {
    pub(super) fn of(channel: &str, data: Option<&'a RawValue>) -> Result<Self, Fault> {
        match (channel, data) {
            ("l2Book", Some(data)) => Ok(Self::Book(data)),
            ("trades", Some(data)) => Ok(Self::Trades(data)),
            (name, _) if HARMLESS.contains(&name) => Ok(Self::Harmless),
            (name, _) => Err(Fault::new(
                ProblemKind::Unparsable,
                format!(
                    "channel {name:?}: no message that is known; expected l2Book or trades with data; leave the line \
                     out if it holds no trade and no book"
                ),
            )),
        }
    }

    pub(super) const fn is_asked_for(&self, select: Select) -> bool {
        match self {
            Self::Book(_) => select.book,
            Self::Trades(_) => select.trades,
            Self::Harmless => false,
        }
    }

    pub(super) fn read(&self, found: &mut Vec<Found<'a>>) -> Result<(), Fault> {
        match self {
            Self::Book(data) => found.push(book(from_json(data.get().as_bytes())?)?),
            Self::Trades(data) => {
                for trade in from_json::<Vec<Trade<'a>>>(data.get().as_bytes())? {
                    found.push(deal(&trade)?);
                }
            }
            Self::Harmless => {}
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Book<'a> {
    coin: &'a str,
    time: u64,
    /// Bids, then asks.
    #[serde(borrow)]
    levels: (Vec<Level<'a>>, Vec<Level<'a>>),
}

#[derive(Deserialize)]
struct Level<'a> {
    px: &'a str,
    sz: &'a str,
}

#[derive(Deserialize)]
struct Trade<'a> {
    coin: &'a str,
    /// The side of the taker: `B` or `A`.
    side: &'a str,
    px: &'a str,
    sz: &'a str,
    time: u64,
    tid: u64,
}

fn book(book: Book<'_>) -> Result<Found<'_>, Fault> {
    let Book { coin, time, levels: (bids, asks) } = book;
    Ok(Found {
        symbol: Some(Cow::Borrowed(coin)),
        ts_event: Some(event_time("time", time)?),
        body: RawBody::Snapshot { update_id: 0, bids: levels(&bids)?, asks: levels(&asks)? },
    })
}

fn levels(levels: &[Level<'_>]) -> Result<Vec<RawLevel>, Fault> {
    levels.iter().map(|level| Ok((price("px", level.px)?, quantity("sz", level.sz)?))).collect()
}

fn deal<'a>(trade: &Trade<'a>) -> Result<Found<'a>, Fault> {
    let aggressor = match trade.side {
        "B" => AggressorSide::Buy,
        "A" => AggressorSide::Sell,
        other => {
            let message = format!("side {other:?}; expected \"B\" (a buyer took) or \"A\" (a seller took)");
            return Err(Fault::new(ProblemKind::Unparsable, message));
        }
    };
    Ok(Found {
        symbol: Some(Cow::Borrowed(trade.coin)),
        ts_event: Some(event_time("time", trade.time)?),
        body: RawBody::Trade {
            trade_id: Some(trade.tid),
            price: price("px", trade.px)?,
            quantity: traded("sz", trade.sz)?,
            aggressor,
        },
    })
}
