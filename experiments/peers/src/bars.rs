//! The bars: a random walk around 45,000 with two decimals, the same at every run.

use std::error::Error;

use feature_api::{Bar, BarFields, Grid, Price, Qty, UnixNanos};

/// Decimals of a price.
pub const PRICE_SCALE: u8 = 2;
/// Decimals of a volume.
pub const QTY_SCALE: u8 = 5;

/// The numbers of one kind, as integers on the grid and as floats.
#[derive(Debug, Default)]
pub struct Series {
    /// Steps of the grid: what ours takes.
    pub raw: Vec<i64>,
    /// The same number as a float: what peers take.
    pub real: Vec<f64>,
}

impl Series {
    fn push(&mut self, raw: i64, scale: u8) {
        self.raw.push(raw);
        self.real.push(raw as f64 / 10_f64.powi(i32::from(scale)));
    }
}

/// The same bars in every form a library may want.
#[derive(Debug, Default)]
pub struct Bars {
    /// As bars.
    pub bars: Vec<Bar>,
    /// First prices.
    pub open: Series,
    /// Highest prices.
    pub high: Series,
    /// Lowest prices.
    pub low: Series,
    /// Last prices.
    pub close: Series,
    /// Volumes.
    pub volume: Series,
}

impl Bars {
    /// `count` bars of one minute.
    ///
    /// # Errors
    /// Where a generated number were no price or the bar no bar: a mistake in the generator.
    pub fn generate(count: usize) -> Result<Self, Box<dyn Error>> {
        let grid = Grid::new(PRICE_SCALE, QTY_SCALE)?;
        let mut noise = Noise(0x1507_BA55_EED5_0001);
        let mut bars = Self::default();
        let mut close = CENTER;
        for index in 0..count {
            let open = close + noise.within(300);
            close = open + noise.within(6_000) + (CENTER - open) / 5_000;
            let high = open.max(close) + noise.within(2_500).abs();
            let low = open.min(close) - noise.within(2_500).abs();
            let volume = 1_000 + noise.within(400_000).abs() * (1 + noise.within(30).abs());
            for (series, raw) in [
                (&mut bars.open, open),
                (&mut bars.high, high),
                (&mut bars.low, low),
                (&mut bars.close, close),
            ] {
                series.push(raw, PRICE_SCALE);
            }
            bars.volume.push(volume, QTY_SCALE);
            let ts_open = UnixNanos(index as i64 * MINUTE);
            let ts_close = UnixNanos(ts_open.0 + MINUTE);
            bars.bars.push(Bar::new(BarFields {
                grid,
                ts_open,
                ts_close,
                ts_available: ts_close,
                open: Price::from_raw(open)?,
                high: Price::from_raw(high)?,
                low: Price::from_raw(low)?,
                close: Price::from_raw(close)?,
                volume: Qty::from_raw(volume)?,
                taker: None,
            })?);
        }
        Ok(bars)
    }

    /// Number of bars.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bars.len()
    }
}

/// 45,000.00 in steps of the grid.
const CENTER: i64 = 4_500_000;
/// Nanoseconds of a minute, the length of a bar.
pub const MINUTE: i64 = 60_000_000_000;

/// xorshift64*.
struct Noise(u64);

impl Noise {
    /// A number from `-limit` to `limit`, both included.
    fn within(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let random = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        (random as i64) % (2 * limit + 1) - limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bars_are_the_same_at_every_run_and_stay_near_the_center() {
        let bars = Bars::generate(100_000).expect("the generator makes bars");
        assert_eq!(bars.len(), 100_000);
        assert_eq!(bars.bars, Bars::generate(100_000).expect("the generator makes bars").bars);
        assert!(bars.close.real.iter().all(|close| (20_000.0..70_000.0).contains(close)));
        assert!(bars.volume.raw.iter().all(|volume| *volume > 0));
    }
}
