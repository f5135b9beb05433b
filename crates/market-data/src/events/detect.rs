//! What a file of events holds, and the reader for it.

use std::io::{BufRead, Cursor, Read as _};
use std::path::Path;

use super::capture;
use super::depth::DepthRows;
use super::header::Header;
use super::quotes::{ASK_PRICE, BID_PRICE, QuoteRows};
use super::raw::RawSource;
use super::rows::Input;
use super::rows_parquet::ParquetInput;
use super::snapshots::SnapshotRows;
use super::trades::{BUYER_IS_MAKER, PRICE, TradeRows};
use crate::lines::{LINE_MAX, Lines};
use crate::number::shown;
use crate::{EventFormat, EventOptions, MarketDataError, layout};

/// Reads events of a file, one after the other.
pub(crate) type Source = Box<dyn RawSource + Send>;

/// Opens a file: Parquet where the name ends in `.parquet`; text, packed where it ends in `.gz` or `.zst`, under any
/// other name.
///
/// # Errors
/// [`MarketDataError::UnknownEvents`] where the format is neither said nor told by the first line,
/// [`MarketDataError::NoEvents`] for an empty file; the other variants where the columns or the options are not as they
/// must be.
pub(crate) fn open(path: &Path, options: &EventOptions) -> Result<Source, MarketDataError> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    if name.ends_with(".parquet") {
        return open_parquet(path, options);
    }
    let packing = if name.ends_with(".gz") {
        crate::file::Packing::Gzip
    } else if name.ends_with(".zst") {
        crate::file::Packing::Zstd
    } else {
        crate::file::Packing::Plain
    };
    open_text(crate::file::open_text(path, packing)?, path, options)
}

/// Opens text that is not packed; `path` stands for it in messages. This waits for the first line.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_text(
    mut source: Box<dyn BufRead + Send>,
    path: &Path,
    options: &EventOptions,
) -> Result<Source, MarketDataError> {
    let head = head(&mut source, path)?;
    let mut lines = Lines::new(head.as_slice(), path);
    let is_capture =
        options.format.map_or_else(|| is_capture(&head), |format| format == EventFormat::Capture);
    let source: Box<dyn BufRead + Send> = Box::new(Cursor::new(head.clone()).chain(source));
    if is_capture {
        return capture::open(source, path, options);
    }
    // A head that holds no more than a part of a line is a line too long.
    if !lines.advance()? {
        return Err(MarketDataError::NoEvents { path: path.to_owned() });
    }
    let cells: Vec<&[u8]> = (0..lines.len()).map(|index| lines.cell(index)).collect();
    let is_header = !cells.iter().any(|cell| layout::is_number(cell));
    let format = options.format.or_else(|| if is_header { of_names(&texts(&cells)) } else { of_row(&cells) });
    let Some(format) = format else {
        return Err(MarketDataError::UnknownEvents {
            path: path.to_owned(),
            first: shown(head.trim_ascii()),
        });
    };
    let names = if is_header { texts(&cells) } else { names_of_row(format, &cells) };
    open_rows(Input::Text(source, is_header), Header::new(path, format, names), options)
}

fn open_parquet(path: &Path, options: &EventOptions) -> Result<Source, MarketDataError> {
    let input = ParquetInput::open(path)?;
    let names = input.names.clone();
    let Some(format) = options.format.or_else(|| of_names(&names)) else {
        let first = shown(names.join(",").as_bytes());
        return Err(MarketDataError::UnknownEvents { path: path.to_owned(), first });
    };
    open_rows(Input::Parquet(input), Header::new(path, format, names), options)
}

fn open_rows(input: Input, header: Header, options: &EventOptions) -> Result<Source, MarketDataError> {
    if header.names.iter().any(|name| name.trim() == "is_snapshot") {
        return Err(MarketDataError::UnnumberedBook { path: header.path });
    }
    Ok(match header.format {
        EventFormat::ExchangeTrades
        | EventFormat::ExchangeAggTrades
        | EventFormat::TardisTrades
        | EventFormat::GenericTrades => Box::new(TradeRows::open(input, header, options)?),
        EventFormat::ExchangeBookTicker | EventFormat::TardisQuotes | EventFormat::GenericQuotes => {
            Box::new(QuoteRows::open(input, header, options)?)
        }
        EventFormat::TardisSnapshots => Box::new(SnapshotRows::open(input, header, options)?),
        EventFormat::ExchangeDepth => Box::new(DepthRows::open(input, header, options)?),
        // Text of a capture was told before; Parquet is none.
        EventFormat::Capture => {
            return Err(MarketDataError::UnknownEvents {
                path: header.path,
                first: shown(header.names.join(",").as_bytes()),
            });
        }
    })
}

