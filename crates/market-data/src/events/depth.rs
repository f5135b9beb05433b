//! The exchange's depth files: a level a row, and rows that stand together are one event.

use super::header::{Column, Header, Kind};
use super::raw::{RawBody, RawEvent, RawLevel, RawSource};
use super::rows::{Input, Rows, Value, id, price, quantity, quantity_above_zero};
use super::snapshots::{Side, is_behind};
use super::times::Times;
use super::trades::symbol_of;
use crate::number::{CellError, shown};
use crate::{EventOptions, MarketDataError, ProblemKind, layout};

/// The most levels of an event: no venue publishes as many, and memory is to be bounded.
const LEVELS_MAX: usize = 100_000;

/// Reads depth.
pub(crate) struct DepthRows {
    rows: Rows,
    times: Times,
    columns: Columns,
    /// The first row of the event after the one that was given last.
    next: Option<(Head, Entry)>,
}

#[derive(Debug, Clone, Copy)]
struct Columns {
    symbol: Option<Column>,
    first_update_id: Column,
    last_update_id: Column,
    side: Column,
    update_type: Column,
    price: Column,
    quantity: Column,
    previous: Option<Column>,
}

/// What rows of one event share.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    symbol: Option<Box<str>>,
    ts_event: Option<i64>,
    ts_recv: Option<i64>,
    is_snapshot: bool,
    first_update_id: u64,
    last_update_id: u64,
    previous_update_id: Option<u64>,
}

/// A level, and the line it stands on.
#[derive(Debug, Clone, Copy)]
struct Entry {
    line: u64,
    side: Side,
    level: RawLevel,
}

impl DepthRows {
    pub(crate) fn open(
        input: Input,
        mut header: Header,
        options: &EventOptions,
    ) -> Result<Self, MarketDataError> {
        let times = Times::find(&mut header, options, true)?;
        let mut word = |field, names: &[&str]| header.find(field, Kind::Word, names);
        let first_update_id = word("first_update_id", &["first_update_id"])?;
        let last_update_id = word("last_update_id", &["last_update_id"])?;
        let side = word("side", &["side"])?;
        let update_type = word("update_type", &["update_type"])?;
        let previous = word("previous_update_id", &["pu", "previous_update_id"])?;
        let symbol = word("symbol", &layout::SYMBOL)?;
        let price = header.find("price", Kind::Number, &["price"])?;
        let quantity = header.find("quantity", Kind::Number, &["qty", "quantity", "amount"])?;
        let needed = [
            ("time", times.is_some()),
            ("first_update_id", first_update_id.is_some()),
            ("last_update_id", last_update_id.is_some()),
            ("side", side.is_some()),
            ("update_type", update_type.is_some()),
            ("price", price.is_some()),
            ("quantity", quantity.is_some()),
        ];
        let ids = first_update_id.zip(last_update_id);
        let (Some(times), Some(ids), Some((side, update_type)), Some((price, quantity))) =
            (times, ids, side.zip(update_type), price.zip(quantity))
        else {
            return Err(header.missing(&needed));
        };
        let (first_update_id, last_update_id) = ids;
        let columns =
            Columns { symbol, first_update_id, last_update_id, side, update_type, price, quantity, previous };
        Ok(Self { rows: Rows::open(input, header)?, times, columns, next: None })
    }

    /// The next row; `None` at the end.
    fn read_row(&mut self) -> Result<Option<(Head, Entry)>, MarketDataError> {
        let Self { rows, times, columns, .. } = self;
        if !rows.advance()? {
            return Ok(None);
        }
        let line = rows.line();
        let (ts_event, ts_recv) = times.read(rows, true)?;
        let symbol = columns.symbol.and_then(|column| symbol_of(rows, column));
        let first_update_id = rows.read(columns.first_update_id, id);
        let last_update_id = rows.read(columns.last_update_id, id);
        let previous = columns.previous.map_or(Some(None), |column| rows.read(column, previous_id));
        let side = rows.read(columns.side, side_of);
        let is_snapshot = rows.read(columns.update_type, is_snapshot);
        let price = rows.read(columns.price, price);
        let quantity = match is_snapshot {
            Some(true) => rows.read(columns.quantity, quantity_above_zero),
            Some(false) | None => rows.read(columns.quantity, quantity),
        };
        let made = || {
            let head = Head {
                symbol,
                ts_event,
                ts_recv,
                is_snapshot: is_snapshot?,
                first_update_id: first_update_id?,
                last_update_id: last_update_id?,
                previous_update_id: previous?,
            };
            Some((head, Entry { line, side: side?, level: (price?, quantity?) }))
        };
        rows.end_row(made()).map(Some)
    }

