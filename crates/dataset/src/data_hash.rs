//! What identifies bars.

use feature_api::identity::{Hash, Hasher};
use feature_api::{Bar, Grid};
use market_data::BarSeries;

/// Begins what is hashed, so that nothing else has the same hash.
const DOMAIN: &[u8] = b"isobar bars 1\n";

/// sha256 over the grid and every bar: times, prices, volume and takers. The same bars from files of different
/// formats have the same hash.
#[must_use]
pub fn data_hash(series: &BarSeries) -> Hash {
    let mut hasher = DataHasher::new(series.grid);
    series.bars.iter().for_each(|bar| hasher.update(bar));
    hasher.finish()
}

/// [`data_hash`] of bars that come one by one; a clone of it gives the hash of the bars so far.
///
/// What is hashed: `isobar bars 1` and a line feed; the decimals of price and quantity of the series, a byte each;
/// then 83 bytes for each bar: the decimals of its grid, a byte each; then as little-endian i64 its `ts_open`,
/// `ts_close` and `ts_available` in nanoseconds since 1970, and open, high, low, close and volume in steps of the
/// grid; a byte 1 where taker volumes are known, else 0; and what takers bought and sold, 0 where not known.
#[derive(Debug, Clone)]
pub struct DataHasher(Hasher);

impl DataHasher {
    /// Begins a series on that grid.
    #[must_use]
    pub fn new(grid: Grid) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(DOMAIN);
        hasher.update(&[grid.price_scale(), grid.qty_scale()]);
        Self(hasher)
    }

    /// Takes the next bar.
    pub fn update(&mut self, bar: &Bar) {
        let mut bytes = Vec::with_capacity(83);
        bytes.extend([bar.grid().price_scale(), bar.grid().qty_scale()]);
        let times = [bar.ts_open(), bar.ts_close(), bar.ts_available()].map(|ts| ts.0);
        let prices = [bar.open(), bar.high(), bar.low(), bar.close()].map(|price| price.raw());
        for number in times.into_iter().chain(prices).chain([bar.volume().raw()]) {
            bytes.extend(number.to_le_bytes());
        }
        let (known, buy, sell) = bar.taker().map_or((0, 0, 0), |t| (1, t.buy.raw(), t.sell.raw()));
        bytes.push(known);
        bytes.extend(buy.to_le_bytes());
        bytes.extend(sell.to_le_bytes());
        self.0.update(&bytes);
    }

    /// The hash of the grid and the bars so far.
    #[must_use]
    pub fn finish(self) -> Hash {
        self.0.finish()
    }
}
