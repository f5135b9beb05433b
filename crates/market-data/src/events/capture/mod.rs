//! Recorded websocket messages: the receive time in nanoseconds, a space, the venue's JSON.
//!
//! A line holds one message, with the wrapper of a combined stream or without. Who wrote it is told by its fields, so
//! one reader serves every venue here.

mod exchange;
mod hyperliquid;

use std::collections::VecDeque;
use std::io::{BufRead, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::decimal::Decimal;
use crate::events::options::Select;
use crate::events::raw::{RawBody, RawEvent, RawLevel, RawSource};
use crate::number::{self, CellError, NumberRule, shown};
use crate::time::Unit;
use crate::{EventOptions, MarketDataError, Problem, ProblemKind};

/// The longest line, in bytes: a snapshot of 5,000 levels a side has 400,000.
const LINE_MAX: usize = 4 * 1024 * 1024;

/// Reads a capture; `path` stands for it in messages.
pub(crate) fn open(
    source: Box<dyn BufRead + Send>,
    path: &Path,
    options: &EventOptions,
) -> Result<Box<dyn RawSource + Send>, MarketDataError> {
    Ok(Box::new(CaptureReader {
        source,
        path: path.to_owned(),
        select: options.select,
        line: 0,
        text: Vec::new(),
        stream_of_trades: None,
        ready: VecDeque::new(),
        skipped: 0,
    }))
}

/// Reads messages line by line; a message may hold several events.
struct CaptureReader {
    source: Box<dyn BufRead + Send>,
    path: PathBuf,
    select: Select,
    line: u64,
    text: Vec<u8>,
    /// `trade` or `aggTrade`, whichever came first: both tell the same trades under different numbers.
    stream_of_trades: Option<&'static str>,
    ready: VecDeque<RawEvent>,
    skipped: u64,
}

impl RawSource for CaptureReader {
    fn next_raw(&mut self) -> Result<Option<RawEvent>, MarketDataError> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            if !self.advance()? {
                return Ok(None);
            }
            self.read_line().map_err(|fault| fault.on(&self.path, self.line))?;
        }
    }

    fn skipped(&self) -> u64 {
        self.skipped
    }
}

impl CaptureReader {
    /// Goes to the next line that is not blank; `false` at the end.
    fn advance(&mut self) -> Result<bool, MarketDataError> {
        loop {
            self.text.clear();
            let mut bounded = (&mut self.source).take(LINE_MAX as u64 + 1);
            let count = bounded.read_until(b'\n', &mut self.text).map_err(|source| {
                MarketDataError::Read { path: self.path.clone(), line: self.line, source }
            })?;
            if count == 0 {
                return Ok(false);
            }
            self.line += 1;
            if count > LINE_MAX {
                let (path, line) = (self.path.clone(), self.line);
                return Err(MarketDataError::LineTooLong { path, line, limit: LINE_MAX });
            }
            if !self.text.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// Makes the events of the current line ready.
    fn read_line(&mut self) -> Result<(), Fault> {
        let text = self.text.trim_ascii();
        let (time, json) = text.split_at(text.iter().position(|byte| *byte == b' ').unwrap_or(0));
        let ts_recv = receive_time(time)?;
        let message = Message::of(json)?;
        if let Some(other) = message.stream_of_trades()
            && self.select.trades
            && *self.stream_of_trades.get_or_insert(other) != other
        {
            return Err(Fault::new(
                ProblemKind::Unparsable,
                "trade and aggTrade messages in one capture tell the same trades twice; leave the lines of one of the \
                 two out"
                    .to_owned(),
            ));
        }
        if !message.is_asked_for(self.select) {
            self.skipped += 1;
            return Ok(());
        }
        let mut found = Vec::new();
        message.read(&mut found)?;
        self.skipped += u64::from(found.is_empty());
        for Found { symbol, ts_event, body } in found {
            let symbol = symbol.map(Into::into);
            self.ready.push_back(RawEvent {
                line: self.line,
                symbol,
                ts_event,
                ts_recv: Some(ts_recv),
                body,
            });
        }
        Ok(())
    }
}

/// A message by who wrote it.
enum Message<'a> {
    Exchange(exchange::Message<'a>),
    Hyperliquid(hyperliquid::Message<'a>),
}

/// What stands around a message; a message without a wrapper has none of it.
#[derive(Deserialize)]
struct Wrapper<'a> {
    #[serde(borrow)]
    stream: Option<&'a str>,
    channel: Option<&'a str>,
    data: Option<&'a RawValue>,
}

impl<'a> Message<'a> {
    fn of(json: &'a [u8]) -> Result<Self, Fault> {
        let Wrapper { stream, channel, data } = from_json(json)?;
        match (channel, data) {
            (Some(channel), data) => Ok(Self::Hyperliquid(hyperliquid::Message::of(channel, data)?)),
            (None, Some(data)) => Ok(Self::Exchange(exchange::Message::of(stream, data.get().as_bytes())?)),
            (None, None) => Ok(Self::Exchange(exchange::Message::of(stream, json)?)),
        }
    }

    const fn stream_of_trades(&self) -> Option<&'static str> {
        match self {
            Self::Exchange(message) => message.stream_of_trades(),
            Self::Hyperliquid(_) => None,
        }
    }

    const fn is_asked_for(&self, select: Select) -> bool {
        match self {
            Self::Exchange(message) => message.is_asked_for(select),
            Self::Hyperliquid(message) => message.is_asked_for(select),
        }
    }

    fn read(&self, found: &mut Vec<Found<'a>>) -> Result<(), Fault> {
        match self {
            Self::Exchange(message) => message.read(found),
            Self::Hyperliquid(message) => message.read(found),
        }
    }
}

/// An event of a message.
struct Found<'a> {
    symbol: Option<std::borrow::Cow<'a, str>>,
    ts_event: Option<i64>,
    body: RawBody,
}