/// The first bytes of a source, up to the end of the first line that is not blank, or a little more than the longest
/// line.
fn head(source: &mut dyn BufRead, path: &Path) -> Result<Vec<u8>, MarketDataError> {
    let mut head = Vec::new();
    loop {
        let rest = (LINE_MAX as u64 + 1).saturating_sub(head.len() as u64);
        let count = (&mut *source)
            .take(rest)
            .read_until(b'\n', &mut head)
            .map_err(|error| MarketDataError::Read { path: path.to_owned(), line: 0, source: error })?;
        if count == 0 || !head.trim_ascii().is_empty() {
            return Ok(head);
        }
    }
}

/// Whether text begins as a line of a capture does: JSON, perhaps behind the receive time.
fn is_capture(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.get(digits..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"{"))
}

fn texts(cells: &[&[u8]]) -> Vec<String> {
    cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
}

/// The format that has columns of these names.
fn of_names(names: &[String]) -> Option<EventFormat> {
    let normals: Vec<String> = names.iter().map(|name| layout::normal(name)).collect();
    let has = |name: &str| normals.iter().any(|normal| normal == name);
    let has_any = |names: &[&str]| names.iter().any(|name| has(name));
    let is_tardis = has("exchange") && has("local_timestamp");
    Some(if normals.iter().any(|name| name.starts_with("asks[0]") || name.starts_with("bids[0]")) {
        EventFormat::TardisSnapshots
    } else if has("update_type") {
        EventFormat::ExchangeDepth
    } else if has_any(&["best_bid_price", "best_ask_price"]) {
        EventFormat::ExchangeBookTicker
    } else if has("agg_trade_id") {
        EventFormat::ExchangeAggTrades
    } else if has_any(&BUYER_IS_MAKER) && has("id") && has_any(&["qty", "price"]) {
        EventFormat::ExchangeTrades
    } else if has_any(&BID_PRICE) && has_any(&ASK_PRICE) && !has_any(&PRICE) {
        if is_tardis { EventFormat::TardisQuotes } else { EventFormat::GenericQuotes }
    } else if has_any(&PRICE) {
        if is_tardis { EventFormat::TardisTrades } else { EventFormat::GenericTrades }
    } else {
        return None;
    })
}

/// The format of the exchange's that has rows such as this one, without a header.
fn of_row(cells: &[&[u8]]) -> Option<EventFormat> {
    let cell = |index: usize| cells.get(index).map_or(&b""[..], |cell| cell.trim_ascii());
    let numbers = |count: usize| (0..count).all(|index| layout::is_number(cell(index)));
    match cells.len() {
        6 | 7 if numbers(5) && is_bool(cell(5)) => Some(EventFormat::ExchangeTrades),
        7 | 8 if numbers(6) && is_bool(cell(6)) => Some(EventFormat::ExchangeAggTrades),
        7 | 8 if numbers(5) => Some(EventFormat::ExchangeBookTicker),
        9 if matches!(cell(5), b"snap" | b"set") => Some(EventFormat::ExchangeDepth),
        _ => None,
    }
}

/// The names of the columns of an exchange's file without a header. Behind its own columns may stand the receive time,
/// a number, or a column that is not read.
fn names_of_row(format: EventFormat, cells: &[&[u8]]) -> Vec<String> {
    let mut names: Vec<String> = match format {
        EventFormat::ExchangeTrades
        | EventFormat::ExchangeAggTrades
        | EventFormat::ExchangeBookTicker
        | EventFormat::ExchangeDepth => format.columns().split(',').map(str::to_owned).collect(),
        // These have a header; what stands in its place is shown.
        EventFormat::Capture
        | EventFormat::TardisTrades
        | EventFormat::TardisQuotes
        | EventFormat::TardisSnapshots
        | EventFormat::GenericTrades
        | EventFormat::GenericQuotes => return texts(cells),
    };
    for cell in cells.iter().skip(names.len()) {
        names.push(if layout::is_number(cell) { "local_ns" } else { "_" }.to_owned());
    }
    names
}

fn is_bool(cell: &[u8]) -> bool {
    cell.eq_ignore_ascii_case(b"true") || cell.eq_ignore_ascii_case(b"false")
}
