//! Writing bars.

use std::io::Write as _;
use std::path::Path;

use feature_api::Bar;

use crate::decimal::decimal_text;
use crate::file::{Format, TextFile};
use crate::number::from_float;
use crate::parquet_file::{Cells, Column, GROUP_ROWS, ParquetFile};
use crate::row::Field;
use crate::{BarFileOptions, BarSeries, MarketDataError};

/// Names of the times, in order.
const TIMES: [&str; 3] = ["ts_open", "ts_close", "ts_available"];

/// Writes bars to `.csv` or `.txt`, also with `.gz` or `.zst` behind, or to `.parquet`; [`read_bars`](crate::read_bars)
/// gives the same bars back.
///
/// Columns: `ts_open`, `ts_close`, `ts_available` (nanoseconds since 1970; in Parquet timestamps in UTC), `open`,
/// `high`, `low`, `close`, `volume` and, where the bars have them, `taker_buy_volume`, `taker_sell_volume` (exact
/// decimals; in Parquet the nearest DOUBLE). The file appears under its name once it is complete.
///
/// The grid is not written. Reading finds the coarsest that holds every value; to have the same raw integers on
/// a finer one, pass it as [`BarFileOptions::grid`].
///
/// # Errors
/// [`MarketDataError::Series`] where the bars are not of one grid, one interval and one kind,
/// [`MarketDataError::NotExact`] where a number does not survive a DOUBLE, [`MarketDataError::Extension`],
/// [`MarketDataError::Write`].
pub fn write_bars(path: &Path, series: &BarSeries) -> Result<(), MarketDataError> {
    let format = Format::of(path)?;
    let has_taker = check(path, series)?;
    match format {
        Format::Csv(packing) => {
            let mut file = TextFile::create(path, packing)?;
            write_text(&mut file, series, has_taker)
                .map_err(|source| MarketDataError::Write { path: path.to_owned(), source })?;
            file.commit(path)
        }
        Format::Parquet => write_parquet(path, series, has_taker),
    }
}

/// Checks that the bars are of one kind; whether they have taker volumes.
fn check(path: &Path, series: &BarSeries) -> Result<bool, MarketDataError> {
    let refuse = |row, reason| Err(MarketDataError::Series { path: path.to_owned(), row, reason });
    let has_taker = series.bars.first().is_some_and(|bar| bar.taker().is_some());
    for (row, bar) in series.bars.iter().enumerate() {
        if bar.grid() != series.grid {
            return refuse(row, "its grid is not that of the series; read it with the grid of the others");
        }
        if bar.ts_open().0.checked_add(series.interval) != Some(bar.ts_close().0) {
            return refuse(row, "its length is not the interval of the series");
        }
        if bar.taker().is_some() != has_taker {
            return refuse(row, "only some bars have taker volumes; write them to separate files");
        }
    }
    Ok(has_taker)
}

/// The fields that are written.
fn fields(has_taker: bool) -> &'static [Field] {
    if has_taker { &Field::ALL } else { &Field::ALL[..=Field::Volume as usize] }
}

/// Steps and decimals of a number of a bar.
fn number(bar: &Bar, field: Field) -> (i64, u8) {
    let taker = bar.taker();
    let raw = match field {
        Field::Open => bar.open().raw(),
        Field::High => bar.high().raw(),
        Field::Low => bar.low().raw(),
        Field::Close => bar.close().raw(),
        Field::Volume => bar.volume().raw(),
        Field::TakerBuy => taker.map_or(0, |taker| taker.buy.raw()),
        Field::TakerSell => taker.map_or(0, |taker| taker.sell.raw()),
    };
    (raw, if field.is_price() { bar.grid().price_scale() } else { bar.grid().qty_scale() })
}

fn write_text(file: &mut TextFile, series: &BarSeries, has_taker: bool) -> std::io::Result<()> {
    let fields = fields(has_taker);
    let names: Vec<&str> = TIMES.into_iter().chain(fields.iter().map(|field| field.name())).collect();
    writeln!(file, "{}", names.join(","))?;
    let mut line = String::new();
    for bar in &series.bars {
        line.clear();
        line.push_str(&format!("{},{},{}", bar.ts_open(), bar.ts_close(), bar.ts_available()));
        for field in fields {
            let (raw, scale) = number(bar, *field);
            line.push(',');
            line.push_str(&decimal_text(raw, scale));
        }
        line.push('\n');
        file.write_all(line.as_bytes())?;
    }
    Ok(())
}

fn write_parquet(path: &Path, series: &BarSeries, has_taker: bool) -> Result<(), MarketDataError> {
    let fields = fields(has_taker);
    let columns: Vec<Column<'_>> = TIMES
        .into_iter()
        .map(Column::Time)
        .chain(fields.iter().map(|field| Column::Double(field.name())))
        .collect();
    let mut file = ParquetFile::create(path, &columns)?;
    for (group, bars) in series.bars.chunks(GROUP_ROWS).enumerate() {
        let times = [Bar::ts_open, Bar::ts_close, Bar::ts_available]
            .map(|time| bars.iter().map(|bar| time(bar).0).collect::<Vec<i64>>());
        let mut numbers = Vec::new();
        for field in fields {
            let mut column = Vec::with_capacity(bars.len());
            for (index, bar) in bars.iter().enumerate() {
                column.push(double(path, series, group * GROUP_ROWS + index, *field, bar)?);
            }
            numbers.push(column);
        }
        let cells: Vec<Cells<'_>> = times
            .iter()
            .map(|times| Cells::Time(times))
            .chain(numbers.iter().map(|numbers| Cells::Double(numbers)))
            .collect();
        file.write(path, &cells)?;
    }
    file.commit(path)
}

/// The DOUBLE nearest to a number of a bar, if that number is read back from it.
fn double(
    path: &Path,
    series: &BarSeries,
    row: usize,
    field: Field,
    bar: &Bar,
) -> Result<f64, MarketDataError> {
    /// Every decimal of so many steps survives.
    const SURVIVES: u64 = 1_000_000_000_000_000;
    let (raw, scale) = number(bar, field);
    // Both are exact (2^53, 1e16), so the quotient is the nearest float to the decimal.
    let value = raw as f64 / 10_u64.pow(u32::from(scale)) as f64;
    if raw.unsigned_abs() > SURVIVES {
        let rule = field.rule(&BarFileOptions { grid: Some(series.grid), ..BarFileOptions::default() });
        if from_float(value, &rule).map(|number| number.value.raw(scale)) != Ok(Some(raw)) {
            return Err(MarketDataError::NotExact {
                path: path.to_owned(),
                row,
                field: field.name(),
                value: decimal_text(raw, scale),
            });
        }
    }
    Ok(value)
}