/// What is wrong with a line.
struct Fault {
    field: Option<&'static str>,
    error: CellError,
}

impl Fault {
    const fn new(kind: ProblemKind, message: String) -> Self {
        Self { field: None, error: CellError { kind, message } }
    }

    fn on(self, path: &Path, line: u64) -> MarketDataError {
        let CellError { kind, message } = self.error;
        let problem = Problem { line, field: self.field, kind, message };
        MarketDataError::Problems {
            path: path.to_owned(),
            total: 1,
            problems: vec![problem],
            can_skip: false,
        }
    }
}

fn from_json<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(json).map_err(|error| {
        // Its place is that in the message, not in the file.
        let error = error.to_string();
        let reason = error
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .replace("a borrowed string", "text in quotes");
        let message = format!(
            "{}: {reason}; expected a message as the venue sent it, whole and on one line",
            shown(json.trim_ascii())
        );
        Fault::new(ProblemKind::Unparsable, message)
    })
}

fn receive_time(text: &[u8]) -> Result<i64, Fault> {
    let digits = std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let time = digits.and_then(|digits| digits.parse::<i64>().ok());
    time.filter(|time| Unit::of(u128::from(time.unsigned_abs())) == Unit::Nanos).ok_or_else(|| Fault {
        field: Some("receive time"),
        error: CellError {
            kind: ProblemKind::Unparsable,
            message: format!(
                "{:?}; expected nanoseconds since 1970 (19 digits), a space and the venue's JSON",
                shown(text)
            ),
        },
    })
}

/// A time of a message, in nanoseconds; milliseconds or microseconds, told by its size.
fn event_time(field: &'static str, time: u64) -> Result<i64, Fault> {
    let unit = Unit::of(u128::from(time));
    let nanos = match unit {
        Unit::Millis | Unit::Micros => i64::try_from(unit.nanos(i128::from(time))).ok(),
        Unit::Seconds | Unit::Nanos => None,
    };
    nanos.ok_or_else(|| Fault {
        field: Some(field),
        error: CellError {
            kind: ProblemKind::OutOfRange,
            message: format!("{time}; expected milliseconds or microseconds since 1970"),
        },
    })
}

fn price(field: &'static str, text: &str) -> Result<Decimal, Fault> {
    const RULE: NumberRule =
        NumberRule { what: "price", option: "--price-decimals", scale: None, noise: None };
    decimal(field, text, &RULE)
}

fn quantity(field: &'static str, text: &str) -> Result<Decimal, Fault> {
    const RULE: NumberRule =
        NumberRule { what: "quantity", option: "--qty-decimals", scale: None, noise: None };
    let quantity = decimal(field, text, &RULE)?;
    if quantity < Decimal::default() {
        let message = format!("{text} is below 0; expected a quantity");
        return Err(Fault {
            field: Some(field),
            error: CellError { kind: ProblemKind::NegativeVolume, message },
        });
    }
    Ok(quantity)
}

fn decimal(field: &'static str, text: &str, rule: &NumberRule) -> Result<Decimal, Fault> {
    match number::from_text(text.as_bytes(), rule) {
        Ok(number) => Ok(number.value),
        Err(error) => Err(Fault { field: Some(field), error }),
    }
}

/// A trade's quantity: above 0.
fn traded(field: &'static str, text: &str) -> Result<Decimal, Fault> {
    let traded = quantity(field, text)?;
    if traded == Decimal::default() {
        let message = format!("{text}; a trade has a quantity above 0; leave the line out");
        return Err(Fault {
            field: Some(field),
            error: CellError { kind: ProblemKind::OutOfRange, message },
        });
    }
    Ok(traded)
}

fn levels(field: &'static str, levels: &[(&str, &str)]) -> Result<Vec<RawLevel>, Fault> {
    levels.iter().map(|(at, size)| Ok((price(field, at)?, quantity(field, size)?))).collect()
}
