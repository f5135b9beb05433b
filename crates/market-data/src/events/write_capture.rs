//! Writing events as recorded messages.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use feature_api::{AggressorSide, Grid, Level};

use super::{Delta, MarketEvent, Snapshot};
use crate::file::{Format, TextFile};
use crate::{MarketDataError, decimal_text};

/// Writes trades and a book to `.txt` or `.csv`, also with `.gz` or `.zst` behind, as a recording of an exchange's
/// messages about the instrument `symbol`; how many there were. Other events have no message and are left out.
///
/// A line is the receive time in nanoseconds, a space and the message as JSON: `trade`, `depthUpdate` (with `pu` where
/// the delta names the update before), or a snapshot with its `lastUpdateId`. Times within are milliseconds, so those
/// of a venue with a finer clock are cut. The file appears under its name once it is complete.
///
/// # Errors
/// [`MarketDataError::Extension`], [`MarketDataError::Write`].
pub fn write_capture(
    path: &Path,
    symbol: &str,
    events: &mut dyn Iterator<Item = MarketEvent>,
) -> Result<u64, MarketDataError> {
    let Format::Csv(packing) = Format::of(path)? else {
        return Err(MarketDataError::Extension { path: path.to_owned() });
    };
    let wrap = |source| MarketDataError::Write { path: path.to_owned(), source };
    let mut file = TextFile::create(path, packing)?;
    let (mut count, mut line) = (0, String::new());
    for event in events {
        line.clear();
        message(&mut line, symbol, &event);
        if line.is_empty() {
            continue;
        }
        writeln!(file, "{} {line}", event.ts_recv().0).map_err(wrap)?;
        count += 1;
    }
    file.commit(path)?;
    Ok(count)
}

/// Appends the event's message; nothing where it has none.
fn message(line: &mut String, symbol: &str, event: &MarketEvent) {
    let ms = event.ts_event().0.div_euclid(1_000_000);
    // Writing to a string cannot fail.
    let _ = match event {
        MarketEvent::Trade(trade) => write!(
            line,
            "{{\"e\":\"trade\",\"E\":{ms},\"T\":{ms},\"s\":\"{symbol}\",\"t\":{},\"p\":\"{}\",\"q\":\"{}\",\"m\":{}}}",
            trade.trade_id,
            decimal_text(trade.price.raw(), trade.grid.price_scale()),
            decimal_text(trade.quantity.raw(), trade.grid.qty_scale()),
            trade.aggressor == AggressorSide::Sell
        ),
        MarketEvent::Snapshot(Snapshot { grid, update_id, bids, asks, .. }) => write!(
            line,
            "{{\"lastUpdateId\":{update_id},\"E\":{ms},\"T\":{ms},\"bids\":{},\"asks\":{}}}",
            levels(*grid, bids),
            levels(*grid, asks)
        ),
        MarketEvent::Delta(delta) => {
            let Delta { grid, first_update_id, last_update_id, bids, asks, .. } = delta;
            let previous = delta.previous_update_id.map_or_else(String::new, |id| format!("\"pu\":{id},"));
            write!(
                line,
                "{{\"e\":\"depthUpdate\",\"E\":{ms},\"T\":{ms},\"s\":\"{symbol}\",\"U\":{first_update_id},\
                 \"u\":{last_update_id},{previous}\"b\":{},\"a\":{}}}",
                levels(*grid, bids),
                levels(*grid, asks)
            )
        }
        MarketEvent::Quote(_) | MarketEvent::Bar(_) | MarketEvent::Clock(_) => Ok(()),
    };
}

fn levels(grid: Grid, levels: &[Level]) -> String {
    let texts: Vec<String> = levels
        .iter()
        .map(|level| {
            let price = decimal_text(level.price.raw(), grid.price_scale());
            format!("[\"{price}\",\"{}\"]", decimal_text(level.quantity.raw(), grid.qty_scale()))
        })
        .collect();
    format!("[{}]", texts.join(","))
}
