//! Writing events: trades, quotes and snapshots of a book.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use feature_api::{AggressorSide, Grid, Level, Trade};

use super::{Quote, Snapshot};
use crate::MarketDataError;
use crate::decimal::wide_text;
use crate::file::{Format, TextFile};
use crate::parquet_file::{Cells, Column, GROUP_ROWS, ParquetFile};

/// The most levels a side that are written: a row of text then still is a line that is read.
pub const WRITTEN_LEVELS_MAX: usize = 500;

/// Writes trades to `.csv` or `.txt`, also with `.gz` or `.zst` behind, or to `.parquet`; how many there were.
///
/// Columns are those of the exchange's files, `id,price,qty,quote_qty,time,is_buyer_maker`, and `local_ns`, the receive
/// time; `quote_qty` in text alone. Numbers are exact decimals, in Parquet too (DECIMAL); times are nanoseconds since
/// 1970, in Parquet timestamps in UTC. Readers tell the unit of `time` in text by its size; for times before 1973 they
/// have to be told ([`TimeFormat::Nanos`](crate::TimeFormat::Nanos)). The file appears under its name once it is complete.
///
/// # Errors
/// [`MarketDataError::Event`] where a trade is on another grid than the first, [`MarketDataError::Extension`],
/// [`MarketDataError::Write`].
pub fn write_trades(path: &Path, trades: &mut dyn Iterator<Item = Trade>) -> Result<u64, MarketDataError> {
    let mut trades = trades.peekable();
    let grid = trades.peek().map(|trade| trade.grid).unwrap_or_default();
    let mut file = EventTable::create(path, grid, columns_of_trades(grid))?;
    for trade in trades {
        file.begin_row(trade.grid)?;
        let (price, quantity) = (i128::from(trade.price.raw()), i128::from(trade.quantity.raw()));
        file.cells.extend([
            Some(i128::from(trade.trade_id)),
            Some(price),
            Some(quantity),
            Some(price * quantity),
            Some(i128::from(trade.ts_event.0)),
            Some(i128::from(trade.aggressor == AggressorSide::Sell)),
            Some(i128::from(trade.ts_recv.0)),
        ]);
        file.end_row()?;
    }
    file.commit()
}

/// Writes quotes, as [`write_trades`] does.
///
/// Columns are those of the exchange's bookTicker files, `update_id,best_bid_price,best_bid_qty,best_ask_price,`
/// `best_ask_qty,transaction_time`, and `local_ns`. Where there is no bid or no ask, its cells are empty.
///
/// # Errors
/// As [`write_trades`].
pub fn write_quotes(path: &Path, quotes: &mut dyn Iterator<Item = Quote>) -> Result<u64, MarketDataError> {
    let mut quotes = quotes.peekable();
    let grid = quotes.peek().map(|quote| quote.grid).unwrap_or_default();
    let mut file = EventTable::create(path, grid, columns_of_quotes(grid))?;
    for quote in quotes {
        file.begin_row(quote.grid)?;
        file.cells.push(Some(i128::from(quote.update_id)));
        for level in [quote.bid, quote.ask] {
            file.push_level((level.quantity.raw() > 0).then_some(&level));
        }
        file.cells.extend([quote.ts_event, quote.ts_recv].map(|time| Some(i128::from(time.0))));
        file.end_row()?;
    }
    file.commit()
}

