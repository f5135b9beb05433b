//! Whether a cache has the features of the same bars on another grid.
//!
//! The decimals of a file are found out from all its rows, so bars that are appended and need one more change the grid
//! of those before. The features are the same to the bit then; the state of a set that computes on from them is not, as
//! it counts in steps of the grid. So such an entry is of no use, and a note says why.

use feature_api::{Bar, Grid, MAX_SCALE, Price, Qty, TakerVolume};
use market_data::BarSeries;

use crate::DataHasher;

/// Every grid but this one.
pub(crate) fn others(grid: Grid) -> impl Iterator<Item = Grid> {
    let all = (0..=MAX_SCALE)
        .flat_map(|price| (0..=MAX_SCALE).filter_map(move |volume| Grid::new(price, volume).ok()));
    all.filter(move |other| *other != grid)
}

/// Whether the first `rows` bars, on `grid`, have that hash.
pub(crate) fn has_hash(series: &BarSeries, rows: u64, grid: Grid, hash: &str) -> bool {
    let Some(bars) = usize::try_from(rows).ok().and_then(|rows| series.bars.get(..rows)) else {
        return false;
    };
    let mut hasher = DataHasher::new(grid);
    for bar in bars {
        let Some(bar) = on_grid(bar, grid) else { return false };
        hasher.update(&bar);
    }
    hasher.finish().to_string() == hash
}

/// The same bar on another grid, where that holds all its prices and quantities.
fn on_grid(bar: &Bar, grid: Grid) -> Option<Bar> {
    let mut fields = *bar.fields();
    let from = fields.grid;
    let price = |price: Price| {
        let raw = steps(price.raw(), from.price_scale(), grid.price_scale())?;
        Price::from_raw(raw).ok()
    };
    let qty = |qty: Qty| Qty::from_raw(steps(qty.raw(), from.qty_scale(), grid.qty_scale())?).ok();
    fields.grid = grid;
    (fields.open, fields.high) = (price(fields.open)?, price(fields.high)?);
    (fields.low, fields.close) = (price(fields.low)?, price(fields.close)?);
    fields.volume = qty(fields.volume)?;
    fields.taker = match fields.taker {
        Some(TakerVolume { buy, sell }) => Some(TakerVolume { buy: qty(buy)?, sell: qty(sell)? }),
        None => None,
    };
    Bar::new(fields).ok()
}

/// `raw / 10^from` in steps of `10^-to`; `None` where it lies between two.
fn steps(raw: i64, from: u8, to: u8) -> Option<i64> {
    // At most 2^53 · 10^16, which fits.
    let (finer, coarser) = (to.saturating_sub(from), from.saturating_sub(to));
    let raw = i128::from(raw) * 10_i128.pow(u32::from(finer));
    let divisor = 10_i128.pow(u32::from(coarser));
    if raw % divisor == 0 { i64::try_from(raw / divisor).ok() } else { None }
}
