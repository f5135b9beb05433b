//! Bars for the tests of an experiment: a random walk, which nothing predicts, or one with something to be found.

use feature_api::{Bar, BarFields, Grid, Price, Qty, UnixNanos};
use market_data::BarSeries;

use crate::Data;

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Another seed, other numbers.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to `most`.
    pub fn up_to(&mut self, most: u32) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((u128::from(z) * (u128::from(most) + 1)) >> 64) as i64
    }

    /// A number from −`most` to `most`, small ones more often; 0 in the mean.
    pub fn around(&mut self, most: u32) -> i64 {
        self.up_to(most) - self.up_to(most)
    }
}

/// Bars of a minute around 100,000.00, with volumes that know nothing of the price. Of each move, `echo_per_cent` of
/// a hundred go on in the next bar: 0 is a random walk.
#[must_use]
pub fn walk(rows: u32, seed: u64, echo_per_cent: i64) -> Data {
    const MINUTE: i64 = 60_000_000_000;
    let grid = Grid::new(2, 3).unwrap_or_default();
    let mut random = Random::new(seed);
    let (mut close, mut step, mut bars) = (10_000_000, 0, Vec::new());
    for index in 0..i64::from(rows) {
        let open = close;
        step = step * echo_per_cent / 100 + random.around(10_000);
        close = (open + step).max(1);
        let price = |raw| Price::from_raw(raw).unwrap_or_default();
        let ts_open = 1_704_067_200_000_000_000 + index * MINUTE;
        let bar = Bar::new(BarFields {
            grid,
            ts_open: UnixNanos(ts_open),
            ts_close: UnixNanos(ts_open + MINUTE),
            ts_available: UnixNanos(ts_open + MINUTE),
            open: price(open),
            high: price(open.max(close) + random.up_to(2_000)),
            low: price((open.min(close) - random.up_to(2_000)).max(1)),
            close: price(close),
            volume: Qty::from_raw(1_000 + random.up_to(50_000)).unwrap_or_default(),
            taker: None,
        });
        bars.extend(bar.ok());
    }
    let series = BarSeries {
        rows_read: bars.len() as u64,
        bars,
        grid,
        interval: MINUTE,
        gaps: Vec::new(),
        problems: Vec::new(),
        notes: Vec::new(),
    };
    Data::of(series, true, format!("a walk from seed {seed} with an echo of {echo_per_cent} %"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_is_a_bar_and_a_seed_is_a_series() {
        let data = walk(5_000, 1, 30);
        assert_eq!(data.series.bars.len(), 5_000);
        assert_eq!(data.series.bars, walk(5_000, 1, 30).series.bars);
        assert_ne!(data.series.bars, walk(5_000, 2, 30).series.bars);
    }

    #[test]
    fn moves_go_on_as_far_as_is_said() {
        for (echo, low, high) in [(0, -0.03, 0.03), (30, 0.27, 0.33), (-30, -0.33, -0.27)] {
            let bars = walk(20_000, 4, echo).series.bars;
            let moves: Vec<f64> =
                bars.iter().map(|bar| (bar.close().raw() - bar.open().raw()) as f64).collect();
            let next: f64 = moves.iter().zip(moves.iter().skip(1)).map(|(one, next)| one * next).sum();
            let share = next / moves.iter().map(|one| one * one).sum::<f64>();
            assert!((low..high).contains(&share), "{echo}: {share}");
        }
    }
}