    /// The levels of a snapshot, best first; rows of a snapshot may stand in any order.
    fn sorted(&mut self, mut entries: Vec<Entry>, side: Side) -> Result<Vec<RawLevel>, MarketDataError> {
        entries.retain(|entry| entry.side == side);
        entries.sort_by(|a, b| match side {
            Side::Bids => b.level.0.cmp(&a.level.0),
            Side::Asks => a.level.0.cmp(&b.level.0),
        });
        let twice = entries.windows(2).find_map(|pair| match pair {
            [before, entry] if !is_behind(side, before.level, entry.level) => Some((*before, *entry)),
            _ => None,
        });
        if let Some((before, entry)) = twice {
            return Err(self.rows.refuse(entry.line, self.columns.price, || {
                format!(
                    "{} is on line {} of the same snapshot already; expected each price once",
                    entry.level.0.text(),
                    before.line
                )
            }));
        }
        Ok(entries.iter().map(|entry| entry.level).collect())
    }

    fn body(&mut self, head: &Head, entries: Vec<Entry>) -> Result<RawBody, MarketDataError> {
        if head.is_snapshot {
            let bids = self.sorted(entries.clone(), Side::Bids)?;
            let asks = self.sorted(entries, Side::Asks)?;
            return Ok(RawBody::Snapshot { update_id: head.last_update_id, bids, asks });
        }
        let of = |side| entries.iter().filter(|entry| entry.side == side).map(|entry| entry.level).collect();
        Ok(RawBody::Delta {
            first_update_id: head.first_update_id,
            last_update_id: head.last_update_id,
            previous_update_id: head.previous_update_id,
            bids: of(Side::Bids),
            asks: of(Side::Asks),
        })
    }
}

impl RawSource for DepthRows {
    fn next_raw(&mut self) -> Result<Option<RawEvent>, MarketDataError> {
        let first = match self.next.take() {
            Some(first) => Some(first),
            None => self.read_row()?,
        };
        let Some((head, entry)) = first else { return Ok(None) };
        let mut entries = vec![entry];
        while let Some((next, entry)) = self.read_row()? {
            if next != head {
                self.next = Some((next, entry));
                break;
            }
            if entries.len() == LEVELS_MAX {
                return Err(self.rows.refuse(entry.line, self.columns.update_type, || {
                    format!("more than {LEVELS_MAX} rows of one event; check the ids and the times")
                }));
            }
            entries.push(entry);
        }
        let body = self.body(&head, entries)?;
        let Head { symbol, ts_event, ts_recv, .. } = head;
        Ok(Some(RawEvent { line: entry.line, symbol, ts_event, ts_recv, body }))
    }
}

/// The update before, or -1 or nothing where there is none.
fn previous_id(value: Value<'_>) -> Result<Option<u64>, CellError> {
    if value.with_text(|text| matches!(text, b"" | b"-1")) { Ok(None) } else { id(value).map(Some) }
}

fn side_of(value: Value<'_>) -> Result<Side, CellError> {
    value.with_text(|text| match text.to_ascii_lowercase().as_slice() {
        b"b" | b"bid" => Ok(Side::Bids),
        b"a" | b"ask" => Ok(Side::Asks),
        _ => Err(CellError {
            kind: ProblemKind::Unparsable,
            message: format!("{:?} is no side of a book; expected b or a", shown(text)),
        }),
    })
}

fn is_snapshot(value: Value<'_>) -> Result<bool, CellError> {
    value.with_text(|text| match text {
        b"snap" => Ok(true),
        b"set" => Ok(false),
        _ => Err(CellError {
            kind: ProblemKind::Unparsable,
            message: format!("{:?} is no type of update; expected snap or set", shown(text)),
        }),
    })
}