/// Writes snapshots with up to `levels` levels a side, as [`write_trades`] does.
///
/// Columns are those of Tardis book snapshots without exchange and symbol,
/// `timestamp,local_timestamp,last_update_id,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,…`; cells of levels
/// that are not there are empty.
///
/// # Errors
/// [`MarketDataError::Event`] also where a snapshot has more levels, and for more than [`WRITTEN_LEVELS_MAX`]; as
/// [`write_trades`].
pub fn write_snapshots(
    path: &Path,
    levels: usize,
    snapshots: &mut dyn Iterator<Item = Snapshot>,
) -> Result<u64, MarketDataError> {
    let mut snapshots = snapshots.peekable();
    let grid = snapshots.peek().map(|snapshot| snapshot.grid).unwrap_or_default();
    if levels == 0 || levels > WRITTEN_LEVELS_MAX {
        return Err(MarketDataError::Event {
            path: path.to_owned(),
            row: 0,
            reason: "so many levels a side are not written",
            expected: format!("1 to {WRITTEN_LEVELS_MAX}"),
            found: levels.to_string(),
        });
    }
    let mut file = EventTable::create(path, grid, columns_of_snapshots(grid, levels))?;
    for snapshot in snapshots {
        file.begin_row(snapshot.grid)?;
        let deepest = snapshot.bids.len().max(snapshot.asks.len());
        if deepest > levels {
            return Err(file.refuse(
                "it has more levels a side than are written",
                levels.to_string(),
                deepest.to_string(),
            ));
        }
        file.cells.extend([snapshot.ts_event, snapshot.ts_recv].map(|time| Some(i128::from(time.0))));
        file.cells.push(Some(i128::from(snapshot.update_id)));
        for level in 0..levels {
            file.push_level(snapshot.asks.get(level));
            file.push_level(snapshot.bids.get(level));
        }
        file.end_row()?;
    }
    file.commit()
}

fn columns_of_trades(grid: Grid) -> Vec<(String, Kind)> {
    let (price, quantity) = (grid.price_scale(), grid.qty_scale());
    named(&[
        ("id", Kind::Id),
        ("price", Kind::Number(price)),
        ("qty", Kind::Number(quantity)),
        ("quote_qty", Kind::Product(price + quantity)),
        ("time", Kind::Time),
        ("is_buyer_maker", Kind::Flag),
        ("local_ns", Kind::Time),
    ])
}

fn columns_of_quotes(grid: Grid) -> Vec<(String, Kind)> {
    let (price, quantity) = (Kind::Number(grid.price_scale()), Kind::Number(grid.qty_scale()));
    named(&[
        ("update_id", Kind::Id),
        ("best_bid_price", price),
        ("best_bid_qty", quantity),
        ("best_ask_price", price),
        ("best_ask_qty", quantity),
        ("transaction_time", Kind::Time),
        ("local_ns", Kind::Time),
    ])
}

fn columns_of_snapshots(grid: Grid, levels: usize) -> Vec<(String, Kind)> {
    let mut columns =
        named(&[("timestamp", Kind::Time), ("local_timestamp", Kind::Time), ("last_update_id", Kind::Id)]);
    for level in 0..levels {
        for side in ["asks", "bids"] {
            columns.push((format!("{side}[{level}].price"), Kind::Number(grid.price_scale())));
            columns.push((format!("{side}[{level}].amount"), Kind::Number(grid.qty_scale())));
        }
    }
    columns
}

fn named(columns: &[(&str, Kind)]) -> Vec<(String, Kind)> {
    columns.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect()
}

/// What a column holds; a cell is an integer of it.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Time,
    Id,
    Flag,
    /// Steps of so many decimals, or nothing.
    Number(u8),
    /// The same beyond 64 bits: in text alone.
    Product(u8),
}

/// A file of events as it is written.
struct EventTable {
    path: PathBuf,
    grid: Grid,
    columns: Vec<(String, Kind)>,
    /// Cells that are not written yet, row by row.
    cells: Vec<Option<i128>>,
    rows: u64,
    target: Target,
}

enum Target {
    Text(Box<TextFile>, String),
    Parquet(Box<ParquetFile>),
}

impl EventTable {
    fn create(path: &Path, grid: Grid, columns: Vec<(String, Kind)>) -> Result<Self, MarketDataError> {
        let target = match Format::of(path)? {
            Format::Csv(packing) => {
                let mut file = TextFile::create(path, packing)?;
                let names: Vec<&str> = columns.iter().map(|column| column.0.as_str()).collect();
                writeln!(file, "{}", names.join(","))
                    .map_err(|source| MarketDataError::Write { path: path.to_owned(), source })?;
                Target::Text(Box::new(file), String::new())
            }
            Format::Parquet => {
                let columns: Vec<Column<'_>> = columns.iter().filter_map(parquet_column).collect();
                Target::Parquet(Box::new(ParquetFile::create(path, &columns)?))
            }
        };
        Ok(Self { path: path.to_owned(), grid, columns, cells: Vec::new(), rows: 0, target })
    }

    /// Begins a row of an event on that grid.
    fn begin_row(&self, grid: Grid) -> Result<(), MarketDataError> {
        if grid == self.grid {
            return Ok(());
        }
        Err(self.refuse("its grid is not that of the first", self.grid.to_string(), grid.to_string()))
    }

    fn refuse(&self, reason: &'static str, expected: String, found: String) -> MarketDataError {
        MarketDataError::Event { path: self.path.clone(), row: self.rows, reason, expected, found }
    }

    /// Price and quantity of a level, or two empty cells.
    fn push_level(&mut self, level: Option<&Level>) {
        self.cells.push(level.map(|level| i128::from(level.price.raw())));
        self.cells.push(level.map(|level| i128::from(level.quantity.raw())));
    }

    fn end_row(&mut self) -> Result<(), MarketDataError> {
        self.rows += 1;
        let Target::Text(file, line) = &mut self.target else {
            // A wide table is written in smaller groups, for they are held in memory.
            let rows = (GROUP_ROWS * 8 / self.columns.len()).clamp(1, GROUP_ROWS);
            return if self.cells.len() >= rows * self.columns.len() { self.write_group() } else { Ok(()) };
        };
        line.clear();
        for ((_, kind), cell) in self.columns.iter().zip(self.cells.drain(..)) {
            if let Some(cell) = cell {
                push_text(line, *kind, cell);
            }
            line.push(',');
        }
        line.pop();
        line.push('\n');
        file.write_all(line.as_bytes())
            .map_err(|source| MarketDataError::Write { path: self.path.clone(), source })
    }

    /// Writes the rows that wait as a row group.
    fn write_group(&mut self) -> Result<(), MarketDataError> {
        let Target::Parquet(file) = &mut self.target else { return Ok(()) };
        let width = self.columns.len();
        let mut groups = Vec::new();
        for (at, (_, kind)) in self.columns.iter().enumerate() {
            let cells = || self.cells.iter().skip(at).step_by(width);
            // Every cell but a product is one of 64 bits; an id keeps its bits.
            let values: Vec<i64> = cells().flatten().map(|cell| *cell as i64).collect();
            let present: Vec<i16> = cells().map(|cell| i16::from(cell.is_some())).collect();
            let flags: Vec<bool> = values.iter().map(|value| *value != 0).collect();
            groups.push((*kind, values, present, flags));
        }
        let cells: Vec<Cells<'_>> = groups
            .iter()
            .filter_map(|(kind, values, present, flags)| match kind {
                Kind::Time => Some(Cells::Time(values)),
                Kind::Id => Some(Cells::Integer(values)),
                Kind::Flag => Some(Cells::Boolean(flags)),
                Kind::Number(_) => Some(Cells::OptionalDecimal(values, present)),
                Kind::Product(_) => None,
            })
            .collect();
        file.write(&self.path, &cells)?;
        self.cells.clear();
        Ok(())
    }

    fn commit(mut self) -> Result<u64, MarketDataError> {
        if !self.cells.is_empty() {
            self.write_group()?;
        }
        match self.target {
            Target::Text(file, _) => file.commit(&self.path)?,
            Target::Parquet(file) => file.commit(&self.path)?,
        }
        Ok(self.rows)
    }
}

fn parquet_column((name, kind): &(String, Kind)) -> Option<Column<'_>> {
    match kind {
        Kind::Time => Some(Column::Time(name)),
        Kind::Id => Some(Column::Integer(name)),
        Kind::Flag => Some(Column::Boolean(name)),
        Kind::Number(scale) => Some(Column::OptionalDecimal(name, *scale)),
        Kind::Product(_) => None,
    }
}

fn push_text(line: &mut String, kind: Kind, cell: i128) {
    match kind {
        Kind::Time | Kind::Id => line.push_str(&cell.to_string()),
        Kind::Flag => line.push_str(if cell != 0 { "true" } else { "false" }),
        Kind::Number(scale) | Kind::Product(scale) => line.push_str(&wide_text(cell, scale)),
    }
}
